import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from '../../../engine/kernel/world.ts';
import { Machine } from '../../../engine/kernel/machine.ts';
import { eps, lb, names, np, svc, type Json } from './testing/notation.ts';
import { kubeProxyTool } from './tool.ts';

const CONFIG = { nodeName: 'vm1', nodeIPs: ['10.65.94.238'], clusterCIDR: '10.42.0.0/16' };
const texts = (inputs: readonly Json[]): readonly string[] => {
  const answer = kubeProxyTool(JSON.stringify(inputs));
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return typeof answer.value.texts === 'string' ? [answer.value.texts] : answer.value.texts;
};
const SVC_A = svc({ name: 'a', clusterIP: '10.43.0.1' });
const SVC_B = svc({ name: 'b', clusterIP: '10.43.0.2' });
const slice = (of: string, ...ips: string[]): Json => eps(ips, { of, name: `${of}-1` });
const chainOf = (name: string): string => names(`SVC[ns/${name}/tcp]`);
const sepOf = (name: string, ip: string): string => names(`SEP(${ip}:8080)[ns/${name}/tcp]`);

describe('syncs one after the other', () => {
  const first = { config: CONFIG, objects: [SVC_A, SVC_B, slice('a', '10.42.0.8'), slice('b', '10.42.0.9')] };

  it('one input: a text; a list: a list', () => {
    const one = kubeProxyTool(JSON.stringify(first));
    expect(one.ok && typeof one.value.texts).toBe('string');
    expect(texts([first])).toEqual([one.ok ? one.value.texts : undefined]);
  });

  it('partial: chains of the changed Service only, all shared chains, stale chains declared and deleted', () => {
    const [, second = ''] = texts([first, { objects: [SVC_A, SVC_B, slice('a', '10.42.0.8'), slice('b', '10.42.0.10')] }]);
    expect(second).not.toContain(`:${chainOf('a')} `);
    expect(second).toContain(`-A KUBE-SERVICES -m comment --comment "ns/a cluster IP" -m tcp -p tcp -d 10.43.0.1 --dport 80 -j ${chainOf('a')}`);
    expect(second).toContain(`:${chainOf('b')} - [0:0]\n`);
    const gone = sepOf('b', '10.42.0.9');
    expect(second.split('\n').filter((l) => l.includes(gone))).toEqual([`:${gone} - [0:0]`, `-X ${gone}`]);
  });

  it('nothing changed: no chain of a Service', () => {
    expect(texts([first, first])[1]).not.toMatch(/^:KUBE-S(VC|EP)/m);
  });

  it('all ports of a Service are rewritten when one changes', () => {
    const two = svc({ name: 'a', ports: [{ name: 'x', port: 1, protocol: 'TCP' }, { name: 'y', port: 2, protocol: 'TCP' }] });
    const ports = (y: number): Json => eps(['10.42.0.8'], { of: 'a', name: 's', ports: [{ name: 'x', port: 1, protocol: 'TCP' }, { name: 'y', port: y, protocol: 'TCP' }] });
    expect(texts([{ config: CONFIG, objects: [two, ports(2)] }, { objects: [two, ports(3)] }])[1]).toContain(`:${names('SVC[ns/a:x/tcp]')} `);
  });

  it('before 1.27, and after another configuration, every sync is full', () => {
    expect(texts([{ ...first, config: { ...CONFIG, version: '1.26' } }, first].map((i) => ({ ...i, config: { ...CONFIG, version: '1.26' } })))[1]).toContain(`:${chainOf('a')} `);
    const [, second = ''] = texts([first, { config: { ...CONFIG, nodeLabels: { x: 'y' } }, objects: [SVC_A, slice('a', '10.42.0.8')] }]);
    expect(second).toContain(`:${chainOf('a')} `);
    expect(second).toContain(`-X ${chainOf('b')}\n`);
  });

  it('a large cluster deletes stale chains once per sync period', () => {
    const config = { ...CONFIG, largeClusterEndpoints: 0 };
    const less = [SVC_A, slice('a', '10.42.0.8')];
    const [, at1 = '', at40 = ''] = texts([{ ...first, config }, { objects: less, at: 1 }, { objects: less, at: 40 }]);
    expect(at1).not.toContain('-X ');
    expect(at40).toContain(`-X ${chainOf('b')}\n`);
  });

  it('up to 1.25 a large cluster deletes stale chains at every sync', () => {
    const config = { ...CONFIG, largeClusterEndpoints: 0, version: '1.25' };
    expect(texts([{ ...first, config }, { objects: [SVC_A, slice('a', '10.42.0.8')], at: 1 }])[1]).toContain(`-X ${chainOf('b')}\n`);
  });

  it('a slice that is replaced by one with the same endpoints: its Service is written anew', () => {
    const renamed = { ...slice('a', '10.42.0.8'), metadata: { name: 'a-2', namespace: 'ns', labels: { 'kubernetes.io/service-name': 'a' } } };
    const [, second = ''] = texts([first, { objects: [SVC_A, SVC_B, renamed, slice('b', '10.42.0.9')] }]);
    expect([second.includes(`:${chainOf('a')} `), second.includes(`:${chainOf('b')} `)]).toEqual([true, false]);
  });

  it('a slice with another resourceVersion only: written anew from 1.31 on', () => {
    const touched = { ...slice('a', '10.42.0.8'), metadata: { name: 'a-1', namespace: 'ns', labels: { 'kubernetes.io/service-name': 'a' }, resourceVersion: '7' } };
    const rewritten = (version: string): boolean => (texts([{ ...first, config: { ...CONFIG, version } }, { objects: [SVC_A, SVC_B, touched, slice('b', '10.42.0.9')] }])[1] ?? '').includes(`:${chainOf('a')} `);
    expect([rewritten('1.30'), rewritten('1.31')]).toEqual([false, true]);
  });

  it('from 1.33 on a sync is full when the last full one is more than an hour old, but not in a large cluster', () => {
    const later = (version: string, at: number, more: Json = {}): boolean => (texts([{ ...first, config: { ...CONFIG, version, ...more } }, { objects: first.objects, at: 1800 }, { objects: first.objects, at }])[2] ?? '').includes(`:${chainOf('a')} `);
    expect([later('1.33', 3600), later('1.33', 3601), later('1.33', 3601, { largeClusterEndpoints: 0 }), later('1.32', 3601)]).toEqual([false, true, false, false]);
  });

  it('after an upgrade: KUBE-XLB is deleted by 1.24 to 1.27, not known to 1.28', () => {
    const xlb = names('XLB[ns/a/tcp]');
    const local = np({ name: 'a', clusterIP: '10.43.0.1', externalTrafficPolicy: 'Local' });
    const upgrade = (version: string): boolean => (texts(['1.23', version].map((v) => ({ config: { ...CONFIG, version: v }, objects: [local, slice('a', '10.42.0.8')] })))[1] ?? '').includes(`-X ${xlb}\n`);
    expect(['1.24', '1.27', '1.28', '1.29'].map(upgrade)).toEqual([true, true, false, false]);
  });

  it('whatever the way, the rules end as if written at once (property)', () => {
    const service = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(svc, np, lb), fc.boolean(), fc.boolean()).map(([name, make, etp, itp]) => make({
      name, clusterIP: `10.43.0.${name.charCodeAt(0)}`, externalTrafficPolicy: etp ? 'Local' : 'Cluster', internalTrafficPolicy: itp ? 'Local' : 'Cluster' }));
    const slices = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.subarray(['10.42.0.8', '10.42.0.9', '10.42.1.2', '10.42.1.3 ending'])).map(([name, ips]) => slice(name, ...ips));
    const id = (o: Json): string => JSON.stringify([o['kind'], o['metadata']]);
    const state = fc.tuple(fc.uniqueArray(service, { selector: id }), fc.uniqueArray(slices, { selector: id })).map(([s, e]) => ({ config: CONFIG, objects: [...s, ...e] }));
    const chains = (inputs: readonly string[]): string => {
      const { netfilter } = new Machine(new World({ seed: 1, epochMillis: 0, trace: false }), 'm').init;
      for (const text of inputs) {
        const done = netfilter.door().restore(text, { noflush: true, counters: true, test: false });
        if (!done.ok) throw new Error(done.error.message);
      }
      return (['nat', 'filter'] as const).map((t) => (netfilter.door().dump(t)?.chains ?? []).map((c) => `${c.name} ${c.references}\n${c.rules.map((r) => r.save).join('\n')}`).sort().join('\n')).join('\n');
    };
    fc.assert(fc.property(fc.array(state, { minLength: 2, maxLength: 5 }), (all) => {
      const last = all.at(-1);
      expect(chains(texts(all))).toBe(chains(last === undefined ? [] : texts([last])));
    }), { numRuns: 40 });
  });
});

