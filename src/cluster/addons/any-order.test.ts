/**
 * Whatever was done to MetalLB, CoreDNS and their configuration, and in whatever order: once it is quiet, programs that start anew find nothing to change.
 * Left out: an advertisement on interfaces that are nowhere. Upstream's speaker goes on with what it announced before, until it starts anew.
 * FAST_CHECK_SEED picks another run; a failure prints the shortest list of commands that fast-check found.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { must } from '../../base/assert.ts';
import { formatMac, MAC_BROADCAST, MAC_ZERO, parseIpv4, parseMac } from '../../engine/wire/addresses.ts';
import { ARP_REQUEST } from '../../engine/wire/arp.ts';
import { decodeDns, dnsDataText, dnsQuery, DNS_TYPES, encodeDns, RCODES } from '../../engine/wire/dns.ts';
import { ETH_P_ARP } from '../../engine/wire/packet.ts';
import { PUBLISHED } from '../published.ts';
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';
import { corednsManifest } from './coredns/manifest.ts';
import { poolHas, poolsFor } from './metallb/pools.ts';
import { resourcesOf } from './metallb/watch.ts';

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_250_205);
const RUNS = Number(process.env['FAST_CHECK_RUNS'] ?? 12);
const LIMIT_MS = Number(process.env['FAST_CHECK_LIMIT'] ?? 20_000);

const METALLB = must(PUBLISHED.get('https://raw.githubusercontent.com/metallb/metallb/v0.14.5/config/manifests/metallb-native.yaml'), 'manifest');
const SYSTEM = 'metallb-system';
const DNS = '10.43.0.10';

type Do = { readonly apply: string } | { readonly run: string } | { readonly corefile: string } | { readonly wait: number };

const object = (kind: string, name: string, spec: string): string => `apiVersion: metallb.io/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${SYSTEM}}\nspec: ${spec}\n`;
const APP = (app: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}}
spec: {replicas: ${replicas}, selector: {matchLabels: {app: ${app}}}, template: {metadata: {labels: {app: ${app}}}, spec: {containers: [{name: c, image: "nginx:1.27"}]}}}
`;
const SERVICE = (service: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: ${service}}\nspec: {type: LoadBalancer, selector: {app: red}, ports: [{port: 80}]}\n`;
const COREFILE = (more: string): string => `.:53 {\n    errors\n    ready\n    health\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n      pods insecure\n      ${more}\n      fallthrough in-addr.arpa ip6.arpa\n    }\n    hosts {\n      192.0.2.7 printer.example\n      fallthrough\n    }\n    cache 30\n    reload\n}\n`;

const name = fc.constantFrom('a', 'b', 'c');
const app = fc.constantFrom('red', 'blue');
const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
const annotation = fc.constantFrom('{}', '{metallb.universe.tf/address-pool: p}', '{metallb.universe.tf/address-pool: q}', '{metallb.universe.tf/loadBalancerIPs: 10.65.94.65}', '{metallb.universe.tf/loadBalancerIPs: 10.9.9.9}',
  '{metallb.universe.tf/allow-shared-ip: k}', '{metallb.universe.tf/allow-shared-ip: k, metallb.universe.tf/loadBalancerIPs: 10.65.94.66}');

const command: fc.Arbitrary<Do> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name, app, annotation, type: fc.constantFrom('LoadBalancer', 'LoadBalancer', 'ClusterIP'), local: fc.boolean(), port: fc.constantFrom(80, 81) }).map((s) => ({
    apply: `apiVersion: v1\nkind: Service\nmetadata: {name: ${s.name}, annotations: ${s.annotation}}\nspec: {type: ${s.type}, selector: {app: ${s.app}}, ports: [{port: ${s.port}, targetPort: 80}]${s.local && s.type !== 'ClusterIP' ? ', externalTrafficPolicy: Local' : ''}}\n` })) },
  { weight: 3, arbitrary: fc.record({ pool: fc.constantFrom('p', 'q'), spec: fc.constantFrom('{addresses: [10.65.94.64/31]}', '{addresses: [10.65.94.66-10.65.94.69]}', '{addresses: [10.65.94.80/28], autoAssign: false}',
    '{addresses: [10.65.94.80/28], avoidBuggyIPs: true}', '{addresses: [10.65.94.96/32], serviceAllocation: {priority: 5, namespaces: [default]}}', '{addresses: [10.65.94.97/32], serviceAllocation: {priority: 5}}') })
    .map(({ pool, spec }) => ({ apply: object('IPAddressPool', pool, spec) })) },
  { weight: 3, arbitrary: fc.record({ adv: fc.constantFrom('x', 'z'), spec: fc.constantFrom('{}', '{ipAddressPools: [p]}', '{ipAddressPools: [q], interfaces: [ens3]}', '{interfaces: [ens3, eth9]}', '{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: vm3}}]}') })
    .map(({ adv, spec }) => ({ apply: object('L2Advertisement', adv, spec) })) },
  { weight: 2, arbitrary: fc.record({ app, replicas: fc.nat(3) }).map((d) => ({ run: `kubectl scale deployment ${d.app} --replicas=${d.replicas}` })) },
  { weight: 3, arbitrary: fc.constantFrom(
    `kubectl -n ${SYSTEM} delete ipaddresspool p`, `kubectl -n ${SYSTEM} delete l2advertisement x`, 'kubectl delete svc a', 'kubectl delete svc b', `kubectl patch svc a -p '{"spec":{"type":"ClusterIP"}}'`,
    `kubectl patch svc a -p '{"spec":{"type":"LoadBalancer"}}'`, `kubectl patch svc b -p '{"spec":{"externalTrafficPolicy":"Local"}}'`, 'kubectl annotate svc b metallb.universe.tf/address-pool=q --overwrite',
    'kubectl annotate svc b metallb.universe.tf/address-pool-', `kubectl label node vm2 ${label}=`, `kubectl label node vm2 ${label}-`, `kubectl -n ${SYSTEM} delete pod -l component=speaker --wait=false`,
    `kubectl -n ${SYSTEM} delete pod -l component=controller --wait=false`, 'kubectl -n kube-system delete pod -l k8s-app=kube-dns --wait=false', 'kubectl create ns shop',
  ).map((run) => ({ run })) },
  { weight: 2, arbitrary: fc.constantFrom('ttl 5', 'ttl 10', 'frobnicate').map((more) => ({ corefile: more === 'frobnicate' ? COREFILE('').replace('    ready\n', '    frobnicate\n') : COREFILE(more) })) },
  { weight: 3, arbitrary: fc.constantFrom(0.01, 0.3, 2, 40).map((wait) => ({ wait })) },
);

function run(w: ClusterWorld, c: Do): void {
  if ('apply' in c) w.cluster.apply(c.apply, 'any-order.yaml');
  else if ('run' in c) w.run('vm1', c.run);
  else if ('wait' in c) w.wait(c.wait);
  else {
    const map = w.cluster.store.get('ConfigMap', 'kube-system', 'coredns');
    if (map !== undefined) w.cluster.store.update('ConfigMap', { ...map, data: { ...map.data, Corefile: c.corefile } });
  }
}

const NODES = [1, 2, 3];
const mac = (vm: number): ReturnType<typeof parseMac> => parseMac(`52:54:00:00:00:0${vm}`);

/** MACs that answer for an address; a node does not hear itself, so all ask. */
function owners(w: ClusterWorld, ip: string): string {
  const heard = new Set<string>();
  for (const from of NODES) {
    const own = must(mac(from), 'MAC');
    const opened = must(w.machines.get(`vm${from}`), 'node').kernel.sockets.packet('ens3', ETH_P_ARP);
    if (!opened.ok) throw new Error(opened.error.errno);
    const target = must(parseIpv4(ip), 'address');
    opened.value.send({ kind: 'ethernet', header: { dst: MAC_BROADCAST, src: own, etherType: ETH_P_ARP }, payload: { kind: 'arp', op: ARP_REQUEST, senderMac: own, senderIp: must(parseIpv4(`10.65.94.1${from}`), 'address'), targetMac: MAC_ZERO, targetIp: target } });
    w.wait(0.05);
    for (let f = opened.value.recv(); f !== undefined; f = opened.value.recv()) if (f.pktType === 'host' && f.frame.payload.kind === 'arp' && f.frame.payload.senderIp === target) heard.add(formatMac(f.frame.header.src));
    opened.value.close();
  }
  return [...heard].sort().join(' ');
}

