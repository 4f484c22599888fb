import { describe, expect, it } from 'vitest';
import { curl, lost } from '../testing/fake-run.ts';
import { topology } from '../testing/fake-topology.ts';
import { dropsAt, flightsAt, placeBefore, trailAt } from './flight.ts';
import { freeSlot, type Box } from './geometry.ts';
import { hookTables, walkedAt } from './hook-view.ts';
import { layout } from './layout.ts';
import { find, laneName, machineName, nsOf, segmentOf, shorten } from './places.ts';
import { shortener } from './short-names.ts';
import { along, ease, ways } from './travel.ts';

const open = (...ids: string[]) => layout(topology, new Set(ids));
const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.w - 0.01 && b.x < a.x + a.w - 0.01 && a.y < b.y + b.h - 0.01 && b.y < a.y + a.h - 0.01;
const inside = (a: Box, b: Box): boolean => a.x >= b.x - 0.01 && a.y >= b.y - 0.01 && a.x + a.w <= b.x + b.w + 0.01 && a.y + a.h <= b.y + b.h + 0.01;

describe('layout', () => {
  const cases: [string, string[]][] = [['all closed', []], ['vm2 open', ['vm2']], ['two open', ['vm1', 'vm2']], ['all open', ['vm1', 'vm2', 'vm3', 'vm-ext']]];
  it.each(cases)('%s: machines do not touch, and hold what is in them', (_, ids) => {
    const l = open(...ids);
    const machines = l.nodes.filter((n) => n.kind === 'machine');
    for (const a of machines) for (const b of machines) if (a.id < b.id) expect(overlap(a.box, b.box), `${a.id} and ${b.id}`).toBe(false);
    for (const n of l.nodes) {
      const machine = machines.find((m) => m.id === n.machine);
      if (machine !== undefined) expect(inside(n.box, machine.box), `${n.id} in ${machine.id}`).toBe(true);
    }
  });
  it.each(cases)('%s: siblings do not overlap', (_, ids) => {
    const leaves = open(...ids).nodes.filter((n) => !['machine', 'pipeline', 'segment', 'veth'].includes(n.kind));
    for (const a of leaves) for (const b of leaves) if (a.id < b.id) expect(overlap(a.box, b.box), `${a.id} and ${b.id}`).toBe(false);
  });
  it('holds the hypervisor also with one network only', () => {
    const l = layout({ ...topology, segments: topology.segments.slice(0, 1) }, new Set(['vm2']));
    const box = l.nodes.find((n) => n.kind === 'hypervisor')?.box;
    expect(box).toBeDefined();
    expect((box?.y ?? 0) + (box?.h ?? 0)).toBeLessThan(l.height);
  });
  it.each([
    ['my-cluster-control-plane', '…control-plane'], ['my-cluster-worker', '…worker'], ['workstation', 'workstation'],
  ])('long names lose what they share: %s', (name, shown) => {
    const [first] = topology.machines;
    const named = first === undefined ? [] : ['my-cluster-control-plane', 'my-cluster-worker', 'workstation'].map((n) => ({ ...first, name: n }));
    expect(machineName({ ...topology, machines: named }, name)).toBe(shown);
  });
  it('is the same every time', () => { expect(open('vm2')).toEqual(open('vm2')); });
  it('has an anchor for every namespace, device and hook, and ids once', () => {
    const l = open('vm2');
    for (const m of topology.machines) for (const n of m.namespaces) {
      expect(l.anchors.has(n.id), n.id).toBe(true);
      for (const d of n.devices) if (d.kind !== 'loopback') expect(l.anchors.has(d.id), d.id).toBe(true);
    }
    expect(new Set(l.nodes.map((n) => n.id)).size).toBe(l.nodes.length);
  });
  it('stands every machine on one base line, in the order of the scenario', () => {
    const l = open('vm2');
    const box = (id: string) => l.nodes.find((n) => n.id === id)?.box ?? { x: 0, y: 0, w: 0, h: 0 };
    expect(box('vm1').y + box('vm1').h).toBe(box('vm2').y + box('vm2').h);
    expect(box('vm1').x).toBeLessThan(box('vm2').x);
  });
  it('ends every NIC wire on its bar', () => {
    const l = open('vm2');
    for (const w of l.wires) if (w.kind === 'nic' && l.nodes.some((n) => n.id === w.to && n.kind === 'segment')) expect(w.points.at(-1)?.y).toBe(l.anchors.get(w.to)?.y);
  });
  it('hides a pod before it is there', () => {
    const late = { ...topology, machines: topology.machines.map((m) => ({ ...m, namespaces: m.namespaces.map((n) => (n.label === 'nginx-2' ? { ...n, since: 50 } : n)) })) };
    const labels = (step: number) => layout(late, new Set(['vm2']), step).nodes.map((n) => n.title);
    expect(labels(49)).not.toContain('nginx-2');
    expect(labels(50)).toContain('nginx-2');
  });
  it('finds room between lines', () => { expect(freeSlot(50, 0, 300, [20, 60, 200])).toBe(70); });
});

