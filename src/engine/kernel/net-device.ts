/** Read first: include/linux/netdevice.h. Models: what a device decides about a frame. Not modelled: queues longer than the wire, offloads other than checksums. */
import type { Mac } from '../wire/addresses.ts';
import type { Ack, Link, LinkChange, LinkKind } from '../uapi/rtnetlink.ts';
import type { Netns } from './netns.ts';
import type { Skb } from './skb.ts';

/** What a kind of device does. One record per kind under devices/<kind>/. */
export interface DeviceOps {
  readonly kind: LinkKind;
  /** ndo_start_xmit: the frame (skb.mac set) leaves by this device. Owns the skb. */
  xmit(dev: NetDevice, skb: Skb): void;
  /** Device went up or down, changed address or MTU. */
  changed?(dev: NetDevice): void;
  /** Carrier as the lower side gives it. */
  carrier(dev: NetDevice): boolean;
  /** ndo_open: may refuse to come up (a VLAN whose lower device is down). Called before `dev.up` is set. */
  open?(dev: NetDevice): Ack;
  /** Unlinks peers and tables. */
  remove?(dev: NetDevice): void;
  /** The fields of `ip -d link` that only this kind has. */
  describe?(dev: NetDevice): Partial<Pick<Link, 'link' | 'vlanId' | 'vxlan' | 'bridge'>>;
  /** IFLA_INFO_DATA of a change request; undefined: nothing of it is for this kind. */
  change?(dev: NetDevice, change: LinkChange): Ack;
}

/** rx_handler of an enslaved device: true when it took the frame. */
export type RxHandler = (dev: NetDevice, skb: Skb) => boolean;

/** Counters that every frame moves. Derived from rx and tx steps when rewound, so not journaled. */
export interface DeviceStats {
  rxPackets: number;
  rxBytes: number;
  rxErrors: number;
  rxDropped: number;
  txPackets: number;
  txBytes: number;
  txErrors: number;
  txDropped: number;
}

export class NetDevice {
  /** Kept when it moves to another namespace, unless taken there. */
  ifindex: number;
  readonly ops: DeviceOps;
  netns: Netns;
  name: string;
  mac: Mac;
  mtu: number;
  up = false;
  noArp = false;
  /** NET_ADDR_SET: somebody chose the MAC, so a bridge does not change it. */
  macSet = false;
  /** MAC when it came up: of its IPv6 link-local address, whose solicited-node group the card still hears. */
  upMac: Mac | undefined;
  /** dev_activate gave it a queueing discipline. */
  activated = false;
  promiscuity = 0;
  txQueueLen = 1000;
  altNames: readonly string[] = [];
  master: NetDevice | undefined;
  rxHandler: RxHandler | undefined;
  /** NETIF_F_HW_CSUM: a partial checksum may pass on (veth, virtio); otherwise it is finished before xmit. */
  txChecksumOffload = true;
  readonly stats: DeviceStats = { rxPackets: 0, rxBytes: 0, rxErrors: 0, rxDropped: 0, txPackets: 0, txBytes: 0, txErrors: 0, txDropped: 0 };
  /** AF_PACKET taps on this device (ptype_all); kept by transport/packet-socket. */
  readonly taps: ((skb: Skb, direction: 'in' | 'out', dev: NetDevice) => void)[] = [];
  /** VLAN sub-interfaces by tag. */
  readonly vlans = new Map<number, NetDevice>();

  constructor(netns: Netns, ifindex: number, name: string, mac: Mac, mtu: number, ops: DeviceOps) {
    this.netns = netns;
    this.ifindex = ifindex;
    this.name = name;
    this.mac = mac;
    this.mtu = mtu;
    this.ops = ops;
  }

  get kind(): LinkKind {
    return this.ops.kind;
  }

  /** IFF_UP and carrier: frames pass. */
  get running(): boolean {
    return this.up && this.ops.carrier(this);
  }
}
