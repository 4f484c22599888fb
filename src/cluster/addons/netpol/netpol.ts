/**
 * k3s' network policy controller (a fork of kube-router), on a cluster without policies.
 * Read first: facts section 3.3.
 * Models: kube-router fork 2.1.x pkg/controllers/netpol: fixed chains, one firewall chain per local pod, the explicit ACCEPT. Chain names of pods change
 * at every sync as upstream (they hash the sync time); pods come by name where upstream walks a Go map.
 * Not modelled: NetworkPolicy objects, ipsets, NFLOG's receiver.
 */
import { sha256Base32 } from '../../../base/hash.ts';
import { seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Netfilter } from '../../../engine/uapi/netfilter.ts';
import type { Pod } from '../../api/kinds.ts';
import { Loop, type ControlPlane } from '../../plane.ts';
import { ensureChain, ensureRule } from '../kube-proxy/jumps.ts';
import { RuleWatch } from '../kube-proxy/rule-watch.ts';

const hash = (text: string): string => sha256Base32(text).slice(0, 16);

const CHAINS = { INPUT: 'KUBE-ROUTER-INPUT', FORWARD: 'KUBE-ROUTER-FORWARD', OUTPUT: 'KUBE-ROUTER-OUTPUT' } as const;
const DEFAULT_CHAIN = 'KUBE-NWPLCY-DEFAULT';
const NODE_PORTS = '30000:32767';
/** IPTablesSyncPeriod. A round that would change nothing but the chain names of pods is left out: an idle node is silent. */
const SYNC_PERIOD = seconds(300);

/** addUUIDForRuleSpec: the comment of a fixed rule ends with a hash of the chain and all its words. */
export function withUuid(chain: string, words: readonly string[]): readonly string[] {
  const id = hash(chain + words.join(''));
  return words.map((w, i) => (words[i - 1] === '--comment' ? `${w} - ${id}` : w));
}

const JUMPS = (['INPUT', 'FORWARD', 'OUTPUT'] as const).map((from) => ({ from, words: withUuid(from, ['-m', 'comment', '--comment', 'kube-router netpol', '-j', CHAINS[from]]) }));

export const inputRules = (serviceCidr: string, nodePorts: string): readonly (readonly string[])[] => [
  withUuid(CHAINS.INPUT, ['-m', 'comment', '--comment', 'allow traffic to primary/secondary cluster IP range', '-d', serviceCidr, '-j', 'RETURN']),
  withUuid(CHAINS.INPUT, ['-p', 'tcp', '-m', 'comment', '--comment', 'allow LOCAL TCP traffic to node ports', '-m', 'addrtype', '--dst-type', 'LOCAL', '-m', 'multiport', '--dports', nodePorts, '-j', 'RETURN']),
  withUuid(CHAINS.INPUT, ['-p', 'udp', '-m', 'comment', '--comment', 'allow LOCAL UDP traffic to node ports', '-m', 'addrtype', '--dst-type', 'LOCAL', '-m', 'multiport', '--dports', nodePorts, '-j', 'RETURN']),
];

export const podChain = (namespace: string, name: string, version: string): string => `KUBE-POD-FW-${hash(namespace + name + version)}`;

/** Lines of the restore input about one pod. */
export function podRules(chain: string, namespace: string, name: string, ip: string): readonly string[] {
  const to = `-m comment --comment "rule to jump traffic destined to POD name:${name} namespace: ${namespace} to chain ${chain}"`;
  const from = `-m comment --comment "rule to jump traffic from POD name:${name} namespace: ${namespace} to chain ${chain}"`;
  return [
    `-A ${CHAINS.FORWARD} ${to} -d ${ip} -j ${chain}`,
    `-A ${CHAINS.OUTPUT} ${to} -d ${ip} -j ${chain}`,
    `-A ${CHAINS.FORWARD} -m physdev --physdev-is-bridged ${to} -d ${ip} -j ${chain}`,
    ...[CHAINS.INPUT, CHAINS.FORWARD, CHAINS.OUTPUT].map((c) => `-A ${c} ${from} -s ${ip} -j ${chain}`),
    `-A ${CHAINS.FORWARD} -m physdev --physdev-is-bridged ${from} -s ${ip} -j ${chain}`,
    `-A ${chain} -m comment --comment "rule for stateful firewall for pod" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -m comment --comment "rule to drop invalid state for pod" -m conntrack --ctstate INVALID -j DROP`,
    `-A ${chain} -m comment --comment "rule to permit the traffic traffic to pods when source is the pod's local node" -m addrtype --src-type LOCAL -d ${ip} -j ACCEPT`,
    `-A ${chain} -m comment --comment "run through default egress network policy chain" -s ${ip} -j ${DEFAULT_CHAIN}`,
    `-A ${chain} -m comment --comment "run through default ingress network policy chain" -d ${ip} -j ${DEFAULT_CHAIN}`,
    `-A ${chain} -m comment --comment "rule to log dropped traffic POD name:${name} namespace: ${namespace}" -m mark ! --mark 0x10000/0x10000 -m limit --limit 10/minute --limit-burst 10 -j NFLOG --nflog-group 100`,
    `-A ${chain} -m comment --comment "rule to REJECT traffic destined for POD name:${name} namespace: ${namespace}" -m mark ! --mark 0x10000/0x10000 -j REJECT`,
    `-A ${chain} -j MARK --set-mark 0/0x10000`,
    `-A ${chain} -m comment --comment "set mark to ACCEPT traffic that comply to network policies" -j MARK --set-mark 0x20000/0x20000`,
  ];
}

