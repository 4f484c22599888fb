import { describe, expect, it } from 'vitest';
import { seconds } from '../../../sim/time.ts';
import { formatIpv4, formatMac, MAC_ZERO } from '../../../wire/addresses.ts';
import { IPPROTO_UDP, type Ipv4Packet } from '../../../wire/packet.ts';
import { rtnetlink } from '../../netlink/rtnetlink.ts';
import type { Netns } from '../../netns.ts';
import { Skb } from '../../skb.ts';
import { device, ip, mac, ok, ping, settle, steps, twoNodes, type Cluster } from '../../testing/worlds.ts';
import { devQueueXmit } from '../../tx.ts';

function nodes(c: Cluster): readonly [Netns, Netns] {
  const [a, b] = c.nodes;
  if (a === undefined || b === undefined) throw new Error('nodes');
  return [a.ns, b.ns];
}

const pod = (c: Cluster, i: number): Netns => {
  const ns = c.pods[i];
  if (ns === undefined) throw new Error('pod');
  return ns;
};

/** Outer packets that left a node by ens3. */
const outer = (c: Cluster, ns: Netns, from = 0): Ipv4Packet[] =>
  steps(c.world, 'tx', ns).filter((s) => s.i >= from && s.dev === 'ens3').flatMap((s) => (s.net.kind === 'ipv4' ? [s.net] : []));

describe('encapsulation', () => {
  it('the packet keeps its id; outer header as Linux makes it', () => {
    const c = twoNodes();
    const [a, b] = nodes(c);
    ping(pod(c, 0), '10.42.1.2');
    settle(c.world);
    const sent = steps(c.world, 'created', pod(c, 0)).find((s) => s.net.kind === 'ipv4')?.pkt;
    expect(steps(c.world, 'encap', a).map((s) => [s.pkt, s.how, s.fdbKey])).toEqual([[sent, 'vxlan', 'flannel.1 02:00:00:00:01:01 10.65.94.2']]);
    expect(steps(c.world, 'decap', b).map((s) => [s.pkt, s.dev])).toEqual([[sent, 'flannel.1']]);
    const packet = outer(c, a)[0];
    expect(packet).toMatchObject({ ttl: 64, df: false, tos: 0, protocol: IPPROTO_UDP, src: ip('10.65.94.1'), dst: ip('10.65.94.2'), payload: { kind: 'udp', dstPort: 8472, checksum: undefined } });
    const port = packet?.payload.kind === 'udp' ? packet.payload.srcPort : 0;
    expect(port).toBeGreaterThanOrEqual(32768);
    expect(port).toBeLessThan(60999);
  });

  it.each<[string, 'partial' | 'unnecessary', true | 'outer']>([
    ['an unfinished inner one stays, the outer is right all the same', 'partial', true],
    ['a finished inner one leaves the outer to the card', 'unnecessary', 'outer'],
  ])('checksums (referee): %s', (_name, ipSummed, left) => {
    const c = twoNodes();
    const [a, b] = nodes(c);
    const net: Ipv4Packet = { kind: 'ipv4', tos: 0, id: 1, df: false, mf: false, offset: 0, ttl: 64, protocol: IPPROTO_UDP, src: ip('10.42.0.2'), dst: ip('10.42.1.2'), payload: { kind: 'udp', srcPort: 5, dstPort: 7, checksum: undefined, payload: new Uint8Array(8) } };
    const skb = new Skb(c.world.nextPacketId(), net, { dst: mac('02:00:00:00:01:01'), src: mac('02:00:00:00:01:00'), etherType: 0x0800 });
    skb.ipSummed = ipSummed;
    devQueueXmit(device(a, 'flannel.1'), skb);
    settle(c.world);
    expect(steps(c.world, 'tx', a).filter((s) => s.pkt === skb.id && s.dev === 'ens3').map((s) => s.partialChecksum)).toEqual([left]);
    expect(steps(c.world, 'tx', b).filter((s) => s.pkt === skb.id && s.dev === 'cni0').map((s) => s.partialChecksum)).toEqual([false]);
  });

  it('the source port is the flow\'s: same for its packets, another for another flow', () => {
    const c = twoNodes();
    const [a] = nodes(c);
    const port = (src: string): number => {
      const head = c.world.recorder.head;
      const net: Ipv4Packet = { kind: 'ipv4', tos: 0, id: 1, df: false, mf: false, offset: 0, ttl: 64, protocol: 6, src: ip(src), dst: ip('10.42.1.2'), payload: { kind: 'data', bytes: new Uint8Array(8) } };
      devQueueXmit(device(a, 'flannel.1'), new Skb(c.world.nextPacketId(), net, { dst: mac('02:00:00:00:01:01'), src: mac('02:00:00:00:01:00'), etherType: 0x0800 }));
      settle(c.world);
      const payload = outer(c, a, head)[0]?.payload;
      return payload?.kind === 'udp' ? payload.srcPort : 0;
    };
    expect(port('10.42.0.2')).toBe(port('10.42.0.2'));
    expect(new Set(Array.from({ length: 10 }, (_, i) => port(`10.42.0.${i + 2}`))).size).toBeGreaterThan(5);
  });

  it('fragments of a connected socket have their flow\'s port, others that of their addresses (found by the referee)', () => {
    const port = (connected: boolean, sport: number): number => {
      const c = twoNodes();
      const [a] = nodes(c);
      const sockets = pod(c, 0).transport.door({ pid: 1, name: 'test' });
      const s = sockets.udp();
      const to = { address: ip('10.42.1.2'), port: 7 };
      s.bind({ address: ip('0.0.0.0'), port: sport });
      if (connected) s.connect(to);
      s.setOption('pmtudisc', 0);
      s.send(new Uint8Array(3000), connected ? undefined : to);
      settle(c.world);
      const ports = new Set(outer(c, a).map((p) => (p.payload.kind === 'udp' ? p.payload.srcPort : 0)));
      expect(ports.size).toBe(1);
      return [...ports][0] ?? 0;
    };
    expect(port(true, 4001)).not.toBe(port(true, 4002));
    expect(port(false, 4001)).toBe(port(false, 4002));
  });

  it('no entry for the address: dropped; the all-zero entry takes what nobody else does', () => {
    const c = twoNodes();
    const [a] = nodes(c);
    const nl = rtnetlink(a);
    ok(nl.delFdb({ mac: mac('02:00:00:00:01:01'), dev: 'flannel.1' }));
    ping(pod(c, 0), '10.42.1.2');
    settle(c.world);
    expect(steps(c.world, 'dropped', a).map((s) => s.reason)).toContain('VXLAN_NO_REMOTE');
    ok(nl.newFdb({ mac: MAC_ZERO, dev: 'flannel.1', dst: ip('10.65.94.2') }, 'append'));
    ping(pod(c, 0), '10.42.1.2', 1, 2);
    settle(c.world);
    expect(outer(c, a).map((p) => formatIpv4(p.dst))).toEqual(['10.65.94.2']);
  });

  it('a partial inner checksum stays partial', () => {
    const c = twoNodes();
    const [a] = nodes(c);
    pod(c, 0).ip.send({ dst: ip('10.42.1.2'), protocol: IPPROTO_UDP, partial: true, payload: { kind: 'udp', srcPort: 1000, dstPort: 2000, payload: new Uint8Array(4) } });
    settle(c.world);
    expect(steps(c.world, 'tx', a).filter((s) => s.dev === 'ens3' && s.net.kind === 'ipv4').map((s) => s.partialChecksum)).toEqual([true]);
  });

  it('keeps the mark, forgets connection and route', () => {
    const c = twoNodes();
    const [a] = nodes(c);
    const marks: number[] = [];
    a.netfilter.hook = (hook, skb) => {
      if (hook === 'FORWARD') skb.mark = 0x4000;
      if (hook === 'OUTPUT' && skb.net.kind === 'ipv4' && skb.net.protocol === IPPROTO_UDP) {
        marks.push(skb.mark);
        expect([skb.ct, skb.nfBridge]).toEqual([undefined, undefined]);
      }
      return true;
    };
    ping(pod(c, 0), '10.42.1.2');
    settle(c.world);
    expect(marks).toEqual([0x4000]);
  });
});

