/**
 * Where everything on the canvas stands: a pure, deterministic function of the topology and of which machines are open.
 * Machines in columns on a common base line; closed ones share a column; segments as bars below; the hypervisor on the bars.
 */
import type { MachineView, PlaceId, Topology } from '../../worker/protocol.ts';
import { freeSlot, type LayoutNode, type Part, type Point, type Wire } from './geometry.ts';
import { closedSize, layoutClosed } from './machine-closed.ts';
import { layoutOpen, openSize } from './machine-open.ts';
import { INSIDE, machineName, rootOf, segmentOf, segmentPlace } from './places.ts';

export interface CanvasLayout extends Part { readonly spine: ReadonlyMap<PlaceId, Point>; readonly width: number; readonly height: number }

const COLUMN_GAP = 26;
const STACK_GAP = 26;
const TO_BARS = 42;
const BAR_GAP = 50;
const HYPERVISOR = { w: 222, h: 30 };
const HYPERVISOR_GAP = 11;

interface Column { readonly machines: readonly MachineView[]; readonly w: number; readonly h: number }

export function layout(topology: Topology, open: ReadonlySet<PlaceId>, step?: number): CanvasLayout {
  const machines = topology.machines.filter((m) => m.role !== 'hypervisor');
  const columns = columnsOf(machines, open, step);
  const base = Math.max(0, ...columns.map((c) => c.h));
  const nodes: LayoutNode[] = [];
  const wires: Wire[] = [];
  const anchors = new Map<PlaceId, Point>();
  const spine = new Map<PlaceId, Point>();
  const add = (part: Part): void => { nodes.push(...part.nodes); wires.push(...part.wires); part.anchors.forEach((p, id) => anchors.set(id, p)); part.spine?.forEach((p, id) => spine.set(id, p)); };
  const bars = new Map(topology.segments.map((s, i) => [s.id, base + TO_BARS + i * BAR_GAP]));
  let x = 0;
  for (const column of columns) {
    // Wires of the machines above pass left of those below.
    const gutters = column.machines.slice(0, -1).reduce((n, m) => n + attached(m, bars).length, 0);
    let gutter = x + 2;
    if (gutters > 0) x += gutters * 9;
    let y = base - column.h;
    column.machines.forEach((machine, i) => {
      const hue = machine.role === 'external' ? -1 : machines.filter((m) => m.role !== 'external').indexOf(machine) % 4;
      const size = open.has(machine.id) ? openSize(machine, step) : closedSize(machine, step);
      const part = open.has(machine.id) ? layoutOpen(machine, { x, y }, hue, step) : layoutClosed(machine, { x, y }, hue, step, machineName(topology, machine.name));
      add(part);
      const lowest = i === column.machines.length - 1;
      for (const { device, segment, barY } of attached(machine, bars)) {
        const box = part.nodes.find((n) => n.id === device)?.box;
        if (box === undefined) continue;
        const sx = box.x + box.w / 2;
        const sy = box.y + box.h;
        const turn = y + size.h + 8;
        const points = lowest ? [{ x: sx, y: sy }, { x: sx, y: barY }] : [{ x: sx, y: sy }, { x: sx, y: turn }, { x: gutter, y: turn }, { x: gutter, y: barY }];
        if (!lowest) gutter += 9;
        wires.push({ id: `${device}|${segment}`, from: device, to: segment, kind: 'nic', points });
      }
      y += size.h + STACK_GAP;
    });
    x += column.w + COLUMN_GAP;
  }
  const width = Math.max(360, x - COLUMN_GAP);
  add(barsPart(topology, bars, width, wires));
  // Below the last bar stands its label, below the first the hypervisor.
  const below = Math.max(34 + Math.max(0, topology.segments.length - 1) * BAR_GAP, topology.machines.some((m) => m.role === 'hypervisor') ? HYPERVISOR_GAP + HYPERVISOR.h + 6 : 0);
  return { nodes, wires, anchors, spine, width, height: base + TO_BARS + below };
}

