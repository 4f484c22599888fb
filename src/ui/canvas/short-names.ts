/** Sentences of the worker with pods by their short labels: `nginx-deployment-7c79c4bf97-gk7cj` reads `nginx-…-gk7cj`. */
import type { Topology } from '../../worker/protocol.ts';
import { useApp } from '../state/store.ts';
import { shorten } from './places.ts';

type Shortener = (text: string) => string;
const known = new WeakMap<Topology, Shortener>();
const asIs: Shortener = (text) => text;

export function shortener(topology: Topology | undefined): Shortener {
  if (topology === undefined) return asIs;
  const ready = known.get(topology);
  if (ready !== undefined) return ready;
  const names = new Set(topology.machines.flatMap((m) => m.namespaces.flatMap((n) => (n.kind === 'pod' ? [n.name, n.label] : []))).filter((n) => shorten(n) !== n));
  const any = names.size === 0 ? undefined : new RegExp([...names].sort((a, b) => b.length - a.length).map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  const made: Shortener = any === undefined ? asIs : (text) => text.replace(any, (name) => shorten(name));
  known.set(topology, made);
  return made;
}

export const useShort = (): Shortener => useApp((s) => shortener(s.topology));
