/**
 * Read first: net/ipv4/tcp_output.c, tcp.c tcp_sendmsg and tcp_cleanup_rbuf.
 * Models: what a socket sends and when (v6.1): MSS segmentation, PSH, Nagle with Minshall's rule, windows, ACK policy.
 * Not modelled: GSO (every segment is at most one MSS), pacing, TSQ, cork. SACK blocks ride on pure ACKs only.
 */
import { nanos } from '../../../sim/time.ts';
import { ACK, FIN, IPPROTO_TCP, PSH, RST, SYN, type TcpOption } from '../../../wire/packet.ts';
import { ATO_MIN, DELACK_MAX, MAX_QUICKACKS, PINGPONG_THRESHOLD } from './constants.ts';
import { NO_OPTIONS, sackOptions, synOptions, timestampOptions } from './options.ts';
import { armProbe, armRetransmit, inFlight } from './retransmit.ts';
import { add, after, distance } from './seq.ts';
import type { TcpSock, TxSegment } from './tcp-sock.ts';
import { receiveWindow, selectWindow, wantedWindow } from './window.ts';

const EMPTY = new Uint8Array(0);

export const timestampOf = (sock: TcpSock): number => (Math.floor(sock.now / 1e6) + sock.tsOffset) % 0x1_0000_0000;

function optionsFor(sock: TcpSock, flags: number, data: boolean): readonly TcpOption[] {
  if ((flags & SYN) !== 0) {
    const first = (flags & ACK) === 0;
    return synOptions({
      mss: sock.advmss, sack: first ? sock.offerSack : sock.sack, wscale: (first ? sock.offerScaling : sock.rcvScale > 0) ? sock.rcvScale : undefined,
      timestamps: (first ? sock.offerTimestamps : sock.timestamps) ? { value: timestampOf(sock), echo: first ? 0 : sock.tsRecent } : undefined,
    });
  }
  const stamps = sock.timestamps ? timestampOptions(timestampOf(sock), sock.tsRecent) : NO_OPTIONS;
  if (data || !sock.sack || sock.outOfOrder.length === 0) return stamps;
  return [...stamps, ...sackOptions(sackBlocks(sock, sock.timestamps ? 3 : 4))];
}

/** Ranges of the out-of-order queue, the one that changed last first would be exact; ours are in order of sequence. */
function sackBlocks(sock: TcpSock, limit: number): (readonly [number, number])[] {
  const blocks: [number, number][] = [];
  for (const { seq, end } of sock.outOfOrder) {
    const last = blocks.at(-1);
    if (last !== undefined && !after(seq, last[1])) {
      if (after(end, last[1])) last[1] = end;
    } else {
      blocks.push([seq, end]);
    }
  }
  return blocks.slice(0, limit);
}

/** __tcp_transmit_skb */
export function transmit(sock: TcpSock, flags: number, seq: number, payload: Uint8Array): void {
  const { remote, local, transport } = sock;
  if (remote === undefined) return;
  const window = (flags & SYN) !== 0 ? Math.min(sock.rcvWnd, 65535) : selectWindow(sock);
  const acks = (flags & ACK) !== 0;
  const options = optionsFor(sock, flags, payload.length > 0);
  if (acks) ackSent(sock);
  if (payload.length > 0) dataSent(sock);
  const route = sock.routeTo(remote.address);
  if (!route.ok) {
    sock.softError = route.error.errno;
    return;
  }
  transport.ns.ip.send({
    dst: remote.address, src: local.address, protocol: IPPROTO_TCP,
    payload: { kind: 'tcp', srcPort: local.port, dstPort: remote.port, seq, ack: acks ? sock.rcvNxt : 0, flags, window, options, payload },
    tos: sock.tos, ttl: sock.ttl, mark: sock.mark, oif: sock.boundDevice, socket: sock, connected: true,
    df: sock.pmtudisc !== 0, partial: true, by: sock.process ?? sock.describe(), route: route.value,
  });
}

/** tcp_event_ack_sent */
function ackSent(sock: TcpSock): void {
  sock.lastAckSent = sock.rcvNxt;
  if (sock.quick > 0 && sock.ackScheduled) {
    sock.quick--;
    if (sock.quick === 0) sock.ato = ATO_MIN;
  }
  sock.ackScheduled = false;
  sock.ackNow = false;
  sock.pushed = 0;
  sock.delack?.cancel();
  sock.delack = undefined;
}

