/** kubectl get. Models: kubectl/pkg/cmd/get (v1.29). */
import { WaitQueue, type Program } from '../../../engine/sim/process.ts';
import { singularName, type AnyObject, type Kind, type KindInfo, type KindMap } from '../../api/kinds.ts';
import { ageOf } from '../age.ts';
import { flag } from '../flags.ts';
import { evaluate, jsonPath } from '../jsonpath.ts';
import { plain, toJson, toYaml } from '../plain.ts';
import { columnsOf, formatLabels } from '../printers/columns.ts';
import { everyNamespace, pick, type Selection } from '../resources.ts';
import { formatTable } from '../table.ts';
import type { Kube, Verb } from '../verb.ts';

function cellsOf<K extends Kind>(kind: K, object: KindMap[K], now: number): readonly string[] {
  return columnsOf(kind).row(object, now);
}

interface TableOptions {
  readonly wide: boolean;
  readonly prefix: boolean;
  readonly namespaces: boolean;
}

/** Rows of a table, its header first. */
export function tableRows(k: Kube, info: KindInfo, objects: readonly AnyObject[], o: TableOptions): readonly (readonly string[])[] {
  const columns = columnsOf(info.kind);
  const shown = columns.names.length;
  const extra = k.flags.list('label-columns').flatMap((l) => l.split(','));
  const header = [...(o.namespaces && info.namespaced ? ['NAMESPACE'] : []), ...columns.names, ...(o.wide ? columns.wide : []), ...extra.map((l) => l.split('/').at(-1)?.toUpperCase() ?? l), ...(k.flags.on('show-labels') ? ['LABELS'] : [])];
  const rows = objects.map((object) => {
    const cells = rowOf(k, info.kind, object);
    const named = o.prefix && info.kind !== 'Event' ? [`${singularName(info)}/${cells[0] ?? ''}`, ...cells.slice(1)] : cells;
    return [
      ...(o.namespaces && info.namespaced ? [object.metadata.namespace] : []), ...named.slice(0, o.wide ? undefined : shown),
      ...extra.map((l) => object.metadata.labels?.[l] ?? ''), ...(k.flags.on('show-labels') ? [formatLabels(object.metadata.labels)] : []),
    ];
  });
  return k.flags.on('no-headers') ? rows : [header, ...rows];
}

function rowOf(k: Kube, kind: Kind, object: AnyObject): readonly string[] {
  const own = k.cluster.store.table(kind).get(`${object.metadata.namespace}/${object.metadata.name}`);
  return own === undefined ? [object.metadata.name, ageOf(object.metadata.creationTimestamp, k.now)] : cellsOf(kind, own, k.now);
}

function customColumns(k: Kube, spec: string, objects: readonly AnyObject[]): string | undefined {
  const columns = spec.split(',').map((c) => {
    const at = c.indexOf(':');
    return { name: c.slice(0, at), path: c.slice(at + 1).replace(/^\{(.*)\}$/, '$1') };
  });
  if (columns.some((c) => c.name === '' || c.path === '')) return undefined;
  const cell = (object: AnyObject, path: string): string => {
    const found = evaluate(path.startsWith('.') || path.startsWith('[') ? path : `.${path}`, plain(object));
    return found.ok && found.value.length > 0 ? found.value.map((v) => (typeof v === 'object' ? JSON.stringify(v) : String(v))).join(',') : '<none>';
  };
  const rows = objects.map((o) => columns.map((c) => cell(o, c.path)));
  return formatTable(k.flags.on('no-headers') ? rows : [columns.map((c) => c.name), ...rows]);
}

function sorted(k: Kube, objects: readonly AnyObject[]): readonly AnyObject[] {
  const by = k.flags.text('sort-by');
  if (by === undefined) return objects;
  const path = by.replace(/^\{(.*)\}$/, '$1');
  const key = (o: AnyObject): unknown => {
    const found = evaluate(path.startsWith('.') ? path : `.${path}`, o);
    return found.ok ? found.value[0] : undefined;
  };
  return [...objects].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return typeof x === 'number' && typeof y === 'number' ? x - y : String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0;
  });
}

const asList = (objects: readonly AnyObject[]): unknown => ({ apiVersion: 'v1', items: objects.map(plain), kind: 'List', metadata: { resourceVersion: undefined } });

