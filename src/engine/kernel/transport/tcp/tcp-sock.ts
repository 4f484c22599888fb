/**
 * Read first: tcp(7), include/linux/tcp.h (struct tcp_sock), RFC 9293.
 * Models: a TCP socket's state and its calls (v6.1). The work is done in connect, listener, input, ack, output, retransmit, close.
 * Not modelled: urgent data, keepalive, fast open, MPTCP, corking.
 */
import { done, type Result } from '../../../../base/result.ts';
import type { Timer } from '../../../sim/scheduler.ts';
import { WaitQueue } from '../../../sim/process.ts';
import { nanos, type Nanos } from '../../../sim/time.ts';
import { refuse, type Errno, type KernelError } from '../../../uapi/errno.ts';
import type { Endpoint, TcpSocket, TcpState } from '../../../uapi/sockets.ts';
import { ANY } from '../../../wire/addresses.ts';
import { IPPROTO_TCP, type Ipv4Packet, type TcpSegment } from '../../../wire/packet.ts';
import type { Skb } from '../../skb.ts';
import type { Owner } from '../door.ts';
import type { EmbeddedHeader, ErrorMeaning } from '../icmp-errors.ts';
import { InetSocket, type SocketOption } from '../inet-socket.ts';
import type { SocketRow } from '../socket-row.ts';
import { choosePort } from '../ports.ts';
import type { Transport } from '../transport.ts';
import { closeSocket, shutdownWrite } from './close.ts';
import { connectSocket } from './connect.ts';
import { INIT_CWND, RTO_INITIAL, TCP_MSS_DEFAULT } from './constants.ts';
import { receiveSegment, takeIcmpError } from './input.ts';
import { Listener } from './listener.ts';
import { cleanupReceive, writeBytes } from './output.ts';
import type { Hashed, TcpLayer } from './tcp-layer.ts';
import { adjustReceiveSpace } from './window.ts';

/** A segment in the write queue: sent ones wait for their ACK, the others for the window. */
export interface TxSegment {
  readonly seq: number;
  end: number;
  flags: number;
  payload: Uint8Array;
  /** Time of the last transmission; undefined: not sent yet. */
  sentAt: Nanos | undefined;
  retransmits: number;
  sacked: boolean;
  lost: boolean;
  /** Sent again since it was marked lost. */
  resent: boolean;
}

/** A segment that came ahead of its turn. */
export interface OutOfOrder {
  readonly seq: number;
  readonly end: number;
  readonly payload: Uint8Array;
  readonly fin: boolean;
}

export class TcpSock extends InetSocket implements TcpSocket, Hashed {
  readonly protocol = IPPROTO_TCP;
  readonly protocolName = 'tcp';
  readonly writable = new WaitQueue();
  #state: TcpState = 'CLOSE';

  // Send sequence space (RFC 9293 section 3.3.1)
  iss = 0;
  sndUna = 0;
  sndNxt = 0;
  sndWnd = 0;
  /** Sequence number of the segment that last updated the window. */
  sndWl1 = 0;
  maxWindow = 0;
  writeSeq = 0;
  /** End of the last small segment sent (Minshall's Nagle). */
  sndSml = 0;
  readonly queue: TxSegment[] = [];
  /** Index in `queue` of the first segment never sent. */
  sendHead = 0;
  sndbuf: number;
  readonly #sndbufMax: number;
  sndScale = 0;

  // Receive sequence space
  irs = 0;
  rcvNxt = 0;
  rcvWup = 0;
  rcvWnd = 0;
  rcvScale = 0;
  copiedSeq = 0;
  receiveQueue: Uint8Array[] = [];
  receiveQueued = 0;
  outOfOrder: OutOfOrder[] = [];
  finReceived = false;
  /** The FIN's change of state is still to come (after the segment's end step). */
  finPending = false;
  windowClamp = 0;
  rcvSsthresh = 0;
  rcvSpace = 0;
  rcvSpaceSeq = 0;
  rcvSpaceTime = nanos(0);
  rcvbufLocked = false;

  // Options our SYN offers, and those agreed on
  offerTimestamps = true;
  offerSack = true;
  offerScaling = true;
  timestamps = false;
  sack = false;
  tsOffset = 0;
  tsRecent = 0;
  lastAckSent = 0;
  /** Largest segment we send, options deducted; what the peer's MSS option allows; what we announce. */
  mss = TCP_MSS_DEFAULT;
  mssClamp = TCP_MSS_DEFAULT;
  advmss = TCP_MSS_DEFAULT;
  pmtu = 0;

