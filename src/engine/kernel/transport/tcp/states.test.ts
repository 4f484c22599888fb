import { describe, expect, it } from 'vitest';
import type { TcpState } from '../../../uapi/sockets.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../../wire/packet.ts';
import { Bench, PEER_ISS } from '../testing/raw-peer.ts';
import { B } from '../testing/two-hosts.ts';

type Shown = TcpState | 'ESTAB';
interface Row {
  readonly id: string;
  readonly from: TcpState;
  readonly event: string;
  readonly to: Shown;
  /** Flags of the segments sent because of it. */
  readonly sent: readonly string[];
  /** SO_ERROR afterwards. */
  readonly error?: string;
  /** Drop reason of the segment; left out: delivered. */
  readonly drop?: string;
}

const DATA = new Uint8Array(100);

const EVENTS: Readonly<Record<string, (b: Bench) => void>> = {
  listen: (b) => void b.socket.listen(5),
  connect: (b) => void b.socket.connect({ address: B, port: 80 }),
  close: (b) => b.socket.close(),
  'close, SO_LINGER 0': (b) => { b.socket.setLingerZero(); b.socket.close(); },
  shutdown: (b) => b.socket.shutdown(),
  'send 10 bytes': (b) => void b.socket.send(new Uint8Array(10)),
  'rcv SYN': (b) => b.peer(SYN),
  'rcv SYN in window': (b) => b.peer(SYN, { seq: b.seq }),
  'rcv SYN-ACK': (b) => b.peer(SYN | ACK),
  'rcv SYN-ACK of the same SYN': (b) => b.peer(SYN | ACK, { seq: PEER_ISS }),
  'rcv SYN-ACK of another SYN': (b) => b.peer(SYN | ACK, { ack: (b.ack + 7) >>> 0 }),
  'rcv ACK of all': (b) => { b.catchUp(); b.peer(ACK); },
  'rcv ACK of unsent data': (b) => b.peer(ACK, { ack: (b.lastSent.seq + 5000) >>> 0 }),
  'rcv ACK': (b) => b.peer(ACK),
  'rcv no flags': (b) => b.peer(0),
  'rcv data': (b) => b.peer(ACK | PSH, { payload: DATA }),
  'rcv data again': (b) => { b.peer(ACK | PSH, { payload: DATA }); b.settle(); b.peer(ACK | PSH, { payload: DATA, seq: (b.seq - 100) >>> 0 }); },
  'rcv data ahead': (b) => b.peer(ACK | PSH, { payload: DATA, seq: (b.seq + 100) >>> 0 }),
  'rcv data beyond the window': (b) => b.peer(ACK | PSH, { payload: DATA, seq: (b.seq + 200_000) >>> 0 }),
  'rcv FIN': (b) => b.peer(FIN | ACK),
  'rcv FIN and ACK of all': (b) => { b.catchUp(); b.peer(FIN | ACK); },
  'rcv data and FIN': (b) => b.peer(FIN | PSH | ACK, { payload: DATA }),
  'rcv RST': (b) => b.peer(RST | ACK),
  'rcv RST alone': (b) => b.peer(RST),
  'rcv RST in window': (b) => b.peer(RST, { seq: (b.seq + 10) >>> 0 }),
  'rcv RST outside': (b) => b.peer(RST, { seq: (b.seq + 200_000) >>> 0 }),
  'rcv late FIN': (b) => b.peer(FIN | ACK, { seq: (b.seq - 1) >>> 0 }),
  'rcv newer SYN': (b) => b.peer(SYN, { seq: (b.seq + 100_000) >>> 0 }),
  'no answer': (b) => b.wait(),
};

