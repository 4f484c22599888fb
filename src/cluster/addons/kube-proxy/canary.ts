/**
 * Notices that somebody flushed iptables: a chain that nobody but a flush removes.
 * Read first: facts 1.10.
 * Models: pkg/util/iptables Monitor (v1.29): the chain of the first table is looked for every `interval`, then the others get five seconds to go too,
 * then `reload`, then the canaries are made anew.
 * The looks that would find the canary in place are not events: the kernel tells of every change (NFNLGRP_NFTABLES), and the next look of the
 * interval is scheduled only when the canary is gone. An idle node is silent.
 */
import { millis, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Scheduler } from '../../../engine/sim/scheduler.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import type { Netfilter } from '../../../engine/uapi/netfilter.ts';
import { ensureChain } from './jumps.ts';

const FLUSH_POLL = millis(100);
const FLUSH_TIMEOUT = seconds(5);
const TABLES: readonly [TableName, ...TableName[]] = ['mangle', 'nat', 'filter'];

export class Canary {
  readonly #scheduler: Scheduler;
  readonly #netfilter: Netfilter;
  readonly #chain: string;
  readonly #interval: Nanos;
  readonly #reload: () => void;
  #since = 0 as Nanos;
  #looking = false;
  #unwatch: (() => void) | undefined;

  constructor(scheduler: Scheduler, netfilter: Netfilter, chain: string, interval: Nanos, reload: () => void) {
    this.#scheduler = scheduler;
    this.#netfilter = netfilter;
    this.#chain = chain;
    this.#interval = interval;
    this.#reload = reload;
  }

  start(): void {
    this.#set();
    this.#unwatch = this.#netfilter.watch((table) => {
      if (table === TABLES[0] && !this.#looking && this.#gone(table)) this.#look();
    });
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #gone(table: TableName): boolean {
    return !this.#netfilter.hasChain(table, this.#chain);
  }

  #set(): void {
    for (const table of TABLES) ensureChain(this.#netfilter, table, this.#chain);
    this.#since = this.#scheduler.now;
  }

  #after(delay: Nanos, step: () => void): void {
    this.#scheduler.after(delay, () => {
      if (this.#unwatch === undefined) this.#looking = false;
      else step();
    });
  }

  #look(): void {
    this.#looking = true;
    const past = (this.#scheduler.now - this.#since) % this.#interval;
    this.#after((this.#interval - past) as Nanos, () => {
      if (this.#gone(TABLES[0])) this.#wait(plus(this.#scheduler.now, FLUSH_TIMEOUT));
      else this.#looking = false; // somebody put it back in time
    });
  }

  #wait(limit: Nanos): void {
    if (!TABLES.every((table) => this.#gone(table)) && this.#scheduler.now < limit) return this.#after(FLUSH_POLL, () => this.#wait(limit));
    this.#looking = false;
    this.#reload();
    return this.#set();
  }
}
