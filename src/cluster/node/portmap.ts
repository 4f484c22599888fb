/**
 * hostPort rules.
 * Read first: facts section 4.5. Models: containernetworking/plugins 1.4.0 plugins/meta/portmap (iptables back end).
 * Not modelled: hostIP, more than 15 ports of one protocol, IPv6.
 */
import { sha512Hex } from '../../base/hash.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Netfilter } from '../../engine/uapi/netfilter.ts';
import { formatIpv4, formatPrefix, type Ipv4, type Prefix } from '../../engine/wire/addresses.ts';
import type { Pod } from '../api/kinds.ts';
import { ensureChain, ensureRule } from '../addons/kube-proxy/jumps.ts';

interface Mapping {
  readonly protocol: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** What a conflist's name and the device in front of a pod are to portmap. */
export interface PortmapNetwork {
  readonly network: string;
  /** Gets route_localnet, so that 127.0.0.1 reaches the pod. */
  readonly device: string;
}

export const dnatChain = (network: string, containerId: string): string => `CNI-DN-${sha512Hex(network + containerId)}`.slice(0, 28);

export const mappings = (pod: Pod): readonly Mapping[] => pod.spec.containers.flatMap((c) => (c.ports ?? []).flatMap((p) =>
  ((p.hostPort ?? 0) === 0 ? [] : [{ protocol: p.protocol.toLowerCase(), hostPort: p.hostPort ?? 0, containerPort: p.containerPort }])));

const entryRule = (network: string, id: string, protocol: string, ports: readonly Mapping[]): readonly string[] =>
  ['-p', protocol, '-m', 'comment', '--comment', `dnat name: "${network}" id: "${id}"`.slice(0, 255), '-m', 'multiport', '--dports', ports.map((p) => p.hostPort).join(','), '-j', dnatChain(network, id)];

const groups = (pod: Pod): readonly (readonly [string, readonly Mapping[]])[] =>
  ['sctp', 'tcp', 'udp'].map((protocol) => [protocol, mappings(pod).filter((m) => m.protocol === protocol)] as const).filter(([, list]) => list.length > 0);

/** A refusal's text, or undefined. */
export function addHostPorts(kernel: Kernel, pod: Pod, id: string, ip: Ipv4, subnet: Prefix, at: PortmapNetwork): string | undefined {
  if (mappings(pod).length === 0) return undefined;
  const { netfilter } = kernel;
  const masq = ['-m', 'comment', '--comment', 'CNI portfwd requiring masquerade', '-j', 'CNI-HOSTPORT-MASQ'];
  for (const chain of ['CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-DNAT', dnatChain(at.network, id)]) ensureChain(netfilter, 'nat', chain);
  ensureRule(netfilter, 'append', 'nat', 'CNI-HOSTPORT-SETMARK', ['-m', 'comment', '--comment', 'CNI portfwd masquerade mark', '-j', 'MARK', '--set-xmark', '0x2000/0x2000']);
  ensureRule(netfilter, 'append', 'nat', 'CNI-HOSTPORT-MASQ', ['-m', 'mark', '--mark', '0x2000/0x2000', '-j', 'MASQUERADE']);
  ensureRule(netfilter, 'prepend', 'nat', 'POSTROUTING', masq);
  for (const from of ['PREROUTING', 'OUTPUT']) ensureRule(netfilter, 'append', 'nat', from, ['-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'CNI-HOSTPORT-DNAT']);
  kernel.sysctl.set(`net/ipv4/conf/${at.device}/route_localnet`, '1');
  return write(netfilter, pod, id, ip, subnet, at.network);
}

function write(netfilter: Netfilter, pod: Pod, id: string, ip: Ipv4, subnet: Prefix, network: string): string | undefined {
  const chain = dnatChain(network, id);
  for (const [protocol, list] of groups(pod)) {
    const entry = ensureRule(netfilter, 'append', 'nat', 'CNI-HOSTPORT-DNAT', entryRule(network, id, protocol, list));
    if (!entry.ok) return entry.error.message;
    for (const m of list) {
      const port = ['-p', protocol, '-m', protocol, '--dport', String(m.hostPort)];
      ensureRule(netfilter, 'append', 'nat', chain, ['-s', formatPrefix(subnet), ...port, '-j', 'CNI-HOSTPORT-SETMARK']);
      ensureRule(netfilter, 'append', 'nat', chain, ['-s', '127.0.0.1/32', ...port, '-j', 'CNI-HOSTPORT-SETMARK']);
      const dnat = ensureRule(netfilter, 'append', 'nat', chain, [...port, '-j', 'DNAT', '--to-destination', `${formatIpv4(ip)}:${m.containerPort}`]);
      if (!dnat.ok) return dnat.error.message;
    }
  }
  return undefined;
}

export function deleteHostPorts(kernel: Kernel, pod: Pod, id: string, network: string): void {
  if (mappings(pod).length === 0) return;
  const { netfilter } = kernel;
  for (const [protocol, list] of groups(pod)) netfilter.command({ op: 'delete', table: 'nat', chain: 'CNI-HOSTPORT-DNAT', spec: entryRule(network, id, protocol, list) });
  netfilter.command({ op: 'flush', table: 'nat', chain: dnatChain(network, id) });
  netfilter.command({ op: 'delete-chain', table: 'nat', chain: dnatChain(network, id) });
}
