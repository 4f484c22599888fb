/** kubectl patch, scale, set image|env|selector. Models: kubectl/pkg/cmd/{patch,scale,set} (v1.29). Not modelled: --subresource, set resources, set subject. */
import { parseDocument } from 'yaml';
import type { Program } from '../../../engine/sim/process.ts';
import { resolvePath } from '../../../userland/shell/glob.ts';
import { kubectlText } from '../../api/errors.ts';
import { resourceName, type AnyObject, type KindInfo } from '../../api/kinds.ts';
import { jsonMerge, jsonPatch, strategicMerge } from '../../api/merge.ts';
import { isCustom } from '../../api/server.ts';
import type { Raw } from '../../api/manifest.ts';
import { plainValue } from '../../api/yaml.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, report } from '../output.ts';
import { NOTHING_GIVEN, pick, pickDocuments, unnamed, type Picked } from '../resources.ts';
import { each, send } from '../send.ts';
import type { Kube, Verb } from '../verb.ts';
import { documents, FILE } from './manifests.ts';

const DRY = [flag('dry-run', 'string', undefined, 'unchanged'), flag('output', 'string', 'o'), flag('field-manager')] as const;
const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects of the words or of -f; a failure is printed. `named`: a type alone is not enough. */
export function* chosen(k: Kube, words: readonly string[], named = false): Program<Picked | undefined> {
  if (k.flags.has('filename')) {
    const read = yield* documents(k);
    if (read.ok) return pickDocuments(k, read.value.documents.map((d) => d.doc));
    k.fail(read.error);
    return undefined;
  }
  const refused = words.length === 0 ? NOTHING_GIVEN : named ? unnamed(k, words) : undefined;
  if (refused !== undefined) {
    k.fail(refused);
    return undefined;
  }
  const picked = pick(k, words);
  if (picked.ok) return picked.value;
  k.fail(picked.error);
  return undefined;
}

const goType = (value: unknown): string => (typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value);

function patched(object: AnyObject, type: string, patch: unknown): { readonly raw: Raw } | string {
  if (type === 'json') {
    if (!Array.isArray(patch)) return `error: unable to parse patch: the JSON patch must be a list of operations`;
    const done = jsonPatch(object, patch);
    return !done.ok ? `The request is invalid: the server rejected our request due to an error in our request` : isRecord(done.value) ? { raw: done.value } : 'error: the patch leaves no object';
  }
  if (!isRecord(patch)) return `Error from server (BadRequest): json: cannot unmarshal ${goType(patch)} into Go value of type map[string]interface {}`;
  return { raw: type === 'merge' ? jsonMerge(object, patch) : strategicMerge(object, patch) };
}

export const patch: Verb = {
  name: 'patch', summary: 'Update fields of a resource', flags: [...FILE, ...DRY, flag('patch', 'string', 'p'), flag('patch-file'), flag('type'), flag('local', 'boolean'), flag('subresource')],
  *run(k): Program {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    for (const absent of ['local', 'subresource']) if (k.flags.has(absent)) return k.fail(`error: patch --${absent} is not modelled in this lab`);
    const type = (k.flags.text('type') ?? 'strategic').toLowerCase();
    if (!['json', 'merge', 'strategic'].includes(type)) return k.fail(`error: --type must be one of [json merge strategic], not ${JSON.stringify(k.flags.text('type'))}`);
    const file = k.flags.text('patch-file');
    const read = file === undefined ? undefined : k.context.host.fs.read(resolvePath(k.context.cwd, file));
    if (read?.ok === false) return k.fail(`error: unable to read patch file: open ${file ?? ''}: no such file or directory`);
    const text = read?.value ?? k.flags.text('patch');
    if (text === undefined || text === '') return k.fail('error: must specify --patch or --patch-file containing the contents of the patch');
    const doc = parseDocument(text);
    const plain = plainValue(doc);
    const value = doc.errors.length === 0 && plain.ok ? plain.value : undefined;
    if (value === undefined) return k.fail(`error: unable to parse "${text}": yaml: ${plain.ok ? 'did not find expected node content' : plain.error}`);
    if (k.flags.args.length === 0 && !k.flags.has('filename')) return k.fail('error: must specify a resource');
    const picked = yield* chosen(k, k.flags.args, true);
    if (picked === undefined) return 1;
    const code = each(picked.selections, (info, object) => {
      if (type === 'strategic' && isCustom(info.apiVersion)) return k.fail('Error from server (UnsupportedMediaType): the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml');
      const next = patched(object, type, value);
      if (typeof next === 'string') return k.fail(next);
      const done = k.cluster.plane.api.put(info.kind, next.raw, dryRun(k) !== '');
      // --dry-run changes what is sent, not what is said (kubectl 1.29).
      return done.ok ? report(k, done.value.object, done.value.changed ? 'patched' : 'patched (no change)', '') : k.fail(kubectlText(done.error));
    });
    return picked.errors.length > 0 ? k.fail(picked.errors.join('\n')) : code;
  },
};

