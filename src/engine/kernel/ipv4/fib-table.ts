/**
 * Read first: net/ipv4/fib_trie.c.
 * Models: fib_table_insert, fib_table_delete, fib_find_alias and the dump's order (v6.1).
 * Not modelled: the trie itself; one hash per prefix length gives the same answers.
 */
import { must } from '../../../base/assert.ts';
import type { JournaledTable } from '../../../base/journaled-table.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import { formatPrefix, maskOf } from '../../wire/addresses.ts';
import type { NewMode } from '../../uapi/rtnetlink.ts';
import type { Errno } from '../../uapi/errno.ts';
import type { NetDevice } from '../net-device.ts';
import { compareRoutes, type NextHopRow, type RouteRow } from './rows.ts';

/** struct fib_nh */
export interface FibNexthop {
  readonly gateway: Ipv4 | undefined;
  readonly dev: NetDevice | undefined;
  readonly weight: number;
  readonly onlink: boolean;
  /** nhc_scope: link when a gateway was resolved, host when the destination is on the link, nowhere for local addresses. */
  readonly scope: number;
  dead: boolean;
  linkdown: boolean;
}

/** struct fib_alias with its fib_info. */
export interface FibAlias {
  readonly key: string;
  readonly row: RouteRow;
  readonly scope: number;
  readonly nexthops: readonly FibNexthop[];
}

export const nextHopRows = (nexthops: readonly FibNexthop[]): NextHopRow[] =>
  nexthops.map((nh) => ({ via: nh.gateway, dev: nh.dev?.name, weight: nh.weight, onlink: nh.onlink, dead: nh.dead, linkdown: nh.linkdown }));

const sameHops = (a: readonly FibNexthop[], b: readonly FibNexthop[]): boolean =>
  a.length === b.length && a.every((nh, i) => {
    const o = b[i];
    return o !== undefined && nh.gateway === o.gateway && nh.dev === o.dev && nh.weight === o.weight && nh.onlink === o.onlink && nh.scope === o.scope;
  });

/** Would share one fib_info and type: an exact duplicate. */
const sameInfo = (a: RouteRow, aHops: readonly FibNexthop[], b: RouteRow, bHops: readonly FibNexthop[]): boolean =>
  a.type === b.type && a.protocol === b.protocol && a.scope === b.scope && a.prefSrc === b.prefSrc && a.mtu === b.mtu && sameHops(aHops, bHops);

export class FibTable {
  readonly id: number;
  readonly #rows: JournaledTable<RouteRow>;
  /** By prefix length: masked address to aliases in list order (tos descending, then metric). */
  readonly #byLength: (Map<number, FibAlias[]> | undefined)[] = [];
  /** Prefix lengths in use, longest first. */
  #lengths: number[] = [];
  #serial = 0;

  constructor(id: number, rows: JournaledTable<RouteRow>) {
    this.id = id;
    this.#rows = rows;
  }

  /** Aliases whose prefix contains `dst`, longest first. `visit` answers true to stop. */
  match(dst: Ipv4, visit: (alias: FibAlias) => boolean): boolean {
    for (const length of this.#lengths) {
      const list = this.#byLength[length]?.get((dst & maskOf(length)) >>> 0);
      if (list === undefined) continue;
      for (const alias of list) if (visit(alias)) return true;
    }
    return false;
  }

  aliases(dst: Ipv4, length: number): readonly FibAlias[] {
    return this.#byLength[length]?.get(dst) ?? [];
  }

  *all(): IterableIterator<FibAlias> {
    for (const map of this.#byLength) if (map !== undefined) for (const list of map.values()) yield* list;
  }

  get empty(): boolean {
    return this.#lengths.length === 0;
  }

  dump(): RouteRow[] {
    return [...this.all()].map((alias) => alias.row).sort(compareRoutes);
  }

  /** fib_table_insert. `make` is given key and list position. */
  insert(row: Omit<RouteRow, 'position' | 'nexthops'>, scope: number, nexthops: readonly FibNexthop[], mode: NewMode): Errno | undefined {
    const { address, length } = row.dst;
    const list = this.#byLength[length]?.get(address) ?? [];
    const equal = list.filter((a) => a.row.tos === row.tos && a.row.priority === row.priority);
    const first = equal[0];
    let position = 0;
    let replaced: FibAlias | undefined;
    const candidate = { ...row, position, nexthops: nextHopRows(nexthops) };
    if (first !== undefined) {
      if (mode === 'add') return 'EEXIST';
      const match = equal.find((a) => sameInfo(a.row, a.nexthops, candidate, nexthops));
      if (mode === 'replace' || mode === 'change') {
        if (match !== undefined) return match === first ? undefined : 'EEXIST';
        replaced = first;
        position = first.row.position;
      } else {
        if (match !== undefined) return 'EEXIST';
        position = mode === 'append' ? must(equal.at(-1), 'alias').row.position + 1 : first.row.position - 1;
      }
    } else if (mode === 'change') return 'ENOENT';
    if (replaced !== undefined) this.remove(replaced);
    const key = `${this.id}/${formatPrefix(row.dst)}#${this.#serial++}`;
    const alias: FibAlias = { key, row: { ...candidate, position }, scope, nexthops };
    this.#rows.insert(key, alias.row);
    this.#place(alias);
    return undefined;
  }

  #place(alias: FibAlias): void {
    const { address, length } = alias.row.dst;
    let map = this.#byLength[length];
    if (map === undefined || map.size === 0) {
      map ??= new Map<number, FibAlias[]>();
      this.#byLength[length] = map;
      this.#lengths = [...this.#lengths.filter((l) => l !== length), length].sort((a, b) => b - a);
    }
    const list = map.get(address);
    if (list === undefined) map.set(address, [alias]);
    else {
      list.push(alias);
      list.sort((a, b) => compareRoutes(a.row, b.row));
    }
  }

  remove(alias: FibAlias): void {
    const { address, length } = alias.row.dst;
    const map = this.#byLength[length];
    const list = map?.get(address);
    if (map === undefined || list === undefined) return;
    const left = list.filter((a) => a !== alias);
    if (left.length > 0) map.set(address, left);
    else map.delete(address);
    if (map.size === 0) this.#lengths = this.#lengths.filter((l) => l !== length);
    this.#rows.delete(alias.key);
  }

  /** Shows changed next hop flags in the row. */
  refresh(alias: FibAlias): void {
    this.#rows.patch(alias.key, { nexthops: nextHopRows(alias.nexthops) });
  }
}