describe('reception', () => {
  it('an outer packet that came in fragments is put together first', () => {
    const c = twoNodes();
    const [a, b] = nodes(c);
    device(a, 'ens3').mtu = 600;
    pod(c, 0).ip.send({ dst: ip('10.42.1.2'), protocol: IPPROTO_UDP, payload: { kind: 'udp', srcPort: 1000, dstPort: 2000, payload: new Uint8Array(1000).fill(7) } });
    settle(c.world);
    expect(outer(c, a).map((p) => [p.mf, p.offset])).toEqual([[true, 0], [false, 576]]);
    expect(steps(c.world, 'decap', b)).toHaveLength(1);
    const last = steps(c.world, 'rx', pod(c, 2)).find((s) => s.net.kind === 'ipv4')?.net;
    expect(last).toMatchObject({ payload: { kind: 'udp', dstPort: 2000, payload: new Uint8Array(1000).fill(7) } });
  });

  it('a port of its own', () => {
    const c = twoNodes();
    for (const [i, ns] of nodes(c).entries()) {
      const nl = rtnetlink(ns);
      ok(nl.newLink({ name: 'vx', kind: 'vxlan', vxlan: { vni: 7, local: ip(`10.65.94.${i + 1}`), dstPort: 9999, learning: false } }));
      ok(nl.setLink('vx', { up: true }));
      ok(nl.newFdb({ mac: MAC_ZERO, dev: 'vx', dst: ip(`10.65.94.${2 - i}`) }, 'append'));
      ok(nl.newAddress({ dev: 'vx', address: ip(`10.9.0.${i + 1}`), prefixLength: 24 }));
    }
    ping(nodes(c)[0], '10.9.0.2');
    settle(c.world);
    expect(steps(c.world, 'consumed', nodes(c)[1]).map((s) => s.by)).toContain('icmp echo');
  });

  it('another VNI: no device', () => {
    const c = twoNodes();
    const [, b] = nodes(c);
    ok(rtnetlink(b).delLink('flannel.1'));
    ok(rtnetlink(b).newLink({ name: 'vx9', kind: 'vxlan', vxlan: { vni: 9, dstPort: 8472 } }));
    ok(rtnetlink(b).setLink('vx9', { up: true }));
    ping(pod(c, 0), '10.42.1.2');
    settle(c.world);
    expect(steps(c.world, 'dropped', b).map((s) => [s.reason, s.detail])).toContainEqual(['VXLAN_VNI_NOT_FOUND', 'vni 1']);
  });

  it('device down: its UDP port is closed', () => {
    const c = twoNodes();
    const [, b] = nodes(c);
    ok(rtnetlink(b).setLink('flannel.1', { up: false }));
    ping(pod(c, 0), '10.42.1.2');
    settle(c.world);
    expect(steps(c.world, 'dropped', b).map((s) => s.reason)).toContain('NO_SOCKET');
  });

  it.each([[true, ['02:00:00:00:01:00 10.65.94.1 learned']], [false, []]])('learning %s', (learning, learned) => {
    const c = twoNodes();
    const [, b] = nodes(c);
    const nl = rtnetlink(b);
    ok(nl.delLink('flannel.1'));
    ok(nl.newLink({ name: 'flannel.1', kind: 'vxlan', mac: mac('02:00:00:00:01:01'), vxlan: { vni: 1, local: ip('10.65.94.2'), dstPort: 8472, learning } }));
    ok(nl.setLink('flannel.1', { up: true }));
    ping(pod(c, 0), '10.42.1.2');
    settle(c.world);
    const list = (): string[] => nl.fdb().filter((e) => e.dev === 'flannel.1').map((e) => `${formatMac(e.mac)} ${formatIpv4(e.dst ?? ip('0.0.0.0'))} ${e.kind}`);
    expect(list()).toEqual(learned);
    settle(c.world, seconds(301));
    expect(list()).toEqual([]);
  });
});

