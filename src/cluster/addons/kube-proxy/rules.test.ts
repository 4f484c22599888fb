import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { decode } from '../../api/manifest.ts';
import { withDefaults } from '../../api/defaults.ts';
import { endpointChain, serviceChains } from './names.ts';
import { buildRules, defaultConfig } from './rules.ts';

const CONFIG = { ...defaultConfig('vm1', '10.65.94.238', '10.42.0.0/16') };

const service = (spec: Record<string, unknown>, status?: Record<string, unknown>): Service => {
  const { object, problems } = decode('Service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'svc', namespace: 'ns' }, spec: { clusterIP: '10.43.0.41', ports: [{ port: 80 }], ...spec }, ...(status === undefined ? {} : { status }) });
  expect(problems).toEqual([]);
  return withDefaults('Service', object);
};

const slice = (endpoints: readonly (readonly [string, string, Record<string, boolean>?])[], port = 80): EndpointSlice => decode('EndpointSlice', {
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'svc-abcde', namespace: 'ns', labels: { 'kubernetes.io/service-name': 'svc' } }, addressType: 'IPv4',
  ports: [{ name: '', port, protocol: 'TCP' }], endpoints: endpoints.map(([ip, nodeName, conditions]) => ({ addresses: [ip], nodeName, conditions: conditions ?? { ready: true, serving: true, terminating: false } })),
}).object;

const rules = (s: Service, slices: readonly EndpointSlice[], existing: readonly string[] = [], changed?: ReadonlySet<string>): readonly string[] => buildRules(CONFIG, [s], slices, { changed, existing }).text.split('\n');
const about = (lines: readonly string[]): readonly string[] => lines.filter((l) => l.startsWith('-A') && (l.includes('ns/svc') || /KUBE-(SVC|SVL|SEP|EXT|FW)-/.test(l)));

const C = serviceChains('ns/svc', 'tcp');
const SEP = (target: string): string => endpointChain('ns/svc', 'tcp', target);
const TO = (ip: string, comment: string): string => `-m comment --comment "${comment}" -m tcp -p tcp -d ${ip} --dport 80`;

describe('names', () => {
  it.each([
    ['default/nginx-service', 'tcp', undefined, 'V2OKYYMBY3REGZOG'], ['default/nginx-service', 'tcp', '10.42.0.8:80', 'LNMZPQ2U2A5TEEGP'],
    ['default/nginx-service', 'tcp', '10.42.1.2:80', '3Y75O4B4KDVD7TMA'], ['default/nginx-service', 'tcp', '10.42.2.2:80', 'Z33JJVRDNG7R4HVW'],
    ['default/nginx-np-service', 'tcp', undefined, 'MUSBZEOMK5UKWKKU'], ['default/nginx-mlb-l2-service', 'tcp', undefined, 'W47NQ5DDJKUWFTVY'],
    ['default/nginx-mlb-l2-hostnet', 'tcp', undefined, 'CDEB5OJ5KJNVMLM6'], ['kube-system/kube-dns:dns', 'udp', undefined, 'TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcp', 'tcp', undefined, 'ERIFXISQEP7F7OF4'], ['kube-system/kube-dns:metrics', 'tcp', undefined, 'JD5MR3NA4I4DYORP'], ['default/kubernetes:https', 'tcp', undefined, 'NPX46M4PTMTKRN6Y'],
  ])('%s %s %s', (name, protocol, endpoint, hash) => {
    expect(endpoint === undefined ? serviceChains(name, protocol).svc : endpointChain(name, protocol, endpoint)).toMatch(new RegExp(`-${hash}$`));
  });
});

