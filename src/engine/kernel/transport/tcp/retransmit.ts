/**
 * Read first: net/ipv4/tcp_timer.c, tcp_input.c tcp_rtt_estimator, RFC 6298, RFC 5681.
 * Models: RTO with Linux's floor of 200 ms over the smoothed round trip, exponential backoff, retries, zero window probes, loss recovery
 * by three duplicate ACKs or SACK (v6.1). Not modelled: CUBIC's growth (Reno's is used, with CUBIC's 0.7), RACK and tail loss probes, F-RTO, undo.
 */
import { nanos, type Nanos } from '../../../sim/time.ts';
import { ACK, SYN } from '../../../wire/packet.ts';
import { ORPHAN_RETRIES, RTO_MAX, RTO_MIN } from './constants.ts';
import { splitSegment, sendSegment, transmit, windowEnd } from './output.ts';
import { add, after, before, distance } from './seq.ts';
import type { TcpSock, TxSegment } from './tcp-sock.ts';

const EMPTY = new Uint8Array(0);

/** tcp_rtt_estimator and tcp_set_rto. */
export function sampleRtt(sock: TcpSock, rtt: number): void {
  const r = Math.max(rtt, 1000); // a microsecond is the kernel's grain
  if (sock.srtt === 0) {
    sock.srtt = r;
    sock.rttvar = Math.max(2 * r, RTO_MIN);
  } else {
    const deviation = Math.abs(r - sock.srtt);
    sock.srtt += (r - sock.srtt) / 8;
    sock.rttvar = Math.max(sock.rttvar + (4 * deviation - sock.rttvar) / 4, RTO_MIN);
  }
  sock.rto = nanos(Math.min(sock.srtt + sock.rttvar, RTO_MAX));
}

/** The RTO before any backoff. */
function resetRto(sock: TcpSock): void {
  if (sock.srtt > 0) sock.rto = nanos(Math.min(sock.srtt + sock.rttvar, RTO_MAX));
}

export function stopTimer(sock: TcpSock): void {
  sock.timer?.cancel();
  sock.timer = undefined;
  sock.timerKind = undefined;
}

function start(sock: TcpSock, kind: 'retransmit' | 'probe', after: Nanos, fn: () => void): void {
  stopTimer(sock);
  sock.timerKind = kind;
  sock.timer = sock.transport.ns.machine.world.scheduler.after(after, () => {
    sock.timer = undefined;
    sock.timerKind = undefined;
    fn();
  });
}

export function armRetransmit(sock: TcpSock): void {
  start(sock, 'retransmit', sock.rto, () => onRetransmitTimer(sock));
}

/** tcp_rearm_rto: after progress. */
export function rearm(sock: TcpSock): void {
  sock.backoff = 0;
  resetRto(sock);
  if (sock.sendHead === 0) {
    if (sock.timerKind === 'retransmit') stopTimer(sock);
  } else {
    armRetransmit(sock);
  }
}

/** Segments believed to be in the network (tcp_packets_in_flight). */
export function inFlight(sock: TcpSock): number {
  if (sock.recovery === 'open' && sock.dupAcks === 0) return sock.sendHead;
  let n = 0;
  for (let i = 0; i < sock.sendHead; i++) {
    const segment = sock.queue[i];
    if (segment !== undefined && !segment.sacked && (!segment.lost || segment.resent)) n++;
  }
  return n;
}

/** retransmits_timed_out: as long as `retries` doublings from the smallest RTO would take. */
export function timedOut(sock: TcpSock, retries: number): boolean {
  if (sock.retransmitSince === undefined) return false;
  const doublings = Math.floor(Math.log2(RTO_MAX / RTO_MIN));
  const limit = retries <= doublings ? (2 ** (retries + 1) - 1) * RTO_MIN : (2 ** (doublings + 1) - 1) * RTO_MIN + (retries - doublings) * RTO_MAX;
  return sock.now - sock.retransmitSince >= limit;
}

/** tcp_orphan_retries, tcp_retries2 */
const retries = (sock: TcpSock): number => {
  const { sysctl } = sock.transport.ns;
  if (!sock.orphan) return sysctl.int('net.ipv4.tcp_retries2');
  return sysctl.int('net.ipv4.tcp_orphan_retries') || ORPHAN_RETRIES;
};

/** tcp_retransmit_timer */
function onRetransmitTimer(sock: TcpSock): void {
  const head = sock.queue[0];
  if (head === undefined || sock.sendHead === 0) return;
  const handshake = sock.state === 'SYN_SENT' || sock.state === 'SYN_RECV';
  const expired = handshake ? sock.retransmits >= sock.transport.ns.sysctl.int('net.ipv4.tcp_syn_retries') : timedOut(sock, retries(sock));
  if (expired) {
    sock.layer.abort(sock, sock.softError ?? 'ETIMEDOUT');
    return;
  }
  if (!handshake) enterLoss(sock);
  sock.retransmits++;
  sock.backoff++;
  resend(sock, head);
  sock.rto = nanos(Math.min(sock.rto * 2, RTO_MAX));
  armRetransmit(sock);
}

/** tcp_enter_loss: everything not SACKed is taken for lost, one segment may fly. */
function enterLoss(sock: TcpSock): void {
  if (sock.recovery !== 'loss') sock.ssthresh = Math.max(2, Math.floor(inFlight(sock) * 0.7));
  sock.recovery = 'loss';
  sock.highSeq = sock.sndNxt;
  sock.cwnd = 1;
  sock.cwndFraction = 0;
  for (let i = 0; i < sock.sendHead; i++) {
    const segment = sock.queue[i];
    if (segment === undefined || segment.sacked) continue;
    segment.lost = true;
    segment.resent = false;
  }
}

