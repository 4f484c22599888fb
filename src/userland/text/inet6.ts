/** Text of the IPv6 addresses that exist here: the loopback's and link-local ones. Read first: RFC 4291 appendix A, RFC 5952. */
import type { Link } from '../../engine/uapi/rtnetlink.ts';
import type { Mac } from '../../engine/wire/addresses.ts';

/** `fe80::48ec:eff:fe72:6e45` of 4a:ec:0e:72:6e:45: modified EUI-64. */
export function linkLocal(mac: Mac): string {
  const byte = (i: number): number => Math.floor(mac / 256 ** (5 - i)) % 256;
  const groups = [(byte(0) ^ 0x02) * 256 + byte(1), byte(2) * 256 + 0xff, 0xfe00 + byte(3), byte(4) * 256 + byte(5)].map((g) => g.toString(16));
  return `fe80::${(groups[0] === '0' ? groups.slice(1) : groups).join(':')}`;
}

export interface Inet6 {
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: 'host' | 'link';
}

/** What `ip -6 address` lists of a device. */
export const inet6Of = (link: Link): readonly Inet6[] =>
  (link.linkLocal === undefined ? [] : link.kind === 'loopback' ? [{ address: '::1', prefixLength: 128, scope: 'host' }] : [{ address: linkLocal(link.linkLocal), prefixLength: 64, scope: 'link' }]);
