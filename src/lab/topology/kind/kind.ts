/**
 * A kind cluster on podman, as in seed 003: node containers on a bridge of the workstation. Only podman is modelled as kind's provider.
 * Addresses are podman's: its first network of its own is 10.89.0.0/24 (10.88.0.0/16 is the default network's) on bridge podman1, the bridge has
 * .1, containers get .2, .3 ... in the order in which they start; resolv.conf names the bridge (aardvark-dns) and the domain dns.podman, which the
 * seed's pods show. Each node is a machine of the lab: its kernel state is its own, as a container's network namespace has it.
 * Not modelled: podman's veth pairs on the bridge (the segment stands for bridge and cables), the default network, rootless podman, the provider docker.
 */
import * as v from 'valibot';
import { must } from '../../../base/assert.ts';
import type { Prng } from '../../../base/prng.ts';
import { hex, randomMac } from '../../../cluster/api/names.ts';
import { Machine } from '../../../engine/kernel/machine.ts';
import { Segment } from '../../../engine/kernel/segment.ts';
import type { World } from '../../../engine/kernel/world.ts';
import { micros } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { ANY, formatIpv4, formatMac, ipv4, mac, prefix } from '../../../engine/wire/addresses.ts';
import type { ContainerEngine, PublishedPort } from '../../../userland/commands/podman/engine.ts';
import { CLUSTER_LABEL, kindTool } from '../../../userland/commands/podman/kind.ts';
import { podman } from '../../../userland/commands/podman/podman.ts';
import { dnsmasq, leaseLine } from '../../../userland/daemons/dnsd/dnsmasq.ts';
import type { Host } from '../../../userland/host.ts';
import { KIND_NODE, WSL_UBUNTU } from '../../../userland/system.ts';
import * as field from '../../scenario/fields.ts';
import { cidr, done, ip, type BuiltMachine, type BuiltTopology } from '../topology.ts';
import { publishPorts } from './netavark.ts';

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const PortMapping = v.strictObject({ containerPort: port, hostPort: port, listenAddress: v.optional(field.address, '0.0.0.0'), protocol: v.optional(v.picklist(['TCP', 'UDP', 'SCTP']), 'TCP') });

export const Kind = v.strictObject({
  preset: v.literal('kind'),
  runtime: v.literal('podman'),
  cluster: field.hostName,
  workstation: v.strictObject({ name: field.hostName, user: v.string() }),
  network: v.strictObject({ cidr: field.cidr }),
  /** As in kind's configuration; the first is the control plane. */
  nodes: v.pipe(v.array(v.strictObject({ role: v.picklist(['control-plane', 'worker']), extraPortMappings: v.optional(v.array(PortMapping), []) })), v.minLength(1),
    v.check((nodes) => nodes[0]?.role === 'control-plane' && nodes.filter((n) => n.role === 'control-plane').length === 1, 'the first node, and only it, is the control plane')),
  /** Seconds before the learner takes over at which the containers were made. */
  age: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 3600),
});

type Spec = v.InferOutput<typeof Kind>;

const NETWORK = 'kind';
const BRIDGE = 'podman1';
const DOMAIN = 'dns.podman';
const API_PORT = 6443;
/** What kind 0.22.0 takes for Kubernetes 1.29.2. */
const NODE_IMAGE = 'docker.io/kindest/node@sha256:51a1434a5397193442f0be2a297b488b6c919ce8a3931be0ce822606ea5ca245';
const AARDVARK = '/run/containers/networks/aardvark-dns/kind';

interface NodePlan {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly ip: string;
  readonly id: string;
  readonly ports: readonly PublishedPort[];
  readonly machine: Machine;
  readonly mac: string;
}

/** `c-control-plane`, `c-worker`, `c-worker2`. */
const nodeName = (spec: Spec, index: number): string => (index === 0 ? `${spec.cluster}-control-plane` : `${spec.cluster}-worker${index === 1 ? '' : index}`);

function configureNode(kernel: Kernel, own: string, gateway: string, length: number): void {
  done(kernel.netlink.setLink('lo', { up: true }));
  done(kernel.netlink.setLink('eth0', { up: true }));
  done(kernel.netlink.newAddress({ dev: 'eth0', address: ip(own), prefixLength: length, broadcast: ipv4(ip(own) | (2 ** (32 - length) - 1)) }));
  done(kernel.netlink.newRoute({ dst: prefix(ANY, 0), protocol: 'static', priority: 100, nexthops: [{ via: ip(gateway), dev: 'eth0' }] }, 'add'));
}

function planNodes(world: World, spec: Spec, segment: Segment, random: Prng): readonly NodePlan[] {
  const subnet = cidr(spec.network.cidr);
  return spec.nodes.map((node, i): NodePlan => {
    const name = nodeName(spec, i);
    const own = random.fork(name);
    const machine = new Machine(world, name);
    const address = mac(randomMac(own));
    machine.addNic(machine.init, { name: 'eth0', mac: address, ifindex: 2 }, segment);
    const api: PublishedPort = { hostIp: '127.0.0.1', hostPort: 32768 + own.below(28232), containerPort: API_PORT, protocol: 'tcp' };
    const extra = node.extraPortMappings.map((m): PublishedPort => ({ hostIp: m.listenAddress, hostPort: m.hostPort, containerPort: m.containerPort, protocol: m.protocol === 'TCP' ? 'tcp' : m.protocol === 'UDP' ? 'udp' : 'sctp' }));
    return { name, role: node.role, ip: formatIpv4(ipv4(subnet.address + 2 + i)), id: hex(own, 64), ports: node.role === 'control-plane' ? [...extra, api] : extra, machine, mac: formatMac(address) };
  });
}

