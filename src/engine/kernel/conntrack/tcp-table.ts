/**
 * Read first: net/netfilter/nf_conntrack_proto_tcp.c, the comment above tcp_conntracks[].
 * Models: the state table of v6.1 as data. See tcp-table.test.ts for the same rows in words.
 */
import { ACK, FIN, RST, SYN } from '../../wire/packet.ts';

/** enum tcp_conntrack. IV: invalid packet; IG: let through, change nothing. */
export const NO = 0, SS = 1, SR = 2, ES = 3, FW = 4, CW = 5, LA = 6, TW = 7, CL = 8, S2 = 9, IV = 10, IG = 11;

export const TCP_STATE_NAMES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const;

/** enum tcp_bit_set: what the flags of a segment amount to. */
export const SYN_SET = 0, SYNACK_SET = 1, FIN_SET = 2, ACK_SET = 3, RST_SET = 4, NONE_SET = 5;

export function bitSet(flags: number): number {
  if (flags & RST) return RST_SET;
  if (flags & SYN) return flags & ACK ? SYNACK_SET : SYN_SET;
  if (flags & FIN) return FIN_SET;
  return flags & ACK ? ACK_SET : NONE_SET;
}

const none: readonly number[] = [IV, IV, IV, IV, IV, IV, IV, IV, IV, IV];

/** tcp_conntracks[direction][bit set][old state] */
export const TCP_TABLE: readonly (readonly (readonly number[])[])[] = [
  [
    //         NO  SS  SR  ES  FW  CW  LA  TW  CL  S2
    /* syn */ [SS, SS, IG, IG, IG, IG, IG, SS, SS, S2],
    /* s/a */ [IV, IV, SR, IV, IV, IV, IV, IV, IV, SR],
    /* fin */ [IV, IV, FW, FW, LA, LA, LA, TW, CL, IV],
    /* ack */ [ES, IV, ES, ES, CW, CW, TW, TW, CL, IV],
    /* rst */ [IV, CL, CL, CL, CL, CL, CL, CL, CL, CL],
    none,
  ],
  [
    /* syn */ [IV, S2, IV, IV, IV, IV, IV, SS, IV, S2],
    /* s/a */ [IV, SR, IG, IG, IG, IG, IG, IG, IG, SR],
    /* fin */ [IV, IV, FW, FW, LA, LA, LA, TW, CL, IV],
    /* ack */ [IV, IG, SR, ES, CW, CW, TW, TW, CL, IG],
    /* rst */ [IV, CL, CL, CL, CL, CL, CL, CL, CL, CL],
    none,
  ],
];

export const nextState = (reply: boolean, set: number, old: number): number => TCP_TABLE[reply ? 1 : 0]?.[set]?.[old] ?? IV;

/** tcp_valid_flags[]: combinations that exist, PSH, ECE and CWR left out. */
const URG = 0x20;
const VALID = new Set([SYN, SYN | URG, SYN | ACK, RST, RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG]);
export const validFlags = (flags: number): boolean => VALID.has(flags & (SYN | URG | ACK | RST | FIN));
