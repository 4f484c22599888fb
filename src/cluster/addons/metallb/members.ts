/**
 * Which speakers are alive: memberlist.
 * Read first: github.com/hashicorp/memberlist (SWIM), metallb internal/speakerlist; facts 5.5.
 * Models: memberlist's LAN profile over UDP 7946: a peer is probed every second in turn; without an answer in 500 ms up to three others are asked to probe it; at the end
 * of the second it is suspect, and 4 s later dead unless it says otherwise; the dead are told so for 30 s, after that speakers join who is missing every minute.
 * After a change somewhere (../../reach/underlay.ts, a speaker that comes or goes) everybody probes until each peer has answered twice or is given up, then nobody does.
 * Not modelled: push/pull and the TCP fallback of probes, encryption (messages are words), gossip of who is alive, the awareness score.
 */
import type { Prng } from '../../../base/prng.ts';
import type { WaitQueue } from '../../../engine/sim/process.ts';
import { millis, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Endpoint, UdpSocket } from '../../../engine/uapi/sockets.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import { fromUtf8, utf8 } from '../../../engine/wire/bytes.ts';
import type { Underlay } from '../../reach/underlay.ts';
import type { Pod, Ring } from './ring.ts';

const PROBE_SECONDS = 1;
const PROBE_INTERVAL = seconds(PROBE_SECONDS);
const PROBE_TIMEOUT = millis(500);
const INDIRECT_CHECKS = 3;
/** suspicionTimeout: SuspicionMult 4 · max(1, log10 n) · probe interval. */
const SUSPICION = seconds(4);
const PUSH_PULL = seconds(30);
const GOSSIP_TO_THE_DEAD = seconds(30);
/** metallb's speakerlist. */
const REJOIN_SECONDS = 60;
export const MEMBERLIST_PORT = 7946;
/** Answers of a peer, and joins in vain, after which nobody asks any more. */
const STABLE = { answers: 2, joins: 3 } as const;

export interface MemberEvent {
  readonly type: 'NodeJoin' | 'NodeLeave';
  readonly name: string;
  readonly addr: string;
}

interface Peer {
  readonly addr: string;
  alive: boolean;
  suspected: Nanos | undefined;
  died: Nanos | undefined;
  answers: number;
}

interface Probe {
  readonly name: string;
  readonly seq: number;
  readonly at: Nanos;
  indirect: boolean;
}

export interface MembersOptions {
  readonly kernel: Kernel;
  readonly ring: Ring;
  readonly underlay: Underlay | undefined;
  readonly name: string;
  readonly addr: string;
  readonly random: Prng;
}

const endpoint = (addr: string): Endpoint | undefined => ((address) => (address === undefined ? undefined : { address, port: MEMBERLIST_PORT }))(parseIpv4(addr));

/** The next full period after `now`, counted from `from`. */
const next = (from: Nanos, now: Nanos, period: number): Nanos => plus(from, seconds((Math.floor((now - from) / seconds(period)) + 1) * period));

export class Members {
  readonly #o: MembersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #own: Pod;
  readonly #socket: UdpSocket;
  readonly #stops: (() => void)[];
  readonly #started: Nanos;
  /** Probes done for others: whom to tell. */
  readonly #relays = new Map<number, { readonly to: Endpoint; readonly seq: string }>();
  readonly #events: MemberEvent[] = [];
  #order: string[] = [];
  #probe: Probe | undefined;
  #seq = 0;
  #seen = '';
  #awake = false;
  #joins = 0;
  #nextProbe: Nanos;
  #nextJoin: Nanos;
  #nextSync: Nanos;

