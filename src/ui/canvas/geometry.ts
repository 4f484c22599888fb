import type { PlaceId } from '../../worker/protocol.ts';

export interface Point { readonly x: number; readonly y: number }
export interface Box { readonly x: number; readonly y: number; readonly w: number; readonly h: number }

export type NodeKind = 'machine' | 'namespace' | 'bridge' | 'veth' | 'overlay' | 'nic' | 'pipeline' | 'hook' | 'route' | 'sockets' | 'segment' | 'hypervisor' | 'more';

/** A box to draw. `id` is a place of the protocol where there is one, so that selection and packets find it. */
export interface LayoutNode {
  readonly id: PlaceId;
  readonly kind: NodeKind;
  readonly box: Box;
  readonly machine: PlaceId;
  readonly title: string;
  readonly detail: string;
  /** Read out with the title; also the tooltip. */
  readonly label: string;
  /** In a closed machine: drawn small. */
  readonly small: boolean;
  readonly open: boolean;
  /** A machine without power. */
  readonly off?: boolean;
  /** Colour of the machine, 0..3, or -1 for what is outside the cluster. */
  readonly hue: number;
  /** Shown when zoomed in: MAC, MTU. */
  readonly fine: readonly string[];
}

/** A line between two places, drawn or (`way`) only travelled. */
export interface Wire {
  readonly id: string;
  readonly from: PlaceId;
  readonly to: PlaceId;
  readonly kind: 'veth' | 'nic' | 'flow' | 'way';
  readonly points: readonly Point[];
}

/** `spine`: where a trail passes a place whose anchor lies aside. */
export interface Part { readonly nodes: readonly LayoutNode[]; readonly wires: readonly Wire[]; readonly anchors: ReadonlyMap<PlaceId, Point>; readonly spine?: ReadonlyMap<PlaceId, Point> }

export const middle = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });
export const bottom = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h });
export const top = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y });

/** Splits a width into equal boxes with gaps. */
export function row(x: number, y: number, w: number, h: number, count: number, gap: number, widest = Infinity): readonly Box[] {
  const each = Math.min(widest, (w - gap * (count - 1)) / Math.max(1, count));
  const used = count * each + gap * (count - 1);
  const step = count > 1 && used < w ? (w - each) / (count - 1) : each + gap;
  return Array.from({ length: count }, (_, i) => ({ x: x + i * step, y, w: each, h }));
}

/** Leftmost x where `width` fits without touching any of the vertical lines or taken spans; across lines where nothing else is left. */
export function freeSlot(width: number, from: number, to: number, lines: readonly number[], taken: readonly (readonly [number, number])[] = []): number {
  const pad = 10;
  const stops = [from, ...lines.map((x) => x + pad), ...taken.map(([, end]) => end + pad)].filter((x) => x >= from).sort((a, b) => a - b);
  const roomy = stops.filter((x) => x + width <= to && taken.every(([a, b]) => b <= x || a >= x + width));
  const free = roomy.find((x) => lines.every((l) => l < x - pad / 2 || l > x + width + pad / 2));
  return free ?? roomy[0] ?? from;
}
