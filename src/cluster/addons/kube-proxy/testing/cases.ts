/** Cluster-internal and external Services on Kubernetes 1.29 (defaults), rules of facts 1.6 to 1.9. */
import { eps, lb, np, svc, type Json } from './notation.ts';

export interface Case {
  readonly name: string;
  readonly version?: string;
  readonly config?: Json;
  readonly objects: readonly Json[];
  /** Everything that concerns a Service, in the order written. */
  readonly rules?: string;
  /** Everything else, when it is what the case is about. */
  readonly fixed?: string;
  /** `from > address:port[/udp] > targets, or REJECT DROP PASS [masq]`: the targets of many connections. */
  readonly flows?: string;
  /** The engine has no such match. */
  readonly unloadable?: true;
}

const TWO = eps(['10.42.0.8', '10.42.1.2'], { name: 'two' });
const LOCAL = eps(['10.42.0.8'], { name: 'local' });
const REMOTE = eps(['10.42.1.2'], { name: 'remote' });
const REMOTE2 = eps(['10.42.1.2', '10.42.2.2'], { name: 'remote2' });

const SEP8 = `SEP(10.42.0.8:8080) "ns/svc" -s 10.42.0.8 MASQ
  SEP(10.42.0.8:8080) "ns/svc" T DNAT 10.42.0.8:8080`;
const SEP2 = `SEP(10.42.1.2:8080) "ns/svc" -s 10.42.1.2 MASQ
  SEP(10.42.1.2:8080) "ns/svc" T DNAT 10.42.1.2:8080`;
const SEP22 = `SEP(10.42.2.2:8080) "ns/svc" -s 10.42.2.2 MASQ
  SEP(10.42.2.2:8080) "ns/svc" T DNAT 10.42.2.2:8080`;
const TO_CIP = 'KUBE-SERVICES "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 SVC';
const TO_CIP_LOCAL = 'KUBE-SERVICES "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 SVL';
const MASQ_CIP = 'SVC "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 ! -s 10.42.0.0/16 MASQ';
const MASQ_CIP_LOCAL = 'SVL "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 ! -s 10.42.0.0/16 MASQ';
const ONE = `SVC "ns/svc -> 10.42.0.8:8080" SEP(10.42.0.8:8080)`;
const ONE_REMOTE = `SVC "ns/svc -> 10.42.1.2:8080" SEP(10.42.1.2:8080)`;
const BOTH = `SVC "ns/svc -> 10.42.0.8:8080" %0.5000000000 SEP(10.42.0.8:8080)
  SVC "ns/svc -> 10.42.1.2:8080" SEP(10.42.1.2:8080)`;
const SVL8 = 'SVL "ns/svc -> 10.42.0.8:8080" SEP(10.42.0.8:8080)';
const NODEPORT = 'KUBE-NODEPORTS "ns/svc" T --dport 30080 EXT';
const EXT_CLUSTER = `EXT "masquerade traffic for ns/svc external destinations" MASQ
  EXT SVC`;
const EXT_LOCAL_HEAD = `EXT "pod traffic for ns/svc external destinations" -s 10.42.0.0/16 SVC
  EXT "masquerade LOCAL traffic for ns/svc external destinations" FROM-LOCAL MASQ
  EXT "route LOCAL traffic for ns/svc external destinations" FROM-LOCAL SVC`;
const EXT_LOCAL = `${EXT_LOCAL_HEAD}
  EXT SVL`;
const VIP = 'KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 EXT';
const VIP_FW = 'KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 FW';
const XIP = 'KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4 --dport 80 EXT';
const NOT_ACCEPTED = '! KUBE-PROXY-FIREWALL "ns/svc traffic not accepted by FW" T -d 203.0.113.9 --dport 80 DROP';
const FW_TAIL = 'FW "other traffic to ns/svc will be dropped by KUBE-PROXY-FIREWALL"';
const NO = (chain: string, ip: string, why: string, target: string): string => `! ${chain} "ns/svc has no ${why}" T -d ${ip} --dport 80 ${target}`;
const NO_NP = (why: string, target: string): string => `! KUBE-EXTERNAL-SERVICES "ns/svc has no ${why}" TO-LOCAL T --dport 30080 ${target}`;

