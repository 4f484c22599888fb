/** What the lab did, from the steps its world wrote and the conntrack events its kernels sent. */
import type { Step } from '../engine/trace/steps.ts';
import type { CtEntry, CtEvent, CtTuple } from '../engine/uapi/netfilter.ts';
import { formatIpv4 } from '../engine/wire/addresses.ts';
import { emitIpv4 } from '../engine/wire/ipv4.ts';
import type { NetworkLayer } from '../engine/wire/packet.ts';
import { arpCrossings, type ArpFrame } from './arp.ts';
import { headersOf, type Headers } from './headers.ts';
import type { Labels } from './labels.ts';
import { entryText, type Crossing, type EntryText, type Observation, type Traversal, type TupleText } from './observation.ts';
import { crossingText, hookText, isGroup, type HookWords } from './words.ts';

export function entryOf(e: CtEntry, gone = false): EntryText {
  const tuple = (t: CtTuple): TupleText => ({ src: formatIpv4(t.src), dst: formatIpv4(t.dst), sport: t.sport, dport: t.dport, type: t.icmpType, code: t.icmpCode });
  return {
    protocol: e.original.protocol, state: gone ? undefined : e.state, original: tuple(e.original), reply: tuple(e.reply), seenReply: e.seenReply, assured: e.assured, mark: e.mark,
    timeout: gone ? undefined : e.timeout,
  };
}

export const eventText = (e: CtEvent): string => `${e.type} ${entryText(entryOf(e.entry, e.type === 'DESTROY'))}`;

/** A trace of the kernel's carries 20 bytes of each header. */
const TRACED = 40;

const headers = (net: NetworkLayer): Headers | undefined => (net.kind === 'ipv4' ? headersOf(emitIpv4(net)) : undefined);
const tracedHeaders = (net: NetworkLayer): Headers | undefined => (net.kind === 'ipv4' ? headersOf(emitIpv4(net).subarray(0, TRACED)) : undefined);

export function observeLab(results: readonly string[], steps: readonly Step[], nameOf: (ns: number) => string | undefined, events: ReadonlyMap<string, readonly string[]>, labels: Labels): Observation {
  const crossings: Crossing[] = [];
  const arp: ArpFrame[] = [];
  const traversals: Traversal[] = [];
  const open = new Map<number, { readonly traversal: Traversal & { hook: string; readonly steps: string[] }; readonly words: HookWords }>();
  /** The kernel prints the packet when a chain's first rule has run, which may have changed it. */
  const met = (pkt: number, net: NetworkLayer, text: string): void => {
    const now = open.get(pkt);
    if (now === undefined) return;
    const h = now.traversal.steps.length === 0 ? tracedHeaders(net) : undefined;
    if (h !== undefined) now.traversal.hook = hookText(now.words, h);
    now.traversal.steps.push(text);
  };
  // Who waits for a neighbour crossed nothing yet.
  for (const kinds of [['rx', 'tx'], ['hook'], ['neigh']]) {
    for (const step of steps) {
      if (!kinds.includes(step.kind) || !('net' in step)) continue;
      const h = headers(step.net);
      if (h !== undefined) labels.learn(h);
    }
  }
  for (const step of steps) {
    const h = step.kind === 'rx' || step.kind === 'tx' ? headers(step.net) : undefined;
    if (h !== undefined) labels.learnInside(h);
  }
  for (const step of steps) {
    const ns = nameOf(step.ns);
    if (ns === undefined) continue;
    switch (step.kind) {
      case 'rx': case 'tx': {
        const h = headers(step.net);
        if (step.net.kind === 'arp' && step.mac !== undefined) arp.push({ ns, dev: step.dev, out: step.kind === 'tx', to: step.mac.dst, arp: step.net });
        if (h !== undefined && !isGroup(h)) crossings.push({ ns, packet: labels.of(h), text: crossingText({ out: step.kind === 'tx', dev: step.dev, partial: step.kind === 'tx' && step.partialChecksum !== false }, h) });
        break;
      }
      case 'hook': {
        const h = tracedHeaders(step.net);
        if (h === undefined || isGroup(h)) break;
        const words = { table: step.table, hook: step.hook, iif: step.iif, oif: step.oif };
        const traversal = { ns, packet: labels.traced(h), steps: [], hook: hookText(words, h) };
        traversals.push(traversal);
        open.set(step.pkt, { traversal, words });
        break;
      }
      case 'rule':
        met(step.pkt, step.net, `${step.chain} ${step.index + 1} ${step.verdict === 'jump' || step.verdict === 'goto' ? `${step.verdict} ${step.target}` : step.verdict}`);
        break;
      case 'hook-end':
        if (step.by === 'policy') met(step.pkt, step.net, `policy ${step.verdict}`);
        break;
      default:
    }
  }
  return { results, traversals, crossings: [...crossings, ...arpCrossings(arp)], events };
}
