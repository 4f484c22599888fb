import { assertNever } from '../../base/assert.ts';
import { DROP_REASONS } from '../../engine/trace/drop-reasons.ts';
import type { PacketStep, Step, WorldStep } from '../../engine/trace/steps.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import { shortLabel } from '../../engine/wire/dissect.ts';
import type { NetworkLayer } from '../../engine/wire/packet.ts';
import type { EventKind, LayerName, PlaceId, TimelineEvent } from '../../worker/protocol.ts';
import { Flows } from './flows.ts';
import { devicePlace, hookPlace, namespacePlace, routePlace, segmentPlace, socketPlace, type NamespaceName } from './places.ts';

/** Outermost layer that colours the capsule, and the outermost one inside an encapsulation. */
export function layersOf(net: NetworkLayer): { readonly layer: LayerName; readonly inner: LayerName | undefined } {
  if (net.kind === 'arp') return { layer: 'arp', inner: undefined };
  if (net.kind === 'unknown') return { layer: 'data', inner: undefined };
  const t = net.payload;
  if (t.kind === 'udp' && !(t.payload instanceof Uint8Array)) return { layer: 'vxlan', inner: layersOf(t.payload.inner.payload).layer };
  if (t.kind === 'udp') return { layer: t.srcPort === 53 || t.dstPort === 53 ? 'dns' : 'udp', inner: undefined };
  if (t.kind === 'data') return { layer: 'ipv4', inner: undefined };
  return { layer: t.kind, inner: undefined };
}

const KIND: Readonly<Record<Step['kind'], EventKind>> = {
  created: 'socket', clone: 'bridge', rx: 'link', tx: 'link', wire: 'link', bridge: 'bridge', fib: 'route', hook: 'hook', rule: 'rule', 'hook-end': 'hook',
  conntrack: 'conntrack', nat: 'nat', neigh: 'neigh', forward: 'route', encap: 'encap', decap: 'encap', fragment: 'encap', reassembled: 'encap',
  delivered: 'end', consumed: 'end', dropped: 'drop', became: 'end', table: 'table', process: 'process', control: 'control',
};

const HOPS: ReadonlySet<Step['kind']> = new Set<Step['kind']>([
  'created', 'rx', 'bridge', 'fib', 'hook', 'nat', 'encap', 'decap', 'neigh', 'fragment', 'reassembled', 'delivered', 'consumed', 'dropped', 'became']);

/** Steps that Right and Left stop at: the packet stands somewhere new, or is something else than before. What only says again where it is, is none. */
function isHop(step: PacketStep, before: Step['kind'] | undefined): boolean {
  switch (step.kind) {
    case 'neigh': return step.outcome !== 'resolved';
    case 'fib': return step.result !== 'local';
    // The same frame, handed up by the bridge or out of its wrapping.
    case 'rx': return before !== 'bridge' && before !== 'decap';
    default: return HOPS.has(step.kind);
  }
}

function packetTitle(step: PacketStep): string {
  switch (step.kind) {
    case 'created': return `sent by ${step.by}`;
    case 'clone': return 'a copy goes its own way';
    case 'rx': return `received by ${step.dev}`;
    case 'tx': return `leaves by ${step.dev}`;
    case 'wire': return `on the wire of ${step.segment}`;
    case 'bridge': return step.decision === 'local' ? `bridge ${step.bridge}: for the node itself`
      : `bridge ${step.bridge}: ${step.decision} to ${step.outPorts.join(', ') || 'no port'}`;
    case 'fib': return step.result === 'local' ? `route: ${formatIpv4(step.dst)} is local`
      : `route: ${formatIpv4(step.dst)} ${step.gateway === undefined ? '' : `via ${formatIpv4(step.gateway)} `}${step.out === undefined ? step.result : `dev ${step.out}`}`;
    case 'hook': return `${step.table} ${step.hook}`;
    case 'rule': return `${step.table} ${step.chain} rule ${step.index + 1}: ${step.target === '' ? step.verdict : step.target}`;
    case 'hook-end': return `${step.table} ${step.hook}: ${step.by === 'policy' ? `policy ${step.verdict}` : step.verdict}`;
    case 'conntrack': return `conntrack ${step.op} ${step.state}`;
    case 'nat': return natTitle(step);
    case 'neigh': return step.outcome === 'resolved' ? `neighbour ${formatIpv4(step.ip)} is ${step.state}` : `neighbour ${formatIpv4(step.ip)}: ${step.outcome}`;
    case 'forward': return `forwarded from ${step.from} to ${step.to}, ttl ${step.ttl}`;
    case 'encap': return `${step.dev}: wrapped in ${step.how.toUpperCase()}`;
    case 'decap': return `${step.dev}: unwrapped from ${step.how.toUpperCase()}`;
    case 'fragment': return `cut into ${step.parts.length} fragments for MTU ${step.mtu}`;
    case 'reassembled': return `put together from ${step.parts.length} fragments`;
    case 'delivered': return `delivered to ${step.process ?? step.socket}`;
    case 'consumed': return `taken by ${step.by}`;
    case 'dropped': return `dropped: ${DROP_REASONS[step.reason]}`;
    case 'became': return step.how;
    default: return assertNever(step);
  }
}

