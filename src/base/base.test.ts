import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, sha256Base32, sha256Hex } from './hash.ts';
import { prng } from './prng.ts';

describe('hash', () => {
  it.each([['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']])(
    'base32 of %j as in RFC 4648 section 10, without padding', (text, expected) => {
      expect(base32(new TextEncoder().encode(text))).toBe(expected);
    });

  it('makes kube-proxy’s chain names (facts 1.1)', () => {
    expect(sha256Base32('default/nginx-service' + 'tcp').slice(0, 16)).toBe('V2OKYYMBY3REGZOG');
    expect(sha256Hex('').slice(0, 8)).toBe('e3b0c442');
  });
});

describe('prng', () => {
  it('gives each name its own stream, whatever else was drawn', () => {
    fc.assert(fc.property(fc.nat(), fc.string(), fc.string(), fc.nat(20), (seed, a, b, draws) => {
      fc.pre(a !== b);
      const root = prng(seed);
      const first = root.fork(a).u32();
      for (let i = 0; i < draws; i++) root.fork(b).u32();
      expect(root.fork(a).u32()).toBe(first);
      expect(root.fork(b).u32()).not.toBe(first);
    }), { numRuns: 50, seed: 1 });
  });

  it('spreads evenly', () => {
    const stream = prng(42, 'spread');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const n = stream.below(10);
      counts[n] = (counts[n] ?? 0) + 1;
    }
    for (const n of counts) expect(n).toBeGreaterThan(800);
  });
});
