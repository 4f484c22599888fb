/** The lab as the page calls it: one run at a time, time passing while commands run, the trace sent as it grows. */
import { millis, seconds, type Nanos } from '../engine/sim/time.ts';
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
/** What an interrupted command gets to end. */
const AFTERMATH = seconds(1);

/** Work goes on for this long, on the wall clock, before the page is listened to again. */
const SLICE_MS = 30;
/** Steps that a run may hold: about 5,000 requests, and half a gigabyte in a browser. Nothing of a run is thrown away, so that any of it can be looked at. */
const MOST_STEPS = 3_500_000;
/** 128 + SIGINT */
const INTERRUPTED = 130;
/** How often the page hears of the trace while it grows. */
const TELL_MS = 200;

interface Run {
  readonly request: OpenRequest;
  readonly bench: Workbench;
  readonly inspector: Inspector;
  readonly onEvent: (event: LabEvent) => void;
  /** Simulated time that shall pass, and what lets it pass. */
  work: Iterator<unknown, void> | undefined;
  pump: Promise<void> | undefined;
  /** Terminal whose command looks at the past; an interrupt gives it up. */
  inPast: string | undefined;
}

/** Lets the page's messages in. */
const breath = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 0); });

/** Does a slice of work. */
function slice<Y, T>(work: Iterator<Y, T>): IteratorResult<Y, T> {
  const until = performance.now() + SLICE_MS;
  for (;;) {
    const next = work.next();
    if (next.done === true || performance.now() >= until) return next;
  }
}

const refuse = (title: string, detail: string): LabError => ({ title, detail });

export class LabService implements LabApi {
  readonly #source: ScenarioSource;
  readonly #mostSteps: number;
  #run: Run | undefined;
  #ticking: ReturnType<typeof setTimeout> | undefined;
  /** Counts openings and closings. */
  #turn = 0;

  constructor(source: ScenarioSource, mostSteps = MOST_STEPS) {
    this.#source = source;
    this.#mostSteps = mostSteps;
  }