export function natChange(step: Extract<PacketStep, { kind: 'nat' }>): { readonly from: string; readonly to: string } {
  const show = (net: NetworkLayer): string => {
    if (net.kind !== 'ipv4') return '';
    const port = net.payload.kind === 'tcp' || net.payload.kind === 'udp' ? `:${step.manip === 'dst' ? net.payload.dstPort : net.payload.srcPort}` : '';
    return `${formatIpv4(step.manip === 'dst' ? net.dst : net.src)}${port}`;
  };
  return { from: show(step.before), to: show(step.net) };
}

function natTitle(step: Extract<PacketStep, { kind: 'nat' }>): string {
  const name = step.direction === 'original' ? (step.manip === 'dst' ? 'DNAT' : 'SNAT') : (step.manip === 'dst' ? 'un-SNAT' : 'un-DNAT');
  const { from, to } = natChange(step);
  return `${name} ${from} to ${to}`;
}

const tableName = (table: string): string => table.slice(table.indexOf('/') + 1);

function worldTitle(step: WorldStep): string {
  switch (step.kind) {
    case 'table': return `${tableName(step.table)} ${step.before === undefined ? 'gains' : step.after === undefined ? 'loses' : 'changes'} ${step.key}`;
    case 'process': return step.event === 'start' ? `${step.command} started` : `${step.command} exited with ${step.code ?? 0}`;
    case 'control': return `${step.actor}: ${step.text}`;
    default: return assertNever(step);
  }
}

/** Steps of a broadcast's copies that ended because nobody there was meant, each from where it parted from the others: noise. */
function strays(steps: readonly Step[]): ReadonlySet<number> {
  const apart = new Map<number, number[]>();
  const stray = new Set<number>();
  for (const step of steps) {
    if (!('pkt' in step) || step.pkt === undefined) continue;
    // From here the copies go their own ways; the one that goes on under the old number is as good as any other.
    if (step.kind === 'wire' || step.kind === 'clone' || step.kind === 'bridge') apart.set(step.pkt, step.kind === 'clone' ? [step.i] : []);
    else apart.get(step.pkt)?.push(step.i);
    if (step.kind === 'dropped' && (step.reason === 'ARP_IGNORED' || step.reason === 'OTHERHOST')) for (const i of apart.get(step.pkt) ?? []) stray.add(i);
  }
  return stray;
}

/** Turns steps into timeline entries, in order, each step once. */
export class Timeline {
  readonly #name: (ns: number) => NamespaceName | undefined;
  readonly #flows = new Flows();
  readonly #place = new Map<number, PlaceId>();
  readonly #kind = new Map<number, Step['kind']>();
  readonly #labels = new Map<number, string>();
  readonly #places = new Map<PlaceId, PlaceId>();

  constructor(name: (ns: number) => NamespaceName | undefined) {
    this.#name = name;
  }

  /** A stretch of the trace at once. */
  seeAll(steps: readonly Step[]): readonly TimelineEvent[] {
    const stray = strays(steps);
    return steps.map((step) => {
      const event = this.see(step);
      return stray.has(step.i) ? { ...event, noise: true } : event;
    });
  }

  /** What a step that was seen is called. */
  title(step: Step): string {
    const label = this.#labels.get(step.ns);
    return `${label === undefined ? '' : `${label} · `}${!('pkt' in step) || step.kind === 'table' ? worldTitle(step) : packetTitle(step)}`;
  }

  see(step: Step): TimelineEvent {
    const ns = this.#name(step.ns);
    if (ns !== undefined) this.#labels.set(step.ns, ns.label);
    const common = { step: step.i, t: step.t, ns: step.ns, kind: KIND[step.kind] };
    if (!('pkt' in step) || step.kind === 'table') {
      return {
        ...common, pkt: 0, flow: 0, reply: false, layer: 'data', inner: undefined, label: '', hop: false,
        place: ns === undefined ? '' : namespacePlace(ns), noise: step.kind === 'table' || step.kind === 'control', title: this.title(step) };
    }
    const member = this.#flows.see(step);
    const place = this.#same(this.#placeOf(step, ns));
    this.#place.set(step.pkt, place);
    const before = this.#kind.get(step.pkt);
    this.#kind.set(step.pkt, step.kind);
    return {
      ...common, pkt: step.pkt, flow: member.flow, reply: member.reply, ...layersOf(step.net), label: shortLabel(step.net), place,
      hop: isHop(step, before), noise: false, title: this.title(step) };
  }

  /** One string for one place: there are millions of steps and hundreds of places. */
  #same(place: PlaceId): PlaceId {
    const known = this.#places.get(place);
    if (known === undefined) this.#places.set(place, place);
    return known ?? place;
  }

  #placeOf(step: PacketStep, ns: NamespaceName | undefined): PlaceId {
    if (step.kind === 'wire') return segmentPlace(step.segment);
    const last = this.#place.get(step.pkt) ?? '';
    if (ns === undefined) return last;
    switch (step.kind) {
      case 'rx':
      case 'tx':
      case 'encap':
      case 'decap': return devicePlace(ns, step.dev);
      case 'bridge': return devicePlace(ns, step.bridge);
      case 'neigh': return devicePlace(ns, step.dev);
      case 'hook':
      case 'rule':
      case 'hook-end': return hookPlace(ns, step.hook);
      case 'fib':
      case 'forward': return routePlace(ns);
      case 'created':
      case 'delivered':
      case 'consumed': return socketPlace(ns);
      case 'conntrack':
      case 'nat':
      case 'clone':
      case 'fragment':
      case 'reassembled':
      case 'dropped':
      case 'became': return last.startsWith(namespacePlace(ns)) ? last : namespacePlace(ns);
      default: return assertNever(step);
    }
  }
}
