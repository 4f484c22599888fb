/** Lays out the inside of an open machine, from pods on top to NICs at the bottom. Pure. */
import type { DeviceView, MachineView, NamespaceView } from '../../worker/protocol.ts';
import { bottom, row, top, type Box, type LayoutNode, type Part, type Point, type Wire } from './geometry.ts';
import { bare, firstAddress, innerOf, rootOf, shorten } from './places.ts';
import { pipeline, PIPELINE } from './pipeline-layout.ts';

const PAD = 20;
const HEADER = 42;
const POD = { h: 54, gap: 12, perRow: 3, widest: 176 };
const VETH = 36;
const ROW = 28;
const GAP = 14;
/** Width of a bold letter of a pod's name, and of a machine's. */
const LETTER = 8.2;
const HEAD_LETTER = 8.6;
export const OPEN_WIDTH = PIPELINE.w + 2 * PAD;

interface Groups { readonly pods: readonly NamespaceView[]; readonly bridges: readonly DeviceView[]; readonly overlays: readonly DeviceView[]; readonly nics: readonly DeviceView[]; readonly veths: readonly DeviceView[] }

function groups(machine: MachineView, step: number | undefined): Groups {
  const devices = rootOf(machine)?.devices ?? [];
  return {
    pods: innerOf(machine, step),
    bridges: devices.filter((d) => d.kind === 'bridge'),
    overlays: devices.filter((d) => d.kind === 'vxlan' || d.kind === 'dummy'),
    nics: devices.filter((d) => d.kind === 'nic' || d.kind === 'vlan'),
    veths: devices.filter((d) => d.kind === 'veth'),
  };
}

const podRows = (n: number): number => Math.ceil(n / POD.perRow);

export function openSize(machine: MachineView, step: number | undefined): { readonly w: number; readonly h: number } {
  const g = groups(machine, step);
  const pods = podRows(g.pods.length);
  let h = HEADER + PAD + PIPELINE.h;
  if (pods > 0) h += pods * POD.h + (pods - 1) * POD.gap + VETH;
  if (g.bridges.length > 0) h += ROW + GAP;
  if (g.overlays.length > 0) h += GAP + ROW;
  if (g.nics.length > 0) h += GAP + ROW;
  return { w: OPEN_WIDTH, h };
}

