/**
 * Read first: fib_add_ifaddr, fib_del_ifaddr, fib_netdev_event (net/ipv4/fib_frontend.c), inetdev_event, __inet_del_ifa (net/ipv4/devinet.c).
 * Models: v6.1: the routes that follow from addresses and device states.
 */
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, NewAddress, RouteType } from '../../uapi/rtnetlink.ts';
import { ANY, ipv4, isLoopback, LOOPBACK, maskOf, prefix, type Ipv4 } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { inSubnet, sameSubnet, type AddressTable } from './address-table.ts';
import type { RouteTables } from './route-tables.ts';
import type { AddressRow } from './rows.ts';

/** inetaddr_chain */
export type AddressListener = (event: 'add' | 'delete', row: AddressRow, dev: NetDevice) => void;

export class Frontend {
  readonly listeners: AddressListener[] = [];
  readonly #ns: Netns;
  readonly #addresses: AddressTable;
  readonly #routes: RouteTables;
  readonly #changed: () => void;

  constructor(ns: Netns, addresses: AddressTable, routes: RouteTables, changed: () => void) {
    this.#ns = ns;
    this.#addresses = addresses;
    this.#routes = routes;
    this.#changed = changed;
  }

  newAddress(spec: NewAddress): Ack {
    const dev = this.#ns.device(spec.dev);
    if (dev === undefined) return refuse('ENODEV');
    if (spec.prefixLength > 32 || spec.prefixLength < 0) return refuse('EINVAL');
    // __inet_insert_ifa: taken without a word, and forgotten.
    if (spec.address === ANY) return done;
    const row: AddressRow = {
      ifindex: dev.ifindex, dev: dev.name, address: spec.address, prefixLength: spec.prefixLength, broadcast: spec.broadcast,
      scope: spec.scope ?? (isLoopback(spec.address) ? 'host' : 'global'), label: spec.label ?? dev.name, secondary: false,
      validLifetime: spec.validLifetime, metric: spec.metric, noPrefixRoute: spec.noPrefixRoute ?? false, position: 0,
    };
    const errno = this.#addresses.insert(row);
    if (errno !== undefined) return refuse(errno);
    this.#ns.sysctl.addressAdded(dev);
    this.#addRoutes(dev, row);
    this.#changed();
    for (const listener of this.listeners) listener('add', row, dev);
    return done;
  }

  delAddress(name: string, address: Ipv4, prefixLength: number): Ack {
    const dev = this.#ns.device(name);
    if (dev === undefined) return refuse('ENODEV');
    const row = this.#addresses.of(dev.ifindex).find((r) => r.address === address && r.prefixLength === prefixLength);
    if (row === undefined) return refuse('EADDRNOTAVAIL');
    this.#remove(dev, row);
    return done;
  }

  /** __inet_del_ifa: the secondaries of a primary go with it, or the first of them is promoted. */
  #remove(dev: NetDevice, row: AddressRow): void {
    const followers = row.secondary ? [] : this.#addresses.of(dev.ifindex).filter((r) => r.secondary && sameSubnet(r, row));
    const promote = this.#ns.sysctl.orConf(dev, 'promote_secondaries');
    if (!promote) for (const follower of followers) this.#gone(dev, follower, row);
    // Their routes name the old primary: taken away silently, added again with the new one.
    else for (const follower of followers) this.#delRoutes(dev, follower, row);
    this.#gone(dev, row, this.#primaryOf(dev, row));
    const [heir] = promote ? followers : [];
    if (heir !== undefined) {
      this.#addresses.promote(heir);
      for (const follower of followers) this.#addRoutes(dev, follower);
    }
    // The last address took IP with it.
    if (this.#addresses.of(dev.ifindex).length === 0) this.#routes.deviceDown(dev, true);
    this.#changed();
  }

