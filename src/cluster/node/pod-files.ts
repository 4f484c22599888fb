/** /etc/hosts, resolv.conf and hostname of a pod, on its node. Models: kubelet ensureHostsFile, containerd's sandbox files. */
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Host } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';
import { formatResolv, kubeletDir, parseResolv, podHosts, podResolv, putFile, sandboxDir } from './files.ts';
import type { KubeletOptions } from './kubelet.ts';
import type { Sandbox } from './runtime.ts';

export const hostnameOf = (node: Host, pod: Pod): string => (pod.spec.hostNetwork === true ? node.hostname : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63));

export function writePodFiles({ host, resolvConf, dns }: KubeletOptions, pod: Pod, sandbox: Sandbox): void {
  const { fs } = host;
  const hostname = hostnameOf(host, pod);
  const resolved = fs.read(resolvConf);
  const node = parseResolv(resolved.ok ? resolved.value : '');
  const nodeHosts = fs.read('/etc/hosts');
  putFile(fs, `${kubeletDir(pod.metadata.uid)}/etc-hosts`, pod.spec.hostNetwork === true ? `# Kubernetes-managed hosts file (host network).\n${nodeHosts.ok ? nodeHosts.value : ''}` : podHosts(pod, formatIpv4(sandbox.ip), hostname));
  putFile(fs, `${sandboxDir(sandbox.id)}/resolv.conf`, formatResolv(podResolv(pod, node, dns)));
  putFile(fs, `${sandboxDir(sandbox.id)}/hostname`, `${hostname}\n`);
}