/** __tcp_retransmit_skb */
export function resend(sock: TcpSock, segment: TxSegment): void {
  if (segment.payload.length > sock.mss) splitSegment(sock, sock.queue.indexOf(segment), sock.mss);
  segment.retransmits++;
  segment.resent = true;
  segment.sentAt = sock.now;
  sock.retransmitSince ??= sock.now;
  transmit(sock, segment.flags, segment.seq, segment.payload);
}

/** tcp_xmit_retransmit_queue */
export function resendLost(sock: TcpSock): void {
  if (sock.recovery === 'open') return;
  for (let i = 0; i < sock.sendHead; i++) {
    const segment = sock.queue[i];
    if (segment === undefined || !segment.lost || segment.resent || segment.sacked) continue;
    if (inFlight(sock) >= sock.cwnd) return;
    resend(sock, segment);
  }
}

/** tcp_mark_head_lost, with SACK every hole more than three segments below the highest block. */
function markLost(sock: TcpSock): void {
  const head = sock.queue[0];
  if (head !== undefined && sock.sendHead > 0 && !head.sacked) head.lost = true;
  let above = 0;
  for (let i = sock.sendHead - 1; i >= 0; i--) {
    const segment = sock.queue[i];
    if (segment === undefined) continue;
    if (segment.sacked) above++;
    else if (above >= 3) segment.lost = true;
  }
}

/** tcp_fastretrans_alert, much reduced. `progress`: snd_una advanced. */
export function lossRecovery(sock: TcpSock, progress: boolean, acked: number): void {
  if (sock.recovery !== 'open' && !before(sock.sndUna, sock.highSeq)) {
    if (sock.recovery === 'recovery') sock.cwnd = Math.max(2, sock.ssthresh);
    sock.recovery = 'open';
    sock.dupAcks = 0;
    sock.retransmitSince = undefined;
    for (const segment of sock.queue) segment.lost = false;
  } else if (progress && sock.recovery === 'open') {
    sock.dupAcks = 0;
    sock.retransmitSince = undefined;
  }
  if (sock.recovery === 'open') {
    if (sock.dupAcks >= 3 && sock.sendHead > 0) {
      sock.recovery = 'recovery';
      sock.highSeq = sock.sndNxt;
      sock.ssthresh = Math.max(2, Math.floor(sock.cwnd * 0.7));
      sock.cwnd = sock.ssthresh;
      for (let i = 0; i < sock.sendHead; i++) {
        const segment = sock.queue[i];
        if (segment !== undefined) segment.resent = false;
      }
      markLost(sock);
      const head = sock.queue[0];
      if (head !== undefined && !head.sacked) resend(sock, head);
    } else if (acked > 0) {
      growCwnd(sock, acked);
    }
  } else {
    if (sock.recovery === 'loss' && acked > 0) growCwnd(sock, acked);
    if (sock.recovery === 'recovery') markLost(sock);
  }
  resendLost(sock);
}

function growCwnd(sock: TcpSock, acked: number): void {
  if (sock.cwnd < sock.ssthresh) {
    sock.cwnd += acked;
    return;
  }
  sock.cwndFraction += acked;
  if (sock.cwndFraction >= sock.cwnd) {
    sock.cwndFraction -= sock.cwnd;
    sock.cwnd++;
  }
}

/** tcp_check_probe_timer: data waits, nothing flies, the window is too small. */
export function armProbe(sock: TcpSock): void {
  if (sock.sendHead > 0 || sock.queue.length === 0) return;
  start(sock, 'probe', nanos(Math.min(sock.rto * 2 ** Math.min(sock.backoff, 16), RTO_MAX)), () => onProbeTimer(sock));
}

/** tcp_probe_timer, tcp_send_probe0, tcp_write_wakeup */
function onProbeTimer(sock: TcpSock): void {
  const segment = sock.queue[0];
  if (segment === undefined || sock.sendHead > 0) {
    sock.probes = 0;
    return;
  }
  if (sock.probes >= retries(sock)) {
    sock.layer.abort(sock, sock.softError ?? 'ETIMEDOUT');
    return;
  }
  const room = distance(windowEnd(sock), segment.seq);
  if (room > 0) {
    splitSegment(sock, 0, Math.min(room, sock.mss));
    sendSegment(sock, segment);
    return;
  }
  sock.probes++;
  sock.backoff++;
  // One sequence number below the window: the peer must answer with its ACK.
  transmit(sock, ACK, add(sock.sndUna, -1), EMPTY);
  armProbe(sock);
}

/** tcp_simple_retransmit: the path's MTU shrank, segments that no longer fit go again without a loss. */
export function resendTooLarge(sock: TcpSock): void {
  let end: number | undefined;
  for (let i = 0; i < sock.sendHead; i++) {
    const segment = sock.queue[i];
    if (segment === undefined || segment.sacked || (segment.flags & SYN) !== 0) continue;
    if (segment.payload.length > sock.mss) {
      end = segment.end;
      splitSegment(sock, i, sock.mss);
    }
    if (end !== undefined && !after(segment.end, end)) resend(sock, segment);
  }
  if (sock.sendHead > 0) armRetransmit(sock);
}
