/** IPv4 bytes, the kernel's or ours, as the fields that are compared. One parser for both sides. */

export interface Headers {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  readonly id: number;
  readonly df: boolean;
  readonly mf: boolean;
  readonly offset: number;
  readonly length: number;
  readonly t: Transport;
}

export type Transport =
  | { readonly kind: 'tcp'; readonly sport: number; readonly dport: number; readonly seq: number; readonly ack: number; readonly flags: number; readonly size: number; readonly tag: string; readonly mss: number | undefined }
  | { readonly kind: 'udp'; readonly sport: number; readonly dport: number; readonly tag: string; readonly inner: Headers | undefined; readonly vxlan: boolean }
  | { readonly kind: 'icmp'; readonly type: number; readonly code: number; readonly rest: number; readonly tag: string; readonly about: Headers | undefined }
  | { readonly kind: 'other' };

export const VXLAN_PORT = 8472;
/** Bytes of data that a packet is known by. */
export const TAG = 4;
export const ICMP_ERRORS: readonly number[] = [3, 4, 5, 11, 12];

const address = (b: Uint8Array, at: number): string => `${b[at] ?? 0}.${b[at + 1] ?? 0}.${b[at + 2] ?? 0}.${b[at + 3] ?? 0}`;
const text = (b: Uint8Array, at: number): string => String.fromCharCode(...b.subarray(at, at + TAG)).replace(/[^\x21-\x7e]/g, '?');

/** MSS option of a SYN. */
function mssOf(b: Uint8Array, from: number, to: number): number | undefined {
  for (let at = from; at + 1 < to && at + 1 < b.length;) {
    const kind = b[at] ?? 0;
    if (kind === 0) return undefined;
    if (kind === 1) at++;
    else if (kind === 2) return ((b[at + 2] ?? 0) << 8) | (b[at + 3] ?? 0);
    else at += Math.max(2, b[at + 1] ?? 2);
  }
  return undefined;
}

/** `b` may be cut short: an ICMP error's inside, a trace's first bytes. undefined: not IPv4. */
export function headersOf(b: Uint8Array): Headers | undefined {
  if (b.length < 20 || (b[0] ?? 0) >>> 4 !== 4) return undefined;
  const u16 = (at: number): number => ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
  const u32 = (at: number): number => (u16(at) * 0x10000 + u16(at + 2)) >>> 0;
  const h = ((b[0] ?? 0) & 15) * 4;
  const length = u16(2);
  const protocol = b[9] ?? 0;
  const fragment = u16(6);
  const offset = (fragment & 0x1fff) * 8;
  let t: Transport = { kind: 'other' };
  if (offset === 0 && b.length >= h + 8) {
    if (protocol === 6) {
      const data = h + ((b[h + 12] ?? 0) >>> 4) * 4;
      const size = b.length >= h + 14 ? length - data : 0;
      const flags = b[h + 13] ?? 0;
      t = { kind: 'tcp', sport: u16(h), dport: u16(h + 2), seq: u32(h + 4), ack: u32(h + 8), flags, size, tag: size > 0 ? text(b, data) : '', mss: (flags & 2) !== 0 ? mssOf(b, h + 20, data) : undefined };
    } else if (protocol === 17) {
      const vxlan = u16(h + 2) === VXLAN_PORT;
      t = { kind: 'udp', sport: u16(h), dport: u16(h + 2), tag: text(b, h + 8), vxlan, inner: vxlan ? headersOf(b.subarray(h + 8 + 8 + 14)) : undefined };
    } else if (protocol === 1) {
      const type = b[h] ?? 0;
      const error = ICMP_ERRORS.includes(type);
      t = { kind: 'icmp', type, code: b[h + 1] ?? 0, rest: u32(h + 4), tag: error ? '' : text(b, h + 8), about: error ? headersOf(b.subarray(h + 8)) : undefined };
    }
  }
  return { src: address(b, 12), dst: address(b, 16), protocol, ttl: b[8] ?? 0, tos: b[1] ?? 0, id: u16(4), df: (fragment & 0x4000) !== 0, mf: (fragment & 0x2000) !== 0, offset, length, t };
}
