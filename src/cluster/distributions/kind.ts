/**
 * kind: kubeadm on containers that act as machines. kube-proxy and kindnet are DaemonSets, the control plane static pods.
 * Read first: kind.sigs.k8s.io/docs/design/node-image.
 * Models: kind 0.22.0 (kindest/node:v1.29.2, Debian 12, containerd 1.7.13), kubeadm 1.29 phases addon, kubeconfig, mark-control-plane.
 * Not modelled: local-path-storage; certificates; a control plane of several nodes; the programs of kube-proxy's and kindnet's pods (their
 * containers only live): the node's agents work while these pods run.
 */
import { ANY } from '../../engine/wire/addresses.ts';
import { kubeadmCoredns } from '../addons/coredns/kubeadm-manifest.ts';
import { Kindnet } from '../addons/kindnet/kindnet.ts';
import { kindnetManifest } from '../addons/kindnet/manifest.ts';
import { kubeProxyManifest } from '../addons/kube-proxy/manifest.ts';
import { KINDNET_CNI } from '../node/cni-ptp.ts';
import { followPod } from './daemon-agents.ts';
import type { Distribution, Starting } from './distribution.ts';
import { makeStaticPods } from './static-pods.ts';

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
/** kind waits for the control plane's node to be ready before it joins the workers, seconds. */
const JOIN_AFTER = 15;

function start({ plane, member, networks, version, kubelet, proxy, anotherProxy }: Starting): void {
  const { kernel, fs } = member.host;
  // The entrypoint of the node image and the kubelet's --make-iptables-util-chains; br_netfilter is the workstation's module.
  for (const key of ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding', 'net.ipv4.conf.default.forwarding']) kernel.sysctl.set(key, '1');
  kubelet.prepareIptables();
  kubelet.start();
  if (member.roles.length > 0) makeStaticPods(plane, member, version);
  followPod(plane, member.name, ['k8s-app', 'kube-proxy'], proxy, anotherProxy);
  const kindnet = (): Kindnet => new Kindnet(plane, kernel, fs, { node: member.name, clusterCidr: networks.podCidr });
  followPod(plane, member.name, ['k8s-app', 'kindnet'], kindnet(), kindnet);
}

export const kind: Distribution = {
  cni: KINDNET_CNI,
  storage: 'etcd',
  resolvConf: '/etc/resolv.conf',
  adminConfig: '/etc/kubernetes/admin.conf',
  workersJoinAfter: JOIN_AFTER,
  keepsNodeHosts: false,
  proxy: () => ({ process: 'kube-proxy', healthzBind: ANY }),
  api: { process: 'kube-apiserver', ports: [] },
  agent: () => ({ process: 'kubelet', ports: [] }),
  tunnel: false,
  register: ({ name, roles }, members) => ({
    labels: roles.length === 0 ? {} : { [CONTROL_PLANE]: '', ...(members.length === 1 ? {} : { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }) },
    annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock', 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    // kubeadm marks the control plane; kind takes the taint away when there is no other node.
    taints: roles.length === 0 || members.length === 1 ? [] : [`${CONTROL_PLANE}:NoSchedule`],
    providerId: `kind://podman/${clusterName(members[0]?.name ?? '')}/${name}`,
    readyMessage: 'kubelet is posting ready status',
    containerRuntimeVersion: 'containerd://1.7.13',
  }),
  start,
  manifests: ({ clusterDns, clusterDomain, podCidr }, version) => [
    { path: undefined, name: 'coredns', text: kubeadmCoredns(clusterDns, clusterDomain) },
    { path: undefined, name: 'kube-proxy', text: kubeProxyManifest(podCidr, version) },
    { path: '/kind/manifests/default-cni.yaml', name: 'kindnet', text: kindnetManifest(podCidr) },
  ],
};

/** kind names the first node after the cluster. */
export const clusterName = (firstNode: string): string => firstNode.replace(/-control-plane$/, '');