describe('ways', () => {
  const l = open('vm2');
  const w = ways(l);
  it('knows a point for every place of the recording', () => { for (const e of curl(0, 0, 0)) expect(w.anchor(e.place), e.place).toBeDefined(); });
  it('starts and ends at the anchors', () => {
    const points = w.between('vm2/cni-21#eth0', 'vm2/#cni0');
    expect([points[0], points.at(-1)]).toEqual([w.anchor('vm2/cni-21#eth0'), w.anchor('vm2/#cni0')]);
  });
  it('goes down to the bar and up again between machines', () => {
    const bar = l.anchors.get('segment:mpqemubr0')?.y ?? 0;
    expect(Math.max(...w.between('vm2/#ens3', 'vm1/#ens3').map((p) => p.y))).toBe(bar);
  });
  it('an unknown device falls back to its namespace, an unknown machine to nothing', () => {
    expect(w.anchor('vm2/cni-21#tap9')).toEqual(w.anchor('vm2/cni-21'));
    expect(w.anchor('vm9/#eth0')).toBeUndefined();
  });
  it('walks a polyline evenly', () => {
    const path = along([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 30 }]);
    expect([path.length, path.at(0), path.at(0.5), path.at(1)]).toEqual([40, { x: 0, y: 0 }, { x: 10, y: 10 }, { x: 10, y: 30 }]);
    expect([ease(0), ease(0.5), ease(1)]).toEqual([0, 0.5, 1]);
  });
});

describe('flights', () => {
  const events = [...curl(0, 0, 0)];
  it('the packet under the playhead is in focus', () => { for (const e of events) expect(flightsAt(events, e.step)[0]).toMatchObject({ pkt: e.pkt, focus: true }); });
  it('the trail is where this packet was', () => {
    const dnat = events.find((e) => e.kind === 'nat' && e.label === 'SYN :80');
    expect(trailAt(events, dnat?.step ?? -1)).toEqual(['vm2/cni-21@socket', 'vm2/cni-21#eth0', 'vm2/#cni0', 'vm2/@PREROUTING']);
  });
  it('knows where it came from', () => { const e = events.find((x) => x.place === 'vm2/#cni0' && x.layer === 'dns'); expect(e === undefined ? '' : placeBefore(events, e)).toBe('vm2/cni-21#eth0'); });
  it('a drop stays after it happened, and is not there before', () => {
    const gone = [...lost(0, 0, 0)];
    expect(dropsAt(gone, 2, -1)).toHaveLength(0);
    expect(dropsAt([...gone, ...curl(4, 0, 1)], 20, -1)).toHaveLength(1);
  });
});

describe('hooks', () => {
  it('lists the tables that exist, in kernel order', () => { expect(hookTables('PREROUTING', ['nat/PREROUTING', 'raw/PREROUTING', 'nat/KUBE-SERVICES'])).toEqual(['raw', 'conntrack', 'nat']); });
  it('knows the table being walked', () => {
    const dnat = curl(0, 0, 0).find((e) => e.kind === 'nat' && !e.reply);
    expect(walkedAt('vm2/@PREROUTING', dnat, undefined)).toEqual({ table: 'nat', chain: undefined });
    expect(walkedAt('vm2/@FORWARD', dnat, undefined)).toBeUndefined();
  });
});

it('a VLAN device stands on the segment of its tag', () => {
  const device = (name: string, more: object) => ({ id: `vm/#${name}`, name, kind: 'nic' as const, addresses: [], mac: '', mtu: 1500, up: true, master: undefined, peer: undefined, lower: undefined, segment: undefined, ...more });
  const all = [device('ens3', { segment: 'br0' }), device('ens3.100', { kind: 'vlan', lower: 'vm/#ens3' })];
  const known = (s: string): boolean => s === 'br0' || s === 'br0.100';
  expect(all.map((d) => segmentOf(d, all, known))).toEqual(['br0', 'br0.100']);
  expect(all.map((d) => segmentOf(d, all, (s) => s === 'br0'))).toEqual(['br0', undefined]);
});

it.each([['test-pod', 'test-pod'], ['nginx-deployment-7c79c4bf97-gk7cj', 'nginx-…-gk7cj'], ['averyveryverylongname', 'averyveryverylongname'], ['nginx-zone1-7f8b84d998-p49gv', 'nginx-zone1-…-p49gv'], ['controllerofeverything-7f8b84d998-p49gv', 'controllerofe…-p49gv']])('shortens %s to %s', (label, short) => { expect(shorten(label)).toBe(short); });

it('places have names', () => {
  expect([find(topology, 'vm2/cni-21#eth0')?.namespace?.label, find(topology, 'vm2/@FORWARD')?.hook, nsOf(topology, 'vm2/@FORWARD'), nsOf(topology, 'vm2'), laneName(topology, 21), laneName(topology, 2)]).toEqual(['test-pod', 'FORWARD', 2, 2, 'test-pod', 'vm2']);
});

it('calls pods by their short names in sentences', () => {
  const long = topology.machines.flatMap((m) => m.namespaces).find((n) => n.kind === 'pod' && n.name.length > 20)?.name ?? '';
  expect(long).not.toBe('');
  expect(shortener(topology)(`${long} · delivered to tcp of ${long}`)).toBe(`${shorten(long)} · delivered to tcp of ${shorten(long)}`);
  expect(shortener(undefined)(long)).toBe(long);
});
