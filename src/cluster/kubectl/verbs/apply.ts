/** kubectl apply, replace and diff: manifests against what is there. Models: kubectl/pkg/cmd/{apply,replace,diff} (v1.29). Not modelled: server-side apply, --prune. */
import type { Program } from '../../../engine/sim/process.ts';
import { kubectlText } from '../../api/errors.ts';
import { kindInfo, resourceName, type AnyObject } from '../../api/kinds.ts';
import type { Document1, Raw } from '../../api/manifest.ts';
import { canonicalJson, escapeHtml } from '../../api/names.ts';
import { LAST_APPLIED } from '../../api/server.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, formatOf, printStructured, refName, report } from '../output.ts';
import { rawJson, rawYaml, toYaml } from '../plain.ts';
import { placeOf } from '../resources.ts';
import { send } from '../send.ts';
import { untilChange } from '../until.ts';
import { unifiedDiff } from '../unified-diff.ts';
import type { Kube, Verb } from '../verb.ts';
import { documents, FILE, inTurn, Refusals } from './manifests.ts';

const FLAGS = [
  ...FILE, flag('output', 'string', 'o'), flag('dry-run', 'string', undefined, 'unchanged'), flag('validate', 'string', undefined, 'strict'), flag('force', 'boolean'), flag('wait', 'boolean'), flag('field-manager'),
  flag('selector', 'string', 'l'), flag('grace-period'), flag('timeout'), flag('save-config', 'boolean'), flag('cascade', 'string', undefined, 'background'),
] as const;

const otherNamespace = (k: Kube, namespace: string): string => `error: the namespace from the provided object "${namespace}" does not match the namespace "${k.namespace}". You must pass '--namespace=${namespace}' to perform this operation.`;

const lastApplied = (raw: Raw): string => `${escapeHtml(canonicalJson({ ...raw, metadata: { ...Object(raw['metadata']), annotations: { ...Object(Reflect.get(Object(raw['metadata']), 'annotations')) } } }))}\n`;

/** --dry-run=client: what would be sent, as it is. */
function printRaw(k: Kube, raw: Raw): boolean {
  const format = formatOf(k);
  if (format !== 'yaml' && format !== 'json') return false;
  k.out(format === 'yaml' ? rawYaml(raw) : rawJson(raw));
  return true;
}

export const apply: Verb = {
  name: 'apply', summary: 'Apply a configuration to a resource by file name or stdin',
  flags: [...FLAGS, flag('server-side', 'boolean'), flag('force-conflicts', 'boolean'), flag('prune', 'boolean'), flag('all', 'boolean'), flag('overwrite', 'string', undefined, 'true'), flag('openapi-patch', 'string', undefined, 'true')],
  *run(k): Program {
    const [word] = k.flags.args;
    if (word === 'view-last-applied' || word === 'set-last-applied' || word === 'edit-last-applied') return k.fail(`error: kubectl apply ${word} is not modelled in this lab`);
    if (word !== undefined) return k.fail(`error: Unexpected args: [${k.flags.args.join(' ')}]\nSee 'kubectl apply -h' for help and examples`);
    if (!k.flags.has('filename') && !k.flags.has('kustomize')) return k.fail('error: must specify one of -f and -k');
    for (const absent of ['server-side', 'prune']) if (k.flags.on(absent)) return k.fail(`error: apply --${absent} is not modelled in this lab`);
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    const read = yield* documents(k);
    if (!read.ok) return k.fail(read.error);
    const found = read.value;
    if (found.documents.length === 0 && found.errors.length === 0) return k.fail('error: no objects passed to apply');
    let code = 0;
    const printed: AnyObject[] = [];
    const refusals = new Refusals();
    for (const [i, { doc, file }] of found.documents.entries()) {
      yield* inTurn(k, i);
      const { namespace } = placeOf(k, doc);
      const wrong = namespace !== '' && k.flags.has('namespace') && namespace !== k.namespace;
      if (wrong) {
        code = k.fail(otherNamespace(k, namespace));
        continue;
      }
      const dry = dryRun(k);
      const done = k.cluster.plane.api.apply(doc.kind, doc.raw, k.namespace, true, dry !== '');
      if (!done.ok) {
        const exists = k.cluster.store.get(doc.kind, namespace, placeOf(k, doc).name) !== undefined;
        refusals.add(done.error, exists && done.error.reason !== 'BadRequest' ? `error when applying patch:\n${JSON.stringify(doc.raw)}\nto:\nResource: "${gvr(doc)}", GroupVersionKind: "${gvk(doc)}"\nName: "${placeOf(k, doc).name}", Namespace: "${namespace}"\nfor: "${file}": error when patching "${file}"` : `error when creating "${file}"`);
        continue;
      }
      const { action, object, unmarked } = done.value;
      if (unmarked) k.context.stderr.write(`Warning: resource ${resourceName(kindInfo(doc.kind))}/${object.metadata.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`);
      if (['', 'name'].includes(formatOf(k))) code = report(k, object, action) || code;
      else printed.push(object);
    }
    if (printed.length > 0) printStructured(k, printed, printed.length === 1);
    code = refusals.tell(k, found.errors.length) || code;
    for (const error of found.errors) code = k.fail(error.text);
    return code;
  },
};

