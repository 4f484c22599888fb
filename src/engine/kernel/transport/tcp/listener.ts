/**
 * Read first: listen(2), net/ipv4/tcp_input.c tcp_conn_request, tcp_minisocks.c tcp_check_req, inet_connection_sock.c.
 * Models: half-open requests with their SYN-ACK timer and the accept queue (v6.1). Not modelled: SYN cookies (requests are not limited), defer accept.
 */
import type { Timer } from '../../../sim/scheduler.ts';
import { nanos } from '../../../sim/time.ts';
import type { Endpoint } from '../../../uapi/sockets.ts';
import { ACK, FIN, IPPROTO_TCP, RST, SYN, type Ipv4Packet, type TcpSegment } from '../../../wire/packet.ts';
import type { DstEntry } from '../../ipv4/route.ts';
import { deliver, drop } from '../../drop.ts';
import type { Skb } from '../../skb.ts';
import type { EmbeddedHeader, ErrorMeaning } from '../icmp-errors.ts';
import { formatEndpoint } from '../inet-socket.ts';
import type { Socket } from '../socket.ts';
import { advertisedMss } from './connect.ts';
import { RTO_INITIAL, RTO_MAX } from './constants.ts';
import { parseOptions, synOptions, timestampOptions, NO_OPTIONS, type ParsedOptions } from './options.ts';
import { queueSegment, sendActiveReset, syncMss } from './output.ts';
import { add, after, before, between } from './seq.ts';
import { segmentLength, type Hashed } from './tcp-layer.ts';
import type { TcpSock } from './tcp-sock.ts';
import { initialRcvMss, largestBuffer, selectInitialWindow, windowFromSpace, type InitialWindow } from './window.ts';

export class Listener {
  readonly sock: TcpSock;
  backlog: number;
  readonly requests = new Set<Request>();
  readonly #ready: TcpSock[] = [];

  constructor(sock: TcpSock, backlog: number) {
    this.sock = sock;
    this.backlog = backlog;
  }

  /** sk_acceptq_is_full: one more than the backlog fits. */
  get full(): boolean {
    return this.#ready.length > this.backlog;
  }

