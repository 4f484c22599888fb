/**
 * Read first: net/ipv4/fib_frontend.c, fib_sync_down_dev, fib_sync_up, fib_flush (fib_semantics.c, fib_trie.c).
 * Models: v6.1: the set of tables, adding and deleting routes, and what device events do to next hops.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, NewMode, NewRoute, Route } from '../../uapi/rtnetlink.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import { journalOf } from '../journal.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { FibSemantics, tableOf } from './fib-semantics.ts';
import { FibTable, type FibAlias } from './fib-table.ts';
import type { FibView } from './lookup.ts';
import { SCOPE_NUMBER, type RouteRow } from './rows.ts';

export class RouteTables {
  readonly rows: JournaledTable<RouteRow>;
  readonly #ns: Netns;
  readonly #tables = new Map<number, FibTable>();
  readonly #semantics: FibSemantics;
  readonly #changed: () => void;

  constructor(ns: Netns, view: FibView, changed: () => void) {
    this.#ns = ns;
    this.#changed = changed;
    this.rows = new JournaledTable(`${ns.id}/routes`, journalOf(ns));
    this.#semantics = new FibSemantics(ns, view);
  }

  table(id: number): FibTable | undefined {
    return this.#tables.get(id);
  }

  /** 0: all tables. */
  dump(table: number): Route[] {
    const tables = table === 0 ? [...this.#tables.values()].sort((a, b) => a.id - b.id) : [this.#tables.get(table)];
    return tables.flatMap((t) => t?.dump() ?? []).map((row) => {
      const { position: _, ...route } = row;
      return { ...route, dead: row.nexthops.length > 0 && row.nexthops.every((nh) => nh.dead || nh.linkdown) };
    });
  }

  add(spec: NewRoute, mode: NewMode): Ack {
    const info = this.#semantics.create(spec);
    if (!info.ok) return info;
    const id = info.value.row.table;
    let table = this.#tables.get(id);
    if (table === undefined) this.#tables.set(id, (table = new FibTable(id, this.rows)));
    const errno = table.insert(info.value.row, info.value.scope, info.value.nexthops, mode);
    if (errno !== undefined) return refuse(errno);
    this.#changed();
    return done;
  }

  /** fib_table_delete: the first alias that agrees with everything given. */
  delete(spec: NewRoute): Ack {
    const table = this.#tables.get(tableOf(spec));
    const alias = table?.aliases(spec.dst.address, spec.dst.length).find((a) => this.#agrees(a, spec));
    if (table === undefined || alias === undefined) return refuse('ESRCH');
    table.remove(alias);
    this.#changed();
    return done;
  }

  #agrees(alias: FibAlias, spec: NewRoute): boolean {
    const { row } = alias;
    if (row.tos !== (spec.tos ?? 0)) return false;
    if (spec.type !== undefined && spec.type !== row.type) return false;
    if (spec.scope !== undefined && spec.scope !== 'nowhere' && spec.scope !== row.scope) return false;
    if (spec.prefSrc !== undefined && spec.prefSrc !== row.prefSrc) return false;
    if (spec.protocol !== undefined && spec.protocol !== 'unspec' && spec.protocol !== row.protocol) return false;
    if (spec.priority !== undefined && spec.priority !== 0 && spec.priority !== row.priority) return false;
    if (spec.mtu !== undefined && spec.mtu !== row.mtu) return false;
    const wanted = spec.nexthops ?? [];
    if (wanted.length > 1 && wanted.length !== alias.nexthops.length) return false;
    return wanted.every((nh, i) => {
      const have = alias.nexthops[i];
      return have !== undefined && (nh.via === undefined || nh.via === have.gateway) && (nh.dev === undefined || this.#ns.device(nh.dev) === have.dev);
    });
  }

  /** fib_sync_down_dev and fib_flush. `force`: local addresses' routes too (last address gone, device unregistered). */
  deviceDown(dev: NetDevice, force: boolean): void {
    this.#each((table, alias) => {
      let touched = false;
      for (const nh of alias.nexthops) {
        if (nh.dev !== dev || nh.dead || (!force && nh.scope === SCOPE_NUMBER.nowhere)) continue;
        nh.dead = true;
        nh.linkdown = true;
        touched = true;
      }
      if (!touched) return;
      if (alias.nexthops.every((nh) => nh.dead)) table.remove(alias);
      else table.refresh(alias);
    });
  }

  /** fib_sync_up: dead next hops of multipath routes come back with their device. */
  deviceUp(dev: NetDevice): void {
    const carrier = dev.ops.carrier(dev);
    this.#each((table, alias) => {
      if (!alias.nexthops.some((nh) => nh.dev === dev && nh.dead)) return;
      for (const nh of alias.nexthops) {
        if (nh.dev !== dev) continue;
        nh.dead = false;
        if (carrier) nh.linkdown = false;
      }
      table.refresh(alias);
    });
  }

  /** NETDEV_CHANGE */
  carrierChanged(dev: NetDevice): void {
    const linkdown = !dev.ops.carrier(dev);
    this.#each((table, alias) => {
      let touched = false;
      for (const nh of alias.nexthops) {
        if (nh.dev !== dev || nh.linkdown === linkdown || nh.scope === SCOPE_NUMBER.nowhere) continue;
        nh.linkdown = linkdown;
        touched = true;
      }
      if (touched) table.refresh(alias);
    });
  }

  /** fib_sync_down_addr: routes that prefer a source that is gone. */
  addressGone(address: Ipv4): void {
    this.#each((table, alias) => {
      if (alias.row.prefSrc === address) table.remove(alias);
    });
  }

  rename(dev: NetDevice): void {
    this.#each((table, alias) => {
      if (alias.nexthops.some((nh) => nh.dev === dev)) table.refresh(alias);
    });
  }

  #each(visit: (table: FibTable, alias: FibAlias) => void): void {
    for (const table of this.#tables.values()) for (const alias of [...table.all()]) visit(table, alias);
    this.#changed();
  }
}
