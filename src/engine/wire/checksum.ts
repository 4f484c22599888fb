/** Read first: RFC 1071. The internet checksum: one's complement of the one's complement sum of 16-bit words. */
import type { Ipv4 } from './addresses.ts';

/** Adds the 16-bit words of `bytes[from, to)` to `sum` (unfolded; 2^53 leaves room for any packet). */
export function addWords(sum: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let total = sum;
  const even = from + ((to - from) & ~1);
  for (let i = from; i < even; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (even < to) total += (bytes[even] ?? 0) << 8;
  return total;
}

export function fold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s % 0x10000) + Math.floor(s / 0x10000);
  return s;
}

export const finish = (sum: number): number => ~fold(sum) & 0xffff;

/** The unfolded pseudo header of TCP and UDP. */
export const pseudoSum = (src: Ipv4, dst: Ipv4, protocol: number, length: number): number =>
  (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + protocol + length;

/** What is right in a checksum field that is zero in `bytes`. */
export const internetChecksum = (bytes: Uint8Array, from = 0, to = bytes.length): number => finish(addWords(0, bytes, from, to));