  #gone(dev: NetDevice, row: AddressRow, primary: AddressRow): void {
    this.#addresses.remove(row);
    this.#delRoutes(dev, row, primary);
    for (const listener of this.listeners) listener('delete', row, dev);
    this.#ns.conntrack.addressRemoved(row.address);
  }

  #magic(add: boolean, type: RouteType, dst: Ipv4, length: number, dev: NetDevice, prefSrc: Ipv4, priority = 0): void {
    const route = {
      dst: prefix(dst, length), type, table: type === 'unicast' ? 254 : 255, protocol: 'kernel', scope: type === 'local' ? 'host' : 'link',
      prefSrc, priority, nexthops: [{ dev: dev.name }],
    } as const;
    if (add) this.#routes.add(route, 'append');
    else this.#routes.delete(route);
  }

  #primaryOf(dev: NetDevice, row: AddressRow): AddressRow {
    return row.secondary ? (this.#addresses.of(dev.ifindex).find((r) => !r.secondary && sameSubnet(r, row)) ?? row) : row;
  }

  /** fib_add_ifaddr */
  #addRoutes(dev: NetDevice, row: AddressRow): void {
    const source = this.#primaryOf(dev, row).address;
    this.#magic(true, 'local', row.address, 32, dev, source);
    if (!dev.up) return;
    if (row.broadcast !== undefined && row.broadcast !== 0 && row.broadcast !== 0xffffffff) this.#magic(true, 'broadcast', row.broadcast, 32, dev, source);
    const net = prefix(row.address, row.prefixLength).address;
    if (net >>> 24 === 0 || row.secondary || (net === row.address && row.prefixLength === 32)) return;
    if (!row.noPrefixRoute) this.#magic(true, this.#isLoopback(dev) ? 'local' : 'unicast', net, row.prefixLength, dev, source, row.metric ?? 0);
    if (row.prefixLength < 31) this.#magic(true, 'broadcast', this.#lastOf(row), 32, dev, source);
  }

  /** fib_del_ifaddr: only what no other address of the device still needs. */
  #delRoutes(dev: NetDevice, row: AddressRow, primary: AddressRow): void {
    const source = primary.address;
    const others = this.#addresses.of(dev.ifindex).filter((r) => r !== row);
    const net = prefix(row.address, row.prefixLength).address;
    const subnet = !row.secondary && net >>> 24 !== 0 && (net !== row.address || row.prefixLength < 32);
    if (subnet && !row.noPrefixRoute) this.#magic(false, this.#isLoopback(dev) ? 'local' : 'unicast', net, row.prefixLength, dev, source, row.metric ?? 0);
    const kept = (brd: Ipv4): boolean => others.some((r) => (r.broadcast === brd || (r.prefixLength < 31 && this.#lastOf(r) === brd)) && (!row.secondary || inSubnet(r, brd)));
    if (row.broadcast !== undefined && !kept(row.broadcast)) this.#magic(false, 'broadcast', row.broadcast, 32, dev, source);
    if (subnet && row.prefixLength < 31 && !kept(this.#lastOf(row))) this.#magic(false, 'broadcast', this.#lastOf(row), 32, dev, source);
    if (others.some((r) => r.address === row.address)) return;
    this.#magic(false, 'local', row.address, 32, dev, source);
    if (!this.#addresses.owns(row.address)) this.#routes.addressGone(row.address);
  }

  #lastOf(row: AddressRow): Ipv4 {
    return ipv4(row.address | ~maskOf(row.prefixLength));
  }

  #isLoopback(dev: NetDevice): boolean {
    return dev.kind === 'loopback';
  }

  deviceUp(dev: NetDevice): void {
    if (this.#isLoopback(dev) && this.#addresses.of(dev.ifindex).length === 0) {
      this.newAddress({ dev: dev.name, address: LOOPBACK, prefixLength: 8, scope: 'host' });
    } else {
      for (const row of this.#addresses.of(dev.ifindex)) this.#addRoutes(dev, row);
    }
    this.#routes.deviceUp(dev);
  }

  deviceDown(dev: NetDevice): void {
    this.#routes.deviceDown(dev, false);
  }

  deviceRemoved(dev: NetDevice): void {
    for (const row of [...this.#addresses.of(dev.ifindex)].reverse()) this.#gone(dev, row, this.#primaryOf(dev, row));
    this.#routes.deviceDown(dev, true);
  }
}
