/**
 * What differs between releases of kube-proxy (iptables mode), as data. Each row says what changed in that release; later rows win.
 * Models: pkg/proxy/iptables/proxier.go, pkg/proxy/{topology,serviceport,endpointslicecache}.go, 1.17 to 1.36 at the default feature gates.
 *   1.24 is proxier.go as KUBE-EXT and KUBE-SVL came in and KUBE-PROXY-FIREWALL was not yet there (a commit between 1.24 and 1.25).
 *   Sources read: 1.17, 1.20.2 (built, and compared text by text), 1.21, 1.22, 1.23, 1.24, 1.27, 1.28, 1.29, 1.31, 1.33, 1.36. Rows of 1.25, 1.26 and 1.30 rest on pull requests and gates.
 * Not modelled: the node-port sockets of 1.23 and before.
 */
import { err, ok, type Result } from '../../../base/result.ts';

export interface Behaviour {
  /** `xlb`: KUBE-XLB. `ext`: KUBE-EXT, KUBE-SVL. */
  readonly layout: 'xlb' | 'ext';
  /** Who is out of range or finds nobody here: marked for KUBE-FIREWALL (kubelet's KUBE-MARK-DROP), or dropped in filter. */
  readonly drops: 'by mark' | 'in filter';
  /** Where the cluster IP's and the node port's masquerade mark is set (`xlb`). */
  readonly marksIn: 'shared chains' | 'service chain';
  readonly externalIp: 'three rules' | 'two rules' | 'one rule';
  /** externalTrafficPolicy Local counts for external IPs (`xlb`). */
  readonly externalIpLocal: boolean;
  /** Single addresses are written as `/32` (`xlb`). */
  readonly mask: '/32' | '';
  /** Chains of endpoints come before those that lead to them. */
  readonly endpointsFirst: boolean;
  /** Comment of KUBE-XLB's balancing rules. */
  readonly localBalancing: 'numbered' | 'name';
  /** What a node without any address for node ports does with a service port that has one. */
  readonly noNodeAddress: 'goes no further' | 'leaves the node port out' | 'writes it all the same';
  /** loadBalancerSourceRanges in KUBE-FW. */
  readonly ranges: 'as given' | 'networks';
  readonly filterChains: readonly string[];
  readonly postrouting: 'one rule' | 'three rules';
  /** KUBE-FORWARD's rules for established connections: which, and the comment. */
  readonly established: readonly (readonly ['all' | 'from pods' | 'to pods', string])[];
  /** Filter chain that refuses a load balancer's address without endpoints (`xlb`). */
  readonly refuseLoadBalancer: 'KUBE-SERVICES' | 'KUBE-EXTERNAL-SERVICES';
  /** filter KUBE-NODEPORTS lets health checks in. */
  readonly healthCheckRule: boolean;
  /** The last, targetless rule of KUBE-FW. */
  readonly firewallTail: boolean;
  /** `--iptables-localhost-nodeports` exists. */
  readonly localhostOption: boolean;
  /** kube-proxy writes KUBE-FIREWALL itself (before: kubelet alone). */
  readonly kubeFirewall: boolean;
  /** nf_conntrack_tcp_be_liberal is respected. */
  readonly liberal: boolean;
  readonly nfacct: boolean;
  /** `ipMode: Proxy` addresses are left alone. */
  readonly ipMode: boolean;
  /** What makes two endpoints of a service port one. */
  readonly sameEndpoint: 'ip' | 'ip and port';
  /** Which of them stays if not the first. */
  readonly ofTwins: 'the local one' | 'the last that runs';
  /** Endpoints that are not ready are not even kept. */
  readonly readyOnly: boolean;
  /** Serving endpoints that terminate are a fallback. */
  readonly terminating: boolean;
  /** `filters endpoints`: of a service port whose external policy is not Local. */
  readonly internalPolicy: 'ignored' | 'filters endpoints' | 'own chain';
  /** Who decides that topology hints are followed; from `zones` on the hints alone. */
  readonly hints: 'ignored' | 'auto' | 'annotation' | 'zones' | 'nodes and zones';
  readonly partialSync: boolean;
  /** A slice has changed when anything of it has, its metadata too. */
  readonly wholeSlices: boolean;
  /** Seconds after which a partial sync becomes a full one. */
  readonly fullSyncPeriod: number | undefined;
  /** A large cluster looks for stale chains once per sync period only. */
  readonly lazyCleanup: boolean;
  /** Chains that are its own to delete: KUBE-<one of these>-. */
  readonly ownChains: readonly string[];
  /** Who jumps where in filter, beyond what all have. */
  readonly externalInForward: boolean;
}

