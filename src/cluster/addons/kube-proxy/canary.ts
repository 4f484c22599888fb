/**
 * Notices that somebody flushed iptables: a chain that nobody but a flush removes.
 * Read first: facts 1.10.
 * Models: pkg/util/iptables Monitor (v1.29): the chain of the first table is looked for every `interval`, then the others get five seconds to go too,
 * then `reload`, then the canaries are made anew.
 */
import { millis, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Scheduler } from '../../../engine/sim/scheduler.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import type { Netfilter } from '../../../engine/uapi/netfilter.ts';
import { ensureChain } from './jumps.ts';
import { RuleWatch } from './rule-watch.ts';

const FLUSH_POLL = millis(100);
const FLUSH_TIMEOUT = seconds(5);
const TABLES: readonly [TableName, ...TableName[]] = ['mangle', 'nat', 'filter'];

export class Canary {
  readonly #scheduler: Scheduler;
  readonly #netfilter: Netfilter;
  readonly #chain: string;
  readonly #interval: Nanos;
  readonly #reload: () => void;
  #watch: RuleWatch | undefined;

  constructor(scheduler: Scheduler, netfilter: Netfilter, chain: string, interval: Nanos, reload: () => void) {
    this.#scheduler = scheduler;
    this.#netfilter = netfilter;
    this.#chain = chain;
    this.#interval = interval;
    this.#reload = reload;
  }

  start(): void {
    this.#set();
    const [table] = TABLES;
    this.#watch = new RuleWatch({
      scheduler: this.#scheduler, netfilter: this.#netfilter, table, period: this.#interval,
      intact: () => !this.#gone(table), missing: () => this.#wait(plus(this.#scheduler.now, FLUSH_TIMEOUT)),
    });
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #gone(table: TableName): boolean {
    return !this.#netfilter.hasChain(table, this.#chain);
  }

  #set(): void {
    for (const table of TABLES) ensureChain(this.#netfilter, table, this.#chain);
  }

  #wait(limit: Nanos): void {
    if (this.#watch === undefined) return;
    if (!TABLES.every((table) => this.#gone(table)) && this.#scheduler.now < limit) {
      this.#scheduler.after(FLUSH_POLL, () => this.#wait(limit));
      return;
    }
    this.#reload();
    this.#set();
    this.#watch.restart();
  }
}
