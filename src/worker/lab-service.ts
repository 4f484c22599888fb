/** The lab as the page calls it: one run at a time, time passing while commands run, the trace sent as it grows. */
import { millis, seconds } from '../engine/sim/time.ts';
import { Inspector } from '../lab/inspector.ts';
import { openLab } from '../lab/open.ts';
import { parseActions } from '../lab/actions.ts';
import { coverage } from '../lab/coverage.ts';
import { exportLab } from '../lab/export/export-lab.ts';
import { refereeFigures } from '../lab/referee-figures.ts';
import { readScenario } from '../lab/scenario/read.ts';
import type { ScenarioSource } from '../lab/scenario/scenario.ts';
import { Workbench } from '../lab/session/workbench.ts';
import type { CoverageItem, LabApi, LabError, LabEvent, NetnsExport, OpenRequest, RefereeFigures, RunInfo, ScenarioInfo, StepDetail, TableView, TerminalOpened } from './protocol.ts';

/** A command gets this much simulated time at once; what takes longer (ping) goes on at the pace of the wall clock. */
const BURST = seconds(2);
const TICK_MS = 50;

interface Run {
  readonly request: OpenRequest;
  readonly bench: Workbench;
  readonly inspector: Inspector;
  readonly onEvent: (event: LabEvent) => void;
}

const refuse = (title: string, detail: string): LabError => ({ title, detail });

export class LabService implements LabApi {
  readonly #source: ScenarioSource;
  #run: Run | undefined;
  #ticking: ReturnType<typeof setTimeout> | undefined;

  constructor(source: ScenarioSource) {
    this.#source = source;
  }

