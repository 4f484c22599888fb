/**
 * Read first: net/ipv4/tcp_ipv4.c tcp_v4_rcv, inet_hashtables.c. Models: which socket a segment is for, and the reset when there is none (v6.1).
 * Not modelled: early demux, MD5/AO signatures, SYN cookies.
 */
import type { Prng } from '../../../../base/prng.ts';
import type { Errno } from '../../../uapi/errno.ts';
import type { Endpoint } from '../../../uapi/sockets.ts';
import { ANY, type Ipv4 } from '../../../wire/addresses.ts';
import { verifyTransport } from '../../../wire/ipv4.ts';
import { ACK, FIN, IPPROTO_TCP, RST, SYN, type Ipv4Packet, type TcpOption, type TcpSegment } from '../../../wire/packet.ts';
import { deliver, drop } from '../../drop.ts';
import type { NetDevice } from '../../net-device.ts';
import type { Skb } from '../../skb.ts';
import type { EmbeddedHeader, ErrorMeaning } from '../icmp-errors.ts';
import { PortTable } from '../ports.ts';
import type { Socket } from '../socket.ts';
import type { Transport } from '../transport.ts';
import { NO_OPTIONS } from './options.ts';
import { stopTimer } from './retransmit.ts';
import { add } from './seq.ts';
import { TcpSock } from './tcp-sock.ts';

const EMPTY = new Uint8Array(0);

/** What the established hash holds: full sockets, half-open requests, TIME_WAIT remainders. */
export interface Hashed {
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
  readonly process: string | undefined;
  describe(): string;
  receive(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void;
  icmpError(header: EmbeddedHeader, meaning: ErrorMeaning, mtu: number | undefined): void;
  /** Ends its timers without a word. */
  discard(): void;
}

/** Sequence numbers a segment takes. */
export const segmentLength = (s: TcpSegment): number => s.payload.length + ((s.flags & SYN) !== 0 ? 1 : 0) + ((s.flags & FIN) !== 0 ? 1 : 0);

export class TcpLayer {
  readonly transport: Transport;
  readonly portRandom: Prng;
  readonly isnRandom: Prng;
  readonly tsRandom: Prng;
  /** Bind hash: everything that holds a local port. */
  readonly ports = new PortTable<TcpSock>();
  readonly #hash = new Map<number, Hashed[]>();
  /** tcp_sk of the namespace: resets and TIME_WAIT's ACKs go out by it, with IP id 0. */
  readonly control: Socket;

  constructor(transport: Transport) {
    this.transport = transport;
    this.portRandom = transport.random.fork('tcp-port');
    this.isnRandom = transport.random.fork('tcp-isn');
    this.tsRandom = transport.random.fork('tcp-timestamp');
    this.control = {
      protocol: IPPROTO_TCP, local: { address: ANY, port: 0 }, remote: undefined, process: undefined, pid: undefined, uid: 0, mark: 0, boundDevice: undefined,
      describe: () => 'tcp', nextIpId: () => 0, error: () => undefined,
    };
  }

  // The established hash
  #key(localPort: number, remotePort: number): number {
    return localPort * 65536 + remotePort;
  }

  find(local: Ipv4, localPort: number, remote: Ipv4, remotePort: number): Hashed | undefined {
    const bucket = this.#hash.get(this.#key(localPort, remotePort));
    if (bucket === undefined) return undefined;
    for (const one of bucket) if (one.remote?.address === remote && one.local.address === local) return one;
    return undefined;
  }

  hash(one: Hashed): void {
    if (one.remote === undefined) return;
    const key = this.#key(one.local.port, one.remote.port);
    const bucket = this.#hash.get(key);
    if (bucket === undefined) this.#hash.set(key, [one]);
    else bucket.push(one);
  }

  unhash(one: Hashed): void {
    if (one.remote === undefined) return;
    const key = this.#key(one.local.port, one.remote.port);
    const bucket = this.#hash.get(key);
    const i = bucket?.indexOf(one) ?? -1;
    if (bucket === undefined || i < 0) return;
    bucket.splice(i, 1);
    if (bucket.length === 0) this.#hash.delete(key);
  }

  // Ports
  bindConflict(sock: TcpSock, address: Ipv4, port: number): TcpSock | undefined {
    return this.ports.conflict(sock, address, port, (other) => sock.reuseAddr && other.reuseAddr && other.state !== 'LISTEN');
  }

  /** __inet_check_established for an automatic port: ports that somebody bound are left alone. */
  mayConnect(local: Endpoint, remote: Endpoint): boolean {
    for (const other of this.ports.at(local.port)) if (other.portBound) return false;
    return this.find(local.address, local.port, remote.address, remote.port) === undefined;
  }

