import { describe, expect, it } from 'vitest';
import { lost, withoutEffect } from './gaps.ts';

describe('what is lost', () => {
  it.each<[string, unknown, unknown, readonly string[]]>([
    ['nothing', { spec: { ports: [{ port: 80 }] } }, { spec: { ports: [{ port: 80, protocol: 'TCP' }], type: 'ClusterIP' } }, []],
    ['a field', { spec: { a: 1, b: 2 } }, { spec: { b: 2 } }, ['spec.a']],
    ['an item of a list', { spec: { ports: [{ port: 80 }, { port: 81 }] } }, { spec: { ports: [{ port: 80 }] } }, ['spec.ports[1]']],
    ['a value', { data: { k: 'a' } }, { data: { k: 'b' } }, ['data.k']],
    ['a number kept as a quantity', { limits: { cpu: 2 } }, { limits: { cpu: '2' } }, []],
    ['what is null or empty', { a: null, b: '', c: {} }, {}, []],
    ['what the system writes', { status: { x: 1 }, metadata: { creationTimestamp: 'x' }, stringData: { a: 'b' } }, { metadata: {} }, []],
  ])('%s', (_name, given, stored, paths) => {
    expect(lost(given, stored)).toEqual(paths);
  });
});

it('fields without effect are named, keys of maps are not', () => {
  const pod = { metadata: { labels: { managedFields: 'x' } }, spec: { hostPID: true, containers: [{ name: 'a', image: 'b', securityContext: { privileged: true } }] } };
  expect(withoutEffect('Pod', pod)).toEqual(['spec.hostPID', 'spec.containers[0].securityContext.privileged']);
});
