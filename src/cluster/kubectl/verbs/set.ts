/** kubectl set image, env, resources, serviceaccount, selector. Models: kubectl/pkg/cmd/set (v1.29). Not modelled: set subject, --local, env --resolve. */
import type { Program } from '../../../engine/sim/process.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import { kindByResource, type AnyObject, type KindInfo } from '../../api/kinds.ts';
import { jsonMerge, strategicMerge } from '../../api/merge.ts';
import type { Raw } from '../../api/manifest.ts';
import { canonicalQuantity } from '../../api/canonical-quantity.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, report } from '../output.ts';
import { unknownType } from '../resources.ts';
import { parseLabelSelector } from '../selectors.ts';
import { each, send } from '../send.ts';
import type { Kube, Verb } from '../verb.ts';
import { FILE } from './manifests.ts';
import { chosen } from './patch.ts';

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const records = (value: unknown): readonly Raw[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const TEMPLATED = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

interface PodPart {
  readonly containers: readonly Raw[];
  readonly init: readonly Raw[];
  /** The object's patch around one of its pod spec. */
  readonly wrap: (spec: Raw) => Raw;
}

/** The pod spec inside an object. */
function podPart(object: AnyObject): PodPart | undefined {
  const spec: unknown = Reflect.get(object, 'spec');
  if (!isRecord(spec)) return undefined;
  if (object.kind === 'Pod') return { containers: records(spec['containers']), init: records(spec['initContainers']), wrap: (s) => ({ spec: s }) };
  if (!TEMPLATED.includes(object.kind)) return undefined;
  const job = isRecord(spec['jobTemplate']) && isRecord(spec['jobTemplate']['spec']) ? spec['jobTemplate']['spec'] : undefined;
  const template = (job ?? spec)['template'];
  const pod = isRecord(template) ? template['spec'] : undefined;
  if (!isRecord(pod)) return undefined;
  return { containers: records(pod['containers']), init: records(pod['initContainers']), wrap: (s) => (job === undefined ? { spec: { template: { spec: s } } } : { spec: { jobTemplate: { spec: { template: { spec: s } } } } }) };
}

/** Sends it; a refusal is told in the words of the verb. */
function update(k: Kube, info: KindInfo, object: AnyObject, patch: Raw, said: string, failed: string): number {
  const done = k.cluster.plane.api.put(info.kind, strategicMerge(object, patch), dryRun(k) !== '');
  return done.ok ? report(k, done.value.object, said) : k.fail(`error: ${failed}${done.error.message}`);
}

const named = (k: Kube, c: Raw): boolean => [undefined, '*', c['name']].includes(k.flags.text('containers'));

function setImage(k: Kube, info: KindInfo, object: AnyObject, { containers, init, wrap }: PodPart, pairs: readonly string[]): number {
  const wanted = new Map(pairs.map((p) => [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)]));
  const missing = [...wanted.keys()].find((n) => n !== '*' && ![...containers, ...init].some((c) => c['name'] === n));
  if (missing !== undefined) return k.fail(`error: unable to find container named "${missing}"`);
  const next = (list: readonly Raw[]): readonly Raw[] => list.map((c) => ({ ...c, image: wanted.get(String(c['name'])) ?? wanted.get('*') ?? c['image'] }));
  // Without a change kubectl prints nothing.
  if (JSON.stringify([next(containers), next(init)]) === JSON.stringify([containers, init])) return 0;
  return update(k, info, object, wrap({ containers: next(containers), ...(init.length > 0 ? { initContainers: next(init) } : {}) }), 'image updated', 'failed to patch image update to pod template: ');
}

const envOf = (c: Raw): readonly Raw[] => records(c['env']);

/** `NAME=value`, or a comment on where it comes from. */
function envLine(e: Raw): string {
  const from = isRecord(e['valueFrom']) ? e['valueFrom'] : undefined;
  const name = String(e['name']);
  const ref = (key: string): Raw | undefined => (isRecord(from?.[key]) ? from[key] : undefined);
  const [field, resource, map, secret] = [ref('fieldRef'), ref('resourceFieldRef'), ref('configMapKeyRef'), ref('secretKeyRef')];
  if (field !== undefined) return `# ${name} from field path ${String(field['fieldPath'])}`;
  if (resource !== undefined) return `# ${name} from resource field ref ${String(resource['resource'])}`;
  if (map !== undefined) return `# ${name} from configmap ${String(map['name'])}, key ${String(map['key'])}`;
  if (secret !== undefined) return `# ${name} from secret ${String(secret['name'])}, key ${String(secret['key'])}`;
  return `${name}=${String(e['value'] ?? '')}`;
}

