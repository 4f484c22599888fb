/**
 * Jobs to pods that end.
 * Models: pkg/controller/job (v1.29): parallelism, completions, backoffLimit with its growing pause (10 s doubling to 10 min), activeDeadlineSeconds, ttlSecondsAfterFinished.
 * Not modelled: indexed completion, suspend, pod failure policy (refused).
 */
import { seconds } from '../../../engine/sim/time.ts';
import type { Job, Pod } from '../../api/kinds.ts';
import { recordEvent } from '../../events.ts';
import { isReady } from '../../node/pod-status.ts';
import { LATENCY, Loop, rfc3339, type ControlPlane } from '../../plane.ts';
import { isActive, nonZero, PodNames, podFrom, podsOf } from '../owned.ts';

const BACKOFF_FIRST = 10;
const BACKOFF_MAX = 600;

export class JobController {
  readonly #plane: ControlPlane;
  readonly #names: PodNames;
  readonly #loop: Loop;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#names = new PodNames(plane);
    this.#loop = new Loop(plane, ['Job', 'Pod'], LATENCY.controller, () => {
      for (const j of plane.store.list('Job')) if (j.metadata.deletionTimestamp === undefined) this.#one(j);
    });
    this.#loop.queue();
  }

  #one(job: Job): void {
    const { store } = this.#plane;
    const j = job.spec.selector === undefined ? this.#label(job) : job;
    const pods = podsOf(store, j);
    const active = pods.filter(isActive);
    const succeeded = pods.filter((p) => p.status.phase === 'Succeeded').length;
    const failed = pods.filter((p) => p.status.phase === 'Failed').length;
    const finished = j.status.conditions?.some((c) => ['Complete', 'Failed'].includes(c.type) && c.status === 'True') === true;
    if (finished) return this.#expire(j);
    const restarts = active.reduce((n, p) => n + (p.status.containerStatuses ?? []).reduce((m, c) => m + c.restartCount, 0), 0);
    const limit = j.spec.backoffLimit ?? 6;
    const late = j.spec.activeDeadlineSeconds !== undefined && this.#age(j.status.startTime) >= j.spec.activeDeadlineSeconds;
    if (late) return this.#fail(j, active, failed, 'DeadlineExceeded', 'Job was active longer than specified deadline');
    if (failed > limit || (restarts > 0 && restarts > limit)) return this.#fail(j, active, failed, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    const { completions, parallelism = 1 } = j.spec;
    if (completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions) return this.#finish(j, succeeded, failed, 'Complete', undefined, '');
    const wanted = completions === undefined ? (succeeded > 0 ? active.length : parallelism) : Math.min(parallelism, completions - succeeded);
    if (active.length < wanted) this.#create(j, pods, failed);
    for (const pod of active.slice(wanted)) this.#delete(j, pod);
    this.#status(j, { active: nonZero(active.length), ready: active.filter(isReady).length, succeeded: nonZero(succeeded), failed: nonZero(failed) });
    if (j.spec.activeDeadlineSeconds !== undefined) this.#loop.queue(seconds(Math.max(1, j.spec.activeDeadlineSeconds - this.#age(j.status.startTime))));
    return undefined;
  }

  /** The strategy's selector and labels by uid. */
  #label(job: Job): Job {
    const { uid, name } = job.metadata;
    const matchLabels = { 'batch.kubernetes.io/controller-uid': uid };
    const labels = { ...job.spec.template.metadata.labels, ...matchLabels, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
    const next: Job = { ...job, spec: { ...job.spec, selector: { matchLabels }, template: { ...job.spec.template, metadata: { ...job.spec.template.metadata, labels } } } };
    this.#plane.store.update('Job', next);
    return next;
  }

  #create(j: Job, pods: readonly Pod[], failed: number): void {
    const wait = failed === 0 ? 0 : Math.min(BACKOFF_MAX, BACKOFF_FIRST * 2 ** (failed - 1));
    const last = Math.max(0, ...pods.filter((p) => p.status.phase === 'Failed').flatMap((p) => (p.status.containerStatuses ?? []).map((c) => Date.parse(c.state.terminated?.finishedAt ?? '') || 0)));
    const left = wait - Math.floor((this.#plane.wallMillis() - last) / 1000);
    if (left > 0) return this.#loop.queue(seconds(left));
    const name = this.#names.take(j.metadata.namespace, j.metadata.name);
    const made = this.#plane.api.create('Pod', podFrom(j, j.spec.template, name, { generateName: `${j.metadata.name}-` }));
    if (made.ok) recordEvent(this.#plane, j, 'job-controller', 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
    else recordEvent(this.#plane, j, 'job-controller', 'Warning', 'FailedCreate', `Error creating: ${made.error.message}`);
  }

  #delete(j: Job, pod: Pod): void {
    this.#plane.api.delete('Pod', pod.metadata.namespace, pod.metadata.name);
    recordEvent(this.#plane, j, 'job-controller', 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  #fail(j: Job, active: readonly Pod[], failed: number, reason: string, message: string): void {
    for (const pod of active) this.#delete(j, pod);
    this.#finish(j, podsOf(this.#plane.store, j).filter((p) => p.status.phase === 'Succeeded').length, failed, 'Failed', reason, message);
  }

  #finish(j: Job, succeeded: number, failed: number, type: 'Complete' | 'Failed', reason: string | undefined, message: string): void {
    const now = this.#plane.api.now('Job', j.metadata.namespace, j.metadata.name);
    const why = reason === undefined ? {} : { reason, message };
    this.#status(j, {
      ready: 0, succeeded: nonZero(succeeded), failed: nonZero(failed), ...(type === 'Complete' ? { completionTime: now } : {}),
      conditions: [{ type, status: 'True', lastProbeTime: now, lastTransitionTime: now, ...why }],
    });
    if (reason === undefined) recordEvent(this.#plane, j, 'job-controller', 'Normal', 'Completed', 'Job completed');
    else recordEvent(this.#plane, j, 'job-controller', 'Warning', reason, message);
  }

  #status(j: Job, status: Job['status']): void {
    const latest = this.#plane.store.get('Job', j.metadata.namespace, j.metadata.name);
    if (latest === undefined) return;
    const startTime = latest.status.startTime ?? this.#plane.api.now('Job', j.metadata.namespace, j.metadata.name);
    this.#plane.store.update('Job', { ...latest, status: { ...status, startTime } });
  }

  #expire(j: Job): void {
    const { ttlSecondsAfterFinished: ttl } = j.spec;
    if (ttl === undefined) return;
    const left = ttl - this.#age(j.status.conditions?.[0]?.lastTransitionTime);
    if (left > 0) this.#loop.queue(seconds(left));
    else this.#plane.api.delete('Job', j.metadata.namespace, j.metadata.name);
  }

  /** Seconds since. */
  #age(since: string | undefined): number {
    return since === undefined ? 0 : (Date.parse(rfc3339(this.#plane.wallMillis())) - Date.parse(since)) / 1000;
  }
}
