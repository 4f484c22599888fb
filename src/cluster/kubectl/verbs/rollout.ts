/** kubectl rollout status, restart, history, undo, pause, resume. Models: kubectl/pkg/cmd/rollout, pkg/polymorphichelpers (v1.29). Not modelled: undo of daemon and stateful sets, their history with --revision. */
import type { Program } from '../../../engine/sim/process.ts';
import { kindInfo, resourceName, type AnyObject, type Deployment, type KindInfo, type KindMap, type ReplicaSet } from '../../api/kinds.ts';
import { strategicMerge } from '../../api/merge.ts';
import { rfc3339 } from '../../plane.ts';
import { templateLines } from '../describe/workloads.ts';
import { DescribeWriter } from '../describe/writer.ts';
import { flag } from '../flags.ts';
import { dryRun, refName } from '../output.ts';
import { each, send } from '../send.ts';
import { duration, untilChange } from '../until.ts';
import type { Kube, Verb } from '../verb.ts';
import { FILE } from './manifests.ts';
import { chosen } from './patch.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const CHANGE_CAUSE = 'kubernetes.io/change-cause';
const ROLLED = ['Deployment', 'DaemonSet', 'StatefulSet'];

interface Progress {
  readonly text: string;
  readonly done: boolean;
}

function ofDeployment(d: Deployment): Progress {
  const { name } = d.metadata;
  const want = d.spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = d.status;
  const wait = (text: string): Progress => ({ text: `Waiting for deployment "${name}" rollout to finish: ${text}...\n`, done: false });
  if ((d.status.observedGeneration ?? 0) < (d.metadata.generation ?? 0)) return { text: 'Waiting for deployment spec update to be observed...\n', done: false };
  if (updatedReplicas < want) return wait(`${updatedReplicas} out of ${want} new replicas have been updated`);
  if (replicas > updatedReplicas) return wait(`${replicas - updatedReplicas} old replicas are pending termination`);
  if (availableReplicas < updatedReplicas) return wait(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  return { text: `deployment "${name}" successfully rolled out\n`, done: true };
}

function ofDaemonSet(d: KindMap['DaemonSet']): Progress {
  const { name } = d.metadata;
  const { updatedNumberScheduled = 0, desiredNumberScheduled: want, numberAvailable = 0 } = d.status;
  if ((d.status.observedGeneration ?? 0) < (d.metadata.generation ?? 0)) return { text: 'Waiting for daemon set spec update to be observed...\n', done: false };
  if (updatedNumberScheduled < want) return { text: `Waiting for daemon set "${name}" rollout to finish: ${updatedNumberScheduled} out of ${want} new pods have been updated...\n`, done: false };
  if (numberAvailable < want) return { text: `Waiting for daemon set "${name}" rollout to finish: ${numberAvailable} of ${want} updated pods are available...\n`, done: false };
  return { text: `daemon set "${name}" successfully rolled out\n`, done: true };
}

function ofStatefulSet(s: KindMap['StatefulSet']): Progress {
  const want = s.spec.replicas ?? 1;
  const { readyReplicas = 0, updateRevision = '', currentRevision = '', updatedReplicas = 0 } = s.status;
  if ((s.status.observedGeneration ?? 0) < (s.metadata.generation ?? 0)) return { text: 'Waiting for statefulset spec update to be observed...\n', done: false };
  if (readyReplicas < want) return { text: `Waiting for ${want - readyReplicas} pods to be ready...\n`, done: false };
  const partition = s.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const rolling = s.spec.updateStrategy?.rollingUpdate !== undefined;
  if (rolling && updatedReplicas < want - partition) return { text: `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${want - partition} new pods have been updated...\n`, done: false };
  if (rolling) return { text: `partitioned roll out complete: ${updatedReplicas} new pods have been updated...\n`, done: true };
  if (updateRevision !== currentRevision) return { text: `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...\n`, done: false };
  return { text: `statefulset rolling update complete ${readyReplicas} pods at revision ${currentRevision}...\n`, done: true };
}

function progress(k: Kube, info: KindInfo, { metadata: { namespace, name } }: AnyObject): Progress {
  const { store } = k.cluster;
  const found = info.kind === 'Deployment' ? store.get('Deployment', namespace, name) : undefined;
  if (found !== undefined) return ofDeployment(found);
  const daemon = info.kind === 'DaemonSet' ? store.get('DaemonSet', namespace, name) : undefined;
  if (daemon !== undefined) return ofDaemonSet(daemon);
  const set = info.kind === 'StatefulSet' ? store.get('StatefulSet', namespace, name) : undefined;
  return set === undefined ? { text: 'error: object has been deleted\n', done: true } : ofStatefulSet(set);
}

function* status(k: Kube, info: KindInfo, object: AnyObject): Program {
  const daemon = k.cluster.store.get('DaemonSet', object.metadata.namespace, object.metadata.name);
  if (info.kind === 'DaemonSet' && daemon?.spec.updateStrategy?.type === 'OnDelete') return k.fail('error: rollout status is only available for RollingUpdate strategy type');
  let said = '';
  const asked = Number(k.flags.text('revision') ?? 0);
  if (asked > 0 && info.kind === 'Deployment' && asked !== revisionOf(object)) return k.fail(`error: desired revision (${asked}) is different from the running revision (${revisionOf(object)})`);
  const limit = duration(k.flags.text('timeout') ?? '0');
  if (limit === undefined) return k.fail(`error: invalid argument "${k.flags.text('timeout') ?? ''}" for "--timeout" flag: time: invalid duration "${k.flags.text('timeout') ?? ''}"\nSee 'kubectl rollout status --help' for usage.`);
  const done = yield* untilChange(k, () => {
    const now = progress(k, info, object);
    if (now.text !== said) k.out(now.text);
    said = now.text;
    return now.done || k.flags.text('watch') === 'false';
  }, limit === 0 ? 600 : limit);
  return done ? 0 : k.fail(limit === 0 ? `error: deployment "${object.metadata.name}" exceeded its progress deadline` : 'error: timed out waiting for the condition');
}

const ofOwner = (k: Kube, d: AnyObject): readonly ReplicaSet[] =>
  k.cluster.store.list('ReplicaSet', d.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === d.metadata.uid) === true)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
