/** Stepping over the events of a run: pure functions of a sorted list and a step. */
import type { PlaceId, TimelineEvent } from '../../worker/protocol.ts';

/** What the timeline, the keys and the player step over: derived once per change of the run or of the filter. */
export interface Track {
  readonly visible: readonly TimelineEvent[];
  readonly hops: readonly TimelineEvent[];
  readonly hidden: number;
}

export function trackOf(events: readonly TimelineEvent[], showNoise: boolean): Track {
  const visible = showNoise ? events : events.filter((e) => !e.noise);
  return { visible, hops: visible.filter((e) => e.hop), hidden: events.reduce((n, e) => n + (e.noise ? 1 : 0), 0) };
}

/** {@link trackOf} of `events`, whose last ones are `fresh`, made from the track of those before them. */
export function longerTrack(track: Track, events: readonly TimelineEvent[], fresh: readonly TimelineEvent[], showNoise: boolean): Track {
  const more = trackOf(fresh, showNoise);
  return { visible: showNoise ? events : track.visible.concat(more.visible), hops: track.hops.concat(more.hops), hidden: track.hidden + more.hidden };
}

/** Index of the last event at or before `step`; -1 when there is none. */
export function indexAt(events: readonly TimelineEvent[], step: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.step ?? Infinity) <= step) low = middle + 1; else high = middle;
  }
  return low - 1;
}

export const eventAt = (events: readonly TimelineEvent[], step: number): TimelineEvent | undefined => events[indexAt(events, step)];

/** The step to stand at after one move forward, or undefined at the end. */
export const nextStep = (events: readonly TimelineEvent[], step: number): number | undefined => events[indexAt(events, step) + 1]?.step;

/** One move back: to the previous event, and from the first to `before`. */
export function previousStep(events: readonly TimelineEvent[], step: number): number | undefined {
  const at = indexAt(events, step);
  const here = events[at];
  if (here === undefined) return undefined;
  if (here.step < step) return here.step;
  return events[at - 1]?.step;
}

/** Whether a place is the selected one or inside it: `vm2` holds `vm2/`, `vm2/#cni0` and `vm2/cni-1#eth0`. */
export function within(place: PlaceId, selected: PlaceId): boolean {
  if (place === selected) return true;
  if (!selected.includes('/')) return place.startsWith(`${selected}/`);
  if (selected.endsWith('/')) return place.startsWith(`${selected}#`) || place.startsWith(`${selected}@`);
  return !selected.includes('#') && !selected.includes('@') && (place.startsWith(`${selected}#`) || place.startsWith(`${selected}@`) || place.startsWith(`${selected}/`));
}

export const eventsOf = (events: readonly TimelineEvent[], selected: PlaceId | undefined): readonly TimelineEvent[] =>
  selected === undefined ? events : events.filter((e) => within(e.place, selected));

/** Simulated time since the run's first event: `+0.214 ms`, `+12.003000 s`. */
export const formatSince = (nanos: number): string => (nanos < 1e9 ? `+${(nanos / 1e6).toFixed(3)} ms` : `+${(nanos / 1e9).toFixed(6)} s`);
