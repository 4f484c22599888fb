/** The way a capsule takes between two places: along wires where there are any, else straight. Pure. */
import type { PlaceId } from '../../worker/protocol.ts';
import type { Point, Wire } from './geometry.ts';
import type { CanvasLayout } from './layout.ts';
import { machineOf, namespacePart } from './places.ts';

const LONGEST_WAY = 5;

export interface Ways { readonly anchor: (place: PlaceId) => Point | undefined; readonly between: (from: PlaceId, to: PlaceId) => readonly Point[]; readonly trail: (places: readonly PlaceId[]) => readonly Point[] }

const made = new WeakMap<CanvasLayout, Ways>();
/** Made once per drawing. */
export function waysOf(canvas: CanvasLayout): Ways {
  const known = made.get(canvas) ?? ways(canvas);
  made.set(canvas, known);
  return known;
}

export function ways(canvas: CanvasLayout): Ways {
  const links = new Map<PlaceId, { readonly to: PlaceId; readonly wire: Wire; readonly reverse: boolean }[]>();
  const link = (from: PlaceId, to: PlaceId, wire: Wire, reverse: boolean): void => {
    const list = links.get(from);
    if (list === undefined) links.set(from, [{ to, wire, reverse }]); else list.push({ to, wire, reverse });
  };
  for (const wire of canvas.wires) { link(wire.from, wire.to, wire, false); link(wire.to, wire.from, wire, true); }

  /** The nearest place that is drawn: itself, its namespace, its machine. */
  const known = (place: PlaceId): PlaceId | undefined => {
    if (canvas.anchors.has(place)) return place;
    const part = namespacePart(place);
    return [part, `${part}/`, part.replace(/\/$/, ''), `${machineOf(place)}/`, machineOf(place)].find((p) => canvas.anchors.has(p));
  };
  const anchor = (place: PlaceId): Point | undefined => { const k = known(place); return k === undefined ? undefined : canvas.anchors.get(k); };
  const isSegment = new Set(canvas.nodes.filter((n) => n.kind === 'segment').map((n) => n.id));

  const search = (from: PlaceId, to: PlaceId): readonly { readonly to: PlaceId; readonly wire: Wire; readonly reverse: boolean }[] | undefined => {
    const cameFrom = new Map<PlaceId, { readonly at: PlaceId; readonly hop: { readonly to: PlaceId; readonly wire: Wire; readonly reverse: boolean } } | undefined>([[from, undefined]]);
    let ring: PlaceId[] = [from];
    for (let depth = 0; depth < LONGEST_WAY && ring.length > 0; depth++) {
      const next: PlaceId[] = [];
      for (const at of ring) for (const hop of links.get(at) ?? []) {
        if (cameFrom.has(hop.to)) continue;
        cameFrom.set(hop.to, { at, hop });
        if (hop.to === to) {
          const path = [hop];
          for (let back = cameFrom.get(at); back !== undefined; back = cameFrom.get(back.at)) path.unshift(back.hop);
          return path;
        }
        next.push(hop.to);
      }
      ring = next;
    }
    return undefined;
  };

  const between = (fromPlace: PlaceId, toPlace: PlaceId): readonly Point[] => way(fromPlace, toPlace, canvas.anchors);
  /** Along everything a packet passed, on the line through the hooks, and down to where it stands. */
  const passed = new Map([...canvas.anchors, ...canvas.spine]);
  const trail = (places: readonly PlaceId[]): readonly Point[] => {
    const last = places.at(-1);
    const end = last === undefined ? undefined : anchor(last);
    return [...places.flatMap((p, i) => (i === 0 ? [] : way(places[i - 1] ?? p, p, passed))), ...(end === undefined || places.length < 2 ? [] : [end])];
  };
  const way = (fromPlace: PlaceId, toPlace: PlaceId, anchors: ReadonlyMap<PlaceId, Point>): readonly Point[] => {
    const from = known(fromPlace);
    const to = known(toPlace);
    const a = from === undefined ? undefined : anchors.get(from);
    const b = to === undefined ? undefined : anchors.get(to);
    if (from === undefined || to === undefined || a === undefined || b === undefined) return b === undefined ? [] : [b];
    if (from === to) return [a, b];
    const path = search(from, to) ?? [];
    const points: Point[] = [a];
    path.forEach((hop, i) => {
      points.push(...(hop.reverse ? [...hop.wire.points].reverse() : hop.wire.points));
      const spine = canvas.spine.get(hop.to);
      if (i < path.length - 1 && spine !== undefined) { points.push(spine); return; }
      const via = anchors.get(hop.to);
      // Along a bar the capsule slides from wire to wire; through a box it passes its anchor.
      if (i < path.length - 1 && via !== undefined && !isSegment.has(hop.to) && hop.wire.points.length === 0) points.push(via);
    });
    points.push(isSegment.has(to) ? { x: points.at(-1)?.x ?? b.x, y: b.y } : b);
    return points;
  };
  return { anchor, between, trail };
}

export interface Along { readonly length: number; readonly at: (share: number) => Point }

/** A polyline to move along at even speed. */
export function along(points: readonly Point[]): Along {
  const first = points[0] ?? { x: 0, y: 0 };
  const ends: number[] = [0];
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1] ?? first;
    const b = points[i] ?? first;
    ends.push((ends[i - 1] ?? 0) + Math.hypot(b.x - a.x, b.y - a.y));
  }
  const length = ends.at(-1) ?? 0;
  return {
    length,
    at: (share) => {
      const want = Math.max(0, Math.min(1, share)) * length;
      let i = 1;
      while (i < ends.length - 1 && (ends[i] ?? 0) < want) i++;
      const a = points[i - 1] ?? first;
      const b = points[i] ?? a;
      const span = (ends[i] ?? 0) - (ends[i - 1] ?? 0);
      const f = span === 0 ? 1 : (want - (ends[i - 1] ?? 0)) / span;
      return { x: a.x + (b.x - a.x) * f, y: a.y + (b.y - a.y) * f };
    },
  };
}

/** Slow start and end: a hop is seen to leave and to arrive. */
export const ease = (t: number): number => (t < 0.5 ? 4 * t * t * t : 1 - (-2 * t + 2) ** 3 / 2);
