/** Sequence numbers: unsigned 32 bits that wrap (RFC 9293 section 3.4). */
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const after = (a: number, b: number): boolean => ((b - a) | 0) < 0;
export const add = (a: number, n: number): number => (a + n) >>> 0;
/** Signed distance from b to a. */
export const distance = (a: number, b: number): number => (a - b) | 0;
/** low <= x <= high */
export const between = (x: number, low: number, high: number): boolean => (high - low) >>> 0 >= (x - low) >>> 0;