  // Round trip and retransmission
  srtt = 0;
  rttvar = 0;
  rto: Nanos = RTO_INITIAL;
  backoff = 0;
  retransmits = 0;
  retransmitSince: Nanos | undefined;
  probes = 0;
  probesSince: Nanos | undefined;
  timer: Timer | undefined;
  timerKind: 'retransmit' | 'probe' | 'syn' | 'fin-wait2' | undefined;
  cwnd = INIT_CWND;
  cwndFraction = 0;
  ssthresh = Number.POSITIVE_INFINITY;
  dupAcks = 0;
  recovery: 'open' | 'recovery' | 'loss' = 'open';
  highSeq = 0;

  // Acknowledgement policy (icsk_ack)
  rcvMss = TCP_MSS_DEFAULT;
  ato = 0;
  quick = 0;
  pingpong = 0;
  lastReceive = nanos(0);
  lastSend = nanos(0);
  ackScheduled = false;
  ackNow = false;
  pushed = 0;
  delack: Timer | undefined;
  lastChallenge: Nanos | undefined;

  // Life
  readableSoon = false;
  writableSoon = false;
  softError: Errno | undefined;
  /** SHUT_WR done: the FIN is queued or sent. */
  writeClosed = false;
  readClosed = false;
  /** The program closed it; the kernel finishes alone. */
  orphan = false;
  lingerZero = false;
  listener: Listener | undefined;
  /** Where the finished handshake put it; undefined once accepted. */
  parent: Listener | undefined;
  /** A TIME_WAIT remainder holds the port. */
  inTimeWait = false;
  portBound = false;

  constructor(transport: Transport, owner: Owner | undefined) {
    super(transport, owner);
    const { sysctl } = transport.ns;
    const write = sysctl.ints('net.ipv4.tcp_wmem');
    this.rcvbuf = sysctl.ints('net.ipv4.tcp_rmem')[1] ?? 0;
    this.sndbuf = write[1] ?? 0;
    this.#sndbufMax = write[2] ?? 0;
  }

  get layer(): TcpLayer {
    return this.transport.tcp;
  }
  get now(): Nanos {
    return this.transport.ns.machine.world.scheduler.now;
  }
  get state(): TcpState {
    return this.#state;
  }

  setState(state: TcpState): void {
    this.#state = state;
    if (this.rowKey !== undefined) this.row({ state: shown(state) });
  }

