/**
 * Read first: bridge(8) "fdb", rtnl_fdb_add, rtnl_fdb_dump, ndo_dflt_fdb_dump (net/core/rtnetlink.c), br_fdb_add (net/bridge/br_fdb.c).
 * Models: v6.1. The group addresses that every card hears are shown as on a host with IPv6, though IPv6 itself is not modelled.
 */
import { done } from '../../../base/result.ts';
import { Bridge } from '../devices/bridge/bridge.ts';
import { BridgePort } from '../devices/bridge/port.ts';
import { Vxlan } from '../devices/vxlan/vxlan.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, FdbEntry, NewFdb, NewMode } from '../../uapi/rtnetlink.ts';
import { formatMac, mac, type Mac } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';

const ALL_NODES = mac(0x333300000001);
const ALL_HOSTS = mac(0x01005e000001);
/** 224.0.0.106 and ff02::6a: a snooping bridge listens for other snoopers. */
const ALL_SNOOPERS = [mac(0x01005e00006a), mac(0x33330000006a)] as const;
const SOLICITED_NODE = 0x3333ff000000;

/** In the order in which the groups are joined: with the device, when it comes up, with its link-local address. */
function groups(dev: NetDevice): readonly Mac[] {
  if (dev.upMac === undefined) return [ALL_NODES];
  return [ALL_NODES, ...(dev.kind === 'bridge' ? ALL_SNOOPERS : []), ALL_HOSTS, mac(SOLICITED_NODE + (dev.upMac % 0x1000000))];
}

const selfEntry = (dev: NetDevice, address: Mac): FdbEntry => ({
  mac: address, ifindex: dev.ifindex, dev: dev.name, master: undefined, dst: undefined, where: 'self', kind: 'permanent', vlan: undefined, age: undefined, isLocal: false,
});

const selfKey = (dev: NetDevice, address: Mac): string => `${dev.name} ${formatMac(address)} self`;

export function fdb(ns: Netns): readonly FdbEntry[] {
  const all: FdbEntry[] = [];
  for (const dev of [...ns.devices.values()].sort((a, b) => a.ifindex - b.ifindex)) {
    const port = BridgePort.of(dev);
    const bridge = Bridge.of(dev);
    const vxlan = Vxlan.of(dev);
    if (port !== undefined) all.push(...port.bridge.fdb.list().filter((item) => item.port === port).map((item) => port.bridge.fdb.describe(item)));
    if (vxlan !== undefined) {
      all.push(...vxlan.fdb.list());
      continue;
    }
    if (dev.kind === 'loopback') continue;
    for (const row of ns.fdb.values()) if (row.where === 'self' && row.dev === dev.name) all.push({ ...row, age: undefined });
    all.push(...groups(dev).map((group) => selfEntry(dev, group)));
    if (bridge !== undefined) all.push(...bridge.fdb.list().filter((item) => item.port === undefined).map((item) => bridge.fdb.describe(item)));
  }
  return all;
}

/** The bridge table that a request is for, with the port (undefined: the bridge itself). */
function bridgeTable(dev: NetDevice, where: NewFdb['where']): { readonly bridge: Bridge; readonly port: BridgePort | undefined } | undefined {
  if (where === 'master') {
    const port = BridgePort.of(dev);
    return port === undefined ? undefined : { bridge: port.bridge, port };
  }
  const bridge = Bridge.of(dev);
  return bridge === undefined ? undefined : { bridge, port: undefined };
}

export function newFdb(ns: Netns, spec: NewFdb, mode: NewMode): Ack {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return refuse('ENODEV');
  const table = bridgeTable(dev, spec.where);
  if (table !== undefined) {
    const existing = table.bridge.fdb.find(spec.mac);
    if (existing !== undefined && mode === 'add') return refuse('EEXIST');
    if (existing === undefined && mode === 'change') return refuse('ENOENT');
    table.bridge.fdb.add(spec.mac, table.port, spec.kind ?? 'permanent');
    return done;
  }
  if (spec.where === 'master') return refuse('EOPNOTSUPP');
  const vxlan = Vxlan.of(dev);
  if (vxlan !== undefined) return vxlan.fdb.add(spec, mode);
  if (spec.kind === 'static') return refuse('EINVAL', 'FDB only supports static addresses');
  const key = selfKey(dev, spec.mac);
  if (ns.fdb.has(key)) return mode === 'add' ? refuse('EEXIST') : done;
  const { age: _, ...row } = selfEntry(dev, spec.mac);
  ns.fdb.insert(key, row);
  return done;
}

export function delFdb(ns: Netns, spec: NewFdb): Ack {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return refuse('ENODEV');
  const table = bridgeTable(dev, spec.where);
  if (table !== undefined) return table.bridge.fdb.remove(spec.mac, table.port) ? done : refuse('ENOENT');
  if (spec.where === 'master') return refuse('EOPNOTSUPP');
  const vxlan = Vxlan.of(dev);
  if (vxlan !== undefined) return vxlan.fdb.delete(spec);
  return ns.fdb.delete(selfKey(dev, spec.mac)) ? done : refuse('ENOENT');
}
