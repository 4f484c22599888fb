/** Lines of one sync on their way into the restore text, and the words rules are made of. */
import type { ProxyConfig } from './config.ts';
import type { Categorized, Endpoint } from './endpoints.ts';
import { endpointChain } from './names.ts';
import type { ServicePortInfo } from './service-port.ts';

export interface Writer {
  readonly natChains: string[];
  readonly nat: string[];
  readonly filterChains: string[];
  readonly filter: string[];
}

/** One service port in one sync. */
export interface PortState {
  readonly config: ProxyConfig;
  readonly info: ServicePortInfo;
  readonly eps: Categorized;
  /** No comments on the rules that there is one of per endpoint. */
  readonly large: boolean;
}

/** `own`: chains of the port are (re)written in this sync; otherwise only named. Returns the chains that it has. */
export type PortWriter = (w: Writer, s: PortState, own: boolean) => readonly string[];

export const comment = (text: string): string => `-m comment --comment "${text}"`;
/** Upstream leaves the quotes out where the comment is the bare name. */
export const nameComment = (name: string): string => `-m comment --comment ${name}`;
export const protocolWords = (info: ServicePortInfo): string => `-m ${info.protocol} -p ${info.protocol}`;
export const sepChain = (info: ServicePortInfo, e: Endpoint): string => endpointChain(info.name, info.protocol, e.target);
export const perEndpoint = (s: PortState, words: string): string => (s.large ? '' : ` ${words}`);
export const markText = (bit: number): string => `0x${(2 ** bit).toString(16).padStart(8, '0')}`;

type Words = (e: Endpoint, i: number) => string;

/** Session affinity first, then one chance in those that are left. */
export function balance(w: Writer, s: PortState, chain: string, endpoints: readonly Endpoint[], words: Words): void {
  stick(w, s, chain, endpoints, words);
  chances(w, s, chain, endpoints, words);
}

export function stick(w: Writer, s: PortState, chain: string, endpoints: readonly Endpoint[], words: Words): void {
  const { affinity } = s.info;
  if (affinity === undefined) return;
  for (const [i, e] of endpoints.entries()) {
    const sep = sepChain(s.info, e);
    w.nat.push(`-A ${chain}${words(e, i)} -m recent --name ${sep} --rcheck --seconds ${affinity} --reap -j ${sep}`);
  }
}

/** `then`: written after the rule of each endpoint. */
export function chances(w: Writer, s: PortState, chain: string, endpoints: readonly Endpoint[], words: Words, then?: (e: Endpoint) => void): void {
  for (const [i, e] of endpoints.entries()) {
    const rest = endpoints.length - i;
    w.nat.push(`-A ${chain}${words(e, i)}${rest > 1 ? ` -m statistic --mode random --probability ${probability(rest)}` : ''} -j ${sepChain(s.info, e)}`);
    then?.(e);
  }
}

/** Go's %0.10f. It rounds half to even, toFixed up: of all 1/n only 1/2048 lies half way. */
const probability = (n: number): string => (n === 2048 ? '0.0004882812' : (1 / n).toFixed(10));

/** Mark what comes back to its sender, remember the client, DNAT. */
export function endpointRules(w: Writer, s: PortState, e: Endpoint): void {
  const chain = sepChain(s.info, e);
  const words = perEndpoint(s, nameComment(s.info.name));
  w.nat.push(
    `-A ${chain}${words} -s ${e.ip}${s.config.behaviour.layout === 'xlb' ? s.config.behaviour.mask : ''} -j KUBE-MARK-MASQ`,
    `-A ${chain}${words}${s.info.affinity === undefined ? '' : ` -m recent --name ${chain} --set`} ${protocolWords(s.info)} -j DNAT --to-destination ${e.target}`,
  );
}
