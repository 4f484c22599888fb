import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { deflateSync, strToU8 } from 'fflate';
import type { Action } from '../../worker/protocol.ts';
import { decodeActions, encodeActions } from './link.ts';
import { parseHash } from './url.ts';

const actions: readonly Action[] = [
  { kind: 'exec', at: 12_345_678_901, terminal: 'test-pod', on: 'test-pod', run: 'curl http://nginx-service' },
  { kind: 'interrupt', at: 13_000_000_000, terminal: 'vm2~2' },
  { kind: 'apply', at: 14_000_000_000, manifest: 'kind: Sërvice', file: 'a.yaml' },
  { kind: 'wait', at: 15_000_000_000, span: 5 },
];
const pack = (text: string): string => Buffer.from(deflateSync(strToU8(text))).toString('base64url');

test('actions come out of a link as they went in', () => {
  const z = encodeActions(actions);
  expect(z).toMatch(/^[\w-]+$/);
  expect(decodeActions(z)).toEqual({ ok: true, actions });
  expect(parseHash(`#/k3s-clusterip?t=3&z=${z}`)).toMatchObject({ page: 'lab', t: 3, actions });
});

describe('a link that is not ours is refused', () => {
  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    'other characters': ['%%%', /characters/],
    'cut off': [encodeActions(actions).slice(0, 40), /cut off|changed/],
    'not packed': ['aGVsbG8gd29ybGQ', /cut off|changed/],
    'other JSON': [pack('[1]'), /something else/],
    'a newer version': [pack('{"v":2,"actions":[]}'), /newer/],
    'no action': [pack('{"v":1,"actions":[{"kind":"format","at":1}]}'), /no action/],
    'an action without its time': [pack('{"v":1,"actions":[{"kind":"wait","span":1}]}'), /no action/],
    'a bomb': [pack('0'.repeat(5_000_000)), /too much/],
  };
  test.each(Object.entries(cases))('%s', (_, [z, why]) => {
    expect(decodeActions(z)).toMatchObject({ ok: false, reason: expect.stringMatching(why) });
    expect(parseHash(`#/k3s-clusterip?z=${encodeURIComponent(z)}`)).toMatchObject({ page: 'broken', scenario: 'k3s-clusterip' });
  });
});

test('no text of a link throws', () => { fc.assert(fc.property(fc.string({ maxLength: 300 }), (z) => { decodeActions(z); })); });
