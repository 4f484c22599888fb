/** What the node's configuration and the release change. Rules of facts 1.2, 1.6, 1.9 and 1.11. */
import { eps, lb, np, svc } from './notation.ts';
import type { Case } from './cases.ts';

const LOCAL = eps(['10.42.0.8'], { name: 'here' });
const REMOTE = eps(['10.42.1.2'], { name: 'there' });
const TO_CIP = 'KUBE-SERVICES "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 SVC';
const MASQ_CIP = 'SVC "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 ! -s 10.42.0.0/16 MASQ';
const ONE = 'SVC "ns/svc -> 10.42.0.8:8080" SEP(10.42.0.8:8080)';
const ONE_REMOTE = 'SVC "ns/svc -> 10.42.1.2:8080" SEP(10.42.1.2:8080)';
const sep = (ip: string): string => `SEP(${ip}:8080) "ns/svc" -s ${ip} MASQ\n SEP(${ip}:8080) "ns/svc" T DNAT ${ip}:8080`;
const NODEPORT = 'KUBE-NODEPORTS "ns/svc" T --dport 30080 EXT';
const EXT = 'EXT "masquerade traffic for ns/svc external destinations" MASQ\n EXT SVC';
const LAST = '"kubernetes service nodeports; NOTE: this must be the last rule in this chain"';

const POSTROUTING = `KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN
  KUBE-POSTROUTING -j MARK --xor-mark 0x00004000
  KUBE-POSTROUTING "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
  KUBE-MARK-MASQ -j MARK --or-mark 0x00004000`;
const FIREWALL = '! KUBE-FIREWALL "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT DROP';
const INVALID = '! KUBE-FORWARD -m conntrack --ctstate INVALID DROP';
const MARKED = '! KUBE-FORWARD "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT';
const ESTABLISHED = '! KUBE-FORWARD "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT';
const TAIL = `KUBE-SERVICES ${LAST} TO-LOCAL KUBE-NODEPORTS`;

