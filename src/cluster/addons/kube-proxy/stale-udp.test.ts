import { expect, it } from 'vitest';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import type { Conntrack, CtEntry } from '../../../engine/uapi/netfilter.ts';
import { decode } from '../../api/manifest.ts';
import { defaultConfig, portStates, type ServicePortState } from './rules.ts';
import { eps, lb, svc, type Json } from './testing/notation.ts';
import { deleteStale, staleFilters, udpPorts } from './stale-udp.ts';

const UDP = [{ port: 53, protocol: 'UDP', nodePort: 30053 }];
const DNS = lb({ ports: UDP });
const endpoints = (...ips: readonly string[]): Json => eps(ips, { ports: [{ name: '', port: 5353, protocol: 'UDP' }] });
const state = (...objects: readonly Json[]): ReadonlyMap<string, ServicePortState> => {
  const of = <K extends 'Service' | 'EndpointSlice'>(kind: K) => objects.filter((o) => o['kind'] === kind).map((o) => decode(kind, o).object);
  return udpPorts(portStates(defaultConfig('vm1', '10.65.94.238', '10.42.0.0/16'), of('Service'), of('EndpointSlice')));
};
const NONE = state();

it.each([
  ['a new service with endpoints', NONE, state(DNS, endpoints('10.42.0.8')), [{ vip: '10.43.0.41' }, { vip: '203.0.113.9' }, { port: 30053 }]],
  ['a service whose first endpoint came', state(DNS), state(DNS, endpoints('10.42.0.8')), [{ vip: '10.43.0.41' }, { vip: '203.0.113.9' }, { port: 30053 }]],
  ['one more endpoint', state(DNS, endpoints('10.42.0.8')), state(DNS, endpoints('10.42.0.8', '10.42.1.2')), []],
  ['an endpoint went', state(DNS, endpoints('10.42.0.8', '10.42.1.2')), state(DNS, endpoints('10.42.0.8')), [
    { port: 30053, endpoint: '10.42.1.2' }, { vip: '10.43.0.41', endpoint: '10.42.1.2' }, { vip: '203.0.113.9', endpoint: '10.42.1.2' }]],
  ['an endpoint is no longer ready', state(DNS, endpoints('10.42.0.8', '10.42.1.2')), state(DNS, endpoints('10.42.0.8', '10.42.1.2 notready')), [
    { port: 30053, endpoint: '10.42.1.2' }, { vip: '10.43.0.41', endpoint: '10.42.1.2' }, { vip: '203.0.113.9', endpoint: '10.42.1.2' }]],
  ['the service went', state(DNS, endpoints('10.42.0.8')), NONE, [{ vip: '10.43.0.41' }]],
  ['TCP is never touched', state(svc(), eps(['10.42.0.8'])), NONE, []],
])('%s', (_name, before, now, filters) => {
  expect(staleFilters(before, now)).toEqual(filters);
});

it('deletes what conntrack -D with these filters would', () => {
  const ip = (text: string) => parseIpv4(text) ?? expect.fail(text);
  const entry = (id: number, protocol: number, dst: string, dport: number, from: string): CtEntry => {
    const tuple = { src: ip('10.42.0.200'), dst: ip(dst), protocol, sport: 4000 + id, dport, icmpType: undefined, icmpCode: undefined };
    return { id, original: tuple, reply: { ...tuple, src: ip(from), dst: tuple.src }, state: undefined, timeout: 30, seenReply: true, assured: false, srcNat: false, dstNat: from !== dst, mark: 0, zone: 0, use: 1 };
  };
  const entries = [entry(1, 17, '10.43.0.41', 53, '10.42.0.8'), entry(2, 17, '10.43.0.41', 53, '10.42.1.2'), entry(3, 6, '10.43.0.41', 53, '10.42.1.2'), entry(4, 17, '10.65.94.238', 30053, '10.42.1.2'), entry(5, 17, '10.42.1.2', 5353, '10.42.1.2')];
  const gone: number[] = [];
  const table: Pick<Conntrack, 'list' | 'delete'> = { list: () => entries, delete: (id) => (gone.push(id), { ok: true, value: undefined }) };
  expect(deleteStale(table, staleFilters(state(DNS, endpoints('10.42.0.8', '10.42.1.2')), state(DNS, endpoints('10.42.0.8'))))).toBe(2);
  expect(gone).toEqual([2, 4]);
});
