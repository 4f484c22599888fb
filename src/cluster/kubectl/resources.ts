/** Which objects a command line means: `pods`, `pod x y`, `pod/x svc/y`, `pods,svc`, `all`, -f, with -n, -A, -l, --field-selector. Models: cli-runtime/pkg/resource/builder.go (v1.29). */
import { err, ok, type Result } from '../../base/result.ts';
import { kubectlText, notFound } from '../api/errors.ts';
import { ABSENT_KINDS, kindByResource, kindInfo, resourceName, type AnyObject, type Kind, type KindInfo } from '../api/kinds.ts';
import type { Document1 } from '../api/manifest.ts';
import { liveEvents } from '../events.ts';
import type { ControlPlane } from '../plane.ts';
import { selected } from './selectors.ts';
import type { Kube } from './verb.ts';

/** Category `all`, in the order of discovery. */
const ALL: readonly Kind[] = ['Pod', 'Service', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'CronJob', 'Job'];

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

/** Kinds of upstream that this lab does not have, by their resource names. */
function absentKind(name: string): string | undefined {
  const lower = (name.split('.')[0] ?? '').toLowerCase();
  const short: Readonly<Record<string, string>> = { netpol: 'NetworkPolicy', ing: 'Ingress', pvc: 'PersistentVolumeClaim', pv: 'PersistentVolume', hpa: 'HorizontalPodAutoscaler', cj: 'CronJob', rc: 'ReplicationController', quota: 'ResourceQuota', limits: 'LimitRange' };
  const plural = (kind: string): string => (kind.endsWith('s') ? `${kind}es` : kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`);
  return short[lower] ?? [...ABSENT_KINDS.keys()].find((kind) => [kind.toLowerCase(), plural(kind.toLowerCase())].includes(lower));
}

export const unknownType = (name: string): string => {
  const absent = absentKind(name);
  return absent === undefined ? `error: the server doesn't have a resource type "${name.split('.')[0] ?? ''}"` : `error: kind "${absent}" is not modelled in this lab`;
};

/** Verbs of the builder without a word. */
export const NOTHING_GIVEN = "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/** A type alone does not say which object (ResourceTypeOrNameArgs without allowEmptySelector). */
export const unnamed = (k: Kube, words: readonly string[]): string | undefined =>
  (words.length !== 1 || (words[0] ?? '').includes('/') || ['all', 'selector', 'field-selector', 'filename'].some((f) => k.flags.has(f)) ? undefined : 'error: resource(s) were provided, but no name was specified');

export const everyNamespace = (k: Kube): boolean => k.flags.on('all-namespaces');

/** As the API server lists: of several namespaces one after the other. `space` undefined: all. */
export function listing(plane: ControlPlane, info: KindInfo, space: string | undefined): readonly AnyObject[] {
  if (info.kind === 'Event') return liveEvents(plane, space);
  const list = plane.store.list(info.kind, space);
  return space === undefined && info.namespaced ? [...list].sort((a, b) => (a.metadata.namespace < b.metadata.namespace ? -1 : a.metadata.namespace > b.metadata.namespace ? 1 : 0)) : list;
}

const listed = (k: Kube, info: KindInfo): readonly AnyObject[] => listing(k.cluster.plane, info, info.namespaced && !everyNamespace(k) ? k.namespace : undefined);

/** Where an object of a manifest is, or would be. */
export const placeOf = (k: Kube, doc: Document1): { readonly info: KindInfo; readonly namespace: string; readonly name: string } => {
  const metadata = typeof doc.raw['metadata'] === 'object' && doc.raw['metadata'] !== null ? doc.raw['metadata'] : {};
  const field = (name: string): string => { const v: unknown = Reflect.get(metadata, name); return typeof v === 'string' ? v : ''; };
  const info = kindInfo(doc.kind);
  return { info, namespace: info.namespaced ? field('namespace') || k.namespace : '', name: field('name') };
};

/** The objects of manifests, as they are in the cluster. */
export function pickDocuments(k: Kube, documents: readonly Document1[]): Picked {
  const errors: string[] = [];
  const selections: Selection[] = [];
  for (const doc of documents) {
    const { info, namespace, name } = placeOf(k, doc);
    const object: AnyObject | undefined = k.cluster.store.get(info.kind, namespace, name);
    if (object === undefined) errors.push(kubectlText(notFound(info.kind, name)));
    else selections.push({ info, objects: [object], byName: true });
  }
  return { selections, errors };
}

/** `args`: the words after the verb. */
export function pick(k: Kube, args: readonly string[]): Result<Picked, string> {
  const errors: string[] = [];
  const selections: Selection[] = [];
  const filters = k.flags.has('selector') || k.flags.has('field-selector');
  const named = (info: KindInfo, names: readonly string[]): void => {
    const objects = names.flatMap((name) => {
      const object: AnyObject | undefined = k.cluster.store.get(info.kind, info.namespaced ? k.namespace : '', name);
      if (object === undefined) errors.push(kubectlText(notFound(info.kind, name)));
      return object === undefined ? [] : [object];
    });
    const old = selections.find((s) => s.info === info);
    if (old === undefined) selections.push({ info, objects, byName: true });
    else selections.splice(selections.indexOf(old), 1, { ...old, objects: [...old.objects, ...objects] });
  };
  const [first = '', ...rest] = args;
  if (first.includes('/') && !first.includes(',')) {
    if (filters) return err('error: name cannot be provided when a selector is specified');
    if (everyNamespace(k)) return err('error: a resource cannot be retrieved by name across all namespaces');
    for (const word of args) {
      const [type = '', name = '', more] = word.split('/');
      if (!word.includes('/')) return err("error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'");
      if (more !== undefined) return err(`error: arguments in resource/name form may not have more than one slash`);
      if (type === '' || name === '') return err('error: arguments in resource/name form must have a single resource and name');
      const info = kindByResource(type, k.cluster.store.serves);
      if (info === undefined) return err(unknownType(type));
      named(info, [name]);
    }
    return ok({ selections, errors });
  }
  if (rest.some((word) => word.includes('/'))) return err("error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'");
  if (rest.length > 0 && filters) return err('error: name cannot be provided when a selector is specified');
  if (rest.length > 0 && everyNamespace(k)) return err('error: a resource cannot be retrieved by name across all namespaces');
  for (const type of first.split(',').flatMap((t) => (t === 'all' ? ALL.map((kind) => resourceName(kindInfo(kind))) : [t]))) {
    const info = kindByResource(type, k.cluster.store.serves);
    if (info === undefined) return err(unknownType(type));
    if (rest.length > 0) named(info, rest);
    else {
      const objects = selected(info, k.flags.text('selector'), k.flags.text('field-selector'), listed(k, info));
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
