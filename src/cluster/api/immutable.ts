/**
 * What may not change once an object exists.
 * Models: ValidateServiceUpdate, ValidatePodUpdate, ValidateDeploymentUpdate, ValidateSecretUpdate, ValidateConfigMapUpdate (pkg/apis/{core,apps,rbac}/validation, v1.29).
 */
import type { Cause } from './errors.ts';
import type { AnyObject, Kind } from './kinds.ts';
import { canonicalJson } from './names.ts';

const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {});

const WITH_SELECTOR: readonly string[] = ['Deployment', 'ReplicaSet', 'DaemonSet', 'Job'];
const POD_MAY_CHANGE: readonly string[] = ['containers', 'initContainers', 'ephemeralContainers', 'activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds'];

/** Go's %#v of a label selector pointer, as the message shows it. */
export function goSelector(selector: unknown): string {
  const s = record(selector);
  const labels = Object.entries(record(s['matchLabels'])).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(', ');
  return `v1.LabelSelector{MatchLabels:map[string]string{${labels}}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
}

export function* immutable(kind: Kind, before: AnyObject, after: AnyObject): Generator<Cause> {
  const [was, is] = [record(Reflect.get(before, 'spec')), record(Reflect.get(after, 'spec'))];
  const changed = (field: string): boolean => canonicalJson(was[field]) !== canonicalJson(is[field]);
  if (kind === 'Service') {
    const address = typeof was['clusterIP'] === 'string' ? was['clusterIP'] : '';
    if (address !== '' && was['type'] !== 'ExternalName' && is['type'] !== 'ExternalName' && is['clusterIP'] !== address) {
      yield { path: 'spec.clusterIPs[0]', text: `Invalid value: []string{"${typeof is['clusterIP'] === 'string' ? is['clusterIP'] : ''}"}: may not change once set` };
    }
  }
  if (WITH_SELECTOR.includes(kind) && changed('selector')) yield { path: 'spec.selector', text: `Invalid value: ${goSelector(is['selector'])}: field is immutable` };
  if (kind === 'Pod') {
    const images = (spec: unknown): string => canonicalJson(spec).replaceAll(/"image":"[^"]*"/g, '');
    const fields = new Set([...Object.keys(was), ...Object.keys(is)]);
    if ([...fields].some((f) => !POD_MAY_CHANGE.includes(f) && changed(f)) || images(was['containers']) !== images(is['containers'])) {
      yield { path: 'spec', text: 'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)' };
    }
  }
  if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
    const ref = canonicalJson(Reflect.get(after, 'roleRef'));
    if (canonicalJson(Reflect.get(before, 'roleRef')) !== ref) yield { path: 'roleRef', text: 'Invalid value: ' + goRoleRef(Reflect.get(after, 'roleRef')) + ': cannot change roleRef' };
  }
  if (kind === 'Secret' && Reflect.get(before, 'type') !== Reflect.get(after, 'type')) yield { path: 'type', text: `Invalid value: ${JSON.stringify(Reflect.get(after, 'type'))}: field is immutable` };
  if ((kind === 'Secret' || kind === 'ConfigMap') && Reflect.get(before, 'immutable') === true) {
    if (Reflect.get(after, 'immutable') !== true) yield { path: 'immutable', text: 'Forbidden: field is immutable when `immutable` is set' };
    for (const field of ['data', 'binaryData']) if (canonicalJson(Reflect.get(before, field)) !== canonicalJson(Reflect.get(after, field))) yield { path: field, text: 'Forbidden: field is immutable when `immutable` is set' };
  }
}

function goRoleRef(ref: unknown): string {
  const r = record(ref);
  return `rbac.RoleRef{APIGroup:${JSON.stringify(r['apiGroup'])}, Kind:${JSON.stringify(r['kind'])}, Name:${JSON.stringify(r['name'])}}`;
}
