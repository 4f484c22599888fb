/**
 * Read first: include/net/netfilter/nf_conntrack_tuple.h, nf_conntrack_proto_icmp.c.
 * Models: a flow's key in one direction, and the hash table of keys. Numbers only: looking up a packet allocates nothing.
 * Not modelled: SipHash with a boot-time key (our hash is fixed, so runs repeat).
 */
import type { CtTuple } from '../../uapi/netfilter.ts';
import { ipv4 } from '../../wire/addresses.ts';
import { IPPROTO_ICMP, type Ipv4Packet, type TransportLayer } from '../../wire/packet.ts';
import type { ConntrackEntry } from './entry.ts';

/** ICMP keeps its id in `sport`, type << 8 | code in `dport`. Protocols without ports keep 0. */
export class Tuple {
  src = 0;
  dst = 0;
  sport = 0;
  dport = 0;
  protocol = 0;
  readonly reply: boolean;
  hash = 0;
  entry: ConntrackEntry | undefined;
  /** Next in the hash chain. */
  next: Tuple | undefined;

  constructor(reply: boolean) {
    this.reply = reply;
  }

  copy(from: Tuple): this {
    this.src = from.src;
    this.dst = from.dst;
    this.sport = from.sport;
    this.dport = from.dport;
    this.protocol = from.protocol;
    return this;
  }

  equals(o: Tuple): boolean {
    return this.src === o.src && this.sport === o.sport && this.dst === o.dst && this.dport === o.dport && this.protocol === o.protocol;
  }
}

/** invmap of nf_conntrack_proto_icmp.c: requests and their answers. */
const ICMP_INVERSE: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };
/** Requests may begin a connection. */
export const ICMP_VALID_NEW: Readonly<Record<number, true>> = { 8: true, 13: true, 15: true, 17: true };

/** nf_ct_get_tuple. False: the transport header is not there (fragment, or an ICMP error, which has no tuple of its own). */
export function tupleOf(p: Ipv4Packet, into: Tuple): boolean {
  into.src = p.src;
  into.dst = p.dst;
  into.protocol = p.protocol;
  return transportKey(p.payload, p.protocol, into);
}

function transportKey(t: TransportLayer, protocol: number, into: Tuple): boolean {
  switch (t.kind) {
    case 'tcp':
    case 'udp':
      into.sport = t.srcPort;
      into.dport = t.dstPort;
      return true;
    case 'icmp':
      into.sport = t.rest >>> 16;
      into.dport = (t.type << 8) | t.code;
      return true;
    case 'data':
      into.sport = 0;
      into.dport = 0;
      if (protocol === 132 && t.bytes.length >= 12) {
        into.sport = ((t.bytes[0] ?? 0) << 8) | (t.bytes[1] ?? 0);
        into.dport = ((t.bytes[2] ?? 0) << 8) | (t.bytes[3] ?? 0);
      }
      return protocol !== 6 && protocol !== 17 && protocol !== IPPROTO_ICMP;
  }
}

/** nf_ct_invert_tuple. False: an ICMP type that has no opposite. */
export function invert(t: Tuple, into: Tuple): boolean {
  const { src, sport } = t;
  into.src = t.dst;
  into.dst = src;
  into.protocol = t.protocol;
  if (t.protocol === IPPROTO_ICMP) {
    const opposite = ICMP_INVERSE[t.dport >> 8];
    into.sport = sport;
    into.dport = ((opposite ?? 0) << 8) | (t.dport & 255);
    return opposite !== undefined;
  }
  into.sport = t.dport;
  into.dport = sport;
  return true;
}

export function toUapiTuple(t: Tuple): CtTuple {
  const icmp = t.protocol === IPPROTO_ICMP;
  return {
    src: ipv4(t.src), dst: ipv4(t.dst), protocol: t.protocol, sport: t.sport, dport: icmp ? 0 : t.dport,
    icmpType: icmp ? t.dport >> 8 : undefined, icmpCode: icmp ? t.dport & 255 : undefined,
  };
}

export function hashOf(t: Tuple): number {
  let h = Math.imul(t.src ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ t.dst, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ ((t.sport << 16) | t.dport), 0x27d4eb2f);
  h ^= t.protocol * 0x165667b1;
  return (h ^ (h >>> 16)) >>> 0;
}

/** Chained hash table of both directions of every confirmed connection. */
export class TupleHash {
  #buckets: (Tuple | undefined)[] = new Array<Tuple | undefined>(64).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(key: Tuple): Tuple | undefined {
    const buckets = this.#buckets;
    for (let t = buckets[hashOf(key) & (buckets.length - 1)]; t !== undefined; t = t.next) {
      if (t.src === key.src && t.sport === key.sport && t.dst === key.dst && t.dport === key.dport && t.protocol === key.protocol) return t;
    }
    return undefined;
  }

  insert(t: Tuple): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    t.hash = hashOf(t);
    const i = t.hash & (this.#buckets.length - 1);
    t.next = this.#buckets[i];
    this.#buckets[i] = t;
    this.#size++;
  }

  remove(t: Tuple): void {
    const i = t.hash & (this.#buckets.length - 1);
    let at = this.#buckets[i];
    if (at === t) this.#buckets[i] = t.next;
    else {
      while (at !== undefined && at.next !== t) at = at.next;
      if (at === undefined) return;
      at.next = t.next;
    }
    t.next = undefined;
    this.#size--;
  }

  #grow(): void {
    const old = this.#buckets;
    const next = new Array<Tuple | undefined>(old.length * 4).fill(undefined);
    for (let head of old) {
      while (head !== undefined) {
        const after: Tuple | undefined = head.next;
        const i = head.hash & (next.length - 1);
        head.next = next[i];
        next[i] = head;
        head = after;
      }
    }
    this.#buckets = next;
  }
}