const SCALED = ['Deployment', 'ReplicaSet', 'StatefulSet'];

export const scale: Verb = {
  name: 'scale', summary: 'Set a new size for a deployment, replica set, or replication controller',
  flags: [...FILE, ...DRY, flag('replicas'), flag('current-replicas'), flag('selector', 'string', 'l'), flag('all', 'boolean'), flag('timeout'), flag('resource-version')],
  *run(k): Program {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    const replicas = k.flags.text('replicas');
    if (replicas !== undefined && !/^-?\d+$/.test(replicas)) return k.fail(`error: invalid argument "${replicas}" for "--replicas" flag: strconv.ParseInt: parsing "${replicas}": invalid syntax\nSee 'kubectl scale --help' for usage.`);
    if (replicas === undefined) return k.fail('error: required flag(s) "replicas" not set');
    if (Number(replicas) < 0) return k.fail('error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    const picked = yield* chosen(k, k.flags.args, true);
    if (picked === undefined) return 1;
    const current = k.flags.text('current-replicas');
    const code = each(picked.selections, (info, o) => {
      if (!SCALED.includes(info.kind)) return k.fail(`Error from server (NotFound): the server could not find the requested resource (${current === undefined ? 'patch' : 'get'} ${resourceName(info)} ${o.metadata.name})`);
      const spec: unknown = Reflect.get(o, 'spec');
      const have = isRecord(spec) && typeof spec['replicas'] === 'number' ? spec['replicas'] : 1;
      if (current !== undefined && current !== '-1' && Number(current) !== have) return k.fail(`error: Expected replicas to be ${current}, was ${have}`);
      return send(k, info, strategicMerge(o, { spec: { replicas: Number(replicas) } }), 'scaled');
    });
    if (picked.selections.every((s) => s.objects.length === 0)) return k.fail('error: no objects passed to scale');
    return picked.errors.length > 0 ? k.fail(picked.errors.join('\n')) : code;
  },
};

const TEMPLATED = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];

/** The pod spec inside an object, and the patch that replaces its containers. */
function containersOf(object: AnyObject): { readonly containers: readonly Raw[]; readonly wrap: (containers: readonly Raw[]) => Raw } | undefined {
  const spec: unknown = Reflect.get(object, 'spec');
  const template = isRecord(spec) && isRecord(spec['template']) ? spec['template']['spec'] : undefined;
  const pod = object.kind === 'Pod' ? spec : TEMPLATED.includes(object.kind) ? template : undefined;
  if (!isRecord(pod) || !Array.isArray(pod['containers'])) return undefined;
  const containers = pod['containers'].filter(isRecord);
  return { containers, wrap: (list) => (object.kind === 'Pod' ? { spec: { containers: list } } : { spec: { template: { spec: { containers: list } } } }) };
}

const SET_ABSENT = ['resources', 'serviceaccount', 'subject'];