function columnsOf(machines: readonly MachineView[], open: ReadonlySet<PlaceId>, step: number | undefined): readonly Column[] {
  const size = (m: MachineView): { readonly w: number; readonly h: number } => (open.has(m.id) ? openSize(m, step) : closedSize(m, step));
  const tallest = Math.max(0, ...machines.map((m) => size(m).h));
  const columns: Column[] = [];
  for (const machine of machines) {
    const { w, h } = size(machine);
    const last = columns.at(-1);
    const fits = last !== undefined && !open.has(machine.id) && last.machines.every((m) => !open.has(m.id)) && last.h + STACK_GAP + h <= tallest;
    if (fits) columns[columns.length - 1] = { machines: [...last.machines, machine], w: Math.max(last.w, w), h: last.h + STACK_GAP + h };
    else columns.push({ machines: [machine], w, h });
  }
  return columns;
}

const attached = (machine: MachineView, bars: ReadonlyMap<string, number>): readonly { readonly device: PlaceId; readonly segment: string; readonly barY: number }[] =>
  (rootOf(machine)?.devices ?? []).flatMap((d, _, all) => {
    const segment = segmentOf(d, all, (s) => bars.has(s));
    const barY = segment === undefined ? undefined : bars.get(segment);
    return barY === undefined || segment === undefined ? [] : [{ device: d.id, segment: segmentPlace(segment), barY }];
  });

function barsPart(topology: Topology, bars: ReadonlyMap<string, number>, width: number, drawn: readonly Wire[]): Part {
  const nodes: LayoutNode[] = [];
  const wires: Wire[] = [];
  const anchors = new Map<PlaceId, Point>();
  const taken: [number, number][] = [];
  const common = { small: false, open: false, hue: -1, fine: [] };
  const crossing = (y: number): readonly number[] => drawn.filter((w) => w.kind === 'nic').flatMap((w) => w.points.filter((p) => p.y > y + 1).map((p) => p.x));
  topology.segments.forEach((s, i) => {
    const y = bars.get(s.id) ?? 0;
    const text = `${s.label} · ${s.cidr}`;
    const slot = freeSlot(text.length * 6.6, 4, width, crossing(y));
    if (i === 0) taken.push([slot, slot + text.length * 6.6]);
    nodes.push({ ...common, id: segmentPlace(s.id), kind: 'segment', machine: '', box: { x: 0, y: y - 4, w: width, h: 30 }, title: s.label, detail: s.cidr, label: `network ${text}`, fine: [String(slot)] });
    anchors.set(segmentPlace(s.id), { x: width / 2, y });
  });
  const first = Math.min(...bars.values());
  for (const h of topology.machines.filter((m) => m.role === 'hypervisor')) {
    const x = freeSlot(HYPERVISOR.w, 4, width, crossing(first), taken);
    taken.push([x, x + HYPERVISOR.w]);
    const box = { x, y: first + HYPERVISOR_GAP, ...HYPERVISOR };
    // Behind the name.
    const core = { x: box.x + box.w, y: box.y + box.h / 2 };
    nodes.push({ ...common, id: h.id, kind: 'hypervisor', machine: h.id, box, title: h.name, detail: h.address, label: `${h.name}, ${h.roleText}, ${h.address}` });
    anchors.set(h.id, core);
    const root = rootOf(h);
    for (const id of [root?.id ?? `${h.id}/`, ...INSIDE.map((k) => `${h.id}/@${k}`)]) {
      anchors.set(id, core);
      if (id !== root?.id && root !== undefined) wires.push({ id: `${id}>core`, from: id, to: root.id, kind: 'way', points: [] });
    }
    (root?.devices ?? []).forEach((d, i, all) => {
      const segment = segmentOf(d, all, (s) => bars.has(s));
      const barY = segment === undefined ? undefined : bars.get(segment);
      anchors.set(d.id, core);
      wires.push({ id: `${d.id}>core`, from: d.id, to: root?.id ?? h.id, kind: 'way', points: [] });
      if (barY === undefined || segment === undefined) return;
      const px = box.x + 40 + i * 24;
      wires.push({ id: `${d.id}|${segment}`, from: d.id, to: segmentPlace(segment), kind: 'nic', points: [{ x: px, y: barY < core.y ? box.y : box.y + box.h }, { x: px, y: barY }] });
    });
  }
  return { nodes, wires, anchors };
}