  showState(): void {
    this.show(shown(this.#state));
  }

  bind(local: Endpoint): Result<undefined, KernelError> {
    const { ns } = this.transport;
    if (this.closed || this.#state !== 'CLOSE' || this.local.port !== 0) return refuse('EINVAL');
    if (local.address !== ANY && !ns.fib.isLocal(local.address)) return refuse('EADDRNOTAVAIL');
    const free = (port: number): boolean => this.layer.bindConflict(this, local.address, port) === undefined;
    const port = local.port !== 0 ? (free(local.port) ? local.port : undefined) : choosePort(ns, this.layer.portRandom, 'odd', free);
    if (port === undefined) return refuse('EADDRINUSE');
    this.portBound = true;
    this.name({ address: local.address, port }, undefined);
    this.layer.ports.add(this);
    return done;
  }

  listen(backlog: number): Result<undefined, KernelError> {
    if (this.closed || (this.#state !== 'CLOSE' && this.#state !== 'LISTEN')) return refuse('EINVAL');
    const most = this.transport.ns.sysctl.int('net.core.somaxconn');
    const limit = Math.min(backlog < 0 ? most : backlog, most);
    if (this.listener !== undefined) {
      this.listener.backlog = limit;
      this.row({ sendQueue: limit });
      return done;
    }
    if (this.local.port === 0) {
      const bound = this.bind({ address: this.local.address, port: 0 });
      if (!bound.ok) return bound;
    }
    // inet_csk_listen_start checks the port again: SO_REUSEADDR let others bind it meanwhile.
    if (this.layer.ports.conflict(this, this.local.address, this.local.port, (other) => other.state !== 'LISTEN') !== undefined) return refuse('EADDRINUSE');
    this.listener = new Listener(this, limit);
    this.setState('LISTEN');
    this.showState();
    // sock_diag gives the limit of the accept queue where others have what is unsent.
    this.row({ sendQueue: limit });
    return done;
  }

  accept(): TcpSocket | undefined {
    return this.listener?.accept();
  }

  connect(remote: Endpoint): Result<undefined, KernelError> {
    return connectSocket(this, remote);
  }

  send(bytes: Uint8Array): Result<number, KernelError> {
    const error = this.takeError();
    if (error !== undefined) return refuse(error);
    if (this.#state === 'LISTEN' || this.closed) return refuse('EPIPE');
    if (this.#state === 'SYN_SENT' || this.#state === 'SYN_RECV') return { ok: true, value: 0 };
    if (this.writeClosed || (this.#state !== 'ESTABLISHED' && this.#state !== 'CLOSE_WAIT')) return refuse('EPIPE');
    return { ok: true, value: writeBytes(this, bytes) };
  }

  /** Data first, then a pending error (undefined, see takeError), then the end. */
  recv(max = Number.POSITIVE_INFINITY): Uint8Array | 'eof' | undefined {
    const first = this.receiveQueue[0];
    if (first === undefined) {
      if (this.pendingError !== undefined) return undefined;
      return this.finReceived || this.readClosed || (this.#state === 'CLOSE' && this.remote !== undefined) ? 'eof' : undefined;
    }
    const length = Math.min(max, this.receiveQueued);
    let bytes: Uint8Array;
    if (first.length === length) {
      this.receiveQueue.shift();
      bytes = first;
    } else {
      bytes = new Uint8Array(length);
      let at = 0;
      while (at < length) {
        const chunk = this.receiveQueue[0];
        if (chunk === undefined) break;
        const part = chunk.subarray(0, length - at);
        bytes.set(part, at);
        at += part.length;
        if (part.length === chunk.length) this.receiveQueue.shift();
        else this.receiveQueue[0] = chunk.subarray(part.length);
      }
    }
    this.receiveQueued -= length;
    this.copiedSeq = (this.copiedSeq + length) >>> 0;
    this.row({ recvQueue: this.receiveQueued });
    adjustReceiveSpace(this);
    cleanupReceive(this, length);
    return bytes;
  }

  shutdown(): void {
    shutdownWrite(this);
  }

  setLingerZero(): void {
    this.lingerZero = true;
  }

  close(): void {
    closeSocket(this);
  }

  override setOption(option: SocketOption, value: number): void {
    super.setOption(option, value);
    if (option === 'rcvbuf') this.rcvbufLocked = true;
  }

  override setError(errno: Errno): void {
    super.setError(errno);
    this.writable.wake();
  }

  /** tcp_v4_err for a failure of our own stack: ends a handshake, otherwise is told if the connection times out. */
  override error(errno: Errno): void {
    if (this.#state === 'SYN_SENT' || this.#state === 'SYN_RECV') this.layer.abort(this, errno);
    else this.softError = errno;
  }

  /** Bytes written and not acknowledged. */
  get unacked(): number {
    return (this.writeSeq - this.sndUna) >>> 0;
  }

  /** tcp_sndbuf_expand: twice what the congestion window covers. */
  get sendRoom(): number {
    const limit = Math.min(this.#sndbufMax, Math.max(this.sndbuf, 2 * Math.max(INIT_CWND, this.cwnd) * this.mss));
    return Math.max(0, limit - this.unacked);
  }

  /** The peer answered, so its link address works (dst_confirm). */
  confirmNeighbour(): void {
    if (this.remote === undefined) return;
    const route = this.routeTo(this.remote.address);
    if (route.ok && route.value.kind === 'unicast') this.transport.ns.neighbours.confirm(route.value.nexthop(this.remote.address), route.value.dev);
  }

  receive(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
    receiveSegment(this, skb, packet, segment);
    this.wakeUp();
  }

  /** Programs are woken when a segment has been dealt with, never in the middle. */
  wakeUp(): void {
    if (this.readableSoon) {
      this.readableSoon = false;
      this.readable.wake();
    }
    if (this.writableSoon) {
      this.writableSoon = false;
      this.writable.wake();
    }
  }

  /** The namespace goes. */
  discard(): void {
    this.layer.destroy(this);
  }

  icmpError(header: EmbeddedHeader, meaning: ErrorMeaning, mtu: number | undefined): void {
    takeIcmpError(this, header, meaning, mtu);
  }
}

const shown = (state: TcpState): SocketRow['state'] => (state === 'ESTABLISHED' ? 'ESTAB' : state);
