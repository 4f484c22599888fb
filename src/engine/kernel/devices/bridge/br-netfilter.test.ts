import { describe, expect, it } from 'vitest';
import { seconds } from '../../../sim/time.ts';
import { formatIpv4, formatMac, type Ipv4 } from '../../../wire/addresses.ts';
import type { Ipv4Packet } from '../../../wire/packet.ts';
import { rtnetlink } from '../../netlink/rtnetlink.ts';
import type { Netns } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { ip, ok, ping, settle, steps, twoNodes, type Cluster } from '../../testing/worlds.ts';

interface Seen { readonly hook: string; readonly iif: string; readonly oif: string; readonly physIn: string; readonly physOut: string; readonly dst: string; readonly ttl: number; readonly to: string; readonly from: string }

/** Stands in for netfilter on one node: notes every hook, and may rewrite the destination in PREROUTING. */
function watch(ns: Netns, dnat?: (p: Ipv4Packet) => Ipv4 | undefined, verdict: (hook: string) => boolean = () => true): Seen[] {
  const seen: Seen[] = [];
  ns.netfilter.hook = (hook, skb: Skb, iif, oif) => {
    const { net } = skb;
    if (net.kind !== 'ipv4') return true;
    const to = hook === 'PREROUTING' ? dnat?.(net) : undefined;
    if (to !== undefined) skb.net = { ...net, dst: to };
    seen.push({
      hook, iif: iif?.name ?? '', oif: oif?.name ?? '', physIn: skb.nfBridge?.physIn?.name ?? '', physOut: skb.nfBridge?.physOut?.name ?? '', dst: formatIpv4(net.dst), ttl: net.ttl,
      to: skb.mac === undefined ? '' : formatMac(skb.mac.dst), from: skb.mac === undefined ? '' : formatMac(skb.mac.src),
    });
    return verdict(hook);
  };
  return seen;
}

/** Two pods of one node know each other, caches are warm. */
function warm(): { readonly c: Cluster; readonly node: Netns; readonly a: Netns; readonly b: Netns; readonly remote: Netns } {
  const c = twoNodes();
  const [a, b, remote] = c.pods;
  const node = c.nodes[0]?.ns;
  if (a === undefined || b === undefined || remote === undefined || node === undefined) throw new Error('pods');
  for (const dst of ['10.42.0.3', '10.42.0.1', '10.42.1.2']) ping(a, dst);
  ping(b, '10.42.0.1');
  ping(node, '10.42.0.3');
  ping(node, '10.42.0.2');
  settle(c.world, seconds(1));
  return { c, node, a, b, remote };
}

const path = (seen: readonly Seen[]): string[] => seen.map((s) => `${s.hook} ${s.iif}>${s.oif} phys ${s.physIn}>${s.physOut}`);
const VIP = '10.43.180.238';
const requests = (seen: readonly Seen[], ...dst: string[]): Seen[] => seen.filter((s) => dst.includes(s.dst));
const received = (c: Cluster, ns: Netns, from: number): Ipv4Packet[] =>
  steps(c.world, 'rx', ns).filter((s) => s.i >= from).flatMap((s) => (s.net.kind === 'ipv4' ? [s.net] : []));

