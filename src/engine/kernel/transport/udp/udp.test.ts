import { describe, expect, it } from 'vitest';
import { millis, nanos } from '../../../sim/time.ts';
import { ANY } from '../../../wire/addresses.ts';
import { emitIpv4Start } from '../../../wire/ipv4.ts';
import { IPPROTO_ICMP, IPPROTO_UDP, type Ipv4Packet } from '../../../wire/packet.ts';
import { A, address, B, twoHosts } from '../testing/two-hosts.ts';

const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i & 255);

const datagram = (change: Partial<Ipv4Packet>, checksum?: number): Ipv4Packet => ({
  kind: 'ipv4', tos: 0, id: 1, df: true, mf: false, offset: 0, ttl: 61, protocol: IPPROTO_UDP, src: A, dst: B,
  payload: { kind: 'udp', srcPort: 999, dstPort: 53, payload: bytes(4), checksum }, ...change,
});

describe('UDP', () => {
  it('UDP1 a datagram is delivered with its sender, destination and TTL', () => {
    const two = twoHosts();
    const server = two.b.sockets.udp();
    expect(server.bind({ address: ANY, port: 53 }).ok).toBe(true);
    const client = two.a.sockets.udp();
    expect(client.send(bytes(5), { address: B, port: 53 })).toEqual({ ok: true, value: 5 });
    two.run();
    expect(server.recv()).toEqual({ from: { address: A, port: client.local.port }, to: { address: B, port: 53 }, bytes: bytes(5), ttl: 64 });
    expect(server.recv()).toBeUndefined();
    expect(two.world.recorder.steps.filter((s) => s.kind === 'delivered')).toMatchObject([{ socket: 'udp *:53', process: 'server' }]);
  });

  it('UDP2 a connected socket hears only its peer, and wins over an unconnected one', () => {
    const two = twoHosts();
    const any = two.b.sockets.udp();
    any.setOption('reuseaddr', 1);
    any.bind({ address: ANY, port: 53 });
    const one = two.b.sockets.udp();
    one.setOption('reuseaddr', 1);
    one.bind({ address: ANY, port: 53 });
    one.connect({ address: A, port: 999 });
    two.inject(two.b, datagram({}));
    two.inject(two.b, datagram({ src: address('10.9.0.3') }));
    expect(one.recv()?.from).toEqual({ address: A, port: 999 });
    expect(one.recv()).toBeUndefined();
    expect(any.recv()?.from.address).toBe(address('10.9.0.3'));
  });

  it('UDP3 nobody listens: port unreachable, ECONNREFUSED on the connected sender, nothing on an unconnected one', () => {
    const two = twoHosts();
    const connected = two.a.sockets.udp();
    connected.connect({ address: B, port: 9 });
    connected.send(bytes(1));
    const loose = two.a.sockets.udp();
    loose.send(bytes(1), { address: B, port: 9 });
    two.run();
    expect(two.drops()).toEqual(['NO_SOCKET', 'NO_SOCKET']);
    expect(connected.send(bytes(1))).toMatchObject({ ok: false, error: { errno: 'ECONNREFUSED' } });
    expect(connected.takeError()).toBeUndefined();
    expect(loose.takeError()).toBeUndefined();
  });

  it.each([
    [3, 0, undefined], [3, 1, undefined], [3, 2, 'ENOPROTOOPT'], [3, 3, 'ECONNREFUSED'], [3, 4, 'EMSGSIZE'], [3, 13, 'EHOSTUNREACH'], [11, 0, undefined],
  ])('UDP4 ICMP type %i code %i: error %s on a connected socket', (type, code, errno) => {
    const two = twoHosts();
    two.spoil = () => [];
    const client = two.a.sockets.udp();
    client.connect({ address: B, port: 9 });
    client.send(bytes(1));
    const sent = two.packets[0];
    if (sent === undefined) throw new Error('nothing sent');
    two.inject(two.a, {
      ...datagram({ src: address('10.9.0.254'), dst: A, protocol: IPPROTO_ICMP }),
      payload: { kind: 'icmp', type, code, rest: 1400, body: emitIpv4Start(sent, 28) },
    });
    expect(client.takeError()).toBe(errno);
  });

  it.each([
    ['port in use', 53, ANY, false, 'EADDRINUSE'], ['another port', 54, ANY, false, undefined], ['not our address', 54, A, false, 'EADDRNOTAVAIL'],
    ['any beside one address', 53, B, false, 'EADDRINUSE'], ['SO_REUSEADDR on both', 53, ANY, true, undefined],
  ] as const)('UDP5 bind: %s', (_name, port, local, reuse, errno) => {
    const two = twoHosts();
    const first = two.b.sockets.udp();
    first.setOption('reuseaddr', reuse ? 1 : 0);
    first.bind({ address: ANY, port: 53 });
    const second = two.b.sockets.udp();
    second.setOption('reuseaddr', reuse ? 1 : 0);
    const answer = second.bind({ address: local, port });
    expect(answer.ok ? undefined : answer.error.errno).toBe(errno);
    if (errno === undefined) {
      first.close();
      expect(two.b.sockets.list().map((row) => row.local.port)).toEqual([port]);
    }
  });

  it('UDP6 ephemeral ports lie in 32768-60999 and repeat with the seed', () => {
    const ports = (): number[] => {
      const two = twoHosts({ seed: 7 });
      return Array.from({ length: 30 }, () => {
        const socket = two.a.sockets.udp();
        socket.send(bytes(1), { address: B, port: 9 });
        return socket.local.port;
      });
    };
    expect(ports()).toEqual(ports());
    expect(ports().every((p) => p >= 32768 && p <= 60999)).toBe(true);
    expect(new Set(ports()).size).toBe(30);
  });

  it('UDP7 the receive buffer is bounded: 278 small datagrams fit the default of 212992', () => {
    const two = twoHosts();
    const server = two.b.sockets.udp();
    server.bind({ address: ANY, port: 53 });
    for (let i = 0; i < 400; i++) two.inject(two.b, datagram({}));
    let n = 0;
    while (server.recv() !== undefined) n++;
    expect(n).toBe(278);
    expect(two.drops().filter((r) => r === 'SOCKET_RCVBUFF')).toHaveLength(400 - 278);
  });

  it('UDP8 a wrong checksum is dropped; a right one and none (0) pass', () => {
    const two = twoHosts();
    const server = two.b.sockets.udp();
    server.bind({ address: ANY, port: 53 });
    two.inject(two.b, datagram({}, 0x1234));
    two.inject(two.b, datagram({}, 0));
    expect(two.drops()).toEqual(['UDP_CSUM']);
    expect(server.recv()).toBeDefined();
  });

  it.each([
    ['no destination', (s: ReturnType<typeof open>) => s.send(bytes(1)), 'EDESTADDRREQ'],
    ['no route', (s: ReturnType<typeof open>) => s.send(bytes(1), { address: address('192.0.2.1'), port: 1 }), 'ENETUNREACH'],
    ['too long', (s: ReturnType<typeof open>) => s.send(new Uint8Array(65508), { address: B, port: 1 }), 'EMSGSIZE'],
    ['larger than the MTU with IP_PMTUDISC_DO', (s: ReturnType<typeof open>) => { s.setOption('pmtudisc', 2); return s.send(bytes(1473), { address: B, port: 1 }); }, 'EMSGSIZE'],
    ['port 0', (s: ReturnType<typeof open>) => s.send(bytes(1), { address: B, port: 0 }), 'EINVAL'],
  ] as const)('UDP9 send fails: %s', (_name, send, errno) => {
    expect(send(open())).toMatchObject({ ok: false, error: { errno } });
  });

  it('UDP10 an encapsulation port goes to its handler and cannot be bound', () => {
    const two = twoHosts();
    const taken: number[] = [];
    two.b.transport.registerUdpEncap(8472, (skb) => void taken.push(skb.id), 'flannel.1');
    const client = two.a.sockets.udp();
    client.send(bytes(1), { address: B, port: 8472 });
    two.run();
    expect(taken).toHaveLength(1);
    expect(two.b.sockets.udp().bind({ address: ANY, port: 8472 })).toMatchObject({ ok: false, error: { errno: 'EADDRINUSE' } });
    two.b.transport.unregisterUdpEncap(8472);
    expect(two.b.sockets.udp().bind({ address: ANY, port: 8472 }).ok).toBe(true);
  });
});

