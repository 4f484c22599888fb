import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitIpv4, emitIpv4Start, parseEmbedded, parseIpv4Packet, verifyTransport } from '../../../wire/ipv4.ts';
import { ACK, SYN, type Ipv4Packet } from '../../../wire/packet.ts';
import { formatIpv4, ipv4 } from '../../../wire/addresses.ts';
import { Tuple } from '../../conntrack/tuple.ts';
import type { Skb } from '../../skb.ts';
import { echo, Gate, ip, packet, tcp, udp } from '../testing/gate.ts';
import { rewrite, rewriteEmbedded } from './manip.ts';
import { portClass } from './unique-tuple.ts';

const POD = '10.42.1.4';
const VIP = '10.43.180.238';
const ENDPOINT = '10.42.0.8';
const NODE = '10.65.94.22';
const DNAT = `*nat\n-A PREROUTING -d ${VIP}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${ENDPOINT}:8080\nCOMMIT\n`;
const SNAT = `*nat\n-A POSTROUTING -o out0 -j SNAT --to-source ${NODE}\nCOMMIT\n`;

/** `src:port > dst:port` */
function ends(skb: Skb | undefined): string {
  if (skb === undefined || skb.net.kind !== 'ipv4') return 'dropped';
  const { src, dst, payload: t } = skb.net;
  const ports = t.kind === 'tcp' || t.kind === 'udp' ? [t.srcPort, t.dstPort] : t.kind === 'icmp' ? [t.rest >>> 16, t.rest >>> 16] : [0, 0];
  return `${formatIpv4(src)}:${ports[0]} > ${formatIpv4(dst)}:${ports[1]}`;
}

describe('NAT1 bindings', () => {
  test('DNAT: the destination changes on the way there, the source on the way back', () => {
    const g = new Gate(DNAT);
    expect(ends(g.forward(packet(POD, VIP, tcp(33700, 80, SYN))))).toBe(`${POD}:33700 > ${ENDPOINT}:8080`);
    expect(ends(g.forward(packet(ENDPOINT, POD, tcp(8080, 33700, SYN | ACK, { ack: 1 })), true))).toBe(`${VIP}:80 > ${POD}:33700`);
    expect(g.ns.conntrack.door().list()[0]).toMatchObject({ dstNat: true, srcNat: false, seenReply: true });
  });

  test('rules are asked once: their counters do not move for later packets', () => {
    const g = new Gate(DNAT);
    for (let i = 0; i < 3; i++) g.forward(packet(POD, VIP, tcp(33700, 80, SYN)));
    expect(g.ns.netfilter.door().dump('nat')?.chains[0]?.rules[0]?.packets).toBe(1);
  });

  test('SNAT keeps a free port; the answer finds its way back', () => {
    const g = new Gate(SNAT);
    expect(ends(g.forward(packet(POD, '1.2.3.4', udp(5555, 53))))).toBe(`${NODE}:5555 > 1.2.3.4:53`);
    expect(ends(g.forward(packet('1.2.3.4', NODE, udp(53, 5555)), true))).toBe(`1.2.3.4:53 > ${POD}:5555`);
  });

  test.each([[5555, 1024, 65535], [700, 600, 1023], [200, 1, 511]])('NAT2 port %i is taken: another of its class %i to %i', (port, min, max) => {
    const g = new Gate(SNAT);
    expect(ends(g.forward(packet(POD, '1.2.3.4', udp(port, 53))))).toBe(`${NODE}:${port} > 1.2.3.4:53`);
    const second = /:(\d+) >/.exec(ends(g.forward(packet('10.42.1.20', '1.2.3.4', udp(port, 53)))));
    const chosen = Number(second?.[1]);
    expect(chosen).not.toBe(port);
    expect(chosen).toBeGreaterThanOrEqual(min);
    expect(chosen).toBeLessThanOrEqual(max);
    expect(portClass(port)).toEqual([min, max]);
  });

  test('NAT3 a null binding: an untranslated connection whose tuple a DNAT took gets another source port', () => {
    const g = new Gate(DNAT);
    g.forward(packet(POD, ENDPOINT, tcp(41000, 8080, SYN)));
    const skb = g.forward(packet(POD, VIP, tcp(41000, 80, SYN)));
    expect(ends(skb)).toMatch(new RegExp(`^${POD}:(?!41000 )\\d+ > ${ENDPOINT}:8080$`));
    expect(g.ns.conntrack.door().list()[1]).toMatchObject({ srcNat: true, dstNat: true });
  });

  test('NAT4 scripted ports are tried first; a random one otherwise comes from the namespace’s stream', () => {
    const rules = `*nat\n-A POSTROUTING -j SNAT --to-source ${NODE} --random-fully\nCOMMIT\n`;
    const g = new Gate(rules);
    g.world.scripted.set('masquerade-port', [34701]);
    expect(ends(g.forward(packet(POD, '1.2.3.4', udp(5555, 53))))).toBe(`${NODE}:34701 > 1.2.3.4:53`);
    const draw = (seed: number): string => ends(new Gate(rules, { seed }).forward(packet(POD, '1.2.3.4', udp(5555, 53))));
    expect(draw(5)).toBe(draw(5));
    expect(draw(5)).not.toBe(draw(6));
  });

  test('one source keeps its mapping towards other destinations', () => {
    const g = new Gate(SNAT);
    g.world.scripted.set('masquerade-port', [40000]);
    g.forward(packet('10.42.1.9', '1.2.3.4', udp(5555, 53)));
    expect(ends(g.forward(packet(POD, '1.2.3.4', udp(5555, 53))))).toBe(`${NODE}:40000 > 1.2.3.4:53`);
    expect(ends(g.forward(packet(POD, '1.2.3.5', udp(5555, 53))))).toBe(`${NODE}:40000 > 1.2.3.5:53`);
  });

  test('echo ids are translated when two hosts use the same', () => {
    const g = new Gate(SNAT);
    g.forward(packet(POD, '1.2.3.4', echo(8, 9)));
    const skb = g.forward(packet('10.42.1.5', '1.2.3.4', echo(8, 9)));
    expect(ends(skb)).not.toContain(`${NODE}:9 `);
    const id = skb?.net.kind === 'ipv4' && skb.net.payload.kind === 'icmp' ? skb.net.payload.rest >>> 16 : 0;
    expect(ends(g.forward(packet('1.2.3.4', NODE, echo(0, id)), true))).toBe(`1.2.3.4:9 > 10.42.1.5:9`);
  });
});

