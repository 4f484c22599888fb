/**
 * Jobs by the clock.
 * Models: pkg/controller/cronjob/{cronjob_controllerv2,utils}.go (v1.29): schedule, concurrency policy, starting deadline, history limits, its events.
 * Not modelled: time zones other than UTC (refused).
 */
import { millis } from '../../../engine/sim/time.ts';
import { parseCron } from '../../api/cron.ts';
import type { CronJob, Job } from '../../api/kinds.ts';
import { recordEvent } from '../../events.ts';
import { LATENCY, Loop, rfc3339, type ControlPlane } from '../../plane.ts';
import { blankMeta, isOwnedBy, ownedBy } from '../owned.ts';

const COMPONENT = 'cronjob-controller';
/** nextScheduleDelta: the next look comes a little after the time of the schedule. */
const DELTA_MS = 100;
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** `Complete` or `Failed`; undefined: it runs. */
const finished = (j: Job): string | undefined => j.status.conditions?.find((c) => ['Complete', 'Failed'].includes(c.type) && c.status === 'True')?.type;

export class CronJobController {
  readonly #plane: ControlPlane;
  readonly #loop: Loop;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#loop = new Loop(plane, ['CronJob', 'Job'], LATENCY.controller, () => {
      for (const c of plane.store.list('CronJob')) if (c.metadata.deletionTimestamp === undefined) this.#one(c);
    });
  }

  #one(given: CronJob): void {
    const { store } = this.#plane;
    const { namespace } = given.metadata;
    const jobs = store.list('Job', namespace).filter((j) => isOwnedBy(j, given.metadata.uid));
    this.#clean(given, jobs);
    const known = (given.status.active ?? []).flatMap((ref) => jobs.filter((j) => j.metadata.uid === ref.uid));
    for (const j of known) {
      const status = finished(j);
      if (status !== undefined) this.#event(given, 'Normal', 'SawCompletedJob', `Saw completed job: ${j.metadata.name}, status: ${status}`);
    }
    const last = known.filter((j) => finished(j) === 'Complete').map((j) => j.status.completionTime ?? '').sort().at(-1);
    const c = this.#status(given, known.filter((j) => finished(j) === undefined), { ...(last === undefined ? {} : { lastSuccessfulTime: last }) });
    const schedule = parseCron(c.spec.schedule);
    if (!schedule.ok || c.spec.suspend === true) return;
    const now = this.#plane.wallMillis();
    const deadline = c.spec.startingDeadlineSeconds;
    let earliest = Date.parse(c.status.lastScheduleTime ?? c.metadata.creationTimestamp);
    if (deadline !== undefined) earliest = Math.max(earliest, now - deadline * 1000);
    let due: number | undefined;
    for (let t = schedule.value.next(earliest); t !== undefined && t <= now; t = schedule.value.next(t)) due = t;
    if (due !== undefined) this.#start(c, due, known.filter((j) => finished(j) === undefined));
    const next = schedule.value.next(now);
    if (next !== undefined) this.#loop.queue(millis(next - now + DELTA_MS));
  }

  #start(c: CronJob, at: number, active: readonly Job[]): void {
    const { api, store } = this.#plane;
    const { namespace, name } = c.metadata;
    if (c.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      this.#event(c, 'Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid');
      return;
    }
    if (c.spec.concurrencyPolicy === 'Replace') for (const j of active) this.#delete(c, j);
    const jobName = `${name}-${Math.floor(at / 60_000)}`;
    const { metadata, spec } = c.spec.jobTemplate;
    if (store.get('Job', namespace, jobName) !== undefined) return;
    const made = api.create('Job', {
      apiVersion: 'batch/v1', kind: 'Job', spec, status: {},
      metadata: { ...blankMeta(jobName, namespace), ...(metadata.labels === undefined ? {} : { labels: metadata.labels }), annotations: { ...metadata.annotations, [SCHEDULED_AT]: rfc3339(at) }, ownerReferences: [ownedBy(c)] },
    });
    if (!made.ok) {
      this.#event(c, 'Warning', 'FailedCreate', `Error creating job: ${made.error.message}`);
      return;
    }
    this.#event(c, 'Normal', 'SuccessfulCreate', `Created job ${jobName}`);
    const kept = c.spec.concurrencyPolicy === 'Replace' ? [] : active;
    this.#status(c, [...kept, made.value], { lastScheduleTime: rfc3339(at) });
  }

  /** The oldest beyond the limits go. */
  #clean(c: CronJob, jobs: readonly Job[]): void {
    for (const [type, limit] of [['Complete', c.spec.successfulJobsHistoryLimit ?? 3], ['Failed', c.spec.failedJobsHistoryLimit ?? 1]] as const) {
      const done = jobs.filter((j) => finished(j) === type).sort((a, b) => Date.parse(a.status.startTime ?? '') - Date.parse(b.status.startTime ?? ''));
      for (const j of done.slice(0, Math.max(0, done.length - limit))) this.#delete(c, j);
    }
  }

  #delete(c: CronJob, j: Job): void {
    if (this.#plane.api.delete('Job', j.metadata.namespace, j.metadata.name).ok) this.#event(c, 'Normal', 'SuccessfulDelete', `Deleted job ${j.metadata.name}`);
  }

  #status(c: CronJob, active: readonly Job[], change: Partial<CronJob['status']>): CronJob {
    const { namespace, name } = c.metadata;
    const latest = this.#plane.store.get('CronJob', namespace, name) ?? c;
    const refs = active.map((j) => ({ apiVersion: 'batch/v1', kind: 'Job', name: j.metadata.name, namespace, resourceVersion: j.metadata.resourceVersion, uid: j.metadata.uid }));
    const same = JSON.stringify((latest.status.active ?? []).map((r) => r.uid)) === JSON.stringify(refs.map((r) => r.uid));
    const next: CronJob = { ...latest, status: { ...latest.status, ...change, active: same ? latest.status.active : refs.length === 0 ? undefined : refs } };
    this.#plane.store.update('CronJob', next);
    return next;
  }

  #event(c: CronJob, type: 'Normal' | 'Warning', reason: string, message: string): void {
    recordEvent(this.#plane, c, COMPONENT, type, reason, message);
  }
}
