/** Read first: net/ipv4/tcp_minisocks.c tcp_timewait_state_process, RFC 1337. Models: the 60 seconds after an active close, before them the wait for the peer's FIN once no program is left (v6.1). Not modelled: tcp_tw_reuse. */
import type { Timer } from '../../../sim/scheduler.ts';
import { nanos, type Nanos } from '../../../sim/time.ts';
import type { Endpoint } from '../../../uapi/sockets.ts';
import { ACK, FIN, RST, SYN, type Ipv4Packet, type TcpSegment } from '../../../wire/packet.ts';
import { deliver, drop } from '../../drop.ts';
import type { Skb } from '../../skb.ts';
import { TIMEWAIT } from './constants.ts';
import { NO_OPTIONS, parseOptions, timestampOptions, type ParsedOptions } from './options.ts';
import { add, after, before } from './seq.ts';
import { clearTimers, segmentLength, type Hashed } from './tcp-layer.ts';
import type { TcpSock } from './tcp-sock.ts';
import { receiveWindow } from './window.ts';

/** tcp_time_wait waits at least so many retransmission timeouts for a FIN. */
const LEAST_RTOS = 3.5;

/** What is left of a connection (tcp_timewait_sock): it keeps the port and answers late segments. */
export class TimeWait implements Hashed {
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
  readonly process = undefined;
  readonly #name: string;
  readonly #sock: TcpSock;
  readonly #rowKey: string | undefined;
  readonly #sndNxt: number;
  #rcvNxt: number;
  readonly #window: number;
  readonly #rawWindow: number;
  readonly #stamps: boolean;
  readonly #tsOffset: number;
  #tsRecent: number;
  #timer: Timer | undefined;
  /** tw_substate FIN_WAIT2: the peer's FIN is still to come. */
  #awaitsFin: boolean;

  constructor(sock: TcpSock, finWithin: Nanos | undefined) {
    this.#sock = sock;
    this.#name = sock.describe();
    this.local = sock.local;
    this.remote = sock.remote;
    this.#sndNxt = sock.sndNxt;
    this.#rcvNxt = sock.rcvNxt;
    this.#rawWindow = receiveWindow(sock);
    this.#window = Math.floor(this.#rawWindow / 2 ** sock.rcvScale);
    this.#stamps = sock.timestamps;
    this.#tsOffset = sock.tsOffset;
    this.#tsRecent = sock.tsRecent;
    this.#rowKey = sock.releaseRow();
    if (this.#rowKey !== undefined) {
      sock.transport.sockets.patch(this.#rowKey, { state: finWithin === undefined ? 'TIME_WAIT' : 'FIN_WAIT2', process: undefined, pid: undefined, recvQueue: 0, sendQueue: 0 });
    }
    this.#awaitsFin = finWithin !== undefined;
    sock.layer.hash(this);
    this.#start(finWithin === undefined ? TIMEWAIT : nanos(Math.max(finWithin, LEAST_RTOS * sock.rto)));
  }

  #start(span: Nanos = TIMEWAIT): void {
    this.#timer?.cancel();
    this.#timer = this.#sock.transport.ns.machine.world.scheduler.after(span, () => this.discard());
  }

  describe(): string {
    return this.#name;
  }

