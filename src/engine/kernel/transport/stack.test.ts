/** Transport on the real stack: ARP, routes, loopback, devices and their checksums. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/time.ts';
import { Process, type Program } from '../../sim/process.ts';
import type { Sockets, TcpSocket } from '../../uapi/sockets.ts';
import { ANY, type Ipv4 } from '../../wire/addresses.ts';
import { ETH_P_ARP, ACK, FIN, PSH, RST, SYN } from '../../wire/packet.ts';
import type { Netns } from '../netns.ts';
import { ip, settle, steps, twoHosts } from '../testing/worlds.ts';

/** A program's view, without the doors of other folders. */
interface Host {
  readonly sockets: Sockets;
  readonly now: () => number;
  spawn(name: string, program: (host: Host) => Program): void;
}

const host = (ns: Netns, name = 'test'): Host => ({
  sockets: ns.transport.door({ name, pid: 1 }),
  now: () => ns.machine.world.scheduler.now,
  spawn: (command, program) => void new Process(ns.machine.world.scheduler, command, program(host(ns, command))),
});

const text = (n: number): Uint8Array => new Uint8Array(n);

function* server(kernel: Host, answer: number): Program {
  const listener = kernel.sockets.tcp();
  listener.bind({ address: ANY, port: 80 });
  listener.listen(128);
  for (;;) {
    let child = listener.accept();
    while (child === undefined) {
      yield { on: [listener.readable] };
      child = listener.accept();
    }
    kernel.spawn('worker', () => serve(child, answer));
  }
}

function* serve(socket: TcpSocket, answer: number): Program {
  socket.setOption('nodelay', 1);
  for (;;) {
    const got = socket.recv();
    if (got === 'eof') break;
    if (got === undefined) {
      if (socket.takeError() !== undefined) break;
      yield { on: [socket.readable] };
    } else {
      for (let sent = 0; sent < answer;) {
        const taken = socket.send(text(answer - sent));
        if (!taken.ok) return 1;
        sent += taken.value;
        if (taken.value === 0) yield { on: [socket.writable] };
      }
    }
  }
  socket.close();
  return 0;
}

interface Fetched {
  bytes: number;
  error: string | undefined;
  at: number;
}

function* fetch(kernel: Host, address: Ipv4, port: number, want: number, out: Fetched): Program {
  const socket = kernel.sockets.tcp();
  socket.setOption('nodelay', 1);
  const started = socket.connect({ address, port });
  if (!started.ok) {
    out.error = started.error.errno;
    return 7;
  }
  while (socket.state === 'SYN_SENT') yield { on: [socket.writable] };
  out.error = socket.takeError();
  out.at = kernel.now();
  if (out.error !== undefined) return 7;
  socket.send(text(72));
  while (out.bytes < want) {
    const got = socket.recv();
    if (got === 'eof') break;
    if (got === undefined) yield { on: [socket.readable] };
    else out.bytes += got.length;
  }
  socket.close();
  return 0;
}

const letters = (flags: number): string =>
  [[SYN, 'S'], [FIN, 'F'], [RST, 'R'], [PSH, 'P'], [ACK, '.']].filter(([bit]) => (flags & Number(bit)) !== 0).map(([, letter]) => letter).join('');

const run = (options: { readonly port?: number; readonly address?: string; readonly answer?: number; readonly from?: 'a' | 'b' } = {}) => {
  const w = twoHosts();
  const answer = options.answer ?? 44;
  host(w.b).spawn('nginx', (kernel) => server(kernel, answer));
  settle(w.world);
  const out: Fetched = { bytes: 0, error: undefined, at: 0 };
  host(options.from === 'b' ? w.b : w.a).spawn('curl', (kernel) => fetch(kernel, ip(options.address ?? '10.0.0.2'), options.port ?? 80, answer, out));
  settle(w.world, seconds(200));
  return { w, out };
};

