/** What create, run and expose share: an object made from words. */
import { kubectlText } from '../../api/errors.ts';
import { kindInfo, type Kind } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { goJson } from '../../api/names.ts';
import { LAST_APPLIED } from '../../api/server.ts';
import { flag } from '../flags.ts';
import { dryRun, formatOf, report } from '../output.ts';
import { plain, rawJson, toYaml } from '../plain.ts';
import type { Kube } from '../verb.ts';

export const OUTPUT = [flag('output', 'string', 'o'), flag('dry-run', 'string', undefined, 'unchanged'), flag('save-config', 'boolean'), flag('validate', 'string', undefined, 'strict'), flag('field-manager'), flag('template'), flag('allow-missing-template-keys', 'boolean')] as const;

/** Fields as they stand in Go's structs, which JSON keeps (YAML is sorted). Maps go by key. */
const GO_ORDER: readonly string[] = [
  'kind', 'apiVersion', 'metadata', 'name', 'namespace', 'creationTimestamp', 'labels', 'annotations', 'ownerReferences', 'immutable', 'data', 'stringData', 'type', 'rules', 'subjects', 'roleRef', 'aggregationRule', 'value', 'globalDefault',
  'description', 'preemptionPolicy', 'spec', 'schedule', 'jobTemplate', 'replicas', 'minAvailable', 'verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs', 'protocol', 'ports', 'port', 'targetPort', 'nodePort', 'selector', 'template',
  'strategy', 'clusterIP', 'containers', 'image', 'command', 'args', 'env', 'imagePullPolicy', 'securityContext', 'stdin', 'stdinOnce', 'tty', 'restartPolicy', 'dnsPolicy', 'apiGroup', 'status',
];
const MAPS: readonly string[] = ['labels', 'annotations', 'matchLabels', 'selector', 'data', 'limits', 'requests', 'hard'];
/** Where a struct has another order than most. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  containers: ['name', 'image', 'command', 'args', 'ports', 'env', 'resources'], ports: ['name', 'protocol', 'port', 'containerPort', 'targetPort', 'nodePort'], roleRef: ['apiGroup', 'kind', 'name'], subjects: ['kind', 'apiGroup', 'name', 'namespace'],
  spec: ['ports', 'selector', 'clusterIP', 'type'],
};

export function inGoOrder(value: unknown, under = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => inGoOrder(item, under));
  if (typeof value !== 'object' || value === null) return value;
  const own = OWN[under] ?? [];
  const keys = Object.keys(value);
  const service = under !== 'spec' || keys.includes('ports');
  const rank = (key: string): number => (service && own.includes(key) ? own.indexOf(key) : own.length + (GO_ORDER.includes(key) ? GO_ORDER.indexOf(key) : GO_ORDER.length));
  const sorted = MAPS.includes(under) && !keys.includes('matchLabels') ? keys.sort() : keys.sort((a, b) => rank(a) - rank(b));
  return Object.fromEntries(sorted.map((key) => [key, inGoOrder(Reflect.get(value, key), key)]));
}

/** Creates an object, or prints it with --dry-run. `said`: `created`, `exposed`. */
export function make(k: Kube, kind: Kind, given: Raw, said: string): number {
  const dry = dryRun(k);
  const metadata = typeof given['metadata'] === 'object' && given['metadata'] !== null ? given['metadata'] : {};
  const saves = k.flags.on('save-config') && (k.verb !== 'run' || dry !== 'client');
  const raw = saves ? { ...given, metadata: { ...metadata, annotations: { [LAST_APPLIED]: `${goJson(inGoOrder(plain(given)))}\n` } } } : given;
  const placed = kindInfo(kind).namespaced ? { ...raw, metadata: { ...Object(raw['metadata']), namespace: k.namespace } } : raw;
  const decoded = k.cluster.plane.api.decode(kind, placed);
  if (!decoded.ok) return k.fail(kubectlText(decoded.error));
  if (dry === 'client') {
    const format = formatOf(k);
    if (format === 'yaml' || format === 'json') {
      k.out(format === 'yaml' ? toYaml(raw) : rawJson(inGoOrder(plain(raw))));
      return 0;
    }
    return report(k, decoded.value, said);
  }
  const made = k.cluster.plane.api.create(kind, decoded.value, dry !== '');
  if (made.ok) return report(k, made.value, said);
  if (['Pod', 'Namespace'].includes(kind) || said === 'exposed') return k.fail(kubectlText(made.error));
  // The generators of create wrap what the server says, each in its words.
  const type: unknown = Reflect.get(Object(raw['spec']), 'type');
  const what = kind === 'Service' && typeof type === 'string' ? `${type} service:` : kind === 'Secret' ? 'secret' : `${kind.toLowerCase()}:`;
  return k.fail(`error: failed to create ${what} ${made.error.message}`);
}

/** The namespace is written only when it was asked for; the creation time is Go's null. */
export const meta = (k: Kube, name: string, labels?: Readonly<Record<string, string>>): Raw =>
  ({ creationTimestamp: '', ...(labels === undefined ? {} : { labels }), name, ...(k.flags.has('namespace') ? { namespace: k.namespace } : {}) });

export const pairs = (items: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(items.flatMap((i) => i.split(',')).filter((i) => i.includes('=')).map((i) => [i.slice(0, i.indexOf('=')), i.slice(i.indexOf('=') + 1)]));