  receive(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
    const { layer, transport } = this.#sock;
    const { ns } = transport;
    const { flags, seq } = segment;
    const options = parseOptions(segment);
    const end = add(seq, segmentLength(segment));
    if (this.#awaitsFin) return this.#beforeFin(skb, packet, segment, end, options);
    if (seq === this.#rcvNxt && (seq === end || (flags & RST) !== 0)) {
      if ((flags & RST) !== 0) {
        this.discard();
        return drop(ns, skb, 'TCP_RESET', 'ends TIME_WAIT (net.ipv4.tcp_rfc1337 is 0)');
      }
      this.#start();
      if (options.timestamps) this.#tsRecent = options.value;
      return deliver(ns, skb, this.#name, undefined);
    }
    const newer = after(seq, this.#rcvNxt) || (this.#stamps && options.timestamps && before(this.#tsRecent, options.value));
    if ((flags & (SYN | RST | ACK)) === SYN && newer) {
      // TCP_TW_SYN: a new connection of the same ports.
      this.discard();
      return layer.receiveUnconnected(skb, packet, segment);
    }
    if ((flags & RST) !== 0) return drop(ns, skb, 'TCP_RESET', 'outside the window of a closed connection');
    if ((flags & ACK) !== 0) this.#start();
    this.#acknowledge(skb);
  }

  /** The checks of tcp_rcv_state_process once more. */
  #beforeFin(skb: Skb, packet: Ipv4Packet, segment: TcpSegment, end: number, options: ParsedOptions): void {
    const { layer, transport } = this.#sock;
    const { flags, seq } = segment;
    const limit = add(this.#rcvNxt, this.#rawWindow);
    const inWindow = seq === this.#rcvNxt || (after(end, this.#rcvNxt) && before(seq, limit)) || (seq === limit && seq === end);
    const stale = this.#stamps && options.timestamps && (flags & RST) === 0 && before(options.value, this.#tsRecent);
    if (stale || !inWindow) return this.#acknowledge(skb);
    if ((flags & RST) !== 0) {
      this.discard();
      return drop(transport.ns, skb, 'TCP_RESET', 'ends FIN_WAIT2');
    }
    const opens = (flags & SYN) !== 0 && !before(seq, this.#rcvNxt);
    if (!opens && ((flags & ACK) === 0 || !after(end, this.#rcvNxt) || end === seq)) return deliver(transport.ns, skb, this.#name, undefined);
    if (opens || (flags & FIN) === 0 || end !== add(this.#rcvNxt, 1)) {
      // TCP_TW_RST: nobody will read it any more.
      this.discard();
      drop(transport.ns, skb, 'TCP_ABORT_ON_DATA');
      return layer.sendReset(packet, segment);
    }
    this.#awaitsFin = false;
    this.#rcvNxt = end;
    if (options.timestamps) this.#tsRecent = options.value;
    if (this.#rowKey !== undefined) transport.sockets.patch(this.#rowKey, { state: 'TIME_WAIT' });
    this.#start();
    this.#acknowledge(skb);
  }

  /** tcp_v4_timewait_ack */
  #acknowledge(skb: Skb): void {
    const { layer, transport } = this.#sock;
    deliver(transport.ns, skb, this.#name, undefined);
    const stamp = (Math.floor(this.#sock.now / 1e6) + this.#tsOffset) % 0x1_0000_0000;
    layer.sendControlAck(this, this.#sndNxt, this.#rcvNxt, this.#window, this.#stamps ? timestampOptions(stamp, this.#tsRecent) : NO_OPTIONS);
  }

  icmpError(): void {}

  discard(): void {
    const { layer, transport } = this.#sock;
    this.#timer?.cancel();
    this.#timer = undefined;
    layer.unhash(this);
    this.#sock.inTimeWait = false;
    layer.ports.remove(this.#sock);
    if (this.#rowKey !== undefined) transport.sockets.delete(this.#rowKey);
  }
}

/** tcp_time_wait: the socket itself is done; its port and row pass to the remainder. `finWithin`: the peer's FIN has yet to come. */
export function enterTimeWait(sock: TcpSock, finWithin?: Nanos): void {
  const { layer } = sock;
  layer.unhash(sock);
  clearTimers(sock);
  sock.inTimeWait = true;
  new TimeWait(sock, finWithin);
  sock.setState('CLOSE');
  sock.writeClosed = true;
  sock.queue.length = 0;
  sock.sendHead = 0;
  sock.outOfOrder = [];
  sock.readable.wake();
  sock.writable.wake();
}
