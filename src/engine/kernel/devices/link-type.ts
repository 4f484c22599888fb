import type { Ack, NewLink } from '../../uapi/rtnetlink.ts';
import type { Netns } from '../netns.ts';

/** rtnl_link_ops: a kind that `ip link add ... type` makes. One record per kind, listed in all.ts. */
export interface LinkType {
  readonly kind: NewLink['kind'];
  /** The name is free and valid, the number asked for (if one) is free. Registers the device. */
  create(ns: Netns, spec: NewLink): Ack;
}

export const newIfindexFor = (ns: Netns, spec: NewLink): number => spec.ifindex ?? ns.newIfindex();
