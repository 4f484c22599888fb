/**
 * Validating admission: the API server asks the servers that ValidatingWebhookConfigurations name.
 * Models: apiserver/pkg/admission/plugin/webhook (v1.29): rules, failurePolicy, the words of a denial and of a server that is not there.
 * Not modelled: the HTTPS exchange itself (no packets: a program in a pod registers its answer under its address), selectors, match conditions, mutation.
 */
import type { Store } from '../store.ts';
import type { ApiError } from './errors.ts';
import { kindInfo, type AnyObject, type EndpointSlice, type Kind, type KindMap } from './kinds.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';
/** Why the object is not wanted; undefined: allowed. */
export type Validator = (path: string, operation: Operation, object: AnyObject) => string | undefined;

type Config = KindMap['ValidatingWebhookConfiguration'];
type Hook = Config['webhooks'][number];

const covers = (list: readonly string[] | undefined, item: string): boolean => (list ?? []).some((l) => l === '*' || l === item);

function wants(hook: Hook, kind: Kind, operation: Operation): boolean {
  const { apiVersion, plural } = kindInfo(kind);
  const slash = apiVersion.indexOf('/');
  const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
  return (hook.rules ?? []).some((r) => covers(r.apiGroups, group) && covers(r.apiVersions, version) && covers(r.resources, plural) && covers(r.operations, operation));
}

const ready = (slices: readonly EndpointSlice[], service: string): string | undefined => {
  for (const s of slices) {
    if (s.metadata.labels?.['kubernetes.io/service-name'] !== service) continue;
    const found = s.endpoints.find((e) => e.conditions?.ready !== false);
    if (found !== undefined) return `${found.addresses[0] ?? ''}:${s.ports[0]?.port ?? 443}`;
  }
  return undefined;
};

/** A webhook names no field: the one whose value its sentence quotes is at fault. */
function quotedField(value: unknown, path: string, sentence: string): string | undefined {
  if (typeof value === 'string') return value !== '' && sentence.includes(`"${value}"`) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = quotedField(item, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, sentence);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `servers`: by address and port. The first refusal. */
export function callWebhooks(store: Store, servers: ReadonlyMap<string, Validator>, kind: Kind, operation: Operation, object: AnyObject): ApiError | undefined {
  for (const hook of store.list('ValidatingWebhookConfiguration').flatMap((c) => c.webhooks)) {
    const { service } = hook.clientConfig;
    if (service === undefined || !wants(hook, kind, operation)) continue;
    const address = ready(store.list('EndpointSlice', service.namespace), service.name);
    const validator = address === undefined ? undefined : servers.get(address);
    if (validator === undefined) {
      if (hook.failurePolicy === 'Ignore') continue;
      const url = `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}${service.path ?? '/'}?timeout=${hook.timeoutSeconds ?? 10}s`;
      const clusterIp = store.get('Service', service.namespace, service.name)?.spec.clusterIP;
      const why = clusterIp === undefined ? `service "${service.name}" not found` : address === undefined ? `dial tcp ${clusterIp}:${service.port ?? 443}: connect: connection refused` : 'the server behind this webhook is not modelled in this lab';
      return { reason: 'InternalError', message: `Internal error occurred: failed calling webhook "${hook.name}": failed to call webhook: Post "${url}": ${why}`, paths: [] };
    }
    const denied = validator(service.path ?? '/', operation, object);
    if (denied !== undefined) return { reason: 'Forbidden', message: `admission webhook "${hook.name}" denied the request: ${denied}`, paths: [quotedField('spec' in object ? object.spec : undefined, 'spec', denied) ?? 'spec'] };
  }
  return undefined;
}
