/** DaemonSets, StatefulSets and Jobs on a running cluster. */
import { describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';

const pods = (w: ClusterWorld, app: string): readonly string[] =>
  w.cluster.store.list('Pod').filter((p) => p.metadata.labels?.['app'] === app).map((p) => `${p.metadata.name.replace(/-[a-z0-9]{5}$/, '-*')} ${p.spec.nodeName ?? '-'} ${p.status.phase}`).sort();
const kubectl = (w: ClusterWorld, line: string): string => w.run('vm1', `kubectl ${line}`).stdout;

const daemon = (image: string, extra = ''): string => `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {${extra}containers: [{name: c, image: "${image}", ports: [{containerPort: 80, hostPort: 8099}]}]}
`;
const stateful = (image: string, replicas: number): string => `apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: ${replicas}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: "${image}"}]}
`;
const job = (command: string, spec: string): string => `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {${spec}, template: {metadata: {labels: {app: once}}, spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sh, -c, "${command}"]}]}}}
`;

describe('names that controllers make', () => {
  it('are labels, however long the owner is called: the base is cut, the five letters stay', () => {
    const w = clusterWorld({ manifests: [daemon('nginx').replace('name: agent', `name: ${'a'.repeat(100)}`)] });
    for (const line of pods(w, 'agent')) expect(line).toMatch(/^a{58}[a-z0-9]{5} vm[12] Running$/);
    expect(pods(w, 'agent')).toHaveLength(2);
  });
});

describe('DaemonSet', () => {
  it('runs one pod on every node, with the tolerations and the place of a daemon', () => {
    const w = clusterWorld({ manifests: [daemon('nginx:1.27')] });
    expect(pods(w, 'agent')).toEqual(['agent-* vm1 Running', 'agent-* vm2 Running']);
    expect(kubectl(w, 'get ds --no-headers').trim().replace(/\d+s$/, 'AGE').split(/\s+/)).toEqual(['agent', '2', '2', '2', '2', '2', '<none>', 'AGE']);
    const pod = w.cluster.store.list('Pod').find((p) => p.metadata.labels?.['app'] === 'agent');
    expect(pod?.spec.tolerations?.map((t) => `${t.key?.replace('node.kubernetes.io/', '') ?? ''}:${t.effect ?? ''}:${t.tolerationSeconds ?? ''}`)).toEqual([
      'not-ready:NoExecute:', 'unreachable:NoExecute:', 'disk-pressure:NoSchedule:', 'memory-pressure:NoSchedule:', 'pid-pressure:NoSchedule:', 'unschedulable:NoSchedule:']);
    expect(Object.keys(pod?.metadata.labels ?? {}).sort()).toEqual(['app', 'controller-revision-hash', 'pod-template-generation']);
  });

  it('follows its node selector, and says where it cannot go', () => {
    const w = clusterWorld({ manifests: [daemon('nginx:1.27', 'nodeSelector: {disk: ssd}, ')] });
    expect(pods(w, 'agent')).toEqual([]);
    kubectl(w, 'label node vm2 disk=ssd');
    w.wait(10);
    expect(pods(w, 'agent')).toEqual(['agent-* vm2 Running']);
    w.cluster.apply('apiVersion: v1\nkind: Pod\nmetadata: {name: rival}\nspec: {nodeSelector: {disk: ssd}, containers: [{name: c, image: nginx, ports: [{containerPort: 80, hostPort: 8099}]}]}\n', 'r.yaml');
    w.wait(3);
    expect(kubectl(w, 'describe pod rival')).toContain("0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.");
    kubectl(w, 'label node vm2 disk-');
    w.wait(40);
    expect(pods(w, 'agent')).toEqual([]);
  });

  it('rolls a new template one node at a time', () => {
    const w = clusterWorld({ manifests: [daemon('nginx:1.27')] });
    w.cluster.apply(daemon('nginx:1.26'), 'd.yaml');
    let least = 2;
    for (let i = 0; i < 200; i++) {
      w.wait(0.2);
      least = Math.min(least, w.cluster.store.get('DaemonSet', 'default', 'agent')?.status.numberReady ?? 0);
    }
    expect(least).toBe(1);
    expect(new Set(w.cluster.store.list('Pod').filter((p) => p.metadata.labels?.['app'] === 'agent').map((p) => p.spec.containers[0]?.image))).toEqual(new Set(['nginx:1.26']));
    expect(w.cluster.store.list('ControllerRevision').map((r) => r.revision).sort()).toEqual([1, 2]);
    expect(w.cluster.store.get('DaemonSet', 'default', 'agent')?.status).toMatchObject({ updatedNumberScheduled: 2, numberAvailable: 2 });
  });
});

describe('StatefulSet', () => {
  it('makes its pods in order, by name, and ends the last first', () => {
    const w = clusterWorld({ manifests: [stateful('nginx:1.27', 2), 'apiVersion: v1\nkind: Pod\nmetadata: {name: client}\nspec: {containers: [{name: c, image: nicolaka/netshoot, command: [sleep, infinity]}]}\n'] });
    expect(pods(w, 'db').map((p) => p.split(' ')[0])).toEqual(['db-0', 'db-1']);
    const [first, second] = ['db-0', 'db-1'].map((n) => w.cluster.store.get('Pod', 'default', n));
    const ready = first?.status.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime ?? '';
    expect(Date.parse(second?.metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(Date.parse(ready));
    expect(w.run('client', 'curl -s http://db-1.db | grep title').stdout).toContain('Welcome to nginx');
    expect(kubectl(w, 'get sts --no-headers')).toMatch(/^db +2\/2 /);
    kubectl(w, 'delete pod db-0 --now');
    w.wait(10);
    expect(pods(w, 'db').map((p) => p.split(' ')[0])).toEqual(['db-0', 'db-1']);
    w.cluster.apply(stateful('nginx:1.27', 1), 's.yaml');
    w.wait(10);
    expect(pods(w, 'db').map((p) => p.split(' ')[0])).toEqual(['db-0']);
  });

  it('refuses volume claims', () => {
    const w = clusterWorld();
    const refused = w.cluster.apply(stateful('nginx', 1).replace('  serviceName: db', '  serviceName: db\n  volumeClaimTemplates: [{metadata: {name: data}}]'), 's.yaml');
    expect(refused.text).toContain('spec.volumeClaimTemplates: a volume claim template is not modelled in this lab');
  });
});

describe('Job', () => {
  it.each<[string, string, string, string, readonly string[]]>([
    ['ends when enough pods succeeded', 'true', 'completions: 2', 'Complete', ['Succeeded', 'Succeeded']],
    ['gives up after backoffLimit', 'exit 1', 'backoffLimit: 1', 'Failed', ['Failed', 'Failed']],
  ])('%s', (_name, command, spec, condition, phases) => {
    const w = clusterWorld({ manifests: [] });
    expect(w.cluster.apply(job(command, spec), 'j.yaml').errors).toEqual([]);
    w.wait(60);
    expect(w.cluster.store.get('Job', 'default', 'once')?.status.conditions?.map((c) => c.type)).toEqual([condition]);
    expect(w.cluster.store.list('Pod').filter((p) => p.metadata.labels?.['app'] === 'once').map((p) => p.status.phase)).toEqual(phases);
  });
});
