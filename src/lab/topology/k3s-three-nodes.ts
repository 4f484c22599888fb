/**
 * The lab of seed 000: VMs on one switched segment (native: internal network; VLAN 100: external network) and the
 * hypervisor as gateway of both. Addresses are set as netplan and systemd-networkd 249 (Ubuntu 22.04) set them.
 */
import { must } from '../../base/assert.ts';
import { Machine } from '../../engine/kernel/machine.ts';
import { Segment } from '../../engine/kernel/segment.ts';
import type { World } from '../../engine/kernel/world.ts';
import { micros } from '../../engine/sim/time.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Ack } from '../../engine/uapi/rtnetlink.ts';
import { ANY, parseCidr, parseIpv4, parseMac, prefix } from '../../engine/wire/addresses.ts';
import type { MachineSpec, TopologySpec } from '../scenario/read.ts';

/** DHCP lease of multipass's dnsmasq, seconds. */
const LEASE = 3600;

const ip = (text: string) => must(parseIpv4(text), `address ${text}`);
const cidr = (text: string) => must(parseCidr(text), `prefix ${text}`);

/** Set-up that a checked scenario asks for cannot be refused. */
function done(ack: Ack): void {
  if (!ack.ok) throw new Error(`topology: ${ack.error.extack ?? STRERROR[ack.error.errno]}`);
}

function vm(world: World, spec: MachineSpec, topology: TopologySpec, segment: Segment): Machine {
  const machine = new Machine(world, spec.name);
  machine.addNic(machine.init, { name: 'ens3', mac: must(parseMac(spec.mac), 'MAC'), ifindex: 2 }, segment);
  const kernel = machine.handle();
  const internal = cidr(topology.segment.cidr);
  const gateway = ip(topology.hypervisor.ip);
  configure(kernel, 'ens3', spec, topology);
  done(kernel.netlink.newAddress({ dev: 'ens3', address: ip(spec.ip), prefixLength: internal.length, metric: 100, validLifetime: LEASE }));
  done(kernel.netlink.newRoute({ dst: prefix(ANY, 0), protocol: 'dhcp', prefSrc: ip(spec.ip), priority: 100, nexthops: [{ via: gateway, dev: 'ens3' }] }, 'add'));
  done(kernel.netlink.newRoute({ dst: prefix(gateway, 32), protocol: 'dhcp', scope: 'link', prefSrc: ip(spec.ip), priority: 100, nexthops: [{ dev: 'ens3' }] }, 'add'));
  return machine;
}

/** Loopback, the NIC, and the VLAN device with the external address. */
function configure(kernel: Kernel, nic: string, spec: MachineSpec, topology: TopologySpec): void {
  const external = `${nic}.${topology.vlan.id}`;
  done(kernel.netlink.setLink('lo', { up: true }));
  done(kernel.netlink.setLink(nic, { up: true }));
  done(kernel.netlink.newLink({ name: external, kind: 'vlan', link: nic, vlanId: topology.vlan.id }));
  done(kernel.netlink.setLink(external, { up: true }));
  done(kernel.netlink.newAddress({ dev: external, address: ip(spec.external), prefixLength: cidr(topology.vlan.cidr).length }));
}

export interface BuiltTopology {
  /** In the order of the scenario: nodes, external VMs, the hypervisor. */
  readonly machines: readonly Machine[];
  readonly segment: Segment;
}

export function buildTopology(world: World, topology: TopologySpec): BuiltTopology {
  // virtio and the host's bridge: some tens of microseconds from guest to guest.
  const segment = new Segment(world, topology.segment.name, micros(50));
  const machines = [...topology.nodes, ...topology.external].map((spec) => vm(world, spec, topology, segment));
  const host = new Machine(world, topology.hypervisor.name);
  host.addNic(host.init, { name: topology.segment.name, mac: must(parseMac(topology.hypervisor.mac), 'MAC') }, segment);
  const kernel = host.handle();
  configure(kernel, topology.segment.name, topology.hypervisor, topology);
  done(kernel.netlink.newAddress({ dev: topology.segment.name, address: ip(topology.hypervisor.ip), prefixLength: cidr(topology.segment.cidr).length }));
  done(kernel.sysctl.set('net.ipv4.ip_forward', '1'));
  return { machines: [...machines, host], segment };
}
