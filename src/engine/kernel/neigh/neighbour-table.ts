/**
 * Read first: net/core/neighbour.c (__neigh_event_send, neigh_timer_handler, __neigh_update), arp(7).
 * Models: v6.1. A REACHABLE entry's timer ends in STALE, where nothing more happens until somebody uses it.
 * Not modelled: garbage collection (it leaves tables of fewer than gc_thresh1 = 128 entries alone), app_solicit, managed entries.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import type { Prng } from '../../../base/prng.ts';
import { done } from '../../../base/result.ts';
import { millis, minus, nanos, plus, seconds, type Nanos } from '../../sim/time.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, NudState } from '../../uapi/rtnetlink.ts';
import { ANY, isMulticast, mac as macOf, MAC_BROADCAST, MAC_ZERO, type Ipv4, type Mac } from '../../wire/addresses.ts';
import { ETH_P_ARP, ETH_P_IP } from '../../wire/packet.ts';
import { drop } from '../drop.ts';
import { journalOf } from '../journal.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { devQueueXmit } from '../tx.ts';
import { arpReceive, gratuitousArp, solicit } from './arp.ts';
import { isConnected, isInTimer, isValid, Neighbour, neighKey } from './neighbour.ts';
import type { NeighRow } from './rows.ts';

/** neigh_rand_reach_time is drawn again this often. */
const RERANDOMISE = seconds(300);
/** HZ/100: the timer does not run more often. */
const TIMER_STEP = millis(10);
const ICMP_DEST_UNREACH = 3;
const ICMP_HOST_UNREACH = 1;

interface DeviceNeighbours {
  readonly byIp: Map<Ipv4, Neighbour>;
  reachableTime: Nanos;
  /** base_reachable_time_ms and when reachableTime was drawn from it. */
  base: number;
  drawn: Nanos;
}

export interface UpdateFlags {
  readonly override?: boolean;
  readonly admin?: boolean;
}

export class NeighbourTable {
  readonly rows: JournaledTable<NeighRow>;
  readonly ns: Netns;
  readonly #devices = new Map<NetDevice, DeviceNeighbours>();
  readonly #random: Prng;

  constructor(ns: Netns) {
    this.ns = ns;
    this.rows = new JournaledTable(`${ns.id}/neigh`, journalOf(ns));
    this.#random = ns.machine.random.fork(`neigh/${ns.name}`);
  }

