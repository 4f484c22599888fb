/** What wakes controller and speaker: informers and a work queue. Models: metallb internal/k8s (controller-runtime): keys of services in order of arrival, each once. */
import { WaitQueue } from '../../../engine/sim/process.ts';
import type { IPAddressPool, L2Advertisement } from '../../api/metallb.ts';
import type { Change, Store } from '../../store.ts';
import type { Resources } from './pools.ts';

const CONFIG: ReadonlySet<string> = new Set(['IPAddressPool', 'L2Advertisement', 'Node', 'Namespace']);

export const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

/** Objects of MetalLB's own namespace make the configuration. */
export function resourcesOf(store: Store, namespace: string): Resources {
  const pools: readonly IPAddressPool[] = store.list('IPAddressPool', namespace);
  const l2: readonly L2Advertisement[] = store.list('L2Advertisement', namespace);
  return { pools, l2, nodes: store.list('Node'), namespaces: store.list('Namespace') };
}

export class Work {
  readonly ready = new WaitQueue();
  readonly #keys = new Set<string>();
  /** Something of the configuration changed. */
  configChanged = true;
  readonly stop: () => void;

  constructor(store: Store, endpoints: boolean) {
    this.stop = store.watch((change) => this.#take(change, endpoints));
  }

  #take(change: Change, endpoints: boolean): void {
    const { kind, object } = change;
    const { namespace, name, labels } = object.metadata;
    if (kind === 'Service') this.add(keyOf(namespace, name));
    else if (kind === 'EndpointSlice' && endpoints) this.add(keyOf(namespace, labels?.['kubernetes.io/service-name'] ?? ''));
    else if (CONFIG.has(kind)) {
      this.configChanged = true;
      this.ready.wake();
    }
  }

  add(key: string): void {
    this.#keys.add(key);
    this.ready.wake();
  }

  /** Services that have an address go first, so that nobody takes it from them. */
  addAll(store: Store): void {
    const has = (ingress: readonly unknown[] | undefined): number => ((ingress ?? []).length > 0 ? 0 : 1);
    for (const s of [...store.list('Service')].sort((a, b) => has(a.status.loadBalancer.ingress) - has(b.status.loadBalancer.ingress))) this.#keys.add(keyOf(s.metadata.namespace, s.metadata.name));
  }

  get idle(): boolean {
    return this.#keys.size === 0 && !this.configChanged;
  }

  next(): string | undefined {
    const [key] = this.#keys;
    if (key !== undefined) this.#keys.delete(key);
    return key;
  }
}