  accept(): TcpSock | undefined {
    const child = this.#ready.shift();
    if (child === undefined) return undefined;
    child.parent = undefined;
    this.sock.row({ recvQueue: this.#ready.length });
    return child;
  }

  enqueue(child: TcpSock): void {
    child.parent = this;
    this.#ready.push(child);
    this.sock.row({ recvQueue: this.#ready.length });
  }

  /** tcp_rcv_state_process in LISTEN */
  receive(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
    const { sock } = this;
    const { ns } = sock.transport;
    if ((segment.flags & RST) !== 0) return drop(ns, skb, 'TCP_RESET', 'a reset for a listening socket');
    if ((segment.flags & ACK) !== 0) {
      sock.layer.sendReset(packet, segment);
      return drop(ns, skb, 'TCP_FLAGS', 'an ACK for a listening socket');
    }
    if ((segment.flags & SYN) === 0 || (segment.flags & FIN) !== 0) return drop(ns, skb, 'TCP_FLAGS');
    if (this.full) return drop(ns, skb, 'TCP_LISTEN_OVERFLOW');
    const local = { address: packet.dst, port: segment.dstPort };
    const remote = { address: packet.src, port: segment.srcPort };
    const route = ns.ip.route({ dst: remote.address, src: local.address, oif: sock.boundDevice, tos: sock.tos, mark: sock.mark, protocol: IPPROTO_TCP });
    if (!route.ok) return drop(ns, skb, 'IP_OUTNOROUTES');
    const request = new Request(this, local, remote, segment, parseOptions(segment), route.dst);
    deliver(ns, skb, sock.describe(), sock.process);
    request.sendSynAck();
  }

  stop(): void {
    for (const request of [...this.requests]) request.discard();
    for (const child of this.#ready.splice(0)) {
      sendActiveReset(child);
      child.layer.destroy(child);
    }
  }
}

/** A half-open connection (request_sock): SYN_RECV in ss, until the handshake's third segment makes it a socket. */
export class Request implements Hashed, Socket {
  readonly protocol = IPPROTO_TCP;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly process: string | undefined;
  readonly pid: number | undefined;
  readonly uid = 0;
  readonly mark: number;
  readonly #listener: Listener;
  readonly #rowKey: string;
  readonly #route: DstEntry;
  readonly #irs: number;
  readonly #iss: number;
  readonly #tsOffset: number;
  readonly #synWindow: number;
  readonly #options: ParsedOptions;
  readonly #initial: InitialWindow;
  readonly #advmss: number;
  #tsRecent: number;
  #timer: Timer | undefined;
  #sent = 0;
  #synAckAt = nanos(0);

  constructor(listener: Listener, local: Endpoint, remote: Endpoint, syn: TcpSegment, options: ParsedOptions, route: DstEntry) {
    const { sock } = listener;
    const { layer, transport } = sock;
    this.#listener = listener;
    this.local = local;
    this.remote = remote;
    this.process = sock.process;
    this.pid = sock.pid;
    this.mark = sock.mark;
    this.#route = route;
    this.#irs = syn.seq;
    this.#iss = layer.isnRandom.u32();
    this.#tsOffset = layer.tsRandom.u32();
    this.#synWindow = syn.window;
    const { sysctl } = transport.ns;
    this.#options = {
      ...options, timestamps: options.timestamps && sysctl.flag('net.ipv4.tcp_timestamps'), sack: options.sack && sysctl.flag('net.ipv4.tcp_sack'),
      wscale: sysctl.flag('net.ipv4.tcp_window_scaling') ? options.wscale : undefined,
    };
    this.#tsRecent = options.value;
    this.#advmss = advertisedMss(route);
    this.#initial = selectInitialWindow(
      windowFromSpace(sock.rcvbuf), this.#advmss - (this.#options.timestamps ? 12 : 0), this.#options.wscale !== undefined, largestBuffer(sysctl),
    );
    this.#rowKey = transport.nextRowKey();
    transport.sockets.insert(this.#rowKey, { protocol: 'tcp', state: 'SYN_RECV', local, remote, recvQueue: 0, sendQueue: 0, process: undefined, pid: undefined });
    listener.requests.add(this);
    layer.hash(this);
  }

  get boundDevice(): Socket['boundDevice'] {
    return this.#listener.sock.boundDevice;
  }

  describe(): string {
    return `tcp ${formatEndpoint(this.local)} > ${formatEndpoint(this.remote)}`;
  }

  /** ip_build_and_send_pkt: 0 with DF. */
  nextIpId(): number {
    return 0;
  }

  error(): void {
    this.discard();
  }

  get #stamp(): number {
    return (Math.floor(this.#listener.sock.now / 1e6) + this.#tsOffset) % 0x1_0000_0000;
  }

  sendSynAck(): void {
    const { sock } = this.#listener;
    const options = this.#options;
    this.#synAckAt = sock.now;
    this.#timer?.cancel();
    // reqsk_timer_handler: 1, 2, 4 ... seconds, and gone after the last.
    const wait = Math.min(RTO_INITIAL * 2 ** this.#sent, RTO_MAX);
    this.#timer = sock.transport.ns.machine.world.scheduler.after(nanos(wait), () => {
      if (this.#sent > sock.transport.ns.sysctl.int('net.ipv4.tcp_synack_retries')) this.discard();
      else this.sendSynAck();
    });
    this.#sent++;
    sock.transport.ns.ip.send({
      dst: this.remote.address, src: this.local.address, protocol: IPPROTO_TCP, socket: this, connected: true, tos: sock.tos, ttl: sock.ttl, mark: this.mark,
      oif: sock.boundDevice, df: sock.pmtudisc !== 0, partial: true, by: this.process ?? this.describe(), route: this.#route,
      payload: {
        kind: 'tcp', srcPort: this.local.port, dstPort: this.remote.port, seq: this.#iss, ack: add(this.#irs, 1), flags: SYN | ACK, window: this.#initial.window,
        options: synOptions({
          mss: this.#advmss, sack: options.sack, wscale: options.wscale === undefined ? undefined : this.#initial.scale,
          timestamps: options.timestamps ? { value: this.#stamp, echo: this.#tsRecent } : undefined,
        }),
        payload: new Uint8Array(0),
      },
    });
  }

  /** tcp_check_req */
  receive(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
    const { sock } = this.#listener;
    const { ns } = sock.transport;
    const { flags, seq } = segment;
    const next = add(this.#irs, 1);
    const end = add(seq, segmentLength(segment));
    if ((flags & (SYN | ACK | RST)) === SYN && seq === this.#irs) {
      deliver(ns, skb, sock.describe(), sock.process);
      this.sendSynAck();
      return;
    }
    if ((flags & ACK) !== 0 && segment.ack !== add(this.#iss, 1)) {
      sock.layer.sendReset(packet, segment);
      return drop(ns, skb, 'TCP_FLAGS', 'acknowledges another SYN-ACK than ours');
    }
    if (!(between(seq, next, add(next, this.#initial.window)) && !before(end, next) && !after(end, add(next, this.#initial.window)))) {
      if ((flags & RST) === 0) {
        const shift = this.#options.wscale === undefined ? 0 : this.#initial.scale;
        const stamps = this.#options.timestamps ? timestampOptions(this.#stamp, this.#tsRecent) : NO_OPTIONS;
        sock.layer.sendControlAck(this, add(this.#iss, 1), next, this.#initial.window >>> shift, stamps);
      }
      return drop(ns, skb, 'TCP_INVALID_SEQUENCE');
    }
    if ((flags & RST) !== 0) {
      this.discard();
      return drop(ns, skb, 'TCP_RESET', 'the peer gave up the handshake');
    }
    if ((flags & SYN) !== 0) {
      this.discard();
      sock.layer.sendReset(packet, segment);
      return drop(ns, skb, 'TCP_INVALID_SYN');
    }
    if ((flags & ACK) === 0) return drop(ns, skb, 'TCP_FLAGS');
    if (this.#listener.full) return drop(ns, skb, 'TCP_LISTEN_OVERFLOW');
    const child = this.#establish();
    child.receive(skb, packet, segment);
    sock.readable.wake();
  }

  /** tcp_v4_syn_recv_sock, tcp_create_openreq_child */
  #establish(): TcpSock {
    const { sock } = this.#listener;
    const { layer, transport } = sock;
    const options = this.#options;
    const child = layer.newChild(sock);
    child.iss = this.#iss;
    child.irs = this.#irs;
    child.sndUna = child.writeSeq = this.#iss;
    // The SYN-ACK stands in the queue, so that the ACK of it is an ACK like any other.
    const synAck = queueSegment(child, SYN | ACK, new Uint8Array(0));
    synAck.sentAt = this.#synAckAt;
    synAck.retransmits = this.#sent - 1;
    child.sendHead = 1;
    child.sndNxt = child.sndSml = child.writeSeq;
    child.sndWnd = this.#synWindow;
    child.maxWindow = this.#synWindow;
    child.sndWl1 = this.#irs;
    child.sndScale = options.wscale ?? 0;
    child.rcvNxt = child.rcvWup = child.copiedSeq = add(this.#irs, 1);
    child.rcvWnd = this.#initial.window;
    child.rcvSsthresh = this.#initial.window;
    child.windowClamp = this.#initial.clamp;
    child.rcvScale = options.wscale === undefined ? 0 : this.#initial.scale;
    child.timestamps = options.timestamps;
    child.sack = options.sack;
    child.tsOffset = this.#tsOffset;
    child.tsRecent = this.#tsRecent;
    child.advmss = this.#advmss;
    child.mssClamp = Math.min(options.mss, this.#advmss);
    child.ipId = transport.ipIds.below(0x10000);
    child.name(this.local, this.remote);
    syncMss(child, this.#route.mtu);
    child.rcvMss = initialRcvMss(child);
    child.setState('SYN_RECV');
    this.discard();
    layer.hash(child);
    layer.ports.add(child);
    child.showState();
    this.#listener.enqueue(child);
    return child;
  }

  /** tcp_req_err: an ICMP error about our SYN-ACK. */
  icmpError(header: EmbeddedHeader, meaning: ErrorMeaning): void {
    if (header.word === this.#iss && meaning.endsRequest === true) this.discard();
  }

  discard(): void {
    const { sock } = this.#listener;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#listener.requests.delete(this);
    sock.layer.unhash(this);
    sock.transport.sockets.delete(this.#rowKey);
  }
}
