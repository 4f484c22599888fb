/**
 * A world's network without its programs: every namespace of an export once more in an engine of its own, as up.sh builds it for the real kernel.
 * No kubelet, controller or speaker of the lab sends anything there, and no table holds what was learned before.
 */
import { must } from '../base/assert.ts';
import { Machine } from '../engine/kernel/machine.ts';
import { Segment } from '../engine/kernel/segment.ts';
import { World } from '../engine/kernel/world.ts';
import { micros, millis, plus } from '../engine/sim/time.ts';
import type { Kernel } from '../engine/uapi/kernel.ts';
import type { Ack, Link, NewLink } from '../engine/uapi/rtnetlink.ts';
import { exportNetns, type ExportNamespace, type ExportWorld } from '../lab/export/netns-script.ts';

const MAIN_RULES: readonly number[] = [0, 32766, 32767];
const LOCAL_TABLE = 255;

function done(ack: Ack): void {
  if (!ack.ok) throw new Error(`refused: ${ack.error.errno} ${ack.error.extack ?? ''}`);
}

export function twinOf(exported: ExportWorld): { readonly world: World; readonly exported: ExportWorld } {
  const world = new World({ seed: 1, epochMillis: Date.UTC(2024, 4, 30, 8), trace: true });
  const segments = new Map<string, Segment>();
  const plugged = new Map<string, string>();
  const plug = (ns: string, dev: string, name: string): Segment => {
    const found = segments.get(name) ?? new Segment(world, name, micros(50));
    segments.set(name, found);
    plugged.set(`${ns} ${dev}`, name);
    return found;
  };
  const machines = new Map<string, Machine>();
  const twins = exported.namespaces.map((ns) => {
    const { machine: name, netns } = ns.kernel;
    const machine = machines.get(name) ?? new Machine(world, name);
    machines.set(name, machine);
    if (netns !== '') machine.addNetns(netns);
    return { ns, machine, kernel: machine.handle(netns) };
  });
  const { rules } = exportNetns(exported);
  for (const { ns, machine, kernel } of twins) {
    for (const link of inOrder(ns.kernel)) addLink(ns, machine, kernel, link, exported, plug);
  }
  for (const { ns, kernel } of twins) {
    for (const link of inOrder(ns.kernel)) {
      if (link.master !== undefined) done(kernel.netlink.setLink(link.name, { master: link.master, hairpin: link.port?.hairpin === true }));
      if (link.txQueueLen !== kernel.netlink.link(link.name)?.txQueueLen) done(kernel.netlink.setLink(link.name, { txQueueLen: link.txQueueLen }));
      if (link.mtu !== kernel.netlink.link(link.name)?.mtu) done(kernel.netlink.setLink(link.name, { mtu: link.mtu }));
    }
    copySysctls(ns.kernel, kernel);
    for (const link of inOrder(ns.kernel)) if (link.up) done(kernel.netlink.setLink(link.name, { up: true }));
    for (const { dev, address, prefixLength, broadcast, metric } of ns.kernel.netlink.addresses()) {
      if (dev !== 'lo' || prefixLength !== 8) done(kernel.netlink.newAddress({ dev, address, prefixLength, broadcast, metric }));
    }
  }
  for (const { ns, kernel } of twins) copyTables(ns.kernel, kernel, rules.get(`${ns.name}.rules`));
  world.scheduler.runUntil(plus(world.scheduler.now, millis(100)));
  return { world, exported: { ...exported, segmentOf: (ns, dev) => plugged.get(`${ns} ${dev}`), namespaces: twins.map(({ ns, kernel }) => ({ ...ns, kernel })) } };
}

const inOrder = (kernel: Kernel): readonly Link[] => [...kernel.netlink.links()].sort((a, b) => a.ifindex - b.ifindex);

function addLink(ns: ExportNamespace, machine: Machine, kernel: Kernel, link: Link, exported: ExportWorld, plug: (ns: string, dev: string, segment: string) => Segment): void {
  const { name, mac, mtu, ifindex } = link;
  if (kernel.netlink.link(name) !== undefined) return;
  const make = (more: Pick<NewLink, 'kind'> & Partial<NewLink>): void => done(kernel.netlink.newLink({ name, mac, mtu, ifindex, ...more }));
  const netns = must(machine.namespaces.get(kernel.netns), 'its namespace');
  switch (link.kind) {
    case 'loopback': return;
    case 'nic': return void machine.addNic(netns, { name, mac, mtu, ifindex }, plug(ns.name, name, exported.segmentOf(ns.name, name) ?? 'lan'));
    // As the export does for kernels without 802.1Q: a wire of its own.
    case 'vlan': return void machine.addNic(netns, { name, mac, mtu, ifindex }, plug(ns.name, name, `${exported.segmentOf(ns.name, link.link?.name ?? '') ?? 'lan'}.${link.vlanId ?? 0}`));
    case 'dummy': return make({ kind: 'dummy' });
    case 'bridge': return make({ kind: 'bridge' });
    case 'vxlan': return make({ kind: 'vxlan', vxlan: link.vxlan });
    case 'veth': {
      const peer = must(link.link, 'the other end');
      const far = exported.namespaces.find((n) => n.kernel.machine === machine.name && n.kernel.netns === (peer.netns ?? ns.kernel.netns))?.kernel.netlink.link(peer.name);
      return make({ kind: 'veth', peer: { name: peer.name, netns: peer.netns ?? ns.kernel.netns, mac: far?.mac, mtu: far?.mtu } });
    }
  }
}

/** Forwarding first: it sets others. A key that cannot be written shows what cannot be set. */
function copySysctls(from: Kernel, to: Kernel): void {
  for (const key of ['net.ipv4.ip_forward', ...from.sysctl.keys()]) {
    const value = from.sysctl.get(key);
    if (value !== undefined && value !== to.sysctl.get(key)) to.sysctl.set(key, value);
  }
}

function copyTables(from: Kernel, to: Kernel, rules: string | undefined): void {
  const routes = from.netlink.routes(0).filter((r) => r.table !== LOCAL_TABLE && r.protocol !== 'kernel');
  const direct = routes.filter((r) => r.nexthops.every((h) => h.via === undefined));
  for (const r of [...direct, ...routes.filter((other) => !direct.includes(other))]) done(to.netlink.newRoute(r, 'replace'));
  for (const r of from.netlink.rules()) if (!MAIN_RULES.includes(r.priority)) done(to.netlink.newRule(r));
  for (const n of from.netlink.neighbours()) if (n.state === 'PERMANENT') done(to.netlink.newNeighbour(n, 'replace'));
  for (const f of from.netlink.fdb()) if (f.dst !== undefined) done(to.netlink.newFdb({ mac: f.mac, dev: f.dev, dst: f.dst, where: 'self', kind: 'permanent' }, 'append'));
  if (rules === undefined) return;
  const restored = to.netfilter.restore(rules, { noflush: false, counters: false, test: false });
  if (!restored.ok) throw new Error(restored.error.message);
}
