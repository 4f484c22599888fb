/** Deployments, replica sets, daemon sets, stateful sets, jobs. Models: kubectl/pkg/describe/describe.go (v1.29). */
import type { AnyObject, Deployment, KindMap, Pod, ReplicaSet } from '../../api/kinds.ts';
import type { PodTemplate } from '../../api/pod.ts';
import { humanDuration } from '../age.ts';
import { formatSelector } from '../printers/format.ts';
import type { Kube } from '../verb.ts';
import { annotationLines, labelLines, rfc1123z, withEvents } from './common.ts';
import { containerLines, volumeLines } from './containers.ts';
import { DescribeWriter } from './writer.ts';

export function templateLines(w: DescribeWriter, t: PodTemplate): void {
  w.line(0, 'Pod Template:');
  labelLines(w, 1, 'Labels', t.metadata.labels);
  if (Object.keys(t.metadata.annotations ?? {}).length > 0) annotationLines(w, 1, t.metadata.annotations);
  if ((t.spec.serviceAccountName ?? '') !== '') w.line(1, 'Service Account:', t.spec.serviceAccountName ?? '');
  containerLines(w, t.spec, undefined, 1);
  volumeLines(w, t.spec, 1);
  if ((t.spec.priorityClassName ?? '') !== '') w.line(1, 'Priority Class Name:', t.spec.priorityClassName ?? '');
}

function conditionLines(w: DescribeWriter, conditions: Deployment['status']['conditions']): void {
  if ((conditions ?? []).length === 0) return;
  w.line(0, 'Conditions:');
  w.line(1, 'Type', 'Status', 'Reason');
  w.line(1, '----', '------', '------');
  for (const c of conditions ?? []) w.line(1, c.type, c.status, c.reason ?? '');
}

const owned = (k: Kube, o: AnyObject): readonly Pod[] => k.cluster.store.list('Pod', o.metadata.namespace).filter((p) => p.metadata.ownerReferences?.some((r) => r.uid === o.metadata.uid) === true);

function podStatusLine(w: DescribeWriter, k: Kube, o: AnyObject, title = 'Pods Status'): void {
  const pods = owned(k, o);
  const count = (phase: string): number => pods.filter((p) => p.status.phase === phase).length;
  w.line(0, `${title}:`, `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`);
}

function controlledBy(w: DescribeWriter, o: AnyObject): void {
  const owner = o.metadata.ownerReferences?.find((r) => r.controller === true);
  if (owner !== undefined) w.line(0, 'Controlled By:', `${owner.kind}/${owner.name}`);
}

export function describeDeployment(k: Kube, d: Deployment): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  const { status, spec } = d;
  field('Name', d.metadata.name);
  field('Namespace', d.metadata.namespace);
  field('CreationTimestamp', rfc1123z(d.metadata.creationTimestamp));
  labelLines(w, 0, 'Labels', d.metadata.labels);
  annotationLines(w, 0, d.metadata.annotations);
  field('Selector', formatSelector(spec.selector));
  field('Replicas', `${spec.replicas ?? 1} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`);
  field('StrategyType', spec.strategy?.type ?? 'RollingUpdate');
  field('MinReadySeconds', String(spec.minReadySeconds ?? 0));
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling !== undefined) field('RollingUpdateStrategy', `${String(rolling.maxUnavailable ?? '25%')} max unavailable, ${String(rolling.maxSurge ?? '25%')} max surge`);
  templateLines(w, spec.template);
  conditionLines(w, status.conditions);
  const sets = k.cluster.store.list('ReplicaSet', d.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === d.metadata.uid) === true);
  const revision = d.metadata.annotations?.['deployment.kubernetes.io/revision'];
  const of = (r: ReplicaSet): boolean => r.metadata.annotations?.['deployment.kubernetes.io/revision'] === revision;
  const text = (list: readonly ReplicaSet[]): string => (list.length === 0 ? '<none>' : list.map((r) => `${r.metadata.name} (${r.status.replicas}/${r.spec.replicas ?? 1} replicas created)`).join(', '));
  field('OldReplicaSets', text(sets.filter((r) => !of(r))));
  field('NewReplicaSet', text(sets.filter(of)));
  return withEvents(w, k, d);
}

export function describeReplicaSet(k: Kube, r: ReplicaSet): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', r.metadata.name);
  w.line(0, 'Namespace:', r.metadata.namespace);
  w.line(0, 'Selector:', formatSelector(r.spec.selector));
  labelLines(w, 0, 'Labels', r.metadata.labels);
  annotationLines(w, 0, r.metadata.annotations);
  controlledBy(w, r);
  w.line(0, 'Replicas:', `${r.status.replicas} current / ${r.spec.replicas ?? 1} desired`);
  podStatusLine(w, k, r);
  templateLines(w, r.spec.template);
  conditionLines(w, r.status.conditions);
  return withEvents(w, k, r);
}

