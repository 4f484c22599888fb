import { must } from '../base/assert.ts';
import type { Step } from '../engine/trace/steps.ts';
import type { LabEvent, RunInfo, StepDetail, TableView, TimelineEvent } from '../worker/protocol.ts';
import { detail } from './explain/detail.ts';
import type { Lab } from './lab.ts';
import { Timeline } from './timeline/timeline.ts';
import { Past } from './views/past.ts';
import { namespaceTables } from './views/tables.ts';
import { topologyView } from './topology/view.ts';

/** What the page asks of a run: its timeline, any step in full, any table at any step, the machines it is drawn with. */
export class Inspector {
  readonly lab: Lab;
  readonly past = new Past();
  readonly #timeline: Timeline;
  #events: TimelineEvent[] = [];
  /** Place of each timeline entry by step, for the heading of a step. */
  readonly #byStep = new Map<number, TimelineEvent>();
  #seen = 0;

  constructor(lab: Lab) {
    this.lab = lab;
    this.#timeline = new Timeline((ns) => lab.namespaceName(ns));
  }

  /** Reads what the trace gained; an event for the page, if there is anything to tell. */
  catchUp(): Extract<LabEvent, { kind: 'grew' }> | undefined {
    const { steps } = this.lab;
    const from = Math.max(this.#seen, this.lab.start);
    const fresh = steps.slice(this.#seen);
    this.#seen = steps.length;
    for (const step of fresh) this.past.see(step);
    const grown = this.#timeline.seeAll(fresh).filter((event) => event.step >= this.lab.start);
    for (const event of grown) this.#byStep.set(event.step, event);
    const moved = fresh.some((step) => step.i >= this.lab.start && step.kind === 'table' && /\/(links|addresses)$/.test(step.table));
    this.#events = this.#events.concat(grown);
    if (grown.length === 0) return undefined;
    return { kind: 'grew', from, events: grown, head: steps.length, now: this.lab.now, topology: moved ? topologyView(this.lab) : undefined };
  }

  runInfo(): Omit<RunInfo, 'fingerprint'> {
    const { lab } = this;
    return {
      scenario: lab.scenario.info, seed: lab.seed, story: lab.scenario.story, topology: topologyView(lab), events: this.#events, head: lab.steps.length, now: lab.now,
      start: lab.start, tries: lab.scenario.tries, files: lab.files.map((f) => ({ on: f.machine, path: f.path })),
      targets: lab.hosts().map((host) => ({ name: host.name, prompt: host.prompt(host.home), ns: host.kernel.nsId })),
    };
  }

  step(index: number): StepDetail {
    const step = this.lab.steps[Math.min(Math.max(index, 0), this.lab.steps.length - 1)];
    return detail(this, must(step, `step ${index}`), this.#byStep.get(index));
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