const TABLE: readonly Row[] = [
  { id: 'TCP1', from: 'CLOSE', event: 'listen', to: 'LISTEN', sent: [] },
  { id: 'TCP2', from: 'CLOSE', event: 'connect', to: 'SYN_SENT', sent: ['S'] },
  { id: 'TCP3', from: 'CLOSE', event: 'rcv SYN', to: 'CLOSE', sent: ['R.'], drop: 'NO_SOCKET' },
  { id: 'TCP4', from: 'CLOSE', event: 'rcv ACK', to: 'CLOSE', sent: ['R'], drop: 'NO_SOCKET' },
  { id: 'TCP5', from: 'CLOSE', event: 'rcv RST', to: 'CLOSE', sent: [], drop: 'NO_SOCKET' },
  { id: 'TCP6', from: 'LISTEN', event: 'rcv SYN', to: 'LISTEN', sent: ['S.'] },
  { id: 'TCP7', from: 'LISTEN', event: 'rcv ACK', to: 'LISTEN', sent: ['R'], drop: 'TCP_FLAGS' },
  { id: 'TCP8', from: 'LISTEN', event: 'rcv RST', to: 'LISTEN', sent: [], drop: 'TCP_RESET' },
  { id: 'TCP9', from: 'LISTEN', event: 'close', to: 'CLOSE', sent: [] },
  { id: 'TCP10', from: 'SYN_SENT', event: 'rcv SYN-ACK', to: 'ESTAB', sent: ['.'] },
  { id: 'TCP11', from: 'SYN_SENT', event: 'rcv SYN', to: 'SYN_RECV', sent: ['S.'] },
  { id: 'TCP12', from: 'SYN_SENT', event: 'rcv RST', to: 'CLOSE', sent: [], error: 'ECONNREFUSED' },
  { id: 'TCP13', from: 'SYN_SENT', event: 'rcv RST alone', to: 'SYN_SENT', sent: [], drop: 'TCP_RESET' },
  { id: 'TCP14', from: 'SYN_SENT', event: 'rcv SYN-ACK of another SYN', to: 'SYN_SENT', sent: ['R'], drop: 'TCP_INVALID_SEQUENCE' },
  { id: 'TCP15', from: 'SYN_SENT', event: 'no answer', to: 'CLOSE', sent: ['S', 'S', 'S', 'S', 'S', 'S'], error: 'ETIMEDOUT' },
  { id: 'TCP16', from: 'SYN_SENT', event: 'close', to: 'CLOSE', sent: [] },
  { id: 'TCP17', from: 'SYN_RECV', event: 'rcv ACK of all', to: 'ESTAB', sent: [] },
  { id: 'TCP18', from: 'SYN_RECV', event: 'rcv SYN-ACK of the same SYN', to: 'ESTAB', sent: ['.'], drop: 'TCP_OLD_DATA' },
  { id: 'TCP19', from: 'SYN_RECV', event: 'rcv RST', to: 'CLOSE', sent: [], error: 'ECONNRESET', drop: 'TCP_RESET' },
  { id: 'TCP20', from: 'ESTABLISHED', event: 'rcv data', to: 'ESTAB', sent: ['.'] },
  { id: 'TCP21', from: 'ESTABLISHED', event: 'rcv data ahead', to: 'ESTAB', sent: ['.'] },
  { id: 'TCP22', from: 'ESTABLISHED', event: 'rcv data again', to: 'ESTAB', sent: ['.', '.'], drop: 'TCP_OLD_DATA' },
  { id: 'TCP23', from: 'ESTABLISHED', event: 'rcv data beyond the window', to: 'ESTAB', sent: ['.'], drop: 'TCP_INVALID_SEQUENCE' },
  { id: 'TCP24', from: 'ESTABLISHED', event: 'rcv FIN', to: 'CLOSE_WAIT', sent: ['.'] },
  { id: 'TCP25', from: 'ESTABLISHED', event: 'rcv data and FIN', to: 'CLOSE_WAIT', sent: ['.'] },
  { id: 'TCP26', from: 'ESTABLISHED', event: 'rcv RST', to: 'CLOSE', sent: [], error: 'ECONNRESET', drop: 'TCP_RESET' },
  { id: 'TCP27', from: 'ESTABLISHED', event: 'rcv RST in window', to: 'ESTAB', sent: ['.'], drop: 'TCP_RESET' },
  { id: 'TCP28', from: 'ESTABLISHED', event: 'rcv RST outside', to: 'ESTAB', sent: [], drop: 'TCP_INVALID_SEQUENCE' },
  { id: 'TCP29', from: 'ESTABLISHED', event: 'rcv SYN in window', to: 'ESTAB', sent: ['.'], drop: 'TCP_INVALID_SYN' },
  { id: 'TCP32', from: 'ESTABLISHED', event: 'rcv ACK of unsent data', to: 'ESTAB', sent: ['.'], drop: 'TCP_ACK_UNSENT_DATA' },
  { id: 'TCP33', from: 'ESTABLISHED', event: 'rcv no flags', to: 'ESTAB', sent: [], drop: 'TCP_FLAGS' },
  { id: 'TCP34', from: 'ESTABLISHED', event: 'send 10 bytes', to: 'ESTAB', sent: ['P.'] },
  { id: 'TCP35', from: 'ESTABLISHED', event: 'shutdown', to: 'FIN_WAIT1', sent: ['F.'] },
  { id: 'TCP36', from: 'ESTABLISHED', event: 'close', to: 'FIN_WAIT1', sent: ['F.'] },
  { id: 'TCP37', from: 'ESTABLISHED', event: 'close, SO_LINGER 0', to: 'CLOSE', sent: ['R.'] },
  { id: 'TCP38', from: 'FIN_WAIT1', event: 'rcv ACK of all', to: 'FIN_WAIT2', sent: [] },
  { id: 'TCP39', from: 'FIN_WAIT1', event: 'rcv FIN', to: 'CLOSING', sent: ['.'] },
  { id: 'TCP40', from: 'FIN_WAIT1', event: 'rcv FIN and ACK of all', to: 'TIME_WAIT', sent: ['.'] },
  { id: 'TCP41', from: 'FIN_WAIT1', event: 'rcv data', to: 'FIN_WAIT1', sent: ['.'] },
  { id: 'TCP42', from: 'FIN_WAIT2', event: 'rcv FIN', to: 'TIME_WAIT', sent: ['.'] },
  { id: 'TCP43', from: 'FIN_WAIT2', event: 'rcv data', to: 'FIN_WAIT2', sent: ['.'] },
  { id: 'TCP44', from: 'FIN_WAIT2', event: 'rcv RST', to: 'CLOSE', sent: [], error: 'ECONNRESET', drop: 'TCP_RESET' },
  { id: 'TCP45', from: 'CLOSE_WAIT', event: 'shutdown', to: 'LAST_ACK', sent: ['F.'] },
  { id: 'TCP46', from: 'CLOSE_WAIT', event: 'close', to: 'LAST_ACK', sent: ['F.'] },
  { id: 'TCP47', from: 'CLOSE_WAIT', event: 'send 10 bytes', to: 'CLOSE_WAIT', sent: ['P.'] },
  { id: 'TCP48', from: 'CLOSE_WAIT', event: 'rcv RST', to: 'CLOSE', sent: [], error: 'EPIPE', drop: 'TCP_RESET' },
  { id: 'TCP49', from: 'LAST_ACK', event: 'rcv ACK of all', to: 'CLOSE', sent: [] },
  { id: 'TCP50', from: 'CLOSING', event: 'rcv ACK of all', to: 'TIME_WAIT', sent: [] },
  { id: 'TCP51', from: 'TIME_WAIT', event: 'rcv late FIN', to: 'TIME_WAIT', sent: ['.'] },
  { id: 'TCP52', from: 'TIME_WAIT', event: 'rcv RST', to: 'CLOSE', sent: [], drop: 'TCP_RESET' },
  { id: 'TCP53', from: 'TIME_WAIT', event: 'rcv newer SYN', to: 'CLOSE', sent: ['R.'], drop: 'NO_SOCKET' },
  { id: 'TCP54', from: 'TIME_WAIT', event: 'no answer', to: 'CLOSE', sent: [] },
];

describe('the TCP state machine', () => {
  it.each(TABLE)('$id $from, $event: $to, sends $sent', (row) => {
    const bench = new Bench();
    bench.reach(row.from);
    bench.settle(5);
    const sentBefore = bench.two.log.length;
    const stepsBefore = bench.two.world.recorder.head;
    EVENTS[row.event]?.(bench);
    bench.settle();
    expect(bench.sent(sentBefore)).toEqual(row.sent);
    expect(bench.state).toBe(row.to);
    expect(bench.socket.takeError()).toBe(row.error);
    const ends = bench.two.world.recorder.steps.slice(stepsBefore).filter((s) => s.kind === 'dropped' || s.kind === 'delivered');
    const last = ends.at(-1);
    if (row.event.startsWith('rcv')) expect(last?.kind === 'dropped' ? last.reason : undefined).toBe(row.drop);
  });
});
