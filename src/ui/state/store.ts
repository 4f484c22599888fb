/** The page's state, in slices. Animation frames never go through it: only whole steps do. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { detailSlice, type DetailSlice } from './detail-slice.ts';
import { editorSlice, type EditorSlice } from './editor-slice.ts';
import { playbackSlice, type PlaybackSlice } from './playback-slice.ts';
import { runSlice, type RunSlice } from './run-slice.ts';
import { terminalSlice, type TerminalSlice } from './terminal-slice.ts';
import { viewSlice, type ViewSlice } from './view-slice.ts';

export type AppState = RunSlice & PlaybackSlice & DetailSlice & TerminalSlice & EditorSlice & ViewSlice;
export type SetState = (partial: Partial<AppState> | ((state: AppState) => Partial<AppState>)) => void;
export type GetState = () => AppState;

export const createAppStore = () => createStore<AppState>()((set, get) => ({
  ...runSlice(set, get), ...playbackSlice(set, get), ...detailSlice(), ...terminalSlice(set), ...editorSlice(set), ...viewSlice(set),
}));
export type AppStore = ReturnType<typeof createAppStore>;

export const store = createAppStore();
export const useApp = <T>(pick: (state: AppState) => T): T => useStore(store, pick);
