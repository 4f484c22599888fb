/** How the page is looked at: selection, panels, theme. */
import type { PlaceId } from '../../worker/protocol.ts';
import { trackOf } from './playback.ts';
import type { SetState } from './store.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type InspectorTab = 'packet' | 'why' | 'tables' | 'bytes';
/** On a narrow screen one panel shows at a time. */
export type NarrowPanel = 'lesson' | 'canvas' | 'inspector' | 'terminal';

export interface ViewSlice {
  readonly selected: PlaceId | undefined;
  readonly openMachines: ReadonlySet<PlaceId>;
  readonly tab: InspectorTab;
  readonly theme: ThemeChoice;
  readonly projector: boolean;
  readonly reducedMotion: boolean;
  readonly showNoise: boolean;
  readonly lesson: boolean;
  readonly inspector: boolean;
  readonly drawer: boolean;
  readonly narrow: NarrowPanel;
  readonly help: boolean;
  readonly finder: boolean;
  select(place: PlaceId | undefined): void;
  toggleMachine(machine: PlaceId): void;
  setShowNoise(on: boolean): void;
  setView(view: Partial<Pick<ViewSlice, 'tab' | 'theme' | 'projector' | 'reducedMotion' | 'lesson' | 'inspector' | 'drawer' | 'narrow' | 'help' | 'finder'>>): void;
}

/** In the large type of a projector a small screen has room for one side panel: the one that was asked for. */
const roomFor = (s: Pick<ViewSlice, 'projector' | 'lesson' | 'inspector'>, wantsLesson: boolean): Partial<ViewSlice> =>
  s.projector && s.lesson && s.inspector && globalThis.innerWidth < 1180 ? (wantsLesson ? { inspector: false } : { lesson: false }) : {};

export const viewSlice = (set: SetState): ViewSlice => ({
  selected: undefined, openMachines: new Set(), tab: 'packet', theme: 'system', projector: false, reducedMotion: false, showNoise: false,
  lesson: true, inspector: true, drawer: true, narrow: 'canvas', help: false, finder: false,
  select: (selected) => { set({ selected }); },
  toggleMachine: (machine) => { set((s) => {
    const openMachines = new Set(s.openMachines);
    if (!openMachines.delete(machine)) openMachines.add(machine);
    return { openMachines };
  }); },
  setShowNoise: (showNoise) => { set((s) => ({ showNoise, track: trackOf(s.events, showNoise) })); },
  setView: (view) => { set((s) => ({ ...view, ...roomFor({ ...s, ...view }, view.lesson === true) })); },
});
