/**
 * Read first: proc(5). /proc/net/arp, route and dev as the kernel writes them.
 * Models: net/ipv4/arp.c arp_seq_show, fib_trie.c fib_route_seq_show, core/net-procfs.c (v5.15).
 * Not modelled: the other files of /proc/net; `ip netns exec` and nsenter, under which a real /proc/net is the entered namespace's; the order of
 * /proc/net/dev by hash (here by number).
 */
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { RT_TABLE_MAIN, type Link, type Neighbour, type Route } from '../../engine/uapi/rtnetlink.ts';
import { ANY, formatIpv4, formatMac, mac, maskOf } from '../../engine/wire/addresses.ts';

/** ATF_COM, ATF_PERM; RTF_UP, _GATEWAY, _HOST, _REJECT. */
const COMPLETE = 0x2;
const PERMANENT = 0x4;
const UP = 0x1;
const GATEWAY = 0x2;
const HOST = 0x4;
const REJECT = 0x200;
/** seq_pad: a route's line. */
const ROUTE_WIDTH = 127;

/** NUD_VALID */
const VALID: readonly Neighbour['state'][] = ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP'];
const arpFlags = (n: Neighbour): number => (n.state === 'PERMANENT' ? PERMANENT | COMPLETE : VALID.includes(n.state) ? COMPLETE : 0);

/** What arp(8) shows too. */
export const listedNeighbours = (kernel: Kernel): readonly Neighbour[] => kernel.netlink.neighbours().filter((n) => n.state !== 'NOARP' && n.state !== 'NONE');

const arp = (kernel: Kernel): string => `IP address       HW type     Flags       HW address            Mask     Device\n${listedNeighbours(kernel).map((n) =>
  `${formatIpv4(n.ip).padEnd(16)} 0x${'1'.padEnd(10)}0x${arpFlags(n).toString(16).padEnd(10)}${formatMac(n.mac ?? mac(0))}     *        ${n.dev}\n`).join('')}`;

/** A big-endian address printed as a little-endian machine's number. */
const hex = (address: number): string => [0, 8, 16, 24].map((shift) => ((address >>> shift) & 255).toString(16).toUpperCase().padStart(2, '0')).join('');

function routeLine(r: Route): string {
  const reject = r.type === 'unreachable' || r.type === 'prohibit';
  const [hop] = r.nexthops;
  const flags = UP | (reject ? REJECT : 0) | (hop?.via === undefined ? 0 : GATEWAY) | (r.dst.length === 32 ? HOST : 0);
  return [hop?.dev ?? '*', hex(r.dst.address), hex(hop?.via ?? ANY), flags.toString(16).toUpperCase().padStart(4, '0'), 0, 0, r.priority, hex(maskOf(r.dst.length)), 0, 0, 0].join('\t');
}

const route = (kernel: Kernel): string => ['Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  ...kernel.netlink.routes(RT_TABLE_MAIN).filter((r) => r.type !== 'broadcast' && r.type !== 'multicast').map(routeLine)].map((line) => `${line.padEnd(ROUTE_WIDTH)}\n`).join('');

/** Its columns, receive then transmit: bytes packets errs drop fifo frame compressed multicast | bytes packets errs drop fifo colls carrier compressed. */
function deviceLine({ name, stats: s }: Link): string {
  const cells: readonly (readonly [number, number])[] = [
    [s.rxBytes, 7], [s.rxPackets, 7], [s.rxErrors, 4], [s.rxDropped, 4], [0, 4], [0, 5], [0, 10], [0, 9],
    [s.txBytes, 8], [s.txPackets, 7], [s.txErrors, 4], [s.txDropped, 4], [0, 4], [0, 5], [0, 7], [0, 10]];
  return `${name.padStart(6)}: ${cells.map(([n, width]) => String(n).padStart(width)).join(' ')}\n`;
}

const dev = (kernel: Kernel): string => `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
${kernel.netlink.links().map(deviceLine).join('')}`;

export const PROC_NET: readonly (readonly [string, (kernel: Kernel) => string])[] = [['arp', arp], ['route', route], ['dev', dev]];