function print(k: Kube, selections: readonly Selection[]): number {
  const output = k.flags.text('output') ?? '';
  const objects = sorted(k, selections.flatMap((s) => s.objects));
  const single = selections.length === 1 && selections[0]?.byName === true && objects.length === 1;
  const value: unknown = single ? plain(objects[0]) : asList(objects);
  const [format = '', ...more] = output.split('=');
  const argument = more.join('=');
  switch (format) {
    case 'yaml': k.out(toYaml(value)); return 0;
    case 'json': k.out(toJson(value)); return 0;
    case 'name':
      for (const s of selections) for (const o of s.objects) k.out(`${singularName(s.info)}/${o.metadata.name}\n`);
      return 0;
    case 'jsonpath': {
      const text = jsonPath(argument, value);
      if (!text.ok) return k.fail(`error: error parsing jsonpath ${argument}, ${text.error}`);
      k.out(text.value);
      return 0;
    }
    case 'custom-columns': {
      const text = customColumns(k, argument, objects);
      if (text === undefined) return k.fail('error: custom-columns format specified but no custom columns given');
      k.out(text);
      return 0;
    }
    case '':
    case 'wide': break;
    default: return k.fail(`error: unable to match a printer suitable for the output format "${output}", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml`);
  }
  const several = selections.length > 1;
  let printed = 0;
  for (const s of selections) {
    if (s.objects.length === 0) continue;
    if (printed++ > 0) k.out('\n');
    k.out(formatTable(tableRows(k, s.info, sorted(k, s.objects), { wide: format === 'wide', prefix: several, namespaces: everyNamespace(k) })));
  }
  return 0;
}

function* watch(k: Kube, selections: readonly Selection[]): Program {
  const queue = new WaitQueue();
  const changed: AnyObject[] = [];
  const stop = k.cluster.store.watch((change) => {
    if (!selections.some((s) => s.info.kind === change.kind) || (!everyNamespace(k) && change.object.metadata.namespace !== k.namespace && change.object.metadata.namespace !== '')) return;
    changed.push(change.object);
    queue.wake();
  });
  try {
    for (;;) {
      yield { on: [queue] };
      for (const object of changed.splice(0)) {
        const selection = selections.find((s) => s.info.kind === object.kind);
        if (selection === undefined) continue;
        const rows = tableRows({ ...k, out: k.out, fail: k.fail, now: k.cluster.plane.wallMillis() }, selection.info, [object], { wide: k.flags.text('output') === 'wide', prefix: false, namespaces: everyNamespace(k) });
        k.out(formatTable(rows.slice(-1)));
      }
    }
  } finally {
    stop();
  }
}

export const get: Verb = {
  name: 'get', summary: 'Display one or many resources',
  flags: [
    flag('output', 'string', 'o'), flag('all-namespaces', 'boolean', 'A'), flag('selector', 'string', 'l'), flag('field-selector'), flag('no-headers', 'boolean'), flag('show-labels', 'boolean'),
    flag('watch', 'boolean', 'w'), flag('watch-only', 'boolean'), flag('sort-by'), flag('label-columns', 'list', 'L'), flag('show-kind', 'boolean'), flag('ignore-not-found', 'boolean'), flag('show-managed-fields', 'boolean'), flag('chunk-size'),
  ],
  *run(k) {
    if (k.flags.args.length === 0) {
      return k.fail('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples');
    }
    const picked = pick(k, k.flags.args);
    if (!picked.ok) return k.fail(picked.error);
    const { selections, errors } = picked.value;
    const none = selections.every((s) => s.objects.length === 0);
    const structured = /^(yaml|json|jsonpath|name|custom-columns)/.test(k.flags.text('output') ?? '');
    if (none && errors.length === 0 && !structured && !k.flags.on('watch')) {
      k.context.stderr.write(everyNamespace(k) || selections.some((s) => !s.info.namespaced) ? 'No resources found\n' : `No resources found in ${k.namespace} namespace.\n`);
      return 0;
    }
    const code = none && errors.length > 0 ? 0 : print(k, selections);
    const missing = k.flags.on('ignore-not-found') ? [] : errors;
    for (const error of missing) k.fail(error);
    if (code !== 0 || missing.length > 0) return 1;
    if (k.flags.on('watch') || k.flags.on('watch-only')) return yield* watch(k, selections);
    return 0;
  },
};

