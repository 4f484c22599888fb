import { describe, expect, it } from 'vitest';
import { millis, nanos, seconds } from '../../../sim/time.ts';
import type { TcpSocket } from '../../../uapi/sockets.ts';
import { ANY } from '../../../wire/addresses.ts';
import { ACK, FIN, IPPROTO_ICMP, PSH, RST, SYN, type Ipv4Packet } from '../../../wire/packet.ts';
import { emitIpv4Start } from '../../../wire/ipv4.ts';
import { Bench } from '../testing/raw-peer.ts';
import { A, address, B, twoHosts, type TwoHosts } from '../testing/two-hosts.ts';

const bytes = (n: number, from = 0): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (from + i) & 255);

function listen(two: TwoHosts, backlog = 5): TcpSocket {
  const listener = two.b.sockets.tcp();
  expect(listener.bind({ address: ANY, port: 80 }).ok).toBe(true);
  expect(listener.listen(backlog).ok).toBe(true);
  return listener;
}

function connected(two: TwoHosts): { client: TcpSocket; server: TcpSocket } {
  const listener = listen(two);
  const client = two.a.sockets.tcp();
  client.connect({ address: B, port: 80 });
  two.run(millis(10));
  const server = listener.accept();
  if (server === undefined) throw new Error('not connected');
  return { client, server };
}

const icmp = (about: Ipv4Packet, type: number, code: number, rest = 0): Ipv4Packet => ({
  kind: 'ipv4', tos: 0, id: 0, df: false, mf: false, offset: 0, ttl: 64, protocol: IPPROTO_ICMP, src: address('10.9.0.254'), dst: about.src,
  payload: { kind: 'icmp', type, code, rest, body: emitIpv4Start(about, 28) },
});

