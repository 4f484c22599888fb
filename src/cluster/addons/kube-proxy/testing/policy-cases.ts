/**
 * Policies, terminating endpoints, affinity and protocols in combination: what pkg/proxy/iptables/proxier_test.go (1.29) goes through in TestInternalTrafficPolicy,
 * TestEndpointSliceWithTerminatingEndpoints*, TestInternalExternalMasquerade, TestOnlyLocalExternalIPs, TestHealthCheckNodePort and TestLoadBalancer. Own objects.
 */
import { eps, lb, np, svc, type Json, type ServiceOptions } from './notation.ts';
import type { Case } from './cases.ts';

const TWO = eps(['10.42.0.8', '10.42.1.2'], { name: 'both' });
const LOCAL = { externalTrafficPolicy: 'Local' };
const INSIDE = { internalTrafficPolicy: 'Local' };
const TEXT = { here: '10.42.0.8:8080', both: '10.42.0.8:8080, 10.42.1.2:8080' } as const;
type Where = keyof typeof TEXT;
type Expected = readonly [Where, boolean];

/** From a pod, the node and the outside; to the cluster IP, and to node port and load balancer IP, which never differ. */
const flows = (clusterIp: readonly [Expected, Expected], external: readonly [Expected, Expected, Expected]): string => {
  const line = (from: string, to: string, [where, masq]: Expected): string => `${from} > ${to} > ${TEXT[where]}${masq ? ' masq' : ''}`;
  return [
    line('pod', '10.43.0.41:80', clusterIp[0]), line('node', '10.43.0.41:80', clusterIp[1]),
    ...['10.65.94.238:30080', '203.0.113.9:80'].flatMap((to) => [line('pod', to, external[0]), line('node', to, external[1]), line('outside', to, external[2])]),
  ].join('\n');
};

const CLUSTER: Expected = ['both', false];
const CLUSTER_SNAT: Expected = ['both', true];
const HERE: Expected = ['here', false];
const HERE_SNAT: Expected = ['here', true];
const policies: readonly (readonly [string, ServiceOptions, Expected, Expected, readonly [Expected, Expected, Expected]])[] = [
  ['both Cluster', {}, CLUSTER, CLUSTER_SNAT, [CLUSTER_SNAT, CLUSTER_SNAT, CLUSTER_SNAT]],
  ['external Local', LOCAL, CLUSTER, CLUSTER_SNAT, [CLUSTER, CLUSTER_SNAT, HERE]],
  ['internal Local', INSIDE, HERE, HERE_SNAT, [CLUSTER_SNAT, CLUSTER_SNAT, CLUSTER_SNAT]],
  ['both Local', { ...LOCAL, ...INSIDE }, HERE, HERE_SNAT, [CLUSTER, CLUSTER_SNAT, HERE]],
];

const snat = ([where]: Expected): Expected => [where, true];
const noSnat = ([where]: Expected): Expected => [where, false];
const MASQUERADE: readonly Case[] = policies.flatMap(([name, spec, pod, node, [podOut, nodeOut, outside]]): readonly Case[] => {
  const external = spec['externalTrafficPolicy'] === 'Local';
  return [
    { name: `who is masqueraded: ${name}`, objects: [lb(spec), TWO], flows: flows([pod, node], [podOut, nodeOut, outside]) },
    { name: `who is masqueraded: ${name}, masqueradeAll`, config: { masqueradeAll: true }, objects: [lb(spec), TWO], flows: flows([snat(pod), snat(node)], [podOut, nodeOut, outside]) },
    { name: `who is masqueraded: ${name}, no detector`, config: { detectLocalMode: 'none' }, objects: [lb(spec), TWO], flows: flows([pod, noSnat(node)], [external ? HERE : podOut, nodeOut, outside]) },
  ];
});

const at = (name: string, spec: ServiceOptions, endpoints: readonly string[], ...lines: readonly string[]): Case => ({ name, objects: [lb(spec), eps(endpoints)], flows: lines.join('\n') });
const VIP = '203.0.113.9:80';
const CIP = '10.43.0.41:80';