export function buildKind(world: World, spec: Spec, nowMillis: number): BuiltTopology {
  const random = world.random.fork('kind');
  const subnet = cidr(spec.network.cidr);
  const gateway = formatIpv4(ipv4(subnet.address + 1));
  // A veth pair: a few microseconds.
  const segment = new Segment(world, BRIDGE, micros(10));
  const nodes = planNodes(world, spec, segment, random);
  const node = (n: NodePlan): BuiltMachine => ({
    machine: n.machine, role: n.role === 'control-plane' ? 'server' : 'agent', roleText: n.role === 'control-plane' ? 'control plane' : 'worker', user: 'root', kubeconfig: false,
    system: KIND_NODE, versions: { iptables: 'v1.8.9' }, env: n.role === 'control-plane' ? { KUBECONFIG: '/etc/kubernetes/admin.conf' } : {},
    files: {
      '/etc/resolv.conf': `search ${DOMAIN}\nnameserver ${gateway}\n`,
      '/etc/hosts': `127.0.0.1\tlocalhost localhost.localdomain localhost4 localhost4.localdomain4\n::1\tlocalhost localhost.localdomain localhost6 localhost6.localdomain6\n${gateway}\thost.containers.internal\n${n.ip}\t${n.name} ${n.name}\n`,
    },
    configure: (kernel) => configureNode(kernel, n.ip, gateway, subnet.length), daemons: () => undefined,
  });

  const host = new Machine(world, spec.workstation.name);
  host.addNic(host.init, { name: BRIDGE, mac: mac(randomMac(random.fork(BRIDGE))), ifindex: 3 }, segment);
  const createdMillis = nowMillis - spec.age * 1000;
  const network = { id: hex(random.fork('network'), 64), name: NETWORK, device: BRIDGE, subnet: spec.network.cidr, gateway, prefixLength: subnet.length };
  const engine = (machines: ReadonlyMap<string, Host>): ContainerEngine => ({
    network,
    containers: nodes.map((n) => ({
      id: n.id, name: n.name, image: NODE_IMAGE, host: must(machines.get(n.name), n.name), createdMillis, ports: n.ports, mac: n.mac, ip: n.ip,
      labels: { [CLUSTER_LABEL]: spec.cluster, 'io.x-k8s.kind.role': n.role }, env: { container: 'podman', ...(n.role === 'control-plane' ? { KUBECONFIG: '/etc/kubernetes/admin.conf' } : {}) },
    })),
  });
  const expires = Math.floor(nowMillis / 1000) + 86_400;
  const workstation: BuiltMachine = {
    machine: host, role: 'hypervisor', roleText: 'workstation with podman', user: spec.workstation.user, kubeconfig: true, system: WSL_UBUNTU,
    files: { [AARDVARK]: nodes.map((n) => leaseLine(expires, n.mac, n.ip, n.name)).join(''), '/etc/resolv.conf': '# This lab has no Internet.\n' },
    configure: (kernel) => {
      done(kernel.netlink.setLink('lo', { up: true }));
      done(kernel.netlink.setLink(BRIDGE, { up: true }));
      done(kernel.netlink.newAddress({ dev: BRIDGE, address: ip(gateway), prefixLength: subnet.length, broadcast: ipv4(subnet.address + 2 ** (32 - subnet.length) - 1) }));
      publishPorts(kernel, { name: NETWORK, subnet: spec.network.cidr, device: BRIDGE }, nodes.map((n) => ({ containerId: n.id, ip: n.ip, ports: n.ports })));
    },
    // aardvark-dns: names of containers with and without the domain, as dnsmasq has it; nothing else is known here.
    daemons: (on) => void on.kernel.spawn('aardvark-dns', (kernel) => dnsmasq(kernel, { fs: on.fs, leases: AARDVARK, domain: DOMAIN, listen: ip(gateway) })),
    commands: (machines) => [podman(engine(machines)), kindTool(engine(machines))],
  };
  return {
    machines: [...nodes.map(node), workstation],
    nodes: nodes.map((n) => ({ name: n.name, roles: n.role === 'control-plane' ? ['control-plane'] : [], internalIp: n.ip })),
    segments: [{ id: BRIDGE, label: `podman network "${NETWORK}"`, cidr: spec.network.cidr }],
    segmentOf: () => BRIDGE,
    domain: DOMAIN, upstreamDns: gateway,
    kubeconfig: { name: `kind-${spec.cluster}`, server: `https://127.0.0.1:${nodes[0]?.ports.at(-1)?.hostPort ?? API_PORT}` },
  };
}
