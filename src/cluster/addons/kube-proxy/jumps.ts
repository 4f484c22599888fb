/** Jumps from the built-in chains. Models: proxier.go iptablesJumpChains (1.17 to 1.36): each is checked with -C and inserted first when absent. */
import type { IptablesError, Netfilter } from '../../../engine/uapi/netfilter.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import { done, type Result } from '../../../base/result.ts';
import { defaultBehaviour } from './config.ts';
import type { Behaviour } from './versions.ts';

export interface Jump {
  readonly table: TableName;
  readonly from: readonly string[];
  readonly to: string;
  readonly comment: string | undefined;
  readonly newOnly: boolean;
}

const jump = (table: TableName, from: readonly string[], to: string, comment: string | undefined, newOnly = false): Jump => ({ table, from, to, comment, newOnly });

export function jumpsOf(b: Behaviour): readonly Jump[] {
  const has = (chain: string): boolean => b.filterChains.includes(chain);
  return [
    jump('filter', b.externalInForward ? ['INPUT', 'FORWARD'] : ['INPUT'], 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', true),
    ...(has('KUBE-NODEPORTS') ? [jump('filter', ['INPUT'], 'KUBE-NODEPORTS', 'kubernetes health check service ports')] : []),
    jump('filter', b.externalInForward ? ['FORWARD', 'OUTPUT'] : ['FORWARD', 'OUTPUT', 'INPUT'], 'KUBE-SERVICES', 'kubernetes service portals', true),
    jump('filter', ['FORWARD'], 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    ...(has('KUBE-PROXY-FIREWALL') ? [jump('filter', ['INPUT', 'OUTPUT', 'FORWARD'], 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true)] : []),
    jump('nat', ['OUTPUT', 'PREROUTING'], 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', ['POSTROUTING'], 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
    ...(b.kubeFirewall ? [jump('filter', ['INPUT', 'OUTPUT'], 'KUBE-FIREWALL', undefined)] : []),
  ];
}

const spec = (j: Jump): readonly string[] => [
  ...(j.newOnly ? ['-m', 'conntrack', '--ctstate', 'NEW'] : []), ...(j.comment === undefined ? [] : ['-m', 'comment', '--comment', j.comment]), '-j', j.to,
];

/** iptables -N, content when it is there already. */
export function ensureChain(netfilter: Netfilter, table: TableName, chain: string): Result<undefined, IptablesError> {
  if (netfilter.hasChain(table, chain)) return done;
  return netfilter.command({ op: 'new-chain', table, chain });
}

/** -C, then -I 1 (or -A). */
export function ensureRule(netfilter: Netfilter, where: 'prepend' | 'append', table: TableName, chain: string, words: readonly string[]): Result<undefined, IptablesError> {
  if (netfilter.command({ op: 'check', table, chain, spec: words }).ok) return done;
  return where === 'prepend' ? netfilter.command({ op: 'insert', table, chain, position: 1, spec: words }) : netfilter.command({ op: 'append', table, chain, spec: words });
}

export function ensureJumps(netfilter: Netfilter, jumps: readonly Jump[]): Result<undefined, IptablesError> {
  for (const j of jumps) {
    const made = ensureChain(netfilter, j.table, j.to);
    if (!made.ok) return made;
    for (const from of j.from) {
      const jumped = ensureRule(netfilter, 'prepend', j.table, from, spec(j));
      if (!jumped.ok) return jumped;
    }
  }
  return done;
}

/** Those of the default version. */
export const JUMPS: readonly Jump[] = jumpsOf(defaultBehaviour());
