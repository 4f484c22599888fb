/** The five netfilter hooks of an open machine, and the ways between them. */
import type { MachineView } from '../../worker/protocol.ts';
import { middle, type Box, type LayoutNode, type Part, type Point, type Wire } from './geometry.ts';
import { rootOf } from './places.ts';

export const PIPELINE = { w: 424, h: 206 };

const BOX = {
  PREROUTING: { x: 12, y: 12, w: 124, h: 118 },
  FORWARD: { x: 224, y: 12, w: 86, h: 118 },
  POSTROUTING: { x: 326, y: 12, w: 86, h: 118 },
  INPUT: { x: 88, y: 146, w: 88, h: 48 },
  OUTPUT: { x: 276, y: 146, w: 88, h: 48 },
} as const;
const ROUTE: Box = { x: 152, y: 45, w: 56, h: 52 };
const SOCKETS: Box = { x: 194, y: 154, w: 64, h: 32 };

const shift = (b: Box, by: Point): Box => ({ x: b.x + by.x, y: b.y + by.y, w: b.w, h: b.h });

export function pipeline(machine: MachineView, at: Point, hue: number): Part & { readonly entry: Point } {
  const id = (hook: string): string => `${machine.id}/@${hook}`;
  const common = { machine: machine.id, small: false, open: true, hue, fine: [], detail: '' };
  const box = (b: Box): Box => shift(b, at);
  const move = (x: number, y: number): Point => ({ x: x + at.x, y: y + at.y });
  const root = rootOf(machine)?.id ?? `${machine.id}/`;
  const nodes: LayoutNode[] = [{ ...common, id: `${machine.id}/|netfilter`, kind: 'pipeline', box: { ...at, ...PIPELINE }, title: 'netfilter', label: `netfilter hooks of ${machine.name}` }];
  const anchors = new Map<string, Point>();
  for (const [hook, place] of Object.entries(BOX)) {
    const b = box(place);
    nodes.push({ ...common, id: id(hook), kind: 'hook', box: b, title: hook, label: `hook ${hook} of ${machine.name}` });
    anchors.set(id(hook), { x: b.x + b.w / 2, y: b.y + b.h });
  }
  nodes.push({ ...common, id: `${machine.id}/|route`, kind: 'route', box: box(ROUTE), title: 'route', label: `routing decision of ${machine.name}` });
  nodes.push({ ...common, id: `${machine.id}/|sockets`, kind: 'sockets', box: box(SOCKETS), title: 'sockets', label: `programs of ${machine.name}` });
  anchors.set(`${machine.id}/|route`, middle(box(ROUTE)));
  anchors.set(root, { x: middle(box(SOCKETS)).x, y: middle(box(SOCKETS)).y });

  const flow = (from: string, to: string, points: readonly Point[]): Wire => ({ id: `${from}>${to}`, from, to, kind: 'flow', points });
  const route = `${machine.id}/|route`;
  const wires = [
    flow(id('PREROUTING'), route, [move(136, 71), move(152, 71)]),
    flow(route, id('FORWARD'), [move(208, 71), move(224, 71)]),
    flow(id('FORWARD'), id('POSTROUTING'), [move(310, 71), move(326, 71)]),
    flow(route, id('INPUT'), [move(180, 97), move(180, 138), move(150, 138), move(150, 146)]),
    flow(id('INPUT'), root, [move(176, 170), move(194, 170)]),
    flow(root, id('OUTPUT'), [move(258, 170), move(276, 170)]),
    flow(id('OUTPUT'), id('POSTROUTING'), [move(364, 170), move(369, 170), move(369, 130)]),
  ];
  return { nodes, wires, anchors, entry: move(BOX.PREROUTING.x + BOX.PREROUTING.w / 2, 0) };
}
