/** kubectl get. Models: kubectl/pkg/cmd/get (v1.29). Not modelled: chunks, templates, --raw. */
import type { Result } from '../../../base/result.ts';
import { WaitQueue, type Program, type Wait } from '../../../engine/sim/process.ts';
import { singularName, type AnyObject, type Kind, type KindInfo, type KindMap } from '../../api/kinds.ts';
import { decode, parseManifest } from '../../api/manifest.ts';
import { ageOf } from '../age.ts';
import { sortObjects } from '../custom-columns.ts';
import { flag } from '../flags.ts';
import { formatOf, printStructured } from '../output.ts';
import { columnsOf } from '../printers/columns.ts';
import { formatLabels } from '../printers/format.ts';
import { everyNamespace, pick, pickDocuments, type Picked, type Selection } from '../resources.ts';
import { selected } from '../selectors.ts';
import { formatTable, TableWriter } from '../table.ts';
import type { Kube, Verb } from '../verb.ts';
import { sources } from './manifests.ts';

function cellsOf<K extends Kind>(kind: K, object: KindMap[K], now: number, wide: boolean): readonly string[] {
  return columnsOf(kind).row(object, now, wide);
}

/** --server-print=false: kubectl knows no columns of its own. */
const NAME_AND_AGE = { names: ['NAME', 'AGE'], wide: [], wideOrder: undefined, row: (o: AnyObject, now: number): readonly string[] => [o.metadata.name, ageOf(o.metadata.creationTimestamp, now)] };

interface TableOptions {
  readonly wide: boolean;
  readonly prefix: boolean;
  readonly namespaces: boolean;
}

/** Rows of a table, its header first. */
export function tableRows(k: Kube, info: KindInfo, objects: readonly AnyObject[], o: TableOptions): readonly (readonly string[])[] {
  const columns = k.flags.text('server-print') === 'false' ? NAME_AND_AGE : columnsOf(info.kind);
  const shown = columns.names.length;
  const extra = k.flags.list('label-columns').flatMap((l) => l.split(','));
  const spaces = o.namespaces && info.namespaced;
  const ordered = (cells: readonly string[]): readonly string[] => (o.wide && columns.wideOrder !== undefined ? columns.wideOrder.map((i) => cells[i] ?? '') : cells);
  const header = [...(spaces ? ['NAMESPACE'] : []), ...ordered([...columns.names, ...(o.wide ? columns.wide : [])]), ...extra.map((l) => l.split('/').at(-1)?.toUpperCase() ?? l), ...(k.flags.on('show-labels') ? ['LABELS'] : [])];
  const rows = objects.map((object) => {
    const cells = columns === NAME_AND_AGE ? NAME_AND_AGE.row(object, k.now) : rowOf(k, info.kind, object, o.wide);
    const named = o.prefix && info.kind !== 'Event' ? [`${singularName(info)}/${cells[0] ?? ''}`, ...cells.slice(1)] : cells;
    return [
      ...(spaces ? [object.metadata.namespace] : []), ...ordered(named.slice(0, o.wide ? undefined : shown)),
      ...extra.map((l) => object.metadata.labels?.[l] ?? ''), ...(k.flags.on('show-labels') ? [formatLabels(object.metadata.labels)] : []),
    ];
  });
  return k.flags.on('no-headers') ? rows : [header, ...rows];
}

function rowOf(k: Kube, kind: Kind, object: AnyObject, wide: boolean): readonly string[] {
  return cellsOf(kind, decode(kind, { ...object }).object, k.now, wide);
}

function print(k: Kube, selections: readonly Selection[]): number {
  const by = k.flags.text('sort-by');
  const ordered: Selection[] = [];
  for (const s of selections) {
    const objects = by === undefined ? { ok: true as const, value: s.objects } : sortObjects(by, s.objects);
    if (!objects.ok) return k.fail(objects.error);
    ordered.push({ ...s, objects: objects.value });
  }
  const objects = ordered.flatMap((s) => s.objects);
  const single = ordered.length === 1 && ordered[0]?.byName === true && objects.length === 1;
  const structured = printStructured(k, objects, single, true);
  if (structured !== undefined) return structured;
  const several = ordered.length > 1;
  let printed = 0;
  for (const s of ordered) {
    if (s.objects.length === 0) continue;
    if (printed++ > 0 && !k.flags.on('no-headers')) k.out('\n');
    k.out(formatTable(tableRows(k, s.info, s.objects, { wide: formatOf(k) === 'wide', prefix: several || k.flags.on('show-kind'), namespaces: everyNamespace(k) })));
  }
  return 0;
}

