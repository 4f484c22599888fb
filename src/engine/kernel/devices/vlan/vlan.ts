/** Read first: net/8021q/vlan_dev.c, vlan.c. Models: v6.1: tag on transmit, state and MAC that follow the lower device. Not modelled: QoS maps, GVRP, QinQ, loose binding. */
import { done } from '../../../../base/result.ts';
import { refuse } from '../../../uapi/errno.ts';
import type { Ack, Link, NewLink } from '../../../uapi/rtnetlink.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { devQueueXmit } from '../../tx.ts';
import { newIfindexFor, type LinkType } from '../link-type.ts';
import { register } from '../registry.ts';

export class Vlan implements DeviceOps {
  readonly kind = 'vlan';
  readonly lower: NetDevice;
  readonly id: number;

  constructor(lower: NetDevice, id: number) {
    this.lower = lower;
    this.id = id;
  }

  xmit(dev: NetDevice, skb: Skb): void {
    const header = skb.mac;
    if (header !== undefined) skb.mac = { ...header, vlan: { id: this.id, pcp: 0 } };
    const { recorder } = dev.netns.machine.world;
    if (recorder.on) recorder.write({ kind: 'encap', ns: dev.netns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: dev.name, how: 'vlan', fdbKey: undefined });
    devQueueXmit(this.lower, skb);
  }

  carrier(): boolean {
    return this.lower.running;
  }

  open(): Ack {
    return this.lower.up ? done : refuse('ENETDOWN');
  }

  remove(): void {
    this.lower.vlans.delete(this.id);
  }

  describe(): Pick<Link, 'link' | 'vlanId'> {
    return { link: { ifindex: this.lower.ifindex, name: this.lower.name, netns: undefined, netnsid: undefined }, vlanId: this.id };
  }
}

function create(ns: Netns, spec: NewLink): Ack {
  if (spec.link === undefined) return refuse('EINVAL', 'link not specified');
  const lower = ns.device(spec.link);
  if (lower === undefined) return refuse('ENODEV');
  if (spec.vlanId === undefined) return refuse('EINVAL', 'VLAN properties not specified');
  if (spec.vlanId < 0 || spec.vlanId > 4094) return refuse('ERANGE', 'Invalid VLAN id');
  if (lower.kind === 'loopback') return refuse('EOPNOTSUPP', 'VLANs not supported on device');
  if (lower.vlans.has(spec.vlanId)) return refuse('EEXIST', 'VLAN device already exists');
  const dev = new NetDevice(ns, newIfindexFor(ns, spec), spec.name, spec.mac ?? lower.mac, Math.min(spec.mtu ?? lower.mtu, lower.mtu), new Vlan(lower, spec.vlanId));
  dev.txChecksumOffload = lower.txChecksumOffload;
  dev.macSet = spec.mac !== undefined;
  lower.vlans.set(spec.vlanId, dev);
  register(dev);
  return done;
}

export const VLAN: LinkType = { kind: 'vlan', create };
