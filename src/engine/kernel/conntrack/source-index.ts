/** Models: nf_nat_bysource (nf_nat_core.c, v6.1): connections by their original source, so that one source keeps one mapping. */
import type { ConntrackEntry } from './entry.ts';

const keyOf = (src: number, sport: number): number => src * 65536 + sport;

export class SourceIndex {
  readonly #map = new Map<number, ConntrackEntry[]>();

  add(entry: ConntrackEntry): void {
    const key = keyOf(entry.original.src, entry.original.sport);
    const list = this.#map.get(key);
    if (list === undefined) this.#map.set(key, [entry]);
    else list.unshift(entry); // hlist_add_head: newest first
  }

  remove(entry: ConntrackEntry): void {
    const key = keyOf(entry.original.src, entry.original.sport);
    const list = this.#map.get(key);
    const at = list?.indexOf(entry) ?? -1;
    if (list === undefined || at < 0) return;
    if (list.length === 1) this.#map.delete(key);
    else list.splice(at, 1);
  }

  of(src: number, sport: number): readonly ConntrackEntry[] {
    return this.#map.get(keyOf(src, sport)) ?? [];
  }
}
