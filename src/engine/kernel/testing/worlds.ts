/** Small worlds for tests: two hosts on a wire, and a k3s-like node with cni0 and pods. */
import { must } from '../../../base/assert.ts';
import { micros, seconds, type Nanos } from '../../sim/time.ts';
import type { Step, StepKind } from '../../trace/steps.ts';
import type { Ack } from '../../uapi/rtnetlink.ts';
import { parseCidr, parseIpv4, parseMac, prefix, type Ipv4, type Mac, type Prefix } from '../../wire/addresses.ts';
import { IPPROTO_ICMP, type Ipv4Packet } from '../../wire/packet.ts';
import { Machine } from '../machine.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { rtnetlink } from '../netlink/rtnetlink.ts';
import { Segment } from '../segment.ts';
import { Skb } from '../skb.ts';
import { World } from '../world.ts';

export const ip = (text: string): Ipv4 => must(parseIpv4(text), text);
export const mac = (text: string): Mac => must(parseMac(text), text);
export const cidr = (text: string): Prefix => must(parseCidr(text), text);
export const net = (text: string): Prefix => prefix(cidr(text).address, cidr(text).length);
export const device = (ns: Netns, name: string): NetDevice => must(ns.device(name), `device ${name}`);

/** Fails the test when the kernel refused. */
export function ok(ack: Ack): void {
  if (!ack.ok) throw new Error(`refused: ${ack.error.errno} ${ack.error.extack ?? ''}`);
}

export const newWorld = (seed = 1): World => new World({ seed, epochMillis: Date.UTC(2024, 4, 30, 8), trace: true });

/** Runs until nothing is due any more within `limit`. */
export function settle(world: World, limit: Nanos = seconds(1)): void {
  world.scheduler.runUntil((world.scheduler.now + limit) as Nanos);
}

export const steps = <K extends StepKind>(world: World, kind: K, ns?: Netns): Extract<Step, { kind: K }>[] =>
  world.recorder.steps.filter((s): s is Extract<Step, { kind: K }> => s.kind === kind && (ns === undefined || s.ns === ns.id));

export function addAddress(ns: Netns, dev: string, text: string): void {
  const { address, length } = cidr(text);
  ok(rtnetlink(ns).newAddress({ dev, address, prefixLength: length }));
}

export function addRoute(ns: Netns, dst: string, via: string | undefined, dev: string, options: { readonly onlink?: boolean } = {}): void {
  const nexthop = { via: via === undefined ? undefined : ip(via), dev, onlink: options.onlink ?? false };
  ok(rtnetlink(ns).newRoute({ dst: dst === 'default' ? net('0.0.0.0/0') : net(dst), nexthops: [nexthop] }, 'add'));
}

export const up = (ns: Netns, ...names: string[]): void => names.forEach((name) => ok(rtnetlink(ns).setLink(name, { up: true })));

export interface TwoHosts {
  readonly world: World;
  readonly segment: Segment;
  readonly a: Netns;
  readonly b: Netns;
}

/** a 10.0.0.1/24 and b 10.0.0.2/24, eth0 each, on one segment. */
export function twoHosts(world = newWorld()): TwoHosts {
  const segment = new Segment(world, 'wire', micros(50));
  const host = (name: string, n: number): Netns => {
    const machine = new Machine(world, name);
    const ns = machine.init;
    machine.addNic(ns, { name: 'eth0', mac: mac(`02:00:00:00:00:0${n}`) }, segment);
    up(ns, 'lo', 'eth0');
    addAddress(ns, 'eth0', `10.0.0.${n}/24`);
    return ns;
  };
  return { world, segment, a: host('a', 1), b: host('b', 2) };
}

export interface PodSpec {
  readonly name: string;
  readonly address: string;
  readonly mac?: string;
}

/** A pod's namespace on a node: veth to cni0 with hairpin, address, default route. */
export function addPod(node: Netns, spec: PodSpec): Netns {
  const { machine } = node;
  const ns = machine.addNetns(spec.name);
  const veth = `veth-${spec.name}`;
  const netlink = rtnetlink(node);
  ok(netlink.newLink({ name: veth, kind: 'veth', mtu: 1450, peer: { name: 'eth0', netns: spec.name, mac: spec.mac === undefined ? undefined : mac(spec.mac), mtu: 1450 } }));
  ok(netlink.setLink(veth, { master: 'cni0', up: true, hairpin: true }));
  up(ns, 'lo', 'eth0');
  addAddress(ns, 'eth0', `${spec.address}/24`);
  addRoute(ns, 'default', spec.address.replace(/\d+$/, '1'), 'eth0');
  return ns;
}