/** The variables of --from: one for each key of a config map or secret. */
function fromSource(k: Kube): readonly Raw[] | string {
  const given = k.flags.text('from');
  if (given === undefined) return [];
  const [type = '', name = ''] = given.split('/');
  const info = kindByResource(type, k.cluster.store.serves);
  if (info === undefined) return unknownType(type);
  if (info.kind !== 'ConfigMap' && info.kind !== 'Secret') return 'error: unsupported resource specified in --from';
  const object = k.cluster.store.get(info.kind, k.namespace, name);
  if (object === undefined) return kubectlText(notFound(info.kind, name));
  const wanted = k.flags.list('keys').flatMap((key) => key.split(','));
  return Object.keys(object.data ?? {}).sort().filter((key) => wanted.length === 0 || wanted.includes(key)).map((key) => {
    const variable = key.replaceAll(/[^a-zA-Z0-9_]/g, '_').toUpperCase();
    if (variable !== key) k.context.stderr.write(`Warning: key ${key} transferred to ${variable}\n`);
    return { name: `${k.flags.text('prefix') ?? ''}${variable}`, valueFrom: { [info.kind === 'ConfigMap' ? 'configMapKeyRef' : 'secretKeyRef']: { key, name } } };
  });
}

function setEnv(k: Kube, info: KindInfo, object: AnyObject, { containers, init, wrap }: PodPart, pairs: readonly string[], sources: readonly Raw[]): number {
  const all = [...containers, ...init];
  if (!all.some((c) => named(k, c))) {
    k.context.stderr.write(`Warning: ${info.kind}/${object.metadata.name} does not have any containers matching "${k.flags.text('containers') ?? ''}"\n`);
    return 0;
  }
  if (k.flags.on('list')) {
    for (const c of all.filter((c) => named(k, c))) k.out(`# ${info.kind} ${object.metadata.name}, container ${String(c['name'])}\n${envOf(c).map((e) => `${envLine(e)}\n`).join('')}`);
    return 0;
  }
  const add: readonly Raw[] = [...pairs.filter((p) => p.includes('=')).map((p) => ({ name: p.slice(0, p.indexOf('=')), value: p.slice(p.indexOf('=') + 1) })), ...sources];
  const remove = pairs.filter((p) => !p.includes('=')).map((p) => p.slice(0, -1));
  const next = (list: readonly Raw[]): readonly Raw[] => list.map((c) => {
    if (!named(k, c)) return c;
    const env = envOf(c).map((e): Raw => (remove.includes(String(e['name'])) ? { name: e['name'], $patch: 'delete' } : e));
    for (const e of add) {
      const at = env.findIndex((o) => o['name'] === e['name']);
      if (at < 0) env.push(e);
      else env[at] = 'value' in e ? { ...e, valueFrom: null } : { ...e, value: null };
    }
    return { ...c, env };
  });
  if (k.flags.text('overwrite') === 'false') {
    const old = all.filter((c) => named(k, c)).flatMap(envOf).find((e) => add.some((a) => a['name'] === e['name']));
    if (old !== undefined) return k.fail(`error: ${info.plural}/${object.metadata.name} '${String(old['name'])}' already has a value (${String(old['value'] ?? '')}), and --overwrite is false`);
  }
  const before = JSON.stringify(all.map(envOf));
  const after = JSON.stringify([...next(containers), ...next(init)].map((c) => envOf(c).map(({ valueFrom, value, ...e }) => ({ ...e, ...(value === null || value === undefined ? {} : { value }), ...(valueFrom === null || valueFrom === undefined ? {} : { valueFrom }) }))));
  if (before === after) return 0;
  return update(k, info, object, wrap({ containers: next(containers), ...(init.length > 0 ? { initContainers: next(init) } : {}) }), 'env updated', 'failed to patch env update to pod template: ');
}

/** `cpu=100m,memory=64Mi` */
function amounts(text: string | undefined): Raw | string | undefined {
  if (text === undefined || text === '') return undefined;
  const out: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [name = '', value, more] = pair.split('=');
    if (value === undefined || more !== undefined) return `error: Invalid argument syntax ${pair}, expected <resource>=<value>`;
    const read = canonicalQuantity(value);
    if (!read.ok) return `error: ${read.error}`;
    out[name] = read.value;
  }
  return out;
}

function setResources(k: Kube, info: KindInfo, object: AnyObject, { containers, wrap }: PodPart): number {
  const [limits, requests] = [amounts(k.flags.text('limits')), amounts(k.flags.text('requests'))];
  for (const given of [limits, requests]) if (typeof given === 'string') return k.fail(given);
  if (!containers.some((c) => named(k, c))) return k.fail(`error: unable to find container named ${k.flags.text('containers') ?? ''}`);
  const next = containers.map((c) => (named(k, c) ? { ...c, resources: { ...(isRecord(c['resources']) ? c['resources'] : {}), ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) } } : c));
  if (JSON.stringify(next) === JSON.stringify(containers)) {
    k.context.stderr.write(`info: ${info.plural}/${object.metadata.name} was not changed\n`);
    return 0;
  }
  return update(k, info, object, wrap({ containers: next }), 'resource requirements updated', 'failed to patch resources update to pod template ');
}