  get #now(): Nanos {
    return this.ns.machine.world.scheduler.now;
  }

  /** neigh_output and neigh_resolve_output. */
  output(skb: Skb, dev: NetDevice, nexthop: Ipv4): void {
    let entry = this.#devices.get(dev)?.byIp.get(nexthop);
    if (entry === undefined) {
      const fixed = this.#fixedMac(dev, nexthop);
      if (fixed !== undefined) return this.#send(skb, dev, fixed);
      entry = this.create(dev, nexthop);
    }
    // A connected entry with a cached header is used without touching it: `used` grows old, so it ends in STALE while in use.
    if (!entry.headerCached || !isConnected(entry.state)) {
      entry.used = this.#now;
      if (!this.#eventSend(entry, skb)) return;
      entry.headerCached = true;
    }
    const resolved = entry.mac ?? MAC_ZERO;
    const { recorder } = this.ns.machine.world;
    if (recorder.on) {
      recorder.write({
        kind: 'neigh', ns: this.ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: dev.name, ip: nexthop, state: entry.state, mac2: resolved, outcome: 'resolved',
      });
    }
    this.#send(skb, dev, resolved);
  }

  /** The MAC for a bridged DNAT's fast way: a connected entry that has sent before (hh_cache). */
  hardwareHeader(ip: Ipv4, dev: NetDevice): Mac | undefined {
    const entry = this.#devices.get(dev)?.byIp.get(ip) ?? this.create(dev, ip);
    return entry.headerCached && isConnected(entry.state) ? entry.mac : undefined;
  }

  arpReceive(dev: NetDevice, skb: Skb): void {
    arpReceive(this, dev, skb);
  }

  /** dst_confirm_neigh: the transport heard from beyond the next hop. */
  confirm(ip: Ipv4, dev: NetDevice): void {
    const entry = this.#devices.get(dev)?.byIp.get(ip);
    if (entry !== undefined) entry.confirmed = this.#now;
  }

  lookup(ip: Ipv4, dev: NetDevice): Neighbour | undefined {
    return this.#devices.get(dev)?.byIp.get(ip);
  }

  /** neigh_event_ns: a request for us names its sender. */
  learnFromRequest(dev: NetDevice, ip: Ipv4, mac: Mac): void {
    this.update(this.lookup(ip, dev) ?? this.create(dev, ip), mac, 'STALE', { override: true });
  }

  /** __neigh_update */
  update(entry: Neighbour, lladdr: Mac | undefined, wanted: NudState, flags: UpdateFlags): Ack {
    const { row } = entry;
    const old = row.state;
    let next = wanted;
    if (flags.admin !== true && (old === 'NOARP' || old === 'PERMANENT')) return refuse('EPERM');
    if (!isValid(next)) {
      this.#stopTimer(entry);
      this.#setState(entry, next);
      if ((old === 'INCOMPLETE' || old === 'PROBE') && next === 'FAILED') this.#invalidate(entry);
      return done;
    }
    const known = isValid(old) ? row.mac : undefined;
    if (lladdr === undefined && known === undefined) return refuse('EINVAL', 'No link layer address given');
    let address = lladdr ?? known;
    if (isConnected(next)) entry.confirmed = this.#now;
    if (isValid(old)) {
      if (address !== row.mac && flags.override !== true) return done;
      // A hint that says nothing new does not make a good entry suspect.
      if (address === row.mac && next === 'STALE' && flags.admin !== true) next = old;
    }
    address ??= row.mac;
    if (next !== old) {
      this.#stopTimer(entry);
      if (next === 'PROBE') entry.probes = 0;
    }
    if (next !== old || address !== row.mac) {
      const changed = address !== row.mac;
      if (changed && !isConnected(next)) entry.confirmed = minus(this.#now, millis(2 * this.#parms(entry.dev).base_reachable_time_ms));
      this.#write(entry, { state: next, mac: address, updated: this.#now });
    }
    if (next !== old && isInTimer(next)) this.#arm(entry, next === 'REACHABLE' ? plus(this.#now, this.#reachableTime(entry.dev)) : this.#now);
    if (!isValid(old)) {
      const waiting = entry.queue.splice(0);
      for (const skb of waiting) this.#resume(skb, entry);
    }
    return done;
  }

  deviceAdded(dev: NetDevice): void {
    this.#devices.set(dev, { byIp: new Map(), reachableTime: nanos(0), base: 0, drawn: nanos(0) });
  }

  deviceRemoved(dev: NetDevice): void {
    this.#flush(dev, true);
    this.#devices.delete(dev);
  }

  deviceUp(dev: NetDevice): void {
    if (this.ns.sysctl.maxConf(dev, 'arp_notify') !== 0) gratuitousArp(this.ns, dev);
  }

  /** neigh_ifdown */
  deviceDown(dev: NetDevice): void {
    this.#flush(dev, true);
  }

  /** neigh_carrier_down (arp_evict_nocarrier) */
  carrierLost(dev: NetDevice): void {
    this.#flush(dev, false);
  }

  /** neigh_changeaddr, and arp_notify. */
  addressChanged(dev: NetDevice): void {
    this.#flush(dev, true);
    if (dev.up && this.ns.sysctl.maxConf(dev, 'arp_notify') !== 0) gratuitousArp(this.ns, dev);
  }

  deviceRenamed(dev: NetDevice): void {
    const entries = this.#devices.get(dev)?.byIp;
    for (const [ip, entry] of [...(entries ?? [])]) {
      this.rows.delete(entry.key);
      const moved = new Neighbour(dev, ip, { ...entry.row, dev: dev.name }, entry.confirmed);
      this.rows.insert(moved.key, moved.row);
      moved.headerCached = entry.headerCached;
      this.#stopTimer(entry);
      entries?.set(ip, moved);
      if (isInTimer(moved.state)) this.#arm(moved, this.#now);
    }
  }

  *entries(): IterableIterator<Neighbour> {
    for (const { byIp } of this.#devices.values()) yield* byIp.values();
  }

  // the state machine

  /** __neigh_event_send. True: the packet may go now. */
  #eventSend(entry: Neighbour, skb: Skb): boolean {
    const parms = this.#parms(entry.dev);
    const { state } = entry;
    if (isConnected(state) || state === 'DELAY' || state === 'PROBE') return true;
    if (state === 'STALE') {
      this.#setState(entry, 'DELAY');
      this.#arm(entry, plus(this.#now, seconds(parms.delay_first_probe_time)));
      return true;
    }
    let first = false;
    if (state !== 'INCOMPLETE') {
      if (parms.mcast_solicit + parms.app_solicit === 0) {
        this.#setState(entry, 'FAILED');
        this.#traceQueued(entry, skb, 'failed');
        drop(this.ns, skb, 'NEIGH_FAILED', neighKey(entry.dev, entry.ip));
        return false;
      }
      entry.probes = parms.ucast_solicit;
      this.#setState(entry, 'INCOMPLETE');
      this.#arm(entry, plus(this.#now, millis(parms.retrans_time_ms)));
      first = true;
    }
    if (entry.queue.length >= parms.unres_qlen) {
      const oldest = entry.queue.shift();
      if (oldest !== undefined) drop(this.ns, oldest, 'NEIGH_QUEUEFULL', entry.key);
    }
    entry.queue.push(skb);
    this.#traceQueued(entry, skb, 'queued');
    if (first) this.#probe(entry);
    return false;
  }

  /** neigh_timer_handler */
  #onTimer(entry: Neighbour): void {
    entry.timer = undefined;
    const parms = this.#parms(entry.dev);
    const now = this.#now;
    let next = plus(now, seconds(1));
    switch (entry.state) {
      case 'REACHABLE':
        if (now <= entry.confirmed + this.#reachableTime(entry.dev)) {
          next = plus(entry.confirmed, this.#reachableTime(entry.dev));
        } else if (now <= entry.used + seconds(parms.delay_first_probe_time)) {
          this.#setState(entry, 'DELAY');
          next = plus(now, seconds(parms.delay_first_probe_time));
        } else {
          this.#setState(entry, 'STALE');
        }
        break;
      case 'DELAY':
        if (now <= entry.confirmed + seconds(parms.delay_first_probe_time)) {
          this.#setState(entry, 'REACHABLE');
          next = plus(entry.confirmed, this.#reachableTime(entry.dev));
        } else {
          this.#setState(entry, 'PROBE');
          entry.probes = 0;
          next = plus(now, millis(parms.retrans_time_ms));
        }
        break;
      case 'PROBE':
      case 'INCOMPLETE':
        next = plus(now, millis(parms.retrans_time_ms));
        break;
      default:
        return;
    }
    const probing = entry.state === 'PROBE' || entry.state === 'INCOMPLETE';
    if (probing && entry.probes >= this.#maxProbes(entry)) {
      this.#setState(entry, 'FAILED');
      this.#invalidate(entry);
      return;
    }
    if (isInTimer(entry.state)) this.#arm(entry, next < now + TIMER_STEP ? plus(now, TIMER_STEP) : next);
    if (probing) this.#probe(entry);
  }

  /** neigh_max_probes: unicast ones count as done for an entry that never had an address. */
  #maxProbes(entry: Neighbour): number {
    const parms = this.#parms(entry.dev);
    return parms.ucast_solicit + parms.app_solicit + (entry.state === 'PROBE' ? parms.mcast_resolicit : parms.mcast_solicit);
  }

  /** neigh_probe */
  #probe(entry: Neighbour): void {
    const unicast = entry.probes < this.#parms(entry.dev).ucast_solicit ? entry.mac : undefined;
    entry.probes++;
    solicit(this.ns, entry.dev, entry.ip, unicast, entry.queue.at(-1));
  }

  /** neigh_invalidate: arp_error_report for every packet that waited. */
  #invalidate(entry: Neighbour): void {
    this.#write(entry, { updated: this.#now });
    for (let skb = entry.queue.shift(); skb !== undefined; skb = entry.queue.shift()) {
      this.#traceQueued(entry, skb, 'failed');
      this.ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
      drop(this.ns, skb, 'NEIGH_FAILED', entry.key);
    }
  }

  #resume(skb: Skb, entry: Neighbour): void {
    const world = this.ns.machine.world;
    const cause = world.cause;
    world.cause = skb.id;
    this.output(skb, entry.dev, entry.ip);
    world.cause = cause;
  }

  #arm(entry: Neighbour, at: Nanos): void {
    entry.timer?.cancel();
    entry.timer = this.ns.machine.world.scheduler.at(at, () => {
      const world = this.ns.machine.world;
      const cause = world.cause;
      world.cause = undefined;
      this.#onTimer(entry);
      world.cause = cause;
    });
  }

  #stopTimer(entry: Neighbour): void {
    entry.timer?.cancel();
    entry.timer = undefined;
  }

  #setState(entry: Neighbour, state: NudState): void {
    if (entry.row.state !== state) this.#write(entry, { state, updated: this.#now });
  }

  /** A new entry is shown from its first state on. */
  #write(entry: Neighbour, changes: Partial<NeighRow>): void {
    if (this.rows.has(entry.key)) this.rows.patch(entry.key, changes);
    else this.rows.insert(entry.key, Object.assign(entry.row, changes));
  }

  /** neigh_create, arp_constructor */
  create(dev: NetDevice, ip: Ipv4): Neighbour {
    const now = this.#now;
    const fixed = this.#fixedMac(dev, ip);
    const row: NeighRow = { ifindex: dev.ifindex, dev: dev.name, ip, mac: fixed, state: fixed === undefined ? 'NONE' : 'NOARP', updated: now };
    const entry = new Neighbour(dev, ip, row, minus(now, millis(2 * this.#parms(dev).base_reachable_time_ms)));
    if (fixed !== undefined) this.rows.insert(entry.key, row);
    this.#devices.get(dev)?.byIp.set(ip, entry);
    return entry;
  }

  remove(entry: Neighbour): void {
    this.#stopTimer(entry);
    for (const skb of entry.queue.splice(0)) drop(this.ns, skb, 'NEIGH_DEAD', entry.key);
    this.#devices.get(entry.dev)?.byIp.delete(entry.ip);
    this.rows.delete(entry.key);
  }

  #flush(dev: NetDevice, permanentToo: boolean): void {
    for (const entry of [...(this.#devices.get(dev)?.byIp.values() ?? [])]) if (permanentToo || entry.state !== 'PERMANENT') this.remove(entry);
  }

  /** Addresses that need no entry in the table: loopback, groups, broadcasts, devices without ARP (NUD_NOARP in Linux). */
  #fixedMac(dev: NetDevice, ip: Ipv4): Mac | undefined {
    if (dev.kind === 'loopback') return MAC_ZERO;
    if (isMulticast(ip)) return macOf(0x01005e000000 + (ip & 0x7fffff));
    if (dev.noArp) return dev.mac;
    if (this.#devices.get(dev)?.byIp.has(ip) === true) return undefined;
    const type = this.ns.fib.addressType(ip, dev);
    return ip === ANY || type === 'broadcast' ? MAC_BROADCAST : undefined;
  }

  #parms(dev: NetDevice): ReturnType<Netns['sysctl']['neigh']> {
    return this.ns.sysctl.neigh(dev);
  }

  #reachableTime(dev: NetDevice): Nanos {
    const device = this.#devices.get(dev);
    const base = this.#parms(dev).base_reachable_time_ms;
    if (device === undefined) return millis(base);
    if (device.base !== base || device.drawn + RERANDOMISE < this.#now) {
      // neigh_rand_reach_time: between half and one and a half of the base.
      device.reachableTime = millis(base / 2 + this.#random.below(base));
      device.base = base;
      device.drawn = this.#now;
    }
    return device.reachableTime;
  }

  #send(skb: Skb, dev: NetDevice, dst: Mac): void {
    skb.mac = { dst, src: dev.mac, etherType: skb.net.kind === 'arp' ? ETH_P_ARP : ETH_P_IP };
    devQueueXmit(dev, skb);
  }

  #traceQueued(entry: Neighbour, skb: Skb, outcome: 'queued' | 'failed'): void {
    const { recorder } = this.ns.machine.world;
    if (!recorder.on) return;
    recorder.write({
      kind: 'neigh', ns: this.ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: entry.dev.name, ip: entry.ip, state: entry.state, mac2: undefined, outcome,
    });
  }
}