const revisionOf = (o: AnyObject): number => Number(o.metadata.annotations?.[REVISION] ?? 0);
const unhashed = (r: ReplicaSet): ReplicaSet['spec']['template'] => {
  const { 'pod-template-hash': _hash, ...labels } = r.spec.template.metadata.labels ?? {};
  return { ...r.spec.template, metadata: { ...r.spec.template.metadata, labels } };
};

function history(k: Kube, info: KindInfo, object: AnyObject): number {
  const sets = ofOwner(k, object);
  const asked = k.flags.text('revision');
  if (asked !== undefined && asked !== '0') {
    const found = sets.find((r) => String(revisionOf(r)) === asked);
    const w = new DescribeWriter();
    if (found === undefined) return k.fail(`error: unable to find the specified revision`);
    const cause = found.metadata.annotations?.[CHANGE_CAUSE];
    const { template } = found.spec;
    templateLines(w, cause === undefined ? template : { ...template, metadata: { ...template.metadata, annotations: { ...template.metadata.annotations, [CHANGE_CAUSE]: cause } } });
    k.out(`${resourceName(info).replace('deployments', 'deployment')}/${object.metadata.name} with revision #${asked}\n${w.tabbed()}\n`);
    return 0;
  }
  k.out(`deployment.apps/${object.metadata.name} \nREVISION  CHANGE-CAUSE\n${sets.map((r) => `${String(revisionOf(r)).padEnd(10)}${r.metadata.annotations?.[CHANGE_CAUSE] ?? '<none>'}\n`).join('')}\n`);
  return 0;
}

/** Of daemon and stateful sets: their controller revisions. */
function revisions(k: Kube, info: KindInfo, object: AnyObject): number {
  const own = k.cluster.store.list('ControllerRevision', object.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === object.metadata.uid) === true);
  const rows = [...own].sort((a, b) => a.revision - b.revision).map((r) => `${String(r.revision).padEnd(10)}${r.metadata.annotations?.[CHANGE_CAUSE] ?? '<none>'}\n`);
  k.out(`${refName(info.kind, object.metadata.name)} \nREVISION  CHANGE-CAUSE\n${rows.join('')}\n`);
  return 0;
}

function undo(k: Kube, info: KindInfo, object: AnyObject): number {
  const sets = ofOwner(k, object);
  const asked = Number(k.flags.text('to-revision') ?? 0);
  const target = asked === 0 ? sets.at(-2) : sets.find((r) => revisionOf(r) === asked);
  if (target === undefined) return k.fail(asked === 0 ? `error: no rollout history found for deployment "${object.metadata.name}"` : `error: unable to find specified revision ${asked} in history`);
  const d = k.cluster.store.get('Deployment', object.metadata.namespace, object.metadata.name);
  if (d?.spec.paused === true) return k.fail(`error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`);
  if (d === undefined) return 1;
  if (revisionOf(target) === Math.max(...sets.map(revisionOf))) {
    k.out(`deployment.apps/${object.metadata.name} skipped rollback (current template already matches revision ${asked})\n`);
    return 0;
  }
  if (dryRun(k) === 'client') {
    const w = new DescribeWriter();
    templateLines(w, target.spec.template);
    k.out(`deployment.apps/${object.metadata.name} ${w.tabbed()} (dry run)\n`);
    return 0;
  }
  return send(k, info, { ...d, spec: { ...d.spec, template: unhashed(target) } }, 'rolled back');
}