describe('TCP timers', () => {
  it('TCP62 a SYN goes out at 0, 1, 3, 7, 15, 31 and 63 s, and connect gives up at 127 s', () => {
    const two = twoHosts();
    two.spoil = () => [];
    const times: number[] = [];
    two.spoil = () => { times.push(two.world.scheduler.now / 1e9); return []; };
    const client = two.a.sockets.tcp();
    client.connect({ address: B, port: 80 });
    two.run();
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63]);
    expect(two.world.scheduler.now).toBe(seconds(127));
    expect(client.takeError()).toBe('ETIMEDOUT');
    expect(two.a.sockets.list()).toEqual([]);
  });

  it('TCP63 an unanswered SYN-ACK is repeated five times and forgotten after 63 s', () => {
    const two = twoHosts();
    const times: number[] = [];
    two.spoil = (_p, from) => {
      if (from === 'a') return times.length === 0 ? [50_000] : [];
      times.push(Math.round(two.world.scheduler.now / 1e9));
      return [];
    };
    listen(two);
    const client = two.a.sockets.tcp();
    client.connect({ address: B, port: 80 });
    client.close();
    two.run();
    expect(times).toEqual([0, 1, 3, 7, 15, 31]);
    expect(two.b.sockets.list().map((row) => row.state)).toEqual(['LISTEN']);
  });

  it.each([
    ['host unreachable', 3, 1, [0]], ['time exceeded', 11, 0, [0]], ['administratively prohibited', 3, 13, [0, 1, 3, 7, 15, 31]], ['port unreachable', 3, 3, [0, 1, 3, 7, 15, 31]],
  ] as const)('TCP97 %s about a SYN-ACK (found by the referee): only what says that the peer cannot be reached ends the request', (_name, type, code, expected) => {
    const two = twoHosts();
    const times: number[] = [];
    two.spoil = (packet, from) => {
      if (from === 'a') return times.length === 0 ? [50_000] : [];
      times.push(Math.round(two.world.scheduler.now / 1e9));
      two.world.scheduler.after(nanos(1000), () => two.inject(two.b, { ...icmp(packet, type, code), dst: packet.src }));
      return [];
    };
    listen(two);
    const client = two.a.sockets.tcp();
    client.connect({ address: B, port: 80 });
    client.close();
    two.run();
    expect(times).toEqual(expected);
  });

  it('TCP64 lost data is sent again after 200 ms and more, doubling, until 15 retries worth of time are over', () => {
    const two = twoHosts();
    const { client } = connected(two);
    const start = two.world.scheduler.now;
    const times: number[] = [];
    two.spoil = () => { times.push((two.world.scheduler.now - start) / 1e6); return []; };
    client.send(bytes(10));
    two.run();
    expect(times[0]).toBe(0);
    expect(times[1]).toBeGreaterThan(200);
    expect(times[1]).toBeLessThan(202);
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeCloseTo(2 * ((times[2] ?? 0) - (times[1] ?? 0)), 1);
    expect(client.takeError()).toBe('ETIMEDOUT');
    expect(two.world.scheduler.now / 1e9).toBeGreaterThan(800);
    expect(two.world.scheduler.now / 1e9).toBeLessThan(1200);
  });

  it('TCP65 TIME_WAIT lasts 60 s, an orphan in FIN_WAIT2 60 s, and an idle connection has no events at all', () => {
    const bench = new Bench();
    bench.reach('ESTABLISHED');
    bench.wait();
    expect(bench.two.world.scheduler.nextAt()).toBeUndefined();
    bench.socket.close();
    bench.settle(1);
    bench.catchUp();
    bench.peer(ACK);
    const from = bench.two.world.scheduler.now;
    expect(bench.state).toBe('FIN_WAIT2');
    bench.wait();
    expect(bench.two.world.scheduler.now - from).toBe(seconds(60));
    expect(bench.state).toBe('CLOSE');

    const other = new Bench();
    other.reach('TIME_WAIT');
    const then = other.two.world.scheduler.now;
    other.wait();
    expect(other.two.world.scheduler.now - then).toBe(seconds(60));
  });

  it.each([
    ['a FIN', (b: Bench): void => b.peer(FIN | ACK), 'TIME_WAIT', ['.']],
    ['an acknowledgement', (b: Bench): void => b.peer(ACK), 'FIN_WAIT2', []],
    ['data', (b: Bench): void => b.peer(ACK | PSH, { payload: bytes(5) }), 'CLOSE', ['R']],
    ['a reset', (b: Bench): void => b.peer(RST | ACK), 'CLOSE', []],
    ['a SYN', (b: Bench): void => b.peer(SYN), 'CLOSE', ['R.']],
  ] as const)('TCP65 without a program FIN_WAIT2 is a remainder as TIME_WAIT is, whose answers have their checksum: %s', (_name, event, state, sent) => {
    const bench = new Bench();
    bench.reach('ESTABLISHED');
    bench.socket.close();
    bench.settle(1);
    bench.catchUp();
    bench.peer(ACK);
    bench.settle(1);
    const [before, head] = [bench.two.log.length, bench.two.world.recorder.head];
    event(bench);
    bench.settle(1);
    expect(bench.state).toBe(state);
    expect(bench.sent(before)).toEqual(sent);
    const marks = bench.two.world.recorder.steps.slice(head).flatMap((s) => (s.kind === 'tx' && s.net.kind === 'ipv4' ? [s.partialChecksum] : []));
    expect(marks.filter((mark) => mark !== false)).toEqual([]);
  });

  it('TCP66 an answer within 40 ms carries the ACK; without one the ACK comes after 40 ms', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    const before = two.log.length;
    client.send(bytes(10));
    two.run(millis(1));
    expect(server.recv()).toHaveLength(10);
    server.send(bytes(10));
    two.run(millis(1));
    expect(client.recv()).toHaveLength(10);
    two.run(millis(100));
    // The server is now interactive (pingpong): its next ACK waits.
    const middle = two.log.length;
    client.send(bytes(10));
    two.run(millis(30));
    expect(two.log.slice(middle)).toHaveLength(1);
    two.run(millis(20));
    expect(two.log.slice(middle)).toHaveLength(2);
    expect(two.log.slice(before, middle).map((line) => line.slice(0, 6))).toEqual(['a [P.]', 'b [.] ', 'b [P.]', 'a [.] ']);
  });
});

