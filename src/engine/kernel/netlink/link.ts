/** Read first: rtnl_newlink, do_setlink, rtnl_dellink (net/core/rtnetlink.c), dev_valid_name, dev_change_name (dev.c). Models: v6.1. */
import { done } from '../../../base/result.ts';
import { LINK_TYPES } from '../devices/all.ts';
import { Bridge } from '../devices/bridge/bridge.ts';
import { BridgePort } from '../devices/bridge/port.ts';
import { linkOf, moveTo, publish, setDown, setMac, setMtu, setUp, unregister } from '../devices/registry.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack, Link, LinkChange, NewLink } from '../../uapi/rtnetlink.ts';
import { isMulticastMac, MAC_ZERO, type Mac } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';

/** IFNAMSIZ - 1 */
const NAME_MAX = 15;
/** ETH_MIN_MTU */
const MTU_MIN = 68;
const MTU_MAX = 65535;

export const links = (ns: Netns): readonly Link[] => [...ns.devices.values()].sort((a, b) => a.ifindex - b.ifindex).map(linkOf);

export function link(ns: Netns, name: string): Link | undefined {
  const dev = ns.device(name);
  return dev === undefined ? undefined : linkOf(dev);
}

function checkName(name: string): Ack {
  if (name.length > NAME_MAX) return refuse('ERANGE', 'Attribute failed policy validation');
  return name === '' || name === '.' || name === '..' || /[/:\s]/.test(name) ? refuse('EINVAL') : done;
}

const validAddress = (mac: Mac): boolean => mac !== MAC_ZERO && !isMulticastMac(mac);

function checkMtu(dev: NetDevice | undefined, mtu: number): Ack {
  if (dev?.kind === 'loopback' || dev?.kind === 'dummy') return done;
  if (mtu < MTU_MIN) return refuse('EINVAL', 'mtu less than device minimum');
  if (mtu > MTU_MAX) return refuse('EINVAL', 'mtu greater than device maximum');
  const lower = dev === undefined ? undefined : dev.netns.devices.get(linkOf(dev).link?.ifindex ?? 0);
  if (lower === undefined) return done;
  if (dev?.kind === 'vlan' && mtu > lower.mtu) return refuse('ERANGE');
  if (dev?.kind === 'vxlan' && mtu > lower.mtu - 50) return refuse('EINVAL');
  return done;
}

export function newLink(ns: Netns, spec: NewLink): Ack {
  const named = checkName(spec.name);
  if (!named.ok) return named;
  if (ns.device(spec.name) !== undefined) return refuse('EEXIST');
  if (spec.ifindex !== undefined && ns.devices.has(spec.ifindex)) return refuse('EBUSY');
  if (spec.mac !== undefined && !validAddress(spec.mac)) return refuse('EADDRNOTAVAIL');
  if (spec.mtu !== undefined) {
    const sized = checkMtu(undefined, spec.mtu);
    if (!sized.ok) return sized;
  }
  const type = LINK_TYPES.find((t) => t.kind === spec.kind);
  return type === undefined ? refuse('EOPNOTSUPP', 'Unknown device type') : type.create(ns, spec);
}

export function delLink(ns: Netns, name: string): Ack {
  const dev = ns.device(name);
  if (dev === undefined) return refuse('ENODEV');
  if (dev.kind === 'loopback' || dev.kind === 'nic') return refuse('EOPNOTSUPP');
  unregister(dev);
  return done;
}

/** The steps of do_setlink, in its order: those before a refused one stay done, as in the kernel. */
export function setLink(ns: Netns, name: string, change: LinkChange): Ack {
  const dev = ns.device(name);
  if (dev === undefined) return refuse('ENODEV');
  for (const step of STEPS) {
    const ack = step(dev, change);
    if (!ack.ok) return ack;
  }
  return done;
}

const STEPS: readonly ((dev: NetDevice, change: LinkChange) => Ack)[] = [
  (dev, { netns }) => {
    if (netns === undefined) return done;
    const there = dev.netns.machine.namespaces.get(netns);
    return there === undefined ? refuse('EINVAL', 'Invalid network namespace') : moveTo(dev, there);
  },
  (dev, { mac }) => {
    if (mac === undefined) return done;
    if (dev.kind === 'loopback') return refuse('EOPNOTSUPP');
    if (!validAddress(mac)) return refuse('EADDRNOTAVAIL');
    dev.macSet = true;
    setMac(dev, mac);
    return done;
  },
  (dev, { mtu }) => {
    if (mtu === undefined) return done;
    const sized = checkMtu(dev, mtu);
    if (!sized.ok) return sized;
    const bridge = Bridge.of(dev);
    if (bridge !== undefined) bridge.mtuSet = true;
    setMtu(dev, mtu);
    return done;
  },
  (dev, { name }) => (name === undefined || name === dev.name ? done : rename(dev, name)),
  (dev, { master }) => (master === undefined ? done : setMaster(dev, master)),
  setFlags,
  setPort,
  (dev, change) => {
    if (change.txQueueLen !== undefined) dev.txQueueLen = change.txQueueLen;
    return dev.ops.change?.(dev, change) ?? (change.bridge === undefined ? done : refuse('EOPNOTSUPP'));
  },
  (dev) => {
    publish(dev);
    return done;
  },
];

function rename(dev: NetDevice, name: string): Ack {
  const valid = checkName(name);
  if (!valid.ok) return valid;
  const ns = dev.netns;
  if (ns.device(name) !== undefined) return refuse('EEXIST');
  const old = dev.name;
  dev.name = name;
  publish(dev);
  for (const [key, row] of [...ns.fdb.entries()]) {
    if (row.dev === old) ns.fdb.patch(key, { dev: name });
    if (row.master === old) ns.fdb.patch(key, { master: name });
  }
  for (const other of ns.devices.values()) publish(other);
  ns.fib.deviceRenamed(dev);
  ns.neighbours.deviceRenamed(dev);
  return done;
}

/** do_set_master */
function setMaster(dev: NetDevice, master: string | null): Ack {
  const old = BridgePort.of(dev);
  if (old?.bridge.dev.name === master) return done;
  old?.bridge.release(dev);
  if (master === null) return done;
  const target = dev.netns.device(master);
  if (target === undefined) return refuse('EINVAL');
  const bridge = Bridge.of(target);
  return bridge === undefined ? refuse('EOPNOTSUPP') : bridge.enslave(dev);
}

const promiscuous = new WeakSet<NetDevice>();

/** dev_change_flags */
function setFlags(dev: NetDevice, { up, arp, promisc }: LinkChange): Ack {
  if (arp !== undefined && dev.noArp === arp) {
    dev.noArp = !arp;
    dev.netns.neighbours.addressChanged(dev);
  }
  if (promisc !== undefined && promiscuous.has(dev) !== promisc) {
    dev.promiscuity += promisc ? 1 : -1;
    if (promisc) promiscuous.add(dev);
    else promiscuous.delete(dev);
  }
  if (up === true) return setUp(dev);
  if (up === false) setDown(dev);
  return done;
}

function setPort(dev: NetDevice, { hairpin, learning, flood }: LinkChange): Ack {
  if (hairpin === undefined && learning === undefined && flood === undefined) return done;
  const port = BridgePort.of(dev);
  if (port === undefined) return refuse('EOPNOTSUPP');
  port.hairpin = hairpin ?? port.hairpin;
  port.learning = learning ?? port.learning;
  port.flood = flood ?? port.flood;
  return done;
}
