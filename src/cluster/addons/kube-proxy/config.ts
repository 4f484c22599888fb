/** What one node's kube-proxy was started with. Models: KubeProxyConfiguration, pkg/proxy/util/{localdetector,nodeport_addresses}.go. */
import { must } from '../../../base/assert.ts';
import { contains, parseCidr, parseIpv4, prefix } from '../../../engine/wire/addresses.ts';
import { behaviourOf, type Behaviour } from './versions.ts';

/** How packets of local pods are told: words of a match. */
export interface Detector {
  readonly local: string;
  readonly notLocal: string;
  /** Packets to pods. */
  readonly toLocal: string | undefined;
}

export const detectCidr = (cidr: string): Detector => ({ local: `-s ${cidr}`, notLocal: `! -s ${cidr}`, toLocal: `-d ${cidr}` });
export const detectInterface = (name: string): Detector => ({ local: `-i ${name}`, notLocal: `! -i ${name}`, toLocal: undefined });

export interface ProxyConfig {
  readonly node: string;
  /** Primary IPv4 address of the node. */
  readonly nodeIp: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** undefined: local traffic is not detected. */
  readonly detector: Detector | undefined;
  readonly masqueradeAll: boolean;
  readonly masqueradeBit: number;
  readonly localhostNodePorts: boolean;
  /** --nodeport-addresses resolved to this node's addresses; undefined: all. */
  readonly nodePortAddresses: readonly string[] | undefined;
  /** nf_conntrack_tcp_be_liberal */
  readonly tcpBeLiberal: boolean;
  readonly randomFully: boolean;
  /** Service ports that come first, by name: upstream has the order of a Go map, another at every sync. */
  readonly portOrder?: readonly string[] | undefined;
  /** The kernel has the nfacct counters (1.31 and later use them). */
  readonly nfacct: boolean;
  /** More endpoints than this: a large cluster. */
  readonly largeClusterEndpoints: number;
  readonly behaviour: Behaviour;
}

export const defaultBehaviour = (version = '1.29'): Behaviour => {
  const found = behaviourOf(version);
  return must(found.ok ? found.value : undefined, version);
};

export const defaultConfig = (node: string, nodeIp: string, clusterCidr: string | undefined, version?: string): ProxyConfig => ({
  node, nodeIp, nodeLabels: {}, detector: clusterCidr === undefined ? undefined : detectCidr(clusterCidr), masqueradeAll: false, masqueradeBit: 14, localhostNodePorts: true,
  nodePortAddresses: undefined, tcpBeLiberal: false, randomFully: true, nfacct: false, largeClusterEndpoints: 1000, behaviour: defaultBehaviour(version),
});

/** NewProxier: node ports on loopback need that the chosen addresses have it. */
export const onLocalhost = ({ localhostNodePorts, nodePortAddresses }: ProxyConfig): boolean => localhostNodePorts && (nodePortAddresses === undefined || nodePortAddresses.some((ip) => ip.startsWith('127.')));

/** `primary` or CIDRs, against the addresses of the node. Only ranges of the other family, or 0.0.0.0/0: all addresses. */
export function resolveNodePortAddresses(wanted: readonly string[], primary: string, addresses: readonly string[]): readonly string[] | undefined {
  const ranges = wanted.map((w) => (w === 'primary' ? `${primary}/32` : w)).flatMap((w) => {
    const cidr = parseCidr(w);
    return cidr === undefined ? [] : [prefix(cidr.address, cidr.length)];
  });
  if (ranges.length === 0 || ranges.some((r) => r.length === 0)) return undefined;
  return addresses.filter((a) => {
    const ip = parseIpv4(a);
    return ip !== undefined && ranges.some((r) => contains(r, ip));
  });
}