const ACCEPT = ['-m', 'comment', '--comment', 'KUBE-ROUTER rule to explicitly ACCEPT traffic that comply to network policies', '-m', 'mark', '--mark', '0x20000/0x20000', '-j', 'ACCEPT'];

export class NetworkPolicyController {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #node: string;
  readonly #serviceCidr: string;
  #syncing = false;

  constructor(plane: ControlPlane, kernel: Kernel, node: string, serviceCidr: string) {
    this.#plane = plane;
    this.#kernel = kernel;
    this.#node = node;
    this.#serviceCidr = serviceCidr;
  }

  start(): void {
    this.sync();
    const shape = (pod: unknown): string => (isPod(pod) && pod.spec.nodeName === this.#node ? `${pod.metadata.name} ${pod.status.podIP ?? ''} ${pod.status.phase}` : '');
    new Loop(this.#plane, ['Pod'], seconds(1), () => this.sync(), (c) => (c.type === 'DELETED' ? shape(c.object) !== '' : shape(c.before) !== shape(c.object)));
    const { netfilter } = this.#kernel;
    const check = (chain: string, spec: readonly string[]): boolean => netfilter.command({ op: 'check', table: 'filter', chain, spec }).ok;
    new RuleWatch({
      scheduler: this.#plane.scheduler, alive: this.#plane.alive, netfilter, table: 'filter', period: SYNC_PERIOD,
      intact: () => this.#syncing || (netfilter.hasChain('filter', DEFAULT_CHAIN) && JUMPS.every(({ from, words }) => check(from, words) && check(from, ACCEPT)) && inputRules(this.#serviceCidr, NODE_PORTS).every((words) => check(CHAINS.INPUT, words))),
      missing: () => this.sync(),
    });
  }

  sync(): void {
    this.#syncing = true;
    this.#write();
    this.#syncing = false;
  }

  #write(): void {
    const { netfilter } = this.#kernel;
    for (const chain of [...Object.values(CHAINS), DEFAULT_CHAIN]) ensureChain(netfilter, 'filter', chain);
    for (const { from, words } of JUMPS) ensureRule(netfilter, 'prepend', 'filter', from, words);
    const version = `${this.#plane.wallMillis()}000000`;
    const pods = this.#plane.store.list('Pod').filter((p) => p.spec.nodeName === this.#node && p.spec.hostNetwork !== true && actionable(p))
      .sort((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1));
    const named = pods.map((p) => ({ chain: podChain(p.metadata.namespace, p.metadata.name, version), namespace: p.metadata.namespace, name: p.metadata.name, ip: p.status.podIP ?? '' }));
    const stale = netfilter.chainNames('filter').filter((c) => c.startsWith('KUBE-POD-FW-') && !named.some((n) => n.chain === c));
    const lines = [
      '*filter',
      ...[...Object.values(CHAINS), DEFAULT_CHAIN, ...named.map((n) => n.chain), ...stale].map((c) => `:${c} - [0:0]`),
      ...inputRules(this.#serviceCidr, NODE_PORTS).map((words) => `-A ${CHAINS.INPUT} ${quote(words)}`),
      `-A ${DEFAULT_CHAIN} -m comment --comment "rule to mark traffic matching a network policy" -j MARK --set-xmark 0x10000/0x10000`,
      ...named.flatMap((n) => podRules(n.chain, n.namespace, n.name, n.ip)),
      ...stale.map((c) => `-X ${c}`),
      'COMMIT', '',
    ];
    const restored = netfilter.restore(lines.join('\n'), { noflush: true, counters: false, test: false });
    if (!restored.ok) this.#kernel.log(`kube-router@${this.#node}`, `Failed to run iptables-restore: ${restored.error.message}`);
    for (const from of ['INPUT', 'FORWARD', 'OUTPUT']) this.#explicitAccept(netfilter, from);
    this.#kernel.log(`kube-router@${this.#node}`, `synced network policy rules for ${named.length} pods`);
  }

  /** Right after the last rule that mentions KUBE. */
  #explicitAccept(netfilter: Netfilter, chain: string): void {
    if (netfilter.command({ op: 'check', table: 'filter', chain, spec: ACCEPT }).ok) return;
    const rules = netfilter.dump('filter')?.chains.find((c) => c.name === chain)?.rules ?? [];
    const last = rules.reduce((at, rule, i) => (rule.save.includes('KUBE') ? i : at), -1);
    netfilter.command({ op: 'insert', table: 'filter', chain, position: last + 2, spec: ACCEPT });
  }
}

const quote = (words: readonly string[]): string => words.map((w) => (/^[\w./:-]+$/.test(w) || w === '!' ? w : `"${w}"`)).join(' ');

/** isNetPolActionable: also while it terminates. */
const actionable = (p: Pod): boolean => (p.status.podIP ?? '') !== '' && p.status.phase !== 'Succeeded' && p.status.phase !== 'Failed';

const isPod = (object: unknown): object is Pod => typeof object === 'object' && object !== null && 'kind' in object && object.kind === 'Pod';
