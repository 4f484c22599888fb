import type { Scheduler, Timer } from './scheduler.ts';
import { plus, type Nanos } from './time.ts';

/** Where processes sleep until something happens (a socket becomes readable, a child exits). */
export class WaitQueue {
  #waiters: (() => void)[] = [];

  /** Resumes everyone who waits now, in the order they came. */
  wake(): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    this.#waiters = [];
    for (const resume of waiters) resume();
  }

  add(resume: () => void): void {
    this.#waiters.push(resume);
  }

  remove(resume: () => void): void {
    const i = this.#waiters.indexOf(resume);
    if (i >= 0) this.#waiters.splice(i, 1);
  }
}

/** What a program yields: sleep until one of `on` is woken or `until` is reached. Neither: yields its turn only. */
export interface Wait {
  readonly on?: readonly WaitQueue[];
  readonly until?: Nanos;
}

/** A running program: yields waits, is resumed with no value (it looks again at what it waited for), returns its exit code. */
export type Program<T = number> = Generator<Wait, T, void>;

/** Thrown into a program at its `yield` when a signal reaches it. SIGINT is Ctrl+C; exit code 128 + n unless caught. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGPIPE';
  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGPIPE') {
    super(signal);
    this.signal = signal;
  }
}

const SIGNAL_NUMBER = { SIGINT: 2, SIGTERM: 15, SIGKILL: 9, SIGPIPE: 13 } as const;

/** Drives one program on simulated time. */
export class Process {
  readonly exited = new WaitQueue();
  readonly name: string;
  exitCode: number | undefined;
  readonly #scheduler: Scheduler;
  readonly #program: Program;
  #waiting: readonly WaitQueue[] = [];
  #timer: Timer | undefined;
  readonly #resume = (): void => this.#step(undefined);
  readonly #wakeSoon = (): void => {
    this.#unwait();
    this.#timer = this.#scheduler.after(0 as Nanos, this.#resume);
  };

  constructor(scheduler: Scheduler, name: string, program: Program) {
    this.#scheduler = scheduler;
    this.name = name;
    this.#program = program;
    this.#timer = scheduler.after(0 as Nanos, this.#resume);
  }

  kill(signal: SignalError['signal']): void {
    if (this.exitCode === undefined) this.#step(new SignalError(signal));
  }

  #unwait(): void {
    for (const queue of this.#waiting) queue.remove(this.#wakeSoon);
    this.#waiting = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #step(signal: SignalError | undefined): void {
    if (this.exitCode !== undefined) return;
    this.#unwait();
    let next: IteratorResult<Wait, number>;
    try {
      next = signal === undefined ? this.#program.next() : this.#program.throw(signal);
    } catch (error) {
      if (!(error instanceof SignalError)) throw error;
      next = { done: true, value: 128 + SIGNAL_NUMBER[error.signal] };
    }
    if (next.done === true) {
      this.exitCode = next.value;
      this.exited.wake();
      return;
    }
    const { on = [], until } = next.value;
    this.#waiting = on;
    for (const queue of on) queue.add(this.#wakeSoon);
    if (until !== undefined) this.#timer = this.#scheduler.at(until, this.#resume);
    else if (on.length === 0) this.#timer = this.#scheduler.after(0 as Nanos, this.#resume);
  }
}

export function* sleep(scheduler: { readonly now: Nanos }, span: Nanos): Program<void> {
  const until = plus(scheduler.now, span);
  while (scheduler.now < until) yield { until };
}
