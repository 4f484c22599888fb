/** Files that k3s and the kubelet keep. Models: kubelet ensureHostsFile, pkg/kubelet/network/dns (v1.29), Ubuntu 22.04's systemd-resolved. */
import { assert } from '../../base/assert.ts';
import type { FileSystem } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';

/** Writes a file, making the folders above it. */
export function putFile(fs: FileSystem, path: string, text: string): void {
  const parts = path.split('/').slice(1, -1);
  for (let i = 1; i <= parts.length; i++) {
    const folder = `/${parts.slice(0, i).join('/')}`;
    if (fs.kind(folder) === undefined) fs.mkdir(folder);
  }
  assert(fs.write(path, text).ok, `cannot write ${path}`);
}

export function removeTree(fs: FileSystem, path: string): void {
  if (fs.kind(path) === 'directory') {
    const names = fs.list(path);
    if (names.ok) for (const name of names.value) removeTree(fs, `${path}/${name}`);
  }
  fs.remove(path);
}

const STUB = `# This is /run/systemd/resolve/stub-resolv.conf managed by man:systemd-resolved(8).
# Do not edit.
#
# This file might be symlinked as /etc/resolv.conf. If you're looking at
# /etc/resolv.conf and seeing this text, you have followed the symlink.
#
# This is a dynamic resolv.conf file for connecting local clients to the
# internal DNS stub resolver of systemd-resolved. This file lists all
# configured search domains.
#
# Run "resolvectl status" to see details about the uplink DNS servers
# currently in use.
#
# Third party programs should typically not access this file directly, but only
# through the symlink at /etc/resolv.conf. To manage man:resolv.conf(5) in a
# different way, replace this symlink by a static file or a different symlink.
#
# See man:systemd-resolved.service(8) for details about the supported modes of
# operation for /etc/resolv.conf.

`;

/** A VM's resolver files: the stub on 127.0.0.53, and what systemd-resolved learned from DHCP (`search .`: no domain). */
export function resolverFiles(domain: string, upstream: string): Readonly<Record<string, string>> {
  return {
    '/etc/resolv.conf': `${STUB}nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch ${domain === '' ? '.' : domain}\n`,
    '/run/systemd/resolve/stub-resolv.conf': `${STUB}nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch ${domain === '' ? '.' : domain}\n`,
    '/run/systemd/resolve/resolv.conf': `# This is /run/systemd/resolve/resolv.conf managed by man:systemd-resolved(8).\n# Do not edit.\n\nnameserver ${upstream}\nsearch ${domain === '' ? '.' : domain}\n`,
  };
}

export interface Resolv {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export function parseResolv(text: string): Resolv {
  const nameservers: string[] = [];
  let search: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) nameservers.push(rest[0]);
    else if (word === 'search' || word === 'domain') search = rest.map((d) => d.replace(/\.$/, ''));
    else if (word === 'options') options = rest;
  }
  return { nameservers, search, options };
}

export const formatResolv = (r: Resolv): string =>
  `${r.search.length > 0 ? `search ${r.search.join(' ')}\n` : ''}${r.nameservers.map((n) => `nameserver ${n}\n`).join('')}${r.options.length > 0 ? `options ${r.options.join(' ')}\n` : ''}`;

export interface DnsSettings {
  readonly clusterDns: string;
  readonly clusterDomain: string;
}

/** A pod's /etc/resolv.conf. k3s gives the kubelet /run/systemd/resolve/resolv.conf as the node's. */
export function podResolv(pod: Pod, node: Resolv, dns: DnsSettings): Resolv {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  const cluster: Resolv = {
    nameservers: [dns.clusterDns], options: ['ndots:5'],
    search: [`${pod.metadata.namespace}.svc.${dns.clusterDomain}`, `svc.${dns.clusterDomain}`, dns.clusterDomain, ...node.search],
  };
  const none: Resolv = { nameservers: [], search: [], options: [] };
  const wantsCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && pod.spec.hostNetwork !== true);
  const base = policy === 'None' ? none : wantsCluster ? cluster : { ...node, options: [] };
  const extra = pod.spec.dnsConfig;
  if (extra === undefined) return base;
  const options = (extra.options ?? []).map((o) => (o.value === undefined ? o.name : `${o.name}:${o.value}`));
  const named = new Set(options.map((o) => o.split(':')[0]));
  return {
    nameservers: [...new Set([...base.nameservers, ...(extra.nameservers ?? [])])], search: [...new Set([...base.search, ...(extra.searches ?? [])])],
    options: [...base.options.filter((o) => !named.has(o.split(':')[0])), ...options],
  };
}

export function podHosts(pod: Pod, ip: string, hostname: string): string {
  const aliases = (pod.spec.hostAliases ?? []).map((a) => `${a.ip}\t${(a.hostnames ?? []).join('\t')}\n`).join('');
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${ip}\t${hostname}\n${aliases === '' ? '' : `\n# Entries added by HostAliases.\n${aliases}`}`;
}

export const kubeletDir = (uid: string): string => `/var/lib/kubelet/pods/${uid}`;
export const sandboxDir = (id: string): string => `/var/lib/rancher/k3s/agent/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}`;

export const CNI_CONF = `{
  "name":"cbr0",
  "cniVersion":"1.0.0",
  "plugins":[
    {
      "type":"flannel",
      "delegate":{
        "hairpinMode":true,
        "forceAddress":true,
        "isDefaultGateway":true
      }
    },
    {
      "type":"portmap",
      "capabilities":{
        "portMappings":true
      }
    }
  ]
}
`;