function dns(w: ClusterWorld, question: string): string {
  const socket = must(w.machines.get('vm1'), 'node').kernel.sockets.udp();
  socket.send(encodeDns(dnsQuery(7, question, DNS_TYPES.A)), { address: must(parseIpv4(DNS), 'address'), port: 53 });
  w.wait(0.2);
  const got = socket.recv();
  socket.close();
  const reply = got === undefined ? undefined : decodeDns(got.bytes);
  return reply?.ok === true ? `${question} ${RCODES[reply.value.rcode] ?? ''} ${reply.value.answers.map((r) => `${r.ttl} ${dnsDataText(r.data)}`).sort().join(' ')}` : `${question}: no answer`;
}

const vips = (w: ClusterWorld): readonly (readonly [string, string])[] => w.cluster.store.list('Service', 'default').flatMap((s) => (s.status.loadBalancer.ingress ?? []).map((i) => [s.metadata.name, i.ip ?? ''] as const)).sort();

const shown = (w: ClusterWorld): Readonly<Record<string, readonly string[]>> => ({
  vips: vips(w).map(([service, ip]) => `${service} ${ip} ${owners(w, ip)}`),
  dns: ['a.default.svc.cluster.local', 'b.default.svc.cluster.local', 'x.shop.svc.cluster.local', 'printer.example'].map((q) => dns(w, q)),
});

