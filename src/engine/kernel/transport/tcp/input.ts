/**
 * Read first: net/ipv4/tcp_input.c tcp_rcv_state_process, tcp_validate_incoming, tcp_rcv_synsent_state_process; RFC 9293 section 3.10.7, RFC 5961.
 * Models: what a segment does to a socket that has a peer (v6.1). Not modelled: PAWS, urgent data, ECN, the fast path.
 */
import { ACK, RST, SYN, type Ipv4Packet, type TcpSegment } from '../../../wire/packet.ts';
import { deliver, drop } from '../../drop.ts';
import type { Skb } from '../../skb.ts';
import type { EmbeddedHeader, ErrorMeaning } from '../icmp-errors.ts';
import { takeAck } from './ack.ts';
import { startFinWait2 } from './close.ts';
import { CHALLENGE_INTERVAL } from './constants.ts';
import { dataQueue } from './data-queue.ts';
import { parseOptions, type ParsedOptions } from './options.ts';
import { ackSendCheck, enterQuickAck, sendAck, syncMss, transmit, writeXmit } from './output.ts';
import { resendTooLarge, sampleRtt, stopTimer } from './retransmit.ts';
import { add, after, before, between } from './seq.ts';
import { segmentLength } from './tcp-layer.ts';
import type { TcpSock } from './tcp-sock.ts';
import { enterTimeWait } from './time-wait.ts';
import { initBufferSpace, initialRcvMss, receiveWindow } from './window.ts';

const EMPTY = new Uint8Array(0);

export function receiveSegment(sock: TcpSock, skb: Skb, packet: Ipv4Packet, segment: TcpSegment): void {
  const options = parseOptions(segment);
  if (sock.state === 'SYN_SENT') return synSent(sock, skb, packet, segment, options);
  if (!validate(sock, skb, segment, options)) return;
  processState(sock, skb, packet, segment, options);
}

const toSocket = (sock: TcpSock, skb: Skb): void => deliver(sock.transport.ns, skb, sock.describe(), sock.process);

/** tcp_reset: what the program hears of it depends on the state. */
function takeReset(sock: TcpSock): void {
  const errno = sock.state === 'SYN_SENT' ? 'ECONNREFUSED' : sock.state === 'CLOSE_WAIT' ? 'EPIPE' : 'ECONNRESET';
  sock.layer.abort(sock, errno);
}

/** tcp_send_challenge_ack: an ACK that makes an honest peer resend with the right numbers (RFC 5961), at most one in 500 ms. */
function challenge(sock: TcpSock): void {
  if (sock.lastChallenge !== undefined && sock.now - sock.lastChallenge < CHALLENGE_INTERVAL) return;
  sock.lastChallenge = sock.now;
  sendAck(sock);
}

/** tcp_validate_incoming: sequence, RST, SYN. False: the segment ended here. */
function validate(sock: TcpSock, skb: Skb, segment: TcpSegment, options: ParsedOptions): boolean {
  const { ns } = sock.transport;
  const { flags, seq } = segment;
  const end = add(seq, segmentLength(segment));
  if (before(end, sock.rcvWup) || after(seq, add(sock.rcvNxt, receiveWindow(sock)))) {
    drop(ns, skb, 'TCP_INVALID_SEQUENCE');
    if ((flags & RST) !== 0) return false;
    if ((flags & SYN) !== 0) challenge(sock);
    else {
      // tcp_send_dupack
      if (end !== seq && before(seq, sock.rcvNxt)) enterQuickAck(sock);
      sendAck(sock);
    }
    return false;
  }
  if ((flags & RST) !== 0) {
    if (seq === sock.rcvNxt) {
      drop(ns, skb, 'TCP_RESET', `resets ${sock.describe()}`);
      takeReset(sock);
    } else {
      drop(ns, skb, 'TCP_RESET', 'not at the next expected sequence number: challenged');
      challenge(sock);
    }
    return false;
  }
  if ((flags & SYN) !== 0) {
    const crossing = sock.state === 'SYN_RECV' && (flags & ACK) !== 0 && add(seq, 1) === end && end === sock.rcvNxt && segment.ack === sock.sndNxt;
    if (!crossing) {
      drop(ns, skb, 'TCP_INVALID_SYN');
      challenge(sock);
      return false;
    }
  }
  if (options.timestamps && !after(seq, sock.rcvWup)) sock.tsRecent = options.value;
  return true;
}

