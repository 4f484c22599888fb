import { formatIpv4, formatMac } from '../../engine/wire/addresses.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { DeviceView, MachineView, NamespaceView, SegmentView, Topology } from '../../worker/protocol.ts';
import type { Lab } from '../lab.ts';
import { devicePlace, namespacePlace } from '../timeline/places.ts';

function devices(kernel: Kernel, segment: string): readonly DeviceView[] {
  const at = { machine: kernel.machine, netns: kernel.netns };
  const addresses = kernel.netlink.addresses();
  return kernel.netlink.links().map((link): DeviceView => ({
    id: devicePlace(at, link.name), name: link.name, kind: link.kind,
    addresses: addresses.filter((a) => a.dev === link.name).map((a) => `${formatIpv4(a.address)}/${a.prefixLength}`),
    mac: formatMac(link.mac), mtu: link.mtu, up: link.up,
    master: link.master === undefined ? undefined : devicePlace(at, link.master),
    peer: link.kind === 'veth' && link.link !== undefined ? devicePlace({ machine: at.machine, netns: link.link.netns ?? at.netns }, link.link.name) : undefined,
    lower: link.kind !== 'veth' && link.link !== undefined ? devicePlace(at, link.link.name) : undefined,
    segment: link.kind === 'nic' ? segment : undefined,
  }));
}

/** Machines, namespaces and devices as they are now. */
export function topologyView(lab: Lab): Topology {
  const spec = lab.scenario.topology;
  const roles = new Map<string, MachineView['role']>([
    ...spec.nodes.map((n) => [n.name, n.role] as const), ...spec.external.map((n) => [n.name, 'external'] as const), [spec.hypervisor.name, 'hypervisor'] as const]);
  const roleText = { server: 'control plane', agent: 'worker', external: 'outside the cluster', hypervisor: 'hypervisor and gateway' } as const;
  const machines = [...lab.machines.values()].map((host): MachineView => {
    const role = roles.get(host.name) ?? 'external';
    const root = host.kernel;
    const namespaces = ['', ...root.netnsList()].flatMap((netns): NamespaceView[] => {
      const kernel = netns === '' ? { ok: true as const, value: root } : root.inNetns(netns);
      if (!kernel.ok) return [];
      const pod = lab.cluster?.podOf(host.name, netns)?.metadata;
      return [{
        id: namespacePlace({ machine: host.name, netns }), ns: kernel.value.nsId, name: pod?.name ?? netns,
        kind: netns === '' ? 'root' : pod === undefined ? 'netns' : 'pod', label: pod?.name ?? (netns === '' ? host.name : netns),
        kubeNamespace: pod?.namespace, app: pod?.labels?.['app'] ?? pod?.labels?.['k8s-app'], devices: devices(kernel.value, spec.segment.name), since: 0, until: undefined }];
    });
    const nic = root.netlink.links().find((l) => l.kind === 'nic');
    const address = root.netlink.addresses().find((a) => a.dev === nic?.name);
    return { id: host.name, name: host.name, role, roleText: roleText[role], address: address === undefined ? '' : formatIpv4(address.address), namespaces, open: lab.scenario.open.includes(host.name) };
  });
  const segments: readonly SegmentView[] = [
    { id: spec.segment.name, label: spec.segment.label, cidr: spec.segment.cidr },
    { id: `${spec.segment.name}.${spec.vlan.id}`, label: spec.vlan.label, cidr: spec.vlan.cidr }];
  return { machines, segments };
}
