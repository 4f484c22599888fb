/** Read first: net/ipv4/tcp_input.c tcp_data_queue, tcp_data_queue_ofo, tcp_event_data_recv. Models: the receive side's order (v6.1). Not modelled: truesize, DSACK. */
import type { DropReason } from '../../../trace/drop-reasons.ts';
import { FIN, PSH, type TcpSegment } from '../../../wire/packet.ts';
import { ATO_MIN } from './constants.ts';
import { enterQuickAck, increaseQuickAck } from './output.ts';
import { add, after, before, distance } from './seq.ts';
import { segmentLength } from './tcp-layer.ts';
import type { OutOfOrder, TcpSock } from './tcp-sock.ts';
import { growWindow, receiveWindow } from './window.ts';

/** Takes the payload and FIN of a segment in the window. A reason: nothing of it was kept. */
export function dataQueue(sock: TcpSock, segment: TcpSegment): DropReason | undefined {
  const { seq, payload } = segment;
  const end = add(seq, segmentLength(segment));
  if (seq === end) return undefined;
  const fin = (segment.flags & FIN) !== 0;
  if (!after(end, sock.rcvNxt)) {
    enterQuickAck(sock);
    sock.ackScheduled = true;
    sock.ackNow = true;
    return 'TCP_OLD_DATA';
  }
  const window = receiveWindow(sock);
  if (!before(seq, add(sock.rcvNxt, window)) && payload.length > 0) {
    enterQuickAck(sock);
    sock.ackScheduled = true;
    sock.ackNow = true;
    return window === 0 ? 'TCP_ZEROWINDOW' : 'TCP_OVERWINDOW';
  }
  if (after(seq, sock.rcvNxt)) {
    insertOutOfOrder(sock, { seq, end, payload, fin });
    sock.ackScheduled = true;
    sock.ackNow = true;
    return undefined;
  }
  if (before(seq, sock.rcvNxt)) enterQuickAck(sock);
  accept(sock, { seq, end, payload, fin });
  dataReceived(sock, segment);
  const filling = sock.outOfOrder.length > 0;
  drainOutOfOrder(sock);
  // RFC 5681: a filled gap is acknowledged at once.
  if (filling && sock.outOfOrder.length === 0) sock.ackNow = true;
  sock.row({ recvQueue: sock.receiveQueued });
  sock.readableSoon = true;
  return undefined;
}

/** Appends what is new of a segment that reaches over rcv_nxt. */
function accept(sock: TcpSock, piece: OutOfOrder): void {
  const known = distance(sock.rcvNxt, piece.seq);
  const fresh = known > 0 ? piece.payload.subarray(known) : piece.payload;
  if (fresh.length > 0 && !sock.readClosed) {
    sock.receiveQueue.push(fresh);
    sock.receiveQueued += fresh.length;
  }
  sock.rcvNxt = piece.end;
  if (piece.fin && !sock.finReceived) {
    sock.finReceived = true;
    sock.finPending = true;
    sock.ackScheduled = true;
  }
}

/** Kept in order of sequence; a piece wholly inside another is dropped from the queue, overlaps are cut when they are taken. */
function insertOutOfOrder(sock: TcpSock, piece: OutOfOrder): void {
  const queue = sock.outOfOrder;
  let at = queue.length;
  while (at > 0) {
    const previous = queue[at - 1];
    if (previous === undefined || !after(previous.seq, piece.seq)) break;
    at--;
  }
  const previous = queue[at - 1];
  if (previous !== undefined && !after(piece.end, previous.end)) return;
  queue.splice(at, 0, piece);
}

function drainOutOfOrder(sock: TcpSock): void {
  for (;;) {
    const first = sock.outOfOrder[0];
    if (first === undefined || after(first.seq, sock.rcvNxt)) return;
    sock.outOfOrder.shift();
    if (after(first.end, sock.rcvNxt)) accept(sock, first);
  }
}

/** tcp_event_data_recv: schedules the ACK, learns the sender's segment size and rhythm. */
function dataReceived(sock: TcpSock, segment: TcpSegment): void {
  const { length } = segment.payload;
  sock.ackScheduled = true;
  if (length === 0) return;
  if (length >= sock.rcvMss) {
    sock.rcvMss = Math.min(length, sock.advmss);
    if ((segment.flags & PSH) !== 0) sock.pushed = Math.max(1, sock.pushed);
  } else {
    sock.pushed++;
  }
  const { now } = sock;
  if (sock.ato === 0) {
    increaseQuickAck(sock);
    sock.ato = ATO_MIN;
  } else {
    const gap = now - sock.lastReceive;
    if (gap <= ATO_MIN / 2) sock.ato = sock.ato / 2 + ATO_MIN / 2;
    else if (gap < sock.ato) sock.ato = Math.min(sock.ato / 2 + gap, sock.rto);
    else if (gap > sock.rto) increaseQuickAck(sock);
  }
  sock.lastReceive = now;
  if (length >= 128) growWindow(sock);
}
