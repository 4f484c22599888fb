/** What every controller holds: the API, simulated time, chance, and the log. */
import type { Prng } from '../base/prng.ts';
import type { Scheduler, Timer } from '../engine/sim/scheduler.ts';
import { millis, plus, type Nanos } from '../engine/sim/time.ts';
import type { AnyObject, Kind } from './api/kinds.ts';
import { kindOf, type Change, type Store } from './store.ts';
import type { ApiServer } from './api/server.ts';
import type { Pins } from './pins.ts';
import type { Underlay } from './reach/underlay.ts';

export interface ControlPlane {
  readonly store: Store;
  readonly api: ApiServer;
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly pins: Pins;
  wallMillis(): number;
  /** False while the machine has no power: loops stand still (an agent's end for good then). */
  readonly alive?: (() => boolean) | undefined;
  /** The control plane's: called when its machine is back, as every informer lists anew. */
  readonly revived?: Set<() => void> | undefined;
  /** Tells when who reaches whom may have changed. */
  readonly underlay?: Underlay | undefined;
  /** A line of a controller's log, in the trace. */
  log(actor: string, text: string, object?: string): void;
}

/** `2024-06-12T13:09:28Z` */
export const rfc3339 = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');

/** `pod/default/test-pod`, for the log. */
export const refOf = (object: AnyObject): string => `${object.kind.toLowerCase()}/${object.metadata.namespace === '' ? '' : `${object.metadata.namespace}/`}${object.metadata.name}`;

/** A reconciler: runs once, some time after any of its kinds changed. */
export class Loop {
  #due: { readonly timer: Timer; readonly at: Nanos } | undefined;
  #stopped = false;
  readonly #scheduler: Scheduler;
  readonly #delay: Nanos;
  readonly #reconcile: () => void;
  readonly #alive: () => boolean;

  constructor(plane: Pick<ControlPlane, 'store' | 'scheduler' | 'alive' | 'revived'>, kinds: readonly Kind[], delay: Nanos, reconcile: () => void, wants: (change: Change) => boolean = () => true) {
    this.#scheduler = plane.scheduler;
    this.#delay = delay;
    this.#reconcile = reconcile;
    this.#alive = plane.alive ?? (() => true);
    const set = new Set<Kind>(kinds);
    plane.store.watch((change) => {
      if (set.has(change.kind) && wants(change)) this.queue();
    });
    plane.revived?.add(() => this.queue());
  }

  /** Runs after `delay`, or sooner when a round is due sooner. */
  queue(delay: Nanos = this.#delay): void {
    if (this.#stopped || !this.#alive()) return;
    const at = plus(this.#scheduler.now, delay);
    if (this.#due !== undefined && this.#due.at <= at) return;
    this.#due?.timer.cancel();
    const timer = this.#scheduler.at(at, () => {
      this.#due = undefined;
      if (!this.#stopped && this.#alive()) this.#reconcile();
    });
    this.#due = { timer, at };
  }

  stop(): void {
    this.#stopped = true;
  }
}

/** Latencies of a small idle cluster: a watch event and one round of a controller. */
export const LATENCY = {
  controller: millis(5), scheduler: millis(5), kubelet: millis(10),
} as const;

export const samePlain = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
export { kindOf };
