import { describe, expect, it } from 'vitest';
import { decodeDns, dnsQuery, DNS_TYPES, dnsDataText, encodeDns, NOERROR, NXDOMAIN } from '../../../engine/wire/dns.ts';
import { must } from '../../../base/assert.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import { decode } from '../../api/manifest.ts';
import type { Kind } from '../../api/kinds.ts';
import { Store } from '../../store.ts';
import { DnsCache } from './cache.ts';
import { parseCorefile } from './corefile.ts';
import { fit, respond } from './coredns.ts';
import { hostsAnswer } from './hosts.ts';
import { kubeadmCoredns } from './kubeadm-manifest.ts';
import { kubernetesAnswer, type Answer, type KubernetesConfig } from './kubernetes.ts';
import { corednsManifest } from './manifest.ts';

const store = new Store();
const add = (kind: Kind, raw: Record<string, unknown>): void => void store.create(kind, decode(kind, { apiVersion: 'v1', kind, ...raw }).object);
for (const name of ['default', 'kube-system']) add('Namespace', { metadata: { name } });
add('Service', { metadata: { name: 'nginx-service', namespace: 'default' }, spec: { clusterIP: '10.43.180.238', ports: [{ port: 80, protocol: 'TCP', name: 'http' }] } });
add('Service', { metadata: { name: 'db', namespace: 'default' }, spec: { clusterIP: 'None', ports: [{ port: 5432, protocol: 'TCP', name: 'pg' }] } });
add('Service', { metadata: { name: 'out', namespace: 'default' }, spec: { type: 'ExternalName', externalName: 'example.com', ports: [] } });
add('Service', { metadata: { name: 'kube-dns', namespace: 'kube-system' }, spec: { clusterIP: '10.43.0.10', ports: [{ port: 53, protocol: 'UDP', name: 'dns' }] } });
add('EndpointSlice', {
  metadata: { name: 'db-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'db' } }, addressType: 'IPv4', ports: [{ name: 'pg', port: 5432, protocol: 'TCP' }],
  endpoints: [{ addresses: ['10.42.0.8'], conditions: { ready: true } }, { addresses: ['10.42.1.2'], hostname: 'db-0', conditions: { ready: true } }, { addresses: ['10.42.1.3'], conditions: { ready: false } }],
});

const CONFIG: KubernetesConfig = { zone: 'cluster.local', local: [must(parseIpv4('10.42.0.3'), 'address')], reverse: ['in-addr.arpa', 'ip6.arpa'], ttl: 5, podsInsecure: true, fallthrough: ['in-addr.arpa', 'ip6.arpa'] };
const ask = (name: string, type: number): Answer | undefined => kubernetesAnswer(CONFIG, store, name, type, 1716980000);
const { A, AAAA, SRV, PTR } = DNS_TYPES;
const NGINX = 'nginx-service.default.svc.cluster.local';

describe('the kubernetes plugin', () => {
  it.each<[string, number, number | undefined, readonly string[]]>([
    [NGINX, A, NOERROR, ['10.43.180.238']], [NGINX.toUpperCase(), A, NOERROR, ['10.43.180.238']], [NGINX, AAAA, NOERROR, []],
    [`_http._tcp.${NGINX}`, SRV, NOERROR, [`0 100 80 ${NGINX}.`]], ['nosuch.default.svc.cluster.local', A, NXDOMAIN, []], ['default.svc.cluster.local', A, NOERROR, []],
    ['x.nosuch.svc.cluster.local', A, NXDOMAIN, []], ['db.default.svc.cluster.local', A, NOERROR, ['10.42.0.8', '10.42.1.2']], ['10-42-0-8.db.default.svc.cluster.local', A, NOERROR, ['10.42.0.8']],
    ['db-0.db.default.svc.cluster.local', A, NOERROR, ['10.42.1.2']], ['out.default.svc.cluster.local', A, NOERROR, ['example.com.']], ['1-2-3-4.default.pod.cluster.local', A, NOERROR, ['1.2.3.4']],
    ['238.180.43.10.in-addr.arpa', PTR, NOERROR, [`${NGINX}.`]], ['2.1.42.10.in-addr.arpa', PTR, NOERROR, ['db-0.db.default.svc.cluster.local.']],
    ['1.1.1.1.in-addr.arpa', PTR, undefined, []], ['example.com', A, undefined, []],
  ])('%s type %i', (name, type, rcode, data) => {
    const answer = ask(name, type);
    expect(answer?.rcode).toBe(rcode);
    expect((answer?.answers ?? []).map((r) => dnsDataText(r.data))).toEqual(data);
    if (answer !== undefined && answer.answers.length === 0) expect(answer.authority.map((r) => `${r.name} ${r.ttl} ${dnsDataText(r.data)}`)).toEqual(['cluster.local 5 ns.dns.cluster.local. hostmaster.cluster.local. 1716980000 7200 1800 86400 5']);
  });

  it('name servers are the Services in front of it; several ports with one number are one SRV', () => {
    const own = new Store();
    const put = (kind: Kind, raw: Record<string, unknown>): void => void own.create(kind, decode(kind, { apiVersion: 'v1', kind, ...raw }).object);
    const texts = (name: string, type: number): unknown => {
      const answer = kubernetesAnswer(CONFIG, own, name, type, 1);
      return [answer?.answers, answer?.additional].map((rs) => rs?.map((r) => dnsDataText(r.data)));
    };
    expect(texts('cluster.local', DNS_TYPES.NS)).toEqual([['ns.dns.cluster.local.'], ['10.42.0.3']]);
    const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }, { name: 'metrics', port: 9153, protocol: 'TCP' }];
    put('Namespace', { metadata: { name: 'kube-system' } });
    put('Service', { metadata: { name: 'kube-dns', namespace: 'kube-system' }, spec: { clusterIP: '10.43.0.10', ports } });
    put('EndpointSlice', { metadata: { name: 'd', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } }, addressType: 'IPv4', ports, endpoints: [{ addresses: ['10.42.0.3'], conditions: { ready: true } }] });
    const fqdn = 'kube-dns.kube-system.svc.cluster.local.';
    expect(texts('cluster.local', DNS_TYPES.NS)).toEqual([[fqdn], ['10.43.0.10']]);
    expect(texts('ns.dns.cluster.local', A)).toEqual([['10.43.0.10'], []]);
    expect(texts(fqdn.slice(0, -1), SRV)).toEqual([[`0 33 53 ${fqdn}`, `0 33 9153 ${fqdn}`], ['10.43.0.10']]);
  });

  it.each<[string, Partial<KubernetesConfig>, readonly (number | undefined)[]]>([
    ['of reverse zones only', {}, [NXDOMAIN, undefined, undefined]], ['of all', { fallthrough: [] }, [undefined, undefined, undefined]], ['none', { fallthrough: undefined }, [NXDOMAIN, NXDOMAIN, undefined]],
    ['none, and no reverse zone', { fallthrough: undefined, reverse: [] }, [NXDOMAIN, undefined, undefined]],
  ])('fallthrough %s', (_name, more, rcodes) => {
    expect([['x.default.svc.cluster.local', A], ['1.1.1.1.in-addr.arpa', PTR], ['example.com', A]].map(([name, type]) => kubernetesAnswer({ ...CONFIG, ...more }, store, String(name), Number(type), 1)?.rcode)).toEqual(rcodes);
  });

  it('sizes of the seed: 68 bytes asked with EDNS0, 123 answered, AA without RA, OPT echoed', () => {
    const query = dnsQuery(44890, NGINX, A, { edns: 1232 });
    expect(encodeDns(query).length).toBe(68);
    const answer = ask(NGINX, A);
    const bytes = fit(respond(query, answer ?? { rcode: 2, answers: [], authority: [], additional: [], authoritative: false }), 1232);
    expect(bytes.length).toBe(123);
    const back = decodeDns(bytes);
    expect(back.ok && [back.value.id, back.value.authoritative, back.value.recursionAvailable, back.value.recursionDesired, back.value.additional.length]).toEqual([44890, true, false, true, 1]);
  });

  it('compresses, then truncates, what does not fit', () => {
    const query = dnsQuery(1, 'x.y', A);
    const many = (n: number): Answer => ({ rcode: 0, authoritative: true, authority: [], additional: [], answers: Array.from({ length: n }, () => ({ name: 'a-rather-long-name.default.svc.cluster.local', type: A, class: 1, ttl: 5, data: { kind: 'A' as const, address: 1 as never } })) });
    expect(fit(respond(query, many(20)), 512).length).toBeLessThanOrEqual(512);
    const cut = decodeDns(fit(respond(query, many(60)), 512));
    expect(cut.ok && [cut.value.truncated, cut.value.answers.length]).toEqual([true, 0]);
  });
});

