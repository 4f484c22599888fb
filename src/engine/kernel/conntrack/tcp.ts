/**
 * Read first: RFC 9293 section 3.3.2, net/netfilter/nf_conntrack_proto_tcp.c.
 * Models: nf_conntrack_tcp_packet, tcp_new (v6.1). Not modelled: SYN proxy, per-connection timeout policies.
 */
import { must } from '../../../base/assert.ts';
import { RST, type TcpSegment } from '../../wire/packet.ts';
import { IPS_ASSURED, IPS_SEEN_REPLY, type ConntrackEntry } from './entry.ts';
import {
  ACK_SET, bitSet, CL, CW, ES, FW, IG, IV, LA, NO, nextState, RST_SET, S2, SR, SS, SYN_SET, SYNACK_SET, TW, validFlags,
} from './tcp-table.ts';
import {
  BE_LIBERAL, before, CLOSE_INIT, DATA_UNACKNOWLEDGED, endOf, inWindow, MAXACK_SET, readOptions, SACK_PERM, TcpSide, TcpTrack, WINDOW_SCALE,
} from './tcp-window.ts';
import type { Timeouts } from './timeouts.ts';

export { TcpTrack };

/** nf_conntrack_tcp_packet's answer. `repeat`: the old connection is dead, look up again. `killed`: delivered, but the entry goes now. */
export type TcpVerdict = 'accept' | 'invalid' | 'repeat' | 'killed';

/** What a packet changed, for the event that goes out when it leaves. */
export interface Changes {
  protoinfo: boolean;
  assured: boolean;
  /** New timeout in seconds; -1: not refreshed. */
  timeout: number;
}

const SIMULTANEOUS_OPEN = 0x40, EXP_CHALLENGE_ACK = 0x80;

/** tcp_can_early_drop: closing already. */
export const closing = (state: number): boolean => state === FW || state === LA || state === TW || state === CL || state === CW;

function fresh(t: TcpSegment, loose: boolean): TcpTrack | undefined {
  const state = nextState(false, bitSet(t.flags), NO);
  if (state === IV) return undefined;
  const track = new TcpTrack();
  const [mine, other] = track.seen;
  mine.end = endOf(t);
  mine.maxWin = t.window === 0 ? 1 : t.window;
  if (state === SS) {
    mine.maxEnd = mine.end;
    readOptions(t, mine);
  } else {
    if (!loose) return undefined;
    mine.maxEnd = (mine.end + mine.maxWin) >>> 0;
    mine.flags = other.flags = SACK_PERM | BE_LIBERAL;
  }
  return track;
}

