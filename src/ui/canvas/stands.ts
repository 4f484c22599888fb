/** Where packets and the marks of drops stand when several share a place. Pure. */
import type { PlaceId, TimelineEvent } from '../../worker/protocol.ts';
import type { Flight } from './flight.ts';
import type { Point } from './geometry.ts';

type Anchor = (place: PlaceId) => Point | undefined;

export const HERE: Point = { x: 0, y: 0 };
/** A capsule's width and height with what keeps it from its neighbour. */
const WIDE = 74;
const HIGH = 26;
/** Half a capsule stays inside the drawing. */
const MARGIN = 48;

const spot = (p: Point): string => `${p.x} ${p.y}`;

/** By packet, how far from its anchor: side by side as far as the drawing goes, then below. */
export function spread(flights: readonly Flight[], anchor: Anchor, width: number): ReadonlyMap<number, Point> {
  const count = new Map<string, number>();
  return new Map(flights.map((f) => {
    const at = anchor(f.event.place) ?? HERE;
    const n = count.get(spot(at)) ?? 0;
    count.set(spot(at), n + 1);
    const columns = [0, WIDE, -WIDE].filter((x) => x === 0 || (at.x + x >= MARGIN && at.x + x <= width - MARGIN));
    return [f.pkt, { x: columns[n % columns.length] ?? 0, y: Math.floor(n / columns.length) * HIGH }];
  }));
}

export interface Mark { readonly event: TimelineEvent; readonly at: Point; readonly times: number }

/** One mark a place: the newest drop there, and how many were like it. */
export function marksOf(drops: readonly TimelineEvent[], anchor: Anchor): readonly Mark[] {
  const marks = new Map<string, Mark>();
  for (const event of drops) {
    const at = anchor(event.place);
    if (at === undefined) continue;
    const there = marks.get(spot(at));
    if (there === undefined) marks.set(spot(at), { event, at, times: 1 });
    else if (there.event.title === event.title && there.event.label === event.label) marks.set(spot(at), { ...there, times: there.times + 1 });
  }
  return [...marks.values()];
}
