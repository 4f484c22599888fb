/**
 * Syncs one after the other: which are full, what a partial one rewrites, which chains went stale.
 * Models: proxier.go syncProxyRules (needFullSync, lastIPTablesCleanup), pkg/proxy/config NodeTopologyConfig.
 */
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { sameJson } from '../../api/names.ts';
import type { ProxyConfig } from './config.ts';
import { StateReader, writeRules, type RuleSet, type ServicePortState, type ServiceState } from './rules.ts';

export interface Sync extends RuleSet {
  readonly full: boolean;
  /** Services new or different since the sync before. */
  readonly changed: ReadonlySet<string>;
  readonly states: readonly ServicePortState[];
}

export class SyncWriter {
  readonly #reader = new StateReader();
  #known: ReadonlyMap<string, ServiceState> = new Map();
  #full = true;
  #cleaned: number | undefined;
  readonly syncPeriod: number;

  /** Seconds. */
  constructor(syncPeriod = 30) {
    this.syncPeriod = syncPeriod;
  }

  /** The next sync rewrites everything: restart, node changed, restore failed, chains flushed. */
  forceFull(): void {
    this.#full = true;
  }

  /** `existing`: chains in nat at this moment. `now`: seconds. The text counts as written. */
  next(config: ProxyConfig, services: readonly Service[], slices: readonly EndpointSlice[], existing: Iterable<string>, now: number): Sync {
    const read = this.#reader.read(config, services, slices);
    const states = [...read.values()].flat();
    const changed = new Set([...read].filter(([service, state]) => !sameJson(this.#known.get(service), state)).map(([service]) => service));
    const full = this.#full || !config.behaviour.partialSync;
    const cleanup = this.#cleaned === undefined || now - this.#cleaned > this.syncPeriod;
    const rules = writeRules(config, states, { changed: full ? undefined : changed, existing, cleanup });
    if (cleanup || !rules.large) this.#cleaned = now;
    this.#known = read;
    this.#full = false;
    return { ...rules, full, changed, states };
  }
}