function processState(sock: TcpSock, skb: Skb, packet: Ipv4Packet, segment: TcpSegment, options: ParsedOptions): void {
  const { ns } = sock.transport;
  const { flags } = segment;
  if ((flags & ACK) === 0) return drop(ns, skb, 'TCP_FLAGS', 'no ACK flag on a connection');
  const verdict = takeAck(sock, segment, options);
  if (verdict === 'too-old' || verdict === 'unsent' || (verdict === 'old' && sock.state === 'SYN_RECV')) {
    drop(ns, skb, verdict === 'unsent' ? 'TCP_ACK_UNSENT_DATA' : verdict === 'too-old' ? 'TCP_TOO_OLD_ACK' : 'TCP_OLD_ACK');
    if (sock.state === 'SYN_RECV') sock.layer.sendReset(packet, segment);
    else challenge(sock);
    return;
  }
  const finAcked = sock.writeClosed && sock.sndUna === sock.writeSeq && sock.queue.length === 0;
  switch (sock.state) {
    case 'SYN_RECV':
      if (sock.sndUna === sock.iss) return drop(ns, skb, 'TCP_FLAGS', 'does not acknowledge our SYN');
      established(sock, segment);
      // A close before the handshake's end queued a FIN behind it.
      break;
    case 'FIN_WAIT1':
      if (finAcked) {
        sock.setState('FIN_WAIT2');
        sock.writableSoon = true;
        if (sock.orphan) {
          const more = segmentLength(segment) > 0;
          startFinWait2(sock, more);
          if (!more) return toSocket(sock, skb);
        }
      }
      break;
    case 'CLOSING':
      if (finAcked) {
        toSocket(sock, skb);
        enterTimeWait(sock);
        return;
      }
      break;
    case 'LAST_ACK':
      if (finAcked) {
        toSocket(sock, skb);
        sock.layer.destroy(sock);
        return;
      }
      break;
    default:
      break;
  }
  if (!takeData(sock, skb, packet, segment)) return;
  if (sock.state === 'CLOSE') return;
  writeXmit(sock);
  ackSendCheck(sock);
}

/** The data step by state. False: nothing more to do. */
function takeData(sock: TcpSock, skb: Skb, packet: Ipv4Packet, segment: TcpSegment): boolean {
  switch (sock.state) {
    case 'CLOSE_WAIT':
    case 'CLOSING':
    case 'LAST_ACK':
      if (!before(segment.seq, sock.rcvNxt)) {
        toSocket(sock, skb);
        return true;
      }
      break;
    case 'FIN_WAIT1':
    case 'FIN_WAIT2': {
      // RFC 1122 4.2.2.13: nobody will read it any more.
      const dataEnd = add(segment.seq, segment.payload.length);
      if (sock.orphan && segment.payload.length > 0 && after(dataEnd, sock.rcvNxt)) {
        drop(sock.transport.ns, skb, 'TCP_ABORT_ON_DATA');
        sock.layer.sendReset(packet, segment);
        sock.layer.destroy(sock);
        return false;
      }
      break;
    }
    default:
      break;
  }
  const reason = dataQueue(sock, segment);
  if (reason === undefined) toSocket(sock, skb);
  else drop(sock.transport.ns, skb, reason);
  return !finStep(sock);
}

/** tcp_fin: the peer will send no more. True: the socket is gone or has answered already. */
function finStep(sock: TcpSock): boolean {
  if (!sock.finPending) return false;
  sock.finPending = false;
  sock.readableSoon = true;
  switch (sock.state) {
    case 'SYN_RECV':
    case 'ESTABLISHED':
      sock.setState('CLOSE_WAIT');
      sock.pingpong = Math.max(1, sock.pingpong);
      return false;
    case 'FIN_WAIT1':
      sendAck(sock);
      sock.setState('CLOSING');
      return false;
    case 'FIN_WAIT2':
      sendAck(sock);
      enterTimeWait(sock);
      return true;
    default:
      return false;
  }
}

