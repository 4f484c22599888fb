/** The API server: admission (namespace, defaults, validation, allocation), uids and times, garbage collection, apply. */
import type { Prng } from '../../base/prng.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ServiceAllocator } from '../controllers/service/allocator.ts';
import { PinBook, type Pins } from '../pins.ts';
import { rfc3339 } from '../plane.ts';
import { kindOf, type Store } from '../store.ts';
import { badRequest, conflict, forbidden, invalid, notFound, type ApiError, type Cause } from './errors.ts';
import { withDefaults, withPriority } from './defaults.ts';
import { kindInfo, KINDS, type AnyObject, type Kind, type KindMap, type Pod, type Service } from './kinds.ts';
import { ingressController } from './ingress.ts';
import { immutable } from './immutable.ts';
import { decode, decodeText, type Raw } from './manifest.ts';
import { merge3 } from './merge.ts';
import type { Problem } from './schema.ts';
import { withServiceAccount } from './service-account.ts';
import { updatedService } from './service-update.ts';
import { canonicalJson, escapeHtml, generatedName, sameJson, uuid } from './names.ts';
import { validate } from './validate.ts';
import { callWebhooks, type Validator } from './webhooks.ts';

export interface Applied {
  readonly action: 'created' | 'configured' | 'unchanged';
  readonly name: string;
  readonly object: AnyObject;
  /** The live object had no last-applied configuration: kubectl warns. */
  readonly unmarked: boolean;
}

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export interface ApiServerOptions {
  readonly store: Store;
  readonly random: Prng;
  readonly allocator: ServiceAllocator;
  readonly pins: Pins;
  readonly wallMillis: () => number;
  /** Wall clock at which the learner takes over: pinned ages count back from there. */
  readonly readyMillis: number | undefined;
}