describe('bad input', () => {
  const complaints = (value: unknown): readonly string[] => {
    const answer = kubeProxyTool(typeof value === 'string' ? value : JSON.stringify(value));
    return (answer.ok ? answer.value.warnings : answer.error).map((c) => `${c.path}: ${c.text}`);
  };
  it.each([
    ['not JSON', '{', /^input: not JSON: /],
    ['nothing', ' \n', /^input: empty/],
    ['YAML', 'config:\n  nodeName: vm1\n', /^input: not JSON but YAML, it seems: kubectl get .* -o json/],
    ['not an object', '3', /^input: expected an object/],
    ['no config', { objects: [] }, /^config: missing/],
    ['no node name', { config: {}, objects: [] }, /^config.nodeName: missing/],
    ['an empty node name', { config: { ...CONFIG, nodeName: '' }, objects: [] }, /^config.nodeName: missing/],
    ['a version as a number', { config: { ...CONFIG, version: 1.29 }, objects: [] }, /^config.version: expected a string, such as "1.29"/],
    ['detectLocal of another type', { config: { ...CONFIG, detectLocal: 'cni0' }, objects: [] }, /^config.detectLocal: expected an object/],
    ['an interface name that is too long', { config: { ...CONFIG, detectLocalMode: 'InterfaceNamePrefix', interfaceNamePrefix: 'abcdefghijklmno' }, objects: [] }, /^config.interfaceNamePrefix: "abcdefghijklmno" is not the name/],
    ['no objects', { config: CONFIG }, /^objects: missing/],
    ['second of a list', [{ config: CONFIG, objects: [] }, { objects: [3] }], /^\[1\].objects\[0\]: expected an object/],
    ['unknown version', { config: { ...CONFIG, version: '1.37' }, objects: [] }, /^config.version: .*not modelled in this lab/],
    ['a CIDR that is none', { config: { ...CONFIG, clusterCIDR: '10.42.0.0' }, objects: [] }, /^config.clusterCIDR: "10.42.0.0" is not a CIDR/],
    ['a mode without its value', { config: { ...CONFIG, detectLocalMode: 'BridgeInterface' }, objects: [] }, /^config.bridgeInterface: needed/],
    ['unknown field of config', { config: { ...CONFIG, masqeradeAll: true }, objects: [] }, /^config.masqeradeAll: unknown field/],
    ['unknown field of an object', { config: CONFIG, objects: [svc({ wrong: 1 })] }, /^objects\[0\].spec.wrong: unknown field/],
    ['wrong type', { config: CONFIG, objects: [svc({ ports: [{ port: '80' }] })] }, /^objects\[0\].spec.ports\[0\].port: json: cannot unmarshal/],
    ['port out of range', { config: CONFIG, objects: [{ kind: 'List', items: [svc({ ports: [{ port: 70000 }] })] }] }, /^objects\[0\].items\[0\].spec.ports\[0\].port: 70000 is not a port number/],
    ['policy misspelt', { config: CONFIG, objects: [svc({ externalTrafficPolicy: 'local' })] }, /^objects\[0\].spec.externalTrafficPolicy: "local" is none of/],
    ['the same Service twice', { config: CONFIG, objects: [svc(), svc()] }, /^objects\[1\]: Service ns\/svc is already at objects\[0\]/],
    ['a name that would break a rule', { config: CONFIG, objects: [svc({ name: 'a"b' })] }, /^objects\[0\].metadata.name: "a"b" is not a name/],
    ['a port name with a blank', { config: CONFIG, objects: [svc({ ports: [{ name: 'a b', port: 80 }] })] }, /^objects\[0\].spec.ports\[0\].name: "a b" is not a name/],
    ['Endpoints', { config: CONFIG, objects: [{ kind: 'Endpoints', apiVersion: 'v1', metadata: { name: 'a', namespace: 'ns' } }] }, /^objects\[0\]: kube-proxy does not read Endpoints.* EndpointSlices/],
    ['an IPv6 Service', { config: CONFIG, objects: [svc({ clusterIP: 'fd00::1' })] }, /^objects\[0\].spec.clusterIP: IPv6 only/],
    ['hints of another shape', { config: CONFIG, objects: [{ ...slice('a', '10.42.0.8'), endpoints: [{ addresses: ['10.42.0.8'], hints: { forZones: 'a' } }] }] }, /^objects\[0\].endpoints\[0\].hints.forZones: expected a list/],
    ['a kind nobody reads', { config: CONFIG, objects: [{ kind: 'Pod', apiVersion: 'v1' }] }, /^objects\[0\]: kube-proxy does not read Pod/],
    ['a slice of no Service', { config: CONFIG, objects: [{ ...slice('a', '10.42.0.8'), metadata: { name: 'x' } }] }, /^objects\[0\].metadata.labels: no label/],
    ['an address that is none', { config: CONFIG, objects: [slice('a', '10.42.0.999')] }, /^objects\[0\].endpoints\[0\].addresses\[0\]: "10.42.0.999" is not/],
  ])('%s', (_name, value, wanted) => {
    expect(complaints(value)).toEqual([expect.stringMatching(wanted)]);
  });

  it('fields as KubeProxyConfiguration nests them count', () => {
    const { nodeName, ...rest } = CONFIG;
    const nested = { ...rest, kind: 'KubeProxyConfiguration', hostnameOverride: nodeName, iptables: { localhostNodePorts: false, minSyncPeriod: '1s' }, conntrack: { tcpBeLiberal: true } };
    expect(complaints({ config: nested, objects: [] })).toEqual(['config.iptables.minSyncPeriod: does not show in the rules, ignored']);
    expect(texts([{ config: nested, objects: [] }])).toEqual(texts([{ config: { ...CONFIG, localhostNodePorts: false, tcpBeLiberal: true }, objects: [] }]));
  });

  it('a byte order mark is no trouble', () => expect(complaints(`\ufeff${JSON.stringify({ config: CONFIG, objects: [] })}`)).toEqual([]));

  it('what kubectl get -o json adds is no trouble: a List, managedFields, nulls', () => {
    const object = svc({ meta: { managedFields: [{}], resourceVersion: '3', uid: 'u', creationTimestamp: '2024-01-01T00:00:00Z' } });
    expect(complaints({ config: CONFIG, objects: { kind: 'List', apiVersion: 'v1', metadata: {}, items: [object, { ...slice('svc', '10.42.0.8'), ports: null }] } })).toEqual([]);
  });
});