  constructor(options: MembersOptions) {
    const { kernel, ring, underlay, name, addr, random } = options;
    const { now } = kernel.clock;
    this.#o = options;
    this.#started = now;
    this.#nextProbe = plus(now, PROBE_INTERVAL);
    this.#nextJoin = next(now, now, REJOIN_SECONDS);
    this.#nextSync = plus(now, seconds(random.below(30_000) / 1000));
    this.#socket = kernel.sockets.udp();
    const local = endpoint(addr);
    if (local !== undefined) this.#socket.bind(local);
    this.#stops = underlay === undefined ? [] : [underlay.watch(() => ring.changed.wake())];
    this.#own = { addr, running: true };
    ring.peers.set(name, this.#own);
    ring.tell();
  }

  /** Woken when there is something to look at. */
  get ready(): readonly WaitQueue[] {
    return [this.#o.ring.changed, this.#socket.readable];
  }

  /** Speakers held for alive, this one included. */
  get usable(): readonly string[] {
    return [...this.#peers].flatMap(([name, p]) => (p.alive ? [name] : []));
  }

  get due(): Nanos {
    const times = [this.#nextSync];
    if (this.#awake) times.push(this.#nextProbe, this.#nextJoin);
    if (this.#probe?.indirect === false) times.push(plus(this.#probe.at, PROBE_TIMEOUT));
    for (const { alive, suspected } of this.#peers.values()) if (alive && suspected !== undefined) times.push(plus(suspected, SUSPICION));
    return times.reduce((a, b) => (b < a ? b : a));
  }

  /** One look around: what changed since the last. `sync`: whom a push/pull would go to now. */
  poll(now: Nanos): { readonly events: readonly MemberEvent[]; readonly sync: string | undefined } {
    this.#lookAround(now);
    for (let got = this.#socket.recv(); got !== undefined; got = this.#socket.recv()) this.#take(fromUtf8(got.bytes).split(' '), got.from, now);
    this.#probeAnswer(now);
    for (const [name, p] of this.#peers) if (p.alive && p.suspected !== undefined && now >= plus(p.suspected, SUSPICION)) this.#bury(name, p, now);
    if (this.#awake && now >= this.#nextProbe) this.#tick(now);
    if (now >= this.#nextJoin) this.#join(now);
    this.#awake &&= !this.#stable(now);
    return { events: this.#events.splice(0), sync: this.#sync(now) };
  }

  /** Says goodbye. */
  leave(): void {
    const { ring, name } = this.#o;
    if (ring.peers.get(name) === this.#own) ring.peers.delete(name);
  }

  /** The process ends, in order or not. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#socket.close();
    this.#own.running = false;
    this.#o.ring.tell();
  }

  /** Takes in who came and who said goodbye. While nothing ever changed between the machines, everybody is heard. */
  #lookAround(now: Nanos): void {
    const { ring, underlay, name } = this.#o;
    const seen = `${ring.changes} ${underlay?.changes ?? 0}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    const trusting = (underlay?.changes ?? 0) === 0;
    for (const [peer, { addr, running }] of ring.peers) {
      const known = this.#peers.get(peer);
      if (known !== undefined && known.addr === addr && known.alive) continue;
      if (known === undefined) this.#peers.set(peer, { addr, alive: false, suspected: undefined, died: undefined, answers: 0 });
      if ((trusting && running) || peer === name) this.#revive(peer);
      else if (known === undefined) this.#send(addr, ['join']);
    }
    for (const [peer, p] of this.#peers) {
      if (ring.peers.has(peer)) continue;
      if (p.alive) this.#events.push({ type: 'NodeLeave', name: peer, addr: p.addr });
      this.#peers.delete(peer);
    }
    if (trusting && ![...ring.peers].some(([peer, { running }]) => !running && this.#peers.get(peer)?.alive === true)) return;
    this.#awake = true;
    this.#joins = 0;
    for (const p of this.#peers.values()) p.answers = 0;
    this.#nextProbe = next(this.#started, now, PROBE_SECONDS);
    this.#nextJoin = next(this.#started, now, REJOIN_SECONDS);
  }

  #others(): readonly (readonly [string, Peer])[] {
    return [...this.#peers].filter(([name]) => name !== this.#o.name);
  }

  #send(addr: string, words: readonly (string | number)[]): void {
    const to = endpoint(addr);
    if (to !== undefined) this.#socket.send(utf8(words.join(' ')), to);
  }

  #revive(name: string): void {
    const p = this.#peers.get(name);
    if (p === undefined) return;
    p.suspected = undefined;
    if (p.alive) return;
    Object.assign(p, { alive: true, died: undefined, answers: 0 });
    this.#events.push({ type: 'NodeJoin', name, addr: p.addr });
  }

  #bury(name: string, p: Peer, now: Nanos): void {
    Object.assign(p, { alive: false, suspected: undefined, died: now });
    this.#events.push({ type: 'NodeLeave', name, addr: p.addr });
    this.#broadcast(['dead', name], name);
  }

  #broadcast(words: readonly [string, string], except: string): void {
    for (const [name, p] of this.#others()) if (p.alive && name !== except) this.#send(p.addr, words);
  }

  #take([what, first = '', second = '']: readonly string[], from: Endpoint, now: Nanos): void {
    const me = this.#o.name;
    const reply = (words: readonly (string | number)[]): void => void this.#socket.send(utf8(words.join(' ')), from);
    const peer = this.#peers.get(first);
    switch (what) {
      case 'ping': // seq
        return reply(['ack', first]);
      case 'ack':
        return this.#answered(Number(first));
      case 'indirect': { // seq, whom
        const addr = this.#peers.get(second)?.addr ?? '';
        this.#relays.set(++this.#seq, { to: from, seq: first });
        return this.#send(addr, ['ping', this.#seq]);
      }
      case 'join':
        return reply(['welcome', me]);
      case 'welcome': // both ways are there
        this.#revive(first);
        return reply(['alive', me]);
      case 'alive': // who: the only word that lifts a suspicion or a death
        return this.#revive(first);
      case 'suspect': // whom
      case 'dead':
        if (first === me) {
          this.#broadcast(['alive', me], '');
          return reply(['alive', me]);
        }
        if (peer?.alive !== true) return undefined;
        if (what === 'dead') return this.#bury(first, peer, now);
        peer.suspected ??= now;
        return undefined;
      default:
        return undefined;
    }
  }

  #answered(seq: number): void {
    const relay = this.#relays.get(seq);
    if (relay !== undefined) {
      this.#relays.delete(seq);
      this.#socket.send(utf8(`ack ${relay.seq}`), relay.to);
    }
    if (this.#probe?.seq !== seq) return;
    const peer = this.#peers.get(this.#probe.name);
    this.#revive(this.#probe.name);
    if (peer !== undefined) peer.answers++;
    this.#probe = undefined;
  }

  /** Asks others when the peer itself is silent; suspects it when they hear nothing either. */
  #probeAnswer(now: Nanos): void {
    const probe = this.#probe;
    if (probe === undefined) return;
    const peer = this.#peers.get(probe.name);
    if (now >= plus(probe.at, PROBE_INTERVAL)) {
      this.#probe = undefined;
      if (peer?.alive !== true || peer.suspected !== undefined) return;
      peer.suspected = now;
      this.#broadcast(['suspect', probe.name], '');
    } else if (!probe.indirect && now >= plus(probe.at, PROBE_TIMEOUT)) {
      probe.indirect = true;
      const helpers = this.#others().filter(([name, p]) => p.alive && p.suspected === undefined && name !== probe.name).slice(0, INDIRECT_CHECKS);
      for (const [, p] of helpers) this.#send(p.addr, ['indirect', probe.seq, probe.name]);
    }
  }

  /** The next of the round, and a word to those that died of late. */
  #tick(now: Nanos): void {
    this.#nextProbe = plus(this.#nextProbe, PROBE_INTERVAL);
    for (const [name, p] of this.#others()) if (p.died !== undefined && now < plus(p.died, GOSSIP_TO_THE_DEAD)) this.#send(p.addr, ['dead', name]);
    if (this.#order.length === 0) {
      const others = this.#others().map(([name]) => name);
      while (others.length > 0) this.#order.push(...others.splice(this.#o.random.below(others.length), 1));
    }
    let name = this.#order.shift();
    while (name !== undefined && this.#peers.get(name)?.alive !== true) name = this.#order.shift();
    const peer = this.#peers.get(name ?? '');
    if (name === undefined || peer === undefined) return;
    this.#probe = { name, seq: ++this.#seq, at: now, indirect: false };
    this.#send(peer.addr, ['ping', this.#seq]);
  }

  #join(now: Nanos): void {
    this.#nextJoin = next(this.#started, now, REJOIN_SECONDS);
    if (!this.#awake) return;
    this.#joins++;
    for (const [, p] of this.#others()) if (!p.alive) this.#send(p.addr, ['join']);
  }

  /** Nothing would come out differently any more. */
  #stable(now: Nanos): boolean {
    return this.#probe === undefined && this.#others().every(([, p]) => (p.alive ? p.suspected === undefined && p.answers >= STABLE.answers
      : this.#joins >= STABLE.joins && (p.died === undefined || now >= plus(p.died, GOSSIP_TO_THE_DEAD))));
  }

  #sync(now: Nanos): string | undefined {
    if (now < this.#nextSync) return undefined;
    this.#nextSync = plus(now, PUSH_PULL);
    const others = this.#others().filter(([, p]) => p.alive);
    const [name, peer] = others[others.length === 0 ? 0 : this.#o.random.below(others.length)] ?? [];
    return name === undefined || peer === undefined ? undefined : `${name} ${peer.addr}:${MEMBERLIST_PORT}`;
  }
}
