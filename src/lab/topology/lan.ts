/**
 * One flat LAN as in seed 002: a router that is gateway and DNS, computers of any make on its switch, the cluster's nodes
 * among them. Addresses are set as netplan and systemd-networkd 249 (Ubuntu 22.04) set what DHCP gives.
 * The router hands out no search domain: systemd-resolved then writes `search .`, and names of machines stand in /etc/hosts.
 * Not modelled: DHCP itself, Wi-Fi, the router's uplink (this lab has no Internet).
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
import { dnsmasq, leaseLine } from '../../userland/daemons/dnsd/dnsmasq.ts';
import type { Host } from '../../userland/host.ts';
import { RASPBERRY, type System } from '../../userland/system.ts';
import * as field from '../scenario/fields.ts';
import { stubResolver } from './name-service.ts';
import { cidr, done, ip, type BuiltMachine, type BuiltTopology } from './topology.ts';

/** `wifi`: MAC of a wlan0 that nobody switched on. */
const Computer = v.strictObject({ wifi: v.optional(field.mac), name: field.hostName, mac: field.mac, ip: field.address, nic: field.deviceName, user: v.string() });

export const Lan = v.strictObject({
  preset: v.literal('lan'),
  segment: v.strictObject({ name: v.string(), label: v.string(), cidr: field.cidr }),
  router: v.strictObject({ name: field.hostName, mac: field.mac, ip: field.address }),
  /** In the order of joining: the first /24 of the pods' addresses goes to the first node. */
  nodes: v.pipe(v.array(v.strictObject({ ...Computer.entries, roles: v.array(v.string()), arch: v.picklist(['amd64', 'arm64']), taints: v.optional(v.array(v.string()), []) })), v.minLength(1)),
  /** Not in the cluster. `kubeconfig`: kubectl there finds it. */
  others: v.array(v.strictObject({ ...Computer.entries, roleText: v.string(), kubeconfig: v.boolean() })),
});

/** Its user may log in at the nodes as theirs. */
const sshConfig = (spec: ComputerSpec, topology: Spec): Readonly<Record<string, string>> =>
  ({ [`/home/${spec.user}/.ssh/config`]: topology.nodes.map((n) => `Host ${n.name} ${n.ip}\n  User ${n.user}\n`).join('') });

type Spec = v.InferOutput<typeof Lan>;
type ComputerSpec = v.InferOutput<typeof Computer>;

/** Lease of a home router, seconds: one day. */
const LEASE = 86_400;
const ROUTER_NIC = 'br-lan';
const WIFI_NIC = 'wlan0';
const LEASES = '/tmp/dhcp.leases';

function configureComputer(kernel: Kernel, spec: ComputerSpec, topology: Spec): void {
  const gateway = ip(topology.router.ip);
  done(kernel.netlink.setLink('lo', { up: true }));
  done(kernel.netlink.setLink(spec.nic, { up: true }));
  done(kernel.netlink.newAddress({ dev: spec.nic, address: ip(spec.ip), prefixLength: cidr(topology.segment.cidr).length, metric: 100, validLifetime: LEASE }));
  done(kernel.netlink.newRoute({ dst: prefix(ANY, 0), protocol: 'dhcp', prefSrc: ip(spec.ip), priority: 100, nexthops: [{ via: gateway, dev: spec.nic }] }, 'add'));
  done(kernel.netlink.newRoute({ dst: prefix(gateway, 32), protocol: 'dhcp', scope: 'link', prefSrc: ip(spec.ip), priority: 100, nexthops: [{ dev: spec.nic }] }, 'add'));
}

function configureRouter(kernel: Kernel, topology: Spec): void {
  done(kernel.netlink.setLink('lo', { up: true }));
  done(kernel.netlink.setLink(ROUTER_NIC, { up: true }));
  done(kernel.netlink.newAddress({ dev: ROUTER_NIC, address: ip(topology.router.ip), prefixLength: cidr(topology.segment.cidr).length }));
  done(kernel.sysctl.set('net.ipv4.ip_forward', '1'));
}

export function buildLan(world: World, topology: Spec, nowMillis: number): BuiltTopology {
  // A home switch and a Raspberry Pi's network chip: about a tenth of a millisecond.
  const segment = new Segment(world, topology.segment.name, micros(100));
  const computers: readonly ComputerSpec[] = [...topology.nodes, ...topology.others];
  const hosts = (own: string): string => `127.0.0.1 localhost\n127.0.1.1 ${own}\n\n${computers.filter((c) => c.name !== own).map((c) => `${c.ip} ${c.name}\n`).join('')}`;
  const computer = (spec: ComputerSpec & { readonly arch?: System['arch'] }, rest: Pick<BuiltMachine, 'role' | 'roleText' | 'kubeconfig'>): BuiltMachine => {
    const machine = new Machine(world, spec.name, { ipv6: true });
    machine.addNic(machine.init, { name: spec.nic, mac: must(parseMac(spec.mac), 'MAC'), ifindex: 2 }, segment);
    if (spec.wifi !== undefined) machine.addNic(machine.init, { name: WIFI_NIC, mac: must(parseMac(spec.wifi), 'MAC'), ifindex: 3 }, new Segment(world, `${spec.name}-wifi`, micros(500)));
    return {
      machine, ...rest, ...(spec.arch === 'arm64' ? { system: RASPBERRY } : {}), versions: { iproute2: '5.15' }, user: spec.user, files: { ...resolverFiles('', topology.router.ip), '/etc/hosts': hosts(spec.name), ...(rest.role === 'external' ? sshConfig(spec, topology) : { '/proc/1/cmdline': '/sbin/init\0fixrtc\0splash\0', '/sys/devices/system/cpu/online': '0-3\n' }) },
      configure: (kernel) => configureComputer(kernel, spec, topology), daemons: stubResolver,
    };
  };
  const router = new Machine(world, topology.router.name);
  router.addNic(router.init, { name: ROUTER_NIC, mac: must(parseMac(topology.router.mac), 'MAC'), ifindex: 2 }, segment);
  const dns = (host: Host): void => void host.kernel.spawn('dnsmasq', (kernel) => dnsmasq(kernel, { fs: host.fs, leases: LEASES, domain: '', listen: ip(topology.router.ip) }));
  const expires = Math.floor(nowMillis / 1000) + LEASE;
  return {
    machines: [
      ...topology.nodes.map((n) => computer(n, n.roles.length > 0 ? { role: 'server', roleText: 'control plane', kubeconfig: true } : { role: 'agent', roleText: 'worker', kubeconfig: false }))
        .sort((a, b) => (a.machine.name < b.machine.name ? -1 : 1)),
      ...topology.others.map((o) => computer(o, { role: 'external', roleText: o.roleText, kubeconfig: o.kubeconfig })),
      {
        machine: router, role: 'hypervisor', roleText: 'router and DNS', user: 'root', kubeconfig: false,
        files: { [LEASES]: computers.map((c) => leaseLine(expires, c.mac, c.ip, c.name)).join('') }, configure: (kernel) => configureRouter(kernel, topology), daemons: dns,
      }],
    nodes: topology.nodes.map((n) => ({ name: n.name, roles: n.roles, internalIp: n.ip, taints: n.taints })),
    segments: [{ id: topology.segment.name, label: topology.segment.label, cidr: topology.segment.cidr }],
    segmentOf: (_machine, device) => (device === WIFI_NIC ? undefined : topology.segment.name),
    domain: '', upstreamDns: topology.router.ip,
  };
}
