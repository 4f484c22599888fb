/** Asks the worker about the step under the playhead; remembers the answers of this run; never lets an old answer win. */
import type { LabApi, StepDetail, TableRow, TableView } from '../../worker/protocol.ts';
import { nsOf, rootOf } from '../canvas/places.ts';
import { eventAt, nextStep, previousStep } from './playback.ts';
import type { AppStore } from './store.ts';

const REMEMBERED = 400;

const sameRow = (a: TableRow, b: TableRow | undefined): boolean => b !== undefined && a.key === b.key && a.mark === b.mark && a.cells.length === b.cells.length && a.cells.every((c, i) => c === b.cells[i]);

/** Tables that say the same as before stay the same objects: what did not change is not drawn again. */
export function reused(before: readonly TableView[], now: readonly TableView[]): readonly TableView[] {
  const known = new Map(before.map((t) => [t.id, t]));
  return now.map((table) => {
    const old = known.get(table.id);
    return old !== undefined && old.title === table.title && old.rows.length === table.rows.length && table.rows.every((r, i) => sameRow(r, old.rows[i])) ? old : table;
  });
}

export class DetailLoader {
  private readonly cache = new Map<number, Promise<StepDetail>>();
  private asked = 0;
  /** One question about tables at a time: while the playhead runs, only the newest step is asked about. */
  private asking = false;
  private askAgain = false;
  private readonly store: AppStore;
  private readonly api: LabApi;

  constructor(store: AppStore, api: LabApi) {
    this.store = store;
    this.api = api;
    store.subscribe((now, before) => {
      if (now.phase !== 'ready') return;
      const fresh = before.phase !== 'ready';
      if (now.events !== before.events && now.events.length < before.events.length) this.forget();
      if (fresh) this.forget();
      if (fresh || now.step !== before.step || now.track !== before.track) void this.loadStep();
      if (fresh || now.step !== before.step || now.selected !== before.selected || now.tab !== before.tab || now.detail !== before.detail) void this.loadTables();
      if (fresh || now.openMachines !== before.openMachines) void this.loadChains();
    });
  }

  private forget(): void { this.cache.clear(); }

  private fetch(step: number): Promise<StepDetail> {
    const known = this.cache.get(step);
    if (known !== undefined) return known;
    if (this.cache.size >= REMEMBERED) this.forget();
    const answer = this.api.step(step);
    this.cache.set(step, answer);
    answer.catch(() => { this.cache.delete(step); });
    return answer;
  }

  private async loadStep(): Promise<void> {
    const { track, step } = this.store.getState();
    const at = eventAt(track.visible, step);
    const mine = ++this.asked;
    if (at === undefined) { this.store.setState({ detail: undefined, detailError: undefined }); return; }
    try {
      const detail = await this.fetch(at.step);
      if (mine !== this.asked) return;
      this.store.setState({ detail, detailError: undefined });
      // Forward and back must answer at once.
      for (const near of [nextStep(track.hops, step), previousStep(track.hops, step)]) if (near !== undefined) void this.fetch(near).catch(() => undefined);
    } catch (error) {
      if (mine === this.asked) this.store.setState({ detail: undefined, detailError: error instanceof Error ? error.message : 'The lab has nothing to say about this step.' });
    }
  }

  private async loadTables(): Promise<void> {
    const { topology, selected, detail, step, tab, tables } = this.store.getState();
    if (tab !== 'tables' || topology === undefined) return;
    const ns = (selected === undefined ? undefined : nsOf(topology, selected)) ?? detail?.nsId;
    if (ns === undefined || ns === 0 || (tables !== undefined && tables.ns === ns && tables.step === step)) return;
    if (this.asking) { this.askAgain = true; return; }
    this.asking = true;
    try {
      const list = await this.api.tables(ns, step);
      const now = this.store.getState();
      if (now.step === step) this.store.setState({ tables: { ns, step, list: now.tables?.ns === ns ? reused(now.tables.list, list) : list } });
    } catch { /* the next step asks again */ } finally {
      this.asking = false;
      if (this.askAgain) { this.askAgain = false; void this.loadTables(); }
    }
  }

  private async loadChains(): Promise<void> {
    const { topology, openMachines, chains, step } = this.store.getState();
    for (const machine of topology?.machines ?? []) {
      const ns = rootOf(machine)?.ns;
      if (ns === undefined || !openMachines.has(machine.id) || chains[ns] !== undefined) continue;
      try {
        const list = await this.api.tables(ns, step);
        const names = list.map((t) => t.id.split('/').slice(1).join('/')).filter((n) => /^(raw|mangle|nat|filter|security)\//.test(n));
        this.store.setState((s) => ({ chains: { ...s.chains, [ns]: names } }));
      } catch { /* drawn without tables */ }
    }
  }
}
