/** A closed machine: its pods and devices as small chips. Hooks and sockets stand at its core, beside the bridge. Pure. */
import type { DeviceView, MachineView } from '../../worker/protocol.ts';
import { bottom, middle, row, type Box, type LayoutNode, type Part, type Point, type Wire } from './geometry.ts';
import { device, describe } from './machine-open.ts';
import { bare, firstAddress, INSIDE, innerOf, rootOf, shorten } from './places.ts';

export const CLOSED_WIDTH = 156;
const PAD = 14;
const HEADER = 38;
const CHIP = 24;
const GAP = 6;
const MOST = 3;
const POD = 36;
/** Widths of the header's letters, with the gap in between: an address that does not fit beside the name is left out. */
const LETTER = 7.6;
const DIGIT = 6.6;

interface Line { readonly kind: 'pod' | 'more' | 'bridge' | 'overlay' | 'nic'; readonly height: number }

function lines(machine: MachineView, step: number | undefined): readonly Line[] {
  const pods = innerOf(machine, step).length;
  const devices = rootOf(machine)?.devices ?? [];
  const out: Line[] = [];
  for (let i = 0; i < Math.min(pods, MOST); i++) out.push({ kind: 'pod', height: POD });
  if (pods > MOST) out.push({ kind: 'more', height: 16 });
  for (const d of devices) if (d.kind === 'bridge') out.push({ kind: 'bridge', height: CHIP });
  if (devices.some((d) => d.kind === 'vxlan' || d.kind === 'dummy')) out.push({ kind: 'overlay', height: CHIP });
  if (devices.some((d) => d.kind === 'nic' || d.kind === 'vlan')) out.push({ kind: 'nic', height: CHIP });
  return out;
}

export function closedSize(machine: MachineView, step: number | undefined): { readonly w: number; readonly h: number } {
  const all = lines(machine, step);
  return { w: CLOSED_WIDTH, h: HEADER + all.reduce((sum, l) => sum + l.height, 0) + GAP * Math.max(0, all.length - 1) + PAD };
}

export function layoutClosed(machine: MachineView, at: Point, hue: number, step: number | undefined, title = machine.name): Part {
  const size = closedSize(machine, step);
  const nodes: LayoutNode[] = [];
  const wires: Wire[] = [];
  const anchors = new Map<string, Point>();
  const common = { machine: machine.id, small: true, open: false, hue, fine: [] };
  const x = at.x + PAD;
  const w = size.w - 2 * PAD;
  // Capsules stand at the right end: names stand at the left one.
  const edge = at.x + size.w - PAD;
  const core: Point = { x: edge, y: at.y + size.h / 2 };
  const devices = rootOf(machine)?.devices ?? [];
  const root = rootOf(machine)?.id ?? `${machine.id}/`;
  const pods = innerOf(machine, step);
  nodes.push({ ...common, id: machine.id, kind: 'machine', box: { ...at, ...size }, title, detail: machine.off ? 'switched off' : title.length * LETTER + machine.address.length * DIGIT < w ? machine.address : '', off: machine.off, label: `${machine.name}, ${machine.roleText}, ${machine.off ? 'switched off' : machine.address}, closed` });
  anchors.set(machine.id, core);
  anchors.set(root, core);
  for (const hook of INSIDE) anchors.set(`${machine.id}/@${hook}`, core);

  let y = at.y + HEADER;
  const place = (height: number): Box => { const box = { x, y, w, h: height }; y += height + GAP; return box; };
  const bridgeOf = (d: DeviceView | undefined): string => devices.find((v) => v.kind === 'veth' && (v.peer === d?.id || v.id === d?.peer))?.master ?? root;
  pods.forEach((pod, i) => {
    const eth = pod.devices.find((d) => d.kind !== 'loopback');
    const address = bare(firstAddress(eth));
    const shown = i < MOST;
    const box = shown ? place(POD) : { x, y: y - GAP, w, h: 0 };
    if (shown) nodes.push({ ...common, id: pod.id, kind: 'namespace', box, title: shorten(pod.label, 17), detail: address, label: `${pod.kind} ${pod.name || pod.label}, ${address}, on ${machine.name}` });
    const anchor = { x: edge, y: box.y + box.h };
    anchors.set(pod.id, anchor);
    for (const d of pod.devices) {
      anchors.set(d.id, anchor);
      for (const host of devices) if (host.kind === 'veth' && (host.peer === d.id || host.id === d.peer)) anchors.set(host.id, { x: anchor.x, y: anchor.y + GAP });
      wires.push({ id: `${d.id}>br`, from: d.id, to: bridgeOf(d), kind: 'way', points: [] });
    }
    if (i === MOST) nodes.push({ ...common, id: `${machine.id}/|more`, kind: 'more', box: place(16), title: `+${pods.length - MOST} more`, detail: '', label: `${pods.length - MOST} more in ${machine.name}` });
  });
  for (const d of devices) {
    if (d.kind !== 'bridge') continue;
    const box = place(CHIP);
    nodes.push(device(d, box, 'bridge', describe(d), machine.id, hue, true));
    anchors.set(d.id, { x: edge, y: middle(box).y });
    wires.push({ id: `${d.id}>core`, from: d.id, to: root, kind: 'way', points: [] });
  }
  const stack = (list: readonly DeviceView[], kind: 'overlay' | 'nic'): void => {
    if (list.length === 0) return;
    const area = place(CHIP);
    const shares = list.length === 2 ? [list[0], list[1]].map((d) => Math.max(4, d?.name.length ?? 4)) : list.map(() => 1);
    const total = shares.reduce((a, b) => a + b, 0);
    let cx = area.x;
    row(area.x, area.y, area.w, area.h, list.length, GAP).forEach((_, i) => {
      const d = list[i];
      if (d === undefined) return;
      const cw = ((area.w - GAP * (list.length - 1)) * (shares[i] ?? 1)) / total;
      const box = { x: cx, y: area.y, w: cw, h: area.h };
      cx += cw + GAP;
      nodes.push(device(d, box, kind, describe(d), machine.id, hue, true));
      anchors.set(d.id, kind === 'nic' ? bottom(box) : { x: edge, y: middle(box).y });
      wires.push({ id: `${d.id}>core`, from: d.id, to: root, kind: 'way', points: [] });
      if (d.lower !== undefined) wires.push({ id: `${d.id}>lower`, from: d.id, to: d.lower, kind: 'way', points: [] });
    });
  };
  stack(devices.filter((d) => d.kind === 'vxlan' || d.kind === 'dummy'), 'overlay');
  stack(devices.filter((d) => d.kind === 'nic' || d.kind === 'vlan'), 'nic');
  for (const hook of INSIDE) wires.push({ id: `${machine.id}/@${hook}>core`, from: `${machine.id}/@${hook}`, to: root, kind: 'way', points: [] });
  return { nodes, wires, anchors };
}
