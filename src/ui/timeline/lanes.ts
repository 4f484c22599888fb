/** Lanes and ticks of the timeline: pure functions from events to what is drawn where. */
import type { EventKind, TimelineEvent } from '../../worker/protocol.ts';

/** Shape says the kind together with the colour. */
export type Shape = 'bar' | 'diamond' | 'circle' | 'triangle' | 'square' | 'ring' | 'cross';
export interface Look { readonly shape: Shape; readonly token: string; readonly name: string }

export const LOOKS: Readonly<Record<EventKind, Look>> = {
  link: { shape: 'bar', token: '--tick-link', name: 'device' },
  bridge: { shape: 'bar', token: '--tick-bridge', name: 'bridge' },
  route: { shape: 'diamond', token: '--tick-route', name: 'route' },
  hook: { shape: 'square', token: '--tick-hook', name: 'hook' },
  rule: { shape: 'square', token: '--tick-hook', name: 'rule' },
  conntrack: { shape: 'circle', token: '--tick-nat', name: 'conntrack' },
  nat: { shape: 'triangle', token: '--tick-nat', name: 'NAT' },
  neigh: { shape: 'ring', token: '--tick-neigh', name: 'neighbour' },
  encap: { shape: 'ring', token: '--tick-encap', name: 'encapsulation' },
  socket: { shape: 'circle', token: '--tick-socket', name: 'socket' },
  drop: { shape: 'cross', token: '--tick-drop', name: 'drop' },
  end: { shape: 'circle', token: '--tick-socket', name: 'end' },
  table: { shape: 'square', token: '--tick-quiet', name: 'table' },
  process: { shape: 'diamond', token: '--tick-quiet', name: 'process' },
  control: { shape: 'bar', token: '--tick-quiet', name: 'control plane' },
};

/** Namespaces in the order in which they first appear; at most `most`, the busiest kept. What happens on a wire is in no namespace. */
export function lanesOf(events: readonly TimelineEvent[], most: number): readonly number[] {
  const count = new Map<number, number>();
  for (const e of events) if (e.ns !== 0) count.set(e.ns, (count.get(e.ns) ?? 0) + 1);
  const order = [...count.keys()];
  if (order.length <= most) return order;
  const kept = new Set([...count].sort((a, b) => b[1] - a[1]).slice(0, most).map(([ns]) => ns));
  return order.filter((ns) => kept.has(ns));
}

/** The window of the timeline, in event indices: `from` to `to`, fractional while zooming. */
export interface Window { readonly from: number; readonly to: number }

const LEAST = 8;

/** Room for the zoom buttons beside the lanes. */
export const RIGHT = 38;

export const whole = (count: number): Window => ({ from: 0, to: Math.max(1, count) });

export function zoomed(window: Window, by: number, around: number, count: number): Window {
  const span = Math.max(Math.min(LEAST, count), Math.min(Math.max(1, count), (window.to - window.from) * by));
  const share = (around - window.from) / Math.max(1e-9, window.to - window.from);
  return clamped({ from: around - share * span, to: around + (1 - share) * span }, count);
}

export function clamped(window: Window, count: number): Window {
  const span = Math.min(Math.max(1, count), window.to - window.from);
  const from = Math.max(0, Math.min(Math.max(1, count) - span, window.from));
  return { from, to: from + span };
}

/** Moves the window so that an index is seen, and no further. */
export function showing(window: Window, index: number, count: number): Window {
  const margin = Math.min(2, (window.to - window.from) / 8);
  if (index < window.from + margin) return clamped({ from: index - margin, to: index - margin + window.to - window.from }, count);
  if (index + 1 > window.to - margin) return clamped({ from: index + 1 + margin - (window.to - window.from), to: index + 1 + margin }, count);
  return window;
}

export const xOf = (index: number, window: Window, left: number, width: number): number => left + ((index + 0.5 - window.from) / (window.to - window.from)) * width;
export const indexOf = (x: number, window: Window, left: number, width: number): number => Math.floor(window.from + ((x - left) / Math.max(1, width)) * (window.to - window.from));