const sticky = (chain: string, ip: string, seconds: number): string => `${chain} "ns/svc -> ${ip}" -m recent --name SEP(${ip}) --rcheck --seconds ${seconds} --reap SEP(${ip})`;
const stickySep = (ip: string): string => `SEP(${ip}:8080) "ns/svc" -s ${ip} MASQ
  SEP(${ip}:8080) "ns/svc" -m recent --name SEP(${ip}:8080) --set T DNAT ${ip}:8080`;

export const CLUSTER_IP: readonly Case[] = [
  { name: 'no Service at all', objects: [], rules: '', fixed: `
    ! KUBE-FIREWALL "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT DROP
    ! KUBE-FORWARD -m conntrack --ctstate INVALID DROP
    ! KUBE-FORWARD "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT
    ! KUBE-FORWARD "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN
    KUBE-POSTROUTING -j MARK --xor-mark 0x00004000
    KUBE-POSTROUTING "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
    KUBE-MARK-MASQ -j MARK --or-mark 0x00004000
    KUBE-SERVICES "kubernetes service nodeports; NOTE: this must be the last rule in this chain" TO-LOCAL KUBE-NODEPORTS`,
    flows: 'outside > 10.65.94.238:22 > PASS\n pod > 192.0.2.7:80 > PASS' },
  { name: 'ClusterIP, one endpoint here', objects: [svc(), LOCAL], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${SEP8}`,
    flows: `pod > 10.43.0.41:80 > 10.42.0.8:8080
      pod 10.42.0.8 > 10.43.0.41:80 > 10.42.0.8:8080 masq
      node > 10.43.0.41:80 > 10.42.0.8:8080 masq
      outside > 10.43.0.41:80 > 10.42.0.8:8080 masq
      pod > 10.43.0.41:81 > PASS` },
  { name: 'ClusterIP, endpoints here and there', objects: [svc(), TWO], rules: `${TO_CIP}\n${MASQ_CIP}\n${BOTH}\n${SEP8}\n${SEP2}`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080\n node > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080 masq' },
  { name: 'endpoints by their text: .10 before .8, one third first', objects: [svc(), eps(['10.42.0.8', '10.42.0.10', '10.42.0.9'])],
    rules: `${TO_CIP}\n${MASQ_CIP}
      SVC "ns/svc -> 10.42.0.10:8080" %0.3333333333 SEP(10.42.0.10:8080)
      SVC "ns/svc -> 10.42.0.8:8080" %0.5000000000 SEP(10.42.0.8:8080)
      SVC "ns/svc -> 10.42.0.9:8080" SEP(10.42.0.9:8080)
      SEP(10.42.0.10:8080) "ns/svc" -s 10.42.0.10 MASQ
      SEP(10.42.0.10:8080) "ns/svc" T DNAT 10.42.0.10:8080
      ${SEP8}
      SEP(10.42.0.9:8080) "ns/svc" -s 10.42.0.9 MASQ
      SEP(10.42.0.9:8080) "ns/svc" T DNAT 10.42.0.9:8080`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.10:8080, 10.42.0.8:8080, 10.42.0.9:8080' },
  { name: 'no slice: REJECT', objects: [svc()], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT'), flows: 'pod > 10.43.0.41:80 > REJECT\n node > 10.43.0.41:80 > REJECT' },
  { name: 'only endpoints that are not ready: REJECT', objects: [svc(), eps(['10.42.0.8 notready'])], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT'), flows: 'pod > 10.43.0.41:80 > REJECT' },
  { name: 'not ready ones are left out', objects: [svc(), eps(['10.42.0.8', '10.42.0.9 notready'])], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${SEP8}`, flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: 'conditions that are not given mean ready', objects: [svc(), eps(['10.42.0.8 bare'])], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${SEP8}` },
  { name: 'terminating ones rest while others are ready', objects: [svc(), eps(['10.42.0.8', '10.42.0.9 ending'])], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${SEP8}` },
  { name: 'only terminating ones that serve: used', objects: [svc(), eps(['10.42.0.8 ending', '10.42.1.2 ending', '10.42.1.3 gone'])], rules: `${TO_CIP}\n${MASQ_CIP}\n${BOTH}\n${SEP8}\n${SEP2}`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
  { name: 'a serving condition that is not given means that it serves', objects: [svc(), eps(['10.42.0.8 silent'])], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${SEP8}` },
  { name: 'terminating and no longer serving: REJECT', objects: [svc(), eps(['10.42.0.8 gone'])], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT') },
  { name: 'two slices, one endpoint twice', objects: [svc(), TWO, LOCAL], rules: `${TO_CIP}\n${MASQ_CIP}\n${BOTH}\n${SEP8}\n${SEP2}` },
  { name: 'of two equal endpoints the local one stays', objects: [svc({ internalTrafficPolicy: 'Local' }), eps(['10.42.0.8 on=vm2']), eps(['10.42.0.8 on=vm1'])], rules: `${TO_CIP_LOCAL}\n${MASQ_CIP_LOCAL}\n${SVL8}\n${SEP8}` },
  { name: 'headless', objects: [svc({ clusterIP: 'None' }), LOCAL], rules: '' },
  { name: 'ExternalName', objects: [svc({ type: 'ExternalName', clusterIP: '', externalName: 'example.org' })], rules: '' },
  { name: 'no cluster IP yet', objects: [svc({ clusterIP: '' }), LOCAL], rules: '' },
  { name: 'another proxy looks after it', objects: [svc({ meta: { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } } }), LOCAL], rules: '' },
  { name: 'a headless label on the slice', objects: [svc(), eps(['10.42.0.8'], { labels: { 'service.kubernetes.io/headless': '' } })], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT') },
  { name: 'IPv6 Service and slice', objects: [svc({ clusterIP: 'fd00::1' }), eps(['fd00::8'], { addressType: 'IPv6' })], rules: '' },
  { name: 'dual stack: the IPv4 half', objects: [svc({ clusterIP: 'fd00::1', clusterIPs: ['fd00::1', '10.43.0.41'], externalIPs: ['fd00::4'] }), LOCAL, eps(['fd00::8'], { addressType: 'IPv6' })], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${SEP8}` },
  { name: 'named ports: each its own chains, by name', objects: [
    svc({ ports: [{ name: 'http', port: 80, protocol: 'TCP' }, { name: 'metrics', port: 9090, protocol: 'TCP' }] }),
    eps(['10.42.0.8'], { ports: [{ name: 'metrics', port: 9100, protocol: 'TCP' }, { name: 'http', port: 8080, protocol: 'TCP' }] })], rules: `
      KUBE-SERVICES "ns/svc:http cluster IP" T -d 10.43.0.41 --dport 80 SVC[ns/svc:http/tcp]
      SVC[ns/svc:http/tcp] "ns/svc:http cluster IP" T -d 10.43.0.41 --dport 80 ! -s 10.42.0.0/16 MASQ
      SVC[ns/svc:http/tcp] "ns/svc:http -> 10.42.0.8:8080" SEP(10.42.0.8:8080)[ns/svc:http/tcp]
      SEP(10.42.0.8:8080)[ns/svc:http/tcp] "ns/svc:http" -s 10.42.0.8 MASQ
      SEP(10.42.0.8:8080)[ns/svc:http/tcp] "ns/svc:http" T DNAT 10.42.0.8:8080
      KUBE-SERVICES "ns/svc:metrics cluster IP" T -d 10.43.0.41 --dport 9090 SVC[ns/svc:metrics/tcp]
      SVC[ns/svc:metrics/tcp] "ns/svc:metrics cluster IP" T -d 10.43.0.41 --dport 9090 ! -s 10.42.0.0/16 MASQ
      SVC[ns/svc:metrics/tcp] "ns/svc:metrics -> 10.42.0.8:9100" SEP(10.42.0.8:9100)[ns/svc:metrics/tcp]
      SEP(10.42.0.8:9100)[ns/svc:metrics/tcp] "ns/svc:metrics" -s 10.42.0.8 MASQ
      SEP(10.42.0.8:9100)[ns/svc:metrics/tcp] "ns/svc:metrics" T DNAT 10.42.0.8:9100`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080\n pod > 10.43.0.41:9090 > 10.42.0.8:9100' },
  { name: 'one name of the slice does not match: that port rejects', objects: [
    svc({ ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }), eps(['10.42.0.8'], { ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] })],
    rules: '! KUBE-SERVICES "ns/svc:http has no endpoints" T -d 10.43.0.41 --dport 80 REJECT' },
  { name: 'a slice port without a name is ignored', objects: [svc(), eps(['10.42.0.8'], { ports: [{ port: 8080, protocol: 'TCP' }] })], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT') },
  { name: 'a slice port without a number is ignored', objects: [svc(), eps(['10.42.0.8'], { ports: [{ name: '', protocol: 'TCP' }] })], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT') },
  { name: 'same number over TCP and UDP', objects: [
    svc({ ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }] }),
    eps(['10.42.0.8'], { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }] })], rules: `
      KUBE-SERVICES "ns/svc:dns cluster IP" U -d 10.43.0.41 --dport 53 SVC[ns/svc:dns/udp]
      SVC[ns/svc:dns/udp] "ns/svc:dns cluster IP" U -d 10.43.0.41 --dport 53 ! -s 10.42.0.0/16 MASQ
      SVC[ns/svc:dns/udp] "ns/svc:dns -> 10.42.0.8:53" SEP(10.42.0.8:53)[ns/svc:dns/udp]
      SEP(10.42.0.8:53)[ns/svc:dns/udp] "ns/svc:dns" -s 10.42.0.8 MASQ
      SEP(10.42.0.8:53)[ns/svc:dns/udp] "ns/svc:dns" U DNAT 10.42.0.8:53
      KUBE-SERVICES "ns/svc:dns-tcp cluster IP" T -d 10.43.0.41 --dport 53 SVC[ns/svc:dns-tcp/tcp]
      SVC[ns/svc:dns-tcp/tcp] "ns/svc:dns-tcp cluster IP" T -d 10.43.0.41 --dport 53 ! -s 10.42.0.0/16 MASQ
      SVC[ns/svc:dns-tcp/tcp] "ns/svc:dns-tcp -> 10.42.0.8:53" SEP(10.42.0.8:53)[ns/svc:dns-tcp/tcp]
      SEP(10.42.0.8:53)[ns/svc:dns-tcp/tcp] "ns/svc:dns-tcp" -s 10.42.0.8 MASQ
      SEP(10.42.0.8:53)[ns/svc:dns-tcp/tcp] "ns/svc:dns-tcp" T DNAT 10.42.0.8:53`,
    flows: 'pod > 10.43.0.41:53/udp > 10.42.0.8:53\n node > 10.43.0.41:53 > 10.42.0.8:53 masq' },
  { name: 'UDP without endpoints', objects: [svc({ ports: [{ port: 53, protocol: 'UDP' }] })], rules: '! KUBE-SERVICES "ns/svc has no endpoints" U -d 10.43.0.41 --dport 53 REJECT', flows: 'pod > 10.43.0.41:53/udp > REJECT' },
  { name: 'SCTP', objects: [svc({ ports: [{ port: 9999, protocol: 'SCTP' }] }), eps(['10.42.0.8'], { ports: [{ name: '', port: 9998, protocol: 'SCTP' }] })], rules: `
      KUBE-SERVICES "ns/svc cluster IP" S -d 10.43.0.41 --dport 9999 SVC[ns/svc/sctp]
      SVC[ns/svc/sctp] "ns/svc cluster IP" S -d 10.43.0.41 --dport 9999 ! -s 10.42.0.0/16 MASQ
      SVC[ns/svc/sctp] "ns/svc -> 10.42.0.8:9998" SEP(10.42.0.8:9998)[ns/svc/sctp]
      SEP(10.42.0.8:9998)[ns/svc/sctp] "ns/svc" -s 10.42.0.8 MASQ
      SEP(10.42.0.8:9998)[ns/svc/sctp] "ns/svc" S DNAT 10.42.0.8:9998` },
  { name: 'session affinity, the usual three hours', objects: [svc({ sessionAffinity: 'ClientIP' }), TWO],
    rules: `${TO_CIP}\n${MASQ_CIP}\n${sticky('SVC', '10.42.0.8:8080', 10800)}\n${sticky('SVC', '10.42.1.2:8080', 10800)}\n${BOTH}\n${stickySep('10.42.0.8')}\n${stickySep('10.42.1.2')}` },
  { name: 'session affinity, its own timeout, one endpoint', objects: [svc({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } } }), LOCAL],
    rules: `${TO_CIP}\n${MASQ_CIP}\n${sticky('SVC', '10.42.0.8:8080', 100)}\n${ONE}\n${stickySep('10.42.0.8')}`, flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: 'internal policy Local, endpoint here', objects: [svc({ internalTrafficPolicy: 'Local' }), TWO], rules: `${TO_CIP_LOCAL}\n${MASQ_CIP_LOCAL}\n${SVL8}\n${SEP8}`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080\n node > 10.43.0.41:80 > 10.42.0.8:8080 masq' },
  { name: 'internal policy Local, endpoints elsewhere: DROP', objects: [svc({ internalTrafficPolicy: 'Local' }), REMOTE], rules: NO('KUBE-SERVICES', '10.43.0.41', 'local endpoints', 'DROP'), flows: 'pod > 10.43.0.41:80 > DROP' },
  { name: 'internal policy Local, none anywhere: REJECT', objects: [svc({ internalTrafficPolicy: 'Local' })], rules: NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT') },
  { name: 'internal policy Local, the local one is ending', objects: [svc({ internalTrafficPolicy: 'Local' }), eps(['10.42.0.8 ending', '10.42.1.2'])], rules: `${TO_CIP_LOCAL}\n${MASQ_CIP_LOCAL}\n${SVL8}\n${SEP8}` },
  { name: 'internal policy Local, only a remote one that is ending: DROP', objects: [svc({ internalTrafficPolicy: 'Local' }), eps(['10.42.1.2 ending'])], rules: NO('KUBE-SERVICES', '10.43.0.41', 'local endpoints', 'DROP') },
  { name: 'two Services, by name', objects: [svc({ name: 'zeta', clusterIP: '10.43.0.2' }), svc({ name: 'alpha', clusterIP: '10.43.0.1' })], rules: `
      ! KUBE-SERVICES "ns/alpha has no endpoints" T -d 10.43.0.1 --dport 80 REJECT
      ! KUBE-SERVICES "ns/zeta has no endpoints" T -d 10.43.0.2 --dport 80 REJECT` },
];

