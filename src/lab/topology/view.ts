import { formatIpv4, formatMac } from '../../engine/wire/addresses.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { DeviceView, MachineView, NamespaceView, Topology } from '../../worker/protocol.ts';
import type { Lab } from '../lab.ts';
import { devicePlace, namespacePlace } from '../timeline/places.ts';
import type { BuiltTopology } from './topology.ts';

function devices(kernel: Kernel, segmentOf: BuiltTopology['segmentOf']): readonly DeviceView[] {
  const at = { machine: kernel.machine, netns: kernel.netns };
  const addresses = kernel.netlink.addresses();
  return kernel.netlink.links().map((link): DeviceView => ({
    id: devicePlace(at, link.name), name: link.name, kind: link.kind,
    addresses: addresses.filter((a) => a.dev === link.name).map((a) => `${formatIpv4(a.address)}/${a.prefixLength}`),
    mac: formatMac(link.mac), mtu: link.mtu, up: link.up,
    master: link.master === undefined ? undefined : devicePlace(at, link.master),
    peer: link.kind === 'veth' && link.link !== undefined ? devicePlace({ machine: at.machine, netns: link.link.netns ?? at.netns }, link.link.name) : undefined,
    lower: link.kind !== 'veth' && link.link !== undefined ? devicePlace(at, link.link.name) : undefined,
    segment: link.kind === 'nic' ? segmentOf(at.machine, link.name) : undefined,
  }));
}

/** Machines, namespaces and devices as they are now. */
export function topologyView(lab: Lab): Topology {
  const { topology } = lab;
  const machines = topology.machines.map(({ machine, role, roleText }): MachineView => {
    const { name } = machine;
    const root = machine.handle();
    const namespaces = ['', ...root.netnsList()].flatMap((netns): NamespaceView[] => {
      const kernel = netns === '' ? { ok: true as const, value: root } : root.inNetns(netns);
      if (!kernel.ok) return [];
      const pod = lab.cluster?.podOf(name, netns)?.metadata;
      return [{
        id: namespacePlace({ machine: name, netns }), ns: kernel.value.nsId, name: pod?.name ?? netns,
        kind: netns === '' ? 'root' : pod === undefined ? 'netns' : 'pod', label: pod?.name ?? (netns === '' ? name : netns),
        kubeNamespace: pod?.namespace, app: pod?.labels?.['app'] ?? pod?.labels?.['k8s-app'], devices: devices(kernel.value, topology.segmentOf), since: 0, until: undefined }];
    });
    const nic = root.netlink.links().find((l) => l.kind === 'nic');
    const address = root.netlink.addresses().find((a) => a.dev === nic?.name);
    return { id: name, name, role, roleText, address: address === undefined ? '' : formatIpv4(address.address), namespaces, open: lab.scenario.open.includes(name), off: !root.power.on };
  });
  return { machines, segments: topology.segments };
}
