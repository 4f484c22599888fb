/**
 * Which speakers are alive: memberlist.
 * Read first: github.com/hashicorp/memberlist (SWIM), metallb internal/speakerlist.
 * Models: memberlist's LAN profile by its timers: a peer is probed every second in turn, a probe that fails makes it suspect for everybody, and after the
 * suspicion time of small clusters it is dead; whoever stops in order says so and is forgotten at once.
 * Not modelled: the packets. Gossip, probes and push/pull on port 7946 are not sent (six packets a second would bury every capture); a node is held for alive
 * while its speaker runs, so a cut between nodes that live makes no second owner here, as it would upstream.
 */
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import { WaitQueue } from '../../../engine/sim/process.ts';
import type { Prng } from '../../../base/prng.ts';
import type { ApiServer } from '../../api/server.ts';

const PROBE_INTERVAL = seconds(1);
/** suspicionTimeout: SuspicionMult 4 · max(1, log10 n) · probe interval. */
const SUSPICION = seconds(4);
const PUSH_PULL = seconds(30);
export const MEMBERLIST_PORT = 7946;

interface Peer {
  readonly addr: string;
  /** When its process last showed a sign of life. */
  seen: Nanos;
  suspected: Nanos | undefined;
}

export interface MemberEvent {
  readonly type: 'NodeJoin' | 'NodeLeave';
  readonly name: string;
  readonly addr: string;
}

/** What the members tell each other. */
class Ring {
  readonly peers = new Map<string, Peer>();
  readonly changed = new WaitQueue();
}

/** One ring per cluster, as the shared secret makes it. */
const RINGS = new WeakMap<ApiServer, Ring>();

export class Members {
  readonly #ring: Ring;
  readonly #name: string;
  readonly #random: Prng;
  readonly #alive = new Map<string, string>();
  #order: string[] = [];
  #nextProbe: Nanos;
  #nextSync: Nanos;

  constructor(store: ApiServer, name: string, addr: string, now: Nanos, random: Prng) {
    this.#ring = RINGS.get(store) ?? new Ring();
    RINGS.set(store, this.#ring);
    this.#name = name;
    this.#random = random;
    this.#ring.peers.set(name, { addr, seen: now, suspected: undefined });
    this.#nextProbe = plus(now, PROBE_INTERVAL);
    this.#nextSync = plus(now, seconds(random.below(30_000) / 1000));
    this.#ring.changed.wake();
  }

  /** Woken when somebody joins or leaves. */
  get changed(): WaitQueue {
    return this.#ring.changed;
  }

  /** Speakers held for alive, this one included. */
  get usable(): readonly string[] {
    return [...this.#alive.keys()];
  }

  get due(): Nanos {
    const suspicions = [...this.#ring.peers].flatMap(([name, p]) => (p.suspected === undefined || !this.#alive.has(name) ? [] : [plus(p.suspected, SUSPICION)]));
    return [this.#nextProbe, this.#nextSync, ...suspicions].reduce((a, b) => (b < a ? b : a));
  }

  /** One look around: what changed since the last. `sync`: whom a push/pull would go to now. */
  poll(now: Nanos): { readonly events: readonly MemberEvent[]; readonly sync: string | undefined } {
    const { peers } = this.#ring;
    const own = peers.get(this.#name);
    if (own !== undefined) Object.assign(own, { seen: now, suspected: undefined });
    if (now >= this.#nextProbe) {
      this.#probe(now);
      this.#nextProbe = plus(now, PROBE_INTERVAL);
    }
    const events: MemberEvent[] = [];
    for (const [name, p] of peers) {
      const dead = p.suspected !== undefined && now >= plus(p.suspected, SUSPICION);
      if (!dead && !this.#alive.has(name)) {
        this.#alive.set(name, p.addr);
        events.push({ type: 'NodeJoin', name, addr: p.addr });
      } else if (dead) this.#drop(name, events);
    }
    for (const name of [...this.#alive.keys()]) if (!peers.has(name)) this.#drop(name, events);
    return { events, sync: this.#sync(now) };
  }

  /** Says goodbye. */
  leave(): void {
    this.#ring.peers.delete(this.#name);
    this.#ring.changed.wake();
  }

  #drop(name: string, events: MemberEvent[]): void {
    const addr = this.#alive.get(name);
    if (addr === undefined || name === this.#name) return;
    this.#alive.delete(name);
    events.push({ type: 'NodeLeave', name, addr });
  }

  #probe(now: Nanos): void {
    if (this.#order.length === 0) {
      const others = [...this.#ring.peers.keys()].filter((n) => n !== this.#name);
      while (others.length > 0) this.#order.push(...others.splice(this.#random.below(others.length), 1));
    }
    const peer = this.#ring.peers.get(this.#order.shift() ?? '');
    if (peer === undefined) return;
    const silent = now > plus(peer.seen, PROBE_INTERVAL);
    if (!silent) peer.suspected = undefined;
    else if (peer.suspected === undefined) {
      peer.suspected = now;
      this.#ring.changed.wake();
    }
  }

  #sync(now: Nanos): string | undefined {
    if (now < this.#nextSync) return undefined;
    this.#nextSync = plus(now, PUSH_PULL);
    const others = [...this.#alive].filter(([name]) => name !== this.#name);
    const [name, addr] = others[others.length === 0 ? 0 : this.#random.below(others.length)] ?? [];
    return name === undefined || addr === undefined ? undefined : `${name} ${addr}:${MEMBERLIST_PORT}`;
  }
}
