/** Chain names. Models: pkg/proxy/iptables/proxier.go portProtoHash, servicePortEndpointChainName. */
import { sha256Base32 } from '../../../base/hash.ts';

/** Every node of a cluster asks for the same names at every sync. */
const KNOWN = new Map<string, string>();
const KNOWN_LIMIT = 50_000;

function hash(text: string): string {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  if (KNOWN.size >= KNOWN_LIMIT) KNOWN.clear();
  const made = sha256Base32(text).slice(0, 16);
  KNOWN.set(text, made);
  return made;
}

/** `namespace/name` or `namespace/name:port`. */
export const servicePortName = (namespace: string, name: string, port: string): string => `${namespace}/${name}${port === '' ? '' : `:${port}`}`;

export interface ServiceChains {
  readonly svc: string;
  readonly svl: string;
  readonly ext: string;
  readonly fw: string;
}

export function serviceChains(portName: string, protocol: string): ServiceChains {
  const h = hash(portName + protocol);
  return { svc: `KUBE-SVC-${h}`, svl: `KUBE-SVL-${h}`, ext: `KUBE-EXT-${h}`, fw: `KUBE-FW-${h}` };
}

export const endpointChain = (portName: string, protocol: string, endpoint: string): string => `KUBE-SEP-${hash(portName + protocol + endpoint)}`;

/** Of 1.23 and before: the chain of externalTrafficPolicy Local. */
export const xlbChain = (portName: string, protocol: string): string => `KUBE-XLB-${hash(portName + protocol)}`;

/** Of a service port or an endpoint; `kinds`: SVC, SEP and so on. */
export const isServiceChain = (chain: string, kinds: readonly string[]): boolean => kinds.some((kind) => chain.startsWith(`KUBE-${kind}-`));
