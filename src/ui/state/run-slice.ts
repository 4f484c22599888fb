/** The run as the worker told it so far. */
import type { Action, LabError, LabEvent, RunInfo, ScenarioInfo, TimelineEvent, Topology } from '../../worker/protocol.ts';
import { longerTrack, trackOf, type Track } from './playback.ts';
import type { GetState, SetState } from './store.ts';

export type Phase = 'idle' | 'opening' | 'ready' | 'failed';
export interface Progress { readonly text: string; readonly done: number; readonly total: number }
/** A command made packets: the page offers to play them. */
export interface Offer { readonly from: number; readonly hops: number; readonly command: string }

export interface RunSlice {
  readonly phase: Phase;
  readonly scenarioId: string | undefined;
  readonly scenario: ScenarioInfo | undefined;
  readonly seed: number | undefined;
  readonly story: string;
  readonly tries: RunInfo['tries'];
  readonly targets: RunInfo['targets'];
  readonly files: RunInfo['files'];
  readonly topology: Topology | undefined;
  readonly events: readonly TimelineEvent[];
  readonly track: Track;
  readonly head: number;
  readonly now: number;
  readonly actions: readonly Action[];
  /** Of the whole run as it was opened; undefined once it has grown. */
  readonly fingerprint: string | undefined;
  /** Whether the browser holds what was done; `never`: it stores nothing. */
  readonly saved: 'yes' | 'soon' | 'never';
  readonly progress: Progress | undefined;
  readonly failure: LabError | undefined;
  readonly notice: string | undefined;
  readonly offer: Offer | undefined;
  readonly command: string;
  opening(id: string): void;
  opened(info: RunInfo, actions: readonly Action[]): void;
  failed(error: LabError): void;
  grew(event: Extract<LabEvent, { kind: 'grew' }>): void;
}

const nothing = { visible: [], hops: [], hidden: 0 };

export const runSlice = (set: SetState, get: GetState): RunSlice => ({
  phase: 'idle', scenarioId: undefined, scenario: undefined, seed: undefined, story: '', tries: [], targets: [], files: [], topology: undefined, events: [], track: nothing,
  head: -1, now: 0, actions: [], fingerprint: undefined, saved: 'yes', progress: undefined, failure: undefined, notice: undefined, offer: undefined, command: '',

  opening: (id) => { set({ phase: 'opening', ...(get().scenarioId === id ? {} : { scenario: undefined, story: '', actions: [], seed: undefined, topology: undefined, events: [], track: nothing }), scenarioId: id, fingerprint: undefined, failure: undefined, progress: undefined, notice: undefined, offer: undefined, playing: false, detail: undefined, tables: undefined, chains: {} }); },

  opened: (info, actions) => {
    set({
      phase: 'ready', scenario: info.scenario, seed: info.seed, story: info.story, tries: info.tries, targets: info.targets, files: info.files, topology: info.topology, events: info.events,
      track: trackOf(info.events, get().showNoise), head: info.head, now: info.now, actions, fingerprint: info.fingerprint, progress: undefined, failure: undefined,
      openMachines: new Set(info.topology.machines.filter((m) => m.open).map((m) => m.id)), step: info.start, live: true, selected: undefined,
    });
  },

  failed: (error) => { set({ phase: 'failed', failure: error, playing: false, progress: undefined }); },

  grew: (event) => {
    const { events: old, track, showNoise, live, step, offer, command } = get();
    // A run that forked in the past sends what it has from there on.
    const keep = old.length > 0 && (old.at(-1)?.step ?? -1) >= event.from ? old.filter((e) => e.step < event.from) : old;
    const events = keep.concat(event.events);
    const hops = event.events.filter((e) => e.hop && !e.noise);
    const first = hops[0];
    const same = offer !== undefined && offer.command === command && offer.from < event.from;
    set({
      events, track: keep === old ? longerTrack(track, events, event.events, showNoise) : trackOf(events, showNoise), head: event.head, now: event.now, fingerprint: undefined,
      ...(event.topology === undefined ? {} : { topology: event.topology }),
      ...(live || step > event.head ? { step: event.head } : {}),
      ...(first === undefined ? {} : { offer: { from: same ? offer.from : first.step, hops: hops.length + (same ? offer.hops : 0), command } }),
    });
  },
});
