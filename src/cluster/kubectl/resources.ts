/** Which objects a command line means: `pods`, `pod x y`, `pod/x svc/y`, `pods,svc`, `all`, with -n, -A, -l, --field-selector. */
import { err, ok, type Result } from '../../base/result.ts';
import { kubectlText, notFound } from '../api/errors.ts';
import { kindByResource, resourceName, type AnyObject, type Kind, type KindInfo } from '../api/kinds.ts';
import { matches, type LabelSelector } from '../api/meta.ts';
import { liveEvents } from '../events.ts';
import { evaluate } from './jsonpath.ts';
import type { Kube } from './verb.ts';

const ALL: readonly string[] = ['pods', 'services', 'deployments', 'replicasets'];

export interface Selection {
  readonly info: KindInfo;
  readonly objects: readonly AnyObject[];
  /** Named on the command line. */
  readonly byName: boolean;
}

export interface Picked {
  readonly selections: readonly Selection[];
  /** Names that are not there, as kubectl prints them. */
  readonly errors: readonly string[];
}

/** `app=nginx,tier!=db,env in (a,b),!x` */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const matchExpressions: { key: string; operator: string; values?: readonly string[] }[] = [];
  for (const part of text.split(/,(?![^(]*\))/).map((p) => p.trim()).filter((p) => p !== '')) {
    const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
    const equal = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(part);
    const exists = /^(!?)([\w./-]+)$/.exec(part);
    if (set !== null) matchExpressions.push({ key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values: (set[3] ?? '').split(',').map((v) => v.trim()) });
    else if (equal !== null) matchExpressions.push({ key: equal[1] ?? '', operator: equal[2] === '!=' ? 'NotIn' : 'In', values: [equal[3] ?? ''] });
    else if (exists !== null) matchExpressions.push({ key: exists[2] ?? '', operator: exists[1] === '!' ? 'DoesNotExist' : 'Exists' });
    else return undefined;
  }
  return { matchExpressions };
}

const unknownType = (name: string): string => `error: the server doesn't have a resource type "${name}"`;

function filtered(k: Kube, objects: readonly AnyObject[]): Result<readonly AnyObject[], string> {
  let out = objects;
  const labels = k.flags.text('selector');
  if (labels !== undefined) {
    const selector = parseLabelSelector(labels);
    if (selector === undefined) return err(`error: unable to parse requirement: found '${labels}', expected: ',' or identifier`);
    out = out.filter((o) => matches(selector, o.metadata.labels ?? {}));
  }
  for (const term of (k.flags.text('field-selector') ?? '').split(',').filter((t) => t !== '')) {
    const [, path, op, value] = /^([\w.]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (path === undefined || value === undefined) return err(`Error from server (BadRequest): invalid field selector: "${term}"; can't understand '${term}'`);
    out = out.filter((o) => {
      const found = evaluate(`.${path}`, o);
      const have = found.ok && found.value.length > 0 ? String(found.value[0]) : '';
      return op === '!=' ? have !== value : have === value;
    });
  }
  return ok(out);
}

export const everyNamespace = (k: Kube): boolean => k.flags.on('all-namespaces');

function listed(k: Kube, info: KindInfo): readonly AnyObject[] {
  const space = info.namespaced && !everyNamespace(k) ? k.namespace : undefined;
  if (info.kind === 'Event') return liveEvents(k.cluster.plane, space);
  const list = k.cluster.store.list(info.kind, space);
  return space === undefined && info.namespaced ? [...list].sort((a, b) => (a.metadata.namespace < b.metadata.namespace ? -1 : a.metadata.namespace > b.metadata.namespace ? 1 : 0)) : list;
}

/** `args`: the words after the verb. */
export function pick(k: Kube, args: readonly string[]): Result<Picked, string> {
  const errors: string[] = [];
  const selections: Selection[] = [];
  const named = (info: KindInfo, names: readonly string[]): void => {
    const objects = names.flatMap((name) => {
      const object: AnyObject | undefined = k.cluster.store.get(info.kind, info.namespaced ? k.namespace : '', name);
      if (object === undefined) errors.push(kubectlText(notFound(info.kind, name)));
      return object === undefined ? [] : [object];
    });
    const old = selections.find((s) => s.info.kind === info.kind && s.byName);
    if (old === undefined) selections.push({ info, objects, byName: true });
    else selections.splice(selections.indexOf(old), 1, { ...old, objects: [...old.objects, ...objects] });
  };
  const [first = '', ...rest] = args;
  if (first.includes('/')) {
    for (const word of args) {
      const [type = '', name = ''] = word.split('/');
      if (!word.includes('/')) return err("error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'");
      const info = kindByResource(type, k.cluster.store.serves);
      if (info === undefined) return err(unknownType(type));
      named(info, [name]);
    }
    return ok({ selections, errors });
  }
  const types = first.split(',').flatMap((t) => (t === 'all' ? ALL : [t]));
  for (const type of types) {
    const info = kindByResource(type, k.cluster.store.serves);
    if (info === undefined) return err(unknownType(type));
    if (rest.length > 0) named(info, rest);
    else {
      const objects = filtered(k, listed(k, info));
      if (!objects.ok) return objects;
      selections.push({ info, objects: objects.value, byName: false });
    }
  }
  return ok({ selections, errors });
}

/** One object by kind and name, or kubectl's refusal. */
export function pickOne(k: Kube, words: readonly string[], kinds?: readonly Kind[]): Result<{ readonly info: KindInfo; readonly object: AnyObject }, string> {
  const picked = pick(k, words);
  if (!picked.ok) return picked;
  const [selection] = picked.value.selections;
  const [object] = selection?.objects ?? [];
  if (picked.value.errors.length > 0 || selection === undefined || object === undefined) return err(picked.value.errors[0] ?? 'error: resource name may not be empty');
  if (kinds !== undefined && !kinds.includes(selection.info.kind)) return err(`error: ${resourceName(selection.info)} "${object.metadata.name}" is not supported by this command`);
  return ok({ info: selection.info, object });
}
