/** Every key of the page, once: the handler and the `?` dialog are made from this. */
import type { LabController } from '../state/lab-controller.ts';
import type { AppStore } from '../state/store.ts';

export interface KeyContext { readonly store: AppStore; readonly lab: LabController; readonly canvas: { focus(): void; fit(): void } | undefined }

export interface KeyBinding {
  /** KeyboardEvent.key values, lower case for letters. */
  readonly keys: readonly string[];
  readonly show: readonly string[];
  readonly group: 'Playback' | 'Canvas' | 'Panels';
  readonly does: string;
  readonly run: (context: KeyContext) => void;
}

const state = (c: KeyContext): ReturnType<AppStore['getState']> => c.store.getState();
const pause = (c: KeyContext): void => { if (state(c).playing) state(c).setPlaying(false); };

export const KEYS: readonly KeyBinding[] = [
  { keys: [' '], show: ['Space'], group: 'Playback', does: 'Play or pause; at the very start: run the suggested command and play it', run: (c) => { c.lab.play(); } },
  { keys: ['ArrowRight'], show: ['→'], group: 'Playback', does: 'Next hop', run: (c) => { pause(c); state(c).hop(1); } },
  { keys: ['ArrowLeft'], show: ['←'], group: 'Playback', does: 'Previous hop: the packet and every table go back', run: (c) => { pause(c); state(c).hop(-1); } },
  { keys: ['.'], show: ['.'], group: 'Playback', does: 'Next event (of the selected object)', run: (c) => { pause(c); state(c).nudge(1); } },
  { keys: [','], show: [','], group: 'Playback', does: 'Previous event (of the selected object)', run: (c) => { pause(c); state(c).nudge(-1); } },
  { keys: ['Home'], show: ['Home'], group: 'Playback', does: 'To the start', run: (c) => { pause(c); state(c).toStart(); } },
  { keys: ['End'], show: ['End'], group: 'Playback', does: 'To the end: now', run: (c) => { state(c).toEnd(); } },
  { keys: ['f'], show: ['F'], group: 'Canvas', does: 'Look at the selection; again: everything', run: (c) => { c.canvas?.focus(); } },
  { keys: ['0'], show: ['0'], group: 'Canvas', does: 'Fit everything', run: (c) => { c.canvas?.fit(); } },
  { keys: ['/'], show: ['/'], group: 'Canvas', does: 'Find an object', run: (c) => { state(c).setView({ finder: true }); } },
  { keys: ['Escape'], show: ['Esc'], group: 'Canvas', does: 'Clear the selection; leave the terminal', run: (c) => { state(c).select(undefined); } },
  { keys: ['q'], show: ['Q'], group: 'Panels', does: 'Terminal drawer open or closed', run: (c) => { state(c).setView({ drawer: !state(c).drawer }); } },
  { keys: ['t'], show: ['T'], group: 'Panels', does: 'Into the terminal', run: (c) => { state(c).setView({ drawer: true, narrow: 'terminal' }); c.store.setState((s) => ({ terminalFocus: s.terminalFocus + 1 })); } },
  { keys: ['p'], show: ['P'], group: 'Panels', does: 'Projector: larger type', run: (c) => { state(c).setView({ projector: !state(c).projector }); } },
  { keys: ['?'], show: ['?'], group: 'Panels', does: 'This table', run: (c) => { state(c).setView({ help: !state(c).help }); } },
];

export interface Press { readonly key: string; readonly ctrlKey: boolean; readonly metaKey: boolean; readonly altKey: boolean }

export const bindingFor = (press: Press): KeyBinding | undefined => {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return KEYS.find((b) => b.keys.includes(key));
};

export interface Focused { readonly tag: string; readonly type: string; readonly editable: boolean; readonly role: string; readonly inTerminal: boolean; readonly inDialog: boolean }

/** Whether a key belongs to what has the focus: a field, the terminal, a dialog, or a control that uses this very key itself. */
export function belongsToFocus(key: string, at: Focused): boolean {
  if (at.inTerminal || at.inDialog || at.editable) return true;
  if (at.tag === 'TEXTAREA' || at.tag === 'SELECT') return true;
  if (at.tag === 'INPUT') return at.type === 'range' ? ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key) : true;
  if (key === ' ') return at.tag === 'BUTTON' || at.tag === 'A' || at.tag === 'SUMMARY';
  if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)) return ['tab', 'menuitem', 'menuitemradio', 'slider', 'separator', 'radio'].includes(at.role);
  return false;
}
