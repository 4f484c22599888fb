/**
 * The probes of one running container: readiness, liveness, startup.
 * Models: pkg/kubelet/prober/worker.go (v1.29): periods, thresholds, startup first, a failed liveness or startup probe ends the container.
 * Probes are real traffic from the node. Two things keep a world that nobody disturbs readable: a cluster's own add-ons (QUIET) are probed for readiness until
 * they are ready and for liveness not at all; measured with both, CoreDNS alone writes 1230 steps of trace every ten seconds (two nodes).
 * Not modelled: jitter, the terminating pod's probes.
 */
import { seconds } from '../../engine/sim/time.ts';
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Probe } from '../api/pod.ts';
import type { ControlPlane } from '../plane.ts';
import { attempt, type Target } from './handler.ts';

export type ProbeType = 'Readiness' | 'Liveness' | 'Startup';

/** Namespaces of packaged add-ons. */
const QUIET: readonly string[] = ['kube-system', 'metallb-system', 'local-path-storage'];

export interface ProbeListener {
  /** The container still runs and its pod does not end. */
  alive(): boolean;
  ready(ready: boolean): void;
  started(): void;
  failed(type: ProbeType, message: string): void;
  /** Liveness or startup failed for good. */
  kill(type: ProbeType, graceSeconds: number | undefined): void;
}

export class Prober {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #target: Target;
  readonly #listener: ProbeListener;
  #started: boolean;
  #held = false;

  constructor(plane: ControlPlane, kernel: Kernel, target: Target, listener: ProbeListener) {
    this.#plane = plane;
    this.#kernel = kernel;
    this.#target = target;
    this.#listener = listener;
    this.#started = target.container.startupProbe === undefined;
  }

  start(): void {
    const { readinessProbe, livenessProbe, startupProbe } = this.#target.container;
    if (startupProbe !== undefined) this.#worker('Startup', startupProbe);
    if (readinessProbe !== undefined) this.#worker('Readiness', readinessProbe);
    if (livenessProbe !== undefined && !this.#quiet) this.#worker('Liveness', livenessProbe);
  }

  get #quiet(): boolean {
    return QUIET.includes(this.#target.pod.metadata.namespace);
  }

  #worker(type: ProbeType, probe: Probe): void {
    const state = { run: 0, last: type === 'Liveness', shown: type === 'Liveness' };
    const again = (): void => void this.#plane.scheduler.after(seconds(probe.periodSeconds ?? 10), tick);
    const tick = (): void => {
      if (this.#held || !this.#listener.alive()) return;
      if (type !== 'Startup' && !this.#started) return again();
      this.#kernel.spawn('kubelet', (kernel) => this.#once(kernel, type, probe, state, again));
      return undefined;
    };
    this.#plane.scheduler.after(seconds(probe.initialDelaySeconds ?? 0), tick);
  }

  *#once(kernel: Kernel, type: ProbeType, probe: Probe, state: { run: number; last: boolean; shown: boolean }, again: () => void): Program {
    if (!this.#listener.alive()) return 0;
    const result = yield* attempt(kernel, this.#target, probe);
    if (!this.#listener.alive() || this.#held) return 0;
    state.run = state.last === result.ok ? state.run + 1 : 1;
    state.last = result.ok;
    if (!result.ok) this.#listener.failed(type, result.message);
    const enough = state.run >= (result.ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3));
    if (enough && (state.shown !== result.ok || type === 'Startup')) {
      state.shown = result.ok;
      if (type === 'Readiness') this.#listener.ready(result.ok);
      else if (!result.ok) {
        this.#held = true;
        this.#listener.kill(type, probe.terminationGracePeriodSeconds);
        return 0;
      } else if (type === 'Startup') {
        this.#started = true;
        this.#listener.started();
        return 0;
      }
    }
    if (!(this.#quiet && state.shown)) again();
    return 0;
  }
}