describe('NAT5 ICMP errors', () => {
  test('an error about a DNATed packet reaches the client as if the VIP’s packet had failed', () => {
    const g = new Gate(DNAT);
    const sent = g.forward(packet(POD, VIP, tcp(33700, 80, SYN)));
    if (sent?.net.kind !== 'ipv4') throw new Error('dropped');
    const error = packet('10.42.0.1', POD, { kind: 'icmp', type: 3, code: 1, rest: 0, body: emitIpv4Start(sent.net, 28) });
    const back = g.forward(error, true);
    if (back?.net.kind !== 'ipv4' || back.net.payload.kind !== 'icmp') throw new Error('dropped');
    const inner = parseEmbedded(back.net.payload.body);
    expect(inner === undefined ? '' : `${formatIpv4(inner.src)} ${formatIpv4(inner.dst)}`).toBe(`${POD} ${VIP}`);
    expect(inner?.payload).toMatchObject({ srcPort: 33700, dstPort: 80 });
    expect(formatIpv4(back.net.dst)).toBe(POD);
  });

  test('a redirect about a translated connection is dropped', () => {
    const g = new Gate(DNAT);
    const sent = g.forward(packet(POD, VIP, tcp(33700, 80, SYN)));
    if (sent?.net.kind !== 'ipv4') throw new Error('dropped');
    expect(g.forward(packet('10.42.0.1', POD, { kind: 'icmp', type: 5, code: 1, rest: 0, body: emitIpv4Start(sent.net, 28) }), true)).toBeUndefined();
  });
});

const arbitraryPacket = fc.record({
  src: fc.integer({ min: 1, max: 0xfffffffe }), dst: fc.integer({ min: 1, max: 0xfffffffe }), sport: fc.integer({ min: 1, max: 65535 }), dport: fc.integer({ min: 1, max: 65535 }),
  kind: fc.constantFrom('tcp', 'udp'), data: fc.uint8Array({ maxLength: 40 }),
}).map(({ src, dst, sport, dport, kind, data }): Ipv4Packet => ({
  ...packet('1.1.1.1', '1.1.1.1', kind === 'tcp' ? tcp(sport, dport, ACK, { payload: data }) : { ...udp(sport, dport), payload: data }), src: ipv4(src), dst: ipv4(dst),
}));
const arbitraryTarget = fc.tuple(fc.integer({ min: 1, max: 0xfffffffe }), fc.integer({ min: 1, max: 65535 })).map(([address, port]) => {
  const t = new Tuple(false);
  t.src = t.dst = address;
  t.sport = t.dport = port;
  return t;
});
const original = (p: Ipv4Packet): Tuple => {
  const t = new Tuple(false);
  t.src = p.src;
  t.dst = p.dst;
  if (p.payload.kind === 'tcp' || p.payload.kind === 'udp') {
    t.sport = p.payload.srcPort;
    t.dport = p.payload.dstPort;
  }
  return t;
};
const manip = fc.constantFrom('src' as const, 'dst' as const);