const HOW = ['image', 'env', 'resources', 'serviceaccount', 'selector'] as const;
type How = (typeof HOW)[number];
const ABSENT = ['subject'];
const isHow = (word: string): word is How => HOW.some((h) => h === word);

export const set: Verb = {
  name: 'set', summary: 'Set specific features on objects', absent: ABSENT, subcommands: [...HOW, 'sa', 'subject'],
  flags: [
    ...FILE, flag('dry-run', 'string', undefined, 'unchanged'), flag('output', 'string', 'o'), flag('field-manager'), flag('selector', 'string', 'l'), flag('all', 'boolean'), flag('containers', 'string', 'c'), flag('list', 'boolean'), flag('env', 'list', 'e'),
    flag('overwrite', 'string', undefined, 'true'), flag('from'), flag('prefix'), flag('keys', 'list'), flag('resolve', 'boolean'), flag('local', 'boolean'), flag('limits'), flag('requests'), flag('resource-version'), flag('allow-missing-template-keys', 'boolean'),
  ],
  *run(k): Program {
    const [word, ...words] = k.flags.args;
    const what = word === 'sa' ? 'serviceaccount' : word;
    if (what === undefined || !isHow(what)) return k.fail(`error: ${what === undefined ? `must specify one of ${HOW.join(', ')}` : `unknown command "${k.flags.args.join(' ')}"`}\nSee 'kubectl set -h' for help and examples`);
    for (const absent of ['local', 'resolve']) if (k.flags.on(absent)) return k.fail(`error: set ${what} --${absent} is not modelled in this lab`);
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    if (what === 'env' && words.length === 0 && !k.flags.has('filename')) return k.fail('error: one or more resources must be specified as <resource> <name> or <resource>/<name>');
    if (what === 'resources' && !k.flags.has('limits') && !k.flags.has('requests')) return k.fail('error: you must specify an update to requests or limits (in the form of --requests/--limits)');
    const isPair = (w: string): boolean => w.indexOf('=') > 0 || (what === 'env' && /^\w+-$/.test(w));
    const pairs = what === 'resources' || what === 'serviceaccount' ? [] : [...words.filter(isPair), ...k.flags.list('env')];
    if (what === 'selector' && pairs.length === 0 && words.length < 2) return k.fail('error: one selector is required');
    if (what === 'serviceaccount' && words.length === 0) return k.fail('error: serviceaccount is required');
    const last = (what === 'selector' && pairs.length === 0) || what === 'serviceaccount'; // the last word is no object
    const picked = yield* chosen(k, (last ? words.slice(0, -1) : words).filter((w) => !isPair(w)), true);
    if (picked === undefined) return 1;
    if (picked.errors.length > 0) return k.fail(picked.errors.join('\n'));
    const sources = fromSource(k);
    if (typeof sources === 'string') return k.fail(sources);
    if (pairs.length + sources.length === 0 && what === 'env' && !k.flags.on('list')) return 0;
    if (pairs.length === 0 && what === 'image') return k.fail('error: at least one image update is required');
    return each(picked.selections, (info, object) => {
      if (what === 'selector') return setSelector(k, info, object, pairs.length > 0 ? pairs : words.slice(-1));
      const part = podPart(object);
      if (part === undefined) return k.fail(`error: ${info.plural}/${object.metadata.name} the object is not a pod or does not have a pod template: *${info.apiVersion.split('/').at(-1) ?? ''}.${info.kind}`);
      switch (what) {
        case 'image': return setImage(k, info, object, part, pairs);
        case 'env': return setEnv(k, info, object, part, pairs, sources);
        case 'resources': return setResources(k, info, object, part);
        case 'serviceaccount': return update(k, info, object, part.wrap({ serviceAccountName: words.at(-1), serviceAccount: words.at(-1) }), 'serviceaccount updated', 'failed to patch ServiceAccountName ');
      }
    });
  },
};

function setSelector(k: Kube, info: KindInfo, object: AnyObject, given: readonly string[]): number {
  if (info.kind !== 'Service') return k.fail('error: setting a selector is only supported for Services');
  const expressions = parseLabelSelector(given.join(','))?.matchExpressions ?? [];
  const set = expressions.filter((e) => e.operator !== 'In' || /\s(?:in|notin)\s/.test(given.join(',')));
  if (set.length > 0) return k.fail(`error: match expression [${set.map((e) => `{${e.key} ${e.operator} [${(e.values ?? []).join(' ')}]}`).join(' ')}] not supported on this object`);
  return send(k, info, jsonMerge(object, { spec: { selector: Object.fromEntries(given.flatMap((p) => p.split(',')).map((p) => p.split('='))) } }), 'selector updated');
}