/** SYN_RECV ends: windows and options as the handshake left them (tcp_init_transfer). */
function established(sock: TcpSock, segment: TcpSegment): void {
  sock.setState(sock.writeClosed ? 'FIN_WAIT1' : 'ESTABLISHED');
  sock.sndWnd = segment.window * 2 ** sock.sndScale;
  sock.sndWl1 = segment.seq;
  sock.maxWindow = Math.max(sock.maxWindow, sock.sndWnd);
  if (sock.timestamps) sock.advmss -= 12;
  syncMss(sock, sock.pmtu);
  initBufferSpace(sock);
  sock.rcvMss = initialRcvMss(sock);
  sock.writableSoon = true;
}

/** tcp_rcv_synsent_state_process */
function synSent(sock: TcpSock, skb: Skb, packet: Ipv4Packet, segment: TcpSegment, options: ParsedOptions): void {
  const { ns } = sock.transport;
  const { flags, seq, ack } = segment;
  if ((flags & ACK) !== 0 && (!after(ack, sock.sndUna) || after(ack, sock.sndNxt))) {
    drop(ns, skb, 'TCP_INVALID_SEQUENCE', 'acknowledges something else than our SYN');
    sock.layer.sendReset(packet, segment);
    return;
  }
  if ((flags & RST) !== 0) {
    if ((flags & ACK) === 0) return drop(ns, skb, 'TCP_RESET', 'a reset that acknowledges nothing');
    toSocket(sock, skb);
    takeReset(sock);
    return;
  }
  if ((flags & SYN) === 0) return drop(ns, skb, 'TCP_FLAGS');
  sock.irs = seq;
  sock.rcvNxt = sock.rcvWup = sock.copiedSeq = add(seq, 1);
  sock.sndWl1 = seq;
  sock.sndWnd = segment.window;
  sock.maxWindow = segment.window;
  sock.sack = options.sack && sock.offerSack;
  sock.timestamps = options.timestamps && sock.offerTimestamps;
  if (options.timestamps) sock.tsRecent = options.value;
  if (options.wscale === undefined || !sock.offerScaling) {
    sock.rcvScale = 0;
    sock.sndScale = 0;
    sock.windowClamp = Math.min(sock.windowClamp, 65535);
  } else {
    sock.sndScale = options.wscale;
  }
  sock.mssClamp = Math.min(options.mss, sock.advmss);
  if ((flags & ACK) === 0) {
    // Simultaneous open: our SYN again, now with the ACK of theirs.
    toSocket(sock, skb);
    sock.setState('SYN_RECV');
    syncMss(sock, sock.pmtu);
    const syn = sock.queue[0];
    if (syn !== undefined) syn.flags = SYN | ACK;
    transmit(sock, SYN | ACK, sock.iss, EMPTY);
    return;
  }
  const syn = sock.queue.shift();
  sock.sendHead = 0;
  sock.sndUna = ack;
  if (syn?.sentAt !== undefined && syn.retransmits === 0) sampleRtt(sock, sock.now - syn.sentAt);
  stopTimer(sock);
  sock.retransmits = 0;
  sock.backoff = 0;
  sock.retransmitSince = undefined;
  if (sock.timestamps) sock.advmss -= 12;
  syncMss(sock, sock.pmtu);
  initBufferSpace(sock);
  sock.rcvMss = initialRcvMss(sock);
  sock.lastReceive = sock.now;
  sock.setState('ESTABLISHED');
  toSocket(sock, skb);
  sock.confirmNeighbour();
  sock.writableSoon = true;
  sendAck(sock);
}

/** tcp_v4_err: hard for a handshake, soft for a connection; a smaller path MTU cuts the segments. */
export function takeIcmpError(sock: TcpSock, header: EmbeddedHeader, meaning: ErrorMeaning, mtu: number | undefined): void {
  if (!between(header.word, sock.sndUna, sock.sndNxt)) return;
  if (mtu !== undefined) {
    sock.forgetRoute();
    const route = sock.remote === undefined ? undefined : sock.routeTo(sock.remote.address);
    const pmtu = route?.ok === true ? route.value.mtu : mtu;
    if (pmtu >= sock.pmtu) return;
    syncMss(sock, pmtu);
    if (sock.state !== 'SYN_SENT' && sock.state !== 'SYN_RECV') resendTooLarge(sock);
    return;
  }
  if (sock.state === 'SYN_SENT' || sock.state === 'SYN_RECV') sock.layer.abort(sock, meaning.errno);
  else sock.softError = meaning.errno;
}

