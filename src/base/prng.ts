/** A seeded stream of random numbers. Every consumer has its own, so that one more draw here changes nothing there. */
export interface Prng {
  /** Uniform in [0, 2^32). */
  u32(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** A stream of its own, named: the same name gives the same stream whatever was drawn before. */
  fork(name: string): Prng;
}

/** FNV-1a, 32 bits: spreads a stream's name over the seed. */
export function fnv1a(text: string, basis = 0x811c9dc5): number {
  let h = basis;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** splitmix32 (public domain, Sebastiano Vigna's splitmix at 32 bits). */
export function prng(seed: number, name = ''): Prng {
  const root = fnv1a(name, (seed ^ 0x811c9dc5) >>> 0);
  let state = root;
  const u32 = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return {
    u32,
    below: (bound) => Math.floor((u32() / 0x1_0000_0000) * bound),
    fork: (child) => prng(seed, `${name}/${child}`),
  };
}
