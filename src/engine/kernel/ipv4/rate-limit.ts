/**
 * Read first: inet_peer_xrlim_allow (net/ipv4/inetpeer.c), icmp_global_allow (icmp.c), ip_error and ip_rt_send_redirect (route.c).
 * Models: v6.1, HZ 250. The three users share one token count per peer: a redirect empties it, so that the error
 * which follows at once is not sent.
 */
import type { Prng } from '../../../base/prng.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { Nanos } from '../../sim/time.ts';

/** Milliseconds at the kernel's resolution (4 ms). */
const clock = (now: Nanos): number => Math.floor(now / 4e6) * 4;

const BURST_FACTOR = 6; // XRLIM_BURST_FACTOR
const JIFFY = 4; // ms
const ERROR_COST = 1000; // ip_rt_error_cost: HZ, ms
const ERROR_BURST = 5000; // ip_rt_error_burst

/** net.ipv4.route.redirect_*; times in jiffies. */
export interface RedirectLimits {
  readonly number: number;
  readonly load: number;
  readonly silence: number;
}

interface Peer {
  tokens: number;
  last: number;
  redirects: number;
}

/** inet_peer: what is remembered about who was told off. */
export class Peers {
  readonly #peers = new Map<Ipv4, Peer>();

  #peer(address: Ipv4, now: number): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) this.#peers.set(address, (peer = { tokens: 0, last: now - 60_000, redirects: 0 }));
    return peer;
  }

  /** One error per `timeout` ms, six in a burst. */
  xrlimAllow(address: Ipv4, timeout: number, at: Nanos): boolean {
    if (timeout === 0) return true;
    const now = clock(at);
    const peer = this.#peer(address, now);
    peer.tokens = Math.min(peer.tokens + now - peer.last, BURST_FACTOR * timeout);
    peer.last = now;
    if (peer.tokens < timeout) return false;
    peer.tokens -= timeout;
    return true;
  }

  /** ip_error: may an unreachable for a packet without a route be sent? */
  errorAllow(address: Ipv4, at: Nanos): boolean {
    const now = clock(at);
    const peer = this.#peer(address, now);
    peer.tokens = Math.min(peer.tokens + now - peer.last, ERROR_BURST);
    peer.last = now;
    if (peer.tokens < ERROR_COST) return false;
    peer.tokens -= ERROR_COST;
    return true;
  }

  /** ip_rt_send_redirect: with growing pauses, so many at most, until the sender was silent. */
  redirectAllow(address: Ipv4, limits: RedirectLimits, at: Nanos): boolean {
    const now = clock(at);
    const peer = this.#peer(address, now);
    if (now > peer.last + limits.silence * JIFFY) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= limits.number) {
      peer.last = now;
      return false;
    }
    if (peer.redirects !== 0 && now <= peer.last + limits.load * JIFFY * 2 ** peer.redirects) return false;
    return true;
  }

  redirectSent(address: Ipv4, at: Nanos): void {
    const now = clock(at);
    const peer = this.#peer(address, now);
    peer.last = now;
    peer.redirects++;
  }
}

/** icmp_global: icmp_msgs_per_sec with a burst, and a little noise so that nobody can count it. */
export class GlobalLimit {
  readonly #random: Prng;
  #credit = 0;
  #stamp = -1000;

  constructor(random: Prng) {
    this.#random = random;
  }

  allow(perSecond: number, burst: number, at: Nanos): boolean {
    const now = clock(at);
    const delta = Math.min(now - this.#stamp, 1000);
    if (delta >= 20) {
      const more = Math.floor((perSecond * delta) / 1000);
      if (more > 0) {
        this.#stamp = now;
        this.#credit = Math.min(this.#credit + more, burst);
      }
    }
    if (this.#credit === 0) return false;
    this.#credit = Math.max(this.#credit - this.#random.below(3), 0);
    return true;
  }
}

