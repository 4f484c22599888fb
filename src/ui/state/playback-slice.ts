/** Where the playhead stands. `live`: it stands at now and goes with it; otherwise in the past, and terminals see that past. */
import { eventsOf, indexAt, nextStep, previousStep } from './playback.ts';
import type { GetState, SetState } from './store.ts';

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;

export interface PlaybackSlice {
  readonly step: number;
  readonly live: boolean;
  readonly playing: boolean;
  readonly speed: number;
  seek(step: number): void;
  hop(direction: 1 | -1): boolean;
  nudge(direction: 1 | -1): void;
  toStart(): void;
  toEnd(): void;
  setPlaying(playing: boolean): void;
  setSpeed(speed: number): void;
}

export const playbackSlice = (set: SetState, get: GetState): PlaybackSlice => ({
  step: -1, live: true, playing: false, speed: 1,

  seek: (step) => {
    const { head, track } = get();
    const clamped = Math.max(-1, Math.min(head, step));
    set({ step: clamped, live: clamped >= (track.visible.at(-1)?.step ?? head) });
  },
  hop: (direction) => {
    const { track, step, seek } = get();
    const to = direction === 1 ? nextStep(track.hops, step) : previousStep(track.hops, step);
    if (to === undefined) return false;
    seek(to);
    return true;
  },
  nudge: (direction) => {
    const { track, selected, step, seek } = get();
    const list = eventsOf(track.visible, selected);
    const to = direction === 1 ? nextStep(list, step) : previousStep(list, step);
    if (to !== undefined) seek(to);
  },
  toStart: () => {
    // The start of what is being watched first; once there, the start of everything.
    const { offer, step, track, seek } = get();
    const first = track.visible[0]?.step ?? -1;
    const from = offer?.from ?? first;
    seek(indexAt(track.visible, step) >= 0 && step > from ? from : first);
  },
  toEnd: () => { set((s) => ({ step: s.head, live: true, playing: false })); },
  setPlaying: (playing) => { set({ playing }); },
  setSpeed: (speed) => { set({ speed }); },
});
