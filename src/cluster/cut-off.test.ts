/** A node that the network cuts off, and back: its machine has power, its pods run on. */
import { describe, expect, it } from 'vitest';
import { kubeconfigText } from './kubectl/kubeconfig.ts';
import { putFile } from './node/files.ts';
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
`;
const kubectl = (w: ClusterWorld, line: string): string => w.run('vm1', `kubectl ${line}`).stdout;
const state = (w: ClusterWorld): string => /vm2 +(\S+)/.exec(kubectl(w, 'get nodes --no-headers'))?.[1] ?? '';
const link = (w: ClusterWorld, up: boolean): unknown => w.machines.get('vm2')?.kernel.netlink.setLink('ens3', { up });
const drop = (w: ClusterWorld, on: string, source: string): unknown => w.machines.get(on)?.kernel.netfilter.command({ op: 'append', table: 'filter', chain: 'INPUT', spec: ['-s', source, '-j', 'DROP'] });
const flush = (w: ClusterWorld, on: string): unknown => w.machines.get(on)?.kernel.netfilter.command({ op: 'flush', table: 'filter', chain: 'INPUT' });
/** Steps of the trace in the next ten seconds. */
function noise(w: ClusterWorld): number {
  const before = w.world.recorder.steps.length;
  w.wait(10);
  return w.world.recorder.steps.length - before;
}

describe('a node that is cut off by the network', () => {
  it.each<[string, (w: ClusterWorld) => unknown, (w: ClusterWorld) => unknown]>([
    ['its link is down', (w) => link(w, false), (w) => link(w, true)],
    ['the server drops its packets', (w) => drop(w, 'vm1', '10.65.94.12'), (w) => flush(w, 'vm1')],
    ['it drops the server’s', (w) => drop(w, 'vm2', '10.65.94.11'), (w) => flush(w, 'vm2')],
  ])('%s: NotReady after the grace, Ready again when the way is there', (_name, cut, mend) => {
    const w = clusterWorld({ manifests: [WEB] });
    cut(w);
    w.wait(20);
    expect(state(w)).toBe('Ready');
    w.wait(35);
    expect(state(w)).toBe('NotReady');
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints?.map((t) => t.effect)).toEqual(['NoSchedule', 'NoExecute']);
    mend(w);
    w.wait(15);
    expect(state(w)).toBe('Ready');
    expect(w.cluster.store.list('Pod').filter((p) => p.spec.nodeName === 'vm2').map((p) => p.status.conditions?.find((c) => c.type === 'Ready')?.status)).toEqual(expect.not.arrayContaining(['False']));
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints).toBeUndefined();
  });

  it('a break shorter than the grace is nobody’s business', () => {
    const w = clusterWorld();
    link(w, false);
    w.wait(12);
    link(w, true);
    w.wait(60);
    expect(state(w)).toBe('Ready');
    expect(kubectl(w, 'get events')).not.toContain('NodeNotReady');
  });

  it('goes on with what it knew, and catches up', () => {
    const w = clusterWorld({ manifests: [WEB] });
    link(w, false);
    kubectl(w, 'expose deployment web --name late');
    w.wait(30);
    const knows = (): boolean => JSON.stringify(w.machines.get('vm2')?.kernel.netfilter.dump('nat')).includes('default/late');
    expect([knows(), JSON.stringify(w.machines.get('vm1')?.kernel.netfilter.dump('nat')).includes('default/late')]).toEqual([false, true]);
    link(w, true);
    w.wait(15);
    expect(knows()).toBe(true);
  });

  it('its pods are evicted after five minutes, run on there, and end when it is back', () => {
    const w = clusterWorld({ manifests: [WEB] });
    const there = w.cluster.store.list('Pod').find((p) => p.spec.nodeName === 'vm2' && p.metadata.namespace === 'default');
    const uid = there?.metadata.uid ?? '';
    link(w, false);
    w.wait(370);
    expect(w.cluster.store.byUid(uid)?.metadata.deletionTimestamp).toBeDefined();
    expect(w.cluster.kubelets.get('vm2')?.containers(uid)).toHaveLength(1);
    link(w, true);
    w.wait(60);
    expect(w.cluster.store.byUid(uid)).toBeUndefined();
    expect(w.cluster.kubelets.get('vm2')?.containers(uid)).toHaveLength(0);
  });

  it('a world where nothing changes is silent, before and some time after', () => {
    const w = clusterWorld({ manifests: [WEB] });
    w.wait(120);
    expect(noise(w)).toBe(0);
    link(w, false);
    w.wait(120);
    expect(noise(w)).toBe(0);
    link(w, true);
    w.wait(120);
    expect(noise(w)).toBe(0);
  });

  it('pods and services come and go without a heartbeat', () => {
    const w = clusterWorld();
    const before = w.cluster.underlay.changes;
    w.cluster.apply(WEB, 'web.yaml');
    w.wait(30);
    kubectl(w, 'delete deployment web');
    w.wait(30);
    expect(w.cluster.underlay.changes).toBe(before);
  });
});

describe('kubectl', () => {
  const fails = (w: ClusterWorld, on: string, line: string): string => w.run(on, `kubectl ${line}`).stderr.trimEnd();
  const podOn = (w: ClusterWorld, node: string): string => w.cluster.store.list('Pod').find((p) => p.spec.nodeName === node && p.metadata.namespace === 'default')?.metadata.name ?? '';
  const withConfig = (w: ClusterWorld): void => {
    const host = w.machines.get('vm2');
    if (host !== undefined) putFile(host.fs, '/root/.kube/config', kubeconfigText('default', 'https://10.65.94.11:6443'));
  };

  it('exec and logs on a node that is cut off end in the tunnel of k3s; they work again afterwards', () => {
    const w = clusterWorld({ manifests: [WEB] });
    const pod = podOn(w, 'vm2');
    expect(w.run('vm1', `kubectl exec ${pod} -- echo here`).stdout).toBe('here\n');
    link(w, false);
    w.wait(1);
    const proxy = 'proxy error from 127.0.0.1:6443 while dialing 10.65.94.12:10250, code 502: 502 Bad Gateway';
    expect(fails(w, 'vm1', `exec ${pod} -- echo here`)).toBe(`Error from server: error dialing backend: ${proxy}`);
    expect(fails(w, 'vm1', `logs ${pod}`)).toBe(`Error from server: Get "https://10.65.94.12:10250/containerLogs/default/${pod}/nginx": ${proxy}`);
    link(w, true);
    w.wait(15);
    expect(w.run('vm1', `kubectl exec ${pod} -- echo here`).stdout).toBe('here\n');
  });

  it.each<[string, (w: ClusterWorld) => unknown, string]>([
    ['its own link is down', (w) => link(w, false), 'Unable to connect to the server: dial tcp 10.65.94.11:6443: connect: network is unreachable'],
    ['the server has no power', (w) => w.cluster.powerOff('vm1'), 'Unable to connect to the server: dial tcp 10.65.94.11:6443: connect: no route to host'],
    ['the server does not let it in', (w) => drop(w, 'vm1', '10.65.94.12'), 'Unable to connect to the server: dial tcp 10.65.94.11:6443: i/o timeout'],
    ['the server has just booted', (w) => {
      w.cluster.powerOff('vm1');
      w.wait(1);
      w.cluster.powerOn('vm1');
      w.wait(5);
    }, 'The connection to the server 10.65.94.11:6443 was refused - did you specify the right host or port?'],
  ])('%s', (_name, cut, said) => {
    const w = clusterWorld();
    withConfig(w);
    expect(w.run('vm2', 'kubectl get nodes').code).toBe(0);
    cut(w);
    w.wait(1);
    expect(fails(w, 'vm2', 'get nodes')).toBe(said);
    expect(w.run('vm2', 'kubectl config current-context').stdout).toBe('default\n');
  });
});

describe('a server without power', () => {
  it('nothing is scheduled while it is off; afterwards everything goes on', () => {
    const w = clusterWorld({ manifests: [WEB] });
    w.cluster.powerOff('vm1');
    expect(w.cluster.apply(WEB, 'web.yaml')).toMatchObject({ ok: false, text: 'Unable to connect to the server: vm1 is switched off or still starting\n' });
    w.wait(120);
    expect(w.cluster.store.get('Node', '', 'vm2')?.spec.taints).toBeUndefined();
    w.cluster.powerOn('vm1');
    w.wait(60);
    expect(kubectl(w, 'get nodes --no-headers').split('\n').filter((l) => / Ready /.test(l))).toHaveLength(2);
    kubectl(w, 'scale deployment web --replicas 2');
    w.wait(60);
    expect(w.cluster.store.list('Pod').filter((p) => p.metadata.namespace === 'default' && p.status.phase === 'Running')).toHaveLength(2);
  });
});
