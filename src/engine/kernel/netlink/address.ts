/** Read first: inet_rtm_newaddr, inet_rtm_deladdr (net/ipv4/devinet.c). The address list itself is the Fib's. */
import { refuse } from '../../uapi/errno.ts';
import type { Ack, NewAddress } from '../../uapi/rtnetlink.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { Netns } from '../netns.ts';

export function newAddress(ns: Netns, spec: NewAddress): Ack {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return refuse('ENODEV');
  const added = ns.fib.newAddress(spec);
  if (added.ok) ns.sysctl.addressAdded(dev);
  return added;
}

export function delAddress(ns: Netns, devName: string, address: Ipv4, prefixLength: number): Ack {
  if (ns.device(devName) === undefined) return refuse('ENODEV');
  return ns.fib.delAddress(devName, address, prefixLength);
}
