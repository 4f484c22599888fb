import { prng, type Prng } from '../../base/prng.ts';
import { Scheduler } from '../sim/scheduler.ts';
import { Recorder } from '../trace/recorder.ts';
import type { Machine } from './machine.ts';

/** Draws given from outside (the referee's kernel, a lesson), by consumer name, used before the random stream. */
export type ScriptedDraws = Map<string, number[]>;

/** Everything machines share: time, chance, the trace and the numbers that name packets and namespaces. */
export class World {
  readonly scheduler = new Scheduler();
  readonly recorder: Recorder;
  readonly random: Prng;
  readonly machines = new Map<string, Machine>();
  readonly scripted: ScriptedDraws = new Map();
  /** Wall clock at simulated time 0, milliseconds since 1970. */
  readonly epochMillis: number;
  #packets = 0;
  #namespaces = 0;
  #pids = 1000;
  /** The packet being received or sent now: cause of what is created meanwhile. */
  cause: number | undefined;
  /** Packets a device received, whether traced or not: the unit of the benchmarks. */
  hops = 0;

  constructor(options: { readonly seed: number; readonly epochMillis: number; readonly trace?: boolean }) {
    this.random = prng(options.seed, 'world');
    this.epochMillis = options.epochMillis;
    this.recorder = new Recorder(this.scheduler, options.trace ?? true);
  }

  nextPacketId(): number {
    return ++this.#packets;
  }

  nextNamespaceId(): number {
    return ++this.#namespaces;
  }

  /** `wanted`: one that a scenario gives; numbers go on from there. */
  nextPid(wanted?: number): number {
    this.#pids = Math.max(this.#pids + (wanted === undefined ? 1 : 0), wanted ?? 0);
    return wanted ?? this.#pids;
  }
}
