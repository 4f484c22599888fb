/**
 * Read first: net/netfilter/nf_conntrack_core.c, conntrack(8).
 * Models: nf_conntrack_in, nf_conntrack_confirm, clash of equal UDP flows, early drop, events as `conntrack -E` shows them (v6.1;
 * UDP streams and DESTROY as v6.18 does). Active in a namespace only while a rule needs it, as the kernel registers its hooks.
 * Not modelled: helpers and expectations, zones, accounting, labels, GRE keys, SCTP states (generic timeout). `list` is in order of
 * confirmation (the kernel's order is that of a keyed hash). Expired entries go when next looked at, on the next sweep, or at once
 * while somebody listens to events; the kernel's sweep has no fixed time either.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import type { Timer } from '../../sim/scheduler.ts';
import { nanos, plus, seconds, type Nanos } from '../../sim/time.ts';
import type { HookName } from '../../trace/steps.ts';
import type { Conntrack as ConntrackDoor, CtEvent } from '../../uapi/netfilter.ts';
import { ipv4, type Ipv4 } from '../../wire/addresses.ts';
import { IPPROTO_ICMP, IPPROTO_UDP, type Ipv4Packet } from '../../wire/packet.ts';
import { parseEmbedded, verifyTransport } from '../../wire/ipv4.ts';
import { drop } from '../drop.ts';
import { journalOf } from '../journal.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { conntrackDoor } from './door.ts';
import { ConntrackEntry, IPS_ASSURED, IPS_CONFIRMED, IPS_DYING, IPS_SEEN_REPLY, IPS_SRC_NAT_DONE, type CtRow } from './entry.ts';
import { SourceIndex } from './source-index.ts';
import { closing, tcpPacket, type Changes } from './tcp.ts';
import { TCP_STATE_NAMES } from './tcp-table.ts';
import { ctStateOf, isReply } from './state.ts';
import { readTimeouts, type Timeouts } from './timeouts.ts';
import { ICMP_VALID_NEW, invert, Tuple, TupleHash, tupleOf } from './tuple.ts';

/** How often an insertion sweeps the table for expired entries (GC_SCAN_INTERVAL_MAX). */
const SWEEP = 60e9;
const STREAM = seconds(2);

type Stats = { -readonly [K in keyof ReturnType<ConntrackDoor['stats']>]: number };

export class Conntrack {
  readonly ns: Netns;
  readonly rows: JournaledTable<CtRow>;
  readonly sources = new SourceIndex();
  readonly #hash = new TupleHash();
  readonly #entries = new Map<number, ConntrackEntry>();
  readonly #listeners = new Set<(event: CtEvent) => void>();
  readonly #key = new Tuple(false);
  readonly #inverse = new Tuple(true);
  readonly #changes: Changes = { protoinfo: false, assured: false, timeout: -1 };
  readonly #stats: Stats = { found: 0, invalid: 0, insert: 0, insert_failed: 0, drop: 0, early_drop: 0, error: 0, search_restart: 0, clash_resolve: 0, chaintoolong: 0 };
  #timeouts: Timeouts | undefined;
  #users = 0;
  #lastId = 0;
  #sweptAt = 0;
  #wake: Timer | undefined;
  #wakeAt = Infinity;

  constructor(ns: Netns) {
    this.ns = ns;
    this.rows = new JournaledTable<CtRow>(`${ns.id}/conntrack`, journalOf(ns));
  }

  /** nf_ct_netns_get: rules that need tracking. */
  set users(n: number) {
    this.#users = n;
  }
  get active(): boolean {
    return this.#users > 0;
  }

  /** The sysctl table calls this for every net.netfilter key. */
  sysctlChanged(): void {
    this.#timeouts = undefined;
  }
  get timeouts(): Timeouts {
    return (this.#timeouts ??= readTimeouts(this.ns));
  }
  get #now(): Nanos {
    return this.ns.machine.world.scheduler.now;
  }

