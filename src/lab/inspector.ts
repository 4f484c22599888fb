import { must } from '../base/assert.ts';
import { millis } from '../engine/sim/time.ts';
import type { Step } from '../engine/trace/steps.ts';
import type { LabEvent, PlaceId, RunInfo, StepDetail, TableView, TimelineEvent } from '../worker/protocol.ts';
import { detail } from './explain/detail.ts';
import type { Lab } from './lab.ts';
import { Timeline } from './timeline/timeline.ts';
import { Past } from './views/past.ts';
import { namespaceTables } from './views/tables.ts';
import { topologyView } from './topology/view.ts';

/** So long nothing happened: whatever a packet set off has ended. */
const LULL = millis(1);
/** Steps that are not held back for a pause. */
const MUCH = 2_000;

/** What the page asks of a run: its timeline, any step in full, any table at any step, the machines it is drawn with. */
export class Inspector {
  readonly lab: Lab;
  readonly past = new Past();
  readonly #timeline: Timeline;
  /** Place of each step from the start on, for its heading. Entries themselves are the page's: they are not kept here. */
  readonly #places: PlaceId[] = [];
  #seen = 0;

  constructor(lab: Lab) {
    this.lab = lab;
    this.#timeline = new Timeline((ns) => lab.namespaceName(ns));
  }

  /** Reads what the trace gained; an event for the page, if there is anything to tell. `whole`: up to where nothing is under way. */
  catchUp(whole = false): Extract<LabEvent, { kind: 'grew' }> | undefined {
    const { steps, start } = this.lab;
    const from = Math.max(this.#seen, start);
    const to = whole ? this.#lull() : steps.length;
    const fresh = steps.slice(this.#seen, to);
    this.#seen = Math.max(this.#seen, to);
    for (const step of fresh) this.past.see(step);
    const grown = this.#timeline.seeAll(fresh).filter((event) => event.step >= start);
    for (const event of grown) this.#places.push(event.place);
    const moved = fresh.some((step) => step.i >= start && step.kind === 'table' && /\/(links|addresses)$/.test(step.table));
    if (grown.length === 0) return undefined;
    return { kind: 'grew', from, events: grown, head: this.#seen, now: this.lab.now, topology: moved ? topologyView(this.lab) : undefined };
  }

  /** Where the steps not yet seen last had a pause: a broadcast's copies are told together. Where traffic has none and much waits, its widest gap. */
  #lull(): number {
    const { steps, now } = this.lab;
    let after: number = now;
    let widest = { gap: -1, at: this.#seen };
    for (let i = steps.length; i > this.#seen; i--) {
      const t = steps[i - 1]?.t ?? 0;
      const gap = after - t;
      if (gap >= LULL) return i;
      if (gap > widest.gap) widest = { gap, at: i };
      after = t;
    }
    return steps.length - this.#seen > MUCH ? widest.at : this.#seen;
  }

  /** `events`: what catching up told so far. */
  runInfo(events: readonly TimelineEvent[]): Omit<RunInfo, 'fingerprint'> {
    const { lab } = this;
    return {
      scenario: lab.scenario.info, seed: lab.seed, story: lab.scenario.story, topology: topologyView(lab), events, head: lab.steps.length, now: lab.now,
      start: lab.start, tries: lab.scenario.tries, files: lab.files.map((f) => ({ on: f.machine, path: f.path })),
      targets: lab.hosts().map((host) => ({ name: host.name, prompt: host.prompt(host.home), ns: host.kernel.nsId })),
    };
  }

  step(index: number): StepDetail {
    const step = this.lab.steps[Math.min(Math.max(index, 0), this.lab.steps.length - 1)];
    const place = this.#places[index - this.lab.start];
    return detail(this, must(step, `step ${index}`), step === undefined || place === undefined ? undefined : { title: this.#timeline.title(step), place });
  }

  tables(ns: number, step: number): readonly TableView[] {
    return namespaceTables(this, ns, step);
  }

  /** The step of the same packet before this one, to show what changed. */
  previous(step: Step): Step | undefined {
    if (!('pkt' in step) || step.pkt === undefined) return undefined;
    for (let i = step.i - 1; i >= this.lab.start; i--) {
      const candidate = this.lab.steps[i];
      if (candidate !== undefined && 'pkt' in candidate && candidate.pkt === step.pkt && candidate.kind !== 'table') return candidate;
    }
    return undefined;
  }
}
