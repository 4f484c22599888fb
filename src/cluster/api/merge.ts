/**
 * Patches: strategic merge (built-in kinds), JSON merge (RFC 7386, custom kinds), JSON patch (RFC 6902), and the three-way merge of kubectl apply.
 * Read first: kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch. Models: apimachinery/pkg/util/strategicpatch, jsonmergepatch (v1.29).
 * Not modelled: $setElementOrder and $retainKeys (accepted, without effect).
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Raw } from './manifest.ts';
import { canonicalJson } from './names.ts';

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** patchMergeKey of the lists that merge by one; `ports` depends on what its elements are. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name', initContainers: 'name', ephemeralContainers: 'name', env: 'name', volumes: 'name', volumeMounts: 'mountPath', imagePullSecrets: 'name', hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey', ownerReferences: 'uid', conditions: 'type', secrets: 'name', webhooks: 'name', volumeDevices: 'devicePath',
};

function mergeKey(field: string, lists: readonly (readonly unknown[])[]): string | undefined {
  if (field !== 'ports') return MERGE_KEYS[field];
  return lists.flat().some((p) => isRecord(p) && p['containerPort'] !== undefined) ? 'containerPort' : 'port';
}

const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `live` changed by a patch. null deletes; lists of the known fields merge by their key. */
export function strategicMerge(live: unknown, patch: Raw): Raw {
  if (patch['$patch'] === 'replace') return Object.fromEntries(Object.entries(patch).filter(([k]) => k !== '$patch'));
  const out: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    if (value === null || (isRecord(value) && value['$patch'] === 'delete')) delete out[field];
    else if (isRecord(value)) out[field] = strategicMerge(out[field], value);
    else if (Array.isArray(value)) out[field] = mergeList(field, array(out[field]), value);
    else out[field] = value;
  }
  return out;
}

function mergeList(field: string, live: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const key = mergeKey(field, [live, patch]);
  const items = patch.filter((p) => !(isRecord(p) && p['$patch'] === 'replace'));
  if (key === undefined || items.length !== patch.length) return items;
  const out = [...live];
  for (const item of patch) {
    if (!isRecord(item)) continue;
    const at = out.findIndex((o) => isRecord(o) && o[key] === item[key]);
    const old = out[at];
    if (item['$patch'] === 'delete') { if (at >= 0) out.splice(at, 1); }
    else if (isRecord(old)) out[at] = strategicMerge(old, item);
    else out.push(item);
  }
  return out;
}

/** RFC 7386: lists are values. */
export function jsonMerge(live: unknown, patch: Raw): Raw {
  const out: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete out[field];
    else out[field] = isRecord(value) ? jsonMerge(out[field], value) : value;
  }
  return out;
}

/** What kubectl apply makes of the live object: `next` wins, what only `last` said goes. */
export function merge3(live: unknown, last: unknown, next: Raw, strategic = true): Raw {
  const out: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  if (isRecord(last)) for (const field of Object.keys(last)) if (next[field] === undefined || next[field] === null) delete out[field];
  for (const [field, value] of Object.entries(next)) {
    if (value === null) delete out[field];
    else if (isRecord(value)) out[field] = merge3(out[field], isRecord(last) ? last[field] : undefined, value, strategic);
    else if (Array.isArray(value)) out[field] = strategic ? merge3List(field, array(out[field]), array(isRecord(last) ? last[field] : undefined), value) : value;
    else out[field] = value;
  }
  return out;
}

/** In the manifest's order; what others added to the live list stays behind it. */
function merge3List(field: string, live: readonly unknown[], last: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const key = mergeKey(field, [live, next]);
  if (key === undefined) return next;
  const same = (a: unknown) => (b: unknown): boolean => isRecord(a) && isRecord(b) && a[key] === b[key];
  const merged = next.map((item) => (isRecord(item) ? merge3(live.find(same(item)), last.find(same(item)), item) : item));
  return [...merged, ...live.filter((l) => !next.some(same(l)) && !last.some(same(l)))];
}

const pointer = (path: string): readonly string[] => path.split('/').slice(1).map((p) => p.replaceAll('~1', '/').replaceAll('~0', '~'));

/** RFC 6902. */
export function jsonPatch(live: unknown, operations: readonly unknown[]): Result<unknown, string> {
  let doc: unknown = structuredCopy(live);
  for (const operation of operations) {
    if (!isRecord(operation) || typeof operation['path'] !== 'string' || typeof operation['op'] !== 'string') return err('the patch must be a list of operations with op and path');
    const { op, path, value } = operation;
    const parts = pointer(path);
    const at = parts.at(-1) ?? '';
    const parent = parts.slice(0, -1).reduce<unknown>((node, part) => (typeof node === 'object' && node !== null ? Reflect.get(node, part) : undefined), doc);
    const missing = err(`${op === 'add' ? 'add' : op} operation does not apply: doc is missing ${op === 'add' ? 'path' : op === 'test' ? 'path' : 'key'}: ${path}: missing value`);
    const has = typeof parent === 'object' && parent !== null && Reflect.has(parent, at);
    if (parts.length === 0) return err('operations on the whole document are not modelled in this lab');
    if (typeof parent !== 'object' || parent === null) return missing;
    switch (op) {
      case 'add':
        if (Array.isArray(parent)) parent.splice(at === '-' ? parent.length : Number(at), 0, value);
        else Reflect.set(parent, at, value);
        break;
      case 'replace':
        if (!has) return missing;
        Reflect.set(parent, at, value);
        break;
      case 'remove':
        if (!has) return missing;
        if (Array.isArray(parent)) parent.splice(Number(at), 1);
        else Reflect.deleteProperty(parent, at);
        break;
      case 'test':
        if (canonicalJson(Reflect.get(parent, at)) !== canonicalJson(value)) return err(`testing value ${path} failed: test failed`);
        break;
      default: return err(`${op}: not modelled in this lab`);
    }
    doc = Array.isArray(doc) ? [...doc] : isRecord(doc) ? { ...doc } : doc;
  }
  return ok(doc);
}

function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, structuredCopy(v)])) : value;
}