export const set: Verb = {
  name: 'set', summary: 'Set specific features on objects', absent: SET_ABSENT, flags: [...FILE, ...DRY, flag('selector', 'string', 'l'), flag('all', 'boolean'), flag('containers', 'string', 'c'), flag('list', 'boolean'), flag('env', 'list', 'e'), flag('overwrite', 'string', undefined, 'true')],
  *run(k): Program {
    const [what, ...words] = k.flags.args;
    if (what !== undefined && SET_ABSENT.includes(what)) return k.fail(`error: kubectl set ${what} is not modelled in this lab`);
    if (what !== 'image' && what !== 'env' && what !== 'selector') return k.fail(`error: ${what === undefined ? 'must specify one of image, env, selector' : `unknown command "${k.flags.args.join(' ')}"`}\nSee 'kubectl set -h' for help and examples`);
    if (what === 'env' && words.length === 0 && !k.flags.has('filename')) return k.fail('error: one or more resources must be specified as <resource> <name> or <resource>/<name>');
    const isPair = (w: string): boolean => w.indexOf('=') > 0 || (what === 'env' && /^\w+-$/.test(w));
    const pairs = [...words.filter(isPair), ...k.flags.list('env')];
    if (what === 'selector' && pairs.length === 0 && words.length < 2) return k.fail('error: one selector is required');
    const unpaired = what === 'selector' && pairs.length === 0 ? words.slice(0, -1) : words; // the last word is the selector
    const picked = yield* chosen(k, unpaired.filter((w) => !isPair(w)), true);
    if (picked === undefined) return 1;
    if (picked.errors.length > 0) return k.fail(picked.errors.join('\n'));
    if (pairs.length === 0 && what === 'env' && !k.flags.on('list')) return 0;
    if (pairs.length === 0 && what === 'image') return k.fail('error: at least one image update is required');
    return each(picked.selections, (info, object) => {
      if (what === 'selector') return info.kind === 'Service' ? send(k, info, jsonMerge(object, { spec: { selector: Object.fromEntries(pairs.flatMap((p) => p.split(',')).map((p) => p.split('='))) } }), 'selector updated') : k.fail('error: setting a selector is only supported for Services');
      const found = containersOf(object);
      if (found === undefined) return k.fail(`error: ${info.plural}/${object.metadata.name} the object is not a pod or does not have a pod template: *${info.apiVersion.split('/').at(-1) ?? ''}.${info.kind}`);
      return what === 'image' ? setImage(k, info, object, found, pairs) : setEnv(k, info, object, found, pairs);
    });
  },
};

type Found = NonNullable<ReturnType<typeof containersOf>>;

function setImage(k: Kube, info: KindInfo, object: AnyObject, { containers, wrap }: Found, pairs: readonly string[]): number {
  const wanted = new Map(pairs.map((p) => [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)]));
  const missing = [...wanted.keys()].find((n) => n !== '*' && !containers.some((c) => c['name'] === n));
  if (missing !== undefined) return k.fail(`error: unable to find container named "${missing}"`);
  const next = containers.map((c) => ({ ...c, image: wanted.get(String(c['name'])) ?? wanted.get('*') ?? c['image'] }));
  // Without a change kubectl prints nothing.
  if (JSON.stringify(next) === JSON.stringify(containers)) return 0;
  return send(k, info, strategicMerge(object, wrap(next)), 'image updated');
}

function setEnv(k: Kube, info: KindInfo, object: AnyObject, { containers, wrap }: Found, pairs: readonly string[]): number {
  const of = (c: Raw): readonly Raw[] => (Array.isArray(c['env']) ? c['env'].filter(isRecord) : []);
  const named = (c: Raw): boolean => [undefined, '*', c['name']].includes(k.flags.text('containers'));
  if (k.flags.on('list')) {
    for (const c of containers) k.out(`# ${info.kind} ${object.metadata.name}, container ${String(c['name'])}\n${of(c).map((e) => `${String(e['name'])}=${String(e['value'] ?? '')}\n`).join('')}`);
    return 0;
  }
  const next = containers.map((c) => {
    if (!named(c)) return c;
    const env = [...of(c)];
    for (const pair of pairs) {
      const name = pair.includes('=') ? pair.slice(0, pair.indexOf('=')) : pair.slice(0, -1);
      const at = env.findIndex((e) => e['name'] === name);
      if (!pair.includes('=')) { if (at >= 0) env.splice(at, 1, { name, $patch: 'delete' }); } else env.splice(at >= 0 ? at : env.length, at >= 0 ? 1 : 0, { name, value: pair.slice(pair.indexOf('=') + 1) });
    }
    return { ...c, env };
  });
  if (!containers.some(named)) {
    k.context.stderr.write(`Warning: ${info.kind}/${object.metadata.name} does not have any containers matching "${k.flags.text('containers') ?? ''}"\n`);
    return 0;
  }
  if (JSON.stringify(next) === JSON.stringify(containers.map((c) => (named(c) ? { ...c, env: of(c) } : c)))) return 0;
  return send(k, info, strategicMerge(object, wrap(next)), 'env updated');
}

