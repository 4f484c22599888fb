/**
 * Conntrack entries of UDP clients that point at what is gone: a client that keeps sending would never be balanced anew.
 * Read first: conntrack(8) -D, facts 1.10.
 * Models: pkg/proxy/conntrack/cleanup.go CleanStaleEntries, detectStaleConntrackEntries (up to 1.31). Entries are told by address, not by port, as
 * `conntrack -D --orig-dst VIP --dst-nat ENDPOINT -p udp` tells them. TCP is never touched. 1.32's reconciler differs in timing only.
 */
import type { Conntrack, CtEntry } from '../../../engine/uapi/netfilter.ts';
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { IPPROTO_UDP } from '../../../engine/wire/packet.ts';
import type { ServicePortState } from './rules.ts';

/** One `conntrack -D`. */
interface Filter {
  /** --orig-dst */
  readonly vip?: string | undefined;
  /** --dport */
  readonly port?: number | undefined;
  /** --dst-nat */
  readonly endpoint?: string | undefined;
}

type Udp = ReadonlyMap<string, ServicePortState>;
export const udpPorts = (states: readonly ServicePortState[]): Udp => new Map(states.filter((s) => s.info.protocol === 'udp').map((s) => [s.info.name, s]));

const ready = (s: ServicePortState | undefined) => (s?.endpoints ?? []).filter((e) => e.ready);

export function staleFilters(before: Udp, now: Udp): readonly Filter[] {
  const out: Filter[] = [];
  for (const [name, { info }] of before) if (!now.has(name)) out.push({ vip: info.clusterIp });
  for (const [name, s] of now) {
    const { info } = s;
    const vips = [info.clusterIp, ...info.externalIps, ...info.lbIps];
    const old = ready(before.get(name));
    if (old.length === 0 && ready(s).length > 0) {
      out.push(...vips.map((vip) => ({ vip })));
      if (info.nodePort !== 0) out.push({ port: info.nodePort });
    }
    const kept = new Set(ready(s).map((e) => e.target));
    for (const { ip, target } of old) {
      if (kept.has(target)) continue;
      if (info.nodePort !== 0) out.push({ port: info.nodePort, endpoint: ip });
      out.push(...vips.map((vip) => ({ vip, endpoint: ip })));
    }
  }
  return out;
}

const selects = (f: Filter, { original, reply, dstNat }: CtEntry): boolean => original.protocol === IPPROTO_UDP && (f.vip === undefined || formatIpv4(original.dst) === f.vip)
  && (f.port === undefined || original.dport === f.port) && (f.endpoint === undefined || (dstNat && formatIpv4(reply.src) === f.endpoint));

export function deleteStale(conntrack: Pick<Conntrack, 'list' | 'delete'>, filters: readonly Filter[]): number {
  if (filters.length === 0) return 0;
  let deleted = 0;
  for (const entry of conntrack.list()) if (filters.some((f) => selects(f, entry)) && conntrack.delete(entry.id).ok) deleted++;
  return deleted;
}