export function tcpPacket(entry: ConntrackEntry, t: TcpSegment, reply: boolean, timeouts: Timeouts, out: Changes): TcpVerdict {
  if (!validFlags(t.flags)) return 'invalid';
  if (!entry.confirmed) {
    entry.tcp = fresh(t, timeouts.tcpLoose);
    if (entry.tcp === undefined) return 'invalid';
  }
  const track = must(entry.tcp, 'TCP state of a TCP connection');
  const old = track.state;
  const index = bitSet(t.flags);
  const dir = reply ? 1 : 0;
  const seen = track.seen;
  let state = nextState(reply, index, old);
  let check = true;

  if (state === SS && old >= TW) {
    const closed = ((seen[0].flags | seen[1].flags) & CLOSE_INIT) !== 0 || (track.lastReply === reply && track.lastIndex === RST_SET);
    if (closed) return 'repeat';
    state = IG;
  }
  switch (state) {
    case IG: {
      if (index === SYNACK_SET && track.lastIndex === SYN_SET && track.lastReply !== reply && t.ack === track.lastEnd) {
        // Answers a SYN that we had let through as out of sync: they are in sync, we were not.
        state = SR;
        const side = seen[track.lastReply ? 1 : 0];
        side.end = side.maxEnd = track.lastEnd;
        side.maxWin = track.lastWin === 0 ? 1 : track.lastWin;
        side.scale = track.lastScale;
        track.lastFlags &= ~EXP_CHALLENGE_ACK;
        side.flags = track.lastFlags;
        Object.assign(seen[dir], new TcpSide());
        break;
      }
      track.lastIndex = index;
      track.lastReply = reply;
      track.lastSeq = t.seq;
      track.lastEnd = endOf(t);
      track.lastWin = t.window;
      if (index === SYN_SET && !reply) {
        const options = new TcpSide();
        readOptions(t, options);
        track.lastFlags = options.flags & (WINDOW_SCALE | SACK_PERM);
        track.lastScale = options.flags & WINDOW_SCALE ? options.scale : 0;
        if (old === LA) track.lastFlags |= EXP_CHALLENGE_ACK;
      }
      if (old === SS && index === ACK_SET && reply) track.lastAck = t.ack;
      return 'accept';
    }
    case IV:
      return 'invalid';
    case TW:
      // RFC 5961: an ACK that challenges a stray SYN does not acknowledge the last FIN.
      if (old === LA && index === ACK_SET && track.lastReply !== reply && track.lastIndex === SYN_SET && track.lastFlags & EXP_CHALLENGE_ACK) {
        track.lastFlags &= ~EXP_CHALLENGE_ACK;
        return 'accept';
      }
      break;
    case S2:
      track.lastFlags |= SIMULTANEOUS_OPEN;
      break;
    case SR:
      if (reply && index === ACK_SET && track.lastFlags & SIMULTANEOUS_OPEN) state = ES;
      break;
    case CL: {
      if (index !== RST_SET) break;
      if (closing(old)) {
        check = false;
        break;
      }
      const other = seen[reply ? 0 : 1];
      const established = old === ES && (entry.status & IPS_ASSURED) !== 0;
      if (other.flags & MAXACK_SET && track.lastIndex !== SYN_SET) {
        if (t.seq === 0 && !established) break; // likely the answer to a SYN that went through earlier
        if (before(t.seq, other.maxAck) && !timeouts.tcpIgnoreInvalidRst) return 'invalid';
        if (!established || t.seq === other.maxAck) break;
        if (track.lastIndex === ACK_SET && track.lastReply === reply && t.seq === track.lastEnd) break;
        state = old; // out of order: leave room for a challenge ACK
      }
      const answersIgnored = entry.status & IPS_SEEN_REPLY ? track.lastIndex === SYN_SET : false;
      const answersHalfOpen = !(entry.status & IPS_ASSURED) && track.lastIndex === ACK_SET;
      if ((answersIgnored || answersHalfOpen) && t.ack === track.lastEnd) check = false;
      break;
    }
  }
  if (check && !inWindow(track, reply, index, t, timeouts.tcpBeLiberal)) return 'invalid';

  track.lastIndex = index;
  track.lastReply = reply;
  track.state = state;
  if (old !== state) {
    if (state === FW) seen[dir].flags |= CLOSE_INIT;
    out.protoinfo = true;
  }
  let timeout = timeouts.tcp[state] ?? 0;
  if (track.retrans >= timeouts.tcpMaxRetrans && timeout > timeouts.tcpRetrans) timeout = timeouts.tcpRetrans;
  else if (index === RST_SET) timeout = timeouts.tcp[CL] ?? 10;
  else if ((seen[0].flags | seen[1].flags) & DATA_UNACKNOWLEDGED && timeout > timeouts.tcpUnack) timeout = timeouts.tcpUnack;
  else if (track.lastWin === 0 && timeout > timeouts.tcpRetrans) timeout = timeouts.tcpRetrans;

  if (!(entry.status & IPS_SEEN_REPLY)) {
    if (t.flags & RST) return 'killed';
    if (index === SYN_SET && old === SS) return 'accept';
    if (state === ES && timeout > timeouts.tcpUnack) timeout = timeouts.tcpUnack;
  } else if (!(entry.status & IPS_ASSURED) && (old === SR || old === ES) && state === ES) {
    entry.status |= IPS_ASSURED;
    out.assured = true;
  }
  out.timeout = timeout;
  return 'accept';
}
