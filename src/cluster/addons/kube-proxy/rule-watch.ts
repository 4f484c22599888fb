/**
 * A loop that looks at its iptables rules every period, as flanneld, kube-router and the canaries do.
 * The looks that would find everything in place are not events: the kernel tells of every change (NFNLGRP_NFTABLES), and the next look of the
 * period is scheduled only when something is missing. An idle node is silent.
 */
import type { Nanos } from '../../../engine/sim/time.ts';
import type { Scheduler, Timer } from '../../../engine/sim/scheduler.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import type { Netfilter } from '../../../engine/uapi/netfilter.ts';

export interface RuleWatchOptions {
  readonly scheduler: Scheduler;
  readonly netfilter: Netfilter;
  readonly table: TableName;
  readonly period: Nanos;
  /** False once the power of the machine went: the agent of that boot is dead. */
  readonly alive?: (() => boolean) | undefined;
  intact(): boolean;
  /** At a look of the period that finds something missing. */
  missing(): void;
}

export class RuleWatch {
  readonly #o: RuleWatchOptions;
  #since: Nanos;
  #next: Timer | undefined;
  readonly #unwatch: () => void;

  constructor(options: RuleWatchOptions) {
    const { netfilter, scheduler, table } = options;
    this.#o = options;
    this.#since = scheduler.now;
    this.#unwatch = netfilter.watch((changed) => {
      if (changed === table && this.#next === undefined && !options.intact()) this.#look();
    });
  }

  /** The period begins anew. */
  restart(): void {
    this.#since = this.#o.scheduler.now;
  }

  stop(): void {
    this.#unwatch();
    this.#next?.cancel();
  }

  #look(): void {
    const { scheduler, period, alive, intact, missing } = this.#o;
    const past = (scheduler.now - this.#since) % period;
    this.#next = scheduler.after((period - past) as Nanos, () => {
      if (alive?.() !== false && !intact()) missing();
      this.#next = undefined;
    });
  }
}
