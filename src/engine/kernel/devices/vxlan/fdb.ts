/**
 * Read first: bridge(8) "fdb", vxlan_fdb_update, vxlan_snoop (drivers/net/vxlan/vxlan_core.c).
 * Models: v6.1: entries with several remotes, the all-zero default, learning. Ageing happens when somebody looks.
 * Not modelled: VNI, port and interface per remote, nexthop groups, L2MISS/L3MISS.
 */
import { done } from '../../../../base/result.ts';
import { seconds, type Nanos } from '../../../sim/time.ts';
import { refuse } from '../../../uapi/errno.ts';
import type { Ack, FdbEntry, NewFdb, NewMode } from '../../../uapi/rtnetlink.ts';
import { formatIpv4, formatMac, isMulticastMac, MAC_ZERO, type Ipv4, type Mac } from '../../../wire/addresses.ts';
import type { NetDevice } from '../../net-device.ts';
import type { FdbRow } from '../rows.ts';

export interface VxlanFdbItem {
  readonly mac: Mac;
  readonly kind: 'permanent' | 'static' | 'learned';
  remotes: Ipv4[];
  updated: Nanos;
}

/** fdb_head_index: hash_64 of the address, 8 bits. The order in which entries are listed. */
function bucket(mac: Mac): number {
  let value = 0n;
  for (let i = 0, rest = BigInt(mac); i < 6; i++, rest >>= 8n) value = (value << 8n) | (rest & 0xffn);
  return Number((((value << 16n) * 0x61c8864680b583ebn) & 0xffffffffffffffffn) >> 56n);
}

export class VxlanFdb {
  readonly #dev: () => NetDevice;
  readonly #ageing: number;
  readonly #items = new Map<Mac, VxlanFdbItem>();

  constructor(dev: () => NetDevice, ageing: number) {
    this.#dev = dev;
    this.#ageing = ageing;
  }

  key(mac: Mac, remote: Ipv4): string {
    return `${this.#dev().name} ${formatMac(mac)} ${formatIpv4(remote)}`;
  }

  #row(item: VxlanFdbItem, dst: Ipv4): FdbRow {
    const dev = this.#dev();
    return { mac: item.mac, ifindex: dev.ifindex, dev: dev.name, master: undefined, dst, where: 'self', kind: item.kind, vlan: undefined, isLocal: false };
  }

  get #now(): Nanos {
    return this.#dev().netns.machine.world.scheduler.now;
  }

  #addRemote(item: VxlanFdbItem, dst: Ipv4): void {
    item.remotes.push(dst);
    this.#dev().netns.fdb.insert(this.key(item.mac, dst), this.#row(item, dst));
  }

  #removeRemote(item: VxlanFdbItem, dst: Ipv4): void {
    item.remotes = item.remotes.filter((r) => r !== dst);
    this.#dev().netns.fdb.delete(this.key(item.mac, dst));
    if (item.remotes.length === 0) this.#items.delete(item.mac);
  }

  #destroy(item: VxlanFdbItem): void {
    for (const dst of item.remotes) this.#removeRemote(item, dst);
  }

  /** vxlan_find_mac */
  find(mac: Mac): VxlanFdbItem | undefined {
    const item = this.#items.get(mac);
    if (item?.kind !== 'learned' || item.updated + seconds(this.#ageing) >= this.#now) return item;
    this.#destroy(item);
    return undefined;
  }

  /** vxlan_snoop: false when the frame must not come in by this remote. */
  learn(mac: Mac, remote: Ipv4): boolean {
    let item = this.find(mac);
    if (item === undefined) {
      item = { mac, kind: 'learned', remotes: [], updated: this.#now };
      this.#items.set(mac, item);
      this.#addRemote(item, remote);
      return true;
    }
    item.updated = this.#now;
    if (item.remotes[0] === remote) return true;
    // "Don't migrate static entries, drop packets"
    if (item.kind !== 'learned') return false;
    this.#destroy(item);
    this.#items.set(mac, item);
    this.#addRemote(item, remote);
    return true;
  }

  add(spec: NewFdb, mode: NewMode): Ack {
    const { mac, dst } = spec;
    if (dst === undefined) return refuse('EINVAL');
    const item = this.find(mac);
    if (item === undefined) {
      if (mode === 'change') return refuse('ENOENT');
      if (mode === 'replace' && (isMulticastMac(mac) || mac === MAC_ZERO)) return refuse('EOPNOTSUPP');
      const fresh: VxlanFdbItem = { mac, kind: spec.kind ?? 'permanent', remotes: [], updated: this.#now };
      this.#items.set(mac, fresh);
      this.#addRemote(fresh, dst);
      return done;
    }
    const group = isMulticastMac(mac) || mac === MAC_ZERO;
    switch (mode) {
      case 'add':
        return refuse('EEXIST');
      case 'replace':
      case 'change': {
        if (group) return refuse('EOPNOTSUPP');
        this.#destroy(item);
        const fresh: VxlanFdbItem = { mac, kind: spec.kind ?? 'permanent', remotes: [], updated: this.#now };
        this.#items.set(mac, fresh);
        this.#addRemote(fresh, dst);
        return done;
      }
      case 'append':
      case 'prepend':
        // Only the default and groups have several remotes; for others the kernel changes nothing and says so to nobody.
        if (group && !item.remotes.includes(dst)) this.#addRemote(item, dst);
        return done;
    }
  }

  delete(spec: NewFdb): Ack {
    const item = this.find(spec.mac);
    if (item === undefined) return refuse('ENOENT');
    if (spec.dst === undefined || item.remotes.length === 1) {
      if (spec.dst !== undefined && !item.remotes.includes(spec.dst)) return refuse('ENOENT');
      this.#destroy(item);
      return done;
    }
    if (!item.remotes.includes(spec.dst)) return refuse('ENOENT');
    this.#removeRemote(item, spec.dst);
    return done;
  }

  clear(): void {
    for (const item of [...this.#items.values()]) this.#destroy(item);
  }

  list(): readonly FdbEntry[] {
    const entries: FdbEntry[] = [];
    // Newest first within a bucket.
    const items = [...this.#items.values()].reverse().sort((a, b) => bucket(a.mac) - bucket(b.mac));
    for (const { mac } of items) {
      const item = this.find(mac);
      for (const dst of item?.remotes ?? []) {
        if (item !== undefined) entries.push({ ...this.#row(item, dst), age: (this.#now - item.updated) / 1e9 });
      }
    }
    return entries;
  }
}
