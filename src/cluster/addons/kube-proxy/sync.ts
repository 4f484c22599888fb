/**
 * Syncs one after the other: which are full, what a partial one rewrites, which chains went stale.
 * Models: proxier.go syncProxyRules (needFullSync, lastFullSync, lastIPTablesCleanup), pkg/proxy/config NodeTopologyConfig, endpointslicecache.go (a Service counts as changed with any of its slices,
 *   whether that shows in the rules or not).
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

const byName = (a: EndpointSlice, b: EndpointSlice): number => (a.metadata.name < b.metadata.name ? -1 : 1);
/** What is kept of slices. */
const kept = (slices: readonly EndpointSlice[], all: boolean): unknown => [...slices].sort(byName).map(({ metadata, endpoints, ports }) => [all ? metadata : metadata.name, endpoints, ports]);

const same = (a: ServiceState | undefined, b: ServiceState, all: boolean): boolean =>
  a === b || (a !== undefined && sameJson(a.ports.map((p) => p.info), b.ports.map((p) => p.info)) && sameJson(kept(a.slices, all), kept(b.slices, all)));

export class SyncWriter {
  readonly #reader = new StateReader();
  #known: ReadonlyMap<string, ServiceState> = new Map();
  #full = true;
  #lastFull: number | undefined;
  #cleaned: number | undefined;
  #large = false;
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
    const { partialSync, fullSyncPeriod, wholeSlices } = config.behaviour;
    const read = this.#reader.read(config, services, slices);
    const states = [...read.values()].flatMap((s) => s.ports);
    const changed = new Set([...read].filter(([service, state]) => !same(this.#known.get(service), state, wholeSlices)).map(([service]) => service));
    const overdue = fullSyncPeriod !== undefined && !this.#large && now - (this.#lastFull ?? now) > fullSyncPeriod;
    const full = this.#full || !partialSync || overdue;
    const cleanup = this.#cleaned === undefined || now - this.#cleaned > this.syncPeriod;
    const rules = writeRules(config, states, { changed: full ? undefined : changed, existing, cleanup });
    if (cleanup || !rules.large) this.#cleaned = now;
    if (full) this.#lastFull = now;
    this.#large = rules.large;
    this.#known = read;
    this.#full = false;
    return { ...rules, full, changed, states };
  }
}