/** tcp_event_data_sent: an answer within the ACK timeout makes the session interactive. */
function dataSent(sock: TcpSock): void {
  sock.lastSend = sock.now;
  if (sock.now - sock.lastReceive < sock.ato) sock.pingpong = Math.min(sock.pingpong + 1, 255);
}

/** tcp_sendmsg: takes what fits in the send buffer. */
export function writeBytes(sock: TcpSock, bytes: Uint8Array): number {
  const taken = Math.min(bytes.length, sock.sendRoom);
  if (taken === 0) return 0;
  let at = 0;
  const tail = sock.queue[sock.queue.length - 1];
  if (tail !== undefined && sock.queue.length > sock.sendHead && tail.payload.length < sock.mss && (tail.flags & (SYN | FIN)) === 0) {
    at = Math.min(taken, sock.mss - tail.payload.length);
    const joined = new Uint8Array(tail.payload.length + at);
    joined.set(tail.payload);
    joined.set(bytes.subarray(0, at), tail.payload.length);
    tail.payload = joined;
    tail.end = add(tail.end, at);
  }
  sock.writeSeq = add(sock.writeSeq, at);
  while (at < taken) {
    const part = bytes.slice(at, Math.min(taken, at + sock.mss));
    at += part.length;
    queueSegment(sock, ACK, part);
  }
  const last = sock.queue[sock.queue.length - 1];
  if (last !== undefined) last.flags |= PSH;
  writeXmit(sock);
  sock.row({ sendQueue: sock.unacked });
  return taken;
}

/** Appends to the write queue; SYN and FIN take a sequence number. */
export function queueSegment(sock: TcpSock, flags: number, payload: Uint8Array): TxSegment {
  const seq = sock.writeSeq;
  const end = add(seq, payload.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0));
  const segment: TxSegment = { seq, end, flags, payload, sentAt: undefined, retransmits: 0, sacked: false, lost: false, resent: false };
  sock.queue.push(segment);
  sock.writeSeq = end;
  return segment;
}

export const windowEnd = (sock: TcpSock): number => add(sock.sndUna, sock.sndWnd);

/** tcp_nagle_check: a small segment waits while another small one is not acknowledged. */
const nagleHolds = (sock: TcpSock, segment: TxSegment): boolean =>
  !sock.nodelay && segment.payload.length < sock.mss && (segment.flags & FIN) === 0 &&
  after(sock.sndSml, sock.sndUna) && !after(sock.sndSml, sock.sndNxt);

/** Cuts a queued segment when the path's MSS shrank, or to what a small window takes. */
export function splitSegment(sock: TcpSock, index: number, length: number): void {
  const segment = sock.queue[index];
  if (segment === undefined || length <= 0 || segment.payload.length <= length) return;
  const rest: TxSegment = { ...segment, seq: add(segment.seq, length), payload: segment.payload.subarray(length) };
  segment.payload = segment.payload.subarray(0, length);
  segment.end = rest.seq;
  segment.flags &= ~(FIN | PSH);
  sock.queue.splice(index + 1, 0, rest);
  if (index < sock.sendHead) sock.sendHead++;
}

/** tcp_write_xmit: new data as windows and Nagle let it. */
export function writeXmit(sock: TcpSock): void {
  for (;;) {
    const segment = sock.queue[sock.sendHead];
    if (segment === undefined || sock.state === 'CLOSE') return;
    if (segment.payload.length > sock.mss) splitSegment(sock, sock.sendHead, sock.mss);
    if (inFlight(sock) >= sock.cwnd) break;
    if (after(segment.end, windowEnd(sock))) break;
    if (nagleHolds(sock, segment)) break;
    sendSegment(sock, segment);
  }
  if (sock.sendHead === 0 && sock.timer === undefined && sock.state !== 'SYN_SENT') armProbe(sock);
}

/** First transmission of the segment at sendHead. */
export function sendSegment(sock: TcpSock, segment: TxSegment): void {
  segment.sentAt = sock.now;
  sock.sendHead++;
  sock.sndNxt = segment.end;
  if (segment.payload.length > 0 && segment.payload.length < sock.mss) sock.sndSml = segment.end;
  if (sock.timerKind !== 'retransmit') armRetransmit(sock);
  transmit(sock, segment.flags, segment.seq, segment.payload);
}

