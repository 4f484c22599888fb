/** Between the worker and the store: opens scenarios, runs commands, keeps the work. The only caller of LabApi's verbs. */
import { toLabError, type LabClient } from '../../worker/client.ts';
import type { Action, LabEvent, RunInfo } from '../../worker/protocol.ts';
import { completion, paint } from '../terminal/line-editor.ts';
import { Session, Sessions } from '../terminal/sessions.ts';
import { DetailLoader } from './detail-loader.ts';
import { Player } from './player.ts';
import type { AppStore } from './store.ts';
import { dropWork, loadWork, saveWork, type SavedWork } from './work.ts';

const SAVE_AFTER_MS = 250;

export class LabController {
  readonly sessions = new Sessions();
  readonly player: Player;
  readonly client: LabClient;
  private readonly store: AppStore;
  private saving: ReturnType<typeof setTimeout> | undefined;
  private restoring = false;
  /** Resolves when the opening run has told everything of what it did again: events and answers come on two lines. */
  /** The scenario that no other tab has open, and how to let it go. */
  private holds: string | undefined;
  private leave: () => void = () => undefined;
  private told: () => void = () => undefined;
  private restarts = 0;
  /** The command to play as soon as it has ended. */
  private playing: string | undefined;
  /** Terminals on their way, by place. */
  private readonly coming = new Map<string, Promise<Session | undefined>>();
  /** Lines to enter once a terminal has its prompt back. */
  private readonly next = new Map<string, string>();
  private drafts: Readonly<Record<string, string>> = {};
  /** Counts openings: an answer for an earlier one is dropped. */
  private turn = 0;

