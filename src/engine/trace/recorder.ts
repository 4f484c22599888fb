import type { Nanos } from '../sim/time.ts';
import type { NewStep, Step } from './steps.ts';

/** Where steps go. Code on a packet's path asks `recorder.on` before it builds a step: off, a packet costs nothing here. */
export class Recorder {
  on: boolean;
  readonly steps: Step[] = [];
  readonly #listeners = new Set<(step: Step) => void>();
  readonly #clock: { readonly now: Nanos };

  constructor(clock: { readonly now: Nanos }, on = true) {
    this.#clock = clock;
    this.on = on;
  }

  /** Index that the next step will have. */
  get head(): number {
    return this.steps.length;
  }

  /** Takes ownership of `step` and completes it. Field order does not matter. */
  write(step: NewStep): void {
    if (!this.on) return;
    const whole = step as { i?: number; t?: Nanos };
    whole.i = this.steps.length;
    whole.t = this.#clock.now;
    this.steps.push(step as Step);
    for (const listener of this.#listeners) listener(step as Step);
  }

  /** Calls back with every step from now on, until the returned function is called. */
  subscribe(listener: (step: Step) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