describe('what a Service without ports, or a pod of two Services, has', () => {
  it('addresses but no SRV; a name for each', () => {
    const two = new Store();
    const put = (kind: Kind, raw: Record<string, unknown>): void => void two.create(kind, decode(kind, { apiVersion: 'v1', kind, ...raw }).object);
    put('Namespace', { metadata: { name: 'default' } });
    for (const name of ['a', 'b']) {
      put('Service', { metadata: { name, namespace: 'default' }, spec: { clusterIP: 'None', ports: [] } });
      put('EndpointSlice', { metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } }, addressType: 'IPv4', ports: [], endpoints: [{ addresses: ['10.42.0.9'], conditions: { ready: true } }] });
    }
    const texts = (name: string, type: number): readonly string[] | undefined => kubernetesAnswer(CONFIG, two, name, type, 1)?.answers.map((r) => dnsDataText(r.data));
    expect([texts('a.default.svc.cluster.local', A), texts('a.default.svc.cluster.local', SRV)]).toEqual([['10.42.0.9'], []]);
    expect(texts('9.0.42.10.in-addr.arpa', PTR)).toEqual(['10-42-0-9.a.default.svc.cluster.local.', '10-42-0-9.b.default.svc.cluster.local.']);
  });
});

describe('hosts, cache, Corefile', () => {
  const hosts = { path: '/x', ttl: 60, fallthrough: true };
  it.each<[string, number, readonly string[] | undefined]>([['vm1', A, ['10.65.94.238']], ['VM1', A, ['10.65.94.238']], ['vm1', AAAA, []], ['vm9', A, undefined], ['238.94.65.10.in-addr.arpa', PTR, ['vm1.']]])('hosts %s %i', (name, type, data) => {
    expect(hostsAnswer(hosts, '10.65.94.95 vm3\n10.65.94.238 vm1\n', name, type)?.answers.map((r) => dnsDataText(r.data))).toEqual(data);
  });

  it('cache: TTL capped, counts down, ends', () => {
    const cache = new DnsCache(30);
    const stored = cache.put('vm1', A, hostsAnswer(hosts, '10.65.94.238 vm1', 'vm1', A) ?? { rcode: 2, answers: [], authority: [], additional: [], authoritative: false }, 100);
    expect(stored.answers[0]?.ttl).toBe(30);
    expect(cache.get('VM1', A, 110)?.answers[0]?.ttl).toBe(20);
    expect(cache.get('vm1', A, 130)).toBeUndefined();
  });

  it('the sum of k3s’ Corefile is the one of real logs', () => {
    const text = /Corefile: \|\n((?: {4}.*\n)+)/.exec(corednsManifest('10.43.0.10', 'cluster.local'))?.[1]?.replaceAll(/^ {4}/gm, '') ?? '';
    const parsed = parseCorefile(text);
    expect(parsed.ok && parsed.value.sha512).toBe('b941b080e5322f6519009bb49349462c7ddb6317425b0f6a83e5451175b720703949e3f3b454a24e77f3ffe57fd5e9c6130e528a5a1dd00d9000e4afd6c1108d');
  });

  it('reads k3s’ own Corefile', () => {
    const text = /Corefile: \|\n((?: {4}.*\n)+)/.exec(corednsManifest('10.43.0.10', 'cluster.local'))?.[1]?.replaceAll(/^ {4}/gm, '') ?? '';
    const parsed = parseCorefile(text);
    expect(parsed.ok && parsed.value.blocks.map((b) => [b.keys, b.directives.map((d) => d.name)])).toEqual([[['.:53'], ['errors', 'health', 'ready', 'kubernetes', 'hosts', 'prometheus', 'forward', 'cache', 'loop', 'reload', 'loadbalance']]]);
  });

  it('its sum of kubeadm’s Corefile is the one that every such cluster logs', () => {
    const text = /Corefile: \|\n((?: {4}.*\n)+)/.exec(kubeadmCoredns('10.96.0.10', 'cluster.local'))?.[1]?.replaceAll(/^ {4}/gm, '') ?? '';
    const parsed = parseCorefile(text);
    expect(parsed.ok && parsed.value.sha512).toBe('591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908');
  });

  it('an import is what it imports, and says when that is nothing', () => {
    const text = '.:53 {\n  errors\n  import custom/*.override\n}\nimport custom/*.server\n';
    const parsed = parseCorefile(text, (pattern) => (pattern.endsWith('.server') ? [{ path: '/etc/coredns/custom/a.server', text: 'example.org {\n  forward . 9.9.9.9\n}\n' }] : []));
    expect(parsed.ok && [parsed.value.unmatched, parsed.value.blocks.map((b) => [b.keys, b.directives.map((d) => [d.name, ...d.args])])]).toEqual([['custom/*.override'], [[['.:53'], [['errors']]], [['example.org'], [['forward', '.', '9.9.9.9']]]]]);
  });

  it.each([
    ['.:53 {\n  frobnicate\n}', "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'frobnicate'"], ['.:53 {\n  errors\n', "/etc/coredns/Corefile:2 - Syntax error: Unexpected token 'errors', expecting '}'"],
    ['.:53 {\n  hosts {\n    ttl 5\n', '/etc/coredns/Corefile:3 - Error during parsing: Unexpected EOF'], ['.:53 {\n  rewrite name a b\n}', "/etc/coredns/Corefile:2 - Error during parsing: the plugin 'rewrite' is not modelled in this lab"],
  ])('refuses %j', (text, error) => {
    expect(parseCorefile(text)).toEqual({ ok: false, error });
  });
});
