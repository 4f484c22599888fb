import type { Errno } from '../../uapi/errno.ts';
import type { Ipv4Packet } from '../../wire/packet.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { DstEntry } from './route.ts';

type FibResult = 'unicast' | 'local' | 'broadcast' | 'multicast' | 'unreachable' | 'blackhole' | 'prohibit' | 'none';

const resultOf = (dst: DstEntry): FibResult => {
  if (dst.kind !== 'unreachable') return dst.kind;
  switch (dst.type) {
    case 'blackhole': case 'unreachable': case 'prohibit': return dst.type;
    default: return 'none';
  }
};

/** The `fib` step: what the route lookup said. Call only when the recorder is on. */
export function fibStep(ns: Netns, skb: Skb, packet: Ipv4Packet, dst: DstEntry): void {
  const goes = dst.kind !== 'unreachable';
  ns.machine.world.recorder.write({
    kind: 'fib', ns: ns.id, pkt: skb.id, mac: skb.mac, net: packet, direction: dst.direction, dst: packet.dst, src: packet.src, result: resultOf(dst),
    table: dst.table, ruleKey: dst.ruleKey, routeKey: dst.routeKey, out: goes ? dst.dev.name : undefined, gateway: dst.gateway, prefSrc: dst.prefSrc,
  });
}

/** A lookup that gave no way out, for the trace. */
export function noRouteStep(ns: Netns, skb: Skb, packet: Ipv4Packet, errno: Errno): void {
  const result = errno === 'EINVAL' ? 'blackhole' : errno === 'EACCES' ? 'prohibit' : errno === 'EHOSTUNREACH' ? 'unreachable' : 'none';
  ns.machine.world.recorder.write({
    kind: 'fib', ns: ns.id, pkt: skb.id, mac: skb.mac, net: packet, direction: 'output', dst: packet.dst, src: packet.src, result,
    table: 0, ruleKey: undefined, routeKey: undefined, out: undefined, gateway: undefined, prefSrc: undefined,
  });
}
