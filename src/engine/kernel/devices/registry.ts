/** Read first: register_netdevice, dev_change_flags, __dev_change_net_namespace (net/core/dev.c). The life of a device, and who is told of it. */
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, Link } from '../../uapi/rtnetlink.ts';
import { mac, type Mac } from '../../wire/addresses.ts';
import type { Machine } from '../machine.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { BridgePort } from './bridge/port.ts';
import type { LinkRow } from './rows.ts';

/** eth_hw_addr_random: locally administered, not a group. */
export function randomMac(machine: Machine): Mac {
  const high = machine.macs.below(0x1000000) * 0x1000000 + machine.macs.below(0x1000000);
  const first = (Math.floor(high / 0x10000000000) & 0xfe) | 0x02;
  return mac(first * 0x10000000000 + (high % 0x10000000000));
}

export function linkRow(dev: NetDevice): LinkRow {
  const port = BridgePort.of(dev);
  const own = dev.ops.describe?.(dev) ?? {};
  return {
    ifindex: dev.ifindex, name: dev.name, kind: dev.kind, mac: dev.mac, mtu: dev.mtu, up: dev.up, activated: dev.activated, carrier: dev.ops.carrier(dev), noArp: dev.noArp,
    promiscuity: dev.promiscuity, txQueueLen: dev.txQueueLen, master: dev.master?.name, link: own.link, vlanId: own.vlanId, vxlan: own.vxlan,
    bridge: own.bridge, port: port?.config(), altNames: dev.altNames, ...(dev.upMac !== undefined && dev.netns.machine.ipv6 ? { linkLocal: dev.upMac } : {}),
  };
}

export const linkOf = (dev: NetDevice): Link => ({ ...linkRow(dev), stats: { ...dev.stats } });

const same = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** rtmsg_ifinfo: writes what changed about a device to the journal. */
export function publish(dev: NetDevice): void {
  const { links } = dev.netns;
  const key = `${dev.ifindex}`;
  const old = links.get(key);
  const now = linkRow(dev);
  if (old === undefined) {
    links.insert(key, now);
    return;
  }
  const changes: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(now)) if (!same(Reflect.get(old, field), value)) changes[field] = value;
  if (Object.keys(changes).length > 0) links.patch(key, changes);
}

export function register(dev: NetDevice): NetDevice {
  const ns = dev.netns;
  ns.devices.set(dev.ifindex, dev);
  ns.sysctl.deviceAdded(dev);
  ns.neighbours.deviceAdded(dev);
  publish(dev);
  return dev;
}

/** What unregistering and moving have in common. */
export function leave(dev: NetDevice): void {
  const ns = dev.netns;
  setDown(dev);
  BridgePort.of(dev)?.bridge.release(dev);
  ns.fib.deviceRemoved(dev);
  ns.neighbours.deviceRemoved(dev);
  ns.sysctl.deviceRemoved(dev);
  ns.devices.delete(dev.ifindex);
  ns.links.delete(`${dev.ifindex}`);
}

/** unregister_netdevice: what stands on it goes first. */
export function unregister(dev: NetDevice): void {
  for (const vlan of [...dev.vlans.values()]) unregister(vlan);
  if (dev.netns.devices.get(dev.ifindex) !== dev) return;
  leave(dev);
  dev.ops.remove?.(dev);
}

/** dev_open. */
export function setUp(dev: NetDevice): Ack {
  if (dev.up) return done;
  const opened = dev.ops.open?.(dev) ?? done;
  if (!opened.ok) return opened;
  dev.up = true;
  dev.upMac ??= dev.mac;
  dev.activated = true;
  dev.ops.changed?.(dev);
  publish(dev);
  dev.netns.fib.deviceUp(dev);
  dev.netns.neighbours.deviceUp(dev);
  BridgePort.of(dev)?.bridge.portChanged(dev);
  for (const vlan of dev.vlans.values()) setUp(vlan);
  return done;
}

/** dev_close. */
export function setDown(dev: NetDevice): void {
  if (!dev.up) return;
  dev.up = false;
  dev.upMac = undefined;
  dev.ops.changed?.(dev);
  publish(dev);
  dev.netns.neighbours.deviceDown(dev);
  dev.netns.fib.deviceDown(dev);
  dev.netns.conntrack.deviceDown(dev.ifindex);
  BridgePort.of(dev)?.bridge.portChanged(dev);
  for (const vlan of dev.vlans.values()) setDown(vlan);
}

/** linkwatch: the carrier of `dev` changed because of its lower side or peer. */
export function carrierChanged(dev: NetDevice): void {
  publish(dev);
  if (!dev.up) return;
  dev.netns.fib.deviceChanged(dev);
  if (!dev.ops.carrier(dev)) dev.netns.neighbours.carrierLost(dev);
  BridgePort.of(dev)?.bridge.portChanged(dev);
  for (const vlan of dev.vlans.values()) carrierChanged(vlan);
}

/** dev_set_mac_address. */
export function setMac(dev: NetDevice, address: Mac): void {
  if (dev.mac === address) return;
  dev.mac = address;
  dev.ops.changed?.(dev);
  publish(dev);
  dev.netns.neighbours.addressChanged(dev);
  if (dev.up) dev.netns.fib.deviceChanged(dev);
  BridgePort.of(dev)?.bridge.portChanged(dev);
}

export function setMtu(dev: NetDevice, mtu: number): void {
  if (dev.mtu === mtu) return;
  dev.mtu = mtu;
  dev.ops.changed?.(dev);
  publish(dev);
  dev.netns.fib.deviceChanged(dev);
  const port = BridgePort.of(dev);
  port?.bridge.mtuAdjust();
}

/** Moves a device: it goes down and loses its addresses; its number is kept unless taken there. */
export function moveTo(dev: NetDevice, ns: Netns): Ack {
  if (dev.netns === ns) return done;
  if (dev.kind === 'loopback' || dev.kind === 'bridge') return refuse('EINVAL', 'The interface netns is immutable');
  if (ns.device(dev.name) !== undefined) return refuse('EEXIST');
  leave(dev);
  dev.netns = ns;
  if (ns.devices.has(dev.ifindex)) dev.ifindex = ns.newIfindex();
  register(dev);
  dev.ops.changed?.(dev);
  return done;
}
