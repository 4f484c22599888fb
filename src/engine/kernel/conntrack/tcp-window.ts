/**
 * Read first: nf_conntrack_proto_tcp.c, the comment "TCP connection tracking based on 'Real Stateful TCP Packet Filtering'".
 * Models: tcp_in_window, tcp_init_sender, tcp_options, tcp_sack (v6.1). Not modelled: sequence adjustment by NAT helpers.
 */
import { ACK, FIN, RST, SYN, type TcpSegment } from '../../wire/packet.ts';
import { ACK_SET, SR, SS } from './tcp-table.ts';

/** IP_CT_TCP_FLAG_* */
export const WINDOW_SCALE = 1, SACK_PERM = 2, CLOSE_INIT = 4, BE_LIBERAL = 8, DATA_UNACKNOWLEDGED = 16, MAXACK_SET = 32;
const MAXACKWINCONST = 66000;

/** struct ip_ct_tcp_state: one direction as seen. Sequence numbers are unsigned 32 bits. */
export class TcpSide {
  end = 0;
  maxEnd = 0;
  maxWin = 0;
  maxAck = 0;
  scale = 0;
  flags = 0;
}

/** struct ip_ct_tcp. */
export class TcpTrack {
  state = 0;
  readonly seen: readonly [TcpSide, TcpSide] = [new TcpSide(), new TcpSide()];
  lastReply = false;
  lastIndex = 5;
  lastSeq = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWin = 1;
  lastScale = 0;
  lastFlags = 0;
  retrans = 0;
}

export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const after = (a: number, b: number): boolean => before(b, a);

/** segment_seq_plus_len */
export const endOf = (t: TcpSegment): number => (t.seq + t.payload.length + (t.flags & SYN ? 1 : 0) + (t.flags & FIN ? 1 : 0)) >>> 0;

export function readOptions(t: TcpSegment, into: TcpSide): void {
  into.scale = 0;
  into.flags = 0;
  for (const o of t.options) {
    if (o.kind === 'sackOK') into.flags |= SACK_PERM;
    else if (o.kind === 'wscale') {
      into.scale = Math.min(o.shift, 14);
      into.flags |= WINDOW_SCALE;
    }
  }
}

function highestSack(t: TcpSegment, ack: number): number {
  let sack = ack;
  for (const o of t.options) if (o.kind === 'sack') for (const [, right] of o.blocks) if (after(right, sack)) sack = right;
  return sack;
}

function initSender(sender: TcpSide, receiver: TcpSide, t: TcpSegment, end: number, win: number): void {
  sender.end = sender.maxEnd = end;
  sender.maxWin = win === 0 ? 1 : win;
  readOptions(t, sender);
  if (!(sender.flags & WINDOW_SCALE && receiver.flags & WINDOW_SCALE)) sender.scale = receiver.scale = 0;
}

/** tcp_in_window: is the segment one that the receiver can take? Learns from it if so. */
export function inWindow(track: TcpTrack, reply: boolean, index: number, t: TcpSegment, liberal: boolean): boolean {
  const sender = track.seen[reply ? 1 : 0];
  const receiver = track.seen[reply ? 0 : 1];
  let { seq, ack } = t;
  let win = t.window;
  let end = endOf(t);
  let sack = receiver.flags & SACK_PERM ? highestSack(t, ack) : ack;
  const syn = (t.flags & SYN) !== 0;
  const hasAck = (t.flags & ACK) !== 0;

  if (sender.maxWin === 0) {
    if (syn) {
      initSender(sender, receiver, t, end, win);
      if (!hasAck) return true; // simultaneous open
    } else {
      // In the middle of a connection whose beginning we missed.
      sender.end = end;
      sender.maxWin = Math.max(1, win * 2 ** sender.scale);
      sender.maxEnd = (end + sender.maxWin) >>> 0;
      if (receiver.maxWin === 0) receiver.end = receiver.maxEnd = sack;
      else if (sack === ((receiver.end + 1) >>> 0)) receiver.end = sack;
    }
  } else if (syn && after(end, sender.end) && (track.state === SS || track.state === SR)) {
    initSender(sender, receiver, t, end, win);
    if (reply && !hasAck) return true;
  }
  if (!hasAck || (t.flags & RST && ack === 0)) ack = sack = receiver.end;
  if (t.flags & RST && seq === 0 && track.state === SS) seq = end = sender.end; // answers a SYN

  const inReceiveWindow = receiver.maxWin === 0 || after(end, sender.end - receiver.maxWin - 1);
  if (
    before(seq, sender.maxEnd + 1) && inReceiveWindow && before(sack, receiver.end + 1) &&
    after(sack, receiver.end - Math.max(sender.maxWin, MAXACKWINCONST) - 1)
  ) {
    if (!syn) win *= 2 ** sender.scale;
    sender.maxWin = Math.max(sender.maxWin, win + ((sack - ack) >>> 0));
    if (after(end, sender.end)) {
      sender.end = end;
      sender.flags |= DATA_UNACKNOWLEDGED;
    }
    if (hasAck) {
      if (!(sender.flags & MAXACK_SET)) {
        sender.maxAck = ack;
        sender.flags |= MAXACK_SET;
      } else if (after(ack, sender.maxAck)) sender.maxAck = ack;
    }
    if (receiver.maxWin !== 0 && after(end, sender.maxEnd)) receiver.maxWin += (end - sender.maxEnd) >>> 0;
    if (after(sack + win, receiver.maxEnd - 1)) receiver.maxEnd = (sack + win + (win === 0 ? 1 : 0)) >>> 0;
    if (ack === receiver.end) receiver.flags &= ~DATA_UNACKNOWLEDGED;
    if (index === ACK_SET) {
      const rawWin = win;
      if (track.lastReply === reply && track.lastSeq === seq && track.lastAck === ack && track.lastEnd === end && track.lastWin === rawWin) track.retrans++;
      else {
        track.lastReply = reply;
        track.lastSeq = seq;
        track.lastAck = ack;
        track.lastEnd = end;
        track.lastWin = rawWin;
        track.retrans = 0;
      }
    }
    return true;
  }
  return liberal || (sender.flags & BE_LIBERAL) !== 0;
}
