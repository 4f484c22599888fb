/**
 * The lab of seed 000: VMs on one switched segment (native: internal network; VLAN 100: external network) and the
 * hypervisor as gateway of both. Addresses are set as netplan and systemd-networkd 249 (Ubuntu 22.04) set them.
 */
import * as v from 'valibot';
import { must } from '../../base/assert.ts';
import { resolverFiles } from '../../cluster/node/files.ts';
import { Machine } from '../../engine/kernel/machine.ts';
import { Segment } from '../../engine/kernel/segment.ts';
import type { World } from '../../engine/kernel/world.ts';
import { micros } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { ANY, parseMac, prefix } from '../../engine/wire/addresses.ts';
import { HYPERVISOR_COMMANDS } from '../../userland/commands/all.ts';
import { INSTANCES, instancesFile } from '../../userland/commands/multipass/instances.ts';
import * as field from '../scenario/fields.ts';
import { leases, multipassDns, stubResolver } from './name-service.ts';
import { cidr, done, ip, type BuiltMachine, type BuiltTopology } from './topology.ts';

const MachineFields = v.strictObject({ name: field.hostName, mac: field.mac, ip: field.address, external: field.address });

export const K3sThreeNodes = v.strictObject({
  preset: v.literal('k3s-three-nodes'),
  domain: v.string(),
  segment: v.strictObject({ name: v.string(), label: v.string(), cidr: field.cidr }),
  vlan: v.strictObject({ id: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4094)), label: v.string(), cidr: field.cidr, /** Of the VMs' VLAN device: where it stands in their lists. */ ifindex: v.optional(v.pipe(v.number(), v.integer(), v.minValue(3))) }),
  /** `hosts`: further lines of the hypervisor's /etc/hosts, which multipass's dnsmasq answers from. */
  hypervisor: v.strictObject({ ...MachineFields.entries, hosts: v.optional(v.record(field.address, v.string()), {}) }),
  nodes: v.pipe(v.array(v.strictObject({ ...MachineFields.entries, role: field.role, podCidr: v.optional(field.cidr) })), v.minLength(1)),
  external: v.array(MachineFields),
});

type Spec = v.InferOutput<typeof K3sThreeNodes>;
type MachineSpec = v.InferOutput<typeof MachineFields>;

/** DHCP lease of multipass's dnsmasq, seconds. */
const LEASE = 3600;
const NIC = 'ens3';
/** Somebody logged in last this long before the learner takes over, ms. */
const DEPLOYED = 7 * 3_600_000;

/** Loopback, the NIC, and the VLAN device with the external address. */
function configureLinks(kernel: Kernel, nic: string, spec: MachineSpec, topology: Spec): void {
  const external = `${nic}.${topology.vlan.id}`;
  done(kernel.netlink.setLink('lo', { up: true }));
  done(kernel.netlink.setLink(nic, { up: true }));
  done(kernel.netlink.newLink({ name: external, kind: 'vlan', link: nic, vlanId: topology.vlan.id, ifindex: topology.vlan.ifindex }));
  done(kernel.netlink.setLink(external, { up: true }));
  done(kernel.netlink.newAddress({ dev: external, address: ip(spec.external), prefixLength: cidr(topology.vlan.cidr).length }));
}

function configureVm(kernel: Kernel, spec: MachineSpec, topology: Spec): void {
  const gateway = ip(topology.hypervisor.ip);
  configureLinks(kernel, NIC, spec, topology);
  done(kernel.netlink.newAddress({ dev: NIC, address: ip(spec.ip), prefixLength: cidr(topology.segment.cidr).length, metric: 100, validLifetime: LEASE }));
  done(kernel.netlink.newRoute({ dst: prefix(ANY, 0), protocol: 'dhcp', prefSrc: ip(spec.ip), priority: 100, nexthops: [{ via: gateway, dev: NIC }] }, 'add'));
  done(kernel.netlink.newRoute({ dst: prefix(gateway, 32), protocol: 'dhcp', scope: 'link', prefSrc: ip(spec.ip), priority: 100, nexthops: [{ dev: NIC }] }, 'add'));
}

function configureHypervisor(kernel: Kernel, topology: Spec): void {
  const { segment, hypervisor } = topology;
  configureLinks(kernel, segment.name, hypervisor, topology);
  done(kernel.netlink.newAddress({ dev: segment.name, address: ip(hypervisor.ip), prefixLength: cidr(segment.cidr).length }));
  done(kernel.sysctl.set('net.ipv4.ip_forward', '1'));
}

export function buildK3sThreeNodes(world: World, topology: Spec, nowMillis: number): BuiltTopology {
  // virtio and the host's bridge: some tens of microseconds from guest to guest.
  const segment = new Segment(world, topology.segment.name, micros(50));
  const vm = (spec: MachineSpec, role: BuiltMachine['role'], roleText: string): BuiltMachine => {
    const machine = new Machine(world, spec.name);
    machine.addNic(machine.init, { name: NIC, mac: must(parseMac(spec.mac), 'MAC'), ifindex: 2 }, segment);
    return {
      machine, role, roleText, user: 'ubuntu', kubeconfig: role === 'server', files: { ...resolverFiles(topology.domain, topology.hypervisor.ip), '/var/log/lastlog': `${nowMillis - DEPLOYED} ${topology.hypervisor.ip}\n` },
      configure: (kernel) => configureVm(kernel, spec, topology), daemons: stubResolver,
    };
  };
  const vms = [
    ...topology.nodes.map((n) => vm(n, n.role, n.role === 'server' ? 'control plane' : 'worker')),
    ...topology.external.map((e) => vm(e, 'external', 'outside the cluster')),
  ];
  const host = new Machine(world, topology.hypervisor.name);
  host.addNic(host.init, { name: topology.segment.name, mac: must(parseMac(topology.hypervisor.mac), 'MAC') }, segment);
  const hypervisor: BuiltMachine = {
    machine: host, role: 'hypervisor', roleText: 'hypervisor and gateway', user: 'root', kubeconfig: false, commands: () => HYPERVISOR_COMMANDS,
    files: {
      ...leases([...topology.nodes, ...topology.external], nowMillis),
      [INSTANCES]: instancesFile([...topology.nodes, ...topology.external], 'ubuntu', '22.04 LTS'),
      '/etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${topology.hypervisor.name}\n${Object.entries(topology.hypervisor.hosts).map(([a, n]) => `${a} ${n}\n`).join('')}`,
    },
    configure: (kernel) => configureHypervisor(kernel, topology), daemons: multipassDns(topology.domain, topology.hypervisor.ip),
  };
  return {
    machines: [...vms, hypervisor],
    nodes: topology.nodes.map((n) => ({ name: n.name, roles: n.role === 'server' ? ['control-plane', 'master'] : [], internalIp: n.ip, podCidr: n.podCidr })),
    segments: [
      { id: topology.segment.name, label: topology.segment.label, cidr: topology.segment.cidr },
      { id: `${topology.segment.name}.${topology.vlan.id}`, label: topology.vlan.label, cidr: topology.vlan.cidr }],
    segmentOf: () => topology.segment.name,
    domain: topology.domain, upstreamDns: topology.hypervisor.ip,
  };
}
