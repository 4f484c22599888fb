/** Draws the timeline on a 2D canvas: thousands of ticks in one pass, none outside the window. */
import type { EventKind, TimelineEvent } from '../../worker/protocol.ts';
import { LOOKS, RIGHT, xOf, type Shape, type Window } from './lanes.ts';

export interface Palette { readonly ticks: ReadonlyMap<EventKind, string>; readonly line: string; readonly muted: string; readonly playhead: string; readonly panel: string; readonly font: string }
export interface Scene { readonly events: readonly TimelineEvent[]; readonly lanes: readonly { readonly ns: number; readonly name: string }[]; readonly window: Window; readonly width: number; readonly height: number; readonly left: number; readonly laneHeight: number; readonly playhead: number; readonly flow: number | undefined }

const TOP = 8;
/** Letters that fit left of a lane. */
export const LONGEST_NAME = 14;
export const laneY = (lane: number, laneHeight: number): number => TOP + lane * laneHeight + laneHeight / 2;

export function drawTimeline(c: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { events, lanes, window, width, height, left, laneHeight } = scene;
  const span = width - left - RIGHT;
  c.clearRect(0, 0, width, height);
  c.font = palette.font;
  c.textBaseline = 'middle';
  const row = new Map(lanes.map((l, i) => [l.ns, i]));
  c.strokeStyle = palette.line;
  c.lineWidth = 1;
  lanes.forEach((lane, i) => {
    const y = Math.round(laneY(i, laneHeight)) + 0.5;
    c.beginPath();
    c.moveTo(left, y);
    c.lineTo(width - RIGHT, y);
    c.stroke();
    c.fillStyle = palette.muted;
    c.fillText(lane.name.length > LONGEST_NAME ? `${lane.name.slice(0, LONGEST_NAME - 1)}…` : lane.name, 14, y);
  });
  const each = span / (window.to - window.from);
  const size = Math.max(3, Math.min(laneHeight * 0.62, 11, Math.max(3, each * 0.9)));
  let lastX = -9;
  let lastRow = -1;
  for (let i = Math.max(0, Math.floor(window.from)); i < Math.min(events.length, Math.ceil(window.to)); i++) {
    const e = events[i];
    const lane = e === undefined ? undefined : row.get(e.ns);
    if (e === undefined || lane === undefined) continue;
    const x = xOf(i, window, left, span);
    // Ticks closer than half a pixel in one lane would only be painted over each other.
    if (each < 0.5 && lane === lastRow && x - lastX < 0.5 && e.kind !== 'drop') continue;
    lastX = x;
    lastRow = lane;
    c.globalAlpha = scene.flow !== undefined && e.flow !== scene.flow ? 0.3 : e.reply ? 0.85 : 1;
    const color = palette.ticks.get(e.kind) ?? palette.muted;
    c.fillStyle = color;
    c.strokeStyle = color;
    tick(c, LOOKS[e.kind].shape, x, laneY(lane, laneHeight), size, Math.max(1.5, Math.min(each * 0.82, size * 2.2)), e.reply, palette.panel);
  }
  c.globalAlpha = 1;
  const x = Math.max(left, Math.min(width - RIGHT, xOf(scene.playhead, window, left, span)));
  if (events.length > 0 && scene.playhead >= window.from - 1 && scene.playhead <= window.to) {
    c.strokeStyle = palette.playhead;
    c.fillStyle = palette.playhead;
    c.lineWidth = 2;
    c.beginPath();
    c.moveTo(x, 4);
    c.lineTo(x, height - 4);
    c.stroke();
    c.beginPath();
    c.arc(x, 5, 4, 0, Math.PI * 2);
    c.fill();
  }
}

/** Replies are drawn hollow. */
function tick(c: CanvasRenderingContext2D, shape: Shape, x: number, y: number, size: number, wide: number, hollow: boolean, paper: string): void {
  const r = size / 2;
  c.beginPath();
  switch (shape) {
    case 'bar': c.roundRect(x - wide / 2, y - r * 0.8, wide, r * 1.6, Math.min(2.5, wide / 2)); break;
    case 'square': c.rect(x - Math.min(r, wide / 2), y - r, Math.min(size, wide), size); break;
    case 'circle': case 'ring': c.arc(x, y, r, 0, Math.PI * 2); break;
    case 'diamond': c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.1, y); c.lineTo(x, y + r * 1.2); c.lineTo(x - r * 1.1, y); c.closePath(); break;
    case 'triangle': c.moveTo(x, y - r * 1.15); c.lineTo(x + r * 1.2, y + r); c.lineTo(x - r * 1.2, y + r); c.closePath(); break;
    case 'cross': c.lineWidth = 2.4; c.moveTo(x - r, y - r); c.lineTo(x + r, y + r); c.moveTo(x + r, y - r); c.lineTo(x - r, y + r); c.stroke(); return;
  }
  if (size < 4) { c.fill(); return; }
  if (hollow || shape === 'ring') { const color = c.fillStyle; c.fillStyle = paper; c.fill(); c.fillStyle = color; c.lineWidth = 1.6; c.stroke(); } else c.fill();
}
