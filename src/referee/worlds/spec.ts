/** What a random world is made of. Small values are simple ones: shrinking ends at two plain nodes with one pod and one flow. */
import fc from 'fast-check';

export interface NodeSpec {
  readonly rpFilter: 0 | 1 | 2;
  readonly callIptables: boolean;
  readonly hairpin: boolean;
  readonly mtu: 1450 | 1400 | 1300;
  /** Its route to the next node's pods was forgotten. */
  readonly missingRoute: boolean;
  readonly extra: ExtraRules;
}

/** Rules and routes beside those of Kubernetes. */
export type ExtraRules = 'none' | 'forward-drop' | 'reject-81' | 'reset-81' | 'prohibit-udp' | 'notrack-udp' | 'mark-route' | 'blackhole' | 'clamp-mss' | 'unreachable-rule' | 'ttl' | 'drop-invalid';

export const EXTRAS: readonly ExtraRules[] = ['none', 'forward-drop', 'reject-81', 'reset-81', 'prohibit-udp', 'notrack-udp', 'mark-route', 'blackhole', 'clamp-mss', 'unreachable-rule', 'ttl', 'drop-invalid'];

export interface ServiceSpec {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly protocol: 'TCP' | 'UDP';
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  readonly affinity: boolean;
  readonly sourceRanges: boolean;
  /** Pods behind it, by number; none: no endpoints. */
  readonly endpoints: readonly number[];
  /** Endpoint in a node's own network instead. */
  readonly hostNetwork: boolean;
}

export const FLOW_KINDS = [
  'pod-pod', 'pod-service', 'pod-closed', 'self-service', 'pod-node-port', 'ext-vip', 'ext-node-port', 'ext-balancer', 'node-service', 'node-pod', 'node-node-port', 'ttl', 'too-big', 'udp-fragments',
  'udp-too-big', 'client-reset', 'server-reset', 'clash', 'pod-ext', 'ping-vip', 'absent', 'balancer-from-pod', 'udp-closed', 'pod-own-node', 'local-node-port',
] as const;

export interface FlowSpec {
  readonly kind: (typeof FLOW_KINDS)[number];
  /** Which pod, service, node, size: taken modulo what there is. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface WorldSpec {
  readonly nodes: readonly NodeSpec[];
  /** The node of each pod, modulo. */
  readonly pods: readonly number[];
  readonly services: readonly ServiceSpec[];
  readonly randomFully: boolean;
  readonly flows: readonly FlowSpec[];
}

const plain = <T>(value: T, others: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T> => fc.oneof({ weight, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: others });

const node: fc.Arbitrary<NodeSpec> = fc.record({
  rpFilter: fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 2),
  callIptables: plain(true, fc.constant(false), 3),
  hairpin: plain(true, fc.constant(false), 3),
  mtu: fc.constantFrom<(1450 | 1400 | 1300)[]>(1450, 1400, 1300),
  missingRoute: plain(false, fc.constant(true), 7),
  extra: plain<ExtraRules>('none', fc.constantFrom(...EXTRAS), 1),
});

const service: fc.Arbitrary<ServiceSpec> = fc.record({
  type: fc.constantFrom<ServiceSpec['type'][]>('ClusterIP', 'NodePort', 'LoadBalancer'),
  protocol: plain<ServiceSpec['protocol']>('TCP', fc.constant<'UDP'>('UDP'), 3),
  externalLocal: fc.boolean(), internalLocal: plain(false, fc.constant(true), 3), affinity: plain(false, fc.constant(true), 3), sourceRanges: plain(false, fc.constant(true), 4),
  endpoints: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
  hostNetwork: plain(false, fc.constant(true), 6),
});

const flow: fc.Arbitrary<FlowSpec> = fc.record({
  kind: fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...FLOW_KINDS.filter((k) => k !== 'absent')) }, { weight: 1, arbitrary: fc.constant<'absent'>('absent') }), a: fc.nat(99), b: fc.nat(99), c: fc.nat(99),
});

export const worldSpec: fc.Arbitrary<WorldSpec> = fc.record({
  nodes: fc.array(node, { minLength: 2, maxLength: 3 }),
  pods: fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }),
  services: fc.array(service, { minLength: 1, maxLength: 4 }),
  randomFully: fc.boolean(),
  flows: fc.array(flow, { minLength: 12, maxLength: 24 }),
});
