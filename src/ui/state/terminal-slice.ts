/** Which terminals are open. Their text lives in terminal/sessions.ts. */
import type { SetState } from './store.ts';

export interface TerminalTab { readonly id: string; readonly on: string; readonly busy: boolean;
  /** Commands that came to their end in it. */
  readonly finished: number }

export interface TerminalSlice {
  readonly tabs: readonly TerminalTab[];
  readonly activeTab: string | undefined;
  /** Moves whenever the terminal is to take the focus. */
  readonly terminalFocus: number;
  setTabs(tabs: readonly TerminalTab[], active: string | undefined): void;
  showTab(id: string): void;
  setBusy(id: string, busy: boolean): void;
}

export const terminalSlice = (set: SetState): TerminalSlice => ({
  tabs: [], activeTab: undefined, terminalFocus: 0,
  setTabs: (tabs, activeTab) => { set({ tabs, activeTab }); },
  showTab: (activeTab) => { set({ activeTab, drawer: true }); },
  setBusy: (id, busy) => { set((s) => ({ tabs: s.tabs.map((t) => (t.id === id && t.busy !== busy ? { ...t, busy, finished: t.finished + (busy ? 0 : 1) } : t)) })); },
});
