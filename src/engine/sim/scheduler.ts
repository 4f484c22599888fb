import { plus, type Nanos } from './time.ts';

export interface Timer {
  /** Makes the event never fire. Harmless after it fired. */
  cancel(): void;
}

class Event implements Timer {
  live = true;
  readonly at: Nanos;
  readonly seq: number;
  readonly fn: () => void;
  constructor(at: Nanos, seq: number, fn: () => void) {
    this.at = at;
    this.seq = seq;
    this.fn = fn;
  }
  cancel(): void {
    this.live = false;
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq);

/** Events in simulated time, ordered by (time, sequence): ties are first in, first out. Never swallows an exception. */
export class Scheduler {
  #now = 0 as Nanos;
  #seq = 0;
  readonly #heap: Event[] = [];

  get now(): Nanos {
    return this.#now;
  }

  at(time: Nanos, fn: () => void): Timer {
    const event = new Event(time < this.#now ? this.#now : time, this.#seq++, fn);
    this.#push(event);
    return event;
  }

  after(delay: Nanos, fn: () => void): Timer {
    return this.at(plus(this.#now, delay), fn);
  }

  /** When the next live event is due; undefined when none is. */
  nextAt(): Nanos | undefined {
    for (;;) {
      const head = this.#heap[0];
      if (head === undefined) return undefined;
      if (head.live) return head.at;
      this.#pop();
    }
  }

  /** Runs the next event; false when there was none. */
  runNext(): boolean {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return false;
      if (!event.live) continue;
      event.live = false;
      this.#now = event.at;
      event.fn();
      return true;
    }
  }

  /** Runs every event due up to and including `time`, then stands at `time`. */
  runUntil(time: Nanos): void {
    for (let at = this.nextAt(); at !== undefined && at <= time; at = this.nextAt()) this.runNext();
    if (time > this.#now) this.#now = time;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(event, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      const left = heap[2 * i + 1];
      if (left === undefined) break;
      const right = heap[2 * i + 2];
      const child = right !== undefined && before(right, left) ? 2 * i + 2 : 2 * i + 1;
      const down = child === 2 * i + 1 ? left : right;
      if (down === undefined || !before(down, last)) break;
      heap[i] = down;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
