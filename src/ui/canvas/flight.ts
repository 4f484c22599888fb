/** Which packets are on the canvas at a step, and the marks they leave. Pure. */
import { indexAt } from '../state/playback.ts';
import type { PlaceId, TimelineEvent } from '../../worker/protocol.ts';

export interface Flight { readonly pkt: number; readonly event: TimelineEvent; readonly focus: boolean }

const MOST_OTHERS = 6;

/** The packet of the event under the playhead, and others between their first and last event. */
export function flightsAt(events: readonly TimelineEvent[], step: number): readonly Flight[] {
  const at = indexAt(events, step);
  const here = events[at];
  if (here === undefined) return [];
  const out: Flight[] = [];
  if (here.pkt !== 0 && here.place !== '') out.push({ pkt: here.pkt, event: here, focus: true });
  // Looking a little around the playhead is enough: packets live for few events.
  const seen = new Set([here.pkt, 0]);
  const later = new Set(events.slice(at + 1, at + 80).map((e) => e.pkt));
  for (let i = at - 1; i >= Math.max(0, at - 80) && out.length <= MOST_OTHERS; i--) {
    const e = events[i];
    if (e === undefined || seen.has(e.pkt)) continue;
    seen.add(e.pkt);
    if (later.has(e.pkt) && e.place !== '' && e.kind !== 'end' && e.kind !== 'drop') out.push({ pkt: e.pkt, event: e, focus: false });
  }
  return out;
}

/** The places the focused packet has been at, in order, without repeats. */
export function trailAt(events: readonly TimelineEvent[], step: number): readonly PlaceId[] {
  const at = indexAt(events, step);
  const here = events[at];
  if (here === undefined || here.pkt === 0) return [];
  const places: PlaceId[] = [];
  for (let i = Math.max(0, at - 400); i <= at; i++) {
    const e = events[i];
    if (e !== undefined && e.pkt === here.pkt && e.place !== '' && places.at(-1) !== e.place) places.push(e.place);
  }
  return places;
}

/** Drops up to the playhead, the newest few; they stay where the packet died. */
export function dropsAt(events: readonly TimelineEvent[], step: number, since: number): readonly TimelineEvent[] {
  const out: TimelineEvent[] = [];
  const flow = events[indexAt(events, step)]?.flow;
  for (let i = indexAt(events, step); i >= 0 && out.length < 3; i--) {
    const e = events[i];
    if (e === undefined || e.step < since) break;
    // Everybody hears an ARP broadcast and all but one drop it: worth a mark only while it is watched.
    if (e.kind === 'drop' && (e.layer !== 'arp' || e.flow === flow)) out.push(e);
  }
  return out;
}

/** Where the packet was just before: so that a capsule enters from there. */
export function placeBefore(events: readonly TimelineEvent[], event: TimelineEvent): PlaceId | undefined {
  for (let i = indexAt(events, event.step) - 1; i >= 0; i--) {
    const e = events[i];
    if (e?.pkt === event.pkt && e.place !== '') return e.place;
  }
  return undefined;
}

/** The last part of a title is what happened: `vm2 · nat PREROUTING · DNAT to …`. */
export const reasonOf = (title: string): string => title.split(' · ').slice(1).join(' · ') || title;
