/** Read first: net/ipv4/tcp_input.c tcp_ack. Models: what an acknowledgement does to the send side (v6.1). Not modelled: DSACK, ECN. */
import type { TcpSegment } from '../../../wire/packet.ts';
import { FIN, SYN } from '../../../wire/packet.ts';
import { syncMss, timestampOf, windowEnd } from './output.ts';
import type { ParsedOptions } from './options.ts';
import { armProbe, lossRecovery, rearm, sampleRtt, stopTimer } from './retransmit.ts';
import { add, after, before, distance } from './seq.ts';
import type { TcpSock } from './tcp-sock.ts';

export type AckVerdict = 'ok' | 'old' | 'too-old' | 'unsent';

/** Takes the ACK of a segment. 'old' changes nothing but may carry SACK blocks; 'too-old' and 'unsent' are refused. */
export function takeAck(sock: TcpSock, segment: TcpSegment, options: ParsedOptions): AckVerdict {
  const { ack } = segment;
  const priorUna = sock.sndUna;
  if (before(ack, priorUna)) {
    if (before(ack, add(priorUna, -sock.maxWindow))) return 'too-old';
    markSacked(sock, options);
    return 'old';
  }
  if (after(ack, sock.sndNxt)) return 'unsent';
  sock.probes = 0;
  const updated = updateWindow(sock, segment);
  const progress = after(ack, priorUna);
  const flying = sock.sendHead;
  let acked = 0;
  if (progress) {
    sock.sndUna = ack;
    sock.retransmits = 0;
    acked = cleanQueue(sock, options);
    rearm(sock);
    sock.confirmNeighbour();
    sock.row({ sendQueue: sock.unacked });
  }
  const newlySacked = markSacked(sock, options);
  const plain = segment.payload.length === 0 && (segment.flags & (SYN | FIN)) === 0;
  if (!progress && flying > 0 && (newlySacked > 0 || (plain && !updated && !sock.sack))) sock.dupAcks += Math.max(1, newlySacked);
  if (flying > 0) lossRecovery(sock, progress, acked);
  if (sock.sendHead === 0 && sock.queue.length > 0) probeAnswered(sock);
  if (progress) sock.writableSoon = true;
  return 'ok';
}

/** tcp_ack_update_window. True: the window changed. */
function updateWindow(sock: TcpSock, segment: TcpSegment): boolean {
  const window = (segment.flags & SYN) !== 0 ? segment.window : segment.window * 2 ** sock.sndScale;
  const newer = after(segment.ack, sock.sndUna) || after(segment.seq, sock.sndWl1) || (segment.seq === sock.sndWl1 && window > sock.sndWnd);
  if (!newer) return false;
  sock.sndWl1 = segment.seq;
  if (sock.sndWnd === window) return false;
  sock.sndWnd = window;
  if (window > sock.maxWindow) {
    sock.maxWindow = window;
    syncMss(sock, sock.pmtu);
  }
  return true;
}

/** tcp_clean_rtx_queue. Segments that left the queue. */
function cleanQueue(sock: TcpSock, options: ParsedOptions): number {
  let acked = 0;
  let rtt: number | undefined;
  let retransmitted = false;
  while (sock.sendHead > 0) {
    const head = sock.queue[0];
    if (head === undefined) break;
    if (after(head.end, sock.sndUna)) {
      const part = distance(sock.sndUna, head.seq);
      if (part > 0) {
        sock.queue[0] = { ...head, seq: sock.sndUna, payload: head.payload.subarray(part) };
      }
      break;
    }
    if (head.retransmits > 0) retransmitted = true;
    else if (rtt === undefined && head.sentAt !== undefined) rtt = sock.now - head.sentAt;
    sock.queue.shift();
    sock.sendHead--;
    acked++;
  }
  if (rtt !== undefined && !retransmitted) sampleRtt(sock, rtt);
  // Karn: after a retransmission only the echoed timestamp says which copy was answered (milliseconds).
  else if (options.timestamps && options.echo !== 0) sampleRtt(sock, Math.max(1, (timestampOf(sock) - options.echo) >>> 0) * 1e6);
  return acked;
}

function markSacked(sock: TcpSock, options: ParsedOptions): number {
  let n = 0;
  for (const [start, end] of options.blocks) {
    for (let i = 0; i < sock.sendHead; i++) {
      const segment = sock.queue[i];
      if (segment === undefined || segment.sacked || before(segment.seq, start) || after(segment.end, end)) continue;
      segment.sacked = true;
      n++;
    }
  }
  return n;
}

/** tcp_ack_probe: with room for the next segment the probing ends. */
function probeAnswered(sock: TcpSock): void {
  const next = sock.queue[0];
  if (next === undefined) return;
  if (!after(next.end, windowEnd(sock))) {
    sock.backoff = 0;
    if (sock.timerKind === 'probe') stopTimer(sock);
  } else if (sock.timerKind === undefined) {
    armProbe(sock);
  }
}