describe('TCP data', () => {
  it('TCP67 overlapping segments give each byte once', () => {
    const bench = new Bench();
    bench.reach('ESTABLISHED');
    const base = bench.seq;
    bench.peer(ACK, { payload: bytes(100), seq: base });
    bench.peer(ACK, { payload: bytes(100, 150), seq: base + 150 });
    bench.peer(ACK, { payload: bytes(120, 60), seq: base + 60 });
    bench.settle();
    expect(bench.socket.recv(170)).toEqual(bytes(170));
    expect(bench.socket.recv()).toEqual(bytes(80, 170));
    expect(bench.socket.recv()).toBeUndefined();
  });

  it('TCP68 a reader that sleeps closes the window; probes find it open again', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    const all = bytes(300_000);
    let sent = 0;
    const pump = (): void => {
      while (sent < all.length) {
        const answer = client.send(all.subarray(sent));
        if (!answer.ok) throw new Error(answer.error.errno);
        if (answer.value === 0) return void client.writable.add(pump);
        sent += answer.value;
      }
    };
    pump();
    two.run(seconds(20));
    expect(two.log.some((line) => line.endsWith('win 0'))).toBe(true);
    const got: number[] = [];
    const drain = (): void => {
      for (let piece = server.recv(); piece !== undefined && piece !== 'eof'; piece = server.recv()) for (const byte of piece) got.push(byte);
      server.readable.add(() => void two.world.scheduler.after(nanos(0), drain));
    };
    drain();
    two.run(seconds(300));
    expect(got.length).toBe(300_000);
    expect(got.every((byte, i) => byte === (i & 255))).toBe(true);
  });

  it('TCP69 writes larger than a segment: MSS pieces, PSH on the last alone', () => {
    const two = twoHosts();
    const { client } = connected(two);
    const before = two.log.length;
    client.send(bytes(4000));
    two.run(millis(5));
    expect(two.log.slice(before).filter((line) => line.startsWith('a'))).toEqual([
      'a [.] seq 1:1449 ack 1 win 502', 'a [.] seq 1449:2897 ack 1 win 502', 'a [P.] seq 2897:4001 ack 1 win 502',
    ]);
  });

  it.each([[0, 1], [1, 2]])('TCP70 Nagle: the second small write waits for the ACK of the first (nodelay %i: %i segments at once)', (nodelay, segments) => {
    const two = twoHosts();
    const { client } = connected(two);
    client.setOption('nodelay', nodelay);
    const before = two.log.length;
    client.send(bytes(10));
    client.send(bytes(10));
    expect(two.log.length - before).toBe(segments);
    two.run(millis(100));
    expect(two.log.slice(before).filter((line) => line.includes('[P.]'))).toHaveLength(2);
  });

  it('TCP71 three duplicate ACKs: the lost segment goes again at once', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    let lost = false;
    two.spoil = (packet) => {
      const t = packet.payload;
      if (!lost && t.kind === 'tcp' && t.payload.length === 1448) {
        lost = true;
        return [];
      }
      return [50_000];
    };
    client.send(bytes(8 * 1448));
    two.run(millis(5));
    expect(lost).toBe(true);
    let n = 0;
    for (let piece = server.recv(); piece instanceof Uint8Array; piece = server.recv()) n += piece.length;
    expect(n).toBe(8 * 1448);
  });

  it('TCP72 fragmentation needed: smaller segments, at once', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    let big = true;
    two.spoil = (packet, from) => {
      if (from === 'a' && big && packet.payload.kind === 'tcp' && packet.payload.payload.length === 1448) {
        two.world.scheduler.after(nanos(1000), () => two.inject(two.a, icmp(packet, 3, 4, 1400)));
        return [];
      }
      return [50_000];
    };
    client.send(bytes(2000));
    two.run(millis(2));
    big = false;
    let n = 0;
    for (let piece = server.recv(); piece instanceof Uint8Array; piece = server.recv()) n += piece.length;
    expect(n).toBe(2000);
    expect(two.log.some((line) => line.startsWith('a [.] seq 1:1349'))).toBe(true);
  });
});

