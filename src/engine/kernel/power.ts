/**
 * A machine without power, and its next boot.
 * Models: what others see (the link is gone, nothing is said) and what is left (the disk). Devices that programs made, addresses, routes, rules, connections and
 * sockets are gone; NICs come back as the firmware finds them: down, without addresses, the same numbers and MACs.
 */
import { Nic } from './devices/nic/nic.ts';
import { leave, register, setDown, unregister } from './devices/registry.ts';
import type { Machine } from './machine.ts';
import type { Netns } from './netns.ts';

function loseTables(ns: Netns): void {
  for (const entry of [...ns.conntrack.entries().values()]) ns.conntrack.kill(entry);
  ns.transport.destroy();
  for (const table of [ns.fib.addresses, ns.fib.routes, ns.fib.ruleRows, ns.neighbours.rows, ns.netfilter.rows, ns.conntrack.rows, ns.transport.sockets, ns.sysctl.rows]) {
    for (const [key] of [...table.entries()]) table.delete(key);
  }
}

export function powerOff(machine: Machine): void {
  if (!machine.powered) return;
  machine.powered = false;
  const { init } = machine;
  for (const ns of machine.namespaces.values()) {
    for (const dev of ns.devices.values()) {
      if (dev.ops instanceof Nic) dev.ops.segment.detach(dev);
      setDown(dev);
    }
  }
  for (const listener of [...machine.powerListeners]) listener(false);
  for (const process of [...machine.processes]) process.kill('SIGKILL');
  for (const name of [...machine.namespaces.keys()]) machine.deleteNetns(name);
  const kept = [...init.devices.values()].filter((dev) => dev.kind === 'nic' || dev.kind === 'loopback');
  for (const dev of [...init.devices.values()].reverse()) if (!kept.includes(dev)) unregister(dev);
  for (const dev of kept) leave(dev);
  loseTables(init);
  init.restart(machine.makeParts(init));
  for (const dev of kept) {
    dev.activated = false;
    register(dev);
  }
}

export function powerOn(machine: Machine): void {
  if (machine.powered) return;
  machine.powered = true;
  for (const dev of machine.init.devices.values()) if (dev.ops instanceof Nic) dev.ops.segment.attach(dev);
  for (const listener of [...machine.powerListeners]) listener(true);
}
