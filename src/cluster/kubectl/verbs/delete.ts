/** kubectl delete. Models: kubectl/pkg/cmd/delete (v1.29): says what it deletes, then waits until it is gone. Not modelled: --raw, --interactive. */
import type { Program, Wait } from '../../../engine/sim/process.ts';
import type { Result } from '../../../base/result.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import type { Propagation } from '../../api/server.ts';
import { kindInfo, singularName, type Kind } from '../../api/kinds.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun } from '../output.ts';
import { everyNamespace, NOTHING_GIVEN, pick, placeOf, unnamed } from '../resources.ts';
import { duration, untilChange } from '../until.ts';
import type { Kube, Verb } from '../verb.ts';
import { documents, FILE } from './manifests.ts';

interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Manifest that named it. */
  readonly file: string | undefined;
}

function* targets(k: Kube): Generator<Wait, Result<{ readonly found: readonly Target[]; readonly errors: readonly string[] }, string>, void> {
  if (k.flags.has('filename') || k.flags.has('kustomize')) {
    const read = yield* documents(k);
    if (!read.ok) return read;
    const found = read.value.documents.map(({ doc, file }) => {
      const { info, namespace, name } = placeOf(k, doc);
      return { kind: info.kind, namespace, name, file };
    });
    return { ok: true, value: { found, errors: read.value.errors.map((e) => e.text) } };
  }
  const { args } = k.flags;
  const fail = (error: string): Result<never, string> => ({ ok: false, error });
  if (args.length === 0) return fail(NOTHING_GIVEN);
  const named = args.length > 1 || (args[0] ?? '').includes('/');
  if (named && k.flags.on('all')) return fail('error: name cannot be provided when a selector is specified');
  const nameless = unnamed(k, args);
  if (nameless !== undefined) return fail(nameless);
  const picked = pick(k, args);
  if (!picked.ok) return picked;
  return { ok: true, value: { found: picked.value.selections.flatMap((s) => s.objects.map((o) => ({ kind: s.info.kind, namespace: o.metadata.namespace, name: o.metadata.name, file: undefined }))), errors: picked.value.errors } };
}

const PROPAGATIONS: ReadonlyMap<string, Propagation> = new Map([['true', 'Background'], ['background', 'Background'], ['foreground', 'Foreground'], ['orphan', 'Orphan'], ['false', 'Orphan']]);

export const del: Verb = {
  name: 'delete', summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  flags: [
    ...FILE, flag('all', 'boolean'), flag('all-namespaces', 'boolean', 'A'), flag('selector', 'string', 'l'), flag('field-selector'), flag('now', 'boolean'), flag('force', 'boolean'),
    flag('grace-period', 'int'), flag('wait', 'string', undefined, 'true'), flag('ignore-not-found', 'string', undefined, 'true'), flag('output', 'string', 'o'), flag('timeout', 'duration'), flag('cascade', 'string', undefined, 'background'), flag('dry-run', 'string', undefined, 'unchanged'),
    flag('interactive', 'boolean', 'i'), flag('raw'),
  ],
  *run(k): Program {
    for (const absent of ['interactive', 'raw']) if (k.flags.has(absent)) return k.fail(`error: delete --${absent} is not modelled in this lab`);
    const cascade = k.flags.text('cascade') ?? 'background';
    const propagation = PROPAGATIONS.get(cascade);
    if (propagation === undefined) return k.fail(`error: invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    const output = k.flags.text('output') ?? '';
    if (output !== '' && output !== 'name') return k.fail(`error: unexpected -o output mode: ${output}. We only support '-o name'`);
    const force = k.flags.on('force');
    const given = k.flags.text('grace-period');
    if (k.flags.on('now') && given !== undefined && given !== '-1') return k.fail('error: --now and --grace-period cannot be specified together');
    if (force && Number(given ?? 0) > 0) return k.fail('error: --force and --grace-period greater than 0 cannot be specified together');
    if (given === '0' && !force && k.flags.text('wait') === 'false') return k.fail('error: --grace-period=0 requires --force');
    if (cascade === 'true' || cascade === 'false') k.context.stderr.write(`warning: --cascade=${cascade} is deprecated (boolean value) and can be replaced with --cascade=${cascade === 'true' ? 'background' : 'orphan'}.\n`);
    const all = yield* targets(k);
    if (!all.ok) return k.fail(all.error);
    const tolerant = k.flags.on('ignore-not-found') || ((k.flags.on('all') || k.flags.has('selector')) && !k.flags.has('ignore-not-found'));
    let code = 0;
    if (force) k.context.stderr.write('Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n');
    if (k.flags.has('namespace') && !everyNamespace(k) && all.value.found.some((t) => t.namespace === '')) k.context.stderr.write("Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n");
    const grace = force ? Number(given ?? 0) : k.flags.on('now') ? 1 : given === undefined || given === '-1' ? undefined : Math.max(1, Number(given));
    const { store, plane } = k.cluster;
    const dry = dryRun(k);
    const waiting: { readonly target: Target; readonly uid: string }[] = [];
    for (const target of all.value.found) {
      const live = store.get(target.kind, target.namespace, target.name);
      const uid = live?.metadata.uid ?? '';
      const deleted = live === undefined ? { ok: false as const, error: notFound(target.kind, target.name) } : dry === '' ? plane.api.delete(target.kind, target.namespace, target.name, grace, propagation) : { ok: true as const };
      if (!deleted.ok) {
        if (!(tolerant && deleted.error.reason === 'NotFound')) code = k.fail(kubectlText(deleted.error, target.file === undefined ? undefined : `error when deleting "${target.file}"`));
        continue;
      }
      waiting.push({ target, uid });
      const ref = singularName(kindInfo(target.kind));
      k.out(output === 'name' ? `${ref}/${target.name}\n` : `${ref} "${target.name}" ${force && grace === 0 ? 'force ' : ''}deleted${dry === '' ? '' : dry === 'server' ? ' (server dry run)' : ' (dry run)'}\n`);
    }
    if (all.value.found.length === 0 && all.value.errors.length === 0) {
      k.out('No resources found\n');
      return 0;
    }
    for (const error of tolerant && !k.flags.has('filename') ? [] : all.value.errors) code = k.fail(error);
    if (k.flags.text('wait') === 'false' || force || dry !== '') return code;
    const limit = duration(k.flags.text('timeout') ?? '0s') ?? 0;
    const there = (w: (typeof waiting)[number]): boolean => store.get(w.target.kind, w.target.namespace, w.target.name)?.metadata.uid === w.uid;
    const gone = yield* untilChange(k, () => !waiting.some(there), limit === 0 ? 604_800 : limit);
    if (gone) return code;
    return k.fail(waiting.filter(there).map((w) => `error: timed out waiting for the condition on ${kindInfo(w.target.kind).plural}/${w.target.name}`).join('\n'));
  },
};
