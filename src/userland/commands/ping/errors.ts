/** Models: pr_icmph() of ping.c: an ICMP error in words. */
import { formatIpv4, ipv4 } from '../../../engine/wire/addresses.ts';

const UNREACHABLE = [
  'Destination Net Unreachable', 'Destination Host Unreachable', 'Destination Protocol Unreachable', 'Destination Port Unreachable', '', 'Source Route Failed', 'Destination Net Unknown', 'Destination Host Unknown', 'Source Host Isolated',
  'Destination Net Prohibited', 'Destination Host Prohibited', 'Destination Net Unreachable for Type of Service', 'Destination Host Unreachable for Type of Service', 'Packet filtered', 'Precedence Violation', 'Precedence Cutoff',
] as const;
const REDIRECTS = ['Redirect Network', 'Redirect Host', 'Redirect Type of Service and Network', 'Redirect Type of Service and Host'] as const;

export function icmpErrorText(type: number, code: number, rest: number): string {
  switch (type) {
    case 3: return code === 4 ? `Frag needed and DF set (mtu = ${rest & 0xffff})` : UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case 4: return 'Source Quench';
    case 5: return `${REDIRECTS[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${formatIpv4(ipv4(rest))})`;
    case 11: return code === 0 ? 'Time to live exceeded' : code === 1 ? 'Frag reassembly time exceeded' : `Time exceeded, Bad Code: ${code}`;
    case 12: return `Parameter problem: pointer = ${rest >>> 24}`;
    default: return `Bad ICMP type: ${type}`;
  }
}