describe('br_netfilter (net/bridge/br_netfilter_hooks.c)', () => {
  it('two pods of a node: PREROUTING, FORWARD, POSTROUTING with the bridge as device, TTL untouched', () => {
    const { c, node, a, b } = warm();
    const head = c.world.recorder.head;
    const seen = watch(node);
    ping(a, '10.42.0.3');
    settle(c.world);
    expect(path(requests(seen, '10.42.0.3'))).toEqual([
      'PREROUTING cni0> phys veth-pod-a>', 'FORWARD cni0>cni0 phys veth-pod-a>veth-pod-b', 'POSTROUTING >cni0 phys veth-pod-a>veth-pod-b',
    ]);
    expect(received(c, b, head).map((p) => p.ttl)).toEqual([64]);
  });

  it('off: bridged packets pass no hook', () => {
    const { c, node, a } = warm();
    ok(node.sysctl.set('net.bridge.bridge-nf-call-iptables', '0'));
    const seen = watch(node);
    ping(a, '10.42.0.3');
    settle(c.world);
    expect(seen).toEqual([]);
  });

  it('for the node itself: PREROUTING once, then INPUT', () => {
    const { c, node, a } = warm();
    const seen = watch(node);
    ping(a, '10.42.0.1');
    settle(c.world);
    expect(path(requests(seen, '10.42.0.1'))).toEqual(['PREROUTING cni0> phys veth-pod-a>', 'INPUT cni0> phys veth-pod-a>']);
  });

  it('routed to another node: PREROUTING once, FORWARD and POSTROUTING once, then the outer packet of its own', () => {
    const { c, node, a } = warm();
    const seen = watch(node);
    ping(a, '10.42.1.2');
    settle(c.world);
    expect(path(requests(seen, '10.42.1.2', '10.65.94.2'))).toEqual([
      'PREROUTING cni0> phys veth-pod-a>', 'FORWARD cni0>flannel.1 phys veth-pod-a>', 'POSTROUTING cni0>flannel.1 phys veth-pod-a>',
      'OUTPUT >ens3 phys >', 'POSTROUTING flannel.1>ens3 phys >',
    ]);
  });

  it('routed from another node into the bridge: no second POSTROUTING', () => {
    const { c, node, remote } = warm();
    const seen = watch(node);
    ping(remote, '10.42.0.2');
    settle(c.world);
    expect(path(requests(seen, '10.42.0.2'))).toEqual(['PREROUTING flannel.1> phys >', 'FORWARD flannel.1>cni0 phys >', 'POSTROUTING flannel.1>cni0 phys >']);
  });

  it('DNAT to a pod behind the same bridge stays bridged: TTL 64, the sender\'s MAC, the endpoint\'s MAC', () => {
    const { c, node, a, b } = warm();
    const head = c.world.recorder.head;
    const seen = watch(node, (p) => (p.dst === ip(VIP) ? ip('10.42.0.3') : undefined));
    ping(a, VIP);
    settle(c.world);
    expect(requests(seen, VIP, '10.42.0.3').map((s) => `${s.hook} ${s.iif}>${s.oif} ${s.dst} ttl ${s.ttl} ${s.physOut}`)).toEqual([
      `PREROUTING cni0> ${VIP} ttl 64 `, 'FORWARD cni0>cni0 10.42.0.3 ttl 64 veth-pod-b', 'POSTROUTING >cni0 10.42.0.3 ttl 64 veth-pod-b',
    ]);
    const last = requests(seen, '10.42.0.3').at(-1);
    expect([last?.from, last?.to]).toEqual(['0a:00:00:00:00:02', '0a:00:00:00:00:03']);
    expect(received(c, b, head).map((p) => p.ttl)).toEqual([64]);
  });

  it('hairpin: DNAT to the sender itself goes back by its own port (../shared/referee/trace-hairpin.txt)', () => {
    const { c, node, a } = warm();
    const head = c.world.recorder.head;
    const seen = watch(node, (p) => (p.dst === ip(VIP) ? ip('10.42.0.2') : undefined));
    ping(a, VIP);
    settle(c.world);
    const forward = seen.find((s) => s.hook === 'FORWARD');
    expect(forward).toMatchObject({ iif: 'cni0', oif: 'cni0', physIn: 'veth-pod-a', physOut: 'veth-pod-a', ttl: 64, from: '0a:00:00:00:00:02', to: '0a:00:00:00:00:02' });
    expect(received(c, a, head).map((p) => formatIpv4(p.dst))).toEqual(['10.42.0.2']);
  });

  it('an unresolved neighbour: ARP first, then the bridging goes on as if nothing had happened', () => {
    const { c, node, a, b } = warm();
    for (const n of rtnetlink(node).neighbours()) if (n.dev === 'cni0') ok(rtnetlink(node).delNeighbour('cni0', n.ip));
    const head = c.world.recorder.head;
    const seen = watch(node, (p) => (p.dst === ip(VIP) ? ip('10.42.0.3') : undefined));
    ping(a, VIP);
    settle(c.world);
    expect(steps(c.world, 'created', node).filter((s) => s.i >= head && s.net.kind === 'arp')).toHaveLength(1);
    expect(path(requests(seen, VIP, '10.42.0.3'))).toEqual([
      'PREROUTING cni0> phys veth-pod-a>', 'FORWARD cni0>cni0 phys veth-pod-a>veth-pod-b', 'POSTROUTING >cni0 phys veth-pod-a>veth-pod-b',
    ]);
    expect(requests(seen, '10.42.0.3').at(-1)).toMatchObject({ from: '0a:00:00:00:00:02', to: '0a:00:00:00:00:03' });
    expect(received(c, b, head)).toHaveLength(1);
  });

  it('the same without ip_forward: bridged DNAT does not need it', () => {
    const { c, node, a, b } = warm();
    ok(node.sysctl.set('net.ipv4.ip_forward', '0'));
    const head = c.world.recorder.head;
    watch(node, (p) => (p.dst === ip(VIP) ? ip('10.42.0.3') : undefined));
    ping(a, VIP);
    settle(c.world);
    expect(received(c, b, head)).toHaveLength(1);
  });

  it('DNAT to another node goes up and is routed: TTL 63 in FORWARD of flannel.1', () => {
    const { c, node, a } = warm();
    const seen = watch(node, (p) => (p.dst === ip(VIP) ? ip('10.42.1.2') : undefined));
    ping(a, VIP);
    settle(c.world);
    expect(requests(seen, VIP, '10.42.1.2').map((s) => `${s.hook} ${s.iif}>${s.oif} ${s.dst} ttl ${s.ttl}`)).toEqual([
      `PREROUTING cni0> ${VIP} ttl 64`, 'FORWARD cni0>flannel.1 10.42.1.2 ttl 63', 'POSTROUTING cni0>flannel.1 10.42.1.2 ttl 63',
    ]);
  });

  it('a packet that a hook took goes no further', () => {
    const { c, node, a, b } = warm();
    const head = c.world.recorder.head;
    watch(node, undefined, (hook) => hook !== 'FORWARD');
    ping(a, '10.42.0.3');
    settle(c.world);
    expect(received(c, b, head)).toEqual([]);
  });
});