export function describeDaemonSet(k: Kube, d: KindMap['DaemonSet']): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', d.metadata.name);
  w.line(0, 'Selector:', formatSelector(d.spec.selector));
  labelLines(w, 0, 'Node-Selector', d.spec.template.spec.nodeSelector);
  labelLines(w, 0, 'Labels', d.metadata.labels);
  annotationLines(w, 0, d.metadata.annotations);
  const { status } = d;
  w.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled}`);
  w.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled}`);
  w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
  w.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
  w.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled}`);
  podStatusLine(w, k, d);
  templateLines(w, d.spec.template);
  return withEvents(w, k, d);
}

export function describeStatefulSet(k: Kube, s: KindMap['StatefulSet']): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', s.metadata.name);
  w.line(0, 'Namespace:', s.metadata.namespace);
  w.line(0, 'CreationTimestamp:', rfc1123z(s.metadata.creationTimestamp));
  w.line(0, 'Selector:', formatSelector(s.spec.selector));
  labelLines(w, 0, 'Labels', s.metadata.labels);
  annotationLines(w, 0, s.metadata.annotations);
  w.line(0, 'Replicas:', `${s.spec.replicas ?? 1} desired | ${s.status.replicas} total`);
  w.line(0, 'Update Strategy:', s.spec.updateStrategy?.type ?? 'RollingUpdate');
  if (s.spec.updateStrategy?.rollingUpdate !== undefined) w.line(1, 'Partition:', String(s.spec.updateStrategy.rollingUpdate.partition ?? 0));
  podStatusLine(w, k, s);
  templateLines(w, s.spec.template);
  w.line(0, 'Volume Claims:', '<none>');
  return withEvents(w, k, s);
}

export function describeJob(k: Kube, j: KindMap['Job']): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  headName(w, j);
  field('Selector', formatSelector(j.spec.selector ?? {}));
  labelLines(w, 0, 'Labels', j.metadata.labels);
  annotationLines(w, 0, j.metadata.annotations);
  controlledBy(w, j);
  field('Parallelism', String(j.spec.parallelism ?? 1));
  field('Completions', j.spec.completions === undefined ? '<unset>' : String(j.spec.completions));
  field('Completion Mode', j.spec.completionMode ?? 'NonIndexed');
  const { startTime = '', completionTime = '' } = j.status;
  if (startTime !== '') field('Start Time', rfc1123z(startTime));
  if (completionTime !== '') field('Completed At', rfc1123z(completionTime));
  if (startTime !== '' && completionTime !== '') field('Duration', humanDuration(Date.parse(completionTime) - Date.parse(startTime)));
  if (j.spec.activeDeadlineSeconds !== undefined) field('Active Deadline Seconds', `${j.spec.activeDeadlineSeconds}s`);
  field('Pods Statuses', `${j.status.active ?? 0} Active (${j.status.ready ?? 0} Ready) / ${j.status.succeeded ?? 0} Succeeded / ${j.status.failed ?? 0} Failed`);
  templateLines(w, j.spec.template);
  return withEvents(w, k, j);
}

export function describeCronJob(k: Kube, c: KindMap['CronJob']): string {
  const w = new DescribeWriter();
  const { spec, status } = c;
  const job = spec.jobTemplate.spec;
  const field = (name: string, value: string | number | undefined): void => w.line(0, `${name}:`, value === undefined ? '<unset>' : String(value));
  headName(w, c);
  labelLines(w, 0, 'Labels', c.metadata.labels);
  annotationLines(w, 0, c.metadata.annotations);
  field('Schedule', spec.schedule);
  field('Concurrency Policy', spec.concurrencyPolicy);
  field('Suspend', spec.suspend === true ? 'True' : 'False');
  field('Successful Job History Limit', spec.successfulJobsHistoryLimit);
  field('Failed Job History Limit', spec.failedJobsHistoryLimit);
  field('Starting Deadline Seconds', spec.startingDeadlineSeconds === undefined ? undefined : `${spec.startingDeadlineSeconds}s`);
  field('Selector', job.selector === undefined ? undefined : formatSelector(job.selector));
  field('Parallelism', job.parallelism);
  field('Completions', job.completions);
  if (job.activeDeadlineSeconds !== undefined) field('Active Deadline Seconds', `${job.activeDeadlineSeconds}s`);
  templateLines(w, job.template);
  field('Last Schedule Time', status.lastScheduleTime === undefined ? undefined : rfc1123z(status.lastScheduleTime));
  field('Active Jobs', (status.active ?? []).length === 0 ? '<none>' : (status.active ?? []).map((r) => r.name).join(', '));
  return withEvents(w, k, c);
}

const headName = (w: DescribeWriter, o: AnyObject): void => {
  w.line(0, 'Name:', o.metadata.name);
  w.line(0, 'Namespace:', o.metadata.namespace);
};