  #listener(dst: Ipv4, port: number, dev: NetDevice | undefined): TcpSock | undefined {
    let best: TcpSock | undefined;
    let bestScore = -1;
    for (const sock of this.ports.at(port)) {
      if (sock.state !== 'LISTEN' || !sock.accepts(dev, dst)) continue;
      const score = (sock.local.address === ANY ? 0 : 2) + (sock.boundDevice === undefined ? 0 : 1);
      if (score > bestScore) {
        best = sock;
        bestScore = score;
      }
    }
    return best;
  }

  /** tcp_v4_rcv */
  receive(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
    const { ns } = this.transport;
    if (skb.pktType !== 'host') return drop(ns, skb, 'NOT_SPECIFIED', 'TCP to a broadcast or multicast link address');
    if (skb.ipSummed === 'none' && !verifyTransport(packet)) return drop(ns, skb, 'TCP_CSUM');
    const hashed = this.find(packet.dst, segment.dstPort, packet.src, segment.srcPort);
    if (hashed !== undefined) return hashed.receive(skb, packet, segment);
    this.receiveUnconnected(skb, packet, segment);
  }

  /** For a listener, or for nobody. */
  receiveUnconnected(skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
    const listener = this.#listener(packet.dst, segment.dstPort, skb.dev)?.listener;
    if (listener !== undefined) return listener.receive(skb, packet, segment);
    this.sendReset(packet, segment);
    drop(this.transport.ns, skb, 'NO_SOCKET', `nothing listens on TCP port ${segment.dstPort}`);
  }

  /** tcp_v4_send_reset: never in answer to a reset. Its checksum is computed at once, as Linux does. */
  sendReset(packet: Ipv4Packet, segment: TcpSegment): void {
    if ((segment.flags & RST) !== 0) return;
    const acks = (segment.flags & ACK) !== 0;
    this.sendControl(packet.dst, packet.src, {
      kind: 'tcp', srcPort: segment.dstPort, dstPort: segment.srcPort, flags: acks ? RST : RST | ACK,
      seq: acks ? segment.ack : 0, ack: acks ? 0 : add(segment.seq, segmentLength(segment)), window: 0, options: NO_OPTIONS, payload: EMPTY,
    });
  }

  /** tcp_v4_send_ack: for requests and TIME_WAIT. */
  sendControlAck(from: Hashed, seq: number, ack: number, window: number, options: readonly TcpOption[]): void {
    if (from.remote === undefined) return;
    this.sendControl(from.local.address, from.remote.address, {
      kind: 'tcp', srcPort: from.local.port, dstPort: from.remote.port, flags: ACK, seq, ack, window, options, payload: EMPTY,
    }, from.describe());
  }

  /** ip_send_unicast_reply */
  sendControl(src: Ipv4, dst: Ipv4, payload: TcpSegment, by = 'tcp'): void {
    this.transport.ns.ip.send({ dst, src, protocol: IPPROTO_TCP, payload, df: true, socket: this.control, connected: true, partial: false, by });
  }

  /** tcp_v4_err */
  icmpError(inner: Ipv4Packet, header: EmbeddedHeader, meaning: ErrorMeaning, mtu: number | undefined, skb: Skb): boolean {
    const hashed = this.find(inner.src, header.srcPort, inner.dst, header.dstPort);
    if (hashed === undefined) return false;
    deliver(this.transport.ns, skb, hashed.describe(), hashed.process);
    hashed.icmpError(header, meaning, mtu);
    return true;
  }

  /** tcp_done with an error for the program: the connection is over. */
  abort(sock: TcpSock, errno: Errno): void {
    if (!sock.closed) sock.noteError(errno);
    this.finish(sock);
  }

  /** tcp_done: CLOSE, out of the hash; a program that still holds the socket may read what is left. */
  finish(sock: TcpSock): void {
    this.unhash(sock);
    sock.setState('CLOSE');
    clearTimers(sock);
    sock.hide();
    sock.writeClosed = true;
    sock.readClosed = true;
    sock.queue.length = 0;
    sock.sendHead = 0;
    sock.outOfOrder = [];
    if (!sock.inTimeWait && (!sock.portBound || sock.closed)) this.ports.remove(sock);
    sock.readable.wake();
    sock.writable.wake();
  }

  /** Nobody holds it any more. */
  destroy(sock: TcpSock): void {
    sock.closed = true;
    this.finish(sock);
  }

  /** The socket an accepted request becomes. */
  newChild(parent: TcpSock): TcpSock {
    const child = new TcpSock(this.transport, parent.process === undefined ? undefined : { name: parent.process, pid: parent.pid ?? 0 });
    child.mark = parent.mark;
    child.tos = parent.tos;
    child.ttl = parent.ttl;
    child.pmtudisc = parent.pmtudisc;
    child.reuseAddr = parent.reuseAddr;
    child.nodelay = parent.nodelay;
    child.rcvbuf = parent.rcvbuf;
    child.rcvbufLocked = parent.rcvbufLocked;
    child.boundDevice = parent.boundDevice;
    child.lingerZero = parent.lingerZero;
    return child;
  }

  /** The namespace goes. */
  clear(): void {
    for (const bucket of [...this.#hash.values()]) for (const one of [...bucket]) one.discard();
    this.#hash.clear();
  }
}

export function clearTimers(sock: TcpSock): void {
  stopTimer(sock);
  sock.delack?.cancel();
  sock.delack = undefined;
  sock.ackScheduled = false;
}
