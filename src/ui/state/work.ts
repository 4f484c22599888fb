/** A learner's work, kept in the browser: what was done, and what the terminals showed. */
import { del, get, set } from 'idb-keyval';
import type { Action } from '../../worker/protocol.ts';

export interface SavedTerminal { readonly id: string; readonly on: string; readonly prompt: string; readonly text: string; readonly history: readonly string[] }
export interface SavedWork { readonly version: 1; readonly seed: number; readonly actions: readonly Action[]; readonly terminals: readonly SavedTerminal[]; readonly active: string | undefined;
  /** By terminal: what stood changed in its editor. */
  readonly drafts?: Readonly<Record<string, string>> | undefined }

const key = (scenario: string): string => `vethlab/work/${scenario}`;

const isTerminal = (value: unknown): value is SavedTerminal =>
  typeof value === 'object' && value !== null && (['id', 'on', 'prompt', 'text'] as const).every((k) => typeof Reflect.get(value, k) === 'string') && Array.isArray(Reflect.get(value, 'history'));

const isWork = (value: unknown): value is SavedWork =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'seed' in value && typeof value.seed === 'number' && 'actions' in value && Array.isArray(value.actions) && 'terminals' in value && Array.isArray(value.terminals);

/** A browser without storage (private window) works, and forgets. */
export const loadWork = async (scenario: string): Promise<SavedWork | undefined> => {
  try { const value: unknown = await get(key(scenario)); return isWork(value) ? { ...value, terminals: value.terminals.filter(isTerminal) } : undefined; } catch { return undefined; }
};
export const saveWork = async (scenario: string, work: SavedWork): Promise<boolean> => {
  try { await set(key(scenario), work); return true; } catch { return false; }
};
export const dropWork = async (scenario: string): Promise<void> => { try { await del(key(scenario)); } catch { /* nothing was kept */ } };
