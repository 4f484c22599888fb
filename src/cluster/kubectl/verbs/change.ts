/** kubectl scale, label, annotate, rollout, set image, patch, cordon, wait. Models: kubectl/pkg/cmd of the same names (v1.29). */
import type { Program, Wait } from '../../../engine/sim/process.ts';
import { WaitQueue } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import { parseDocument } from 'yaml';
import { kubectlText } from '../../api/errors.ts';
import { singularName, type AnyObject, type Deployment, type KindInfo } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { merge3 } from '../../api/merge.ts';
import { rfc3339 } from '../../plane.ts';
import { flag } from '../flags.ts';
import { evaluate } from '../jsonpath.ts';
import { pick, pickOne } from '../resources.ts';
import type { Kube, Verb } from '../verb.ts';

const labelOf = (info: KindInfo, object: AnyObject): string => `${singularName(info)}/${object.metadata.name}`;

/** Merges a patch into an object; prints what kubectl prints. */
function change(k: Kube, info: KindInfo, object: AnyObject, patch: Raw, said: string): number {
  const next = k.cluster.plane.api.decode(info.kind, merge3(object, {}, patch));
  const done = next.ok ? k.cluster.plane.api.replaceAny(info.kind, next.value) : next;
  if (!done.ok) return k.fail(kubectlText(done.error));
  k.out(`${labelOf(info, object)} ${done.value ? said : `${said === 'patched' ? 'patched (no change)' : said}`}\n`);
  return 0;
}

const isScaled = (object: AnyObject): object is Deployment => object.kind === 'Deployment' || object.kind === 'ReplicaSet';

