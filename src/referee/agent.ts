/** agent.py as a promise per request. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Action } from './flow.ts';
import type { Server } from './lab-flow.ts';

export interface RawFrame {
  readonly dev: string;
  readonly out: boolean;
  readonly t: number;
  readonly partial: boolean;
  /** Hexadecimal, from the Ethernet header on. */
  readonly data: string;
}

export interface RawTuple {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly id?: number;
  readonly type?: number;
  readonly code?: number;
}

export interface RawEntry {
  readonly event?: 'NEW' | 'UPDATE' | 'DESTROY';
  readonly original: RawTuple;
  readonly reply: RawTuple;
  readonly status?: number;
  readonly state?: number;
  readonly timeout?: number;
  readonly mark: number;
}

export interface RawTrace {
  readonly table: string;
  readonly chain: string;
  readonly handle?: number;
  readonly type: number;
  readonly verdict?: number;
  readonly to?: string;
  readonly id: number;
  readonly network?: string;
  readonly transport?: string;
  readonly iif?: number;
  readonly oif?: number;
  readonly mark?: number;
  readonly policy?: number;
}

export interface RawEvent {
  readonly ct?: RawEntry;
  readonly trace?: RawTrace;
  readonly lost?: string;
}

export type Seen = Readonly<Record<string, { readonly frames: readonly RawFrame[]; readonly events: readonly RawEvent[] }>>;

/** When things happened in the kernel, milliseconds from the flow's start. */
export interface Pace {
  /** Each action; the last: when what was held was let go. */
  readonly starts: readonly number[];
  /** Until nothing more came. */
  readonly took: number;
}

export interface FlowAnswer extends Pace {
  readonly results: readonly string[];
  readonly seen: Seen;
  readonly began: number;
}

/** Device, address, link address, state. */
export type RawNeighbour = readonly [string, string, string, string];

export class Agent {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  #zero = Date.now();
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(prefix: string) {
    this.#process = spawn('python3', ['-B', join(import.meta.dirname, 'agent.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.#process.stdout).on('line', (line) => this.#waiting.shift()?.(line));
    this.#process.on('exit', () => this.#waiting.splice(0).forEach((done) => done('{"error":"the agent ended"}')));
    void this.#ask({ op: 'prefix', prefix });
  }

  #ask<T>(request: object): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((line) => {
        const reply = JSON.parse(line) as { readonly ok?: T; readonly error?: string }; // agent.py's own words
        if (reply.error !== undefined) reject(new Error(`agent: ${reply.error}`));
        else resolve(reply.ok as T);
      });
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  serve(server: Server): Promise<void> {
    return this.#ask({ op: 'serve', ...server });
  }

  /** A veth that stands for a network card. */
  card(ns: string, dev: string): Promise<void> {
    return this.#ask({ op: 'card', ns, dev });
  }

  watch(namespaces: readonly string[]): Promise<void> {
    return this.#ask({ op: 'watch', namespaces });
  }

  devices(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
    return this.#ask({ op: 'devices' });
  }

  /** Table, chain, handle of every nf_tables rule in order. */
  rules(ns: string): Promise<readonly (readonly [string, string, number])[]> {
    return this.#ask({ op: 'rules', ns });
  }

  table(ns: string): Promise<readonly RawEntry[]> {
    return this.#ask({ op: 'table', ns });
  }

  async quiet(ms: number): Promise<Seen> {
    const seen = await this.#ask<Seen>({ op: 'quiet', ms });
    this.#zero = Date.now();
    return seen;
  }

  /** Neighbour settings of every device. */
  trust(ns: string, settings: Readonly<Record<string, string>>): Promise<void> {
    return this.#ask({ op: 'trust', ns, settings });
  }

  /** Milliseconds since the last quiet moment that was waited for. */
  age(): Promise<number> {
    return Promise.resolve(Date.now() - this.#zero);
  }

  neighbours(ns: string): Promise<readonly RawNeighbour[]> {
    return this.#ask({ op: 'neighbours', ns });
  }

  /** `began`: milliseconds since the last quiet moment that was waited for. */
  async flow(actions: readonly Action[], ms: number): Promise<FlowAnswer> {
    const began = Date.now() - this.#zero;
    const done = await this.#ask<Omit<FlowAnswer, 'began'>>({ op: 'flow', actions, ms });
    return { ...done, began };
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin.end();
    await ended;
  }
}
