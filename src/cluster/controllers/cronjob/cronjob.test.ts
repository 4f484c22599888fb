import { describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from '../../testing/cluster-world.ts';

const cron = (more: string, command = 'exit 0'): string => `apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec: {schedule: "*/1 * * * *", ${more}jobTemplate: {metadata: {labels: {a: b}}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sh, -c, "${command}"]}]}}}}}
`;
const jobs = (w: ClusterWorld): readonly string[] => w.cluster.store.list('Job').map((j) => `${j.metadata.name.replace(/-\d+$/, '')} ${j.status.conditions?.[0]?.type ?? 'runs'}`);
const reasons = (w: ClusterWorld): readonly string[] => w.cluster.store.list('Event').filter((e) => e.involvedObject.kind === 'CronJob').map((e) => e.reason);

describe('cron jobs', () => {
  it('start at the full minute, are remembered, and keep three', () => {
    const w = clusterWorld({ manifests: [cron('')] });
    w.wait(61);
    const [first] = w.cluster.store.list('Job');
    const scheduled = first?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '';
    expect(scheduled).toMatch(/:00Z$/);
    expect(first?.metadata.name).toBe(`c-${Date.parse(scheduled) / 60_000}`);
    expect(first?.metadata.labels).toEqual({ a: 'b' });
    w.wait(300);
    expect(jobs(w)).toEqual(['c Complete', 'c Complete', 'c Complete']);
    expect(new Set(reasons(w))).toEqual(new Set(['SuccessfulCreate', 'SawCompletedJob', 'SuccessfulDelete']));
    expect(w.run('vm1', 'kubectl get cj --no-headers').stdout).toMatch(/^c +\*\/1 \* \* \* \* +False +0 +\d+s +\d+m(?:\d+s)?\n$/);
    w.run('vm1', 'kubectl delete cj c');
    w.wait(2);
    expect(jobs(w)).toEqual([]);
  });

  it.each<[string, string, readonly string[], string]>([
    ['Allow', '', ['c runs', 'c runs', 'c runs'], 'SuccessfulCreate'], ['Forbid', 'concurrencyPolicy: Forbid, ', ['c runs'], 'JobAlreadyActive'], ['Replace', 'concurrencyPolicy: Replace, ', ['c runs'], 'SuccessfulDelete'], ['suspended', 'suspend: true, ', [], ''],
  ])('%s', (_name, more, left, reason) => {
    const w = clusterWorld({ manifests: [cron(more, 'sleep 3600')] });
    w.wait(185);
    expect(jobs(w)).toEqual(left);
    expect(reason === '' || reasons(w).includes(reason)).toBe(true);
  });
});
