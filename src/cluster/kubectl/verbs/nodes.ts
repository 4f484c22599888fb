/** kubectl taint, cordon, uncordon, drain. Models: kubectl/pkg/cmd/{taint,drain} and pkg/drain (v1.29). Not modelled: eviction refused by a PodDisruptionBudget, --local. */
import type { Program } from '../../../engine/sim/process.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import { kindInfo, type AnyObject, type Node, type Pod } from '../../api/kinds.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, report } from '../output.ts';
import { parseLabelSelector, selected } from '../selectors.ts';
import { duration, untilChange } from '../until.ts';
import type { Kube, Verb } from '../verb.ts';

interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}
const USAGE = "\nSee 'kubectl taint -h' for help and examples";
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const show = (t: Taint): string => `${t.key}${t.value === '' ? '' : `=${t.value}`}${t.effect === '' ? '' : `:${t.effect}`}`;

/** `key=value:effect`, `key:effect`, `key=value:effect-`, `key:effect-`, `key-`. */
function parseTaint(word: string): { readonly taint: Taint; readonly remove: boolean } | string {
  const remove = word.endsWith('-');
  const [pair = '', effect = '', more] = (remove ? word.slice(0, -1) : word).split(':');
  const [key = '', value = '', third] = pair.split('=');
  if (more !== undefined || third !== undefined) return `error: invalid taint spec: ${word}${USAGE}`;
  if (key === '' && effect === '') return `error: unknown taint spec: ${word}${USAGE}`;
  if (effect !== '' && !EFFECTS.includes(effect)) return `error: invalid taint effect: ${effect}, unsupported taint effect${USAGE}`;
  // A bare word may be a key only: what stands before the colon is the name.
  if ((!remove && effect === '' && pair.includes('=')) || !/^([\w.-]+\/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(key)) return `error: invalid taint spec: ${word}, ${key === '' ? 'name part must be non-empty; ' : ''}name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')${USAGE}`;
  return { taint: { key, value, effect }, remove };
}

const DRY = [flag('dry-run', 'string', undefined, 'unchanged'), flag('selector', 'string', 'l')] as const;

/** Nodes by name or selector. */
function nodes(k: Kube, names: readonly string[]): { readonly found: readonly Node[]; readonly code: number } {
  const info = kindInfo('Node');
  if (names.length === 0) {
    const kept = selected(info, k.flags.text('selector'), undefined, k.cluster.store.list('Node'));
    if (!kept.ok) return { found: [], code: k.fail(kept.error) };
    const uids = new Set(kept.value.map((o) => o.metadata.uid));
    return { found: k.cluster.store.list('Node').filter((n) => uids.has(n.metadata.uid)), code: 0 };
  }
  let code = 0;
  const found = names.flatMap((name) => {
    const node = k.cluster.store.get('Node', '', name.replace(/^nodes?\//, ''));
    if (node === undefined) code = k.fail(kubectlText(notFound('Node', name)));
    return node === undefined ? [] : [node];
  });
  return { found, code };
}

export const taint: Verb = {
  name: 'taint', summary: 'Update the taints on one or more nodes', flags: [...DRY, flag('overwrite', 'boolean'), flag('all', 'boolean'), flag('output', 'string', 'o'), flag('field-manager')],
  *run(k): Program {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    const isTaint = (w: string): boolean => /[:=]/.test(w) || w.endsWith('-');
    const [type = '', ...rest] = k.flags.args.filter((w) => !isTaint(w));
    const words = k.flags.args.filter(isTaint);
    if (type === '') return k.fail('error: one or more resources must be specified as <resource> <name>');
    const [kind = '', one] = type.split('/');
    if (!['node', 'nodes', 'no'].includes(kind)) return k.fail(`error: invalid resource type ${type}, only node types are supported`);
    if (words.length === 0) return k.fail('error: at least one taint update is required');
    const parsed = words.map(parseTaint);
    const wrong = parsed.find((p) => typeof p === 'string');
    if (typeof wrong === 'string') return k.fail(wrong);
    const changes = parsed.flatMap((p) => (typeof p === 'string' ? [] : [p]));
    const twin = changes.find((c, i) => changes.findIndex((d) => d.remove === c.remove && d.taint.key === c.taint.key && d.taint.effect === c.taint.effect) !== i);
    if (twin !== undefined) return k.fail(`error: duplicated taints with the same key and effect: {${twin.taint.key} ${twin.taint.value} ${twin.taint.effect} <nil>}${USAGE}`);
    const both = changes.filter((c) => !c.remove && changes.some((d) => d.remove && d.taint.key === c.taint.key && (d.taint.effect === '' || d.taint.effect === c.taint.effect)));
    if (both.length > 0) return k.fail(`error: can not both modify and remove the following taint(s) in the same command: ${both.map((c) => `${c.taint.key}=${c.taint.effect}`).join(', ')}`);
    const names = k.flags.on('all') ? [] : one === undefined ? rest : [one];
    if (names.length === 0 && !k.flags.on('all') && !k.flags.has('selector')) return k.fail('error: at least one resource name must be specified since \'--all\' parameter is not set');
    const { found, code: missing } = nodes(k, names);
    let code = missing;
    for (const node of found) {
      const old = node.spec.taints ?? [];
      const at = (t: Taint) => (o: { readonly key: string; readonly effect: string }): boolean => o.key === t.key && (t.effect === '' || o.effect === t.effect);
      const absent = changes.find((c) => c.remove && !old.some(at(c.taint)));
      if (absent !== undefined) {
        code = k.fail(`error: taint "${show(absent.taint)}" not found`);
        continue;
      }
      const clash = changes.filter((c) => !c.remove && old.some(at(c.taint)) && !k.flags.on('overwrite'));
      if (clash.length > 0) {
        code = k.fail(`error: node ${node.metadata.name} already has ${clash.map((c) => c.taint.key).join(',')} taint(s) with same effect(s) and --overwrite is false`);
        continue;
      }
      const kept = old.filter((o) => !changes.some((c) => at(c.taint)(o)));
      const now = new Date(k.cluster.plane.wallMillis()).toISOString().replace(/\.\d+Z$/, 'Z');
      const added = changes.filter((c) => !c.remove).map(({ taint: t }) => ({ key: t.key, effect: t.effect, ...(t.value === '' ? {} : { value: t.value }), ...(t.effect === 'NoExecute' ? { timeAdded: now } : {}) }));
      const done = k.cluster.plane.api.put('Node', { ...node, spec: { ...node.spec, taints: [...added, ...kept] } }, dryRun(k) !== '');
      if (!done.ok) code = k.fail(kubectlText(done.error));
      else if (k.flags.has('output')) code = report(k, done.value.object, '') || code;
      else k.out(`node/${node.metadata.name} ${!changes.some((c) => c.remove) ? (k.flags.on('overwrite') && old.length > 0 && old.some((o) => changes.some((c) => at(c.taint)(o))) ? 'modified' : 'tainted') : changes.some((c) => !c.remove) ? 'modified' : 'untainted'}\n`);
    }
    return code;
  },
};

function setSchedulable(k: Kube, node: Node, on: boolean): number {
  const said = on ? 'uncordoned' : 'cordoned';
  if ((node.spec.unschedulable === true) === !on) {
    k.out(`node/${node.metadata.name} already ${said}${drySuffix(k)}\n`);
    return 0;
  }
  const done = k.cluster.plane.api.put('Node', { ...node, spec: { ...node.spec, unschedulable: on ? undefined : true } }, dryRun(k) !== '');
  if (!done.ok) return k.fail(`error: unable to ${on ? 'uncordon' : 'cordon'} node "${node.metadata.name}": ${done.error.message}`);
  k.out(`node/${node.metadata.name} ${said}${drySuffix(k)}\n`);
  return 0;
}

function cordon(name: 'cordon' | 'uncordon'): Verb {
  return {
    name, summary: name === 'cordon' ? 'Mark node as unschedulable' : 'Mark node as schedulable', flags: DRY,
    *run(k): Program {
      if (k.flags.args.length === 0 && !k.flags.has('selector')) return k.fail(`error: USAGE: ${name} NODE [flags]\nSee 'kubectl ${name} -h' for help and examples`);
      if (k.flags.args.length > 0 && k.flags.has('selector')) return k.fail(`error: cannot specify both a node name and a --selector option\nSee 'kubectl ${name} -h' for help and examples`);
      const { found, code } = nodes(k, k.flags.args);
      if (code !== 0) return code; // one that is not there: none is touched
      return found.reduce((worst, node) => setSchedulable(k, node, name === 'uncordon') || worst, code);
    },
  };
}
export const cordonNode = cordon('cordon');
export const uncordonNode = cordon('uncordon');

const controller = (p: Pod): { readonly kind: string; readonly name: string } | undefined => p.metadata.ownerReferences?.find((o) => o.controller === true);
const hasLocalStorage = (p: Pod): boolean => (p.spec.volumes ?? []).some((v) => v.emptyDir !== undefined);

export const drain: Verb = {
  name: 'drain', summary: 'Drain node in preparation for maintenance',
  flags: [
    ...DRY, flag('ignore-daemonsets', 'boolean'), flag('delete-emptydir-data', 'boolean'), flag('delete-local-data', 'boolean'), flag('force', 'boolean'), flag('grace-period', 'int'), flag('timeout', 'duration'), flag('pod-selector'), flag('disable-eviction', 'boolean'),
    flag('skip-wait-for-delete-timeout', 'int'), flag('chunk-size', 'int'),
  ],
  *run(k): Program {
    if (k.flags.args.length === 0 && !k.flags.has('selector')) return k.fail("error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples");
    if (parseLabelSelector(k.flags.text('pod-selector') ?? '') === undefined) return k.fail('error: --pod-selector=<pod_selector> must be a valid label selector');
    const { found, code } = nodes(k, k.flags.args);
    if (code !== 0) return code;
    if (k.flags.has('delete-local-data')) k.context.stderr.write('Flag --delete-local-data has been deprecated, This option is deprecated and will be deleted. Use --delete-emptydir-data.\n');
    for (const node of found) {
      const marked = setSchedulable(k, node, false);
      if (marked !== 0) return marked;
    }
    const pending: { readonly node: Node; readonly why: readonly string[] }[] = [];
    for (const node of found) {
      const why = yield* evict(k, node);
      if (why.length === 0) {
        k.out(`node/${node.metadata.name} drained${drySuffix(k)}\n`);
        continue;
      }
      k.fail(`error: unable to drain node "${node.metadata.name}" due to error:${why.length === 1 ? (why[0] ?? '') : `[${why.join(', ')}]`}, continuing command...`);
      pending.push({ node, why });
    }
    if (pending.length === 0) return 0;
    return k.fail(`There are pending nodes to be drained:\n${pending.map((p) => ` ${p.node.metadata.name}\n`).join('')}${pending.flatMap((p) => p.why).join('\n')}`);
  },
};

const drySuffix = (k: Kube): string => (dryRun(k) === '' ? '' : ` (${dryRun(k) === 'server' ? 'server ' : ''}dry run)`);

/** Why the node could not be emptied. */
function* evict(k: Kube, node: Node): Program<readonly string[]> {
  const here = k.cluster.store.list('Pod').filter((p) => p.spec.nodeName === node.metadata.name && p.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined);
  const kept = selected(kindInfo('Pod'), k.flags.text('pod-selector'), undefined, here);
  if (!kept.ok) return [kept.error];
  const pods = here.filter((p) => kept.value.some((o: AnyObject) => o.metadata.uid === p.metadata.uid));
  const name = (p: Pod): string => `${p.metadata.namespace}/${p.metadata.name}`;
  const finished = (p: Pod): boolean => p.status.phase === 'Succeeded' || p.status.phase === 'Failed';
  const daemons = pods.filter((p) => controller(p)?.kind === 'DaemonSet' && !finished(p));
  const others = pods.filter((p) => !daemons.includes(p));
  const bare = others.filter((p) => controller(p) === undefined && !finished(p));
  const local = others.filter((p) => hasLocalStorage(p) && !finished(p));
  const refusals = [
    ...(daemons.length > 0 && !k.flags.on('ignore-daemonsets') ? [`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${daemons.map(name).join(', ')}`] : []),
    ...(local.length > 0 && !k.flags.on('delete-emptydir-data') && !k.flags.on('delete-local-data') ? [`cannot delete Pods with local storage (use --delete-emptydir-data to override): ${local.map(name).join(', ')}`] : []),
    ...(bare.length > 0 && !k.flags.on('force') ? [`cannot delete Pods declare no controller (use --force to override): ${bare.map(name).join(', ')}`] : []),
  ];
  if (refusals.length > 0) return refusals;
  const warnings = [...(daemons.length > 0 ? [`ignoring DaemonSet-managed Pods: ${daemons.map(name).join(', ')}`] : []), ...(bare.length > 0 ? [`deleting Pods that declare no controller: ${bare.map(name).join(', ')}`] : [])];
  if (warnings.length > 0) k.context.stderr.write(`Warning: ${warnings.sort().join('; ')}\n`);
  const grace = k.flags.text('grace-period');
  for (const p of others) {
    if (!k.flags.on('disable-eviction')) k.out(`evicting pod ${name(p)}${drySuffix(k)}\n`);
    if (dryRun(k) === '') k.cluster.plane.api.delete('Pod', p.metadata.namespace, p.metadata.name, grace === undefined || grace === '-1' ? undefined : Number(grace));
  }
  if (dryRun(k) === '') {
    const limit = duration(k.flags.text('timeout') ?? '0') ?? 0;
    const said = new Set<string>();
    const left = (p: Pod): boolean => k.cluster.store.get('Pod', p.metadata.namespace, p.metadata.name)?.metadata.uid === p.metadata.uid;
    const done = yield* untilChange(k, () => {
      for (const p of others) {
        if (left(p) || said.has(p.metadata.uid)) continue;
        said.add(p.metadata.uid);
        k.out(`pod/${p.metadata.name} ${k.flags.on('disable-eviction') ? 'deleted' : 'evicted'}\n`);
      }
      return said.size === others.length;
    }, limit === 0 ? 600 : limit);
    if (!done) return [`global timeout reached: ${k.flags.text('timeout') ?? ''}`];
  }
  return [];
}

