import { dissect, dissectNetwork } from '../../engine/wire/dissect.ts';
import { emitFrame, type PartialChecksum } from '../../engine/wire/frame.ts';
import { emitIpv4 } from '../../engine/wire/ipv4.ts';
import type { LayerView as WireLayer } from '../../engine/wire/layer-view.ts';
import type { EthernetHeader, NetworkLayer } from '../../engine/wire/packet.ts';
import type { Step } from '../../engine/trace/steps.ts';
import type { LayerView, StepDetail, TableView, TimelineEvent } from '../../worker/protocol.ts';
import type { Inspector } from '../inspector.ts';
import { chainTable } from '../views/chains.ts';
import { decidingRow, ruleBehind } from '../views/hits.ts';
import { plainTables } from '../views/tables.ts';
import { reason } from './reason.ts';

interface Shown {
  readonly layers: readonly WireLayer[];
  readonly bytes: Uint8Array;
}

const EMPTY: Shown = { layers: [], bytes: new Uint8Array() };

function show(mac: EthernetHeader | undefined, net: NetworkLayer, partial: PartialChecksum): Shown {
  if (mac !== undefined) {
    const frame = { kind: 'ethernet', header: mac, payload: net } as const;
    return { layers: dissect(frame, { partialChecksum: partial }), bytes: emitFrame(frame, { partialChecksum: partial }) };
  }
  if (net.kind !== 'ipv4') return EMPTY;
  const bytes = emitIpv4(net);
  return { layers: dissectNetwork(net, bytes), bytes };
}

/** Pairs layers from the inside out, so that a header put around the packet does not shift the comparison. */
function withChanges(now: readonly WireLayer[], before: readonly WireLayer[]): LayerView[] {
  return now.map((layer, i) => {
    const same = before[before.length - (now.length - i)];
    const old = same?.layer === layer.layer ? new Map(same.fields.map((f) => [f.name, f.value])) : undefined;
    return { ...layer, fields: layer.fields.map((f) => ({ ...f, was: old !== undefined && old.has(f.name) && old.get(f.name) !== f.value ? old.get(f.name) : undefined })) };
  });
}

/** `13:09:28.510565` */
function clock(epochMillis: number, t: number): string {
  const micros = Math.floor(t / 1e3);
  const date = new Date(epochMillis + Math.floor(micros / 1e3));
  return `${date.toISOString().slice(11, 19)}.${String(Math.floor((epochMillis * 1e3 + micros) % 1e6)).padStart(6, '0')}`;
}

/** Tables that matter for a step: the one that decided, then those that changed. */
function relevant(inspector: Inspector, step: Step): readonly TableView[] {
  const all = plainTables(inspector, step.ns, step);
  const won = decidingRow(inspector, step);
  const rule = step.kind === 'rule' ? step : step.kind === 'nat' ? ruleBehind(inspector, step) : undefined;
  const chain = rule === undefined ? undefined : chainTable(inspector, rule);
  const deciding = chain ?? all.find((t) => t.id === won?.table);
  const changed = all.filter((t) => t !== deciding && t.id !== deciding?.id && t.rows.some((r) => r.mark !== undefined));
  const conntrack = all.find((t) => t.id === `${step.ns}/conntrack`);
  const list = [...(deciding === undefined ? [] : [deciding]), ...changed];
  if (conntrack !== undefined && !list.includes(conntrack) && ['rule', 'hook', 'nat', 'hook-end'].includes(step.kind)) list.push(conntrack);
  return list;
}

export function detail(inspector: Inspector, step: Step, event: Pick<TimelineEvent, 'title' | 'place'> | undefined): StepDetail {
  const ofPacket = 'pkt' in step && step.kind !== 'table';
  const shown = ofPacket ? show(step.mac, step.net, step.kind === 'tx' && step.partialChecksum) : EMPTY;
  const earlier = ofPacket ? (step.kind === 'nat' ? show(step.mac, step.before, false) : ((previous) => (previous !== undefined && 'net' in previous ? show(previous.mac, previous.net, false) : EMPTY))(inspector.previous(step))) : EMPTY;
  return {
    step: step.i, t: step.t, clock: clock(inspector.lab.world.epochMillis, step.t), nsId: step.ns,
    heading: `${ofPacket ? `Packet #${step.pkt} · ` : ''}${event?.title ?? step.kind}`,
    reason: reason(inspector, step),
    layers: withChanges(shown.layers, earlier.layers), bytes: shown.bytes,
    tables: relevant(inspector, step), place: event?.place ?? '',
  };
}
