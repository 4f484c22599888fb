/**
 * The typed steps that a world writes. Everything anyone sees of a packet's way is a view of these.
 * Steps keep references to immutable layers and to plain values only: no device, no table, no closure.
 */
import type { Nanos } from '../sim/time.ts';
import type { Ipv4, Mac } from '../wire/addresses.ts';
import type { PartialChecksum } from '../wire/frame.ts';
import type { EthernetHeader, NetworkLayer } from '../wire/packet.ts';
import type { DropReason } from './drop-reasons.ts';

export type HookName = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

interface Base {
  /** Index in the trace, from 0. */
  readonly i: number;
  readonly t: Nanos;
  /** Network namespace id, unique in the world. 0: the world outside any namespace (segments, control plane). */
  readonly ns: number;
}

/** The packet as it is at (after) the step. */
interface OfPacket extends Base {
  readonly pkt: number;
  readonly mac: EthernetHeader | undefined;
  readonly net: NetworkLayer;
}

export type PacketStep =
  /** A socket or the kernel made it. `cause`: the packet whose arrival led to it (reply, ICMP error, flood copy), if one did. */
  | (OfPacket & { readonly kind: 'created'; readonly by: string; readonly cause: number | undefined })
  /** A flooded or tapped copy goes its own way from here. */
  | (OfPacket & { readonly kind: 'clone'; readonly from: number })
  | (OfPacket & { readonly kind: 'rx'; readonly dev: string; readonly ifindex: number; readonly bytes: number })
  | (OfPacket & { readonly kind: 'tx'; readonly dev: string; readonly ifindex: number; readonly bytes: number; readonly partialChecksum: PartialChecksum })
  /** A segment (switch, wire) carries it from one NIC to others. */
  | (OfPacket & { readonly kind: 'wire'; readonly segment: string })
  | (OfPacket & {
      readonly kind: 'bridge'; readonly bridge: string; readonly inPort: string | undefined;
      readonly decision: 'forward' | 'local' | 'flood'; readonly outPorts: readonly string[]; readonly fdbKey: string | undefined })
  | (OfPacket & {
      readonly kind: 'fib'; readonly direction: 'input' | 'output'; readonly dst: Ipv4; readonly src: Ipv4;
      readonly result: 'unicast' | 'local' | 'broadcast' | 'multicast' | 'unreachable' | 'blackhole' | 'prohibit' | 'none';
      readonly table: number; readonly ruleKey: string | undefined; readonly routeKey: string | undefined;
      readonly out: string | undefined; readonly gateway: Ipv4 | undefined; readonly prefSrc: Ipv4 | undefined })
  /** A base chain of a table is about to be traversed for this packet. */
  | (OfPacket & {
      readonly kind: 'hook'; readonly hook: HookName; readonly table: TableName; readonly iif: string | undefined; readonly oif: string | undefined;
      readonly physIn: string | undefined; readonly physOut: string | undefined; readonly mark: number; readonly ctState: string | undefined })
  /** A rule matched; its counter moved by one packet and `bytes`. `draw`: what a random match drew, below `bound`. */
  | (OfPacket & {
      readonly kind: 'rule'; readonly hook: HookName; readonly table: TableName; readonly chain: string; readonly handle: number; readonly index: number;
      readonly verdict: 'continue' | 'accept' | 'drop' | 'return' | 'jump' | 'goto' | 'stolen'; readonly target: string; readonly bytes: number;
      readonly mark: number; readonly draw: { readonly value: number; readonly bound: number } | undefined;
      /** The rule as nft prints it, its counter as 0. */
      readonly nft: string })
  /** The base chain ended: its policy decided (or a verdict did). The policy counter moved when `by` is 'policy'. */
  | (OfPacket & {
      readonly kind: 'hook-end'; readonly hook: HookName; readonly table: TableName; readonly verdict: 'accept' | 'drop' | 'stolen'; readonly by: 'policy' | 'rule'; readonly bytes: number; readonly mark: number })
  | (OfPacket & {
      readonly kind: 'conntrack'; readonly op: 'new' | 'found' | 'confirm' | 'invalid' | 'untracked'; readonly entry: number | undefined; readonly state: string })
  | (OfPacket & {
      readonly kind: 'nat'; readonly manip: 'src' | 'dst'; readonly direction: 'original' | 'reply'; readonly entry: number;
      readonly before: NetworkLayer })
  | (OfPacket & {
      readonly kind: 'neigh'; readonly dev: string; readonly ip: Ipv4; readonly state: string; readonly mac2: Mac | undefined;
      readonly outcome: 'resolved' | 'queued' | 'failed' })
  | (OfPacket & { readonly kind: 'forward'; readonly ttl: number; readonly from: string; readonly to: string })
  | (OfPacket & { readonly kind: 'encap'; readonly dev: string; readonly how: 'vxlan' | 'vlan'; readonly fdbKey: string | undefined })
  | (OfPacket & { readonly kind: 'decap'; readonly dev: string; readonly how: 'vxlan' | 'vlan' })
  | (OfPacket & { readonly kind: 'fragment'; readonly mtu: number; readonly parts: readonly number[] })
  | (OfPacket & { readonly kind: 'reassembled'; readonly parts: readonly number[] })
  /** The four ends: */
  | (OfPacket & { readonly kind: 'delivered'; readonly socket: string; readonly process: string | undefined })
  | (OfPacket & { readonly kind: 'consumed'; readonly by: string })
  | (OfPacket & { readonly kind: 'dropped'; readonly reason: DropReason; readonly detail: string | undefined })
  | (OfPacket & { readonly kind: 'became'; readonly into: readonly number[]; readonly how: string });

export type WorldStep =
  /** A row of a table changed: undefined before means inserted, undefined after deleted. Patches, not whole rows, where both are there. */
  | (Base & { readonly kind: 'table'; readonly table: string; readonly key: string; readonly pkt: number | undefined;
      readonly before: Readonly<Record<string, unknown>> | undefined; readonly after: Readonly<Record<string, unknown>> | undefined })
  | (Base & { readonly kind: 'process'; readonly event: 'start' | 'exit'; readonly pid: number; readonly command: string; readonly code: number | undefined })
  /** Something a controller or daemon did or logged, in its own words. */
  | (Base & { readonly kind: 'control'; readonly actor: string; readonly text: string; readonly object: string | undefined });

export type Step = PacketStep | WorldStep;
export type StepKind = Step['kind'];

/** A step as the kernel hands it over: the recorder adds index and time. */
export type NewStep<S extends Step = Step> = S extends Step ? Omit<S, 'i' | 't'> : never;
