/** kubectl patch and scale. Models: kubectl/pkg/cmd/{patch,scale} (v1.29). Not modelled: --subresource, --local. */
import type { Program } from '../../../engine/sim/process.ts';
import { resolvePath } from '../../../userland/shell/glob.ts';
import { kubectlText } from '../../api/errors.ts';
import { kindByResource, type AnyObject } from '../../api/kinds.ts';
import { jsonMerge, jsonPatch, strategicMerge } from '../../api/merge.ts';
import { isCustom } from '../../api/server.ts';
import type { Raw } from '../../api/manifest.ts';
import { plainValue, yamlDocument } from '../../api/yaml.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, report } from '../output.ts';
import { NOTHING_GIVEN, pick, pickDocuments, unknownType, unnamed, type Picked } from '../resources.ts';
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
    if (!Array.isArray(patch)) return 'Error from server (BadRequest): json: cannot unmarshal object into Go value of type jsonpatch.Patch';
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
    if (file !== undefined && k.flags.has('patch')) return k.fail('error: cannot specify --patch and --patch-file together');
    const read = file === undefined ? undefined : k.context.host.fs.read(resolvePath(k.context.cwd, file));
    if (read?.ok === false) return k.fail(`error: unable to read patch file: open ${file ?? ''}: no such file or directory`);
    const text = read?.value ?? k.flags.text('patch');
    if (text === undefined || text === '') return k.fail('error: must specify --patch or --patch-file containing the contents of the patch');
    const doc = yamlDocument(text);
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
    const [type = ''] = k.flags.args;
    if (type !== '' && !type.includes('/') && kindByResource(type, k.cluster.store.serves) === undefined && !type.includes(',')) return k.fail(unknownType(type));
    const picked = yield* chosen(k, k.flags.args, true);
    if (picked === undefined) return 1;
    const current = k.flags.text('current-replicas');
    const code = each(picked.selections, (info, o) => {
      if (!SCALED.includes(info.kind)) return k.fail(`Error from server (NotFound): the server could not find the requested resource (${current === undefined ? 'patch' : 'get'} ${info.plural} ${o.metadata.name})`);
      const spec: unknown = Reflect.get(o, 'spec');
      const have = isRecord(spec) && typeof spec['replicas'] === 'number' ? spec['replicas'] : 1;
      if (current !== undefined && current !== '-1' && Number(current) !== have) return k.fail(`error: Expected replicas to be ${current}, was ${have}`);
      const version = k.flags.text('resource-version');
      if (version !== undefined && version !== o.metadata.resourceVersion) return k.fail(`error: Expected resource version to be ${version}, was ${o.metadata.resourceVersion}`);
      return send(k, info, strategicMerge(o, { spec: { replicas: Number(replicas) } }), 'scaled');
    });
    if (picked.selections.every((s) => s.objects.length === 0) && (picked.errors.length === 0 || !k.flags.has('filename'))) return k.fail('error: no objects passed to scale');
    return picked.errors.length > 0 ? k.fail(picked.errors.join('\n')) : code;
  },
};