  async scenarios(): Promise<readonly ScenarioInfo[]> {
    return this.#source.ids().flatMap((id) => {
      const read = readScenario(id, this.#source.files(id) ?? new Map());
      return read.ok ? [read.value.info] : [];
    });
  }

  async open(request: OpenRequest, onEvent: (event: LabEvent) => void): Promise<RunInfo> {
    const turn = this.#leave();
    const actions = parseActions(request.actions);
    if (!actions.ok) throw refuse('The saved work cannot be read', actions.reason);
    const total = actions.actions.length + 2;
    onEvent({ kind: 'progress', text: 'Booting the machines', done: 0, total });
    const bench = this.#bench(request, onEvent);
    const inspector = new Inspector(bench.lab);
    const grown = [inspector.catchUp()];
    await this.#whole(turn, bench.replaying(actions.actions), (done) => {
      grown.push(inspector.catchUp(true));
      onEvent({ kind: 'progress', text: 'Doing again what was done', done: 1 + done, total });
    });
    grown.push(inspector.catchUp());
    const fingerprint = await this.#whole(turn, bench.lab.fingerprinting());
    this.#run = { request, bench, inspector, onEvent, work: undefined, pump: undefined, inPast: undefined };
    // Events and answers travel on two lines: this says that no more comes from before.
    onEvent({ kind: 'progress', text: 'Ready', done: total, total });
    return { ...inspector.runInfo(grown.flatMap((g) => g?.events ?? [])), fingerprint };
  }

  /** Work without an end in simulated time, slice by slice; given up when another run was opened, or this one closed. */
  async #whole<Y, T>(turn: number, work: Iterator<Y, T>, tell: (at: Y) => void = () => undefined): Promise<T> {
    for (let next = slice(work); ; next = slice(work)) {
      if (next.done === true) return next.value;
      tell(next.value);
      await breath();
      if (turn !== this.#turn) throw refuse('The lab was closed', 'It was left before this was done.');
    }
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
    await this.#settled(run);
    if (this.#run === run && this.#isFull(run)) return this.#refuseMore(run, terminal);
    if (this.#run !== run || !run.bench.input(terminal, line)) return;
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    await this.#advance(run, BURST);
  }

  async interrupt(terminal: string): Promise<void> {
    const run = this.#current();
    if (run.inPast === terminal) run.inPast = undefined;
    this.#guard(() => run.bench.interrupt(terminal));
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    await this.#advance(run, AFTERMATH);
  }

  async edited(terminal: string, text: string | undefined): Promise<void> {
    const run = this.#current();
    run.bench.edited(terminal, text);
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    await this.#advance(run, BURST);
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
    return this.#whole(this.#turn, this.#current().bench.lab.fingerprinting());
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
    this.#leave();
  }

  #leave(): number {
    clearTimeout(this.#ticking);
    this.#ticking = undefined;
    this.#run = undefined;
    return ++this.#turn;
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
  async #inThePast(run: Run, terminal: string, line: string, at: number): Promise<void> {
    const lab = run.bench.lab;
    const time = lab.steps[at]?.t ?? lab.now;
    const mute = { output: () => undefined, prompt: () => undefined, edit: () => undefined };
    const files = this.#source.files(run.request.scenario);
    const opened = files === undefined ? undefined : openLab(run.request.scenario, files, { seed: run.request.seed, trace: true });
    if (opened === undefined || !opened.ok) throw refuse('The past cannot be built again', opened?.error ?? 'the scenario is gone');
    const copy = new Workbench(opened.value, mute);
    const on = terminal.replace(/~\d+$/, '');
    const prompt = run.bench.open(on, terminal)?.prompt ?? '$ ';
    const work = copy.rewinding(run.bench.actions.slice(), time, at);
    run.inPast = terminal;
    while (slice(work).done !== true) {
      await breath();
      if (this.#run !== run) return;
      if (run.inPast !== terminal) return run.onEvent({ kind: 'prompt', id: terminal, prompt, code: INTERRUPTED });
    }
    run.inPast = undefined;
    const answer = opened.value.exec(on, line, seconds(10));
    run.onEvent({ kind: 'terminal', id: terminal, text: answer.stdout + answer.stderr, step: at });
    run.onEvent({ kind: 'prompt', id: terminal, prompt, code: answer.code });
  }

  #current(): Run {
    if (this.#run === undefined) throw refuse('No lab is open', 'Open a scenario first.');
    return this.#run;
  }

  /** When commands have ended, their packets settle before the next begins, however fast it was typed. */
  async #settled(run: Run): Promise<void> {
    while (run.pump !== undefined && !run.bench.busy) await run.pump;
  }

  /** Lets simulated time pass, a slice at a time. What was asked for before ends with it: time is the same for all terminals. */
  #advance(run: Run, span: Nanos): Promise<void> {
    run.work = run.bench.advancing(span);
    run.pump ??= this.#pump(run).finally(() => { run.pump = undefined; });
    return run.pump;
  }

  async #pump(run: Run): Promise<void> {
    clearTimeout(this.#ticking);
    for (let told = performance.now(); this.#slice(run); await breath()) {
      if (this.#isFull(run)) this.#stop(run);
      if (performance.now() - told < TELL_MS) continue;
      this.#tell(run, true);
      told = performance.now();
    }
    if (this.#run !== run) return;
    this.#tell(run);
    this.#tick(run);
  }

  #isFull(run: Run): boolean {
    return run.bench.lab.steps.length >= this.#mostSteps;
  }

  #full(): string {
    return `This run holds ${this.#mostSteps.toLocaleString('en-US')} steps, as many as this lab keeps. All of it can be looked at; start over to go on.\n`;
  }

  #stop(run: Run): void {
    const stopped = run.bench.interruptAll();
    if (stopped.length === 0) return;
    for (const id of stopped) run.onEvent({ kind: 'terminal', id, text: this.#full(), step: run.bench.lab.steps.length - 1 });
    run.onEvent({ kind: 'actions', actions: [...run.bench.actions] });
    run.work = run.bench.advancing(AFTERMATH);
  }

  #refuseMore(run: Run, terminal: string): void {
    run.onEvent({ kind: 'terminal', id: terminal, text: this.#full(), step: run.bench.lab.steps.length - 1 });
    run.onEvent({ kind: 'prompt', id: terminal, prompt: run.bench.open(terminal.replace(/~\d+$/, ''), terminal)?.prompt ?? '$ ', code: 1 });
  }

  /** Whether there is more to do. */
  #slice(run: Run): boolean {
    const { work } = run;
    if (this.#run !== run || work === undefined) return false;
    let more = false;
    this.#guard(() => { more = slice(work).done !== true; });
    if (!more) run.work = undefined;
    return more;
  }

  /** While a command runs, simulated time goes as fast as the wall clock. */
  #tick(run: Run): void {
    if (!run.bench.busy) return;
    this.#ticking = setTimeout(() => {
      if (this.#run === run) void this.#advance(run, millis(TICK_MS));
    }, TICK_MS);
  }

  #tell(run: Run, whole = false): void {
    const grown = run.inspector.catchUp(whole);
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