describe('sockets on the whole stack', () => {
  it('TCP90 an HTTP-like exchange: the segments of the real kernel, each ending at a socket', () => {
    const { w, out } = run();
    expect(out).toMatchObject({ bytes: 44, error: undefined });
    const created = steps(w.world, 'created').flatMap((s) => (s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' ? [s] : []));
    expect(created.map((s) => `${s.ns === w.a.id ? 'a' : 'b'} ${s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' ? letters(s.net.payload.flags) : ''}`)).toEqual(
      ['a S', 'b S.', 'a .', 'a P.', 'b .', 'b P.', 'a .', 'a F.', 'b F.', 'a .']);
    const ids = new Set(created.map((s) => s.pkt));
    expect(steps(w.world, 'delivered').filter((s) => ids.has(s.pkt))).toHaveLength(10);
    expect(steps(w.world, 'dropped')).toEqual([]);
    expect(steps(w.world, 'delivered').map((s) => s.process)).toContain('nginx');
  });

  it('TCP89 a larger tcp_rmem: scale 10, as on the referee (first ACK window 63)', () => {
    const w = twoHosts();
    w.a.sysctl.set('net.ipv4.tcp_rmem', '4096 131072 33554432');
    const listener = host(w.b).sockets.tcp();
    listener.bind({ address: ANY, port: 80 });
    listener.listen(5);
    host(w.a).sockets.tcp().connect({ address: ip('10.0.0.2'), port: 80 });
    settle(w.world);
    const sent = steps(w.world, 'created', w.a).flatMap((s) => (s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' ? [s.net.payload] : []));
    expect(sent.map((t) => t.window)).toEqual([64240, 63]);
    expect(sent[0]?.options.at(-1)).toEqual({ kind: 'wscale', shift: 10 });
  });

  it('TCP91 a closed port answers with a reset', () => {
    const { w, out } = run({ port: 81 });
    expect(out.error).toBe('ECONNREFUSED');
    expect(steps(w.world, 'dropped').map((s) => s.reason)).toEqual(['NO_SOCKET']);
  });

  it('TCP92 nobody answers ARP: EHOSTUNREACH after about three seconds', () => {
    const { out } = run({ address: '10.0.0.77' });
    expect(out.error).toBe('EHOSTUNREACH');
    expect(out.at / 1e9).toBeGreaterThan(2.9);
    expect(out.at / 1e9).toBeLessThan(5);
  });

  it('TCP93 no route: ENETUNREACH at once', () => {
    expect(run({ address: '192.0.2.1' }).out.error).toBe('ENETUNREACH');
  });

  it.each(['127.0.0.1', '10.0.0.2'])('TCP94 over loopback to %s', (address) => {
    const { out } = run({ address, from: 'b' });
    expect(out).toMatchObject({ bytes: 44, error: undefined });
  });

  it('TCP95 a megabyte arrives', () => {
    expect(run({ answer: 1_000_000 }).out).toMatchObject({ bytes: 1_000_000, error: undefined });
  });

  it('UDP20 port unreachable comes back as ECONNREFUSED', () => {
    const w = twoHosts();
    const socket = host(w.a).sockets.udp();
    socket.connect({ address: ip('10.0.0.2'), port: 53 });
    socket.send(text(3));
    settle(w.world);
    expect(socket.takeError()).toBe('ECONNREFUSED');
  });

  it('UDP21 broadcast needs SO_BROADCAST', () => {
    const w = twoHosts();
    const server = host(w.b).sockets.udp();
    server.bind({ address: ANY, port: 67 });
    const socket = host(w.a).sockets.udp();
    expect(socket.send(text(3), { address: ip('10.0.0.255'), port: 67 })).toMatchObject({ ok: false, error: { errno: 'EACCES' } });
    socket.setOption('broadcast', 1);
    expect(socket.send(text(3), { address: ip('10.0.0.255'), port: 67 }).ok).toBe(true);
    settle(w.world);
    expect(server.recv()?.to.address).toBe(ip('10.0.0.255'));
  });

  it('ICMP10 ping over the stack', () => {
    const w = twoHosts();
    const ping = host(w.a).sockets.icmp();
    ping.sendEcho(ip('10.0.0.2'), 1, text(56));
    settle(w.world);
    expect(ping.recv()).toMatchObject({ from: ip('10.0.0.2'), type: 0, seq: 1, ttl: 64 });
  });

  it('ICMP11 nobody answers ARP: host unreachable from ourselves', () => {
    const w = twoHosts();
    const ping = host(w.a).sockets.icmp();
    ping.sendEcho(ip('10.0.0.77'), 1, text(56));
    settle(w.world, seconds(5));
    expect(ping.recv()).toMatchObject({ from: ip('10.0.0.1'), type: 3, code: 1, seq: 1, offender: ip('10.0.0.77') });
  });

  it('TCP96 what a process leaves open is closed when it ends', () => {
    const w = twoHosts();
    const listener = host(w.b).sockets.tcp();
    listener.bind({ address: ANY, port: 80 });
    listener.listen(5);
    const client = w.a.transport.door({ name: 'curl', pid: 77 }).tcp();
    client.connect({ address: ip('10.0.0.2'), port: 80 });
    settle(w.world);
    w.a.transport.exit(77);
    settle(w.world);
    expect(listener.accept()?.recv()).toBe('eof');
    expect(w.a.transport.door({ name: 'ss', pid: 78 }).list().map((row) => [row.state, row.pid])).toEqual([['FIN_WAIT2', undefined]]);
  });

  it('PKT1 a packet socket sees both directions, with the checksum state', () => {
    const w = twoHosts();
    const tap = host(w.a).sockets.packet('eth0');
    if (!tap.ok) throw new Error('no tap');
    const socket = host(w.a).sockets.udp();
    socket.connect({ address: ip('10.0.0.2'), port: 53 });
    socket.send(text(3));
    settle(w.world);
    const frames = [];
    for (let f = tap.value.recv(); f !== undefined; f = tap.value.recv()) frames.push(f);
    expect(frames.map((f) => `${f.direction} ${f.pktType} ${f.frame.payload.kind} ${f.partialChecksum}`)).toEqual([
      'out outgoing arp false', 'in host arp false', 'out outgoing ipv4 true', 'in host ipv4 false',
    ]);
    expect(host(w.a).sockets.packet('eth9')).toMatchObject({ ok: false, error: { errno: 'ENODEV' } });
    tap.value.close();
    socket.send(text(3));
    settle(w.world);
    expect(tap.value.recv()).toBeUndefined();
  });

  it('PKT2 a packet socket bound to a protocol sees incoming frames of it', () => {
    const w = twoHosts();
    const tap = host(w.b).sockets.packet('eth0', ETH_P_ARP);
    if (!tap.ok) throw new Error('no tap');
    const socket = host(w.a).sockets.udp();
    socket.connect({ address: ip('10.0.0.2'), port: 53 });
    socket.send(text(3));
    settle(w.world);
    expect([tap.value.recv(), tap.value.recv()].map((f) => f && `${f.direction} ${f.pktType} ${f.frame.payload.kind}`)).toEqual(['in broadcast arp', undefined]);
  });
});
