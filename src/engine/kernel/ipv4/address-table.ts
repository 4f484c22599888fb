/**
 * Read first: ip-address(8), net/ipv4/devinet.c.
 * Models: in_device's address list, inet_select_addr, inet_confirm order (v6.1). What routes follow from an address: fib-frontend.ts.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import type { Scope } from '../../uapi/rtnetlink.ts';
import { formatIpv4, maskOf, type Ipv4 } from '../../wire/addresses.ts';
import { journalOf } from '../journal.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { ADDRESS_SCOPE, type AddressRow } from './rows.ts';

export const inSubnet = (row: AddressRow, a: Ipv4): boolean => ((row.address ^ a) & maskOf(row.prefixLength)) === 0;
export const sameSubnet = (a: AddressRow, b: AddressRow): boolean => a.prefixLength === b.prefixLength && inSubnet(a, b.address);
const keyOf = (row: AddressRow): string => `${row.ifindex}/${formatIpv4(row.address)}/${row.prefixLength}`;

const NONE: readonly AddressRow[] = [];

export class AddressTable {
  readonly table: JournaledTable<AddressRow>;
  readonly #byDevice = new Map<number, AddressRow[]>();
  /** How many devices carry an address (inet_addr_lst). */
  readonly #owned = new Map<Ipv4, number>();
  readonly #ns: Netns;

  constructor(ns: Netns) {
    this.#ns = ns;
    this.table = new JournaledTable(`${ns.id}/addresses`, journalOf(ns));
  }

  of(ifindex: number): readonly AddressRow[] {
    return this.#byDevice.get(ifindex) ?? NONE;
  }

  /** inet_lookup_ifaddr_rcu: some device has it. */
  owns(address: Ipv4): boolean {
    return this.#owned.has(address);
  }

  /** Devices by ifindex, each in list order. */
  all(): AddressRow[] {
    return [...this.#byDevice].sort(([a], [b]) => a - b).flatMap(([, list]) => list);
  }

  /** __ip_dev_find */
  deviceOf(address: Ipv4): NetDevice | undefined {
    if (!this.owns(address)) return undefined;
    for (const [ifindex, list] of this.#byDevice) if (list.some((row) => row.address === address)) return this.#ns.devices.get(ifindex);
    return undefined;
  }

  /** __inet_insert_ifa: primaries behind the last primary of the same or narrower scope, secondaries last. */
  insert(row: AddressRow): 'EEXIST' | 'EINVAL' | undefined {
    const list = this.#byDevice.get(row.ifindex) ?? [];
    let at = 0;
    row.secondary = false;
    for (const [i, other] of list.entries()) {
      if (!other.secondary && ADDRESS_SCOPE[row.scope] <= ADDRESS_SCOPE[other.scope]) at = i + 1;
      if (!sameSubnet(other, row)) continue;
      if (other.address === row.address) return 'EEXIST';
      if (other.scope !== row.scope) return 'EINVAL';
      row.secondary = true;
    }
    if (row.secondary) at = list.length;
    list.splice(at, 0, row);
    row.position = at;
    this.#byDevice.set(row.ifindex, list);
    this.#owned.set(row.address, (this.#owned.get(row.address) ?? 0) + 1);
    this.table.insert(keyOf(row), row);
    this.#renumber(list);
    return undefined;
  }

  remove(row: AddressRow): void {
    const list = this.#byDevice.get(row.ifindex);
    if (list === undefined || !list.includes(row)) return;
    list.splice(list.indexOf(row), 1);
    if (list.length === 0) this.#byDevice.delete(row.ifindex);
    const count = (this.#owned.get(row.address) ?? 1) - 1;
    if (count > 0) this.#owned.set(row.address, count);
    else this.#owned.delete(row.address);
    this.table.delete(keyOf(row));
    this.#renumber(list);
  }

  /** Promotion of a secondary: it moves behind the last primary. */
  promote(row: AddressRow): void {
    const list = this.#byDevice.get(row.ifindex);
    if (list === undefined) return;
    list.splice(list.indexOf(row), 1);
    let at = 0;
    for (const [i, other] of list.entries()) if (!other.secondary && ADDRESS_SCOPE[row.scope] <= ADDRESS_SCOPE[other.scope]) at = i + 1;
    list.splice(at, 0, row);
    this.table.patch(keyOf(row), { secondary: false });
    this.#renumber(list);
  }

  rename(dev: NetDevice): void {
    for (const row of this.of(dev.ifindex)) {
      const label = row.label === row.dev ? dev.name : row.label;
      this.table.patch(keyOf(row), { dev: dev.name, label });
    }
  }

  #renumber(list: readonly AddressRow[]): void {
    for (const [i, row] of list.entries()) if (row.position !== i) this.table.patch(keyOf(row), { position: i });
  }

  /** inet_select_addr */
  select(dev: NetDevice | undefined, dst: Ipv4, scope: Scope | 'site' | number): Ipv4 | undefined {
    const wanted = typeof scope === 'number' ? scope : scope === 'site' ? 200 : ADDRESS_SCOPE[scope];
    if (dev !== undefined) {
      const narrowest = this.#ns.sysctl.orConf(dev, 'route_localnet') ? ADDRESS_SCOPE.link : ADDRESS_SCOPE.host;
      let first: Ipv4 | undefined;
      for (const row of this.of(dev.ifindex)) {
        if (row.secondary || Math.min(ADDRESS_SCOPE[row.scope], narrowest) > wanted) continue;
        if (dst === 0 || inSubnet(row, dst)) return row.address;
        first ??= row.address;
      }
      if (first !== undefined) return first;
    }
    for (const [, list] of [...this.#byDevice].sort(([a], [b]) => a - b)) {
      for (const row of list) if (!row.secondary && row.scope !== 'link' && ADDRESS_SCOPE[row.scope] <= wanted) return row.address;
    }
    return undefined;
  }
}
