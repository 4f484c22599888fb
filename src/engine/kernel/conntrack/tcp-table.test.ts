/** The comment above tcp_conntracks[] in nf_conntrack_proto_tcp.c (v6.1), one row per transition. */
import { describe, expect, test } from 'vitest';
import { ACK, FIN, PSH, RST, SYN, URG } from '../../wire/packet.ts';
import { bitSet, nextState, TCP_STATE_NAMES, validFlags } from './tcp-table.ts';

type State = (typeof TCP_STATE_NAMES)[number] | 'IGNORE' | 'INVALID';
const NAMES: readonly State[] = [...TCP_STATE_NAMES, 'INVALID', 'IGNORE'];
const number = (s: State): number => NAMES.indexOf(s);
const FLAGS = { syn: SYN, 'syn/ack': SYN | ACK, fin: FIN | ACK, ack: ACK, rst: RST, none: 0 } as const;

type Row = readonly [from: State, by: 'original' | 'reply', what: keyof typeof FLAGS, to: State, why: string];
const ROWS: readonly Row[] = [
  ['NONE', 'original', 'syn', 'SYN_SENT', 'initialize a new connection'],
  ['SYN_SENT', 'original', 'syn', 'SYN_SENT', 'retransmitted SYN'],
  ['SYN_RECV', 'original', 'syn', 'IGNORE', 'late retransmitted SYN'],
  ['ESTABLISHED', 'original', 'syn', 'IGNORE', 'SYN outside SYN_SENT: receiver resets, or we are out of sync'],
  ['FIN_WAIT', 'original', 'syn', 'IGNORE', 'same'], ['CLOSE_WAIT', 'original', 'syn', 'IGNORE', 'same'], ['LAST_ACK', 'original', 'syn', 'IGNORE', 'same'],
  ['TIME_WAIT', 'original', 'syn', 'SYN_SENT', 'reopened connection (RFC 1122)'],
  ['CLOSE', 'original', 'syn', 'SYN_SENT', 'reopened'],
  ['SYN_SENT2', 'original', 'syn', 'SYN_SENT2', 'late retransmitted SYN'],
  ['NONE', 'original', 'syn/ack', 'INVALID', 'too late and no reason to do anything'],
  ['SYN_SENT', 'original', 'syn/ack', 'INVALID', 'client cannot send SYN and then SYN/ACK'],
  ['SYN_SENT2', 'original', 'syn/ack', 'SYN_RECV', 'SYN/ACK sent to SYN2 in simultaneous open'],
  ['SYN_RECV', 'original', 'syn/ack', 'SYN_RECV', 'late retransmitted SYN/ACK in simultaneous open'],
  ['ESTABLISHED', 'original', 'syn/ack', 'INVALID', 'client cannot'], ['FIN_WAIT', 'original', 'syn/ack', 'INVALID', 'client cannot'],
  ['CLOSE_WAIT', 'original', 'syn/ack', 'INVALID', 'client cannot'], ['LAST_ACK', 'original', 'syn/ack', 'INVALID', 'client cannot'],
  ['TIME_WAIT', 'original', 'syn/ack', 'INVALID', 'client cannot'], ['CLOSE', 'original', 'syn/ack', 'INVALID', 'client cannot'],
  ['NONE', 'original', 'fin', 'INVALID', 'too late'],
  ['SYN_SENT', 'original', 'fin', 'INVALID', 'we enforce waiting for a SYN/ACK first'],
  ['SYN_SENT2', 'original', 'fin', 'INVALID', 'same'],
  ['SYN_RECV', 'original', 'fin', 'FIN_WAIT', 'close started'], ['ESTABLISHED', 'original', 'fin', 'FIN_WAIT', 'close started'],
  ['FIN_WAIT', 'original', 'fin', 'LAST_ACK', 'FIN seen in both directions'], ['CLOSE_WAIT', 'original', 'fin', 'LAST_ACK', 'second FIN'],
  ['LAST_ACK', 'original', 'fin', 'LAST_ACK', 'retransmitted FIN'], ['TIME_WAIT', 'original', 'fin', 'TIME_WAIT', 'retransmitted FIN'],
  ['CLOSE', 'original', 'fin', 'CLOSE', 'closed already'],
  ['NONE', 'original', 'ack', 'ESTABLISHED', 'assumed'],
  ['SYN_SENT', 'original', 'ack', 'INVALID', 'we have not seen a SYN/ACK yet'], ['SYN_SENT2', 'original', 'ack', 'INVALID', 'same'],
  ['SYN_RECV', 'original', 'ack', 'ESTABLISHED', 'established'], ['ESTABLISHED', 'original', 'ack', 'ESTABLISHED', ':-)'],
  ['FIN_WAIT', 'original', 'ack', 'CLOSE_WAIT', 'normal close request answered by ACK'], ['CLOSE_WAIT', 'original', 'ack', 'CLOSE_WAIT', 'stays'],
  ['LAST_ACK', 'original', 'ack', 'TIME_WAIT', 'last ACK detected'], ['TIME_WAIT', 'original', 'ack', 'TIME_WAIT', 'retransmitted last ACK'],
  ['CLOSE', 'original', 'ack', 'CLOSE', 'stays'],
  ['NONE', 'original', 'rst', 'INVALID', 'nothing to reset'],
  ...(['SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const).flatMap((s): Row[] => [
    [s, 'original', 'rst', 'CLOSE', 'reset'], [s, 'reply', 'rst', 'CLOSE', 'reset'],
  ]),
  ['NONE', 'reply', 'syn', 'INVALID', 'never reached'],
  ['SYN_SENT', 'reply', 'syn', 'SYN_SENT2', 'simultaneous open'], ['SYN_SENT2', 'reply', 'syn', 'SYN_SENT2', 'retransmitted simultaneous SYN'],
  ['SYN_RECV', 'reply', 'syn', 'INVALID', 'server cannot'], ['ESTABLISHED', 'reply', 'syn', 'INVALID', 'server cannot'],
  ['FIN_WAIT', 'reply', 'syn', 'INVALID', 'server cannot'], ['CLOSE_WAIT', 'reply', 'syn', 'INVALID', 'server cannot'], ['LAST_ACK', 'reply', 'syn', 'INVALID', 'server cannot'],
  ['TIME_WAIT', 'reply', 'syn', 'SYN_SENT', 'reopened, server may have switched roles'], ['CLOSE', 'reply', 'syn', 'INVALID', 'server cannot'],
  ['SYN_SENT', 'reply', 'syn/ack', 'SYN_RECV', 'standard open'], ['SYN_SENT2', 'reply', 'syn/ack', 'SYN_RECV', 'simultaneous open'],
  ['SYN_RECV', 'reply', 'syn/ack', 'IGNORE', 'retransmitted SYN/ACK'], ['ESTABLISHED', 'reply', 'syn/ack', 'IGNORE', 'late SYN/ACK'],
  ['FIN_WAIT', 'reply', 'syn/ack', 'IGNORE', 'might answer an ignored SYN'], ['CLOSE_WAIT', 'reply', 'syn/ack', 'IGNORE', 'same'], ['LAST_ACK', 'reply', 'syn/ack', 'IGNORE', 'same'],
  ['TIME_WAIT', 'reply', 'syn/ack', 'IGNORE', 'same'], ['CLOSE', 'reply', 'syn/ack', 'IGNORE', 'same'],
  ['SYN_SENT', 'reply', 'fin', 'INVALID', 'server may not'], ['SYN_SENT2', 'reply', 'fin', 'INVALID', 'server may not'],
  ['SYN_RECV', 'reply', 'fin', 'FIN_WAIT', 'close started'], ['ESTABLISHED', 'reply', 'fin', 'FIN_WAIT', 'close started'],
  ['FIN_WAIT', 'reply', 'fin', 'LAST_ACK', 'FIN in both directions'], ['CLOSE_WAIT', 'reply', 'fin', 'LAST_ACK', 'second FIN'],
  ['LAST_ACK', 'reply', 'fin', 'LAST_ACK', 'retransmitted'], ['TIME_WAIT', 'reply', 'fin', 'TIME_WAIT', 'retransmitted'], ['CLOSE', 'reply', 'fin', 'CLOSE', 'closed'],
  ['SYN_SENT', 'reply', 'ack', 'IGNORE', 'might be a half-open connection'], ['SYN_SENT2', 'reply', 'ack', 'IGNORE', 'same'],
  ['SYN_RECV', 'reply', 'ack', 'SYN_RECV', 'might answer a late resent SYN'], ['ESTABLISHED', 'reply', 'ack', 'ESTABLISHED', ':-)'],
  ['FIN_WAIT', 'reply', 'ack', 'CLOSE_WAIT', 'close answered'], ['CLOSE_WAIT', 'reply', 'ack', 'CLOSE_WAIT', 'stays'],
  ['LAST_ACK', 'reply', 'ack', 'TIME_WAIT', 'last ACK'], ['TIME_WAIT', 'reply', 'ack', 'TIME_WAIT', 'retransmitted'], ['CLOSE', 'reply', 'ack', 'CLOSE', 'stays'],
  ['ESTABLISHED', 'original', 'none', 'INVALID', 'no flags at all'], ['ESTABLISHED', 'reply', 'none', 'INVALID', 'no flags at all'],
];

describe('CT1 TCP state table', () => {
  test.each(ROWS)('%s, %s sends %s: %s (%s)', (from, by, what, to) => {
    expect(NAMES[nextState(by === 'reply', bitSet(FLAGS[what]), number(from))]).toBe(to);
  });

  test('every cell of the table but those of NONE in reply has its row', () => {
    const seen = new Set(ROWS.map(([from, by, what]) => `${from} ${by} ${what}`));
    const missing: string[] = [];
    for (const from of TCP_STATE_NAMES) for (const by of ['original', 'reply']) for (const what of Object.keys(FLAGS)) {
      if (what !== 'none' && !(from === 'NONE' && by === 'reply') && !seen.has(`${from} ${by} ${what}`)) missing.push(`${from} ${by} ${what}`);
    }
    expect(missing).toEqual([]);
  });
});

describe('CT2 combinations of flags that exist', () => {
  test.each([[SYN, true], [SYN | ACK, true], [RST | ACK, true], [FIN | ACK | PSH, true], [ACK | URG, true], [FIN, false], [SYN | FIN, false], [SYN | RST, false], [0, false], [0x3f, false]])(
    'flags %i: %s', (flags, valid) => {
      expect(validFlags(flags)).toBe(valid);
    });
});