export const SETTINGS: readonly Case[] = [
  { name: 'masqueradeAll', config: { masqueradeAll: true }, objects: [svc(), LOCAL], rules: `${TO_CIP}\n SVC "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 MASQ\n${ONE}\n${sep('10.42.0.8')}`, flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080 masq' },
  { name: 'no local detector', config: { detectLocalMode: 'none' }, objects: [np({ externalTrafficPolicy: 'Local' }), LOCAL], rules: `${TO_CIP}\n${NODEPORT}
      EXT "masquerade LOCAL traffic for ns/svc external destinations" FROM-LOCAL MASQ
      EXT "route LOCAL traffic for ns/svc external destinations" FROM-LOCAL SVC
      EXT SVL\n${ONE}\n SVL "ns/svc -> 10.42.0.8:8080" SEP(10.42.0.8:8080)\n${sep('10.42.0.8')}`,
    flows: 'outside > 10.43.0.41:80 > 10.42.0.8:8080\n pod > 10.65.94.238:30080 > 10.42.0.8:8080' },
  { name: 'NodeCIDR', config: { detectLocalMode: 'NodeCIDR', nodeCIDR: '10.42.0.0/24' }, objects: [svc(), LOCAL], rules: `${TO_CIP}\n SVC "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 ! -s 10.42.0.0/24 MASQ\n${ONE}\n${sep('10.42.0.8')}`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080\n remote pod > 10.43.0.41:80 > 10.42.0.8:8080 masq' },
  { name: 'BridgeInterface', config: { detectLocalMode: 'BridgeInterface', bridgeInterface: 'cni0' }, objects: [svc(), LOCAL], rules: `${TO_CIP}\n SVC "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 ! -i cni0 MASQ\n${ONE}\n${sep('10.42.0.8')}`,
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080\n remote pod > 10.43.0.41:80 > 10.42.0.8:8080 masq' },
  { name: 'InterfaceNamePrefix', config: { detectLocalMode: 'InterfaceNamePrefix', interfaceNamePrefix: 'cn' }, objects: [np({ externalTrafficPolicy: 'Local' }), REMOTE], rules: `${TO_CIP}\n${NODEPORT}
      ! KUBE-EXTERNAL-SERVICES "ns/svc has no local endpoints" TO-LOCAL T --dport 30080 DROP
      SVC "ns/svc cluster IP" T -d 10.43.0.41 --dport 80 ! -i cn+ MASQ
      EXT "pod traffic for ns/svc external destinations" -i cn+ SVC
      EXT "masquerade LOCAL traffic for ns/svc external destinations" FROM-LOCAL MASQ
      EXT "route LOCAL traffic for ns/svc external destinations" FROM-LOCAL SVC\n${ONE_REMOTE}\n${sep('10.42.1.2')}`,
    flows: 'pod > 10.65.94.238:30080 > 10.42.1.2:8080\n remote pod > 10.65.94.238:30080 > DROP' },
  { name: 'localhostNodePorts off', config: { localhostNodePorts: false }, objects: [np(), LOCAL], rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT}\n${ONE}\n${sep('10.42.0.8')}`,
    fixed: `${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n KUBE-SERVICES ${LAST} TO-LOCAL ! -d 127.0.0.0/8 KUBE-NODEPORTS`, flows: 'localhost > 127.0.0.1:30080 > PASS\n outside > 10.65.94.238:30080 > 10.42.0.8:8080 masq' },
  { name: 'nodePortAddresses primary: without loopback no KUBE-FIREWALL either', config: { nodePortAddresses: ['primary'] }, objects: [np(), LOCAL], fixed: `${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n KUBE-SERVICES ${LAST} -d 10.65.94.238 KUBE-NODEPORTS`,
    flows: 'outside > 10.65.94.238:30080 > 10.42.0.8:8080 masq\n outside > 192.168.7.1:30080 > PASS' },
  { name: 'nodePortAddresses by range, with loopback', config: { nodePortAddresses: ['192.168.0.0/16', '127.0.0.0/8', 'fd00::/8'], nodeAddresses: ['192.168.7.1'] }, objects: [np(), LOCAL],
    fixed: `${FIREWALL}\n${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n KUBE-SERVICES ${LAST} -d 192.168.7.1 KUBE-NODEPORTS\n KUBE-SERVICES ${LAST} -d 127.0.0.1 KUBE-NODEPORTS`,
    flows: 'outside > 10.65.94.238:30080 > PASS\n outside > 192.168.7.1:30080 > 10.42.0.8:8080 masq\n localhost > 127.0.0.1:30080 > 10.42.0.8:8080 masq' },
  { name: 'nodePortAddresses with loopback, localhostNodePorts off', config: { nodePortAddresses: ['10.65.0.0/16', '127.0.0.0/8'], localhostNodePorts: false }, objects: [np(), LOCAL],
    fixed: `${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n KUBE-SERVICES ${LAST} -d 10.65.94.238 KUBE-NODEPORTS` },
  { name: 'nodePortAddresses of the other family only: all', config: { nodePortAddresses: ['fd00::/8'] }, objects: [], fixed: `${FIREWALL}\n${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n${TAIL}` },
  { name: 'nodePortAddresses that the node has none of: no rule', config: { nodePortAddresses: ['172.16.0.0/12'] }, objects: [], fixed: `${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}` },
  { name: 'nodePortAddresses that the node has none of: node ports are written all the same', config: { nodePortAddresses: ['172.16.0.0/12'] }, objects: [np(), LOCAL], rules: `${TO_CIP}\n${NODEPORT}\n${MASQ_CIP}\n${EXT}\n${ONE}\n${sep('10.42.0.8')}`,
    flows: 'outside > 10.65.94.238:30080 > PASS\n pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: 'another masquerade bit, no --random-fully', config: { masqueradeBit: 4, randomFully: false }, objects: [], fixed: `${FIREWALL}\n${INVALID}
      ! KUBE-FORWARD "kubernetes forwarding rules" -m mark --mark 0x00000010/0x00000010 -j ACCEPT\n${ESTABLISHED}
      KUBE-POSTROUTING -m mark ! --mark 0x00000010/0x00000010 -j RETURN
      KUBE-POSTROUTING -j MARK --xor-mark 0x00000010
      KUBE-POSTROUTING "kubernetes service traffic requiring SNAT" -j MASQUERADE
      KUBE-MARK-MASQ -j MARK --or-mark 0x00000010\n${TAIL}` },
  { name: 'be_liberal: no INVALID rule', config: { tcpBeLiberal: true }, objects: [], fixed: `${FIREWALL}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n${TAIL}` },
  { name: 'a large cluster: no comments where there is one rule per endpoint', config: { largeClusterEndpoints: 0 }, objects: [lb({ loadBalancerSourceRanges: ['192.0.2.0/24'], sessionAffinity: 'ClientIP' }), LOCAL], rules: `
      ${TO_CIP}
      KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 FW
      ! KUBE-PROXY-FIREWALL "ns/svc traffic not accepted by FW" T -d 203.0.113.9 --dport 80 DROP
      ${NODEPORT}\n${MASQ_CIP}\n${EXT}
      FW "ns/svc loadbalancer IP" -s 192.0.2.0/24 EXT
      FW "other traffic to ns/svc will be dropped by KUBE-PROXY-FIREWALL"
      SVC -m recent --name SEP(10.42.0.8:8080) --rcheck --seconds 10800 --reap SEP(10.42.0.8:8080)
      SVC SEP(10.42.0.8:8080)
      SEP(10.42.0.8:8080) -s 10.42.0.8 MASQ
      SEP(10.42.0.8:8080) -m recent --name SEP(10.42.0.8:8080) --set T DNAT 10.42.0.8:8080` },
  { name: 'topology: annotation, zone and hints for all', config: { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }, objects: [svc({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } }), eps(['10.42.0.8 zone=a', '10.42.1.2 zone=b'])],
    rules: `${TO_CIP}\n${MASQ_CIP}\n${ONE}\n${sep('10.42.0.8')}`, flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: 'topology: one ready endpoint without a hint: all', config: { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }, objects: [svc({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } }), eps(['10.42.0.8 zone=a', '10.42.1.2'])],
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
  { name: 'topology: none for this zone: all', config: { nodeLabels: { 'topology.kubernetes.io/zone': 'c' } }, objects: [svc({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } }), eps(['10.42.0.8 zone=a', '10.42.1.2 zone=b'])],
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
  { name: 'topology: disabled', config: { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }, objects: [svc({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'disabled' } } }), eps(['10.42.0.8 zone=a', '10.42.1.2 zone=b'])],
    flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
  { name: 'topology and external policy Local: chains for both lists', config: { nodeLabels: { 'topology.kubernetes.io/zone': 'b' } }, objects: [np({ externalTrafficPolicy: 'Local', meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } }), eps(['10.42.0.8 zone=a', '10.42.1.2 zone=b'])],
    flows: 'pod > 10.43.0.41:80 > 10.42.1.2:8080\n outside > 10.65.94.238:30080 > 10.42.0.8:8080' },
  { name: 'hints without the annotation, 1.29: all', config: { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } }, objects: [svc(), eps(['10.42.0.8 zone=a', '10.42.1.2 zone=b'])], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
];

const ZONE_A = { nodeLabels: { 'topology.kubernetes.io/zone': 'a' } };
const HINTED = eps(['10.42.0.8 zone=a', '10.42.1.2 zone=b'], { name: 'hinted' });
const NODE_HINTED = eps(['10.42.0.8 zone=a for=vm2', '10.42.1.2 zone=b for=vm1'], { name: 'node-hinted' });

/** Up to 1.23: parts of the XLB layout. */
const OLD_TO_CIP = 'KUBE-SERVICES "ns/svc cluster IP" T -d 10.43.0.41/32 --dport 80 SVC';
const oldMasq = (chain: string): string => `${chain} "ns/svc cluster IP" T -d 10.43.0.41/32 --dport 80 ! -s 10.42.0.0/16 MASQ`;
const OLD_ONE = 'SVC "ns/svc" SEP(10.42.0.8:8080)';
const oldSep = (ip: string): string => `SEP(${ip}:8080) "ns/svc" -s ${ip}/32 MASQ\n SEP(${ip}:8080) "ns/svc" T DNAT ${ip}:8080`;
const FW_MASQ = 'FW "ns/svc loadbalancer IP" MASQ';
const FW_DROP = 'FW "ns/svc loadbalancer IP" MARK-DROP';
const TO_FW = 'KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9/32 --dport 80 FW';
const XLB_HEAD = `XLB "Redirect pods trying to reach external loadbalancer VIP to clusterIP" -s 10.42.0.0/16 SVC
  XLB "masquerade LOCAL traffic for ns/svc LB IP" FROM-LOCAL MASQ
  XLB "route LOCAL traffic for ns/svc LB IP to service chain" FROM-LOCAL SVC`;
const OLD_NP = 'KUBE-NODEPORTS "ns/svc" T --dport 30080';
const OLD_ESTABLISHED = `! KUBE-FORWARD "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  ! KUBE-FORWARD "kubernetes forwarding conntrack pod destination rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`;

export const VERSIONS: readonly Case[] = [
  { name: '1.18.8 LoadBalancer', version: '1.18.8', objects: [lb(), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}\n${TO_FW}\n${FW_MASQ}\n FW "ns/svc loadbalancer IP" SVC\n${FW_DROP}
      ${OLD_NP} MASQ\n ${OLD_NP} SVC\n${OLD_ONE}\n${oldSep('10.42.0.8')}`, fixed: `${INVALID}\n${MARKED}\n${OLD_ESTABLISHED}\n${POSTROUTING}\n${TAIL}`,
    flows: 'outside > 203.0.113.9:80 > 10.42.0.8:8080 masq\n pod > 203.0.113.9:80 > 10.42.0.8:8080 masq\n outside > 10.65.94.238:30080 > 10.42.0.8:8080 masq\n pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.18.2: KUBE-POSTROUTING is one rule', version: '1.18.2', objects: [lb()], fixed: `${INVALID}\n${MARKED}\n${OLD_ESTABLISHED}
      KUBE-POSTROUTING "kubernetes service traffic requiring SNAT" -m mark --mark 0x00004000/0x00004000 -j MASQUERADE --random-fully
      KUBE-MARK-MASQ -j MARK --or-mark 0x00004000\n${TAIL}`, rules: `
      ! KUBE-SERVICES "ns/svc has no endpoints" T -d 10.43.0.41/32 --dport 80 REJECT
      ! KUBE-SERVICES "ns/svc has no endpoints" T -d 203.0.113.9/32 --dport 80 REJECT
      ! KUBE-EXTERNAL-SERVICES "ns/svc has no endpoints" TO-LOCAL T --dport 30080 REJECT` },
  { name: '1.18.8 LoadBalancer without endpoints', version: '1.18.8', objects: [lb()], rules: `
      ! KUBE-SERVICES "ns/svc has no endpoints" T -d 10.43.0.41/32 --dport 80 REJECT
      ! KUBE-EXTERNAL-SERVICES "ns/svc has no endpoints" T -d 203.0.113.9/32 --dport 80 REJECT
      ! KUBE-EXTERNAL-SERVICES "ns/svc has no endpoints" TO-LOCAL T --dport 30080 REJECT`, flows: 'pod > 10.43.0.41:80 > REJECT' },
  { name: '1.18.8 external policy Local', version: '1.18.8', objects: [lb({ externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}\n${TO_FW}\n FW "ns/svc loadbalancer IP" XLB\n${FW_DROP}
      ${OLD_NP} -s 127.0.0.0/8 MASQ\n ${OLD_NP} XLB\n${OLD_ONE}\n${oldSep('10.42.0.8')}\n${XLB_HEAD}\n XLB "Balancing rule 0 for ns/svc" SEP(10.42.0.8:8080)`,
    flows: 'outside > 203.0.113.9:80 > 10.42.0.8:8080\n node > 203.0.113.9:80 > 10.42.0.8:8080 masq' },
  { name: '1.18.8 external policy Local, endpoints elsewhere: marked for DROP', version: '1.18.8', objects: [np({ externalTrafficPolicy: 'Local' }), REMOTE], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}
      ${OLD_NP} -s 127.0.0.0/8 MASQ\n ${OLD_NP} XLB\n SVC "ns/svc" SEP(10.42.1.2:8080)\n${oldSep('10.42.1.2')}\n${XLB_HEAD}\n XLB "ns/svc has no local endpoints" MARK-DROP`,
    flows: 'outside > 10.65.94.238:30080 > DROP\n pod > 10.65.94.238:30080 > 10.42.1.2:8080' },
  { name: '1.18.8 external IP: three rules', version: '1.18.8', objects: [svc({ externalIPs: ['198.51.100.4'] }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 MASQ
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL SVC
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 TO-LOCAL SVC\n${OLD_ONE}\n${oldSep('10.42.0.8')}`,
    flows: 'outside > 198.51.100.4:80 > 10.42.0.8:8080 masq\n node > 198.51.100.4:80 > PASS masq' },
  { name: '1.18.8 affinity and source ranges', version: '1.18.8', objects: [lb({ sessionAffinity: 'ClientIP', loadBalancerSourceRanges: ['10.65.94.0/24'], externalTrafficPolicy: 'Local' }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}\n${TO_FW}
      FW "ns/svc loadbalancer IP" -s 10.65.94.0/24 XLB
      FW "ns/svc loadbalancer IP" -s 203.0.113.9/32 XLB\n${FW_DROP}
      ${OLD_NP} -s 127.0.0.0/8 MASQ\n ${OLD_NP} XLB
      SVC "ns/svc" -m recent --name SEP(10.42.0.8:8080) --rcheck --seconds 10800 --reap SEP(10.42.0.8:8080)\n${OLD_ONE}
      SEP(10.42.0.8:8080) "ns/svc" -s 10.42.0.8/32 MASQ
      SEP(10.42.0.8:8080) "ns/svc" -m recent --name SEP(10.42.0.8:8080) --set T DNAT 10.42.0.8:8080\n${XLB_HEAD}
      XLB "ns/svc" -m recent --name SEP(10.42.0.8:8080) --rcheck --seconds 10800 --reap SEP(10.42.0.8:8080)
      XLB "Balancing rule 0 for ns/svc" SEP(10.42.0.8:8080)`, flows: 'neighbour > 203.0.113.9:80 > 10.42.0.8:8080' },
  { name: '1.21 external IP: mark unless a pod, one jump; health check port', version: '1.21', objects: [lb({ externalIPs: ['198.51.100.4'], lb: [], allocateLoadBalancerNodePorts: false, ports: [{ port: 80, protocol: 'TCP' }], externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 }), LOCAL],
    rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}\n KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 XLB\n ! KUBE-NODEPORTS "ns/svc health check node port" T --dport 31000 -j ACCEPT
      ${OLD_ONE}\n${oldSep('10.42.0.8')}\n${XLB_HEAD}\n XLB "Balancing rule 0 for ns/svc" SEP(10.42.0.8:8080)` },
  { name: '1.21 external IP under Cluster', version: '1.21', objects: [svc({ externalIPs: ['198.51.100.4'] }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 ! -s 10.42.0.0/16 MASQ
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 SVC\n${OLD_ONE}\n${oldSep('10.42.0.8')}`, flows: 'node > 198.51.100.4:80 > 10.42.0.8:8080 masq\n pod > 198.51.100.4:80 > 10.42.0.8:8080' },
  { name: '1.22: marks in the service chain', version: '1.22', objects: [np({ externalIPs: ['198.51.100.4'] }), LOCAL], rules: `${oldMasq('SVC')}\n${OLD_TO_CIP}
      SVC "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 ! -s 10.42.0.0/16 MASQ
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 SVC
      SVC "ns/svc" T --dport 30080 MASQ
      ${OLD_NP} SVC\n${OLD_ONE}\n${oldSep('10.42.0.8')}`, flows: 'outside > 10.65.94.238:30080 > 10.42.0.8:8080 masq\n pod > 10.43.0.41:80 > 10.42.0.8:8080\n outside > 198.51.100.4:80 > 10.42.0.8:8080 masq' },
  { name: '1.22 internal policy Local: no endpoint here is no endpoint', version: '1.22', objects: [svc({ internalTrafficPolicy: 'Local' }), REMOTE], rules: '! KUBE-SERVICES "ns/svc has no endpoints" T -d 10.43.0.41/32 --dport 80 REJECT' },
  { name: '1.20 knows no internal policy', version: '1.20', objects: [svc({ internalTrafficPolicy: 'Local' }), REMOTE], flows: 'pod > 10.43.0.41:80 > 10.42.1.2:8080' },
  { name: '1.23: one rule for established connections', version: '1.23', objects: [], fixed: `${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n${TAIL}` },
  { name: '1.25: no KUBE-FIREWALL, no last line in KUBE-FW', version: '1.25', config: { localhostNodePorts: false }, objects: [lb({ loadBalancerSourceRanges: ['192.0.2.0/24'] }), LOCAL], rules: `
      ${TO_CIP}
      KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 FW
      ! KUBE-PROXY-FIREWALL "ns/svc traffic not accepted by FW" T -d 203.0.113.9 --dport 80 DROP
      ${NODEPORT}\n${MASQ_CIP}\n${EXT}\n FW "ns/svc loadbalancer IP" -s 192.0.2.0/24 EXT\n${ONE}\n${sep('10.42.0.8')}`, fixed: `${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n${TAIL}`, flows: 'neighbour > 203.0.113.9:80 > DROP' },
  { name: '1.25: terminating endpoints never count', version: '1.25', objects: [svc(), eps(['10.42.0.8 ending'])], rules: '! KUBE-SERVICES "ns/svc has no endpoints" T -d 10.43.0.41 --dport 80 REJECT' },
  { name: '1.27: be_liberal is not looked at', version: '1.27', config: { tcpBeLiberal: true }, objects: [], fixed: `${FIREWALL}\n${INVALID}\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n${TAIL}` },
  { name: '1.30: PreferClose alone does not count yet', version: '1.30', config: ZONE_A, objects: [svc({ trafficDistribution: 'PreferClose' }), HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
  { name: '1.30: the annotation counts', version: '1.30', config: ZONE_A, objects: [svc({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } }), HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.31: hints alone decide', version: '1.31', config: ZONE_A, objects: [svc(), HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.31: even if the annotation says Disabled', version: '1.31', config: ZONE_A, objects: [svc({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Disabled' } } }), HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.31: a node without zone: all', version: '1.31', objects: [svc(), HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080' },
  { name: '1.31 with counters in the kernel', version: '1.31', config: { nfacct: true }, objects: [np(), LOCAL], unloadable: true, rules: `${TO_CIP}
      KUBE-NODEPORTS "ns/svc" T -d 127.0.0.0/8 --dport 30080 -m nfacct --nfacct-name localhost_nps_accepted_pkts EXT
      ${NODEPORT}\n${MASQ_CIP}\n${EXT}\n${ONE}\n${sep('10.42.0.8')}`,
    fixed: `${FIREWALL}\n ! KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts DROP\n${MARKED}\n${ESTABLISHED}\n${POSTROUTING}\n${TAIL}` },
  { name: '1.33: hints for nodes are not looked at yet', version: '1.33', config: ZONE_A, objects: [svc(), NODE_HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.34: hints for nodes before hints for zones', version: '1.34', config: ZONE_A, objects: [svc(), NODE_HINTED], flows: 'pod > 10.43.0.41:80 > 10.42.1.2:8080' },
  { name: '1.34: no hint for this node: by zone', version: '1.34', config: ZONE_A, objects: [svc(), eps(['10.42.0.8 zone=a for=vm2', '10.42.1.2 zone=b for=vm3'])], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.35: of an ending and a running endpoint with one address the first stays', version: '1.35', objects: [svc(), eps(['10.42.0.8 gone on=vm2', '10.42.0.8 on=vm3'])], rules: '! KUBE-SERVICES "ns/svc has no endpoints" T -d 10.43.0.41 --dport 80 REJECT' },
  { name: '1.36: of an ending and a running endpoint with one address the running one stays', version: '1.36', objects: [svc(), eps(['10.42.0.8 gone on=vm2', '10.42.0.8 on=vm3', '10.42.0.8 gone on=vm1'])], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.29: source ranges as they are given, less blanks', version: '1.29', objects: [lb({ loadBalancerSourceRanges: [' 10.65.94.7/24', 'fd00::/8'] }), LOCAL], rules: `
      ${TO_CIP}
      KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 FW
      ! KUBE-PROXY-FIREWALL "ns/svc traffic not accepted by FW" T -d 203.0.113.9 --dport 80 DROP
      ${NODEPORT}\n${MASQ_CIP}\n${EXT}\n FW "ns/svc loadbalancer IP" -s 10.65.94.7/24 EXT\n FW "ns/svc loadbalancer IP" -s 203.0.113.9 EXT
      FW "other traffic to ns/svc will be dropped by KUBE-PROXY-FIREWALL"\n${ONE}\n${sep('10.42.0.8')}`, flows: 'neighbour > 203.0.113.9:80 > 10.42.0.8:8080 masq\n outside > 203.0.113.9:80 > DROP' },
  { name: '1.30: source ranges as networks', version: '1.30', objects: [lb({ loadBalancerSourceRanges: [' 10.65.94.7/24'] }), LOCAL], rules: `
      ${TO_CIP}
      KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 FW
      ! KUBE-PROXY-FIREWALL "ns/svc traffic not accepted by FW" T -d 203.0.113.9 --dport 80 DROP
      ${NODEPORT}\n${MASQ_CIP}\n${EXT}\n FW "ns/svc loadbalancer IP" -s 10.65.94.0/24 EXT\n FW "ns/svc loadbalancer IP" -s 203.0.113.9 EXT
      FW "other traffic to ns/svc will be dropped by KUBE-PROXY-FIREWALL"\n${ONE}\n${sep('10.42.0.8')}` },
  { name: '1.17: established connections of pods only', version: '1.17', objects: [], fixed: `${INVALID}\n${MARKED}
      ! KUBE-FORWARD -s 10.42.0.0/16 "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      ! KUBE-FORWARD "kubernetes forwarding conntrack pod destination rule" -d 10.42.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      KUBE-POSTROUTING "kubernetes service traffic requiring SNAT" -m mark --mark 0x00004000/0x00004000 -j MASQUERADE --random-fully
      KUBE-MARK-MASQ -j MARK --or-mark 0x00004000\n${TAIL}` },
  { name: '1.18: external policy Local is nothing to an external IP', version: '1.18', objects: [np({ externalTrafficPolicy: 'Local', externalIPs: ['198.51.100.4'] }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 MASQ
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL SVC
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 TO-LOCAL SVC
      ${OLD_NP} -s 127.0.0.0/8 MASQ\n ${OLD_NP} XLB\n${OLD_ONE}\n${oldSep('10.42.0.8')}\n${XLB_HEAD}\n XLB "Balancing rule 0 for ns/svc" SEP(10.42.0.8:8080)`, flows: 'outside > 198.51.100.4:80 > 10.42.0.8:8080 masq' },
  { name: '1.19: external policy Local counts for an external IP', version: '1.19', objects: [np({ externalTrafficPolicy: 'Local', externalIPs: ['198.51.100.4'] }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL XLB
      KUBE-SERVICES "ns/svc external IP" T -d 198.51.100.4/32 --dport 80 TO-LOCAL XLB
      ${OLD_NP} -s 127.0.0.0/8 MASQ\n ${OLD_NP} XLB\n${OLD_ONE}\n${oldSep('10.42.0.8')}\n${XLB_HEAD}\n XLB "Balancing rule 0 for ns/svc" SEP(10.42.0.8:8080)`, flows: 'outside > 198.51.100.4:80 > 10.42.0.8:8080' },
  { name: '1.20: two addresses of a load balancer, the node in range: KUBE-FW holds the rules for both', version: '1.20', objects: [lb({ lb: ['203.0.113.9', '203.0.113.10'], loadBalancerSourceRanges: ['10.65.94.0/24'] }), LOCAL], rules: `${oldMasq('KUBE-SERVICES')}\n${OLD_TO_CIP}
      ${TO_FW}\n ${FW_MASQ}\n FW "ns/svc loadbalancer IP" -s 10.65.94.0/24 SVC\n FW "ns/svc loadbalancer IP" -s 203.0.113.9/32 SVC\n ${FW_DROP}
      KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.10/32 --dport 80 FW\n ${FW_MASQ}\n FW "ns/svc loadbalancer IP" -s 10.65.94.0/24 SVC\n FW "ns/svc loadbalancer IP" -s 203.0.113.10/32 SVC\n ${FW_DROP}
      ${OLD_NP} MASQ\n ${OLD_NP} SVC\n${OLD_ONE}\n${oldSep('10.42.0.8')}`, flows: 'neighbour > 203.0.113.10:80 > 10.42.0.8:8080 masq' },
  { name: '1.20: an endpoint that is not ready in one slice and ready in another is ready', version: '1.20', objects: [svc(), eps(['10.42.0.8 notready'], { name: 'a' }), eps(['10.42.0.8 on=vm2'], { name: 'b' })], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.21: one address on two ports is one endpoint', version: '1.21', objects: [svc(), eps(['10.42.0.8 on=vm2'], { name: 'a' }), eps(['10.42.0.8 on=vm2'], { name: 'b', ports: [{ name: '', port: 8081, protocol: 'TCP' }] })], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.22: one address on two ports: two endpoints', version: '1.22', objects: [svc(), eps(['10.42.0.8 on=vm2'], { name: 'a' }), eps(['10.42.0.8 on=vm2'], { name: 'b', ports: [{ name: '', port: 8081, protocol: 'TCP' }] })], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.0.8:8081' },
  { name: '1.22: internal policy Local does nothing where the external one is Local', version: '1.22', objects: [np({ internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' }), LOCAL, REMOTE], flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080, 10.42.1.2:8080\n outside > 10.65.94.238:30080 > 10.42.0.8:8080' },
  { name: '1.22: no address for node ports: the service port goes no further', version: '1.22', config: { nodePortAddresses: ['172.16.0.0/12'] }, objects: [np(), LOCAL], rules: `${oldMasq('SVC')}\n${OLD_TO_CIP}`, flows: 'pod > 10.43.0.41:80 > PASS' },
  { name: '1.24: no address for node ports: all but the node port', version: '1.24', config: { nodePortAddresses: ['172.16.0.0/12'] }, objects: [np(), LOCAL], rules: `${TO_CIP}\n${MASQ_CIP}\n${EXT}\n${ONE}\n${sep('10.42.0.8')}`, flows: 'pod > 10.43.0.41:80 > 10.42.0.8:8080' },
  { name: '1.23: addresses without /32, one comment for all that balances', version: '1.23', objects: [lb({ externalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP' }), LOCAL], rules: `${MASQ_CIP}\n${TO_CIP}
      KUBE-SERVICES "ns/svc loadbalancer IP" T -d 203.0.113.9 --dport 80 FW\n FW "ns/svc loadbalancer IP" XLB\n ${FW_DROP}
      ${OLD_NP} -s 127.0.0.0/8 MASQ\n ${OLD_NP} XLB
      SVC "ns/svc" -m recent --name SEP(10.42.0.8:8080) --rcheck --seconds 10800 --reap SEP(10.42.0.8:8080)\n${OLD_ONE}\n${XLB_HEAD}
      XLB "ns/svc" -m recent --name SEP(10.42.0.8:8080) --rcheck --seconds 10800 --reap SEP(10.42.0.8:8080)\n XLB "ns/svc" SEP(10.42.0.8:8080)
      SEP(10.42.0.8:8080) "ns/svc" -s 10.42.0.8 MASQ\n SEP(10.42.0.8:8080) "ns/svc" -m recent --name SEP(10.42.0.8:8080) --set T DNAT 10.42.0.8:8080`, flows: 'outside > 203.0.113.9:80 > 10.42.0.8:8080' },
];
