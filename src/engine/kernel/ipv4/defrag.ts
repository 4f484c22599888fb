/**
 * Read first: ip_defrag, ip_frag_queue, ip_frag_reasm, ip_expire (net/ipv4/ip_fragment.c).
 * Models: v6.1: one queue per (source, destination, id, protocol, user), overlap kills the queue, ipfrag_time.
 * Not modelled: ipfrag_high_thresh, ipfrag_max_dist.
 */
import { seconds } from '../../sim/time.ts';
import type { Timer } from '../../sim/scheduler.ts';
import { parseTransport, emitTransport } from '../../wire/ipv4.ts';
import { ICMP_TIME_EXCEEDED } from '../../wire/icmp.ts';
import { concatBytes } from '../../wire/bytes.ts';
import { ipv4HeaderLength, type Ipv4Packet } from '../../wire/packet.ts';
import { become, drop } from '../drop.ts';
import type { Netns } from '../netns.ts';
import { Skb } from '../skb.ts';
import { routeInput } from './input.ts';
import { withPiece } from './packet-ops.ts';

const ICMP_EXC_FRAGTIME = 1;
const MAX_LENGTH = 65535;

export type DefragUser = 'conntrack' | 'conntrack-out' | 'local' | 'bridge';

interface Piece {
  readonly skb: Skb;
  readonly packet: Ipv4Packet;
  readonly from: number;
  readonly bytes: Uint8Array;
}

interface Queue {
  readonly pieces: Piece[];
  readonly timer: Timer;
  readonly user: DefragUser;
  /** Length of the whole, once the last fragment is here. */
  total: number | undefined;
  /** Largest fragment, and largest of those with DF. */
  maxSize: number;
  maxDfSize: number;
}

export class Defragmenter {
  readonly #ns: Netns;
  readonly #queues = new Map<string, Queue>();

  constructor(ns: Netns) {
    this.#ns = ns;
  }

  /** The whole packet; undefined while pieces are missing, or when this one was dropped. */
  add(skb: Skb, user: DefragUser): Skb | undefined {
    const packet = skb.net;
    if (packet.kind !== 'ipv4' || (!packet.mf && packet.offset === 0)) return skb;
    const key = `${packet.src} ${packet.dst} ${packet.id} ${packet.protocol} ${user}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      const time = seconds(this.#ns.sysctl.int('net.ipv4.ipfrag_time'));
      const timer = this.#ns.machine.world.scheduler.after(time, () => this.#expire(key));
      this.#queues.set(key, (queue = { pieces: [], timer, user, total: undefined, maxSize: 0, maxDfSize: 0 }));
    }
    if (!this.#place(key, queue, skb, packet)) return undefined;
    return queue.total !== undefined && this.#complete(queue) ? this.#reassemble(key, queue) : undefined;
  }

  /** ip_frag_queue. False: gone. */
  #place(key: string, queue: Queue, skb: Skb, packet: Ipv4Packet): boolean {
    const all = packet.payload.kind === 'data' ? packet.payload.bytes : emitTransport(packet.payload, packet.src, packet.dst);
    // All but the last are whole eights.
    const bytes = packet.mf ? all.subarray(0, all.length & ~7) : all;
    const from = packet.offset;
    const to = from + bytes.length;
    const tooLong = to + ipv4HeaderLength(packet) > MAX_LENGTH;
    const wrongEnd = packet.mf ? queue.total !== undefined && to > queue.total : (queue.total !== undefined && queue.total !== to) || queue.pieces.some((p) => p.from + p.bytes.length > to);
    if (tooLong || wrongEnd || bytes.length === 0) {
      drop(this.#ns, skb, 'NOT_SPECIFIED', 'a fragment that does not fit');
      if (tooLong || wrongEnd) this.#kill(key, queue, 'NOT_SPECIFIED', 'a fragment that does not fit');
      return false;
    }
    const at = queue.pieces.findIndex((p) => p.from >= from);
    const next = at < 0 ? undefined : queue.pieces[at];
    const before = at < 0 ? queue.pieces.at(-1) : queue.pieces[at - 1];
    const covers = [before, next].find((p) => p !== undefined && p.from <= from && p.from + p.bytes.length >= to);
    if (covers !== undefined) {
      drop(this.#ns, skb, 'DUP_FRAG');
      return false;
    }
    if ((before !== undefined && before.from + before.bytes.length > from) || (next !== undefined && next.from < to)) {
      drop(this.#ns, skb, 'NOT_SPECIFIED', 'overlaps another fragment');
      this.#kill(key, queue, 'NOT_SPECIFIED', 'overlapping fragments');
      return false;
    }
    const piece: Piece = { skb, packet, from, bytes };
    if (at < 0) queue.pieces.push(piece);
    else queue.pieces.splice(at, 0, piece);
    if (!packet.mf) queue.total = to;
    const size = bytes.length + ipv4HeaderLength(packet);
    queue.maxSize = Math.max(queue.maxSize, size);
    if (packet.df) queue.maxDfSize = Math.max(queue.maxDfSize, size);
    return true;
  }

  #complete(queue: Queue): boolean {
    let at = 0;
    for (const piece of queue.pieces) {
      if (piece.from !== at) return false;
      at += piece.bytes.length;
    }
    return at === queue.total;
  }

  /** ip_frag_reasm */
  #reassemble(key: string, queue: Queue): Skb {
    const ns = this.#ns;
    this.#queues.delete(key);
    queue.timer.cancel();
    const [head] = queue.pieces;
    if (head === undefined) throw new Error('a complete queue has pieces');
    const { packet, skb: first } = head;
    const bytes = concatBytes(queue.pieces.map((p) => p.bytes));
    const keepDf = queue.maxDfSize === queue.maxSize;
    const { world } = ns.machine;
    const whole = new Skb(world.nextPacketId(), withPiece(packet, 0, false, keepDf, parseTransport(packet.protocol, bytes, packet.src, packet.dst), packet.options), first.mac);
    whole.dev = first.dev;
    whole.dst = first.dst;
    whole.mark = first.mark;
    whole.pktType = first.pktType;
    whole.nfBridge = first.nfBridge;
    whole.socket = first.socket;
    whole.flow = first.flow;
    whole.fragMaxSize = Math.max(queue.maxDfSize, queue.maxSize);
    // nf_ct_ipv4_gather_frags: what conntrack put together may be taken apart again.
    whole.ignoreDf = queue.user !== 'local';
    if (world.recorder.on) {
      for (const piece of queue.pieces) become(ns, piece.skb, [whole.id], 'reassembled');
      world.recorder.write({ kind: 'reassembled', ns: ns.id, pkt: whole.id, mac: whole.mac, net: whole.net, parts: queue.pieces.map((p) => p.skb.id) });
    }
    return whole;
  }

  #kill(key: string, queue: Queue, reason: 'NOT_SPECIFIED' | 'FRAG_REASM_TIMEOUT', detail?: string): void {
    this.#queues.delete(key);
    queue.timer.cancel();
    for (const piece of queue.pieces) drop(this.#ns, piece.skb, reason, detail);
  }

  /** ip_expire: an end host that saw the first fragment tells the sender. */
  #expire(key: string): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) return;
    const head = queue.pieces[0];
    if (head !== undefined && head.from === 0) {
      const { skb, packet } = head;
      const routed = skb.dst !== undefined || (skb.dev !== undefined && routeInput(this.#ns, skb, packet, skb.dev) === undefined);
      if (routed && skb.dst?.kind === 'local') this.#ns.ip.icmpSend(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
    }
    this.#kill(key, queue, 'FRAG_REASM_TIMEOUT');
  }
}
