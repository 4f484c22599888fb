/**
 * Read first: net/bridge/br_fdb.c.
 * Models: v6.1: learning, moving, ageing, local entries. Entries age out when somebody looks (Linux: a work item), so
 * that an idle world stays idle. Not modelled: VLAN ids, sticky and externally learned entries.
 */
import { seconds } from '../../../sim/time.ts';
import type { Nanos } from '../../../sim/time.ts';
import type { FdbEntry } from '../../../uapi/rtnetlink.ts';
import { formatMac, type Mac } from '../../../wire/addresses.ts';
import type { FdbRow } from '../rows.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

export interface FdbItem {
  readonly mac: Mac;
  readonly key: string;
  /** undefined: the bridge itself. */
  port: BridgePort | undefined;
  readonly kind: 'permanent' | 'static' | 'learned';
  /** BR_FDB_LOCAL: frames to it go up. */
  readonly local: boolean;
  readonly byUser: boolean;
  /** Last seen as a source. */
  updated: Nanos;
}

export class BridgeFdb {
  readonly #bridge: Bridge;
  readonly #items = new Map<Mac, FdbItem>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  get #now(): Nanos {
    return this.#bridge.dev.netns.machine.world.scheduler.now;
  }

  #expired(item: FdbItem): boolean {
    return item.kind === 'learned' && item.updated + seconds(this.#bridge.ageingTime) < this.#now;
  }

  #row(item: FdbItem): FdbRow {
    const dev = item.port?.dev ?? this.#bridge.dev;
    return {
      mac: item.mac, ifindex: dev.ifindex, dev: dev.name, master: this.#bridge.dev.name, dst: undefined, where: 'master', kind: item.kind,
      vlan: undefined, isLocal: item.local,
    };
  }

  #insert(mac: Mac, port: BridgePort | undefined, kind: FdbItem['kind'], byUser: boolean): FdbItem {
    const item: FdbItem = { mac, key: `${this.#bridge.dev.name} ${formatMac(mac)}`, port, kind, local: kind === 'permanent', byUser, updated: this.#now };
    this.#items.set(mac, item);
    this.#bridge.dev.netns.fdb.insert(item.key, this.#row(item));
    return item;
  }

  #delete(item: FdbItem): void {
    this.#items.delete(item.mac);
    this.#bridge.dev.netns.fdb.delete(item.key);
  }

  /** br_fdb_find */
  find(mac: Mac): FdbItem | undefined {
    const item = this.#items.get(mac);
    if (item === undefined || !this.#expired(item)) return item;
    this.#delete(item);
    return undefined;
  }

  /** br_fdb_update: a frame from `mac` came in by `port`. */
  learn(port: BridgePort, mac: Mac): void {
    const item = this.find(mac);
    if (item === undefined) {
      this.#insert(mac, port, 'learned', false);
      return;
    }
    // "received packet with own address as source address"
    if (item.local) return;
    if (item.port !== port) {
      item.port = port;
      this.#bridge.dev.netns.fdb.patch(item.key, { dev: port.dev.name, ifindex: port.dev.ifindex });
    }
    item.updated = this.#now;
  }

  /** fdb_add_local: the first port with an address keeps it; a learned one gives way. */
  addLocal(mac: Mac, port: BridgePort | undefined): void {
    const item = this.#items.get(mac);
    if (item?.local === true) return;
    if (item !== undefined) this.#delete(item);
    this.#insert(mac, port, 'permanent', false);
  }

  /** fdb_delete_local: another owner of the same address inherits it. */
  deleteLocal(mac: Mac, port: BridgePort | undefined): void {
    const item = this.#items.get(mac);
    if (item === undefined || !item.local || item.port !== port || item.byUser) return;
    const heir = this.#bridge.ports.find((p) => p !== port && p.dev.mac === mac);
    if (heir !== undefined || (port !== undefined && this.#bridge.dev.mac === mac)) {
      item.port = heir;
      this.#bridge.dev.netns.fdb.patch(item.key, { dev: (heir?.dev ?? this.#bridge.dev).name, ifindex: (heir?.dev ?? this.#bridge.dev).ifindex });
      return;
    }
    this.#delete(item);
  }

  /** From `bridge fdb`. */
  add(mac: Mac, port: BridgePort | undefined, kind: 'permanent' | 'static'): void {
    const item = this.#items.get(mac);
    if (item !== undefined) this.#delete(item);
    this.#insert(mac, port, kind, true);
  }

  remove(mac: Mac, port: BridgePort | undefined): boolean {
    const item = this.find(mac);
    if (item === undefined || item.port !== port) return false;
    this.#delete(item);
    return true;
  }

  /** br_fdb_delete_by_port: what was learned there; all of it when the port goes. */
  flush(port: BridgePort, all: boolean): void {
    for (const item of [...this.#items.values()]) {
      if (item.port !== port || (!all && item.kind !== 'learned')) continue;
      if (item.local && !item.byUser) this.deleteLocal(item.mac, port);
      else this.#delete(item);
    }
  }

  clear(): void {
    for (const item of [...this.#items.values()]) this.#delete(item);
  }

  /** Newest first, as fdb_list is. Expired entries go. */
  list(): readonly FdbItem[] {
    for (const item of [...this.#items.values()]) if (this.#expired(item)) this.#delete(item);
    return [...this.#items.values()].reverse();
  }

  describe(item: FdbItem): FdbEntry {
    return { ...this.#row(item), age: item.kind === 'learned' ? (this.#now - item.updated) / 1e9 : undefined };
  }
}
