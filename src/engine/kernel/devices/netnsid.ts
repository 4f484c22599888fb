/** Read first: ip-netns(8) "nsid", peernet2id_alloc (net/core/net_namespace.c). */
import type { Netns } from '../netns.ts';

const ids = new WeakMap<Netns, Map<Netns, number>>();

/** Number by which `of` knows `other`: given when first needed, from 0. */
export function netnsIdOf(of: Netns, other: Netns): number {
  let known = ids.get(of);
  if (known === undefined) ids.set(of, (known = new Map()));
  let id = known.get(other);
  if (id === undefined) known.set(other, (id = known.size));
  return id;
}