/** -w: a row for every change until Ctrl+C, in the widths that the table had. */
function* watch(k: Kube, { info, objects, byName }: Selection): Program {
  const queue = new WaitQueue();
  const changed: AnyObject[] = [];
  const names = byName ? objects.map((o) => o.metadata.name) : undefined;
  const stop = k.cluster.store.watch((change) => {
    const { metadata } = change.object;
    if (info.kind !== change.kind || (info.namespaced && !everyNamespace(k) && metadata.namespace !== k.namespace) || names?.includes(metadata.name) === false) return;
    const kept = selected(info, k.flags.text('selector'), k.flags.text('field-selector'), [change.object]);
    if (!kept.ok || kept.value.length === 0) return;
    changed.push(change.object);
    queue.wake();
  });
  const table = new TableWriter();
  const options: TableOptions = { wide: formatOf(k) === 'wide', prefix: k.flags.on('show-kind'), namespaces: everyNamespace(k) };
  let headed = k.flags.on('no-headers');
  const show = (list: readonly AnyObject[]): number => {
    const now: Kube = { ...k, now: k.cluster.plane.wallMillis() };
    const first = printStructured(now, list.slice(0, 1), true, true);
    if (first !== undefined) {
      for (const o of first === 0 ? list.slice(1) : []) printStructured(now, [o], true, true);
      return first;
    }
    const rows = tableRows(now, info, list, options);
    const body = k.flags.on('no-headers') ? rows : rows.slice(1);
    k.out(table.format(headed ? body : rows));
    headed = true;
    return 0;
  };
  try {
    let code = objects.length > 0 && !k.flags.on('watch-only') ? show(objects) : 0;
    for (;;) {
      for (const object of changed.splice(0)) code = show([object]) || code;
      if (code !== 0) return code;
      yield { on: [queue] };
    }
  } finally {
    stop();
  }
}

function* found(k: Kube): Generator<Wait, Result<Picked, string>, void> {
  const files = k.flags.has('filename') || k.flags.has('kustomize');
  if (files && k.flags.args.length > 0) return { ok: false, error: 'error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well' };
  if (!files) return pick(k, k.flags.args);
  const read = yield* sources(k);
  if (!read.ok) return read;
  return { ok: true, value: pickDocuments(k, read.value.flatMap((s) => parseManifest(s.text, s.name, k.cluster.store.serves).documents)) };
}