  /** nf_conntrack_in at -200 of PREROUTING and OUTPUT. False: dropped, end step written. */
  track(hook: HookName, skb: Skb): boolean {
    const p = skb.net;
    if (p.kind !== 'ipv4' || skb.ct !== undefined) return true;
    if (skb.untracked) {
      this.#step(skb, 'untracked');
      return true;
    }
    if (p.protocol === IPPROTO_ICMP && p.payload.kind === 'icmp') {
      const { type } = p.payload;
      if (type === 3 || type === 4 || type === 5 || type === 11 || type === 12) return this.#icmpError(skb, p);
      if (type > 18) return this.#invalid(skb);
    }
    if (hook === 'PREROUTING' && skb.ipSummed === 'none' && !verifyTransport(p)) return this.#invalid(skb);
    if (p.offset > 0 || p.mf || !tupleOf(p, this.#key)) return this.#invalid(skb);
    return this.#resolve(skb, p);
  }

  #resolve(skb: Skb, p: Ipv4Packet): boolean {
    let node = this.#find(this.#key);
    if (node === undefined) {
      node = this.#create();
      if (node === undefined) return this.#invalid(skb);
      if (this.#entries.size >= this.timeouts.max && !this.#earlyDrop()) {
        this.#stats.drop++;
        drop(this.ns, skb, 'NETFILTER_DROP', 'nf_conntrack: table full, dropping packet');
        return false;
      }
    } else this.#stats.found++;
    const entry = node.entry;
    if (entry === undefined) return this.#invalid(skb);
    const seen = (entry.status & IPS_SEEN_REPLY) !== 0;
    skb.ct = entry;
    skb.ctInfo = node.reply ? 'established-reply' : seen ? 'established' : 'new';
    const verdict = this.#protocol(entry, p, node.reply);
    if (verdict === 'repeat') {
      skb.ct = undefined;
      this.kill(entry);
      return this.#resolve(skb, p);
    }
    if (verdict === 'invalid') {
      skb.ct = undefined;
      return this.#invalid(skb);
    }
    if (node.reply && !seen && verdict !== 'killed') {
      entry.status |= IPS_SEEN_REPLY;
      entry.pending = true;
    }
    if (entry.confirmed) this.#record(entry);
    this.#step(skb, entry.confirmed ? 'found' : 'new');
    if (verdict === 'killed') this.kill(entry);
    return true;
  }

  /** Protocol trackers: refresh the timeout, note what changed. */
  #protocol(entry: ConntrackEntry, p: Ipv4Packet, reply: boolean): 'accept' | 'invalid' | 'repeat' | 'killed' {
    const t = p.payload;
    const timeouts = this.timeouts;
    if (t.kind === 'tcp') {
      const changes = this.#changes;
      changes.protoinfo = changes.assured = false;
      changes.timeout = -1;
      const verdict = tcpPacket(entry, t, reply, timeouts, changes);
      if (changes.protoinfo || changes.assured) entry.pending = true;
      if (changes.timeout >= 0) this.#refresh(entry, changes.timeout);
      return verdict;
    }
    if (t.kind === 'udp') {
      if (!entry.confirmed) entry.streamAt = plus(this.#now, STREAM);
      let timeout = timeouts.udp;
      if (entry.status & IPS_SEEN_REPLY && this.#now > entry.streamAt) {
        timeout = timeouts.udpStream;
        if (!(entry.status & IPS_ASSURED)) {
          entry.status |= IPS_ASSURED;
          entry.pending = true;
        }
      }
      this.#refresh(entry, timeout);
      return 'accept';
    }
    if (t.kind === 'icmp') {
      if (!entry.confirmed && ICMP_VALID_NEW[t.type] === undefined) return 'invalid';
      this.#refresh(entry, timeouts.icmp);
      return 'accept';
    }
    this.#refresh(entry, timeouts.generic);
    return 'accept';
  }

  #refresh(entry: ConntrackEntry, timeout: number): void {
    // Unconfirmed: `expires` holds the span that starts at confirmation.
    const span = seconds(timeout);
    entry.expires = entry.confirmed ? plus(this.#now, span) : span;
    if (entry.expires < this.#wakeAt && entry.confirmed && this.#listeners.size > 0) this.#schedule(entry.expires);
  }

  /** nf_conntrack_inet_error: an ICMP error belongs to the connection of the packet inside it. */
  #icmpError(skb: Skb, p: Ipv4Packet): boolean {
    const inner = p.payload.kind === 'icmp' ? parseEmbedded(p.payload.body) : undefined;
    if (inner === undefined || !tupleOf(inner, this.#inverse) || !invert(this.#inverse, this.#key)) return this.#invalid(skb);
    const node = this.#find(this.#key);
    if (node?.entry === undefined || node.dst !== p.dst) return this.#invalid(skb);
    skb.ct = node.entry;
    skb.ctInfo = node.reply ? 'related-reply' : 'related';
    this.#step(skb, 'found');
    return true;
  }

  #invalid(skb: Skb): true {
    this.#stats.invalid++;
    this.#step(skb, 'invalid');
    return true;
  }

  /** init_conntrack for the tuple in #key. */
  #create(): Tuple | undefined {
    const original = new Tuple(false).copy(this.#key);
    const reply = new Tuple(true);
    if (!invert(original, reply)) return undefined;
    new ConntrackEntry(++this.#lastId, original, reply, nanos(0));
    return original;
  }

  /** Live entry by tuple; an expired one goes at this moment. */
  #find(key: Tuple): Tuple | undefined {
    const node = this.#hash.find(key);
    if (node?.entry === undefined) return undefined;
    if (node.entry.expires <= this.#now) {
      this.kill(node.entry);
      return this.#find(key);
    }
    return node;
  }

  /** nf_conntrack_tuple_taken, for NAT: is this reply in use by another connection? `harder`: one that is closing may go. */
  taken(reply: Tuple, ignored: ConntrackEntry, harder = false): boolean {
    const node = this.#find(reply);
    if (node?.entry === undefined || node.entry === ignored) return false;
    if (harder && node.reply && node.entry.tcp !== undefined && closing(node.entry.tcp.state)) {
      this.kill(node.entry);
      return false;
    }
    return true;
  }

  /** nf_confirm at the last priority of POSTROUTING and INPUT. False: dropped (clash), end step written. */
  confirm(skb: Skb): boolean {
    const entry = skb.ct;
    if (entry === undefined) return true;
    if (!entry.confirmed) {
      if (isReply(skb.ctInfo) || entry.dying) return true;
      return this.#insert(entry, skb);
    }
    if (entry.pending && !entry.dying) {
      entry.pending = false;
      this.#emit('UPDATE', entry);
    }
    return true;
  }

  #insert(entry: ConntrackEntry, skb: Skb): boolean {
    const clash = this.#find(entry.original) ?? this.#find(entry.reply);
    if (clash?.entry !== undefined) {
      const winner = clash.entry;
      if (entry.original.protocol === IPPROTO_UDP && winner.original.equals(entry.original) && winner.reply.equals(entry.reply)) {
        this.#stats.clash_resolve++;
        skb.ct = winner;
        return true;
      }
      this.#stats.insert_failed++;
      this.#stats.drop++;
      drop(this.ns, skb, 'NETFILTER_DROP', 'conntrack: another connection has this tuple');
      return false;
    }
    const now = this.#now;
    if (now - this.#sweptAt >= SWEEP) this.sweep();
    entry.expires = plus(entry.expires, now);
    entry.status |= IPS_CONFIRMED;
    this.#hash.insert(entry.original);
    this.#hash.insert(entry.reply);
    this.#entries.set(entry.id, entry);
    if (entry.status & IPS_SRC_NAT_DONE) this.sources.add(entry);
    this.#stats.insert++;
    entry.row = this.rows.insert(entry.key, entry.toRow());
    entry.pending = false;
    this.#step(skb, 'confirm');
    this.#emit('NEW', entry);
    if (this.#listeners.size > 0 && entry.expires < this.#wakeAt) this.#schedule(entry.expires);
    return true;
  }

  /** Brings the shown row up to date. */
  #record(entry: ConntrackEntry): void {
    const row = entry.row;
    if (row === undefined) return;
    const seenReply = (entry.status & IPS_SEEN_REPLY) !== 0;
    const assured = (entry.status & IPS_ASSURED) !== 0;
    const state = entry.tcp === undefined ? undefined : TCP_STATE_NAMES[entry.tcp.state];
    if (!this.ns.machine.world.recorder.on) {
      row.expires = entry.expires;
      row.state = state;
      row.seenReply = seenReply;
      row.assured = assured;
      row.mark = entry.mark;
      return;
    }
    if (row.state === state && row.seenReply === seenReply && row.assured === assured && row.mark === entry.mark) {
      if (row.expires !== entry.expires) this.rows.patch(entry.key, { expires: entry.expires });
    } else this.rows.patch(entry.key, { state, expires: entry.expires, seenReply, assured, mark: entry.mark });
  }

  /** -j CONNMARK */
  setMark(entry: ConntrackEntry, mark: number): void {
    if (entry.mark === mark) return;
    entry.mark = mark;
    if (!entry.confirmed) return;
    entry.pending = true;
    this.#record(entry);
  }

  /** nf_ct_kill */
  kill(entry: ConntrackEntry): void {
    if (entry.dying) return;
    entry.status |= IPS_DYING;
    this.sources.remove(entry);
    if (!entry.confirmed) return;
    this.#hash.remove(entry.original);
    this.#hash.remove(entry.reply);
    this.#entries.delete(entry.id);
    this.rows.delete(entry.key);
    this.#emit('DESTROY', entry);
  }

  #earlyDrop(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.status & IPS_ASSURED && !(entry.tcp !== undefined && closing(entry.tcp.state))) continue;
      this.kill(entry);
      this.#stats.early_drop++;
      return true;
    }
    return false;
  }

