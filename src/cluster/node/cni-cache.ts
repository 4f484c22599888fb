/**
 * What CNI leaves on the node's disk for the later DEL: libcni's cache of results, and the flannel plugin's delegate.
 * Models: containernetworking/cni 1.1 libcni/api.go (cniCacheV1), flannel cni-plugin (saveScratchNetConf), containerd's capability arguments.
 */
import { must } from '../../base/assert.ts';
import { toBase64 } from '../../base/base64.ts';
import { formatIpv4, formatMac, formatPrefix, prefix } from '../../engine/wire/addresses.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import type { FileSystem } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';
import { rfc3339 } from '../plane.ts';
import { BRIDGE, type CniNode, type CniResult } from './cni.ts';
import { CNI_CONF, putFile, type Resolv } from './files.ts';

const resultPath = (id: string): string => `/var/lib/cni/results/cbr0-${id}-eth0`;
const loopbackPath = (id: string): string => `/var/lib/cni/results/cni-loopback-${id}-lo`;
const flannelPath = (id: string): string => `/var/lib/cni/flannel/${id}`;

const LOOPBACK_CONF = '{"cniVersion":"0.3.1","name":"cni-loopback","plugins":[{"type":"loopback"}]}';

export interface CacheEntry {
  readonly pod: Pod;
  readonly id: string;
  readonly netns: string;
  readonly result: CniResult;
  readonly resolv: Resolv;
  readonly wallMillis: number;
}

export function rememberCni(node: CniNode, { pod, id, netns, result, resolv, wallMillis }: CacheEntry): void {
  const { fs, kernel } = node;
  const mac = (device: string): string => formatMac(must(kernel.netlink.link(device), device).mac);
  const sandbox = `/var/run/netns/${netns}`;
  const { namespace, name, uid } = pod.metadata;
  const args = [['IgnoreUnknown', '1'], ['K8S_POD_NAMESPACE', namespace], ['K8S_POD_NAME', name], ['K8S_POD_INFRA_CONTAINER_ID', id], ['K8S_POD_UID', uid]];
  const capabilityArgs = {
    dns: { Servers: resolv.nameservers, Searches: resolv.search, Options: resolv.options },
    'io.kubernetes.cri.pod-annotations': { 'kubernetes.io/config.seen': rfc3339(wallMillis), 'kubernetes.io/config.source': 'api' },
  };
  putFile(fs, resultPath(id), JSON.stringify({
    kind: 'cniCacheV1', containerId: id, config: toBase64(utf8(CNI_CONF)), ifName: 'eth0', networkName: 'cbr0', cniArgs: args, capabilityArgs,
    result: {
      cniVersion: '1.0.0', dns: {},
      interfaces: [{ mac: mac(BRIDGE), name: BRIDGE }, { mac: mac(result.hostVeth), name: result.hostVeth }, { mac: formatMac(must(result.kernel.netlink.link('eth0'), 'eth0').mac), name: 'eth0', sandbox }],
      ips: [{ address: `${formatIpv4(result.ip)}/${result.subnet.length}`, gateway: formatIpv4(result.gateway), interface: 2 }],
      routes: [{ dst: formatPrefix(node.cluster) }, { dst: '0.0.0.0/0', gw: formatIpv4(result.gateway) }],
    },
  }));
  putFile(fs, loopbackPath(id), JSON.stringify({
    kind: 'cniCacheV1', containerId: id, config: toBase64(utf8(LOOPBACK_CONF)), ifName: 'lo', networkName: 'cni-loopback', cniArgs: args, capabilityArgs,
    result: { cniVersion: '0.3.1', dns: {}, interfaces: [{ mac: '00:00:00:00:00:00', name: 'lo', sandbox }], ips: [{ address: '127.0.0.1/8', interface: 0, version: '4' }] },
  }));
  putFile(fs, flannelPath(id), JSON.stringify({
    cniVersion: '1.0.0', forceAddress: true, hairpinMode: true, ipMasq: false,
    ipam: { ranges: [[{ subnet: formatPrefix(prefix(result.subnet.address, result.subnet.length)) }]], routes: [{ dst: formatPrefix(node.cluster) }], type: 'host-local' },
    isDefaultGateway: true, isGateway: true, mtu: kernel.netlink.link(BRIDGE)?.mtu ?? 1450, name: 'cbr0', type: 'bridge',
  }));
}

export function forgetCni(fs: FileSystem, id: string): void {
  for (const path of [resultPath(id), loopbackPath(id), flannelPath(id)]) if (fs.kind(path) !== undefined) fs.remove(path);
}