describe('TCP connections', () => {
  it('TCP73 nobody listens: reset, ECONNREFUSED, IP id 0 and DF', () => {
    const two = twoHosts();
    const client = two.a.sockets.tcp();
    client.connect({ address: B, port: 81 });
    two.run();
    expect(two.log).toEqual(['a [S] seq 0 win 64240', 'b [R.] seq 0 ack 1 win 0']);
    expect(client.takeError()).toBe('ECONNREFUSED');
    expect(two.packets[1]?.id).toBe(0);
    expect(two.drops()).toEqual(['NO_SOCKET']);
  });

  it.each([
    ['host unreachable', 3, 1, 'EHOSTUNREACH'], ['network unreachable', 3, 0, 'ENETUNREACH'], ['port unreachable', 3, 3, 'ECONNREFUSED'],
    ['administratively prohibited', 3, 13, 'EHOSTUNREACH'], ['time exceeded', 11, 0, 'EHOSTUNREACH'],
  ] as const)('TCP74 %s ends a handshake', (_name, type, code, errno) => {
    const two = twoHosts();
    two.spoil = (packet) => {
      two.world.scheduler.after(nanos(1000), () => two.inject(two.a, icmp(packet, type, code)));
      return [];
    };
    const client = two.a.sockets.tcp();
    client.connect({ address: B, port: 80 });
    two.run();
    expect(client.takeError()).toBe(errno);
    expect(client.state).toBe('CLOSE');
  });

  it('TCP75 an ICMP error does not end a connection, but names the reason when it times out', () => {
    const two = twoHosts();
    const { client } = connected(two);
    two.spoil = (packet, from) => {
      if (from === 'a') two.world.scheduler.after(nanos(1000), () => two.inject(two.a, icmp(packet, 3, 1)));
      return [];
    };
    client.send(bytes(1));
    two.run(seconds(1));
    expect(client.state).toBe('ESTABLISHED');
    two.run();
    expect(client.takeError()).toBe('EHOSTUNREACH');
  });

  it('TCP76 no route: connect fails at once', () => {
    const client = twoHosts().a.sockets.tcp();
    expect(client.connect({ address: address('192.0.2.1'), port: 80 })).toEqual({ ok: false, error: { errno: 'ENETUNREACH', extack: undefined } });
  });

  it('TCP77 the accept queue holds backlog + 1; further SYNs are dropped and come again', () => {
    const two = twoHosts();
    const listener = listen(two, 1);
    const clients = [0, 1, 2].map(() => {
      const client = two.a.sockets.tcp();
      client.connect({ address: B, port: 80 });
      two.run(millis(10));
      return client;
    });
    expect(clients.map((c) => c.state)).toEqual(['ESTABLISHED', 'ESTABLISHED', 'SYN_SENT']);
    expect(two.drops()).toEqual(['TCP_LISTEN_OVERFLOW']);
    expect(two.b.sockets.list().find((row) => row.state === 'LISTEN')?.recvQueue).toBe(2);
    expect(listener.accept()).toBeDefined();
    two.run(seconds(1));
    expect(clients.map((c) => c.state)).toEqual(['ESTABLISHED', 'ESTABLISHED', 'ESTABLISHED']);
  });

  it('TCP78 closing with unread data resets; the peer hears ECONNRESET, then the end', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    client.send(bytes(10));
    two.run(millis(1));
    server.close();
    two.run(millis(1));
    expect(two.log.at(-1)).toMatch(/^b \[R\.\]/);
    expect(client.recv()).toBeUndefined();
    expect(client.takeError()).toBe('ECONNRESET');
    expect(client.recv()).toBe('eof');
    expect(client.send(bytes(1))).toMatchObject({ ok: false, error: { errno: 'EPIPE' } });
  });

  it('TCP79 data for a closed program: reset', () => {
    const bench = new Bench();
    bench.reach('ESTABLISHED');
    bench.socket.close();
    bench.settle(1);
    bench.catchUp();
    const before = bench.two.log.length;
    bench.peer(ACK | PSH, { payload: bytes(5) });
    expect(bench.sent(before)).toEqual(['R']);
    expect(bench.two.drops().at(-1)).toBe('TCP_ABORT_ON_DATA');
    expect(bench.state).toBe('CLOSE');
  });

  it('TCP80 both close at once: CLOSING, and both wait', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    client.close();
    server.close();
    two.run(millis(5));
    expect(two.a.sockets.list().map((row) => row.state)).toEqual(['TIME_WAIT']);
    expect(two.b.sockets.list().map((row) => row.state)).toEqual(['LISTEN', 'TIME_WAIT']);
    two.run();
    expect(two.a.sockets.list()).toEqual([]);
  });

  it('TCP81 IP ids: a socket counts up from a random start, the SYN-ACK has 0', () => {
    const two = twoHosts();
    const { client } = connected(two);
    client.send(bytes(1));
    two.run(millis(1));
    const ids = two.packets.filter((p) => p.src === A).map((p) => p.id);
    expect(ids.map((id) => id - (ids[0] ?? 0))).toEqual([0, 1, 2]);
    expect(two.packets.find((p) => p.src === B)?.id).toBe(0);
  });

  it('TCP82 automatic ports are even, in 32768-60999, and the same for the same seed', () => {
    const ports = (seed: number): number[] => {
      const two = twoHosts({ seed });
      return Array.from({ length: 20 }, () => {
        const client = two.a.sockets.tcp();
        client.connect({ address: B, port: 80 });
        return client.local.port;
      });
    };
    const first = ports(1);
    expect(first.every((p) => p >= 32768 && p <= 60999 && p % 2 === 0)).toBe(true);
    expect(new Set(first).size).toBe(20);
    expect(ports(1)).toEqual(first);
    expect(ports(2)).not.toEqual(first);
  });

  it.each([
    ['same address and port', false, 80, 'EADDRINUSE'], ['another port', false, 81, undefined], ['a listener is never shared, even with SO_REUSEADDR', true, 80, 'EADDRINUSE'],
  ])('TCP83 bind beside a listener: %s', (_name, reuse, port, errno) => {
    const two = twoHosts();
    const one = two.b.sockets.tcp();
    one.setOption('reuseaddr', reuse ? 1 : 0);
    one.bind({ address: ANY, port: 80 });
    one.listen(1);
    const other = two.b.sockets.tcp();
    other.setOption('reuseaddr', reuse ? 1 : 0);
    const answer = other.bind({ address: B, port });
    expect(answer.ok ? undefined : answer.error.errno).toBe(errno);
  });

  it('TCP84 an address that is not ours: EADDRNOTAVAIL', () => {
    expect(twoHosts().a.sockets.tcp().bind({ address: B, port: 80 })).toMatchObject({ ok: false, error: { errno: 'EADDRNOTAVAIL' } });
  });

  it('TCP85 closing a listener resets the connections that nobody accepted', () => {
    const two = twoHosts();
    const listener = listen(two);
    const client = two.a.sockets.tcp();
    client.connect({ address: B, port: 80 });
    two.run(millis(5));
    listener.close();
    two.run(millis(5));
    expect(client.takeError()).toBe('ECONNRESET');
    expect(two.b.sockets.list()).toEqual([]);
  });

  it('TCP86 a peer without options: 536-byte segments, no scaling, no timestamps', () => {
    const bench = new Bench();
    bench.reach('ESTABLISHED');
    bench.socket.send(bytes(600));
    expect(bench.lastSent.options).toEqual([]);
    expect(bench.lastSent.payload).toHaveLength(64);
    expect(bench.lastSent.window).toBe(64240);
  });

  it('TCP87 a wrong checksum is dropped; a partial one is not looked at', () => {
    const bench = new Bench();
    bench.reach('ESTABLISHED');
    bench.peer(ACK | PSH, { payload: bytes(5), checksum: 0x1234 });
    expect(bench.two.drops().at(-1)).toBe('TCP_CSUM');
  });

  it('TCP88 the journal has the life of a socket', () => {
    const two = twoHosts();
    const { client, server } = connected(two);
    client.close();
    two.run(millis(1));
    server.close();
    two.run(seconds(100));
    const states = two.world.recorder.steps.flatMap((s) => (s.kind === 'table' && s.ns === 1 && s.after?.['state'] !== undefined ? [s.after['state']] : []));
    expect(states).toEqual(['SYN_SENT', 'ESTAB', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT']);
    expect(two.a.transport.sockets.size).toBe(0);
  });
});

