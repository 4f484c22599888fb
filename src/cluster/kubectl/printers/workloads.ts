/** Columns of apps/v1 and batch/v1. Models: pkg/printers/internalversion/printers.go (v1.29). */
import type { KindMap } from '../../api/kinds.ts';
import { ageOf, humanDuration } from '../age.ts';
import { formatLabels, formatSelector, type Columns } from './format.ts';

const images = (spec: KindMap['Pod']['spec']): readonly [string, string] => [spec.containers.map((c) => c.name).join(','), spec.containers.map((c) => c.image).join(',')];

export const deployments: Columns<KindMap['Deployment']> = {
  names: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE'], wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (d, now) => [d.metadata.name, `${d.status.readyReplicas ?? 0}/${d.spec.replicas ?? 1}`, String(d.status.updatedReplicas ?? 0), String(d.status.availableReplicas ?? 0),
    ageOf(d.metadata.creationTimestamp, now), ...images(d.spec.template.spec), formatSelector(d.spec.selector)],
};

export const replicaSets: Columns<KindMap['ReplicaSet']> = {
  names: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'AGE'], wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (r, now) => [r.metadata.name, String(r.spec.replicas ?? 1), String(r.status.replicas), String(r.status.readyReplicas ?? 0), ageOf(r.metadata.creationTimestamp, now), ...images(r.spec.template.spec), formatSelector(r.spec.selector)],
};

export const daemonSets: Columns<KindMap['DaemonSet']> = {
  names: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE'], wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: ({ metadata, spec, status }, now) => [
    metadata.name, String(status.desiredNumberScheduled), String(status.currentNumberScheduled), String(status.numberReady), String(status.updatedNumberScheduled ?? 0), String(status.numberAvailable ?? 0),
    formatLabels(spec.template.spec.nodeSelector), ageOf(metadata.creationTimestamp, now), ...images(spec.template.spec), formatSelector(spec.selector)],
};

export const statefulSets: Columns<KindMap['StatefulSet']> = {
  names: ['NAME', 'READY', 'AGE'], wide: ['CONTAINERS', 'IMAGES'],
  row: (s, now) => [s.metadata.name, `${s.status.readyReplicas ?? 0}/${s.spec.replicas ?? 1}`, ageOf(s.metadata.creationTimestamp, now), ...images(s.spec.template.spec)],
};

function completions({ spec, status }: KindMap['Job']): string {
  const done = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallel = spec.parallelism ?? 1;
  return parallel > 1 ? `${done}/1 of ${parallel}` : `${done}/1`;
}

export const jobs: Columns<KindMap['Job']> = {
  names: ['NAME', 'COMPLETIONS', 'DURATION', 'AGE'], wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (j, now) => {
    const { startTime = '', completionTime = '' } = j.status;
    const duration = startTime === '' ? '' : humanDuration((completionTime === '' ? now : Date.parse(completionTime)) - Date.parse(startTime));
    return [j.metadata.name, completions(j), duration, ageOf(j.metadata.creationTimestamp, now), ...images(j.spec.template.spec), formatSelector(j.spec.selector ?? {})];
  },
};

export const cronJobs: Columns<KindMap['CronJob']> = {
  names: ['NAME', 'SCHEDULE', 'SUSPEND', 'ACTIVE', 'LAST SCHEDULE', 'AGE'], wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (c, now) => [c.metadata.name, c.spec.schedule, c.spec.suspend === true ? 'True' : 'False', String(c.status.active?.length ?? 0), c.status.lastScheduleTime === undefined ? '<none>' : ageOf(c.status.lastScheduleTime, now),
    ageOf(c.metadata.creationTimestamp, now), ...images(c.spec.jobTemplate.spec.template.spec), formatSelector(c.spec.jobTemplate.spec.selector ?? {})],
};

export const controllerRevisions: Columns<KindMap['ControllerRevision']> = {
  names: ['NAME', 'CONTROLLER', 'REVISION', 'AGE'], wide: [],
  row: (r, now) => {
    const owner = r.metadata.ownerReferences?.find((o) => o.controller === true);
    const group = owner?.apiVersion.includes('/') === true ? `.${owner.apiVersion.split('/')[0] ?? ''}` : '';
    return [r.metadata.name, owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}${group}/${owner.name}`, String(r.revision), ageOf(r.metadata.creationTimestamp, now)];
  },
};
