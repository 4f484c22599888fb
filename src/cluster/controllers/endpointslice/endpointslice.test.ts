/** Pods to endpoints on a running cluster. */
import { describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from '../../testing/cluster-world.ts';
import type { EndpointSlice } from '../../api/kinds.ts';
import { MAX_ENDPOINTS } from './endpointslice-controller.ts';

const pod = (name: string, extra = '', labels = 'app: x'): string => `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {${labels}}}\nspec: {containers: [{name: c, image: nginx${extra}}]}\n`;
const service = (spec: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {${spec}}\n`;
const slices = (w: ClusterWorld): readonly EndpointSlice[] => w.cluster.store.list('EndpointSlice', 'default').filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'x');
const conditions = (w: ClusterWorld): readonly string[] => slices(w).flatMap((s) => s.endpoints.map((e) => `${e.targetRef?.name ?? e.addresses[0] ?? ''} ${[e.conditions?.ready, e.conditions?.serving, e.conditions?.terminating].map((c) => (c === true ? '1' : '0')).join('')}`)).sort();
const FAILING = ', readinessProbe: {tcpSocket: {port: 81}}';

describe('conditions of endpoints', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['ready', 'selector: {app: x}, ports: [{port: 80}]', '', ['a 110']],
    ['not ready', 'selector: {app: x}, ports: [{port: 80}]', FAILING, ['a 000']],
    ['published all the same', 'publishNotReadyAddresses: true, selector: {app: x}, ports: [{port: 80}]', FAILING, ['a 100']],
  ])('%s', (_name, spec, extra, expected) => {
    const w = clusterWorld({ manifests: [] });
    w.cluster.apply(service(spec) + pod('a', extra), 'x.yaml');
    w.wait(12);
    expect(conditions(w)).toEqual(expected);
  });

  it('a terminating pod serves on until it is gone, as long as it was ready', () => {
    const w = clusterWorld({ manifests: [service('selector: {app: x}, ports: [{port: 80}]') + pod('a', ', lifecycle: {preStop: {exec: {command: [sleep, "8"]}}}')] });
    expect(conditions(w)).toEqual(['a 110']);
    w.run('vm1', 'kubectl delete pod a --wait=false');
    w.wait(3);
    expect(conditions(w)).toEqual(['a 011']);
    expect(w.cluster.store.get('Endpoints', 'default', 'x')?.subsets).toEqual([]);
    w.wait(8);
    expect(conditions(w)).toEqual([]);
  });
});

describe('slices', () => {
  it('one per set of port numbers', () => {
    const w = clusterWorld({ manifests: [service('selector: {app: x}, ports: [{port: 80, targetPort: web}]') + pod('a', ', ports: [{name: web, containerPort: 80}]') + pod('b', ', ports: [{name: web, containerPort: 8080}]')] });
    expect(slices(w).map((s) => `${String(s.ports[0]?.port)} ${s.endpoints.map((e) => e.targetRef?.name).join()}`).sort()).toEqual(['80 a', '8080 b']);
  });

  it('a hundred endpoints in each', () => {
    const w = clusterWorld();
    const { store } = w.cluster;
    for (let i = 0; i < 230; i++) {
      const made = w.cluster.plane.api.create('Pod', {
        apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${i}`, namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '', labels: { app: 'x' } },
        spec: { nodeName: 'elsewhere', containers: [{ name: 'c', image: 'nginx' }] }, status: { phase: 'Running', podIP: `10.99.${i >> 8}.${i & 255}`, conditions: [{ type: 'Ready', status: 'True' }] },
      });
      if (!made.ok) throw new Error(made.error.message);
    }
    w.cluster.apply(service('selector: {app: x}, ports: [{port: 80}]'), 'x.yaml');
    w.wait(2);
    const sizes = (): readonly number[] => slices(w).map((s) => s.endpoints.length).sort((a, b) => a - b);
    expect(sizes()).toEqual([30, MAX_ENDPOINTS, MAX_ENDPOINTS]);
    const names = new Map(slices(w).map((s) => [s.metadata.name, s.endpoints.length]));
    store.delete('Pod', 'default', 'p0');
    w.wait(1);
    expect(slices(w).filter((s) => names.get(s.metadata.name) !== s.endpoints.length).length).toBe(1);
  });

  it('Endpoints by hand are mirrored, and serve', () => {
    const w = clusterWorld({ manifests: [pod('a', '', 'app: z')] });
    const ip = w.cluster.store.get('Pod', 'default', 'a')?.status.podIP ?? '';
    w.cluster.apply(`${service('ports: [{port: 80}]')}---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: x}\nsubsets: [{addresses: [{ip: ${ip}}], ports: [{port: 80}]}]\n`, 'x.yaml');
    w.wait(3);
    expect(slices(w).map((s) => [s.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], s.endpoints.map((e) => e.addresses)])).toEqual([['endpointslicemirroring-controller.k8s.io', [[ip]]]]);
    const clusterIp = w.cluster.store.get('Service', 'default', 'x')?.spec.clusterIP ?? '';
    expect(w.run('vm1', `curl -s -o /dev/null -w "%{http_code}" http://${clusterIp}`).stdout).toBe('200');
    w.run('vm1', 'kubectl delete endpoints x');
    w.wait(2);
    expect(slices(w)).toEqual([]);
  });

  it('go when the Service becomes a name', () => {
    const w = clusterWorld({ manifests: [service('selector: {app: x}, ports: [{port: 80}]') + pod('a')] });
    expect(slices(w).length).toBe(1);
    const live = w.cluster.store.get('Service', 'default', 'x');
    if (live !== undefined) w.cluster.store.update('Service', { ...live, spec: { ...live.spec, type: 'ExternalName', externalName: 'example.org' } });
    w.wait(2);
    expect(slices(w)).toEqual([]);
  });
});