const FROM_PODS = 'kubernetes forwarding conntrack pod source rule';
const TO_PODS = 'kubernetes forwarding conntrack pod destination rule';
const XLB_CHAINS = ['SVC', 'SEP', 'FW', 'XLB'];
const EXT_CHAINS = ['SVC', 'SVL', 'SEP', 'FW', 'EXT'];

const FIRST: Behaviour = {
  layout: 'xlb', drops: 'by mark', marksIn: 'shared chains', externalIp: 'three rules', externalIpLocal: false, mask: '/32', endpointsFirst: false, localBalancing: 'numbered',
  noNodeAddress: 'goes no further', ranges: 'as given', filterChains: ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD'], postrouting: 'one rule',
  established: [['from pods', FROM_PODS], ['to pods', TO_PODS]], refuseLoadBalancer: 'KUBE-SERVICES',
  healthCheckRule: false, firewallTail: false, localhostOption: false, kubeFirewall: false, liberal: false, nfacct: false, ipMode: false, sameEndpoint: 'ip', ofTwins: 'the local one', readyOnly: true, terminating: false,
  internalPolicy: 'ignored', hints: 'ignored', partialSync: false, wholeSlices: false, fullSyncPeriod: undefined, lazyCleanup: false, ownChains: XLB_CHAINS,
  externalInForward: false,
};

const CHANGES: readonly (readonly [since: string, change: Partial<Behaviour>])[] = [
  ['1.18.0', { established: [['all', FROM_PODS], ['all', TO_PODS]] }],
  ['1.18.3', { postrouting: 'three rules', refuseLoadBalancer: 'KUBE-EXTERNAL-SERVICES' }],
  ['1.19.0', { externalIpLocal: true }],
  ['1.20.0', { externalInForward: true }],
  ['1.21.0', { externalIp: 'two rules', readyOnly: false, healthCheckRule: true, filterChains: [...FIRST.filterChains, 'KUBE-NODEPORTS'] }],
  ['1.22.0', { sameEndpoint: 'ip and port', marksIn: 'service chain', externalIp: 'one rule', internalPolicy: 'filters endpoints' }],
  ['1.23.0', { established: [['all', 'kubernetes forwarding conntrack rule']], mask: '', endpointsFirst: true, localBalancing: 'name', noNodeAddress: 'leaves the node port out' }],
  ['1.24.0', { layout: 'ext', internalPolicy: 'own chain', hints: 'auto', ownChains: [...EXT_CHAINS, 'XLB'] }],
  ['1.25.0', { drops: 'in filter', endpointsFirst: false, filterChains: [...FIRST.filterChains, 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'] }],
  ['1.26.0', { localhostOption: true, terminating: true, lazyCleanup: true, noNodeAddress: 'writes it all the same' }],
  ['1.27.0', { firewallTail: true, kubeFirewall: true, hints: 'annotation', partialSync: true }],
  ['1.28.0', { ownChains: EXT_CHAINS }],
  ['1.29.0', { liberal: true }],
  ['1.30.0', { ipMode: true, ranges: 'networks' }],
  ['1.31.0', { nfacct: true, wholeSlices: true, hints: 'zones' }],
  ['1.33.0', { fullSyncPeriod: 3600 }],
  ['1.34.0', { hints: 'nodes and zones' }],
  ['1.36.0', { ofTwins: 'the last that runs' }],
];

type Triple = readonly [number, number, number];
const triple = (text: string): Triple | undefined => {
  const m = /^v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?(?:[-+].*)?$/.exec(text);
  // 1.18 alone means its last patch release
  return m === null ? undefined : [Number(m[1]), Number(m[2]), m[3] === undefined ? 9999 : Number(m[3])];
};
const atLeast = (a: Triple, b: Triple): boolean => (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) >= 0;

/** `1.29`, `v1.18.8`, `v1.29.4+k3s1`. */
const KNOWN = new Map<string, Behaviour>();

/** The same record for the same release. */
export function behaviourOf(version: string): Result<Behaviour, string> {
  const known = KNOWN.get(version);
  if (known !== undefined) return ok(known);
  const v = triple(version);
  if (v === undefined) return err(`"${version}" is not a Kubernetes version (1.29, v1.18.8, v1.29.4+k3s1)`);
  if (v[0] !== 1 || v[1] < 17 || v[1] > 36) return err(`kube-proxy ${version} is not modelled in this lab (1.17 to 1.36 are)`);
  let behaviour = FIRST;
  for (const [since, change] of CHANGES) {
    const s = triple(since);
    if (s !== undefined && atLeast(v, s)) behaviour = { ...behaviour, ...change };
  }
  KNOWN.set(version, behaviour);
  return ok(behaviour);
}