  async scenarios(): Promise<readonly ScenarioInfo[]> {
    return this.#source.ids().flatMap((id) => {
      const read = readScenario(id, this.#source.files(id) ?? new Map());
      return read.ok ? [read.value.info] : [];
    });
  }

  async open(request: OpenRequest, onEvent: (event: LabEvent) => void): Promise<RunInfo> {
    await this.close();
    const actions = parseActions(request.actions);
    if (!actions.ok) throw refuse('The saved work cannot be read', actions.reason);
    onEvent({ kind: 'progress', text: 'Booting the machines', done: 0, total: 2 });
    const bench = this.#bench(request, onEvent);
    onEvent({ kind: 'progress', text: 'Doing again what was done', done: 1, total: 2 });
    bench.replay(actions.actions);
    const inspector = new Inspector(bench.lab);
    inspector.catchUp();
    this.#run = { request, bench, inspector, onEvent };
    // Events and answers travel on two lines: this says that no more comes from before.
    onEvent({ kind: 'progress', text: 'Ready', done: 2, total: 2 });
    return { ...inspector.runInfo(), fingerprint: bench.lab.fingerprint() };
  }

  async step(step: number): Promise<StepDetail> {
    return this.#current().inspector.step(step);
  }

  async tables(ns: number, step: number): Promise<readonly TableView[]> {
    return this.#current().inspector.tables(ns, step);
  }

  async openTerminal(on: string): Promise<TerminalOpened> {
    const opened = this.#current().bench.open(on);
    if (opened === undefined) throw refuse(`No machine or pod named "${on}"`, `There are: ${this.#current().bench.lab.hosts().map((h) => h.name).join(', ')}`);
    return opened;
  }

  async input(terminal: string, line: string, at: number | undefined): Promise<void> {
    const run = this.#current();
    if (at !== undefined) return this.#inThePast(run, terminal, line, at);
    if (!run.bench.input(terminal, line)) return;
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    this.#guard(() => run.bench.advance(BURST));
    this.#tell(run);
    this.#tick();
  }

  async interrupt(terminal: string): Promise<void> {
    const run = this.#current();
    this.#guard(() => {
      run.bench.interrupt(terminal);
      run.bench.advance(seconds(1));
    });
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    this.#tell(run);
  }

  async edited(terminal: string, text: string | undefined): Promise<void> {
    const run = this.#current();
    run.bench.edited(terminal, text);
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    this.#guard(() => run.bench.advance(BURST));
    this.#tell(run);
    this.#tick();
  }

  async complete(terminal: string, line: string, cursor: number): Promise<{ readonly start: number; readonly candidates: readonly string[] }> {
    return this.#current().bench.complete(terminal, line, cursor);
  }

  async apply(manifest: string, file: string): Promise<{ readonly ok: boolean; readonly text: string }> {
    const run = this.#current();
    const answer = run.bench.apply(manifest, file);
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    this.#tell(run);
    return answer;
  }

  async fingerprint(): Promise<string> {
    return this.#current().bench.lab.fingerprint();
  }

  async coverage(): Promise<readonly CoverageItem[]> {
    return coverage();
  }

  async referee(): Promise<RefereeFigures> {
    return refereeFigures;
  }

  async exportNetns(): Promise<NetnsExport> {
    const { bench, request } = this.#current();
    return { name: `vethlab-${request.scenario}`, files: [...exportLab(bench.lab)].map(([path, text]) => ({ path, text })) };
  }

  async close(): Promise<void> {
    clearTimeout(this.#ticking);
    this.#ticking = undefined;
    this.#run = undefined;
  }

  #bench(request: OpenRequest, onEvent: (event: LabEvent) => void): Workbench {
    const files = this.#source.files(request.scenario);
    if (files === undefined) throw refuse(`There is no scenario "${request.scenario}"`, `There are: ${this.#source.ids().join(', ')}`);
    const opened = openLab(request.scenario, files, { seed: request.seed, trace: true });
    if (!opened.ok) throw refuse(`The scenario "${request.scenario}" is broken`, opened.error);
    const lab = opened.value;
    return new Workbench(lab, {
      output: (id, text) => onEvent({ kind: 'terminal', id, text, step: lab.steps.length - 1 }),
      // What the command did comes before the news that it ended.
      prompt: (id, prompt, code) => {
        if (this.#run !== undefined) this.#tell(this.#run);
        onEvent({ kind: 'prompt', id, prompt, code });
      },
      edit: (id, editing) => onEvent({ kind: 'edit', id, editing }),
    });
  }

  /** Runs a line in a copy of the world as it stood at a step. The copy is thrown away: the past is looked at, not changed. */
  #inThePast(run: Run, terminal: string, line: string, at: number): void {
    const lab = run.bench.lab;
    const time = lab.steps[at]?.t ?? lab.now;
    const mute = { output: () => undefined, prompt: () => undefined, edit: () => undefined };
    const files = this.#source.files(run.request.scenario);
    const opened = files === undefined ? undefined : openLab(run.request.scenario, files, { seed: run.request.seed, trace: true });
    if (opened === undefined || !opened.ok) throw refuse('The past cannot be built again', opened?.error ?? 'the scenario is gone');
    const copy = new Workbench(opened.value, mute);
    copy.rewindTo(run.bench.actions, time, at);
    const on = terminal.replace(/~\d+$/, '');
    const answer = opened.value.exec(on, line, seconds(10));
    run.onEvent({ kind: 'terminal', id: terminal, text: answer.stdout + answer.stderr, step: at });
    run.onEvent({ kind: 'prompt', id: terminal, prompt: run.bench.open(on, terminal)?.prompt ?? '$ ', code: answer.code });
  }

  #current(): Run {
    if (this.#run === undefined) throw refuse('No lab is open', 'Open a scenario first.');
    return this.#run;
  }

  /** While a command runs, simulated time goes as fast as the wall clock. */
  #tick(): void {
    clearTimeout(this.#ticking);
    this.#ticking = undefined;
    if (this.#run?.bench.busy !== true) return;
    this.#ticking = setTimeout(() => {
      const run = this.#run;
      if (run === undefined) return;
      this.#guard(() => run.bench.advance(millis(TICK_MS)));
      this.#tell(run);
      this.#tick();
    }, TICK_MS);
  }

  #tell(run: Run): void {
    const grown = run.inspector.catchUp();
    if (grown !== undefined) run.onEvent(grown);
  }

  /** A bug of ours stops the run with a report; the page offers to start again from the log. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#run?.onEvent({ kind: 'bug', error: refuse('The lab stopped on a bug of ours', error instanceof Error ? (error.stack ?? error.message) : String(error)) });
    }
  }
}