export const EXTERNAL: readonly Case[] = [
  { name: 'NodePort', objects: [np(), TWO], rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${BOTH}\n${SEP8}\n${SEP2}`,
    flows: `outside > 10.65.94.238:30080 > 10.42.0.8:8080, 10.42.1.2:8080 masq
      outside > 192.168.7.1:30080 > 10.42.0.8:8080, 10.42.1.2:8080 masq
      pod > 10.65.94.238:30080 > 10.42.0.8:8080, 10.42.1.2:8080 masq
      pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080
      localhost > 127.0.0.1:30080 > 10.42.0.8:8080, 10.42.1.2:8080 masq` },
  { name: 'NodePort without endpoints', objects: [np()], rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT')}\n${NO_NP('endpoints', 'REJECT')}`, flows: 'outside > 10.65.94.238:30080 > REJECT\n node > 10.43.0.41:80 > REJECT' },
  { name: 'NodePort, external policy Local, endpoint here', objects: [np({ externalTrafficPolicy: 'Local' }), TWO],
    rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_LOCAL}\n${BOTH}\n${SVL8}\n${SEP8}\n${SEP2}`,
    flows: `outside > 10.65.94.238:30080 > 10.42.0.8:8080
      remote pod > 10.65.94.238:30080 > 10.42.0.8:8080, 10.42.1.2:8080
      pod > 10.65.94.238:30080 > 10.42.0.8:8080, 10.42.1.2:8080
      node > 10.65.94.238:30080 > 10.42.0.8:8080, 10.42.1.2:8080 masq
      node > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080 masq` },
  { name: 'NodePort, external policy Local, endpoints elsewhere: DROP for the outside', objects: [np({ externalTrafficPolicy: 'Local' }), REMOTE],
    rules: `${TO_CIP}\n${NODEPORT}\n${NO_NP('local endpoints', 'DROP')}\n${MASQ_CIP}\n${EXT_LOCAL_HEAD}\n${ONE_REMOTE}\n${SEP2}`,
    flows: 'outside > 10.65.94.238:30080 > DROP\n pod > 10.65.94.238:30080 > 10.42.1.2:8080\n node > 10.65.94.238:30080 > 10.42.1.2:8080 masq' },
  { name: 'NodePort, external policy Local, none anywhere: REJECT', objects: [np({ externalTrafficPolicy: 'Local' })], rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT')}\n${NO_NP('endpoints', 'REJECT')}` },
  { name: 'NodePort, internal policy Local, external Cluster', objects: [np({ internalTrafficPolicy: 'Local' }), TWO],
    rules: `${TO_CIP_LOCAL}\n${NODEPORT}\n${MASQ_CIP_LOCAL}\n${EXT_CLUSTER}\n${BOTH}\n${SVL8}\n${SEP8}\n${SEP2}`, flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080\n outside > 10.65.94.238:30080 > 10.42.0.8:8080, 10.42.1.2:8080 masq' },
  { name: 'NodePort, internal policy Local, endpoints elsewhere', objects: [np({ internalTrafficPolicy: 'Local' }), REMOTE],
    rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'local endpoints', 'DROP')}\n${NODEPORT}\n${EXT_CLUSTER}\n${ONE_REMOTE}\n${SEP2}`, flows: 'pod > 10.43.0.41:80 > DROP\n outside > 10.65.94.238:30080 > 10.42.1.2:8080 masq' },
  { name: 'NodePort, both policies Local, endpoints elsewhere', objects: [np({ internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' }), REMOTE],
    rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'local endpoints', 'DROP')}\n${NODEPORT}\n${NO_NP('local endpoints', 'DROP')}\n${EXT_LOCAL_HEAD}\n${ONE_REMOTE}\n${SEP2}`,
    flows: 'pod > 10.43.0.41:80 > DROP\n outside > 10.65.94.238:30080 > DROP\n pod > 10.65.94.238:30080 > 10.42.1.2:8080' },
  { name: 'external policy Local, only terminating ones here, ready ones elsewhere', objects: [np({ externalTrafficPolicy: 'Local' }), eps(['10.42.0.8 ending', '10.42.1.2'])],
    rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_LOCAL}\n${ONE_REMOTE}\n${SVL8}\n${SEP8}\n${SEP2}`, flows: 'outside > 10.65.94.238:30080 > 10.42.0.8:8080\n pod > 10.43.0.41:80 > 10.42.1.2:8080' },
  { name: 'LoadBalancer', objects: [lb(), LOCAL], rules: `${TO_CIP}\n${VIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}`,
    flows: 'outside > 203.0.113.9:80 > 10.42.0.8:8080 masq\n pod > 203.0.113.9:80 > 10.42.0.8:8080 masq\n node > 203.0.113.9:80 > 10.42.0.8:8080 masq\n outside > 203.0.113.9:81 > PASS' },
  { name: 'LoadBalancer without an address yet is a NodePort', objects: [lb({ lb: [] }), LOCAL], rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'LoadBalancer by name only, IPv6 and IPv4', objects: [lb({ lb: [{ hostname: 'lb.example.org' }, '2001:db8::9', '203.0.113.9'] }), LOCAL], rules: `${TO_CIP}\n${VIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'LoadBalancer without node ports', objects: [lb({ allocateLoadBalancerNodePorts: false, ports: [{ port: 80, protocol: 'TCP' }] }), LOCAL], rules: `${TO_CIP}\n${VIP}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'LoadBalancer without endpoints', objects: [lb()], rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT')}\n${NO('KUBE-EXTERNAL-SERVICES', '203.0.113.9', 'endpoints', 'REJECT')}\n${NO_NP('endpoints', 'REJECT')}`,
    flows: 'outside > 203.0.113.9:80 > REJECT\n outside > 10.65.94.238:30080 > REJECT' },
  { name: 'LoadBalancer, external policy Local, with health check port', objects: [lb({ externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 }), TWO],
    rules: `${TO_CIP}\n${VIP}\n${NODEPORT}\n! KUBE-NODEPORTS "ns/svc health check node port" T --dport 31000 -j ACCEPT\n${MASQ_CIP}\n${EXT_LOCAL}\n${BOTH}\n${SVL8}\n${SEP8}\n${SEP2}`,
    flows: 'outside > 203.0.113.9:80 > 10.42.0.8:8080\n pod > 203.0.113.9:80 > 10.42.0.8:8080, 10.42.1.2:8080\n node > 203.0.113.9:80 > 10.42.0.8:8080, 10.42.1.2:8080 masq\n outside > 10.65.94.238:31000 > PASS' },
  { name: 'LoadBalancer, external policy Local, endpoints elsewhere: health check stays', objects: [lb({ externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 }), REMOTE2],
    rules: `${TO_CIP}\n${VIP}\n${NO('KUBE-EXTERNAL-SERVICES', '203.0.113.9', 'local endpoints', 'DROP')}\n${NODEPORT}\n${NO_NP('local endpoints', 'DROP')}
      ! KUBE-NODEPORTS "ns/svc health check node port" T --dport 31000 -j ACCEPT\n${MASQ_CIP}\n${EXT_LOCAL_HEAD}
      SVC "ns/svc -> 10.42.1.2:8080" %0.5000000000 SEP(10.42.1.2:8080)
      SVC "ns/svc -> 10.42.2.2:8080" SEP(10.42.2.2:8080)\n${SEP2}\n${SEP22}`,
    flows: 'outside > 203.0.113.9:80 > DROP\n pod > 203.0.113.9:80 > 10.42.1.2:8080, 10.42.2.2:8080' },
  { name: 'healthCheckNodePort means nothing under Cluster', objects: [lb({ healthCheckNodePort: 31000 }), LOCAL], rules: `${TO_CIP}\n${VIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'source ranges, node outside them', objects: [lb({ loadBalancerSourceRanges: ['192.0.2.0/24', '198.51.100.77/25', 'fd00::/8'] }), LOCAL],
    rules: `${TO_CIP}\n${VIP_FW}\n${NOT_ACCEPTED}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}
      FW "ns/svc loadbalancer IP" -s 192.0.2.0/24 EXT
      FW "ns/svc loadbalancer IP" -s 198.51.100.77/25 EXT\n${FW_TAIL}\n${ONE}\n${SEP8}`,
    flows: `outside > 203.0.113.9:80 > 10.42.0.8:8080 masq
      neighbour > 203.0.113.9:80 > DROP
      neighbour > 10.65.94.238:30080 > 10.42.0.8:8080 masq
      pod > 203.0.113.9:80 > DROP
      node > 203.0.113.9:80 > DROP` },
  { name: 'source ranges with the node in one: its own VIP as source too', objects: [lb({ loadBalancerSourceRanges: [' 10.65.94.0/24 '] }), LOCAL],
    rules: `${TO_CIP}\n${VIP_FW}\n${NOT_ACCEPTED}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}
      FW "ns/svc loadbalancer IP" -s 10.65.94.0/24 EXT
      FW "ns/svc loadbalancer IP" -s 203.0.113.9 EXT\n${FW_TAIL}\n${ONE}\n${SEP8}`,
    flows: 'neighbour > 203.0.113.9:80 > 10.42.0.8:8080 masq\n outside > 203.0.113.9:80 > DROP\n node > 203.0.113.9:80 > 10.42.0.8:8080 masq' },
  { name: 'source ranges of the other family only: no firewall', objects: [lb({ loadBalancerSourceRanges: ['fd00::/8'] }), LOCAL], rules: `${TO_CIP}\n${VIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'source ranges without endpoints', objects: [lb({ loadBalancerSourceRanges: ['192.0.2.0/24'] })],
    rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT')}\n${NO('KUBE-EXTERNAL-SERVICES', '203.0.113.9', 'endpoints', 'REJECT')}\n${NO_NP('endpoints', 'REJECT')}`, flows: 'outside > 203.0.113.9:80 > REJECT' },
  { name: 'source ranges, external policy Local', objects: [lb({ externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['192.0.2.0/24'] }), LOCAL],
    rules: `${TO_CIP}\n${VIP_FW}\n${NOT_ACCEPTED}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_LOCAL}\n FW "ns/svc loadbalancer IP" -s 192.0.2.0/24 EXT\n${FW_TAIL}\n${ONE}\n${SVL8}\n${SEP8}`,
    flows: 'outside > 203.0.113.9:80 > 10.42.0.8:8080\n neighbour > 203.0.113.9:80 > DROP' },
  { name: 'ipMode Proxy counts for nothing in 1.29: rules are written', objects: [lb({ lb: [{ ip: '203.0.113.9', ipMode: 'Proxy' }] }), LOCAL], rules: `${TO_CIP}\n${VIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'ipMode Proxy in 1.30: the address is left alone', version: '1.30', objects: [lb({ lb: [{ ip: '203.0.113.9', ipMode: 'Proxy' }] }), LOCAL], rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}`, flows: 'outside > 203.0.113.9:80 > PASS' },
  { name: 'externalIPs', objects: [svc({ externalIPs: ['198.51.100.4'] }), LOCAL], rules: `${TO_CIP}\n${XIP}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}`, flows: 'outside > 198.51.100.4:80 > 10.42.0.8:8080 masq\n pod > 198.51.100.4:80 > 10.42.0.8:8080 masq' },
  { name: 'externalIPs without endpoints', objects: [svc({ externalIPs: ['198.51.100.4'] })], rules: `${NO('KUBE-SERVICES', '10.43.0.41', 'endpoints', 'REJECT')}\n${NO('KUBE-EXTERNAL-SERVICES', '198.51.100.4', 'endpoints', 'REJECT')}`, flows: 'outside > 198.51.100.4:80 > REJECT' },
  { name: 'externalIPs, external policy Local, endpoints elsewhere', objects: [svc({ externalIPs: ['198.51.100.4'], externalTrafficPolicy: 'Local' }), REMOTE],
    rules: `${TO_CIP}\n${XIP}\n${NO('KUBE-EXTERNAL-SERVICES', '198.51.100.4', 'local endpoints', 'DROP')}\n${MASQ_CIP}\n${EXT_LOCAL_HEAD}\n${ONE_REMOTE}\n${SEP2}`, flows: 'outside > 198.51.100.4:80 > DROP\n pod > 198.51.100.4:80 > 10.42.1.2:8080' },
  { name: 'external policy Local of a plain ClusterIP counts for nothing', objects: [svc({ externalTrafficPolicy: 'Local' }), REMOTE], rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE_REMOTE}\n${SEP2}` },
  { name: 'everything at once, in order', objects: [lb({ externalIPs: ['198.51.100.4'], lb: ['203.0.113.9', '203.0.113.10'] }), LOCAL],
    rules: `${TO_CIP}\n${XIP}\n${VIP}\n KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.10 --dport 80 EXT\n${NODEPORT}\n${MASQ_CIP}\n${EXT_CLUSTER}\n${ONE}\n${SEP8}` },
  { name: 'affinity under external policy Local: both lists', objects: [np({ externalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP' }), LOCAL],
    rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT_LOCAL}\n${sticky('SVC', '10.42.0.8:8080', 10800)}\n${ONE}\n${sticky('SVL', '10.42.0.8:8080', 10800)}\n${SVL8}\n${stickySep('10.42.0.8')}` },
];
