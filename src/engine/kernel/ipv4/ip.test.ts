import { describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../wire/addresses.ts';
import { IPPROTO_ICMP, IPPROTO_UDP, ipv4Length, type IcmpMessage, type Ipv4Packet, type TransportLayer } from '../../wire/packet.ts';
import type { Netns } from '../netns.ts';
import { Skb } from '../skb.ts';
import type { SendRequest } from './ip-layer.ts';
import { Lab } from './testing/lab.ts';

const ip4 = (text: string): Ipv4 => parseIpv4(text) ?? (() => { throw new Error(text); })();
const udp = (length: number, dstPort = 9): TransportLayer => ({ kind: 'udp', srcPort: 5000, dstPort, payload: Uint8Array.from({ length }, (_, i) => i & 255) });
const echo = (length = 8): TransportLayer => ({ kind: 'icmp', type: 8, code: 0, rest: (7 << 16) | 1, body: new Uint8Array(length) });

/** client 10.1.0.2 --- r (10.1.0.1, 10.2.0.1) --- server 10.2.0.2, and a second router r2 10.1.0.3 on nobody's wire. */
function chain(options: { readonly trace?: boolean } = {}): { lab: Lab; client: Netns; router: Netns; server: Netns } {
  const lab = new Lab(options);
  const client = lab.ns('client');
  const router = lab.ns('router');
  const server = lab.ns('server');
  lab.veth(client, 'eth0', router, 'left');
  lab.veth(server, 'eth0', router, 'right');
  lab.setup(router, 'link set left up', 'link set right up', 'addr add 10.1.0.1/24 brd 10.1.0.255 dev left', 'addr add 10.2.0.1/24 brd 10.2.0.255 dev right');
  lab.setup(client, 'link set eth0 up', 'addr add 10.1.0.2/24 brd 10.1.0.255 dev eth0', 'route add default via 10.1.0.1');
  lab.setup(server, 'link set eth0 up', 'addr add 10.2.0.2/24 brd 10.2.0.255 dev eth0', 'route add default via 10.2.0.1');
  lab.sysctl(router, 'net.ipv4.ip_forward', '1');
  return { lab, client, router, server };
}

const send = (ns: Netns, dst: string, payload: TransportLayer, more: Partial<SendRequest> = {}): string => {
  const sent = ns.ip.send({ dst: ip4(dst), protocol: payload.kind === 'icmp' ? IPPROTO_ICMP : IPPROTO_UDP, payload, ...more });
  return sent.ok ? 'ok' : sent.error.errno;
};

/** ICMP messages that a namespace received, as text. */
function icmpAt(lab: Lab, ns: Netns): string[] {
  return lab.steps('rx').filter((s) => s.ns === ns.id).flatMap((s) => (s.net.kind === 'ipv4' && s.net.payload.kind === 'icmp'
    ? [`${s.net.payload.type}/${s.net.payload.code} from ${formatIpv4(s.net.src)} rest ${s.net.payload.rest}`] : []));
}
const icmpPackets = (lab: Lab, ns: Netns): { packet: Ipv4Packet; message: IcmpMessage }[] =>
  lab.steps('rx').filter((s) => s.ns === ns.id).flatMap((s) => (s.net.kind === 'ipv4' && s.net.payload.kind === 'icmp' ? [{ packet: s.net, message: s.net.payload }] : []));
const drops = (lab: Lab): string[] => lab.steps('dropped').map((s) => s.reason);

describe('input', () => {
  it('IP1 a wrong header checksum is dropped', () => {
    const { lab, client } = chain();
    const packet: Ipv4Packet = { kind: 'ipv4', tos: 0, id: 1, df: false, mf: false, offset: 0, ttl: 64, protocol: 17, src: ip4('10.1.0.1'), dst: ip4('10.1.0.2'), checksum: 0x1234, payload: udp(4) };
    const skb = new Skb(999, packet);
    skb.dev = lab.device(client, 'eth0');
    client.ip.receive(skb);
    expect(drops(lab)).toEqual(['IP_CSUM']);
  });

  it.each<readonly [string, string, string, string]>([
    ['our own source from outside', '10.1.0.2', '10.1.0.2', 'IP_LOCAL_SOURCE'],
    ['a loopback source', '127.0.0.1', '10.1.0.2', 'IP_LOCALNET'],
    ['a loopback destination', '10.1.0.9', '127.0.0.1', 'IP_LOCALNET'],
    ['a group as source', '224.0.0.9', '10.1.0.2', 'IP_INVALID_SOURCE'],
    ['net 0 as source', '0.0.0.9', '10.1.0.2', 'IP_INVALID_SOURCE'],
    ['net 0 as destination', '10.1.0.9', '0.0.0.9', 'IP_INVALID_DEST'],
    ['a destination elsewhere on a host', '10.1.0.9', '10.9.0.9', 'IP_INNOROUTES'],
  ])('IP2 martian: %s', (_, src, dst, reason) => {
    const { lab, client } = chain();
    const skb = new Skb(999, { kind: 'ipv4', tos: 0, id: 1, df: false, mf: false, offset: 0, ttl: 64, protocol: 17, src: ip4(src), dst: ip4(dst), payload: udp(4) });
    skb.dev = lab.device(client, 'eth0');
    client.ip.receive(skb);
    expect(drops(lab)).toEqual([reason]);
    expect(lab.steps('created')).toEqual([]);
  });

  it('IP3 an unknown protocol is answered with protocol unreachable', () => {
    const { lab, client } = chain();
    send(client, '10.2.0.2', { kind: 'data', bytes: new Uint8Array(30) }, { protocol: 132 });
    lab.run();
    expect(drops(lab)).toEqual(['IP_NOPROTO']);
    expect(icmpAt(lab, client)).toEqual(['3/2 from 10.2.0.2 rest 0']);
  });
});

describe('forward', () => {
  it('IP4 the TTL falls by one, the route decides, both are steps', () => {
    const { lab, client, router, server } = chain();
    expect(send(client, '10.2.0.2', echo())).toBe('ok');
    lab.run();
    expect(lab.steps('forward').map((s) => [s.ns, s.ttl, s.from, s.to])).toEqual([[router.id, 63, 'left', 'right'], [router.id, 63, 'right', 'left']]);
    expect(lab.steps('fib').map((s) => [s.ns, s.direction, s.result, s.out, s.gateway === undefined ? '' : formatIpv4(s.gateway)])).toEqual([
      [client.id, 'output', 'unicast', 'eth0', '10.1.0.1'], [router.id, 'input', 'unicast', 'right', ''], [server.id, 'input', 'local', 'lo', ''],
      [server.id, 'output', 'unicast', 'eth0', '10.2.0.1'], [router.id, 'input', 'unicast', 'left', ''], [client.id, 'input', 'local', 'lo', ''],
    ]);
    for (const step of lab.steps('fib')) expect(step.routeKey, 'the row that decided').toMatch(/^25[45]\//);
    const [reply] = icmpPackets(lab, client);
    expect(reply?.packet).toMatchObject({ ttl: 63, df: false });
    expect(reply?.message).toMatchObject({ type: 0, rest: (7 << 16) | 1 });
  });

  it('IP4 forwarding off drops without a word', () => {
    const { lab, client, router } = chain();
    lab.sysctl(router, 'net.ipv4.ip_forward', '0');
    send(client, '10.2.0.2', echo());
    lab.run();
    expect(drops(lab)).toEqual(['IP_INNOROUTES']);
    expect(icmpAt(lab, client)).toEqual([]);
  });

  it('IP5 TTL 1 is answered with time exceeded by the router, from its address on the way back', () => {
    const { lab, client } = chain();
    send(client, '10.2.0.2', echo(), { ttl: 1, tos: 0x10 });
    lab.run();
    expect(drops(lab)).toContain('TTL_EXPIRED');
    const [{ packet, message } = { packet: undefined, message: undefined }] = icmpPackets(lab, client);
    expect(packet).toMatchObject({ src: ip4('10.1.0.1'), ttl: 64, tos: 0xd0, df: false });
    expect(message).toMatchObject({ type: 11, code: 0 });
    expect(message?.body.length).toBe(20 + 8 + 8);
  });

  it.each([
    ['no route', [], '3/0'], ['unreachable', ['route add unreachable 10.9.0.0/16'], '3/1'], ['prohibit', ['route add prohibit 10.9.0.0/16'], '3/13'],
    ['blackhole', ['route add blackhole 10.9.0.0/16'], undefined], ['throw', ['route add throw 10.9.0.0/16'], '3/0'],
  ] as const)('IP6 %s', (_, commands, expected) => {
    const { lab, client, router } = chain();
    lab.setup(router, ...commands);
    send(client, '10.9.0.1', echo());
    lab.run();
    expect(icmpAt(lab, client)).toEqual(expected === undefined ? [] : [`${expected} from 10.1.0.1 rest 0`]);
    expect(drops(lab)).toContain('IP_INNOROUTES');
  });

  it('IP7 DF and too big: fragmentation needed names the MTU, the sender remembers it for ten minutes', () => {
    const { lab, client, router, server } = chain();
    lab.device(router, 'right').mtu = 1400;
    lab.device(server, 'eth0').mtu = 1400;
    expect(send(client, '10.2.0.2', udp(1472))).toBe('ok');
    lab.run();
    expect(drops(lab)).toContain('PKT_TOO_BIG');
    expect(icmpAt(lab, client)).toEqual(['3/4 from 10.1.0.1 rest 1400']);
    expect(lab.ip(client, 'route get 10.2.0.2')).toEqual(['10.2.0.2 via 10.1.0.1 dev eth0 src 10.1.0.2', '    cache expires 600sec mtu 1400']);
    expect(send(client, '10.2.0.2', udp(1472), { pmtudisc: 'do' })).toBe('EMSGSIZE');
    lab.clear();
    expect(send(client, '10.2.0.2', udp(1472))).toBe('ok');
    lab.run();
    expect(lab.steps('fragment').map((s) => [s.ns, s.mtu, s.parts.length])).toEqual([[client.id, 1400, 2]]);
    expect(lab.steps('reassembled').map((s) => [s.ns, s.net.kind === 'ipv4' && ipv4Length(s.net)])).toEqual([[server.id, 1500]]);
    lab.run(601_000);
    expect(lab.ip(client, 'route get 10.2.0.2')[1]).toBe('    cache');
  });

  it('IP7 a path MTU below 552 is locked: no DF any more', () => {
    const { lab, client, router, server } = chain();
    lab.device(router, 'right').mtu = 300;
    lab.device(server, 'eth0').mtu = 300;
    send(client, '10.2.0.2', udp(600));
    lab.run();
    lab.clear();
    send(client, '10.2.0.2', udp(500));
    lab.run();
    const sent = lab.steps('created')[0]?.net;
    expect(sent).toMatchObject({ df: false });
    expect(lab.steps('fragment').map((s) => s.ns)).toEqual([router.id]);
    expect(lab.steps('reassembled').length).toBe(1);
  });

  it('IP8 without DF the router fragments, the host puts together, every piece ends once', () => {
    const { lab, client, router, server } = chain();
    lab.device(router, 'right').mtu = 600;
    lab.device(server, 'eth0').mtu = 600;
    send(client, '10.2.0.2', echo(1400), { df: false });
    lab.run();
    const [cut] = lab.steps('fragment');
    expect(cut).toMatchObject({ ns: router.id, mtu: 600 });
    expect(cut?.parts.length).toBe(3);
    const sizes = lab.steps('rx').filter((s) => cut?.parts.includes(s.pkt) === true && s.ns === server.id).map((s) => (s.net.kind === 'ipv4' ? [s.net.offset, s.net.mf, ipv4Length(s.net)] : []));
    expect(sizes).toEqual([[0, true, 596], [576, true, 596], [1152, false, 276]]);
    const whole = lab.steps('reassembled').filter((s) => s.ns === client.id).map((s) => s.net);
    expect(whole).toMatchObject([{ mf: false, offset: 0, payload: { kind: 'icmp', type: 0, rest: (7 << 16) | 1 } }]);
    const ends = lab.world.recorder.steps.filter((s) => ['dropped', 'consumed', 'delivered', 'became'].includes(s.kind));
    const pieces = ends.filter((s) => 'pkt' in s && s.pkt !== undefined && cut?.parts.includes(s.pkt) === true);
    expect(pieces.map((s) => s.kind)).toEqual(['became', 'became', 'became']);
  });
});

/** client and two routers on one bridge-less link: the client's router r sends on by the same device to r2. */
function triangle(): { lab: Lab; client: Netns; router: Netns } {
  const { lab, client, router } = chain();
  lab.setup(router, 'route add 10.9.0.0/16 via 10.1.0.2');
  return { lab, client, router };
}

describe('redirects', () => {
  it('IP9 in and out by one device: redirect to the sender, with growing pauses, and the packet goes on', () => {
    const { lab, client } = triangle();
    for (const at of [0, 10, 20, 100, 200]) {
      lab.run(at);
      send(client, '10.9.0.1', udp(8), { src: ip4('10.1.0.2') });
      lab.run(2);
    }
    expect(icmpAt(lab, client).filter((line) => line.startsWith('5/'))).toEqual(Array.from({ length: 3 }, () => `5/1 from 10.1.0.1 rest ${ip4('10.1.0.2')}`));
    expect(lab.steps('forward').length).toBeGreaterThanOrEqual(5);
  });

  it('IP9 send_redirects off: none', () => {
    const { lab, client, router } = triangle();
    lab.sysctl(router, 'net.ipv4.conf.all.send_redirects', '0');
    lab.sysctl(router, 'net.ipv4.conf.left.send_redirects', '0');
    send(client, '10.9.0.1', udp(8));
    lab.run();
    expect(icmpAt(lab, client).filter((line) => line.startsWith('5/'))).toEqual([]);
  });

  it('IP10 a redirect empties the peer\'s tokens: the error that follows at once is not sent', () => {
    const { lab, client, router } = triangle();
    send(client, '10.9.0.1', udp(8));
    lab.run(2);
    lab.clear();
    send(client, '10.2.0.2', echo(), { ttl: 1 });
    lab.run(2);
    expect(icmpAt(lab, client)).toEqual([]);
    lab.run(1000);
    send(client, '10.2.0.2', echo(), { ttl: 1 });
    lab.run(2);
    expect(icmpAt(lab, client)).toEqual(['11/0 from 10.1.0.1 rest 0']);
    expect(router.fib.forwarding(lab.device(router, 'left'))).toBe(true);
  });

  it('IP11 a host believes its gateway\'s redirect for five minutes', () => {
    const { lab, client, router } = chain();
    lab.setup(router, 'route add 10.9.0.0/16 via 10.1.0.77');
    send(client, '10.9.0.1', udp(8));
    lab.run(2);
    expect(lab.ip(client, 'route get 10.9.0.1')).toEqual(['10.9.0.1 via 10.1.0.77 dev eth0 src 10.1.0.2', '    cache expires 300sec']);
    lab.run(300_000);
    expect(lab.ip(client, 'route get 10.9.0.1')[0]).toBe('10.9.0.1 via 10.1.0.1 dev eth0 src 10.1.0.2');
  });

  it('IP11 not with accept_redirects off', () => {
    const { lab, client, router } = chain();
    lab.sysctl(client, 'net.ipv4.conf.all.accept_redirects', '0');
    lab.sysctl(client, 'net.ipv4.conf.eth0.accept_redirects', '0');
    lab.setup(router, 'route add 10.9.0.0/16 via 10.1.0.77');
    send(client, '10.9.0.1', udp(8));
    lab.run(2);
    expect(lab.ip(client, 'route get 10.9.0.1')[0]).toBe('10.9.0.1 via 10.1.0.1 dev eth0 src 10.1.0.2');
  });
});

describe('ICMP errors', () => {
  it('IP12 six in a burst, then one a second, per peer', () => {
    const { lab, client } = chain();
    const burst = (n: number): number => {
      lab.clear();
      for (let i = 0; i < n; i++) send(client, '10.2.0.2', echo(), { ttl: 1 });
      lab.run(2);
      return icmpAt(lab, client).length;
    };
    expect(burst(10)).toBe(6);
    lab.run(1000);
    expect(burst(10)).toBe(1);
    lab.run(3000);
    expect(burst(10)).toBe(3);
  });

  it('IP12 fragmentation needed and echo replies are never limited', () => {
    const { lab, client, router, server } = chain();
    lab.device(router, 'right').mtu = 1400;
    lab.device(server, 'eth0').mtu = 1400;
    for (let i = 0; i < 10; i++) send(client, '10.2.0.2', udp(1472), { pmtudisc: 'probe' });
    for (let i = 0; i < 10; i++) send(client, '10.2.0.2', echo());
    lab.run();
    expect(icmpAt(lab, client).filter((l) => l.startsWith('3/4')).length).toBe(10);
    expect(icmpAt(lab, client).filter((l) => l.startsWith('0/0')).length).toBe(10);
  });

  it('IP13 no error about an error', () => {
    const { lab, client } = chain();
    send(client, '10.2.0.2', { kind: 'icmp', type: 3, code: 1, rest: 0, body: new Uint8Array(28) }, { ttl: 1 });
    lab.run();
    expect(drops(lab)).toContain('TTL_EXPIRED');
    expect(icmpAt(lab, client)).toEqual([]);
  });

  it('IP13 no error about a later fragment or a link-layer broadcast', () => {
    const { lab, client, router } = chain();
    for (const change of [{ offset: 8 }, { pktType: 'broadcast' as const }]) {
      const skb = new Skb(lab.world.nextPacketId(), { kind: 'ipv4', tos: 0, id: 1, df: false, mf: false, offset: change.offset ?? 0, ttl: 1, protocol: 17, src: ip4('10.1.0.2'), dst: ip4('10.2.0.2'), payload: { kind: 'data', bytes: new Uint8Array(16) } });
      skb.dev = lab.device(router, 'left');
      if (change.pktType !== undefined) skb.pktType = change.pktType;
      router.ip.receive(skb);
    }
    lab.run();
    expect(icmpAt(lab, client)).toEqual([]);
  });

  it('IP14 an error quotes as much as fits into 576 bytes', () => {
    const { lab, client } = chain();
    send(client, '10.2.0.2', echo(1400), { ttl: 1 });
    lab.run();
    const [error] = icmpPackets(lab, client);
    expect(error === undefined ? 0 : ipv4Length(error.packet)).toBe(576);
    expect(error?.message.body.length).toBe(548);
  });
});

describe('echo', () => {
  it.each([
    ['default', [], '10.1.0.1', 1], ['icmp_echo_ignore_all', ['net.ipv4.icmp_echo_ignore_all'], '10.1.0.1', 0], ['broadcast', [], '10.1.0.255', 0],
  ] as const)('IP15 %s', (_, keys, dst, replies) => {
    const { lab, client, router } = chain();
    for (const key of keys) lab.sysctl(router, key, '1');
    send(client, dst, echo());
    lab.run();
    expect(icmpAt(lab, client).filter((l) => l.startsWith('0/')).length).toBe(replies);
  });

  it('IP15 icmp_echo_ignore_broadcasts off: answers from the address of the device', () => {
    const { lab, client, router } = chain();
    lab.sysctl(router, 'net.ipv4.icmp_echo_ignore_broadcasts', '0');
    send(client, '10.1.0.255', echo());
    lab.run();
    expect(icmpAt(lab, client).filter((l) => l.startsWith('0/'))).toEqual([`0/0 from 10.1.0.1 rest ${(7 << 16) | 1}`]);
  });
});

describe('output', () => {
  it.each([
    ['no route', '99.0.0.1', {}, 'ENETUNREACH'], ['unreachable', '9.1.0.1', {}, 'EHOSTUNREACH'], ['prohibit', '9.2.0.1', {}, 'EACCES'], ['blackhole', '9.3.0.1', {}, 'EINVAL'],
    ['foreign source', '10.1.0.1', { src: ip4('10.7.7.7') }, 'ENETUNREACH'], ['too big with DO', '10.1.0.1', { pmtudisc: 'do', payload: udp(1473) }, 'EMSGSIZE'],
    ['too big with WANT', '10.1.0.1', { payload: udp(1473) }, 'ok'], ['longer than IP', '10.1.0.1', { payload: udp(65508) }, 'EMSGSIZE'],
  ] as const)('IP16 %s', (_, dst, more, expected) => {
    const { lab, client } = chain();
    lab.setup(client, 'route del default', 'route add unreachable 9.1.0.0/16', 'route add prohibit 9.2.0.0/16', 'route add blackhole 9.3.0.0/16');
    expect(send(client, dst, udp(8), more)).toBe(expected);
  });

  it('IP17 ids: hashed counters with DF set or not; 0 for TCP without a socket', () => {
    const { lab, client } = chain();
    for (let i = 0; i < 3; i++) send(client, '10.2.0.2', udp(8));
    send(client, '10.2.0.2', udp(8), { df: false });
    client.ip.send({ dst: ip4('10.2.0.2'), protocol: 6, payload: { kind: 'tcp', srcPort: 1, dstPort: 2, seq: 0, ack: 0, flags: 4, window: 0, options: [], payload: new Uint8Array() } });
    const sent = lab.steps('created').flatMap((s) => (s.net.kind === 'ipv4' ? [s.net] : []));
    const [first] = sent;
    expect(sent.map((p) => p.df)).toEqual([true, true, true, false, true]);
    expect(sent.slice(0, 4).map((p) => (p.id - (first?.id ?? 0)) & 0xffff)).toEqual([0, 1, 2, 3]);
    expect(first?.id).not.toBe(0);
    expect(sent.at(-1)?.id).toBe(0);
  });

  it('IP18 a local address is reached over loopback, with its route kept', () => {
    const { lab, client } = chain();
    send(client, '10.1.0.2', echo());
    lab.run();
    expect(lab.steps('rx').map((s) => s.dev)).toEqual(['lo', 'lo']);
    expect(drops(lab)).not.toContain('IP_LOCAL_SOURCE');
    expect(lab.steps('consumed').map((s) => s.by)).toContain('icmp echo');
  });

  it('IP19 a broadcast goes out and comes back to our own sockets', () => {
    const { lab, client } = chain();
    send(client, '10.1.0.255', udp(8));
    lab.run();
    expect(lab.steps('clone').length).toBe(1);
    const frame = lab.steps('tx').find((s) => s.dev === 'eth0');
    expect(frame?.mac?.dst).toBe(0xffffffffffff);
    expect(lab.steps('fib').filter((s) => s.ns === client.id).map((s) => s.result)).toEqual(['broadcast', 'broadcast']);
  });

  it('IP20 fragments that never complete: time exceeded 11/1 after 30 seconds', () => {
    const { lab, client, server } = chain();
    const skb = new Skb(lab.world.nextPacketId(), { kind: 'ipv4', tos: 0, id: 7, df: false, mf: true, offset: 0, ttl: 9, protocol: 17, src: ip4('10.1.0.2'), dst: ip4('10.2.0.2'), payload: { kind: 'data', bytes: new Uint8Array(16) } });
    skb.dev = lab.device(server, 'eth0');
    server.ip.receive(skb);
    lab.run(29_000);
    expect(icmpAt(lab, client)).toEqual([]);
    lab.run(1_100);
    expect(icmpAt(lab, client)).toEqual(['11/1 from 10.2.0.2 rest 0']);
    expect(drops(lab)).toEqual(['FRAG_REASM_TIMEOUT']);
  });

  it('IP21 the same seed gives the same ids; another seed others', () => {
    const ids = (seed: number): number[] => {
      const lab = new Lab({ seed });
      const ns = lab.ns('a');
      for (let i = 0; i < 4; i++) send(ns, `127.0.0.${i + 1}`, udp(1));
      return lab.steps('created').flatMap((s) => (s.net.kind === 'ipv4' ? [s.net.id] : []));
    };
    expect(ids(5)).toEqual(ids(5));
    expect(ids(5)).not.toEqual(ids(6));
  });
});
