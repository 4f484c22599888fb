/**
 * Read first: ip-link(8) "type vxlan", drivers/net/vxlan/vxlan_core.c (vxlan_xmit, vxlan_xmit_one, vxlan_rcv), iptunnel_xmit.
 * Models: v6.1: FDB, encapsulation over UDP/IPv4, scrub at both ends (conntrack, route; the mark stays), ECN, learning.
 * Not modelled: groups, metadata mode, GPE, GBP, proxy ARP, PMTU of the tunnel told to the sender, zero checksums per remote.
 */
import { done, ok } from '../../../../base/result.ts';
import { refuse } from '../../../uapi/errno.ts';
import type { Ack, Link, NewLink, VxlanConfig } from '../../../uapi/rtnetlink.ts';
import { ANY, isMulticastMac, MAC_ZERO, type Ipv4 } from '../../../wire/addresses.ts';
import { IPPROTO_UDP, type EthernetFrame, type Ipv4Packet } from '../../../wire/packet.ts';
import { parseVxlan } from '../../../wire/vxlan.ts';
import { clone, drop, scrub } from '../../drop.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import { netifReceive } from '../../rx.ts';
import type { Skb } from '../../skb.ts';
import { newIfindexFor, type LinkType } from '../link-type.ts';
import { randomMac, register } from '../registry.ts';
import { VxlanFdb } from './fdb.ts';
import { flowSourcePort } from './flow.ts';

/** IANA's is 4789; Linux's default came earlier. */
const DEFAULT_PORT = 8472;
/** IPv4, UDP, VXLAN and inner Ethernet header. */
const HEADROOM = 50;

/** VNIs that share a UDP socket, by namespace and port (struct vxlan_sock). */
const sockets = new WeakMap<Netns, Map<number, Map<number, NetDevice>>>();

export class Vxlan implements DeviceOps {
  readonly kind = 'vxlan';
  readonly config: VxlanConfig;
  readonly lower: NetDevice | undefined;
  readonly fdb: VxlanFdb;
  #socketOf: Netns | undefined;
  #dev: NetDevice | undefined;

  constructor(config: VxlanConfig, lower: NetDevice | undefined, dev: () => NetDevice) {
    this.config = config;
    this.lower = lower;
    this.fdb = new VxlanFdb(dev, config.ageing);
  }

  static of(dev: NetDevice): Vxlan | undefined {
    return dev.ops instanceof Vxlan ? dev.ops : undefined;
  }

  /** vxlan_xmit */
  xmit(dev: NetDevice, skb: Skb): void {
    const dst = skb.mac?.dst ?? MAC_ZERO;
    const item = this.fdb.find(dst) ?? this.fdb.find(MAC_ZERO);
    if (item === undefined) {
      dev.stats.txDropped++;
      return drop(dev.netns, skb, 'VXLAN_NO_REMOTE', dev.name);
    }
    const [first, ...others] = item.remotes;
    for (const remote of others) this.#xmitOne(dev, clone(dev.netns, skb), remote, this.fdb.key(item.mac, remote));
    if (first === undefined) return drop(dev.netns, skb, 'VXLAN_NO_REMOTE', dev.name);
    this.#xmitOne(dev, skb, first, this.fdb.key(item.mac, first));
  }

