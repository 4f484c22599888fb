import type { Brand } from '../../base/brand.ts';

/** Simulated time or a span of it: integer nanoseconds since the world began. 2^53 ns are 104 days. */
export type Nanos = Brand<number, 'Nanos'>;

export const nanos = (n: number): Nanos => Math.round(n) as Nanos;
export const micros = (n: number): Nanos => nanos(n * 1e3);
export const millis = (n: number): Nanos => nanos(n * 1e6);
export const seconds = (n: number): Nanos => nanos(n * 1e9);
export const toSeconds = (t: Nanos): number => t / 1e9;
export const plus = (t: Nanos, d: Nanos): Nanos => (t + d) as Nanos;
export const minus = (t: Nanos, d: Nanos): Nanos => (t - d) as Nanos;