const TERMINATING: readonly Case[] = [
  at('Local: one ready here, one ending here: the ready one', LOCAL, ['10.42.0.8', '10.42.0.9 ending', '10.42.1.2'], `outside > ${VIP} > 10.42.0.8:8080`, `pod > ${CIP} > 10.42.0.8:8080, 10.42.1.2:8080`),
  at('Local: all here are ending, none elsewhere: they serve on', LOCAL, ['10.42.0.8 ending', '10.42.0.9 ending'], `outside > ${VIP} > 10.42.0.8:8080, 10.42.0.9:8080`, `pod > ${CIP} > 10.42.0.8:8080, 10.42.0.9:8080`, `pod > ${VIP} > 10.42.0.8:8080, 10.42.0.9:8080`),
  at('Local: ending here and no longer serving: DROP, the cluster has others', LOCAL, ['10.42.0.8 gone', '10.42.1.2'], `outside > ${VIP} > DROP`, `pod > ${VIP} > 10.42.1.2:8080`),
  at('Local: all are ending elsewhere: DROP outside, pods still reach them', LOCAL, ['10.42.1.2 ending', '10.42.2.2 ending'], `outside > ${VIP} > DROP`, `pod > ${CIP} > 10.42.1.2:8080, 10.42.2.2:8080`, `node > ${VIP} > 10.42.1.2:8080, 10.42.2.2:8080 masq`),
  at('Local: nobody serves: REJECT', LOCAL, ['10.42.0.8 gone', '10.42.1.2 gone'], `outside > ${VIP} > REJECT`, `pod > ${CIP} > REJECT`),
  at('Cluster: one ready elsewhere is better than an ending one here', {}, ['10.42.0.8 ending', '10.42.1.2'], `outside > ${VIP} > 10.42.1.2:8080 masq`, `pod > ${CIP} > 10.42.1.2:8080`),
  at('Cluster: all are ending: those that serve, wherever', {}, ['10.42.0.8 ending', '10.42.1.2 ending', '10.42.2.2 gone'], `outside > ${VIP} > 10.42.0.8:8080, 10.42.1.2:8080 masq`, `pod > ${CIP} > 10.42.0.8:8080, 10.42.1.2:8080`),
  at('internal Local: ready here and ending here: the ready one', INSIDE, ['10.42.0.8', '10.42.0.9 ending'], `pod > ${CIP} > 10.42.0.8:8080`, `outside > ${VIP} > 10.42.0.8:8080 masq`),
  at('internal Local: ending here, ready elsewhere: inside the ending one', INSIDE, ['10.42.0.8 ending', '10.42.1.2'], `pod > ${CIP} > 10.42.0.8:8080`, `outside > ${VIP} > 10.42.1.2:8080 masq`),
  at('both Local: ending here, ready elsewhere', { ...LOCAL, ...INSIDE }, ['10.42.0.8 ending', '10.42.1.2'], `pod > ${CIP} > 10.42.0.8:8080`, `outside > ${VIP} > 10.42.0.8:8080`, `pod > ${VIP} > 10.42.1.2:8080`),
];

const FW_NODE = lb({ ...LOCAL, loadBalancerSourceRanges: ['10.65.94.0/24', '192.0.2.0/25'] });
const slice = (name: string, endpoints: readonly string[], ...ports: readonly Json[]): Json => eps(endpoints, { name, ports });