  #xmitOne(dev: NetDevice, skb: Skb, remote: Ipv4, fdbKey: string): void {
    const ns = dev.netns;
    const { config } = this;
    const header = skb.mac;
    if (header === undefined) return drop(ns, skb, 'NOT_SPECIFIED', dev.name);
    const inner = skb.net;
    const [low = 32768, high = 60999] = ns.sysctl.ints('net.ipv4.ip_local_port_range');
    const srcPort = flowSourcePort(skb, ns, low, high);
    const tos = inner.kind === 'ipv4' ? encapsulatedEcn(inner.tos) : 0;
    const route = ns.ip.route({ dst: remote, src: config.local === ANY ? undefined : config.local, protocol: IPPROTO_UDP, mark: skb.mark, tos });
    if (!route.ok) {
      dev.stats.txErrors++;
      return drop(ns, skb, 'IP_OUTNOROUTES', dev.name);
    }
    if (route.dst.dev === dev) {
      dev.stats.txErrors++;
      return drop(ns, skb, 'IP_OUTNOROUTES', `${dev.name} leads into itself`);
    }
    // iptunnel_handle_offloads, udp_set_csum: an unfinished inner checksum stays so, and the outer one is right all the same (local checksum offload);
    // when the inner one is done, the outer is left to the card.
    const udpCsum = config.udpCsum ? undefined : 0;
    if (skb.ipSummed !== 'partial') {
      skb.ipSummed = config.udpCsum ? 'partial' : 'none';
      skb.checksumStart = config.udpCsum ? 'outermost' : 'innermost';
    }
    const src = config.local === ANY ? route.dst.src : config.local;
    scrub(skb, false);
    const outer: Ipv4Packet = {
      kind: 'ipv4', tos, id: ns.ip.selectIdent(src, remote, IPPROTO_UDP), df: false, mf: false, offset: 0,
      ttl: config.ttl === 0 ? ns.sysctl.int('net.ipv4.ip_default_ttl') : config.ttl, protocol: IPPROTO_UDP, src, dst: remote,
      payload: { kind: 'udp', srcPort, dstPort: config.dstPort, checksum: udpCsum, payload: { kind: 'vxlan', vni: config.vni, inner: { kind: 'ethernet', header, payload: inner } } },
    };
    skb.net = outer;
    skb.mac = undefined;
    skb.dst = route.dst;
    // skb->dev stays the tunnel: POSTROUTING sees it as the device the outer packet came by.
    skb.dev = dev;
    const { recorder } = ns.machine.world;
    if (recorder.on) recorder.write({ kind: 'encap', ns: ns.id, pkt: skb.id, mac: undefined, net: outer, dev: dev.name, how: 'vxlan', fdbKey });
    ns.ip.localOut(skb);
  }

  /** vxlan_rcv, after the socket found the device by VNI. */
  #receive(dev: NetDevice, skb: Skb, outer: Ipv4Packet, frame: EthernetFrame): void {
    const ns = dev.netns;
    scrub(skb, false);
    if (skb.checksumStart === 'outermost') {
      // Nobody looked at the inner one.
      skb.ipSummed = 'none';
      skb.checksumStart = 'innermost';
    }
    skb.mac = frame.header;
    skb.net = frame.payload;
    skb.dev = dev;
    const { recorder } = ns.machine.world;
    if (recorder.on) recorder.write({ kind: 'decap', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: dev.name, how: 'vxlan' });
    if (frame.header.src === dev.mac || frame.header.src === MAC_ZERO || isMulticastMac(frame.header.src)) {
      dev.stats.rxErrors++;
      return drop(ns, skb, 'NOT_SPECIFIED', `${dev.name}: a frame from its own or an invalid address`);
    }
    if (this.config.learning && !this.fdb.learn(frame.header.src, outer.src)) return drop(ns, skb, 'NOT_SPECIFIED', `${dev.name}: static entry names another remote`);
    if (!dev.up) {
      dev.stats.rxDropped++;
      return drop(ns, skb, 'DEV_READY', dev.name);
    }
    if (frame.payload.kind === 'ipv4' && (outer.tos & 3) === 3) {
      if ((frame.payload.tos & 3) === 0) return drop(ns, skb, 'NOT_SPECIFIED', `${dev.name}: congestion mark on a packet that cannot carry one`);
      skb.net = { ...frame.payload, tos: frame.payload.tos | 3 };
    }
    netifReceive(dev, skb);
  }

  carrier(): boolean {
    return true;
  }

  /** vxlan_open and vxlan_stop: the UDP socket lives while the device is up. */
  changed(dev: NetDevice): void {
    this.#dev = dev;
    const ns = dev.up ? dev.netns : undefined;
    if (ns === this.#socketOf) return;
    if (this.#socketOf !== undefined) this.#leave(this.#socketOf);
    this.#socketOf = ns;
    if (ns !== undefined) this.#join(ns, dev);
  }

  remove(): void {
    if (this.#socketOf !== undefined) this.#leave(this.#socketOf);
    this.#socketOf = undefined;
    this.fdb.clear();
  }

  #join(ns: Netns, dev: NetDevice): void {
    const port = this.config.dstPort;
    let ports = sockets.get(ns);
    if (ports === undefined) sockets.set(ns, (ports = new Map()));
    let devices = ports.get(port);
    if (devices === undefined) {
      const vnis = (devices = new Map<number, NetDevice>());
      ports.set(port, vnis);
      ns.transport.registerUdpEncap(port, (skb) => vxlanReceive(ns, vnis, skb), 'vxlan');
    }
    devices.set(this.config.vni, dev);
  }

  #leave(ns: Netns): void {
    const ports = sockets.get(ns);
    const devices = ports?.get(this.config.dstPort);
    devices?.delete(this.config.vni);
    if (devices?.size !== 0) return;
    ports?.delete(this.config.dstPort);
    ns.transport.unregisterUdpEncap(this.config.dstPort);
  }

  describe(): Pick<Link, 'link' | 'vxlan'> {
    const { lower } = this;
    return { vxlan: this.config, link: lower === undefined ? undefined : { ifindex: lower.ifindex, name: lower.name, netns: undefined, netnsid: undefined } };
  }

  receive(skb: Skb, outer: Ipv4Packet, frame: EthernetFrame): void {
    if (this.#dev !== undefined) this.#receive(this.#dev, skb, outer, frame);
  }
}

function vxlanReceive(ns: Netns, devices: ReadonlyMap<number, NetDevice>, skb: Skb): void {
  const { net } = skb;
  if (net.kind !== 'ipv4' || net.payload.kind !== 'udp') return drop(ns, skb, 'VXLAN_INVALID_HDR');
  const { payload } = net.payload;
  // Bytes: a port that the wire does not know as VXLAN's, or no VXLAN at all.
  const parsed = payload instanceof Uint8Array ? parseVxlan(payload) : ok(payload);
  if (!parsed.ok) return drop(ns, skb, parsed.error);
  const { vni, inner } = parsed.value;
  const dev = devices.get(vni);
  const vxlan = dev === undefined ? undefined : Vxlan.of(dev);
  if (vxlan === undefined) return drop(ns, skb, 'VXLAN_VNI_NOT_FOUND', `vni ${vni}`);
  vxlan.receive(skb, net, inner);
}

/** ip_tunnel_ecn_encap with tos 0: the inner ECN bits, congestion experienced as ECT(0). */
const encapsulatedEcn = (tos: number): number => ((tos & 3) === 3 ? 2 : tos & 3);

function create(ns: Netns, spec: NewLink): Ack {
  const want = spec.vxlan;
  if (want?.vni === undefined) return refuse('EINVAL', 'VXLAN device configuration requires VNI');
  if (want.vni < 0 || want.vni > 0xffffff) return refuse('ERANGE', 'Provided VNI is invalid');
  const lowerName = want.dev ?? spec.link;
  const lower = lowerName === undefined ? undefined : ns.device(lowerName);
  if (lowerName !== undefined && lower === undefined) return refuse('ENODEV', 'Invalid interface for VXLAN');
  const config: VxlanConfig = {
    vni: want.vni, local: want.local ?? ANY, dev: lower?.name, dstPort: want.dstPort ?? DEFAULT_PORT, learning: want.learning ?? true, ttl: want.ttl ?? 0,
    udpCsum: want.udpCsum ?? true, ageing: want.ageing ?? 300,
  };
  for (const other of ns.devices.values()) {
    const taken = Vxlan.of(other)?.config;
    if (taken?.vni === config.vni && taken.dstPort === config.dstPort) return refuse('EEXIST', 'A VXLAN device with the specified VNI already exists');
  }
  const mtu = spec.mtu ?? (lower === undefined ? 1500 : lower.mtu - HEADROOM);
  const ops: Vxlan = new Vxlan(config, lower, () => dev);
  const dev: NetDevice = new NetDevice(ns, newIfindexFor(ns, spec), spec.name, spec.mac ?? randomMac(ns.machine), mtu, ops);
  dev.macSet = spec.mac !== undefined;
  register(dev);
  return done;
}

export const VXLAN: LinkType = { kind: 'vxlan', create };