const open = () => twoHosts().a.sockets.udp();

describe('ICMP echo sockets', () => {
  it('ICMP1 a reply with our identifier is delivered, another has no socket', () => {
    const two = twoHosts();
    two.spoil = () => [];
    const ping = two.a.sockets.icmp();
    expect(ping.sendEcho(B, 1, bytes(56))).toEqual({ ok: true, value: 64 });
    const sent = two.packets[0]?.payload;
    if (sent?.kind !== 'icmp') throw new Error('no echo');
    expect(sent).toMatchObject({ type: 8, code: 0, rest: ((ping.id << 16) | 1) >>> 0 });
    const reply = (rest: number): Ipv4Packet => ({ ...datagram({ src: B, dst: A, protocol: IPPROTO_ICMP, ttl: 63 }), payload: { ...sent, type: 0, rest } });
    two.world.scheduler.after(millis(2), () => two.inject(two.a, reply(sent.rest)));
    two.run();
    two.inject(two.a, reply((((ping.id + 1) & 0xffff) << 16) >>> 0));
    expect(ping.recv()).toMatchObject({ from: B, to: A, type: 0, id: ping.id, seq: 1, ttl: 63, offender: undefined, at: nanos(2e6) });
    expect(ping.recv()).toBeUndefined();
    expect(two.drops()).toEqual(['NO_SOCKET']);
  });

  it('ICMP2 an error about our echo is delivered with the sender, code and offender', () => {
    const two = twoHosts();
    two.spoil = () => [];
    const ping = two.a.sockets.icmp();
    ping.sendEcho(B, 3, bytes(56));
    const sent = two.packets[0];
    if (sent === undefined) throw new Error('no echo');
    const router = address('10.9.0.254');
    two.inject(two.a, { ...datagram({ src: router, dst: A, protocol: IPPROTO_ICMP }), payload: { kind: 'icmp', type: 11, code: 0, rest: 0, body: emitIpv4Start(sent, 28) } });
    expect(ping.recv()).toMatchObject({ from: router, type: 11, code: 0, id: ping.id, seq: 3, offender: B });
  });

  it('ICMP3 identifiers differ between sockets and repeat with the seed', () => {
    const ids = (): number[] => { const { a } = twoHosts({ seed: 3 }); return Array.from({ length: 5 }, () => a.sockets.icmp().id); };
    expect(new Set(ids()).size).toBe(5);
    expect(ids()).toEqual(ids());
  });
});
