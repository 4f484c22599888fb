/** Rollouts of Deployments, and what deletion takes along. */
import { describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';
import type { Deployment } from '../api/kinds.ts';

const web = (image: string, spec: string, template = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {${spec}, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {${template}terminationGracePeriodSeconds: 2, containers: [{name: c, image: "${image}"}]}}}
`;
const get = (w: ClusterWorld): Deployment | undefined => w.cluster.store.get('Deployment', 'default', 'web');
const pods = (w: ClusterWorld): readonly string[] => w.cluster.store.list('Pod', 'default').map((p) => p.spec.containers[0]?.image ?? '');
const progressing = (w: ClusterWorld): string => get(w)?.status.conditions?.flatMap((c) => (c.type === 'Progressing' ? [`${c.status} ${c.reason ?? ''}`] : [])).join() ?? '';

describe('a rollout', () => {
  it.each<[string, string, number, number]>([
    ['maxSurge 1, maxUnavailable 0', 'replicas: 4, strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}', 5, 4],
    ['maxSurge 0, maxUnavailable 1', 'replicas: 4, strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}', 4, 3],
    ['percents', 'replicas: 4, strategy: {rollingUpdate: {maxSurge: 50%, maxUnavailable: 25%}}', 6, 3],
    ['Recreate', 'replicas: 3, strategy: {type: Recreate}', 3, 0],
  ])('%s keeps its bounds', (_name, spec, most, least) => {
    const w = clusterWorld({ manifests: [web('nginx:1.26', spec)] });
    w.cluster.apply(web('nginx:1.27', spec), 'w.yaml');
    let [high, low] = [0, 99];
    const both: boolean[] = [];
    for (let i = 0; i < 300; i++) {
      w.wait(0.1);
      const live = w.cluster.store.list('Pod', 'default').filter((p) => p.metadata.deletionTimestamp === undefined);
      high = Math.max(high, live.length);
      low = Math.min(low, get(w)?.status.availableReplicas ?? 0);
      both.push(new Set(w.cluster.store.list('Pod', 'default').filter((p) => p.status.phase === 'Running').map((p) => p.spec.containers[0]?.image)).size > 1);
    }
    expect([high, low]).toEqual([most, least]);
    expect(new Set(pods(w))).toEqual(new Set(['nginx:1.27']));
    expect(both.some(Boolean)).toBe(!spec.includes('Recreate'));
    expect(progressing(w)).toBe('True NewReplicaSetAvailable');
  });

  it('says how many there were when it scales, not when it makes a set', () => {
    const w = clusterWorld({ manifests: [web('nginx:1.26', 'replicas: 2')] });
    for (const replicas of [0, 1]) {
      w.run('vm1', `kubectl scale deploy web --replicas=${replicas}`);
      w.wait(5);
    }
    const name = w.cluster.store.list('ReplicaSet', 'default')[0]?.metadata.name ?? '';
    const said = w.cluster.store.list('Event', 'default').filter((e) => e.reason === 'ScalingReplicaSet').map((e) => e.message.replace(name, 'RS'));
    expect(said).toEqual(['Scaled up replica set RS to 2', 'Scaled down replica set RS to 0 from 2', 'Scaled up replica set RS to 1 from 0']);
  });

  it('that is paused changes its size only', () => {
    const w = clusterWorld({ manifests: [web('nginx:1.26', 'replicas: 2')] });
    w.cluster.apply(web('nginx:1.27', 'replicas: 3, paused: true'), 'w.yaml');
    w.wait(8);
    expect(pods(w)).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.26']);
    expect(progressing(w)).toBe('Unknown DeploymentPaused');
    w.cluster.apply(web('nginx:1.27', 'replicas: 3, paused: false'), 'w.yaml');
    w.wait(20);
    expect(pods(w)).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.27']);
  });

  it('that does not get on says so after its deadline', () => {
    const w = clusterWorld({ manifests: [web('nginx:1.26', 'replicas: 1, progressDeadlineSeconds: 20')] });
    w.cluster.apply(web('nosuch', 'replicas: 1, progressDeadlineSeconds: 20'), 'w.yaml');
    w.wait(10);
    expect(progressing(w)).toBe('True ReplicaSetUpdated');
    w.wait(15);
    expect(progressing(w)).toBe('False ProgressDeadlineExceeded');
    expect(get(w)?.status.availableReplicas).toBe(1);
  });

  it('keeps as many old sets as it is told, and counts revisions on', () => {
    const w = clusterWorld({ manifests: [web('nginx:1', 'replicas: 1, revisionHistoryLimit: 1')] });
    for (const tag of ['2', '3', '2']) {
      w.cluster.apply(web(`nginx:${tag}`, 'replicas: 1, revisionHistoryLimit: 1'), 'w.yaml');
      w.wait(12);
    }
    const sets = w.cluster.store.list('ReplicaSet', 'default').map((r) => `${r.spec.template.spec.containers[0]?.image ?? ''} ${r.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? ''} ${r.metadata.annotations?.['deployment.kubernetes.io/revision-history'] ?? '-'}`).sort();
    expect(sets).toEqual(['nginx:2 4 2', 'nginx:3 3 -']);
    expect(get(w)?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('4');
  });

  it('a pod counts as available after minReadySeconds', () => {
    const w = clusterWorld({ manifests: [] });
    w.cluster.apply(web('nginx', 'replicas: 1, minReadySeconds: 10'), 'w.yaml');
    w.wait(8);
    expect([get(w)?.status.readyReplicas, get(w)?.status.availableReplicas]).toEqual([1, undefined]);
    w.wait(10);
    expect(get(w)?.status.availableReplicas).toBe(1);
  });
});

describe('deletion', () => {
  it.each<[string, number, number]>([['background', 0, 0], ['orphan', 1, 2], ['foreground', 0, 0]])('--cascade=%s', (cascade, sets, left) => {
    const w = clusterWorld({ manifests: [web('nginx', 'replicas: 2')] });
    w.run('vm1', `kubectl delete deploy web --cascade=${cascade}`);
    w.wait(5);
    expect([get(w), w.cluster.store.list('ReplicaSet', 'default').length, pods(w).length]).toEqual([undefined, sets, left]);
  });
});