  /** Removes what has expired. */
  sweep(): void {
    const now = this.#now;
    this.#sweptAt = now;
    for (const entry of this.#entries.values()) if (entry.expires <= now) this.kill(entry);
  }

  #schedule(at: number): void {
    this.#wake?.cancel();
    this.#wakeAt = at;
    this.#wake = this.ns.machine.world.scheduler.at(nanos(at), () => this.#awake());
  }

  #awake(): void {
    this.#wakeAt = Infinity;
    this.#wake = undefined;
    if (this.#listeners.size === 0) return;
    this.sweep();
    let next = Infinity;
    for (const entry of this.#entries.values()) if (entry.expires < next) next = entry.expires;
    if (next < Infinity) this.#schedule(next);
  }

  #emit(type: CtEvent['type'], entry: ConntrackEntry): void {
    if (this.#listeners.size === 0) return;
    const event: CtEvent = { type, entry: entry.toUapi(this.#now), at: this.#now };
    for (const listener of [...this.#listeners]) listener(event);
  }

  #step(skb: Skb, op: 'new' | 'found' | 'confirm' | 'invalid' | 'untracked'): void {
    const recorder = this.ns.machine.world.recorder;
    if (!recorder.on) return;
    recorder.write({ kind: 'conntrack', ns: this.ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, op, entry: skb.ct?.id, state: ctStateOf(skb) });
  }

  /** SO_ORIGINAL_DST: where a connection was going before DNAT, by the tuple that its socket sees (remote to local). */
  originalDestination(protocol: number, remote: Ipv4, remotePort: number, local: Ipv4, localPort: number): { readonly address: Ipv4; readonly port: number } | undefined {
    const key = this.#key;
    key.src = local;
    key.sport = localPort;
    key.dst = remote;
    key.dport = remotePort;
    key.protocol = protocol;
    const node = this.#find(key);
    if (node?.entry === undefined) return undefined;
    return { address: ipv4(node.entry.original.dst), port: node.entry.original.dport };
  }

  /** masq_device_event, masq_inet_event: masqueraded connections over a device that went down, or from an address that went away, die. */
  deviceDown(ifindex: number): void {
    for (const entry of this.#entries.values()) if (entry.masqIfindex === ifindex) this.kill(entry);
  }
  addressRemoved(address: Ipv4): void {
    for (const entry of this.#entries.values()) if (entry.masqIfindex !== 0 && entry.reply.dst === address) this.kill(entry);
  }

  /** Live entries in order of confirmation. */
  entries(): ReadonlyMap<number, ConntrackEntry> {
    this.sweep();
    return this.#entries;
  }
  get counters(): Readonly<Stats> {
    return this.#stats;
  }

  /** Events from now on; while anybody listens, entries go on time. */
  listen(listener: (event: CtEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#awake();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#wake?.cancel();
      this.#wakeAt = Infinity;
    };
  }

  door(): ConntrackDoor {
    return conntrackDoor(this);
  }
}