export const scale: Verb = {
  name: 'scale', summary: 'Set a new size for a deployment, replica set, or replication controller',
  flags: [flag('replicas'), flag('current-replicas'), flag('selector', 'string', 'l'), flag('all', 'boolean'), flag('timeout')],
  *run(k): Program {
    const replicas = k.flags.text('replicas');
    if (replicas === undefined || !/^\d+$/.test(replicas)) return k.fail('error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    const picked = pick(k, k.flags.args);
    if (!picked.ok) return k.fail(picked.error);
    let code = 0;
    for (const error of picked.value.errors) code = k.fail(error);
    for (const s of picked.value.selections) {
      for (const o of s.objects) {
        if (!isScaled(o)) code = k.fail(`Error from server (NotFound): the server could not find the requested resource`);
        else code = change(k, s.info, o, { spec: { replicas: Number(replicas) } }, 'scaled') || code;
      }
    }
    return code;
  },
};

function marker(name: 'label' | 'annotate', field: 'labels' | 'annotations', said: string): Verb {
  return {
    name, summary: name === 'label' ? 'Update the labels on a resource' : 'Update the annotations on a resource',
    flags: [flag('overwrite', 'boolean'), flag('all', 'boolean'), flag('selector', 'string', 'l'), flag('field-selector'), flag('all-namespaces', 'boolean', 'A'), flag('list', 'boolean')],
    *run(k): Program {
      const isPair = (w: string): boolean => /^[^=/]*[/]?[^=/]*=/.test(w) || /^[\w./-]+-$/.test(w);
      const pairs = k.flags.args.filter((w, i) => i > 0 && isPair(w));
      const words = k.flags.args.filter((w) => !pairs.includes(w));
      if (words.length === 0) return k.fail(`error: resource(s) to ${name} must be provided`);
      if (pairs.length === 0) return k.fail(`error: at least one ${name === 'label' ? 'label' : 'annotation'} update is required`);
      const picked = pick(k, words);
      if (!picked.ok) return k.fail(picked.error);
      let code = 0;
      for (const error of picked.value.errors) code = k.fail(error);
      for (const s of picked.value.selections) {
        for (const o of s.objects) {
          const next: Record<string, string> = { ...o.metadata[field] };
          let clash: string | undefined;
          for (const pair of pairs) {
            if (pair.endsWith('-') && !pair.includes('=')) {
              delete next[pair.slice(0, -1)];
              continue;
            }
            const key = pair.slice(0, pair.indexOf('='));
            const value = pair.slice(pair.indexOf('=') + 1);
            if (next[key] !== undefined && next[key] !== value && !k.flags.on('overwrite')) clash = key;
            next[key] = value;
          }
          if (clash !== undefined) {
            code = k.fail(`error: '${clash}' already has a value (${o.metadata[field]?.[clash] ?? ''}), and --overwrite is false`);
            continue;
          }
          const done = k.cluster.plane.api.replaceAny(s.info.kind, { ...o, metadata: { ...o.metadata, [field]: next } });
          if (done.ok) k.out(`${labelOf(s.info, o)} ${done.value ? said : `not ${said}`}\n`);
          else code = k.fail(kubectlText(done.error));
        }
      }
      return code;
    },
  };
}

export const label = marker('label', 'labels', 'labeled');
export const annotate = marker('annotate', 'annotations', 'annotated');

/** Sleeps until the store changes or the limit is reached. */
function* untilChange(k: Kube, done: () => boolean, limitSeconds: number): Generator<Wait, boolean, void> {
  const queue = new WaitQueue();
  const stop = k.cluster.store.watch(() => queue.wake());
  const limit = plus(k.cluster.plane.scheduler.now, seconds(limitSeconds));
  try {
    while (!done()) {
      if (k.cluster.plane.scheduler.now >= limit) return false;
      yield { on: [queue], until: limit };
    }
    return true;
  } finally {
    stop();
  }
}

function rolloutText(d: Deployment): string | undefined {
  const want = d.spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = d.status;
  if ((d.status.observedGeneration ?? 0) < (d.metadata.generation ?? 0)) return 'Waiting for deployment spec update to be observed...';
  if (updatedReplicas < want) return `Waiting for deployment "${d.metadata.name}" rollout to finish: ${updatedReplicas} out of ${want} new replicas have been updated...`;
  if (replicas > updatedReplicas) return `Waiting for deployment "${d.metadata.name}" rollout to finish: ${replicas - updatedReplicas} old replicas are pending termination...`;
  if (availableReplicas < updatedReplicas) return `Waiting for deployment "${d.metadata.name}" rollout to finish: ${availableReplicas} of ${updatedReplicas} updated replicas are available...`;
  return undefined;
}

export const rollout: Verb = {
  name: 'rollout', summary: 'Manage the rollout of a resource',
  flags: [flag('timeout'), flag('watch', 'string', 'w', 'true'), flag('selector', 'string', 'l'), flag('revision')],
  *run(k): Program {
    const [action, ...words] = k.flags.args;
    if (action !== 'restart' && action !== 'status' && action !== 'history') return k.fail(action === undefined ? 'Manage the rollout of one or many resources.' : ['undo', 'pause', 'resume'].includes(action) ? `error: kubectl rollout ${action} is not modelled in this lab` : `error: unknown command "${action}" for "kubectl rollout"`);
    if (words.length === 0) return k.fail('error: required resource not specified');
    const found = pickOne(k, words, ['Deployment']);
    if (!found.ok) return k.fail(found.error);
    const { object, info } = found.value;
    const get = (): Deployment | undefined => k.cluster.store.get('Deployment', object.metadata.namespace, object.metadata.name);
    if (action === 'restart') return change(k, info, object, { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': rfc3339(k.now) } } } } }, 'restarted');
    if (action === 'history') {
      const revisions = k.cluster.store.list('ReplicaSet', object.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === object.metadata.uid) === true).map((r) => Number(r.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)).sort((a, b) => a - b);
      k.out(`deployment.apps/${object.metadata.name} \nREVISION  CHANGE-CAUSE\n${revisions.map((r) => `${String(r).padEnd(10)}<none>\n`).join('')}\n`);
      return 0;
    }
    let said = '';
    const done = yield* untilChange(k, () => {
      const d = get();
      const text = d === undefined ? undefined : rolloutText(d);
      if (text !== undefined && text !== said) k.out(`${text}\n`);
      said = text ?? said;
      return text === undefined;
    }, k.flags.has('timeout') ? Number.parseFloat(k.flags.text('timeout') ?? '0') : 600);
    if (!done) return k.fail('error: timed out waiting for the condition');
    k.out(`deployment "${object.metadata.name}" successfully rolled out\n`);
    return 0;
  },
};

export const set: Verb = {
  name: 'set', summary: 'Set specific features on objects', flags: [flag('selector', 'string', 'l')],
  *run(k): Program {
    const [what, ...words] = k.flags.args;
    if (what !== 'image') return k.fail(`error: kubectl set ${what ?? ''} is not modelled in this lab`);
    const images = words.filter((w) => w.includes('='));
    const found = pickOne(k, words.filter((w) => !w.includes('=')), ['Deployment', 'Pod']);
    if (!found.ok) return k.fail(found.error);
    const { object, info } = found.value;
    const wanted = new Map(images.map((i) => [i.slice(0, i.indexOf('=')), i.slice(i.indexOf('=') + 1)]));
    const d = k.cluster.store.get('Deployment', object.metadata.namespace, object.metadata.name);
    const pod = k.cluster.store.get('Pod', object.metadata.namespace, object.metadata.name);
    const containers = info.kind === 'Deployment' ? d?.spec.template.spec.containers : pod?.spec.containers;
    const missing = [...wanted.keys()].find((n) => n !== '*' && containers?.some((c) => c.name === n) !== true);
    if (missing !== undefined) return k.fail(`error: unable to find container named "${missing}"`);
    const next = (containers ?? []).map((c) => ({ ...c, image: wanted.get(c.name) ?? wanted.get('*') ?? c.image }));
    return change(k, info, object, { spec: info.kind === 'Deployment' ? { template: { spec: { containers: next } } } : { containers: next } }, 'image updated');
  },
};

export const patch: Verb = {
  name: 'patch', summary: 'Update fields of a resource', flags: [flag('patch', 'string', 'p'), flag('type'), flag('dry-run', 'string', undefined, 'unchanged'), flag('output', 'string', 'o')],
  *run(k): Program {
    const text = k.flags.text('patch');
    if (text === undefined) return k.fail('error: must specify --patch or --patch-file containing the contents of the patch');
    if (k.flags.text('type') === 'json') return k.fail('error: --type=json is not modelled in this lab; use a merge patch');
    const found = pickOne(k, k.flags.args);
    if (!found.ok) return k.fail(found.error);
    const doc = parseDocument(text);
    const value: unknown = doc.errors.length > 0 ? undefined : doc.toJS();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return k.fail(`error: unable to parse "${text}": yaml: did not find expected node content`);
    return change(k, found.value.info, found.value.object, { ...value }, 'patched');
  },
};

function cordon(name: 'cordon' | 'uncordon'): Verb {
  return {
    name, summary: name === 'cordon' ? 'Mark node as unschedulable' : 'Mark node as schedulable', flags: [flag('selector', 'string', 'l')],
    *run(k): Program {
      let code = 0;
      for (const word of k.flags.args) {
        const found = pickOne(k, ['node', word.replace(/^nodes?\//, '')]);
        if (!found.ok) code = k.fail(found.error);
        else code = change(k, found.value.info, found.value.object, { spec: { unschedulable: name === 'cordon' } }, `${name}ed`) || code;
      }
      return code;
    },
  };
}
export const cordonNode = cordon('cordon');
export const uncordonNode = cordon('uncordon');

export const wait: Verb = {
  name: 'wait', summary: 'Wait for a specific condition on one or many resources', flags: [flag('for'), flag('timeout'), flag('all', 'boolean'), flag('selector', 'string', 'l'), flag('all-namespaces', 'boolean', 'A')],
  *run(k): Program {
    const [, type, status = 'True'] = /^condition=([\w-]+)(?:=(\w+))?$/.exec(k.flags.text('for') ?? '') ?? [];
    const gone = k.flags.text('for') === 'delete';
    if (type === undefined && !gone) return k.fail('error: only --for=condition=… and --for=delete: other forms are not modelled in this lab');
    const picked = pick(k, k.flags.args);
    if (!picked.ok) return k.fail(picked.error);
    if (!gone && picked.value.errors.length > 0) return k.fail(picked.value.errors.join('\n'));
    const limit = Number.parseFloat(k.flags.text('timeout') ?? '30') || 30;
    let code = 0;
    for (const s of picked.value.selections) {
      for (const o of s.objects) {
        const met = yield* untilChange(k, () => {
          const now = k.cluster.store.table(s.info.kind).get(`${o.metadata.namespace}/${o.metadata.name}`);
          if (gone) return now === undefined || now.metadata.uid !== o.metadata.uid;
          const found = evaluate('.status.conditions[*]', now);
          return found.ok && found.value.some((c) => JSON.stringify(evaluate('.type', c)).toLowerCase() === JSON.stringify({ ok: true, value: [type] }).toLowerCase() && JSON.stringify(evaluate('.status', c)).toLowerCase() === JSON.stringify({ ok: true, value: [status] }).toLowerCase());
        }, limit);
        if (met) k.out(`${labelOf(s.info, o)} condition met\n`);
        else code = k.fail(`error: timed out waiting for the condition on ${s.info.plural}/${o.metadata.name}`);
      }
    }
    return code;
  },
};