export interface Node {
  readonly machine: Machine;
  readonly ns: Netns;
}

/** A node with ens3, flannel.1 (VNI 1) and cni0 10.42.<index>.1/24; ip_forward on. */
export function addNode(world: World, segment: Segment, name: string, index: number): Node {
  const machine = new Machine(world, name);
  const ns = machine.init;
  machine.addNic(ns, { name: 'ens3', mac: mac(`52:54:00:00:00:0${index + 1}`) }, segment);
  up(ns, 'lo', 'ens3');
  addAddress(ns, 'ens3', `10.65.94.${index + 1}/24`);
  ok(ns.sysctl.set('net.ipv4.ip_forward', '1'));
  const netlink = rtnetlink(ns);
  ok(netlink.newLink({
    name: 'flannel.1', kind: 'vxlan', mac: mac(`02:00:00:00:01:0${index}`),
    vxlan: { vni: 1, local: ip(`10.65.94.${index + 1}`), dev: 'ens3', dstPort: 8472, learning: false },
  }));
  addAddress(ns, 'flannel.1', `10.42.${index}.0/32`);
  ok(netlink.newLink({ name: 'cni0', kind: 'bridge', mtu: 1450 }));
  up(ns, 'flannel.1', 'cni0');
  addAddress(ns, 'cni0', `10.42.${index}.1/24`);
  return { machine, ns };
}

/** flannel's three entries for another node. */
export function peerWith(ns: Netns, index: number): void {
  const netlink = rtnetlink(ns);
  const vtep = mac(`02:00:00:00:01:0${index}`);
  ok(netlink.newNeighbour({ dev: 'flannel.1', ip: ip(`10.42.${index}.0`), mac: vtep, state: 'PERMANENT' }, 'replace'));
  ok(netlink.newFdb({ dev: 'flannel.1', mac: vtep, dst: ip(`10.65.94.${index + 1}`), where: 'self', kind: 'permanent' }, 'append'));
  addRoute(ns, `10.42.${index}.0/24`, `10.42.${index}.0`, 'flannel.1', { onlink: true });
}

export interface Cluster {
  readonly world: World;
  readonly segment: Segment;
  readonly nodes: readonly Node[];
  /** Two pods on node 0 (10.42.0.2, .3), one on node 1 (10.42.1.2). */
  readonly pods: readonly Netns[];
}

export function twoNodes(world = newWorld()): Cluster {
  const segment = new Segment(world, 'mpqemubr0', micros(50));
  const nodes = [addNode(world, segment, 'vm1', 0), addNode(world, segment, 'vm2', 1)];
  const [first, second] = nodes;
  if (first === undefined || second === undefined) throw new Error('two nodes');
  peerWith(first.ns, 1);
  peerWith(second.ns, 0);
  const pods = [
    addPod(first.ns, { name: 'pod-a', address: '10.42.0.2', mac: '0a:00:00:00:00:02' }),
    addPod(first.ns, { name: 'pod-b', address: '10.42.0.3', mac: '0a:00:00:00:00:03' }),
    addPod(second.ns, { name: 'pod-c', address: '10.42.1.2', mac: '0a:00:00:00:01:02' }),
  ];
  return { world, segment, nodes, pods };
}

/** Sends an echo request as the IP layer of a host would, without a socket. */
export function ping(ns: Netns, dst: string, id = 1, seq = 1): void {
  ns.ip.send({ dst: ip(dst), protocol: IPPROTO_ICMP, payload: { kind: 'icmp', type: 8, code: 0, rest: (id << 16) | seq, body: new Uint8Array(56) }, by: 'ping' });
}

/** Puts a frame on the wire of `dev` as its neighbour would: it is received there. */
export function frame(world: World, packet: Ipv4Packet, src: string, dst: string): Skb {
  return new Skb(world.nextPacketId(), packet, { src: mac(src), dst: mac(dst), etherType: 0x0800 });
}