const gvr = (doc: Document1): string => {
  const { apiVersion, plural } = kindInfo(doc.kind);
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Resource=${plural}`;
};
const gvk = (doc: Document1): string => {
  const { apiVersion } = kindInfo(doc.kind);
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${doc.kind}`;
};

export const replace: Verb = {
  name: 'replace', summary: 'Replace a resource by file name or stdin', flags: FLAGS,
  *run(k): Program {
    if (!k.flags.has('filename') && !k.flags.has('kustomize')) return k.fail('error: must specify one of -f and -k');
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    const read = yield* documents(k);
    if (!read.ok) return k.fail(read.error);
    let code = 0;
    for (const { doc, file } of read.value.documents) {
      const { info, namespace, name } = placeOf(k, doc);
      const { api } = k.cluster.plane;
      const live = k.cluster.store.get(info.kind, namespace, name);
      const metadata = typeof doc.raw['metadata'] === 'object' ? doc.raw['metadata'] : {};
      const raw = { ...doc.raw, metadata: { ...metadata, ...(namespace === '' ? {} : { namespace }) } };
      if (k.flags.on('force') && live !== undefined) {
        const gone = api.delete(info.kind, namespace, name, 0);
        if (!gone.ok) {
          code = k.fail(kubectlText(gone.error));
          continue;
        }
        k.out(`${refName(info.kind, name).replace('/', ' "')}" deleted\n`);
        yield* untilChange(k, () => k.cluster.store.get(info.kind, namespace, name) === undefined, 30);
        const decoded = api.decode(info.kind, raw);
        const made = decoded.ok ? api.create(info.kind, decoded.value) : decoded;
        code = made.ok ? report(k, made.value, 'replaced') || code : k.fail(kubectlText(made.error, `error when creating "${file}"`));
        continue;
      }
      code = send(k, info, raw, 'replaced', 'replaced', `error when replacing "${file}"`) || code;
    }
    for (const error of read.value.errors) code = k.fail(error.text);
    return code;
  },
};

export const diff: Verb = {
  name: 'diff', summary: 'Diff the live version against a would-be applied version', flags: [...FILE, flag('selector', 'string', 'l'), flag('field-manager'), flag('server-side', 'boolean')],
  *run(k): Program {
    const broken = (text: string): 2 => { // 1 says that something differs
      k.fail(text);
      return 2;
    };
    if (!k.flags.has('filename')) return broken('error: must specify one of -f and -k');
    const read = yield* documents(k);
    if (!read.ok) return broken(read.error);
    let differs = false;
    for (const { doc, file } of read.value.documents) {
      const { info, namespace, name } = placeOf(k, doc);
      const live = k.cluster.store.get(info.kind, namespace, name);
      const merged = k.cluster.plane.api.apply(info.kind, doc.raw, k.namespace, true, true);
      if (!merged.ok) return broken(kubectlText(merged.error, `error when creating "${file}"`));
      const label = `${info.apiVersion.replace('/', '.')}.${info.kind}.${namespace}.${name}`;
      const clean = (o: AnyObject | undefined): string => (o === undefined ? '' : toYaml({ ...o, metadata: { ...o.metadata, annotations: Object.fromEntries(Object.entries(o.metadata.annotations ?? {}).filter(([key]) => key !== LAST_APPLIED)) } }));
      const text = unifiedDiff(clean(live), clean(merged.value.object), `/tmp/LIVE/${label}`, `/tmp/MERGED/${label}`);
      if (text !== '') k.out(`diff -u -N /tmp/LIVE/${label} /tmp/MERGED/${label}\n${text}`);
      differs ||= text !== '';
    }
    for (const error of read.value.errors) return broken(error.text);
    return differs ? 1 : 0;
  },
};

/** create -f: every object must be new. */
export function* createFiles(k: Kube): Program {
  const read = yield* documents(k);
  if (!read.ok) return k.fail(read.error);
  if (read.value.documents.length === 0 && read.value.errors.length === 0) return k.fail('error: no objects passed to create');
  let code = 0;
  const refusals = new Refusals();
  for (const [i, { doc, file }] of read.value.documents.entries()) {
    yield* inTurn(k, i);
    const { info, namespace } = placeOf(k, doc);
    const { api } = k.cluster.plane;
    if (namespace !== '' && k.flags.has('namespace') && namespace !== k.namespace) {
      code = k.fail(otherNamespace(k, namespace));
      continue;
    }
    const metadata = typeof doc.raw['metadata'] === 'object' ? doc.raw['metadata'] : {};
    const placed: Raw = { ...doc.raw, metadata: { ...metadata, ...(namespace === '' ? {} : { namespace }) } };
    const marked: Raw = { ...placed, metadata: { ...Object(placed['metadata']), annotations: { ...Object(Reflect.get(Object(metadata), 'annotations')), [LAST_APPLIED]: lastApplied(placed) } } };
    const raw = k.flags.on('save-config') ? marked : placed;
    const dry = dryRun(k);
    if (dry === 'client' && printRaw(k, raw)) continue;
    const decoded = api.decode(info.kind, raw);
    const made = decoded.ok ? api.create(info.kind, decoded.value, dry !== '') : decoded;
    if (made.ok) code = report(k, made.value, 'created') || code;
    else refusals.add(made.error, `error when creating "${file}"`);
  }
  code = refusals.tell(k, read.value.errors.length) || code;
  for (const error of read.value.errors) code = k.fail(error.text);
  return code;
}