describe('NAT6 rewriting', () => {
  test('there and back is the identity, with checksums left to be right', () => {
    fc.assert(fc.property(arbitraryPacket, arbitraryTarget, manip, (p, target, m) => {
      const there = rewrite(p, { manip: m, target, partial: false });
      expect(rewrite(there, { manip: m, target: original(p), partial: false })).toEqual({ ...p, checksum: undefined, payload: { ...p.payload, checksum: undefined } });
    }));
  });

  test('a checksum that is written down stays exactly as right or wrong as it was', () => {
    fc.assert(fc.property(arbitraryPacket, arbitraryTarget, manip, fc.boolean(), (p, target, m, wrong) => {
      const bytes = emitIpv4(p);
      const at = 20 + (p.payload.kind === 'tcp' ? 16 : 6);
      if (wrong) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      const sum = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      const literal: Ipv4Packet = { ...p, payload: { ...p.payload, checksum: sum } as Ipv4Packet['payload'] };
      if (p.payload.kind === 'udp' && sum === 0) return;
      const there = rewrite(literal, { manip: m, target, partial: false });
      expect(verifyTransport(there)).toBe(!wrong);
    }));
  });

  test('the same on the packet inside an ICMP error', () => {
    fc.assert(fc.property(arbitraryPacket, arbitraryTarget, manip, (p, target, m) => {
      const there = rewriteEmbedded(emitIpv4(p), m, target);
      const parsed = parseIpv4Packet(there);
      expect(parsed.ok && verifyTransport(parsed.value)).toBe(true);
      expect(rewriteEmbedded(there, m, original(p))).toEqual(emitIpv4(p));
    }));
  });
});

describe('NAT7 no two connections share a tuple', () => {
  test('whatever comes, replies are told apart, and every reply comes back to who asked', () => {
    const flow = fc.record({ host: fc.integer({ min: 2, max: 6 }), port: fc.constantFrom(100, 600, 1024, 5555), vip: fc.boolean(), to: fc.integer({ min: 1, max: 2 }) });
    fc.assert(fc.property(fc.array(flow, { maxLength: 40 }), fc.integer(), (flows, seed) => {
      const g = new Gate(`${DNAT}${SNAT}`, { seed, trace: false });
      for (const f of flows) {
        const request = packet(`10.42.1.${f.host}`, f.vip ? VIP : `${ENDPOINT.replace(/8$/, String(7 + f.to))}`, tcp(f.port, f.vip ? 80 : 8080, SYN));
        const sent = g.forward(request);
        if (sent?.net.kind !== 'ipv4' || sent.net.payload.kind !== 'tcp') throw new Error('dropped');
        const reply = g.forward({ ...packet('1.1.1.1', '1.1.1.1', tcp(sent.net.payload.dstPort, sent.net.payload.srcPort, ACK)), src: sent.net.dst, dst: sent.net.src }, true);
        expect(ends(reply)).toBe(`${formatIpv4(request.dst)}:${f.vip ? 80 : 8080} > ${formatIpv4(request.src)}:${f.port}`);
      }
      const keys = g.ns.conntrack.door().list().map(({ reply: r }) => `${r.src} ${r.sport} ${r.dst} ${r.dport}`);
      expect(new Set(keys).size).toBe(keys.length);
    }), { numRuns: 60 });
  });
});

test('NAT8 a masqueraded connection dies when its way out changes', () => {
  const g = new Gate('*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n').listen();
  const netlink = g.ns.fib;
  netlink.newAddress({ dev: 'out0', address: ip('10.65.94.22'), prefixLength: 24 });
  expect(ends(g.forward(packet(POD, '1.2.3.4', udp(5555, 53))))).toBe('10.65.94.22:5555 > 1.2.3.4:53');
  const skb = g.skb(packet(POD, '1.2.3.4', udp(5555, 53)));
  expect(g.ns.netfilter.hook('PREROUTING', skb, g.inside, undefined) && g.ns.netfilter.hook('POSTROUTING', skb, g.outside, g.inside)).toBe(false);
  expect(g.events.map((e) => e.type)).toEqual(['NEW', 'DESTROY']);
});
