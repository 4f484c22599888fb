/**
 * The reconcilers that controller and speaker have in common, and what they log.
 * Models: metallb internal/k8s/controllers/{service_controller,service_controller_reload,pool_controller,config_controller,node_controller}.go (v0.14.5; the same lines in v0.14.9):
 * `start reconcile` and `end reconcile` of every request at level info, single services left alone until all were looked at once.
 * Not modelled: lines that hold whole objects (level debug, and `failed to handle service`), controller-runtime's own lines.
 */
import type { Nanos } from '../../../engine/sim/time.ts';
import type { Result } from '../../../base/result.ts';
import type { Service } from '../../api/kinds.ts';
import type { Store } from '../../store.ts';
import type { Logger } from './log.ts';
import { keyOf, RELOAD, splitKey, type Reconciler, type Request, type Work } from './watch.ts';

/** SyncStateSuccess, SyncStateReprocessAll, SyncStateErrorNoRetry, SyncStateError */
export type SyncState = 'success' | 'reprocess' | 'no retry' | 'retry';

/** What a reconciler does with one request: the state, or the end of it at some line. */
type Outcome = { readonly end: number };

const FILES: Readonly<Record<Reconciler, { readonly file: string; readonly start: number }>> = {
  ServiceReconciler: { file: 'service_controller.go', start: 64 },
  PoolReconciler: { file: 'pool_controller.go', start: 48 },
  ConfigReconciler: { file: 'config_controller.go', start: 58 },
  NodeReconciler: { file: 'node_controller.go', start: 46 },
};
/** Lines of the two that read the configuration: what they say and where they return. */
const CONFIG_LINES = {
  PoolReconciler: { invalid: 81, end: { invalid: 82, same: 88, retry: 97, done: 113 }, reload: 99, reloaded: 112 },
  ConfigReconciler: { invalid: 140, end: { invalid: 141, same: 150, retry: 165, done: 179 }, reload: 167, reloaded: 178 },
} as const;

export interface Handler {
  readonly store: Store;
  /** Not this controller's (--lb-class). */
  readonly filtered: (service: Service) => boolean;
  readonly service: (key: string) => SyncState;
  /** The configuration as text that differs when it does, or what is wrong with it. */
  readonly read: () => Result<string, string>;
  /** Takes what was read. */
  readonly configure: () => SyncState;
  readonly node: (name: string) => SyncState;
}

/** --lb-class of the arguments against a service's spec. */
export const classFilter = (args: readonly string[]): Handler['filtered'] => {
  const wanted = args.find((a) => a.startsWith('--lb-class='))?.slice('--lb-class='.length) ?? '';
  return ({ spec }) => (spec.loadBalancerClass ?? '') !== wanted;
};

export class Reconcilers {
  readonly #h: Handler;
  readonly #work: Work;
  readonly #log: Logger;
  #config: string | undefined;
  /** initialLoadPerformed */
  #loaded = false;

  constructor(handler: Handler, work: Work, log: Logger) {
    this.#h = handler;
    this.#work = work;
    this.#log = log;
  }

  run(request: Request, now: Nanos): void {
    const { reconciler, key } = request;
    if (key === RELOAD.key) return this.#all(now);
    if (reconciler === 'ServiceReconciler' && !this.#loaded) return;
    const { file, start } = FILES[reconciler];
    const say = (line: number, fields: Readonly<Record<string, string>>, level: 'info' | 'error' = 'info'): void => this.#log.write(level, `${file}:${line}`, { controller: reconciler, ...fields });
    say(start, { 'start reconcile': key });
    const { end } = reconciler === 'ServiceReconciler' ? this.#service(key, say) : reconciler === 'NodeReconciler' ? this.#node(key, say) : this.#configuration(reconciler, request, now, say);
    say(end, { 'end reconcile': key });
  }

  #all(now: Nanos): void {
    const { store, filtered } = this.#h;
    const say = (line: number, fields: Readonly<Record<string, string>>): void => this.#log.write('info', `service_controller_reload.go:${line}`, { controller: 'ServiceReconciler - reprocessAll', ...fields });
    say(63, { 'start reconcile': RELOAD.key });
    const given = (s: Service): number => (s.status.loadBalancer.ingress ?? []).length;
    // Whoever has an address keeps it.
    const services = [...store.list('Service')].sort((a, b) => given(b) - given(a)).filter((s) => !filtered(s));
    const states = services.map((s) => this.#h.service(keyOf(s.metadata.namespace, s.metadata.name)));
    const again = states.includes('reprocess') || states.includes('retry');
    if (again) {
      say(114, { event: 'force service reload' });
      this.#work.retry(RELOAD, now);
    } else {
      this.#loaded = true;
      this.#work.forget(RELOAD);
    }
    say(again ? 115 : 119, { 'end reconcile': RELOAD.key });
  }

  #service(key: string, say: (line: number, fields: Readonly<Record<string, string>>) => void): Outcome {
    const service = this.#h.store.get('Service', ...splitKey(key));
    if (service !== undefined && this.#h.filtered(service)) return { end: 77 };
    const state = this.#h.service(key);
    if (state !== 'reprocess') return { end: state === 'success' ? 115 : 112 };
    say(107, { event: 'force service reload' });
    this.#work.add(RELOAD);
    return { end: 109 };
  }

  #configuration(reconciler: 'PoolReconciler' | 'ConfigReconciler', request: Request, now: Nanos, say: (line: number, fields: Readonly<Record<string, string>>, level?: 'error') => void): Outcome {
    const { invalid, end, reload, reloaded } = CONFIG_LINES[reconciler];
    const read = this.#h.read();
    if (!read.ok) {
      say(invalid, { error: read.error }, 'error');
      return { end: end.invalid };
    }
    if (read.value === this.#config) {
      this.#work.forget(request);
      return { end: end.same };
    }
    if (this.#h.configure() === 'retry') {
      this.#work.retry(request, now);
      return { end: end.retry };
    }
    this.#config = read.value;
    this.#work.forget(request);
    say(reload, { event: 'force service reload' });
    this.#work.add(RELOAD);
    say(reloaded, { event: 'config reloaded' });
    return { end: end.done };
  }

  #node(key: string, say: (line: number, fields: Readonly<Record<string, string>>) => void): Outcome {
    const [, name] = splitKey(key);
    if (this.#h.store.get('Node', '', name) === undefined) return { end: 53 };
    if (this.#h.node(name) !== 'reprocess') return { end: 69 };
    say(62, { event: 'force service reload' });
    this.#work.add(RELOAD);
    return { end: 64 };
  }
}
