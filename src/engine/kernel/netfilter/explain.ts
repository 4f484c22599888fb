/** Why a rule did not match a packet: the first of its questions that the packet fails, in the order they are asked. Pure. */
import { protocolByNumber } from './services.ts';
import type { Snapshot } from './extension.ts';
import { dotted, maskText } from './options.ts';
import { matchOf } from './rule-text.ts';
import type { AddressMatch, DeviceMatch, Rule } from './ruleset.ts';

export type { Snapshot };

const bang = (invert: boolean): string => (invert ? '! ' : '');
const missesAddress = (m: AddressMatch, address: number): boolean => ((address ^ m.address) & m.mask) === 0 === m.invert;
const addressText = (m: AddressMatch): string => `${dotted(m.address)}/${maskText(m.mask)}`;

function missesDevice(m: DeviceMatch, name: string | undefined): boolean {
  const known = name ?? '';
  return (m.prefix ? known.startsWith(m.name) : known === m.name) === m.invert;
}
const deviceText = (m: DeviceMatch): string => `${m.name}${m.prefix ? '+' : ''}`;

/** `-d 10.43.0.1/32: destination is 10.43.180.238`; undefined: nothing that a snapshot tells speaks against a match. */
export function explainMiss(rule: Rule, packet: Snapshot): string | undefined {
  const { spec } = rule;
  const p = packet.net;
  if (p.kind !== 'ipv4') return 'not an IPv4 packet';
  if (spec.dst !== undefined && missesAddress(spec.dst, p.dst)) return `${bang(spec.dst.invert)}-d ${addressText(spec.dst)}: destination is ${dotted(p.dst)}`;
  if (spec.src !== undefined && missesAddress(spec.src, p.src)) return `${bang(spec.src.invert)}-s ${addressText(spec.src)}: source is ${dotted(p.src)}`;
  if (spec.protocol !== undefined && (p.protocol === spec.protocol.number) === spec.protocol.invert) {
    return `${bang(spec.protocol.invert)}-p ${protocolByNumber(spec.protocol.number)}: protocol is ${protocolByNumber(p.protocol)}`;
  }
  if (spec.iif !== undefined && missesDevice(spec.iif, packet.iif)) return `${bang(spec.iif.invert)}-i ${deviceText(spec.iif)}: in device is ${packet.iif ?? 'none'}`;
  if (spec.oif !== undefined && missesDevice(spec.oif, packet.oif)) return `${bang(spec.oif.invert)}-o ${deviceText(spec.oif)}: out device is ${packet.oif ?? 'none'}`;
  if (spec.fragment !== undefined && (p.offset > 0) === spec.fragment.invert) return `${bang(spec.fragment.invert)}-f: fragment offset is ${p.offset}`;
  for (const use of spec.matches) {
    const match = matchOf(use);
    const failed = match.explain?.(use.options, packet);
    if (failed !== undefined) return `-m ${use.name}${match.save(use.options) === '' ? '' : ` ${match.save(use.options)}`}: ${failed}`;
  }
  return undefined;
}
