/**
 * k3s: server and agents as one process each, flannel inside, a network policy controller, packaged manifests.
 * Models: k3s 1.29 pkg/agent, pkg/server, pkg/node/controller.go; the installer's Ubuntu 22.04 nodes.
 */
import { CorednsAddon } from '../addons/coredns/addon.ts';
import { packagedManifests } from '../addons/k3s-packaged/manifests.ts';
import { ServiceLb } from '../addons/k3s-packaged/servicelb.ts';
import { Flannel } from '../addons/flannel/flannel.ts';
import { NetworkPolicyController } from '../addons/netpol/netpol.ts';
import { K3S_CONFIG } from '../kubectl/kubeconfig.ts';
import { FLANNEL_CNI } from '../node/cni.ts';
import { CNI_CONF, putFile, resolverFiles } from '../node/files.ts';
import { minorOf } from '../version.ts';
import type { Distribution, Starting } from './distribution.ts';
import { k3sBin, k3sParts } from './k3s-parts.ts';

const SERVER = 'k3s-server';
const AGENT = 'k3s-agent';

function start({ plane, member, networks, version, kubelet, proxy }: Starting): void {
  const { kernel, fs } = member.host;
  for (const [path, text] of Object.entries(resolverFiles(networks.hostDomain, networks.upstreamDns))) putFile(fs, path, text);
  for (const key of ['net.ipv4.conf.all.forwarding', 'net.ipv4.conf.default.forwarding', 'net.ipv4.ip_forward', 'net.bridge.bridge-nf-call-iptables']) kernel.sysctl.set(key, '1');
  putFile(fs, '/var/lib/rancher/k3s/agent/etc/cni/net.d/10-flannel.conflist', CNI_CONF);
  for (const name of ['flannel', 'k3s', 'containerd', 'runc']) putFile(fs, `${k3sBin(version)}/${name}`, '');
  kubelet.prepareIptables();
  new Flannel(plane, kernel, fs, { node: member.name, internalIp: member.internalIp, clusterCidr: networks.podCidr, keepsMac: minorOf(version) >= 29 }).start();
  proxy.start();
  kubelet.start();
  new NetworkPolicyController(plane, kernel, member.name, networks.serviceCidr).start();
}

export const k3s: Distribution = {
  cni: FLANNEL_CNI,
  storage: 'kine',
  resolvConf: '/run/systemd/resolve/resolv.conf',
  adminConfig: K3S_CONFIG,
  workersJoinAfter: 0,
  keepsNodeHosts: true,
  proxy: (server) => ({ process: server ? SERVER : AGENT }),
  // The API server behind the supervisor's port, controller manager, cloud controller, scheduler.
  api: { process: SERVER, ports: [6444, 10257, 10258, 10259] },
  // containerd's streaming port (pkg/agent/templates); an agent's load balancer before the API server.
  agent: (server) => (server ? { process: SERVER, ports: [10010] } : { process: AGENT, ports: [10010, 6444] }),
  tunnel: true,
  register: ({ name, roles, internalIp }, _members, version) => ({
    labels: {
      'beta.kubernetes.io/instance-type': 'k3s', 'node.kubernetes.io/instance-type': 'k3s',
      ...Object.fromEntries(roles.map((role) => [`node-role.kubernetes.io/${role}`, 'true'])),
    },
    annotations: { 'k3s.io/hostname': name, 'k3s.io/internal-ip': internalIp, 'k3s.io/node-args': roles.length > 0 ? '["server"]' : '["agent"]' },
    taints: [],
    providerId: `k3s://${name}`,
    readyMessage: 'kubelet is posting ready status. AppArmor enabled',
    containerRuntimeVersion: `containerd://${k3sParts(version).containerd}`,
  }),
  start,
  controllers: (plane, { components }, version) => {
    if (components.includes('servicelb')) new ServiceLb(plane, version);
  },
  manifests: ({ clusterDns, clusterDomain, components }, version) => {
    const { path, text } = new CorednsAddon(clusterDns, clusterDomain);
    return [{ path, name: path, text }, ...packagedManifests(components, version)];
  },
};
