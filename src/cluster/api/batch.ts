/** Field tables of batch/v1. Not modelled: indexed completion, suspend of Jobs, pod failure policy. */
import { condition, labelSelector, objectMeta, objectReference } from './meta.ts';
import { podTemplate } from './pod.ts';
import { absent, bool, inert, int32, int64, list, str, struct, timestamp } from './schema.ts';

const jobSpec = struct('JobSpec', { template: podTemplate }, {
  selector: labelSelector, completions: int32, parallelism: int32, backoffLimit: int32, ttlSecondsAfterFinished: int32, completionMode: str, manualSelector: bool,
  activeDeadlineSeconds: int64, suspend: bool, podFailurePolicy: absent('a pod failure policy'), podReplacementPolicy: inert, backoffLimitPerIndex: absent('a back-off limit per index'), maxFailedIndexes: absent('a limit of failed indexes') });

export const jobFields = struct('Job', {
  apiVersion: str, kind: str, metadata: objectMeta, spec: jobSpec,
  status: struct('JobStatus', {}, {
    conditions: list(condition), active: int32, ready: int32, succeeded: int32, failed: int32, startTime: timestamp, completionTime: timestamp,
    uncountedTerminatedPods: inert, completedIndexes: str }),
}, {});

export const cronJobFields = struct('CronJob', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('CronJobSpec', { schedule: str, jobTemplate: struct('JobTemplateSpec', { metadata: objectMeta, spec: jobSpec }, {}) }, {
    timeZone: str, concurrencyPolicy: str, suspend: bool, startingDeadlineSeconds: int64, successfulJobsHistoryLimit: int32, failedJobsHistoryLimit: int32 }),
  status: struct('CronJobStatus', {}, { active: list(objectReference), lastScheduleTime: timestamp, lastSuccessfulTime: timestamp }),
}, {});
