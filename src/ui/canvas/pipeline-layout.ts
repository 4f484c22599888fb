/** The five netfilter hooks of an open machine, and the ways between them. */
import type { MachineView } from '../../worker/protocol.ts';
import { middle, type Box, type LayoutNode, type Part, type Point, type Wire } from './geometry.ts';
import { rootOf } from './places.ts';

export const PIPELINE = { w: 424, h: 206 };

const BOX = {
  PREROUTING: { x: 12, y: 12, w: 124, h: 104 },
  FORWARD: { x: 224, y: 12, w: 80, h: 104 },
  POSTROUTING: { x: 316, y: 12, w: 96, h: 104 },
  INPUT: { x: 78, y: 146, w: 88, h: 50 },
  OUTPUT: { x: 258, y: 146, w: 88, h: 50 },
} as const;
const ROUTE: Box = { x: 152, y: 38, w: 56, h: 52 };
const SOCKETS: Box = { x: 184, y: 155, w: 56, h: 32 };

const shift = (b: Box, by: Point): Box => ({ x: b.x + by.x, y: b.y + by.y, w: b.w, h: b.h });

export interface Pipeline extends Part {
  /** Where packets come in from the bridge above, and the points where ways in and out of the hooks begin. */
  readonly entry: Point;
  readonly west: Point;
  readonly east: Point;
  readonly north: Point;
  /** Middle of each hook on the line through the hooks: where a trail passes. */
  readonly spine: ReadonlyMap<string, Point>;
}

export function pipeline(machine: MachineView, at: Point, hue: number): Pipeline {
  const id = (hook: string): string => `${machine.id}/@${hook}`;
  const common = { machine: machine.id, small: false, open: true, hue, fine: [], detail: '' };
  const box = (b: Box): Box => shift(b, at);
  const move = (x: number, y: number): Point => ({ x: x + at.x, y: y + at.y });
  const root = rootOf(machine)?.id ?? `${machine.id}/`;
  const nodes: LayoutNode[] = [{ ...common, id: `${machine.id}/|netfilter`, kind: 'pipeline', box: { ...at, ...PIPELINE }, title: 'netfilter', label: `netfilter hooks of ${machine.name}` }];
  const anchors = new Map<string, Point>();
  const spine = new Map<string, Point>();
  for (const [hook, place] of Object.entries(BOX)) {
    const b = box(place);
    nodes.push({ ...common, id: id(hook), kind: 'hook', box: b, title: hook, label: `hook ${hook} of ${machine.name}` });
    anchors.set(id(hook), { x: b.x + b.w / 2, y: b.y + b.h });
    spine.set(id(hook), { x: b.x + b.w / 2, y: hook === 'INPUT' || hook === 'OUTPUT' ? b.y + b.h / 2 : at.y + 64 });
  }
  nodes.push({ ...common, id: `${machine.id}/@route`, kind: 'route', box: box(ROUTE), title: 'route', label: `routing decision of ${machine.name}` });
  nodes.push({ ...common, id: `${machine.id}/@socket`, kind: 'sockets', box: box(SOCKETS), title: 'sockets', label: `programs of ${machine.name}` });
  anchors.set(`${machine.id}/@route`, middle(box(ROUTE)));
  anchors.set(root, middle(box(SOCKETS)));
  anchors.set(`${machine.id}/@socket`, middle(box(SOCKETS)));

  const flow = (from: string, to: string, points: readonly Point[]): Wire => ({ id: `${from}>${to}`, from, to, kind: 'flow', points });
  const route = `${machine.id}/@route`;
  const sockets = `${machine.id}/@socket`;
  const wires = [
    flow(id('PREROUTING'), route, [move(136, 64), move(152, 64)]),
    flow(route, id('FORWARD'), [move(208, 64), move(224, 64)]),
    flow(id('FORWARD'), id('POSTROUTING'), [move(304, 64), move(316, 64)]),
    flow(route, id('INPUT'), [move(180, 90), move(180, 131), move(122, 131), move(122, 146)]),
    flow(id('INPUT'), sockets, [move(166, 171), move(184, 171)]),
    flow(sockets, id('OUTPUT'), [move(240, 171), move(258, 171)]),
    flow(id('OUTPUT'), id('POSTROUTING'), [move(346, 171), move(364, 171), move(364, 116)]),
  ];
  return { nodes, wires, anchors, spine, entry: move(BOX.PREROUTING.x + BOX.PREROUTING.w / 2, 0), west: move(BOX.PREROUTING.x, 64), east: move(BOX.POSTROUTING.x + BOX.POSTROUTING.w, 64), north: move(BOX.POSTROUTING.x + 48, BOX.POSTROUTING.y) };
}