  constructor(store: AppStore, client: LabClient) {
    this.store = store;
    this.client = client;
    this.player = new Player(store);
    new DetailLoader(store, client.api);
    client.onCrash((error) => { void this.crashed(error.detail); });
    // A tab that is closed or left may never come back.
    globalThis.document?.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.keepNow(); });
  }

  async open(scenario: string, t: number | undefined, seed: number | undefined, given?: readonly Action[]): Promise<void> {
    this.keepNow();
    const turn = ++this.turn;
    this.store.getState().opening(scenario);
    this.sessions.clear();
    this.store.getState().setTabs([], undefined);
    this.next.clear();
    this.coming.clear();
    this.store.setState({ editors: [] });
    const kept = await loadWork(scenario);
    // A link that carries its own actions is shown as sent. What was done here before stays kept until something is done in it.
    const work: SavedWork | undefined = given === undefined ? kept : { version: 1, seed: seed ?? 0, actions: given, terminals: [], active: undefined };
    if (turn !== this.turn) return;
    await this.start(turn, () => this.client.api.open({ scenario, seed: seed ?? (given === undefined ? work?.seed : undefined), actions: work?.actions ?? [] }, (e) => { this.hear(e); }), work, t);
    if (turn === this.turn) void this.alone(turn, scenario);
  }

  /** The same scenario without what was done in it. */
  async startOver(): Promise<void> {
    const { scenarioId } = this.store.getState();
    if (scenarioId === undefined) return;
    clearTimeout(this.saving);
    this.saving = undefined;
    await dropWork(scenarioId);
    await this.open(scenarioId, undefined, undefined);
  }

  async askFingerprint(): Promise<void> {
    const { head } = this.store.getState();
    try {
      const fingerprint = await this.client.api.fingerprint();
      if (this.store.getState().head === head) this.store.setState({ fingerprint });
    } catch { /* the tooltip stays as it was */ }
  }

  /** After a bug: a fresh worker, everything replayed; `without`: leave out the last command, which may have caused it. */
  async restart(without = false): Promise<void> {
    this.keepNow();
    const turn = ++this.turn;
    const { actions, scenarioId } = this.store.getState();
    const work = this.snapshot();
    if (scenarioId !== undefined) this.store.getState().opening(scenarioId);
    const kept = without ? actions.slice(0, -1) : actions;
    await this.start(turn, () => this.client.reopen(kept), { ...work, actions: kept }, undefined);
    this.keep();
  }

  /** Two tabs of one scenario keep their work in one place: who opens the second one is told. */
  private async alone(turn: number, scenario: string): Promise<void> {
    if (this.holds === scenario) return;
    this.leave();
    this.holds = undefined;
    const left = new Promise<void>((resolve) => { this.leave = resolve; });
    await globalThis.navigator?.locks?.request(`vethlab/${scenario}`, { ifAvailable: true }, (lock) => {
      if (lock !== null) { this.holds = scenario; return left; }
      if (turn === this.turn) this.store.setState({ notice: 'This scenario is open in another tab, too. Both keep their work in the same place: what is done last stays.' });
      return undefined;
    }).catch(() => undefined);
  }

  private async start(turn: number, open: () => Promise<RunInfo>, work: SavedWork | undefined, t: number | undefined): Promise<void> {
    this.restoring = true;
    this.drafts = work?.drafts ?? {};
    this.store.setState({ editors: [] });
    const told = new Promise<void>((resolve) => { this.told = resolve; });
    try {
      const info = await open();
      await told;
      if (turn !== this.turn) return;
      const actions = work?.actions ?? [];
      this.store.getState().opened(info, actions);
      this.restoreTerminals(work, info);
      if (actions.length > 0) this.store.getState().toEnd();
      if (t !== undefined) {
        if (t > info.head) this.store.setState({ notice: `The link points to step ${t}, but this run ends at step ${info.head}. It is shown from its start.` });
        else this.store.getState().seek(t);
      }
    } catch (error) {
      if (turn === this.turn) this.store.getState().failed(toLabError(error));
    } finally {
      if (turn === this.turn) this.restoring = false;
    }
  }

  private hear(event: LabEvent): void {
    const state = this.store.getState();
    switch (event.kind) {
      case 'progress': this.store.setState({ progress: event }); if (event.done === event.total) this.told(); break;
      case 'grew': if (state.phase === 'ready') { state.grew(event); this.playWhenDone(); } break;
      case 'terminal': if (!this.restoring) this.sessions.get(event.id)?.output(event.text); break;
      case 'prompt': if (!this.restoring) { this.sessions.get(event.id)?.ready(event.prompt); state.setBusy(event.id, false); this.keep(); this.goOn(event.id); } break;
      case 'edit': state.editing(event.id, event.editing, this.restoring ? this.drafts[event.id] : undefined); break;
      case 'actions': this.store.setState({ actions: event.actions }); this.keep(); break;
      case 'bug': state.failed(event.error); break;
    }
  }

  /** An editor was left: saved with `text`, or not at all. `then`: the line that its terminal runs next. */
  leaveEditor(terminal: string, text: string | undefined, then?: string): void {
    this.store.getState().editing(terminal, undefined);
    if (then !== undefined) this.next.set(terminal, then);
    void this.client.api.edited(terminal, text).catch((error: unknown) => { this.store.setState({ notice: `Not saved. ${toLabError(error).title}` }); });
    this.store.setState({ terminalFocus: this.store.getState().terminalFocus + 1 });
  }

  draft(terminal: string, text: string): void {
    this.store.getState().setDraft(terminal, text);
    this.keep();
  }

  private goOn(terminal: string): void {
    const line = this.next.get(terminal);
    const session = this.sessions.get(terminal);
    if (line === undefined || session === undefined) return;
    this.next.delete(terminal);
    session.enter(line);
    void this.run(terminal, line);
  }

  private playWhenDone(): void {
    const { command, offer, tabs, live } = this.store.getState();
    if (this.playing === undefined || offer === undefined || tabs.some((t) => t.busy)) return;
    const wanted = this.playing === command && live;
    this.playing = undefined;
    if (wanted) this.player.toggle();
  }

  private async crashed(detail: string): Promise<void> {
    if (this.store.getState().phase === 'ready' && this.restarts++ < 1) {
      await this.restart();
      this.store.setState({ notice: 'The lab stopped and was started again; everything you did was replayed.' });
    } else this.store.getState().failed({ title: 'The lab stopped', detail });
  }

  private restoreTerminals(work: SavedWork | undefined, info: RunInfo): void {
    const known = new Set((work?.actions ?? []).flatMap((a) => (a.kind === 'exec' ? [a.terminal] : [])));
    for (const saved of work?.terminals ?? []) {
      if (!known.has(saved.id)) continue;
      const session = this.sessions.get(saved.id) ?? this.sessions.add(new Session(saved.id, saved.on, saved.prompt));
      session.text = saved.text;
      session.editor.history = [...saved.history];
      session.ready(saved.prompt);
    }
    for (const session of this.sessions.list()) if (!known.has(session.id)) this.sessions.delete(session.id);
    const tabs = this.sessions.list().map((s) => ({ id: s.id, on: s.on, busy: false, finished: 0 }));
    this.store.getState().setTabs(tabs, tabs.find((t) => t.id === work?.active)?.id ?? tabs.at(-1)?.id);
    const first = info.tries[0]?.on ?? info.targets[0]?.name;
    if (tabs.length === 0 && first !== undefined) void this.openTerminal(first);
  }

  /** The terminal of a machine or pod: the one that is open already, or a new one. */
  async openTerminal(on: string, another = false): Promise<Session | undefined> {
    const there = another ? undefined : this.sessions.list().find((s) => s.on === on);
    if (there !== undefined) { this.store.getState().showTab(there.id); return there; }
    const coming = another ? undefined : this.coming.get(on);
    if (coming !== undefined) return coming;
    const asked = this.newTerminal(on);
    this.coming.set(on, asked);
    const session = await asked;
    if (this.coming.get(on) === asked) this.coming.delete(on);
    return session;
  }

  private async newTerminal(on: string): Promise<Session | undefined> {
    const { turn } = this;
    try {
      const opened = await this.client.api.openTerminal(on);
      if (turn !== this.turn) return undefined;
      const session = this.sessions.add(new Session(opened.id, on, opened.prompt));
      const { tabs, setTabs } = this.store.getState();
      setTabs([...tabs, { id: opened.id, on, busy: false, finished: 0 }], opened.id);
      return session;
    } catch (error) {
      if (turn === this.turn) this.store.setState({ notice: `No terminal on ${on}: ${toLabError(error).detail || toLabError(error).title}` });
      return undefined;
    }
  }

  closeTerminal(id: string): void {
    const { tabs, activeTab, setTabs } = this.store.getState();
    this.sessions.delete(id);
    const rest = tabs.filter((t) => t.id !== id);
    setTabs(rest, activeTab === id ? rest.at(-1)?.id : activeTab);
    this.keep();
  }

  /** A chip was chosen: its command is typed and entered in a terminal of that place. */
  async enter(on: string, command: string): Promise<void> {
    let session = await this.openTerminal(on);
    if (session?.busy === true) session = await this.openTerminal(on, true);
    if (session === undefined) return;
    this.store.getState().setView({ drawer: true });
    session.enter(command);
    await this.run(session.id, command);
  }

  /** Space: plays or pauses. When nothing has happened yet, runs what the scenario suggests first and plays that. */
  play(): void {
    const { track, tries, tabs, phase, events } = this.store.getState();
    const [first] = tries;
    if (track.hops.length > 0 || events.length > 0 || first === undefined) { this.player.toggle(); return; }
    if (phase !== 'ready' || tabs.some((t) => t.busy)) return;
    this.playing = first.run;
    void this.enter(first.on, first.run);
  }

  async run(id: string, line: string): Promise<void> {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    session.entered(line);
    const { live, step, setBusy } = this.store.getState();
    setBusy(id, true);
    this.store.setState({ command: line.trim(), playing: false });
    try { await this.client.api.input(id, line, live ? undefined : step); }
    catch (error) {
      const { title, detail } = toLabError(error);
      if (this.sessions.get(id) === session && session.busy) { session.output(`${title}${detail === '' ? '' : `: ${detail}`}\n`); session.ready(session.prompt); setBusy(id, false); }
    }
  }

  async interrupt(id: string): Promise<void> {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    session.output(session.busy ? '^C\n' : '');
    if (session.busy) await this.client.api.interrupt(id).catch(() => undefined);
  }

  async complete(id: string, line: string, cursor: number): Promise<void> {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    try {
      const { start, candidates } = await this.client.api.complete(id, line, cursor);
      if (session.editor.line !== line || session.editor.cursor !== cursor) return;
      const { insert, list } = completion(line, start, cursor, candidates);
      if (insert !== undefined) { session.editor.replace(start, insert); session.refresh(); }
      else if (list.length > 0) { session.output(`\r\u001b[J${paint(session.prompt)}${line}\n${list.join('  ')}\n`); session.ready(session.prompt); }
    } catch { /* nothing to offer */ }
  }

  private snapshot(): SavedWork {
    const { actions, seed, activeTab, editors } = this.store.getState();
    const drafts = Object.fromEntries(editors.flatMap((e) => (e.draft === undefined ? [] : [[e.terminal, e.draft]])));
    return { version: 1, drafts, seed: seed ?? 0, actions, active: activeTab, terminals: this.sessions.list().map((s) => ({ id: s.id, on: s.on, prompt: s.prompt, text: s.text, history: s.editor.history })) };
  }

  private keep(): void {
    clearTimeout(this.saving);
    this.store.setState({ saved: 'soon' });
    this.saving = setTimeout(() => { this.keepNow(); }, SAVE_AFTER_MS);
  }

  /** What waits to be kept is kept, before the scenario or the page is left. */
  private keepNow(): void {
    if (this.saving === undefined) return;
    clearTimeout(this.saving);
    this.saving = undefined;
    const { scenarioId, phase } = this.store.getState();
    if (scenarioId === undefined || phase !== 'ready') return;
    void saveWork(scenarioId, this.snapshot()).then((saved) => { if (this.saving === undefined) this.store.setState({ saved: saved ? 'yes' : 'never' }); });
  }
}
