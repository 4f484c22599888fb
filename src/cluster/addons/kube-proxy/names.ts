/** Chain names. Models: pkg/proxy/iptables/proxier.go portProtoHash, servicePortEndpointChainName. */
import { sha256Base32 } from '../../../base/hash.ts';

const hash = (text: string): string => sha256Base32(text).slice(0, 16);

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

const OWN_CHAIN = /^KUBE-(SVC|SVL|SEP|FW|EXT|XLB)-[A-Z2-7]{16}$/;
export const isServiceChain = (chain: string): boolean => OWN_CHAIN.test(chain);