/** tcp_send_fin: on the last unsent segment if there is one. */
export function sendFin(sock: TcpSock): void {
  const tail = sock.queue[sock.queue.length - 1];
  if (tail !== undefined && sock.queue.length > sock.sendHead) {
    tail.flags |= FIN;
    tail.end = add(tail.end, 1);
    sock.writeSeq = tail.end;
  } else {
    queueSegment(sock, ACK | FIN, EMPTY);
  }
  writeXmit(sock);
}

export function sendAck(sock: TcpSock): void {
  if (sock.state === 'CLOSE') return;
  transmit(sock, ACK, sock.sndNxt, EMPTY);
}

/** tcp_send_active_reset */
export function sendActiveReset(sock: TcpSock): void {
  transmit(sock, RST | ACK, sock.sndNxt, EMPTY);
}

/** tcp_incr_quickack */
export function increaseQuickAck(sock: TcpSock, limit = MAX_QUICKACKS): void {
  const n = Math.floor(sock.rcvWnd / (2 * sock.rcvMss));
  sock.quick = Math.max(sock.quick, Math.min(n === 0 ? 2 : n, limit));
}

/** tcp_enter_quickack_mode */
export function enterQuickAck(sock: TcpSock): void {
  increaseQuickAck(sock);
  sock.pingpong = 0;
  sock.ato = ATO_MIN;
}

/** __tcp_ack_snd_check: now when more than a full segment waits, in quick mode, or when out of order; else a little later. */
export function ackSendCheck(sock: TcpSock): void {
  if (!sock.ackScheduled || sock.state === 'CLOSE') return;
  const waiting = distance(sock.rcvNxt, sock.rcvWup);
  const now = (waiting > sock.rcvMss && wantedWindow(sock) >= sock.rcvWnd) ||
    (sock.quick > 0 && sock.pingpong < PINGPONG_THRESHOLD) || sock.ackNow || sock.outOfOrder.length > 0;
  if (now) sendAck(sock);
  else scheduleDelayedAck(sock);
}

/** tcp_send_delayed_ack */
export function scheduleDelayedAck(sock: TcpSock): void {
  let ato = sock.ato === 0 ? ATO_MIN : sock.ato;
  if (ato > ATO_MIN) {
    let most = sock.pingpong >= PINGPONG_THRESHOLD || sock.pushed > 0 ? DELACK_MAX : 500e6;
    if (sock.srtt > 0) most = Math.min(most, Math.max(sock.srtt, ATO_MIN));
    ato = Math.min(ato, most);
  }
  if (sock.delack !== undefined) return;
  sock.ackScheduled = true;
  sock.delack = sock.transport.ns.machine.world.scheduler.after(nanos(ato), () => {
    sock.delack = undefined;
    if (!sock.ackScheduled || sock.state === 'CLOSE') return;
    if (sock.pingpong < PINGPONG_THRESHOLD) sock.ato = Math.min(sock.ato * 2, sock.rto);
    else {
      sock.pingpong = 0;
      sock.ato = ATO_MIN;
    }
    sendAck(sock);
  });
}

/** tcp_cleanup_rbuf: after a read, an ACK that waited goes when the program took everything, or the window opened by much. */
export function cleanupReceive(sock: TcpSock, copied: number): void {
  if (sock.state === 'CLOSE' || sock.state === 'LISTEN') return;
  let send = false;
  if (sock.ackScheduled) {
    send = distance(sock.rcvNxt, sock.rcvWup) > sock.rcvMss ||
      (copied > 0 && (sock.pushed > 1 || (sock.pushed === 1 && sock.pingpong < PINGPONG_THRESHOLD)) && sock.receiveQueued === 0);
  }
  if (!send && copied > 0 && !sock.readClosed && !sock.finReceived) {
    const offered = receiveWindow(sock);
    if (2 * offered <= sock.windowClamp) {
      const next = wantedWindow(sock);
      send = next > 0 && next >= 2 * offered;
    }
  }
  if (send) sendAck(sock);
}

/** tcp_sync_mss: path MTU, the peer's MSS and half its largest window bound a segment. */
export function syncMss(sock: TcpSock, pmtu: number): void {
  sock.pmtu = pmtu;
  const header = 40 + (sock.timestamps ? 12 : 0);
  let mss = Math.min(pmtu - 40, sock.mssClamp) - (header - 40);
  const half = sock.maxWindow > 536 ? Math.floor(sock.maxWindow / 2) : sock.maxWindow;
  if (half > 0) mss = Math.min(mss, Math.max(half, 68 - header));
  sock.mss = Math.max(mss, 48);
}
