/** Read first: neigh_add, neigh_delete, neigh_dump_table (net/core/neighbour.c). Models: v6.1. The dump's order is ours: by device, then oldest first (Linux: a hash). */
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, Neighbour, NewMode, NewNeighbour } from '../../uapi/rtnetlink.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import { isValid } from '../neigh/neighbour.ts';
import type { Netns } from '../netns.ts';

export function neighbours(ns: Netns): readonly Neighbour[] {
  const { now } = ns.machine.world.scheduler;
  return [...ns.neighbours.entries()].map(({ row, used, confirmed, probes }) => ({
    ifindex: row.ifindex, dev: row.dev, ip: row.ip, mac: isValid(row.state) ? row.mac : undefined, state: row.state, probes,
    used: (now - used) / 1e9, confirmed: (now - confirmed) / 1e9, updated: (now - row.updated) / 1e9,
  }));
}

export function newNeighbour(ns: Netns, spec: NewNeighbour, mode: NewMode): Ack {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return refuse('ENODEV');
  const existing = ns.neighbours.lookup(spec.ip, dev);
  if (existing === undefined && mode === 'change') return refuse('ENOENT');
  if (existing !== undefined && mode === 'add') return refuse('EEXIST');
  // As in the kernel, an entry refused for want of an address stays, without a state.
  const entry = existing ?? ns.neighbours.create(dev, spec.ip);
  return ns.neighbours.update(entry, spec.mac, spec.state ?? 'PERMANENT', { override: true, admin: true });
}

export function delNeighbour(ns: Netns, devName: string, ip: Ipv4): Ack {
  const dev = ns.device(devName);
  if (dev === undefined) return refuse('ENODEV');
  const entry = ns.neighbours.lookup(ip, dev);
  if (entry === undefined) return refuse('ENOENT');
  ns.neighbours.update(entry, undefined, 'FAILED', { override: true, admin: true });
  ns.neighbours.remove(entry);
  return done;
}
