/**
 * Read first: __ip_select_ident, ip_idents_reserve (net/ipv4/route.c).
 * Models: v6.1: hashed counters with random starts that advance by one plus a random share of the idle time. HZ is 250.
 */
import type { Prng } from '../../../base/prng.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { Nanos } from '../../sim/time.ts';
import { jhash3 } from './lookup.ts';

const BUCKETS = 2048;
const NANOS_PER_JIFFY = 4e6;

export class IpIdents {
  readonly #random: Prng;
  readonly #secret: number;
  /** Buckets that were used: most namespaces use few. */
  readonly #used = new Map<number, { id: number; stamp: number }>();

  constructor(random: Prng) {
    this.#random = random;
    this.#secret = random.u32() | 0;
  }

  next(src: Ipv4, dst: Ipv4, protocol: number, now: Nanos): number {
    const bucket = jhash3(dst, src, protocol, this.#secret) % BUCKETS;
    const jiffies = Math.floor(now / NANOS_PER_JIFFY);
    const last = this.#used.get(bucket);
    const idle = jiffies - (last?.stamp ?? 0);
    const delta = idle > 0 ? this.#random.below(idle) : 0;
    const id = ((last?.id ?? this.#random.below(0x10000)) + delta) & 0xffff;
    this.#used.set(bucket, { id: (id + 1) & 0xffff, stamp: jiffies });
    return id;
  }
}