describe('rules of a service port', () => {
  it('service ports of portOrder come first, in that order; the rest by name', () => {
    const two = service({ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 81 }, { name: 'c', port: 82 }] });
    const slices: EndpointSlice[] = [];
    const order = (portOrder: readonly string[]) => buildRules({ ...CONFIG, portOrder }, [two], slices, { changed: undefined, existing: [] }).text.match(/ns\/svc:[abc] has no endpoints/g)?.map((m) => m.charAt(7));
    expect(order(['ns/svc:c', 'ns/svc:a'])).toEqual(['c', 'a', 'b']);
    expect(order([])).toEqual(['a', 'b', 'c']);
  });

  it('ClusterIP: endpoints in string order with 1/n, masquerade for sources outside the pods, hairpin mark before DNAT', () => {
    expect(about(rules(service({}), [slice([['10.42.0.8', 'vm1'], ['10.42.0.10', 'vm1']])]))).toEqual([
      `-A KUBE-SERVICES ${TO('10.43.0.41', 'ns/svc cluster IP')} -j ${C.svc}`,
      `-A ${C.svc} ${TO('10.43.0.41', 'ns/svc cluster IP')} ! -s 10.42.0.0/16 -j KUBE-MARK-MASQ`,
      `-A ${C.svc} -m comment --comment "ns/svc -> 10.42.0.10:80" -m statistic --mode random --probability 0.5000000000 -j ${SEP('10.42.0.10:80')}`,
      `-A ${C.svc} -m comment --comment "ns/svc -> 10.42.0.8:80" -j ${SEP('10.42.0.8:80')}`,
      `-A ${SEP('10.42.0.10:80')} -m comment --comment ns/svc -s 10.42.0.10 -j KUBE-MARK-MASQ`,
      `-A ${SEP('10.42.0.10:80')} -m comment --comment ns/svc -m tcp -p tcp -j DNAT --to-destination 10.42.0.10:80`,
      `-A ${SEP('10.42.0.8:80')} -m comment --comment ns/svc -s 10.42.0.8 -j KUBE-MARK-MASQ`,
      `-A ${SEP('10.42.0.8:80')} -m comment --comment ns/svc -m tcp -p tcp -j DNAT --to-destination 10.42.0.8:80`,
    ]);
  });

  it('no endpoints: REJECT in filter, nothing in nat', () => {
    expect(about(rules(service({}), []))).toEqual([`-A KUBE-SERVICES ${TO('10.43.0.41', 'ns/svc has no endpoints')} -j REJECT`]);
  });

  it('not ready endpoints do not count; serving ones that terminate are the last resort', () => {
    expect(about(rules(service({}), [slice([['10.42.0.8', 'vm1', { ready: false, serving: false, terminating: false }]])]))[0]).toContain('has no endpoints');
    expect(about(rules(service({}), [slice([['10.42.0.8', 'vm1', { ready: false, serving: true, terminating: true }]])]))[0]).toContain(`-j ${C.svc}`);
    const both = about(rules(service({}), [slice([['10.42.0.8', 'vm1', { ready: false, serving: true, terminating: true }], ['10.42.0.9', 'vm1']])]));
    expect(both.some((l) => l.includes('10.42.0.8'))).toBe(false);
  });

  it('NodePort: KUBE-NODEPORTS to EXT, which masquerades and goes to SVC', () => {
    expect(about(rules(service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }), [slice([['10.42.0.8', 'vm1']])])).slice(0, 5)).toEqual([
      `-A KUBE-SERVICES ${TO('10.43.0.41', 'ns/svc cluster IP')} -j ${C.svc}`,
      `-A KUBE-NODEPORTS -m comment --comment ns/svc -m tcp -p tcp --dport 30080 -j ${C.ext}`,
      `-A ${C.svc} ${TO('10.43.0.41', 'ns/svc cluster IP')} ! -s 10.42.0.0/16 -j KUBE-MARK-MASQ`,
      `-A ${C.ext} -m comment --comment "masquerade traffic for ns/svc external destinations" -j KUBE-MARK-MASQ`,
      `-A ${C.ext} -j ${C.svc}`,
    ]);
  });

  it('LoadBalancer with eTP Local: local endpoints by SVL, pods and LOCAL traffic by SVC, health check port open', () => {
    const s = service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30001, ports: [{ port: 80, nodePort: 30080 }] }, { loadBalancer: { ingress: [{ ip: '10.123.123.100' }] } });
    const lines = about(rules(s, [slice([['10.42.0.8', 'vm1'], ['10.42.1.2', 'vm2']])]));
    expect(lines).toContain(`-A KUBE-SERVICES ${TO('10.123.123.100', 'ns/svc loadbalancer IP')} -j ${C.ext}`);
    expect(lines).toContain('-A KUBE-NODEPORTS -m comment --comment "ns/svc health check node port" -m tcp -p tcp --dport 30001 -j ACCEPT');
    expect(lines.filter((l) => l.startsWith(`-A ${C.ext}`))).toEqual([
      `-A ${C.ext} -m comment --comment "pod traffic for ns/svc external destinations" -s 10.42.0.0/16 -j ${C.svc}`,
      `-A ${C.ext} -m comment --comment "masquerade LOCAL traffic for ns/svc external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `-A ${C.ext} -m comment --comment "route LOCAL traffic for ns/svc external destinations" -m addrtype --src-type LOCAL -j ${C.svc}`,
      `-A ${C.ext} -j ${C.svl}`,
    ]);
    expect(lines.filter((l) => l.startsWith(`-A ${C.svl}`))).toEqual([`-A ${C.svl} -m comment --comment "ns/svc -> 10.42.0.8:80" -j ${SEP('10.42.0.8:80')}`]);
  });

  it('eTP Local without a local endpoint: DROP for the outside, no tail jump', () => {
    const s = service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30080 }] }, { loadBalancer: { ingress: [{ ip: '10.123.123.100' }] } });
    const lines = about(rules(s, [slice([['10.42.1.2', 'vm2']])]));
    expect(lines).toContain(`-A KUBE-EXTERNAL-SERVICES ${TO('10.123.123.100', 'ns/svc has no local endpoints')} -j DROP`);
    expect(lines).toContain('-A KUBE-EXTERNAL-SERVICES -m comment --comment "ns/svc has no local endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j DROP');
    expect(lines.some((l) => l.startsWith(`-A ${C.ext} -j`))).toBe(false);
  });

  it('loadBalancerSourceRanges: FW per range, the rest dropped', () => {
    const s = service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.65.94.7/24', '1.2.3.4/32'], ports: [{ port: 80, nodePort: 30080 }] }, { loadBalancer: { ingress: [{ ip: '10.123.123.100' }] } });
    const lines = about(rules(s, [slice([['10.42.0.8', 'vm1']])]));
    expect(lines).toContain(`-A KUBE-SERVICES ${TO('10.123.123.100', 'ns/svc loadbalancer IP')} -j ${C.fw}`);
    expect(lines).toContain(`-A KUBE-PROXY-FIREWALL ${TO('10.123.123.100', `ns/svc traffic not accepted by ${C.fw}`)} -j DROP`);
    expect(lines.filter((l) => l.startsWith(`-A ${C.fw}`))).toEqual([
      `-A ${C.fw} -m comment --comment "ns/svc loadbalancer IP" -s 10.65.94.7/24 -j ${C.ext}`,
      `-A ${C.fw} -m comment --comment "ns/svc loadbalancer IP" -s 1.2.3.4/32 -j ${C.ext}`,
      `-A ${C.fw} -m comment --comment "ns/svc loadbalancer IP" -s 10.123.123.100 -j ${C.ext}`,
      `-A ${C.fw} -m comment --comment "other traffic to ns/svc will be dropped by KUBE-PROXY-FIREWALL"`,
    ]);
  });

  it('sessionAffinity ClientIP: recent rules first, the mark set before DNAT', () => {
    const lines = about(rules(service({ sessionAffinity: 'ClientIP' }), [slice([['10.42.0.8', 'vm1'], ['10.42.0.9', 'vm1']])]));
    expect(lines[2]).toBe(`-A ${C.svc} -m comment --comment "ns/svc -> 10.42.0.8:80" -m recent --name ${SEP('10.42.0.8:80')} --rcheck --seconds 10800 --reap -j ${SEP('10.42.0.8:80')}`);
    expect(lines.at(-1)).toBe(`-A ${SEP('10.42.0.9:80')} -m comment --comment ns/svc -m recent --name ${SEP('10.42.0.9:80')} --set -m tcp -p tcp -j DNAT --to-destination 10.42.0.9:80`);
  });

  it('internalTrafficPolicy Local without a local endpoint drops', () => {
    expect(about(rules(service({ internalTrafficPolicy: 'Local' }), [slice([['10.42.1.2', 'vm2']])]))).toEqual([`-A KUBE-SERVICES ${TO('10.43.0.41', 'ns/svc has no local endpoints')} -j DROP`]);
  });

  it('headless and ExternalName get nothing', () => {
    expect(about(rules(service({ clusterIP: 'None' }), [slice([['10.42.0.8', 'vm1']])]))).toEqual([]);
    expect(about(rules(service({ type: 'ExternalName', clusterIP: '', externalName: 'a.b', ports: [] }), []))).toEqual([]);
  });
});

describe('1.24: verdicts by mark', () => {
  const old = (s: Service, slices: readonly EndpointSlice[]): readonly string[] => about(buildRules(defaultConfig('vm1', '10.65.94.238', '10.42.0.0/16', '1.24'), [s], slices, { changed: undefined, existing: [] }).text.split('\n'));
  const balancer = { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30080 }] };
  const at = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };

  it('nobody here: KUBE-SVL marks, filter says nothing', () => {
    const lines = old(service({ ...balancer, externalTrafficPolicy: 'Local' }, at), [slice([['10.42.1.2', 'vm2']])]);
    expect(lines).toContain(`-A ${C.svl} -m comment --comment "ns/svc has no local endpoints" -j KUBE-MARK-DROP`);
    expect(lines).toContain(`-A ${C.ext} -j ${C.svl}`);
    expect(lines.filter((l) => l.includes('-j DROP') || l.includes('-j REJECT'))).toEqual([]);
  });

  it('source ranges: the firewall chain ends in the mark', () => {
    const lines = old(service({ ...balancer, loadBalancerSourceRanges: ['198.51.100.0/24'] }, at), [slice([['10.42.1.2', 'vm2']])]);
    expect(lines.filter((l) => l.startsWith(`-A ${C.fw}`)).map((l) => l.split(' -j ')[1])).toEqual([C.ext, 'KUBE-MARK-DROP']);
    expect(lines.filter((l) => l.includes('KUBE-PROXY-FIREWALL'))).toEqual([]);
  });
});

describe('chains, as declared', () => {
  const declared = (version: string, s: Service, slices: readonly EndpointSlice[]): readonly string[] =>
    buildRules(defaultConfig('vm1', '10.65.94.238', '10.42.0.0/16', version), [s], slices, { changed: undefined, existing: [] }).text.split('\n').filter((l) => /^:KUBE-(SVC|SVL|SEP|EXT|FW|XLB)-/.test(l)).map((l) => l.slice(6, 9));
  const s = service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['10.65.94.0/24'], ports: [{ port: 80, nodePort: 30080 }] }, { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }] } });
  it.each([
    // KUBE-FW once for each address
    ['1.20', 'SVC XLB FW- FW- SEP'], ['1.22', 'SVC XLB FW- FW- SEP'], ['1.23', 'SEP SVC XLB FW- FW-'], ['1.24', 'SEP SVC SVL EXT FW-'], ['1.29', 'EXT FW- SVC SVL SEP'], ['1.36', 'EXT FW- SVC SVL SEP'],
  ])('%s', (version, wanted) => expect(declared(version, s, [slice([['10.42.0.8', 'vm1']])]).join(' ')).toBe(wanted));
  it.each([['1.20', 'XLB'], ['1.23', 'XLB'], ['1.24', ''], ['1.29', '']])('%s without endpoints', (version, wanted) => expect(declared(version, s, []).join(' ')).toBe(wanted));
});

it('2048 endpoints: the one chance that lies half way is rounded to even, as Go does', () => {
  const many = slice(Array.from({ length: 2048 }, (_, i) => [`10.42.${i >> 8}.${i & 255}`, 'vm1'] as const));
  const chances = buildRules(CONFIG, [service({})], [many], { changed: undefined, existing: [] }).text.match(/--probability \S+/g) ?? [];
  expect(chances.slice(0, 2)).toEqual(['--probability 0.0004882812', '--probability 0.0004885198']);
});

describe('sync', () => {
  it('a partial sync keeps the chains of unchanged services out of the text', () => {
    const lines = rules(service({}), [slice([['10.42.0.8', 'vm1']])], [C.svc, SEP('10.42.0.8:80')], new Set());
    expect(lines.filter((l) => l.startsWith(`-A ${C.svc}`) || l.startsWith(`:${C.svc}`))).toEqual([]);
    expect(lines.some((l) => l.startsWith('-A KUBE-SERVICES') && l.includes('ns/svc'))).toBe(true);
  });

  it('stale chains are declared, so that they are flushed, and deleted', () => {
    const lines = rules(service({}), [slice([['10.42.0.8', 'vm1']])], ['KUBE-SEP-OLDOLDOLDOLDOLDO', 'KUBE-SERVICES']);
    expect(lines).toContain(':KUBE-SEP-OLDOLDOLDOLDOLDO - [0:0]');
    expect(lines).toContain('-X KUBE-SEP-OLDOLDOLDOLDOLDO');
    expect(lines).not.toContain('-X KUBE-SERVICES');
  });

  it('the node port rule is the last of KUBE-SERVICES', () => {
    const all = rules(service({}), [slice([['10.42.0.8', 'vm1']])]).filter((l) => l.startsWith('-A KUBE-SERVICES'));
    expect(all.at(-1)).toContain('NOTE: this must be the last rule in this chain');
  });
});