describe('netlink', () => {
  const V = mac('02:00:00:00:00:01');
  it.each([
    ['add twice', 'EEXIST', (n: ReturnType<typeof rtnetlink>) => n.newFdb({ mac: mac('02:00:00:00:01:01'), dev: 'flannel.1', dst: ip('1.2.3.4') }, 'add')],
    ['add without dst', 'EINVAL', (n: ReturnType<typeof rtnetlink>) => n.newFdb({ mac: V, dev: 'flannel.1' }, 'add')],
    ['delete what is not there', 'ENOENT', (n: ReturnType<typeof rtnetlink>) => n.delFdb({ mac: V, dev: 'flannel.1' })],
    ['as master', 'EOPNOTSUPP', (n: ReturnType<typeof rtnetlink>) => n.newFdb({ mac: V, dev: 'flannel.1', dst: ip('1.2.3.4'), where: 'master' }, 'add')],
  ])('%s: %s', (_name, errno, request) => {
    expect(request(rtnetlink(nodes(twoNodes())[0]))).toMatchObject({ ok: false, error: { errno } });
  });

  it('append: several remotes for the default only, listed in hash order', () => {
    const nl = rtnetlink(nodes(twoNodes())[0]);
    const add = (m: typeof V, dst: string): void => ok(nl.newFdb({ mac: m, dev: 'flannel.1', dst: ip(dst) }, 'append'));
    add(V, '1.2.3.5');
    add(V, '1.2.3.6');
    add(MAC_ZERO, '1.2.3.6');
    add(MAC_ZERO, '1.2.3.7');
    const list = nl.fdb().filter((e) => e.dev === 'flannel.1' && e.dst !== undefined && e.mac !== mac('02:00:00:00:01:01')).map((e) => `${formatMac(e.mac)} ${formatIpv4(e.dst ?? ip('0.0.0.0'))}`);
    expect(list).toEqual(['00:00:00:00:00:00 1.2.3.6', '00:00:00:00:00:00 1.2.3.7', '02:00:00:00:00:01 1.2.3.5']);
  });

  it('a second device of the same VNI', () => {
    const nl = rtnetlink(nodes(twoNodes())[0]);
    expect(nl.newLink({ name: 'vx2', kind: 'vxlan', vxlan: { vni: 1, dstPort: 8472 } }))
      .toEqual({ ok: false, error: { errno: 'EEXIST', extack: 'A VXLAN device with the specified VNI already exists' } });
  });
});
