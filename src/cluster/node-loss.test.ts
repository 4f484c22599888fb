/** A node without power, and back. */
import { describe, expect, it } from 'vitest';
import { noticedAt } from './controllers/node/node-lifecycle.ts';
import { clusterWorld, type ClusterWorld } from './testing/cluster-world.ts';

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]
      containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: vm1, containers: [{name: c, image: nicolaka/netshoot, command: [sleep, infinity]}]}
`;
const boot = (): ClusterWorld => clusterWorld({ manifests: [WEB] });
const kubectl = (w: ClusterWorld, line: string): string => w.run('vm1', `kubectl ${line}`).stdout;
const statuses = (w: ClusterWorld, node: string): readonly string[] => kubectl(w, 'get pods -o wide --no-headers').split('\n').filter((l) => l.includes(` ${node} `)).map((l) => l.split(/\s{2,}/).slice(1, 4).join(' '));
/** By address: CoreDNS may have been on the node that went. */
const code = (w: ClusterWorld): string => w.run('client', `curl -s -o /dev/null -m 2 -w "%{http_code}" http://${w.cluster.store.get('Service', 'default', 'web')?.spec.clusterIP ?? ''}`).stdout;

describe('noticedAt', () => {
  it.each<[number, number, number]>([[100, 0, 140], [109, 0, 140], [110, 0, 150], [3, 2, 45]])('silent since %i, started at %i: %i', (since, started, at) => {
    expect(noticedAt(since, started)).toBe(at);
  });
});

describe('a node that loses its power', () => {
  it('is NotReady within the grace, its pods stop serving, are evicted after five minutes and wait for it', () => {
    const w = boot();
    w.cluster.powerOff('vm2');
    expect(w.run('vm1', 'ping -c 1 -W 1 10.65.94.12').code).not.toBe(0);
    w.wait(55);
    expect(kubectl(w, 'get nodes --no-headers')).toMatch(/vm2 +NotReady /);
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints?.map((t) => `${t.key}:${t.effect}`)).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
    expect([code(w), code(w), code(w), code(w)]).toEqual(['200', '200', '200', '200']);
    w.wait(310);
    expect(statuses(w, 'vm2')).toEqual(['1/1 Terminating 0']);
    expect(w.cluster.store.list('Pod').filter((p) => p.metadata.labels?.['app'] === 'web').map((p) => `${p.spec.nodeName ?? '-'} ${p.status.phase}`).sort()).toEqual(['- Pending', 'vm1 Running', 'vm2 Running']);
    w.cluster.powerOn('vm2');
    w.wait(40);
    expect(kubectl(w, 'get nodes --no-headers')).toMatch(/vm2 +Ready /);
    expect(statuses(w, 'vm2')).toEqual(['1/1 Running 0']); // the one that waited for a place
  });

  it('comes back with its pods restarted in new sandboxes, and everything reaches it again', () => {
    const w = boot();
    const before = w.cluster.store.list('Pod').find((p) => p.spec.nodeName === 'vm2' && p.metadata.namespace === 'default');
    w.cluster.powerOff('vm2');
    w.wait(5);
    const { kernel } = w.machines.get('vm2') ?? {};
    expect([kernel?.netnsList(), kernel?.netfilter.tables(), kernel?.netlink.links().map((l) => `${l.name} ${l.up}`), kernel?.netlink.addresses()]).toEqual([[], [], ['lo false', 'ens3 false'], []]);
    w.cluster.powerOn('vm2');
    w.wait(40);
    const after = w.cluster.store.list('Pod').find((p) => p.spec.nodeName === 'vm2' && p.metadata.namespace === 'default');
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(statuses(w, 'vm2').map((s) => s.replace(/ \(.*/, ''))).toEqual(['1/1 Running 1']);
    expect(after?.status.podIP).not.toBe(before?.status.podIP);
    expect(Array.from({ length: 6 }, () => code(w))).toEqual(Array.from({ length: 6 }, () => '200'));
    expect(w.run('vm1', `curl -s -o /dev/null -w "%{http_code}" http://${after?.status.podIP ?? ''}`).stdout).toBe('200');
    expect(kubectl(w, 'get events')).toContain('Node vm2 has been rebooted');
  });

  it('a reboot without NoExecute in time changes nothing of the pods’ place', () => {
    const w = boot();
    const place = (): readonly string[] => w.cluster.store.list('Pod').map((p) => `${p.metadata.uid} ${p.spec.nodeName ?? ''}`).sort();
    const before = place();
    w.cluster.powerOff('vm2');
    w.wait(100);
    w.cluster.powerOn('vm2');
    w.wait(60);
    expect(place()).toEqual(before);
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints).toBeUndefined();
  });
});

describe('taints', () => {
  it.each<[string, string, number, boolean]>([
    ['NoExecute sends away at once what does not tolerate it', '[]', 35, false],
    ['what tolerates it stays', '[{key: a, operator: Exists}]', 60, true],
    ['and for as long as it says', '[{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 20}]', 10, true],
    ['but no longer', '[{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 20}]', 55, false],
  ])('%s', (_name, tolerations, wait, stays) => {
    const w = clusterWorld({ manifests: [`apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: vm2, tolerations: ${tolerations}, containers: [{name: c, image: nginx}]}\n`] });
    const node = w.cluster.store.get('Node', '', 'vm2');
    if (node !== undefined) w.cluster.store.update('Node', { ...node, spec: { ...node.spec, taints: [{ key: 'a', effect: 'NoExecute' }] } });
    w.wait(wait);
    expect(w.cluster.store.get('Pod', 'default', 'p') !== undefined).toBe(stays);
  });

  it('cordon taints a node, uncordon takes the taint away', () => {
    const w = clusterWorld();
    kubectl(w, 'cordon vm2');
    w.wait(1);
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints?.map((t) => t.key)).toEqual(['node.kubernetes.io/unschedulable']);
    kubectl(w, 'uncordon vm2');
    w.wait(1);
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints).toBeUndefined();
  });
});
