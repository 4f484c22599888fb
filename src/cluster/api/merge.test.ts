import { describe, expect, it } from 'vitest';
import { jsonMerge, jsonPatch, merge3, strategicMerge } from './merge.ts';

const POD = { containers: [{ name: 'a', image: 'x', env: [{ name: 'K', value: '1' }] }, { name: 'b', image: 'y' }], tolerations: [{ key: 't' }] };

describe('strategic merge', () => {
  it.each<[string, unknown, Readonly<Record<string, unknown>>, unknown]>([
    ['lists with a key merge by it', POD, { containers: [{ name: 'b', image: 'z' }] }, { ...POD, containers: [POD.containers[0], { name: 'b', image: 'z' }] }],
    ['a new element goes to the end', { env: [{ name: 'A' }] }, { env: [{ name: 'B' }] }, { env: [{ name: 'A' }, { name: 'B' }] }],
    ['$patch: delete takes an element out', { env: [{ name: 'A' }, { name: 'B' }] }, { env: [{ name: 'A', $patch: 'delete' }] }, { env: [{ name: 'B' }] }],
    ['other lists are replaced', { tolerations: [{ key: 't' }] }, { tolerations: [] }, { tolerations: [] }],
    ['null deletes', { a: 1, b: { c: 2 } }, { a: null, b: { c: null } }, { b: {} }],
    ['ports of a container by containerPort', { ports: [{ containerPort: 80, name: 'a' }] }, { ports: [{ containerPort: 80, name: 'b' }] }, { ports: [{ containerPort: 80, name: 'b' }] }],
  ])('%s', (_name, live, patch, want) => expect(strategicMerge(live, patch)).toEqual(want));

  it('a JSON merge replaces every list', () => expect(jsonMerge({ env: [{ name: 'A' }], m: { x: 1 } }, { env: [{ name: 'B' }], m: { y: 2 } })).toEqual({ env: [{ name: 'B' }], m: { x: 1, y: 2 } }));
});

describe('three-way merge', () => {
  it('what the manifest no longer has goes, what others set stays', () => {
    expect(merge3({ a: 1, b: 2, c: 3 }, { a: 1, b: 2 }, { a: 5 })).toEqual({ a: 5, c: 3 });
    expect(merge3({ ports: [{ port: 80, nodePort: 30000 }, { port: 81 }] }, { ports: [{ port: 80 }, { port: 81 }] }, { ports: [{ port: 80 }] })).toEqual({ ports: [{ port: 80, nodePort: 30000 }] });
  });
});

describe('JSON patch', () => {
  it.each<[string, unknown, readonly unknown[], unknown]>([
    ['add, replace, remove', { a: [1], b: 2 }, [{ op: 'add', path: '/a/-', value: 3 }, { op: 'replace', path: '/b', value: 4 }, { op: 'add', path: '/c~1d', value: 5 }, { op: 'remove', path: '/a/0' }], { ok: true, value: { a: [3], b: 4, 'c/d': 5 } }],
    ['a test that holds', { a: 1 }, [{ op: 'test', path: '/a', value: 1 }], { ok: true, value: { a: 1 } }],
    ['a test that does not', { a: 1 }, [{ op: 'test', path: '/a', value: 2 }], { ok: false, error: 'testing value /a failed: test failed' }],
    ['a path that is not there', { a: 1 }, [{ op: 'remove', path: '/b' }], { ok: false, error: 'remove operation does not apply: doc is missing key: /b: missing value' }],
  ])('%s', (_name, live, patch, want) => expect(jsonPatch(live, patch)).toEqual(want));
  it('leaves what it was given as it was', () => {
    const live = { a: { b: 1 } };
    jsonPatch(live, [{ op: 'replace', path: '/a/b', value: 2 }]);
    expect(live).toEqual({ a: { b: 1 } });
  });
});
