/** The cluster of the fake lab: what the worker will say of scenarios/k3s-clusterip. Only for `vite --mode fake` and tests. */
import type { DeviceView, MachineView, NamespaceView, Topology } from '../../worker/protocol.ts';

const device = (ns: string, name: string, kind: DeviceView['kind'], mac: string, addresses: readonly string[], more: Partial<DeviceView> = {}): DeviceView => ({
  id: `${ns}#${name}`, name, kind, mac, addresses, mtu: kind === 'nic' || kind === 'vlan' ? 1500 : 1450, up: true, master: undefined, peer: undefined, lower: undefined, segment: undefined, ...more,
});

interface PodSpec { readonly name: string; readonly label: string; readonly ip: string; readonly mac: string; readonly veth: string; readonly ns: number; readonly kube: string; readonly app: string | undefined }

function node(name: string, role: MachineView['role'], roleText: string, address: string, ext: string, mac: string, n: number, ns: number, open: boolean, pods: readonly PodSpec[]): MachineView {
  const root = `${name}/`;
  const inner: NamespaceView[] = pods.map((p) => {
    const id = `${name}/cni-${p.ns}`;
    return { id, ns: p.ns, name: p.name, kind: 'pod', label: p.label, kubeNamespace: p.kube, app: p.app, since: -1, until: undefined,
      devices: [device(id, 'lo', 'loopback', '00:00:00:00:00:00', ['127.0.0.1/8']), device(id, 'eth0', 'veth', p.mac, [`${p.ip}/24`], { peer: `${root}#${p.veth}` })] };
  });
  const devices = [
    device(root, 'lo', 'loopback', '00:00:00:00:00:00', ['127.0.0.1/8']),
    device(root, 'ens3', 'nic', mac, [`${address}/24`], { segment: 'mpqemubr0' }),
    device(root, 'ens3.100', 'vlan', mac, [`${ext}/24`], { segment: 'vlan100', lower: `${root}#ens3` }),
    device(root, 'flannel.1', 'vxlan', `5e:a4:11:0${n}:9c:21`, [`10.42.${n}.0/32`], { lower: `${root}#ens3` }),
    device(root, 'cni0', 'bridge', n === 1 ? 'c6:1d:5f:d1:48:51' : `3e:07:f3:33:7f:d${n}`, [`10.42.${n}.1/24`]),
    ...pods.map((p) => device(root, p.veth, 'veth', `ee:10:${p.mac.slice(6)}`, [], { master: `${root}#cni0`, peer: `${name}/cni-${p.ns}#eth0` })),
  ];
  return { id: name, name, role, roleText, address, open, off: false, namespaces: [{ id: root, ns, name: '', kind: 'root', label: name, kubeNamespace: undefined, app: undefined, devices, since: -1, until: undefined }, ...inner] };
}

const plain = (name: string, role: MachineView['role'], roleText: string, ns: number, internal: string, external: string): MachineView => {
  const root = `${name}/`;
  return { id: name, name, role, roleText, address: role === 'external' ? external : internal, open: false, off: false, namespaces: [{ id: root, ns, name: '', kind: 'root', label: name, kubeNamespace: undefined, app: undefined, since: -1, until: undefined,
    devices: role === 'external'
      ? [device(root, 'ens3', 'nic', '52:54:00:12:34:04', [], { segment: 'mpqemubr0' }), device(root, 'ens3.100', 'vlan', '52:54:00:12:34:04', [`${external}/24`], { segment: 'vlan100' })]
      : [device(root, 'mpqemubr0', 'nic', '52:54:00:e4:50:da', [`${internal}/24`], { segment: 'mpqemubr0' }), device(root, 'mpqemubr0.100', 'vlan', '52:54:00:e4:50:da', [`${external}/24`], { segment: 'vlan100' })] }] };
};

export const topology: Topology = {
  machines: [
    plain('fiveg-host-24-node4', 'hypervisor', 'hypervisor', 9, '10.65.94.1', '10.123.123.254'),
    node('vm1', 'server', 'control plane', '10.65.94.238', '10.123.123.1', '52:54:00:e2:c3:ec', 0, 1, false, [
      { name: 'coredns-6799fbcd5-9ln42', label: 'coredns', ip: '10.42.0.2', mac: 'a2:11:0c:77:31:02', veth: 'veth06f7413c', ns: 11, kube: 'kube-system', app: 'coredns' },
      { name: 'nginx-deployment-7c79c4bf97-gk7cj', label: 'nginx-1', ip: '10.42.0.8', mac: '16:9b:6c:12:bd:34', veth: 'veth39f5a18d', ns: 12, kube: 'default', app: 'nginx' },
    ]),
    node('vm2', 'agent', 'worker', '10.65.94.199', '10.123.123.2', '52:54:00:c0:87:a0', 1, 2, true, [
      { name: 'test-pod', label: 'test-pod', ip: '10.42.1.4', mac: '82:58:68:26:58:6c', veth: 'veth9f2c7b10', ns: 21, kube: 'default', app: undefined },
      { name: 'nginx-deployment-7c79c4bf97-5j5bv', label: 'nginx-2', ip: '10.42.1.2', mac: '22:8b:81:64:8a:ea', veth: 'veth1ad1c0de', ns: 22, kube: 'default', app: 'nginx' },
    ]),
    node('vm3', 'agent', 'worker', '10.65.94.95', '10.123.123.3', '52:54:00:db:2b:ce', 2, 3, false, [
      { name: 'nginx-deployment-7c79c4bf97-4fdl4', label: 'nginx-3', ip: '10.42.2.2', mac: '7a:3e:91:0b:44:02', veth: 'veth77b0a1e2', ns: 31, kube: 'default', app: 'nginx' },
    ]),
    plain('vm-ext', 'external', 'outside the cluster', 4, '', '10.123.123.4'),
  ],
  segments: [{ id: 'mpqemubr0', label: 'mpqemubr0', cidr: '10.65.94.0/24' }, { id: 'vlan100', label: 'vlan 100', cidr: '10.123.123.0/24' }],
};