/** Every backoff, every announcement, every reload over, and the cache empty. */
const settle = (w: ClusterWorld): void => {
  w.cluster.runUntilReady();
  w.wait(100);
};

it('what starts anew finds everything as it would make it', () => {
  process.stderr.write(`add-ons, any order: seed ${SEED}, up to ${RUNS} runs\n`);
  fc.assert(fc.property(fc.array(command, { maxLength: 12, size: 'max' }), (commands) => {
    const w = clusterWorld({ nodes: NODES.length, manifests: [corednsManifest(DNS, 'cluster.local'), METALLB, object('IPAddressPool', 'p', '{addresses: [10.65.94.64/31]}'), object('L2Advertisement', 'x', '{}'), APP('red', 2), APP('blue', 1), SERVICE('a'), SERVICE('b')] });
    for (const c of commands) run(w, c);
    settle(w);
    // A Corefile that does not parse runs on in who had a better one before: not in who starts now.
    const map = must(w.cluster.store.get('ConfigMap', 'kube-system', 'coredns'), 'Corefile');
    if (map.data?.['Corefile']?.includes('frobnicate') === true) run(w, { corefile: COREFILE('ttl 7') });
    settle(w);
    const before = shown(w);
    const pools = poolsFor(resourcesOf(w.cluster.store, SYSTEM));
    for (const [, ip] of vips(w)) expect(pools.ok && pools.value.some((p) => poolHas(p, must(parseIpv4(ip), 'address')))).toBe(true);
    for (const line of before['vips'] ?? []) expect(line.split(' ').length).toBeLessThanOrEqual(3);
    w.run('vm1', `kubectl -n ${SYSTEM} delete pod --all --wait=false; kubectl -n kube-system delete pod --all --wait=false`);
    settle(w);
    const after = shown(w);
    expect(after['dns']).toEqual(before['dns']);
    // Whoever waited for an address may have one now: freed by a service that moved, which upstream does not tell the others.
    expect(after['vips']?.filter((line) => before['vips']?.some((l) => l.split(' ')[0] === line.split(' ')[0]))).toEqual(before['vips']);
  }), { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS, verbose: 1 });
}, 4 * LIMIT_MS);