export const get: Verb = {
  name: 'get', summary: 'Display one or many resources',
  flags: [
    flag('output', 'string', 'o'), flag('all-namespaces', 'boolean', 'A'), flag('selector', 'string', 'l'), flag('field-selector'), flag('no-headers', 'boolean'), flag('show-labels', 'boolean'),
    flag('watch', 'boolean', 'w'), flag('watch-only', 'boolean'), flag('sort-by'), flag('label-columns', 'list', 'L'), flag('show-kind', 'boolean'), flag('ignore-not-found', 'boolean'), flag('show-managed-fields', 'boolean'),
    flag('chunk-size', 'int'), flag('filename', 'list', 'f'), flag('kustomize', 'string', 'k'), flag('template'), flag('allow-missing-template-keys', 'boolean'), flag('recursive', 'boolean', 'R'), flag('server-print', 'boolean'), flag('subresource'), flag('output-watch-events', 'boolean'), flag('raw'),
  ],
  *run(k) {
    for (const absent of ['raw', 'subresource', 'output-watch-events']) if (k.flags.has(absent)) return k.fail(`error: --${absent} is not modelled in this lab`);
    if (k.flags.args.length === 0 && !k.flags.has('filename') && !k.flags.has('kustomize')) {
      return k.fail('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples');
    }
    if (k.flags.on('show-labels') && !['', 'wide'].includes(formatOf(k))) return k.fail(`error: --show-labels option cannot be used with ${formatOf(k)} printer`);
    const picked = yield* found(k);
    if (!picked.ok) return k.fail(picked.error);
    const { selections, errors } = picked.value;
    const watching = k.flags.on('watch') || k.flags.on('watch-only');
    const none = selections.every((s) => s.objects.length === 0);
    const tabular = ['', 'wide'].includes(formatOf(k)) || formatOf(k) === 'custom-columns';
    const missing = k.flags.on('ignore-not-found') ? [] : errors;
    if (watching) {
      const [selection, ...more] = selections;
      if (selection === undefined || more.length > 0) return k.fail('error: you may only specify a single resource type');
      if (missing.length > 0) return k.fail(missing.join('\n'));
      return yield* watch(k, selection);
    }
    if (none && errors.length === 0 && tabular && formatOf(k) !== 'custom-columns') {
      if (!k.flags.on('ignore-not-found')) k.context.stderr.write(everyNamespace(k) || selections.some((s) => !s.info.namespaced) ? 'No resources found\n' : `No resources found in ${k.namespace} namespace.\n`);
      return 0;
    }
    const code = none && errors.length > 0 ? 0 : print(k, selections);
    for (const error of missing) k.fail(error);
    return code !== 0 || missing.length > 0 ? 1 : 0;
  },
};

/** `kubectl events`: sorted by time, with its own columns. */
export const events: Verb = {
  name: 'events', summary: 'List events',
  flags: [flag('output', 'string', 'o'), flag('all-namespaces', 'boolean', 'A'), flag('for'), flag('types', 'list'), flag('watch', 'boolean', 'w'), flag('no-headers', 'boolean')],
  *run(k): Program {
    if (k.flags.on('watch')) return k.fail('error: kubectl events --watch is not modelled in this lab; use kubectl get events -w');
    const picked = pick(k, ['events']);
    if (!picked.ok) return k.fail(picked.error);
    const types = k.flags.list('types').flatMap((t) => t.split(','));
    if (types.some((t) => !['normal', 'warning'].includes(t.toLowerCase()))) return k.fail('error: valid --types are Normal or Warning');
    if (k.flags.has('for') && !(k.flags.text('for') ?? '').includes('/')) return k.fail('error: --for must be in resource/name form');
    const [kind = '', name = ''] = (k.flags.text('for') ?? '').split('/');
    const all = k.cluster.store.list('Event').filter((e) => picked.value.selections.some((s) => s.objects.some((o) => o.metadata.uid === e.metadata.uid && o.metadata.name === e.metadata.name)));
    const kept = all.filter((e) => (types.length === 0 || types.some((t) => t.toLowerCase() === e.type.toLowerCase())) && (name === '' || (e.involvedObject.name === name && e.involvedObject.kind.toLowerCase().startsWith(kind.toLowerCase().replace(/s$/, '')))))
      .sort((a, b) => Date.parse(a.lastTimestamp) - Date.parse(b.lastTimestamp));
    if (kept.length === 0) {
      k.context.stderr.write(everyNamespace(k) ? 'No events found.\n' : `No events found in ${k.namespace} namespace.\n`);
      return 0;
    }
    const structured = printStructured(k, kept, false);
    if (structured !== undefined) return structured;
    const age = (e: (typeof kept)[number]): string => (e.count > 1 ? `${ageOf(e.lastTimestamp, k.now)} (x${e.count} over ${ageOf(e.firstTimestamp, k.now)})` : ageOf(e.firstTimestamp, k.now));
    const space = everyNamespace(k);
    const rows = kept.map((e) => [...(space ? [e.metadata.namespace] : []), age(e), e.type, e.reason, `${e.involvedObject.kind}/${e.involvedObject.name}`, e.message.trim()]);
    k.out(formatTable(k.flags.on('no-headers') ? rows : [[...(space ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'], ...rows]));
    return 0;
  },
};