/** What becomes of the objects that a deleted one owns. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan';
export const FOREGROUND = 'foregroundDeletion';

const pod = (object: AnyObject): object is Pod => object.kind === 'Pod';
const service = (object: AnyObject): object is Service => object.kind === 'Service';

export class ApiServer {
  readonly #o: ApiServerOptions;
  readonly pinBook: PinBook;
  /** During the bootstrap objects are made "earlier": see Pins.ages. */
  bootstrapping = true;
  /** Admission webhooks that programs in pods serve, by address and port. */
  readonly webhookServers = new Map<string, Validator>();
  /** Wall clock at the first thing that happened to an object during the bootstrap. */
  readonly #firsts = new Map<string, number>();

  constructor(options: ApiServerOptions) {
    this.#o = options;
    this.pinBook = new PinBook(options.pins);
  }

  /** RFC 3339 time at which something happens to an object. */
  now(kind: Kind, namespace: string, name: string): string {
    const wall = this.#o.wallMillis();
    if (!this.bootstrapping) return rfc3339(wall);
    const key = `${kind}/${namespace}/${name}`;
    const first = this.#firsts.get(key) ?? wall;
    this.#firsts.set(key, first);
    return rfc3339((this.#o.readyMillis ?? first) - 1000 * this.#age(kind, namespace, name) + (wall - first));
  }

  create<K extends Kind>(kind: K, given: KindMap[K], dryRun = false): Result<KindMap[K], ApiError> {
    const { store, random } = this.#o;
    const info = kindInfo(kind);
    const namespace = info.namespaced ? given.metadata.namespace || 'default' : '';
    if (info.namespaced && kind !== 'Event' && store.get('Namespace', '', namespace) === undefined) return err({ ...notFound('Namespace', namespace), paths: ['metadata.namespace'] });
    const generated = given.metadata.name === '' && given.metadata.generateName !== undefined;
    const name = generated ? generatedName(given.metadata.generateName ?? '', random) : given.metadata.name;
    const placed: KindMap[K] = { ...given, metadata: { ...given.metadata, namespace, name } };
    const ranked = pod(placed) ? withPriority(placed, store.list('PriorityClass')) : placed;
    if (ranked === undefined) return err({ ...forbidden(kind, name, `no PriorityClass with name ${pod(placed) ? (placed.spec.priorityClassName ?? '') : ''} was found`), paths: ['spec.priorityClassName'] });
    const acting = kind === 'Ingress' ? ingressController(store.list('Pod')) : undefined;
    if (acting !== undefined) return err({ ...forbidden(kind, name, `an Ingress that ${acting} would act on is not modelled in this lab`), paths: ['kind'] });
    const admitted = withServiceAccount(store, kind, withDefaults(kind, ranked), generated);
    if (!admitted.ok) return admitted;
    const defaulted = admitted.value;
    const causes = validate(kind, defaulted);
    if (causes.length > 0) return err(invalid(kind, name, causes));
    if (store.get(kind, namespace, name) !== undefined) return store.create(kind, defaulted);
    const denied = callWebhooks(store, this.webhookServers, kind, 'CREATE', defaulted);
    if (denied !== undefined) return err(denied);
    const allocated = this.#allocate(kind, defaulted);
    if (!allocated.ok) return allocated;
    const object = allocated.value;
    const stamped: KindMap[K] = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: (kind === 'Pod' && !dryRun ? this.pinBook.created(namespace, name)?.uid : undefined) ?? this.#o.pins.uids?.[`${kind}/${namespace}/${name}`] ?? uuid(random),
        creationTimestamp: this.now(kind, namespace, name),
        ...('spec' in object && kind !== 'Node' && kind !== 'Namespace' && kind !== 'Pod' && kind !== 'Service' ? { generation: 1 } : {}),
      },
    };
    return dryRun ? ok(stamped) : store.create(kind, stamped);
  }

  /** A user's change of an existing object: what it may not touch stays, then defaults, validation, immutable fields, generation. */
  replace<K extends Kind>(kind: K, given: KindMap[K], dryRun = false): Result<KindMap[K], ApiError> {
    const before = this.#o.store.get(kind, given.metadata.namespace, given.metadata.name);
    if (before === undefined) return err(notFound(kind, given.metadata.name));
    const version = given.metadata.resourceVersion;
    if (version !== '' && version !== before.metadata.resourceVersion) return err(conflict(kind, given.metadata.name));
    const defaulted = withDefaults(kind, carriedOver(before, given));
    const causes = [...validate(kind, defaulted), ...immutable(kind, before, defaulted)];
    if (causes.length > 0) return err(invalid(kind, given.metadata.name, causes));
    const denied = callWebhooks(this.#o.store, this.webhookServers, kind, 'UPDATE', defaulted);
    if (denied !== undefined) return err(denied);
    const allocated = this.#allocate(kind, defaulted);
    if (!allocated.ok) return allocated;
    const object = allocated.value;
    const specChanged = 'spec' in object && 'spec' in before && !sameJson(object.spec, before.spec);
    const generation = specChanged && before.metadata.generation !== undefined ? { generation: before.metadata.generation + 1 } : {};
    const next = { ...object, metadata: { ...object.metadata, ...generation } };
    if (dryRun) return ok(next);
    const updated = this.#o.store.update(kind, next);
    if (before.metadata.deletionGracePeriodSeconds === 0 && held(before) && !held(next)) this.delete(kind, next.metadata.namespace, next.metadata.name, 0);
    return updated;
  }

  /** Strict decoding of a manifest's object. */
  decode<K extends Kind>(kind: K, raw: Raw): Result<KindMap[K], ApiError> {
    const { object, problems } = decode(kind, raw);
    if (problems.length === 0) return ok(object);
    const typed = kindInfo(kind).crd === undefined ? [] : problems.filter((p) => p.kind === 'type');
    return err(typed.length > 0 ? invalid(kind, object.metadata.name, typed.map(schemaCause)) : badRequest(decodeText(kind, problems), problems.map((p) => p.path)));
  }

  /** kubectl apply, client side: three-way merge with the last applied configuration. */
  apply(kind: Kind, given: Raw, defaultNamespace: string, keepLast = true, dryRun = false): Result<Applied, ApiError> {
    const decoded = this.decode(kind, given);
    if (!decoded.ok) return decoded;
    const info = kindInfo(kind);
    const namespace = info.namespaced ? decoded.value.metadata.namespace || defaultNamespace : '';
    const { name } = decoded.value.metadata;
    const metadata = { ...(typeof given['metadata'] === 'object' ? given['metadata'] : {}), ...(info.namespaced ? { namespace } : {}) };
    const annotations = Object.fromEntries(Object.entries(decoded.value.metadata.annotations ?? {}).filter(([key]) => key !== LAST_APPLIED));
    const applied: Raw = { ...given, metadata: { ...metadata, annotations } };
    const withLast: Raw = { ...given, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: `${escapeHtml(canonicalJson(applied))}\n` } } };
    const live = this.#o.store.get(kind, namespace, name);
    if (live === undefined) {
      const object = this.decode(kind, keepLast ? withLast : { ...given, metadata });
      if (!object.ok) return object;
      const made = this.create(kind, object.value, dryRun);
      return made.ok ? ok({ action: 'created', name, object: made.value, unmarked: false }) : made;
    }
    const mark = live.metadata.annotations?.[LAST_APPLIED];
    const last: unknown = JSON.parse(mark ?? '{}');
    const done = this.put(kind, merge3(live, last, withLast, !isCustom(info.apiVersion)), dryRun);
    return done.ok ? ok({ action: done.value.changed ? 'configured' : 'unchanged', name, object: done.value.object, unmarked: mark === undefined }) : done;
  }

  /** {@link replace} for an object whose kind is known at run time only; says whether anything changed. */
  put(kind: Kind, raw: Raw, dryRun = false): Result<{ readonly object: AnyObject; readonly changed: boolean }, ApiError> {
    const decoded = this.decode(kind, raw);
    if (!decoded.ok) return decoded;
    const { namespace, name } = decoded.value.metadata;
    const before = this.#o.store.get(kind, namespace, name);
    const replaced = this.replace(kind, decoded.value, dryRun);
    return replaced.ok ? ok({ object: replaced.value, changed: !sameJson(before, replaced.value) }) : replaced;
  }

  /** Pods end gracefully (the kubelet removes them); owners take their dependents along (background deletion). */
  delete(kind: Kind, namespace: string, name: string, graceSeconds?: number, propagation: Propagation = 'Background'): Result<undefined, ApiError> {
    const { store } = this.#o;
    const object = store.get(kind, namespace, name);
    if (object === undefined) return err(notFound(kind, name));
    if (kind === 'Namespace' && ['default', 'kube-system', 'kube-public'].includes(name)) return err(forbidden(kind, name, 'this namespace may not be deleted'));
    const pod = kind === 'Pod' ? store.get('Pod', namespace, name) : undefined;
    if (pod !== undefined && pod.spec.nodeName !== undefined && pod.spec.nodeName !== '' && graceSeconds !== 0) {
      if (pod.metadata.deletionTimestamp !== undefined) return ok(undefined);
      const grace = graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
      store.update('Pod', { ...pod, metadata: { ...pod.metadata, deletionTimestamp: rfc3339(this.#o.wallMillis() + grace * 1000), deletionGracePeriodSeconds: grace } });
      return ok(undefined);
    }
    if (held(object)) {
      const deletionTimestamp = object.metadata.deletionTimestamp ?? rfc3339(this.#o.wallMillis());
      if (object.metadata.deletionGracePeriodSeconds !== 0) this.#put(kind, { ...object, metadata: { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } });
      return ok(undefined);
    }
    const dependents = this.#dependents(object.metadata.uid);
    if (propagation === 'Foreground' && dependents.length > 0) return this.#deleteForeground(kind, object, dependents);
    const deleted = store.delete(kind, namespace, name);
    if (deleted.ok) {
      if (propagation === 'Orphan') for (const o of dependents) this.#disown(o, object.metadata.uid);
      else for (const o of dependents) this.delete(kindOf(o), o.metadata.namespace, o.metadata.name);
      if (kind === 'Namespace') for (const k of KINDS) if (k.namespaced) for (const o of store.list(k.kind, name)) this.delete(k.kind, name, o.metadata.name);
      if (kind === 'CustomResourceDefinition') for (const k of KINDS) if (k.crd === name) for (const o of store.list(k.kind)) this.delete(k.kind, o.metadata.namespace, o.metadata.name);
    }
    return deleted;
  }

  #dependents(uid: string): readonly AnyObject[] {
    return KINDS.flatMap(({ kind }): readonly AnyObject[] => this.#o.store.list(kind).filter((o) => o.metadata.ownerReferences?.some((r) => r.uid === uid) === true));
  }

  /** The owner stays, marked, until its dependents are gone (see controllers/garbage). */
  #deleteForeground(kind: Kind, object: AnyObject, dependents: readonly AnyObject[]): Result<undefined, ApiError> {
    const metadata = { ...object.metadata, deletionTimestamp: rfc3339(this.#o.wallMillis()), deletionGracePeriodSeconds: 0, finalizers: [FOREGROUND] };
    this.#put(kind, { ...object, metadata });
    for (const o of dependents) this.delete(kindOf(o), o.metadata.namespace, o.metadata.name, undefined, 'Foreground');
    return ok(undefined);
  }

  #disown(object: AnyObject, uid: string): void {
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter((r) => r.uid !== uid);
    this.#put(kindOf(object), { ...object, metadata: { ...object.metadata, ownerReferences } });
  }

  #put(kind: Kind, object: AnyObject): void {
    const decoded = this.decode(kind, { ...object });
    if (decoded.ok) this.#o.store.update(kind, decoded.value);
  }

  #allocate<K extends Kind>(kind: K, object: KindMap[K]): Result<KindMap[K], ApiError> {
    if (!service(object)) return ok(object);
    const others = this.#o.store.list('Service').filter((s) => s.metadata.name !== object.metadata.name || s.metadata.namespace !== object.metadata.namespace);
    const { service: allocated, causes } = this.#o.allocator.allocate(object, others);
    return causes.length > 0 ? err(invalid(kind, object.metadata.name, causes)) : ok({ ...object, spec: allocated.spec });
  }

  #age(kind: Kind, namespace: string, name: string): number {
    const { ages } = this.#o.pins;
    return ages[`${kind}/${namespace}/${name}`] ?? ages[`${kind}/${namespace}/`] ?? ages['default'] ?? 0;
  }
}

/** A custom resource is judged by its schema (kube-openapi's validation), not by Go's decoder. */
const schemaCause = ({ path, wanted = '', given = '' }: Problem): Cause => ({ path, text: `Invalid value: "${given}": ${path} in body must be of type ${wanted}: "${given}"` });

/** Group of a CustomResourceDefinition: its objects know no strategic merge. */
export const isCustom = (apiVersion: string): boolean => /^[^/]+\.[^/]+\//.test(apiVersion) && !apiVersion.split('/')[0]?.endsWith('.k8s.io');

/** Finalizers that somebody has to take away first. The one of foreground deletion is the garbage collector's. */
const held = (object: AnyObject): boolean => (object.metadata.finalizers ?? []).some((f) => f !== FOREGROUND);

/** The user cannot write what the system says: identity and status. */
function carriedOver<T extends AnyObject>(before: T, given: T): T {
  const { uid, creationTimestamp, resourceVersion, generation, deletionTimestamp, deletionGracePeriodSeconds } = before.metadata;
  const metadata = {
    ...given.metadata, uid, creationTimestamp, resourceVersion, ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp, deletionGracePeriodSeconds }),
  };
  const object: T = { ...given, metadata, ...('status' in before ? { status: before.status } : {}) };
  return service(before) && service(object) ? { ...object, ...updatedService(before, object) } : object;
}
