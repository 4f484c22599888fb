/** What the kernel did, from the agent's netlink messages and frames. */
import type { RawEntry, RawTrace, Seen } from './agent.ts';
import { arpCrossings, arpOf } from './arp.ts';
import { headersOf, type Headers } from './headers.ts';
import type { Labels } from './labels.ts';
import { entryText, type Crossing, type EntryText, type Observation, type Traversal, type TupleText } from './observation.ts';
import { crossingText, hookText, isGroup } from './words.ts';

/** Our own table, which marks packets for tracing. */
export const TRACE_TABLE = 'vethlab-trace';
export const TRACE_RULES = `table ip ${TRACE_TABLE} { chain p { type filter hook prerouting priority -450; meta nftrace set 1; }; chain o { type filter hook output priority -450; meta nftrace set 1; }; }`;

const TRACETYPE = { POLICY: 1, RETURN: 2, RULE: 3 } as const;
const TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'];
const IGMP = 2;
const SEEN_REPLY = 2;
const ASSURED = 4;

export interface RealNames {
  /** Device names by namespace and index. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Position of a rule in its chain: by `ns table chain handle`. */
  readonly positions: ReadonlyMap<string, number>;
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

function verdictText(t: RawTrace): string {
  switch (t.verdict) {
    case -1: return 'continue';
    case -3: return `jump ${t.to ?? ''}`;
    case -4: return `goto ${t.to ?? ''}`;
    case -5: return 'return';
    case 0: return 'drop';
    case 1: return 'accept';
    case 2: return 'stolen';
    default: return `verdict ${t.verdict ?? '-'}`;
  }
}

export function entryOf(e: RawEntry): EntryText {
  const tuple = (t: RawEntry['original']): TupleText => ({ src: t.src, dst: t.dst, sport: t.sport ?? t.id ?? 0, dport: t.dport ?? 0, type: t.type, code: t.code });
  const gone = e.event === 'DESTROY';
  return {
    protocol: e.original.protocol, state: e.state === undefined || gone ? undefined : TCP_STATES[e.state], original: tuple(e.original), reply: tuple(e.reply),
    seenReply: ((e.status ?? 0) & SEEN_REPLY) !== 0, assured: ((e.status ?? 0) & ASSURED) !== 0, mark: e.mark, timeout: gone ? undefined : e.timeout,
  };
}

/** What chance decided in the kernel, for the lab: by namespace. */
export interface Chance {
  /** Visits of chains in order: the chain, and the rules met there. */
  readonly visits: readonly { readonly ns: string; readonly table: string; readonly chain: string; readonly matched: readonly number[] }[];
  /** Ports (or ICMP identifiers) that source NAT chose. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
  /** Source ports of VXLAN, hashes of what is inside: by namespace, and by what is inside. */
  readonly tunnels: ReadonlyMap<string, readonly (readonly [Headers, number])[]>;
  /** Whose server closed after the delayed-ACK timer: by the first bytes of what it was sent. */
  readonly late: ReadonlySet<string>;
}

/** Those that acknowledged the client's FIN apart from their own: tcp_delack_timer was faster than the program, or the program had been slow before and tcp_in_quickack_mode was still true. */
export function lateServers(all: readonly Headers[], labels: Labels): ReadonlySet<string> {
  const tags = new Map<string, string>();
  const seen = new Set<string>();
  for (const outer of all) {
    const h = (outer.t.kind === 'udp' ? outer.t.inner : undefined) ?? outer;
    if (h.t.kind !== 'tcp') continue;
    const label = labels.of(h);
    seen.add(label);
    const sender = /^tcp (\S+) C /.exec(label)?.[1];
    if (sender !== undefined && h.t.tag !== '') tags.set(sender, h.t.tag);
  }
  return new Set([...tags].flatMap(([name, tag]) => ([...seen].some((label) => label.startsWith(`tcp ${name} S fin.ack `) && seen.has(label.replace(' fin.ack ', ' ack '))) ? [tag] : [])));
}

export interface RealObservation extends Observation {
  readonly chance: Chance;
}

export function observeReal(results: readonly string[], seen: Seen, names: RealNames, labels: Labels): RealObservation {
  const frames = Object.entries(seen).flatMap(([ns, { frames: all }]) => all.map((frame) => ({ ns, frame, headers: headersOf(bytes(frame.data).subarray(14)) })));
  // Within a namespace they came in their order; a frame keeps its time of arrival when a bridge hands it up, so times would misplace it there.
  for (const { headers } of [...frames].sort((a, b) => a.frame.t - b.frame.t)) if (headers !== undefined) labels.learn(headers);
  // A packet that a rule ended in OUTPUT crossed no device.
  for (const { events: all } of Object.values(seen)) {
    for (const { trace } of all) {
      const headers = trace?.network === undefined ? undefined : headersOf(bytes(trace.network + (trace.transport ?? '')));
      if (headers !== undefined) labels.learn(headers);
    }
  }
  for (const { headers } of frames) if (headers !== undefined) labels.learnInside(headers);
  const nameOf = (ns: string, dev: string): string => names.devices[ns]?.[dev] ?? dev;
  const crossings = [
    ...frames.flatMap(({ ns, frame, headers }): Crossing[] => (headers === undefined || isGroup(headers) ? [] : [{ ns, packet: labels.of(headers), text: crossingText({ ...frame, dev: nameOf(ns, frame.dev) }, headers) }])),
    ...arpCrossings(frames.flatMap(({ ns, frame }) => ((found) => (found === undefined ? [] : [{ ns, dev: nameOf(ns, frame.dev), out: frame.out, ...found }]))(arpOf(bytes(frame.data))))),
  ];
  const traversals: Traversal[] = [];
  const events = new Map<string, string[]>();
  const ports = new Map<string, number[]>();
  const visits: { ns: string; table: string; chain: string; matched: number[] }[] = [];
  for (const [ns, { events: all }] of Object.entries(seen)) {
    const open = new Map<number, { traversal: Traversal & { steps: string[] } | undefined; visit: Map<string, { matched: number[] }> }>();
    const lines: string[] = [];
    events.set(ns, lines);
    for (const { ct, trace, lost } of all) {
      if (lost !== undefined) lines.push(`the kernel lost messages: ${lost}`);
      if (ct !== undefined && ct.original.protocol !== IGMP) {
        lines.push(`${ct.event ?? ''} ${entryText(entryOf(ct))}`);
        const before = ct.original.sport ?? ct.original.id;
        const after = ct.reply.id ?? ct.reply.dport;
        if (ct.event === 'NEW' && before !== after && after !== undefined) ports.set(ns, [...(ports.get(ns) ?? []), after]);
      }
      if (trace === undefined) continue;
      if (trace.network !== undefined) {
        const headers: Headers | undefined = headersOf(bytes(trace.network + (trace.transport ?? '')));
        const device = (i: number | undefined): string | undefined => (i === undefined ? undefined : names.devices[ns]?.[String(i)] ?? `#${i}`);
        const own = trace.table === TRACE_TABLE || headers === undefined || isGroup(headers);
        const traversal = own || headers === undefined ? undefined : {
          ns, packet: labels.traced(headers), steps: [], hook: hookText({ table: trace.table, hook: trace.chain, iif: device(trace.iif), oif: device(trace.oif) }, headers),
        };
        if (traversal !== undefined) traversals.push(traversal);
        open.set(trace.id, { traversal, visit: new Map() });
      }
      const now = open.get(trace.id);
      if (now?.traversal === undefined || trace.table === TRACE_TABLE) continue;
      // The end of a chain is told too, without a rule.
      if (trace.type === TRACETYPE.RULE && trace.handle !== undefined) {
        const position = names.positions.get(`${ns} ${trace.table} ${trace.chain} ${trace.handle ?? 0}`) ?? -1;
        now.traversal.steps.push(`${trace.chain} ${position + 1} ${verdictText(trace)}`);
        let visit = now.visit.get(trace.chain);
        if (visit === undefined) {
          const fresh = { ns, table: trace.table, chain: trace.chain, matched: [] };
          visits.push(fresh);
          now.visit.set(trace.chain, (visit = fresh));
        }
        visit.matched.push(position);
      } else if (trace.type === TRACETYPE.POLICY) now.traversal.steps.push(`policy ${trace.policy === 0 ? 'drop' : 'accept'}`);
    }
  }
  const tunnels = new Map<string, (readonly [Headers, number])[]>();
  for (const { ns, frame, headers } of frames) {
    if (!frame.out || headers?.t.kind !== 'udp' || headers.t.inner === undefined) continue;
    tunnels.set(ns, [...(tunnels.get(ns) ?? []), [headers.t.inner, headers.t.sport]]);
  }
  return { results, traversals, crossings, events, chance: { visits, ports, tunnels, late: lateServers(frames.flatMap(({ headers }) => (headers === undefined ? [] : [headers])), labels) } };
}
