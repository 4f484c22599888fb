import type { Netns } from '../../../netns.ts';

export interface Seen {
  ttl: number;
  /** When, newest last (ip_pkt_list_tot 20, rounded up to 32). */
  stamps: number[];
}

const LISTS = new WeakMap<Netns, Map<string, Map<number, Seen>>>();

/** The list of that name in the namespace, made when first named. */
export function recentList(ns: Netns, name: string): Map<number, Seen> {
  const lists = LISTS.get(ns) ?? new Map<string, Map<number, Seen>>();
  LISTS.set(ns, lists);
  const list = lists.get(name) ?? new Map<number, Seen>();
  lists.set(name, list);
  return list;
}