function pause(k: Kube, info: KindInfo, object: AnyObject, on: boolean): number {
  const d = k.cluster.store.get('Deployment', object.metadata.namespace, object.metadata.name);
  if (info.kind !== 'Deployment' || d === undefined) return k.fail(`error: ${resourceName(info)} "${object.metadata.name}" ${on ? 'pausing' : 'resuming'} is not supported`);
  if ((d.spec.paused === true) === on) return k.fail(`error: deployments.apps "${object.metadata.name}" is ${on ? 'already' : 'not'} paused`);
  return send(k, info, { ...d, spec: { ...d.spec, paused: on ? true : undefined } }, on ? 'paused' : 'resumed');
}

/** Kinds that kubectl's visitors know (pkg/apps/kind_visitor.go): of others they say so themselves. */
const VISITED = ['Pod', 'ReplicaSet', 'Job', ...ROLLED];

function viewless(action: string, kind: string, apiVersion: string): string | undefined {
  const name = apiVersion.includes('/') ? `${kind}.${apiVersion.split('/')[0] ?? ''}` : kind;
  if (action === 'status') return `error: no status viewer has been implemented for ${name}`;
  if (action !== 'history' && action !== 'undo') return undefined;
  if (VISITED.includes(kind)) return `error: no ${action === 'history' ? 'history viewer' : 'rollbacker'} has been implemented for "${name}"`;
  return `error: error retrieving ${action === 'history' ? 'history' : 'rollbacker'} for "${name}", no visitor method exists for {${name === kind ? '' : (apiVersion.split('/')[0] ?? '')} ${kind}}`;
}

export const rollout: Verb = {
  name: 'rollout', summary: 'Manage the rollout of a resource',
  flags: [...FILE, flag('timeout'), flag('watch', 'string', 'w', 'true'), flag('selector', 'string', 'l'), flag('revision'), flag('to-revision'), flag('output', 'string', 'o'), flag('dry-run', 'string', undefined, 'unchanged'), flag('field-manager')],
  *run(k): Program {
    const [action, ...words] = k.flags.args;
    if (action === undefined) {
      k.out('Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets\n');
      return 1;
    }
    if (!['restart', 'status', 'history', 'undo', 'pause', 'resume'].includes(action)) return k.fail(`error: unknown command "${[action, ...words].join(' ')}"\nSee 'kubectl rollout -h' for help and examples`);
    if (words.length === 0 && !k.flags.has('filename') && !k.flags.has('selector')) return k.fail('error: required resource not specified');
    const picked = yield* chosen(k, words);
    if (picked === undefined) return 1;
    if (picked.errors.length > 0) return k.fail(picked.errors.join('\n'));
    const objects = picked.selections.flatMap((s) => s.objects.map((object) => ({ info: s.info, object })));
    const wrong = objects.find((o) => !ROLLED.includes(o.info.kind));
    if (wrong !== undefined) return k.fail(viewless(action, wrong.info.kind, wrong.info.apiVersion) ?? `error: ${resourceName(wrong.info)} "${wrong.object.metadata.name}" ${action === 'restart' ? 'restarting' : action === 'pause' ? 'pausing' : 'resuming'} is not supported`);
    if (action === 'status') {
      let code = 0;
      for (const { info, object } of objects) code = (yield* status(k, info, object)) || code;
      return code;
    }
    return each(picked.selections, (info, object) => {
      switch (action) {
        case 'restart': if (info.kind === 'Deployment' && k.cluster.store.get('Deployment', object.metadata.namespace, object.metadata.name)?.spec.paused === true) return k.fail(`error: deployments.apps "${object.metadata.name}" can't restart paused deployment (run rollout resume first)`);
          return send(k, info, strategicMerge(object, { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': rfc3339(k.now) } } } } }), 'restarted');
        case 'pause':
        case 'resume': return pause(k, info, object, action === 'pause');
        case 'history': if (info.kind !== 'Deployment' && !k.flags.has('revision')) return revisions(k, info, object);
          return info === kindInfo('Deployment') ? history(k, info, object) : k.fail(`error: rollout ${action} of a ${info.kind} is not modelled in this lab`);
        default: return info === kindInfo('Deployment') ? undo(k, info, object) : k.fail(`error: rollout ${action} of a ${info.kind} is not modelled in this lab`);
      }
    });
  },
};