export function layoutOpen(machine: MachineView, at: Point, hue: number, step: number | undefined): Part {
  const size = openSize(machine, step);
  const g = groups(machine, step);
  const nodes: LayoutNode[] = [];
  const wires: Wire[] = [];
  const anchors = new Map<string, Point>();
  const common = { machine: machine.id, small: false, open: true, hue, fine: [] };
  const x = at.x + PAD;
  const w = size.w - 2 * PAD;
  const deviceOfPeer = (id: string): DeviceView | undefined => g.veths.find((v) => v.peer === id || v.id === id);
  nodes.push({ ...common, id: machine.id, kind: 'machine', box: { ...at, ...size }, title: machine.name, detail: headDetail(machine, w), off: machine.off, label: `${machine.name}, ${machine.roleText}, ${machine.off ? 'switched off' : machine.address}, open` });
  anchors.set(machine.id, { x: at.x + size.w / 2, y: at.y + 21 });

  let y = at.y + HEADER;
  const podBoxes = new Map<string, Box>();
  const rows = podRows(g.pods.length);
  for (let r = 0; r < rows; r++) {
    const line = g.pods.slice(r * POD.perRow, (r + 1) * POD.perRow);
    // With several rows the lanes of the wires need room at the right, too.
    row(x, y, rows > 1 ? w - POD.gap : w, POD.h, line.length, POD.gap, POD.widest).forEach((box, i) => {
      const pod = line[i];
      if (pod !== undefined) podBoxes.set(pod.id, box);
    });
    y += POD.h + (r < rows - 1 ? POD.gap : VETH);
  }
  const bridgeBoxes = row(x, y, w, ROW, g.bridges.length, POD.gap);
  const bridgeTop = y;
  if (g.bridges.length > 0) y += ROW + GAP;
  const pipe = pipeline(machine, { x, y }, hue);
  const spine = new Map(pipe.spine);
  const pipeTop = y;
  y += PIPELINE.h;

  g.bridges.forEach((bridge, i) => {
    const box = bridgeBoxes[i];
    if (box === undefined) return;
    nodes.push(device(bridge, box, 'bridge', `bridge · ${firstAddress(bridge) || 'no address'}`, machine.id, hue));
    anchors.set(bridge.id, { x: pipe.entry.x, y: box.y + box.h / 2 });
    const entry = { x: pipe.entry.x, y: pipeTop };
    wires.push({ id: `${bridge.id}>in`, from: bridge.id, to: `${machine.id}/@PREROUTING`, kind: 'way', points: [{ x: entry.x, y: box.y + box.h / 2 }, { x: entry.x, y: box.y + box.h }, { x: entry.x, y: entry.y + 12 }] });
    wires.push({ id: `${bridge.id}<out`, from: `${machine.id}/@POSTROUTING`, to: bridge.id, kind: 'way', points: [pipe.north, { x: pipe.north.x, y: box.y + box.h / 2 }] });
  });

  g.pods.forEach((pod, i) => {
    const box = podBoxes.get(pod.id);
    if (box === undefined) return;
    const eth = pod.devices.find((d) => d.kind !== 'loopback');
    const address = bare(firstAddress(eth));
    nodes.push({ ...common, id: pod.id, kind: 'namespace', box, title: shorten(pod.label, Math.floor((box.w - 26) / LETTER)), detail: eth === undefined ? 'no network yet' : `${eth.name} ${address}`, label: `${pod.kind} ${pod.name || pod.label}${pod.kubeNamespace === undefined ? '' : ` in ${pod.kubeNamespace}`}, ${address}, on ${machine.name}`, fine: eth === undefined ? [] : [`${eth.mac} · mtu ${eth.mtu}`] });
    // Below the pod's words; at its host end, left of the wire, whose name stands at the right.
    const below = { x: box.x + box.w / 2, y: box.y + box.h + 5 };
    anchors.set(pod.id, below);
    const r = Math.floor(i / POD.perRow);
    const last = r === rows - 1;
    for (const inner of pod.devices) {
      anchors.set(inner.id, below);
      const host = inner.peer === undefined ? undefined : deviceOfPeer(inner.id) ?? deviceOfPeer(inner.peer);
      if (host === undefined) continue;
      // Wires of the upper rows pass right of the boxes below, each in a lane of its own.
      const down = last ? box.x + box.w / 2 : box.x + box.w + (POD.gap * (r + 1)) / rows;
      const start = last ? [bottom(box)] : [{ x: box.x + box.w, y: box.y + box.h / 2 }, { x: down, y: box.y + box.h / 2 }];
      const end = { x: down, y: host.master === undefined ? pipeTop : bridgeTop };
      wires.push({ id: inner.id, from: inner.id, to: host.id, kind: 'veth', points: [...start, end] });
      anchors.set(host.id, { x: end.x - 38, y: end.y - 10 });
      spine.set(host.id, { x: end.x, y: end.y - 4 });
      wires.push({ id: `${host.id}>up`, from: host.id, to: host.master ?? `${machine.id}/@PREROUTING`, kind: 'way', points: host.master === undefined ? [end] : [end, { x: end.x, y: bridgeTop + ROW / 2 }] });
      // Several rows leave no room for names: a ring on the wire, the name when pointed at.
      const ring = rows > 1;
      nodes.push({ ...common, id: host.id, kind: 'veth', box: ring ? { x: down - 5, y: end.y - 18 - (last ? 0 : 10), w: 10, h: 10 } : { x: down + 4, y: end.y - 22, w: 96, h: 20 }, title: ring ? '' : shortVeth(host.name), detail: '', small: ring, label: `veth ${host.name} of ${machine.name}, to ${shorten(pod.label)} ${inner.name}`, fine: [] });
    }
    wires.push({ id: `${pod.id}>dev`, from: pod.id, to: eth?.id ?? pod.id, kind: 'way', points: [] });
  });

  nodes.push(...pipe.nodes);
  wires.push(...pipe.wires);
  pipe.anchors.forEach((p, id) => anchors.set(id, p));

  const out = `${machine.id}/@POSTROUTING`;
  const into = `${machine.id}/@PREROUTING`;
  const stack = (list: readonly DeviceView[], kind: 'overlay' | 'nic'): void => {
    if (list.length === 0) return;
    y += GAP;
    const boxes = row(x, y, w, ROW, list.length, POD.gap, kind === 'overlay' && list.length === 1 ? w / 2 - POD.gap / 2 : Infinity);
    list.forEach((d, i) => {
      const box = boxes[i];
      if (box === undefined) return;
      nodes.push(device(d, box, kind, describe(d), machine.id, hue));
      // The capsule stands where it hides no text: right of a lone overlay device, on the wire of a NIC.
      const anchor = kind === 'nic' ? { x: box.x + box.w / 2, y: box.y + box.h + 9 } : { x: box.x + box.w * (list.length === 1 ? 1.18 : 0.8), y: box.y + box.h / 2 };
      anchors.set(d.id, anchor);
      const gap = box.y - GAP / 2;
      const west = at.x + PAD / 2;
      const east = at.x + size.w - PAD / 2;
      wires.push({ id: `${d.id}<out`, from: out, to: d.id, kind: 'way', points: [pipe.east, { x: east, y: pipe.east.y }, { x: east, y: gap }, { x: anchor.x, y: gap }] }, { id: `${d.id}>in`, from: d.id, to: into, kind: 'way', points: [{ x: anchor.x, y: gap }, { x: west, y: gap }, { x: west, y: pipe.west.y }, pipe.west] });
      const lower = d.lower === undefined ? undefined : nodes.find((n) => n.id === d.lower);
      if (lower !== undefined) wires.push({ id: `${d.id}>lower`, from: d.id, to: lower.id, kind: 'way', points: [] });
    });
    y += ROW;
  };
  stack(g.overlays, 'overlay');
  stack(g.nics, 'nic');
  const byId = new Map(nodes.map((n) => [n.id, n]));
  for (const overlay of g.overlays) {
    const a = byId.get(overlay.id);
    const b = overlay.lower === undefined ? undefined : byId.get(overlay.lower);
    if (a === undefined || b === undefined) continue;
    const lineX = Math.max(a.box.x, b.box.x) + 60;
    wires.push({ id: `${overlay.id}|lower`, from: overlay.id, to: b.id, kind: 'nic', points: [{ x: lineX, y: bottom(a.box).y }, { x: lineX, y: top(b.box).y }] });
  }
  return { nodes, wires, anchors, spine };
}

/** What the head has room for beside the name: the address before the role. */
function headDetail(machine: MachineView, w: number): string {
  if (machine.off) return 'switched off';
  const room = w - 84 - machine.name.length * HEAD_LETTER;
  const all = `${machine.roleText} · ${machine.address}`;
  return machine.address === '' ? machine.roleText : all.length * LETTER <= room ? all : machine.address;
}

export function device(d: DeviceView, box: Box, kind: 'bridge' | 'overlay' | 'nic', detail: string, machine: string, hue: number, small = false): LayoutNode {
  return { id: d.id, kind, box, machine, title: d.name, detail: small ? '' : detail, label: `${d.kind} ${d.name} of ${machine}${d.addresses.length > 0 ? `, ${d.addresses.join(', ')}` : ''}${d.up ? '' : ', down'}`, small, open: false, hue, fine: small ? [] : [`${d.mac} · mtu ${d.mtu}`] };
}

export const describe = (d: DeviceView): string => (d.kind === 'vxlan' ? `vxlan · ${bare(firstAddress(d))}` : firstAddress(d) || 'no address');
const shortVeth = (name: string): string => (name.length > 12 ? `${name.slice(0, 11)}…` : name);
