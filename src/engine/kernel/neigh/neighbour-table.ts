import type { Ipv4 } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** The ARP cache of one namespace. */
export class NeighbourTable {
  constructor(_ns: Netns) {}
  /** Resolves `nexthop` on `dev`, fills skb.mac and sends. Owns the skb. */
  output(_skb: Skb, _dev: NetDevice, _nexthop: Ipv4): void {}
  arpReceive(_dev: NetDevice, _skb: Skb): void {}
  /** dst_confirm_neigh: the transport knows that the next hop answers. */
  confirm(_ip: Ipv4, _dev: NetDevice): void {}
}