const REST: readonly Case[] = [
  { name: 'source ranges with the node in one, external policy Local', objects: [FW_NODE, TWO],
    flows: `outside > ${VIP} > 10.42.0.8:8080\n neighbour > ${VIP} > 10.42.0.8:8080\n node > ${VIP} > ${TEXT.both} masq\n pod > ${VIP} > DROP\n pod > 10.65.94.238:30080 > ${TEXT.both}` },
  { name: 'externalIPs, external policy Local, endpoint here', objects: [svc({ ...LOCAL, externalIPs: ['198.51.100.4'] }), TWO],
    flows: `outside > 198.51.100.4:80 > 10.42.0.8:8080\n pod > 198.51.100.4:80 > ${TEXT.both}\n node > 198.51.100.4:80 > ${TEXT.both} masq` },
  { name: 'externalIPs beside a node port, external policy Local', objects: [np({ ...LOCAL, externalIPs: ['198.51.100.4', '2001:db8::4'] }), TWO], flows: `outside > 198.51.100.4:80 > 10.42.0.8:8080\n outside > 10.65.94.238:30080 > 10.42.0.8:8080` },
  { name: 'health check node port without endpoints: accepted all the same', objects: [lb({ ...LOCAL, healthCheckNodePort: 31000 })],
    rules: `! KUBE-SERVICES "ns/svc has no endpoints" T -d 10.43.0.41 --dport 80 REJECT
      ! KUBE-EXTERNAL-SERVICES "ns/svc has no endpoints" T -d 203.0.113.9 --dport 80 REJECT
      ! KUBE-EXTERNAL-SERVICES "ns/svc has no endpoints" TO-LOCAL T --dport 30080 REJECT
      ! KUBE-NODEPORTS "ns/svc health check node port" T --dport 31000 -j ACCEPT`, flows: 'outside > 10.65.94.238:31000 > PASS' },
  { name: 'health check node port without node ports', objects: [lb({ ...LOCAL, healthCheckNodePort: 31000, allocateLoadBalancerNodePorts: false, ports: [{ port: 80, protocol: 'TCP' }] }), TWO],
    flows: `outside > 10.65.94.238:31000 > PASS\n outside > ${VIP} > 10.42.0.8:8080` },
  { name: 'a named port that is another number in each pod', objects: [svc({ ports: [{ name: 'web', port: 80, targetPort: 'http', protocol: 'TCP' }] }),
    slice('old', ['10.42.0.8'], { name: 'web', port: 8080, protocol: 'TCP' }), slice('new', ['10.42.0.9', '10.42.1.2'], { name: 'web', port: 9090, protocol: 'TCP' })],
    flows: `pod > ${CIP} > 10.42.0.8:8080, 10.42.0.9:9090, 10.42.1.2:9090\n node > ${CIP} > 10.42.0.8:8080, 10.42.0.9:9090, 10.42.1.2:9090 masq` },
  { name: 'UDP by node port and load balancer, external policy Local', objects: [lb({ ...LOCAL, ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] }), slice('dns', ['10.42.0.8', '10.42.1.2'], { name: '', port: 5353, protocol: 'UDP' })],
    flows: `outside > 203.0.113.9:53/udp > 10.42.0.8:5353\n outside > 10.65.94.238:30053/udp > 10.42.0.8:5353\n outside > 10.65.94.238:30053 > PASS\n pod > 10.43.0.41:53/udp > 10.42.0.8:5353, 10.42.1.2:5353` },
  { name: 'UDP, endpoints elsewhere: DROP outside', objects: [lb({ ...LOCAL, ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] }), slice('dns', ['10.42.1.2'], { name: '', port: 5353, protocol: 'UDP' })], flows: 'outside > 203.0.113.9:53/udp > DROP\n outside > 10.65.94.238:30053/udp > DROP' },
  { name: 'SCTP by node port', objects: [np({ ports: [{ port: 9999, protocol: 'SCTP', nodePort: 30099 }] }), slice('sctp', ['10.42.0.8'], { name: '', port: 9998, protocol: 'SCTP' })], rules: `
      KUBE-SERVICES "ns/svc cluster IP" S -d 10.43.0.41 --dport 9999 SVC[ns/svc/sctp]
      KUBE-NODEPORTS "ns/svc" S --dport 30099 EXT[ns/svc/sctp]
      SVC[ns/svc/sctp] "ns/svc cluster IP" S -d 10.43.0.41 --dport 9999 ! -s 10.42.0.0/16 MASQ
      EXT[ns/svc/sctp] "masquerade traffic for ns/svc external destinations" MASQ
      EXT[ns/svc/sctp] SVC[ns/svc/sctp]
      SVC[ns/svc/sctp] "ns/svc -> 10.42.0.8:9998" SEP(10.42.0.8:9998)[ns/svc/sctp]
      SEP(10.42.0.8:9998)[ns/svc/sctp] "ns/svc" -s 10.42.0.8 MASQ
      SEP(10.42.0.8:9998)[ns/svc/sctp] "ns/svc" S DNAT 10.42.0.8:9998` },
];

export const POLICIES: readonly Case[] = [...MASQUERADE, ...TERMINATING, ...REST];

/** For affinity: two endpoints here, one there. */
export const STICKY: readonly Json[] = [np({ ...LOCAL, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }), eps(['10.42.0.8', '10.42.0.9', '10.42.1.2'], { name: 'sticky' })];
