/**
 * What wakes controller and speaker: informers and a queue of requests, each once, in order of arrival.
 * Models: metallb internal/k8s/controllers (v0.14.5, v0.14.9): which objects each reconciler watches; client-go's rate limiter (5 ms, doubled with each failure).
 * Not modelled: the worker of each reconciler of its own; BGPPeer, BFDProfile, Community.
 */
import { WaitQueue } from '../../../engine/sim/process.ts';
import { millis, plus, type Nanos } from '../../../engine/sim/time.ts';
import type { AnyObject, Kind } from '../../api/kinds.ts';
import type { IPAddressPool, L2Advertisement } from '../../api/metallb.ts';
import { samePlain } from '../../plane.ts';
import type { Change, Store } from '../../store.ts';
import type { Resources } from './pools.ts';

export type Role = 'controller' | 'speaker';
export type Reconciler = 'ServiceReconciler' | 'PoolReconciler' | 'ConfigReconciler' | 'NodeReconciler';

export interface Request {
  readonly reconciler: Reconciler;
  /** `namespace/name`, as types.NamespacedName prints it: `/vm1` without a namespace. */
  readonly key: string;
}

export const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
export const splitKey = (key: string): readonly [string, string] => [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
/** All services, those that have an address first. */
export const RELOAD: Request = { reconciler: 'ServiceReconciler', key: 'metallbreload/reload' };

/** Objects of MetalLB's own namespace make the configuration. */
export function resourcesOf(store: Store, namespace: string): Resources {
  const pools: readonly IPAddressPool[] = store.list('IPAddressPool', namespace);
  const l2: readonly L2Advertisement[] = store.list('L2Advertisement', namespace);
  return { pools, l2, nodes: store.list('Node'), namespaces: store.list('Namespace') };
}

/** In the order in which the reconcilers are set up. */
const CONFIG: Readonly<Record<Role, readonly Kind[]>> = {
  controller: ['IPAddressPool', 'Namespace'],
  speaker: ['IPAddressPool', 'Node', 'L2Advertisement', 'Secret', 'Namespace', 'ConfigMap'],
};
const CLUSTER_WIDE: ReadonlySet<Kind> = new Set(['Node', 'Namespace']);
const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 1_000_000;

const idOf = (r: Request): string => `${r.reconciler} ${r.key}`;

/** filterNodeEvent, filterNamespaceEvent, filterConfigmapEvent */
function concerns({ type, kind, object, before }: Change): boolean {
  if (type !== 'MODIFIED') return true;
  if (CLUSTER_WIDE.has(kind)) return !samePlain(object.metadata.labels ?? {}, before?.metadata.labels ?? {});
  return kind !== 'ConfigMap' || object.metadata.name === 'bgpextras';
}

export class Work {
  readonly ready = new WaitQueue();
  readonly stop: () => void;
  readonly #role: Role;
  readonly #namespace: string;
  readonly #requests = new Map<string, Request>();
  readonly #failed = new Map<string, { readonly request: Request; readonly times: number; at: Nanos | undefined }>();

  constructor(store: Store, role: Role, namespace: string) {
    this.#role = role;
    this.#namespace = namespace;
    for (const kind of CONFIG[role]) for (const object of store.list(kind)) this.#take({ type: 'ADDED', kind, object, before: undefined });
    for (const object of store.list('Service')) this.#take({ type: 'ADDED', kind: 'Service', object, before: undefined });
    this.stop = store.watch((change) => this.#take(change));
  }

  #take(change: Change): void {
    const { kind, object } = change;
    const { namespace, name, labels } = object.metadata;
    const speaker = this.#role === 'speaker';
    const request = (reconciler: Reconciler): void => this.add({ reconciler, key: keyOf(namespace, name) });
    if (kind === 'Service') request('ServiceReconciler');
    else if (kind === 'EndpointSlice' && speaker) this.add({ reconciler: 'ServiceReconciler', key: keyOf(namespace, labels?.['kubernetes.io/service-name'] ?? '') });
    if (kind === 'Node' && speaker) request('NodeReconciler');
    if (CONFIG[this.#role].includes(kind) && (CLUSTER_WIDE.has(kind) || this.#ours(object)) && concerns(change)) request(speaker ? 'ConfigReconciler' : 'PoolReconciler');
  }

  #ours(object: AnyObject): boolean {
    return object.metadata.namespace === this.#namespace;
  }

  add(request: Request): void {
    this.#requests.set(idOf(request), request);
    this.ready.wake();
  }

  /** It failed: once more, later each time. */
  retry(request: Request, now: Nanos): void {
    const times = (this.#failed.get(idOf(request))?.times ?? 0) + 1;
    this.#failed.set(idOf(request), { request, times, at: plus(now, millis(Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LONGEST_RETRY_MS))) });
  }

  /** It did not fail. */
  forget(request: Request): void {
    this.#failed.delete(idOf(request));
  }

  get idle(): boolean {
    return this.#requests.size === 0;
  }

  /** When the next that failed is due. */
  get due(): Nanos | undefined {
    return [...this.#failed.values()].reduce<Nanos | undefined>((first, { at }) => (at !== undefined && (first === undefined || at < first) ? at : first), undefined);
  }

  next(now: Nanos): Request | undefined {
    for (const f of this.#failed.values()) {
      if (f.at === undefined || now < f.at) continue;
      f.at = undefined;
      this.add(f.request);
    }
    const [oldest] = this.#requests.values();
    // Their worker is not the services' one, which has more to do.
    const request = [...this.#requests.values()].find((r) => r.reconciler !== 'ServiceReconciler') ?? oldest;
    if (request !== undefined) this.#requests.delete(idOf(request));
    return request;
  }
}
