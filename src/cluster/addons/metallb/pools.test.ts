import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { contains, formatPrefix, ipv4 } from '../../../engine/wire/addresses.ts';
import type { IPAddressPool } from '../../api/metallb.ts';
import { parseAddresses, poolsFor, summarize } from './pools.ts';

const meta = (name: string, labels = {}): IPAddressPool['metadata'] => ({ name, namespace: 'metallb-system', uid: '', resourceVersion: '', creationTimestamp: '', labels });
const pool = (name: string, addresses: readonly string[], rest: Partial<IPAddressPool['spec']> = {}): IPAddressPool => ({ apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool', metadata: meta(name), spec: { addresses, ...rest } });

describe('addresses of a pool', () => {
  it.each<[string, readonly string[] | string]>([
    ['10.123.123.64/26', ['10.123.123.64/26']],
    ['10.123.123.64/24', ['10.123.123.0/24']],
    ['10.0.0.1/32', ['10.0.0.1/32']],
    ['10.0.0.10-10.0.0.20', ['10.0.0.10/31', '10.0.0.12/30', '10.0.0.16/30', '10.0.0.20/32']],
    ['10.0.0.0 - 10.0.0.255', ['10.0.0.0/24']],
    ['10.0.0.5-10.0.0.5', ['10.0.0.5/32']],
    ['10.0.0.5', 'invalid CIDR "10.0.0.5"'],
    ['10.0.0.0/33', 'invalid CIDR "10.0.0.0/33"'],
    ['10.0.0.300/24', 'invalid CIDR "10.0.0.300/24"'],
    ['x-10.0.0.5', 'invalid IP range "x-10.0.0.5": invalid start IP "x"'],
    ['10.0.0.5-y', 'invalid IP range "10.0.0.5-y": invalid end IP "y"'],
    ['10.0.0.9-10.0.0.5', 'invalid IP range "10.0.0.9-10.0.0.5": start IP "10.0.0.9" is after the end IP "10.0.0.5"'],
    ['fc00::/64', 'IPv6 addresses ("fc00::/64") are not modelled in this lab'],
  ])('%s', (text, wanted) => {
    const got = parseAddresses(text);
    expect(got.ok ? got.value.map(formatPrefix) : got.error).toEqual(wanted);
  });

  it('a range is covered exactly, by prefixes that do not overlap', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 5000 }), (from, span) => {
      const to = Math.min(0xffff_ffff, from + span);
      const parts = summarize(ipv4(from), ipv4(to));
      expect(parts.reduce((n, p) => n + 2 ** (32 - p.length), 0)).toBe(to - from + 1);
      expect(parts.every((p, i) => parts.every((q, j) => i === j || !contains(p, q.address)))).toBe(true);
      expect([parts.some((p) => contains(p, ipv4(from))), parts.some((p) => contains(p, ipv4(to)))]).toEqual([true, true]);
    }), { numRuns: 60 });
  });
});

describe('configuration', () => {
  const parse = (pools: readonly IPAddressPool[]): string => {
    const got = poolsFor({ pools, l2: [], nodes: [], namespaces: [] });
    return got.ok ? 'ok' : got.error;
  };
  it.each<[string, readonly IPAddressPool[], string]>([
    ['two pools', [pool('a', ['10.0.0.0/25']), pool('b', ['10.0.0.128/25'])], 'ok'],
    ['overlap', [pool('a', ['10.0.0.0/24']), pool('b', ['10.0.0.128/25'])], 'CIDR "10.0.0.128/25" in pool "b" overlaps with already defined CIDR "10.0.0.0/24"'],
    ['overlap within one', [pool('a', ['10.0.0.128/25', '10.0.0.1-10.0.0.200'])], 'CIDR "10.0.0.128/26" in pool "a" overlaps with already defined CIDR "10.0.0.128/25"'],
    ['no addresses', [pool('a', [])], 'parsing address pool a: pool has no prefixes defined'],
    ['bad address', [pool('a', ['10.0.0.1'])], 'parsing address pool a: invalid CIDR "10.0.0.1" in pool "a": invalid CIDR "10.0.0.1"'],
    ['selector twice', [pool('a', ['10.0.0.0/24'], { serviceAllocation: { serviceSelectors: [{ matchLabels: { app: 'x', a: 'y' } }, { matchLabels: { a: 'y', app: 'x' } }] } })], 'parsing address pool a: duplicate definition of serviceSelectors {map["a":"y" "app":"x"] []}'],
    ['value twice in a selector', [pool('a', ['10.0.0.0/24'], { serviceAllocation: { namespaceSelectors: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['u', 'v', 'u'] }] }] } })],
      'parsing address pool a: duplicate definition of match expression value in label selector "u"'],
    ['expression twice', [pool('a', ['10.0.0.0/24'], { serviceAllocation: { namespaceSelectors: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['v', 'u'] }, { key: 'k', operator: 'In', values: ['u', 'v'] }] }] } })],
      'parsing address pool a: duplicate definition of match expressions {"k" "In" ["u" "v"]}'],
    ['namespace twice', [pool('a', ['10.0.0.0/24'], { serviceAllocation: { namespaces: ['x', 'x'] } })], 'parsing address pool a: duplicate definition in namespaces field'],
  ])('%s', (_name, pools, wanted) => expect(parse(pools)).toBe(wanted));

  it('advertisements are given to the pools they select; none selected means all', () => {
    const adv = (name: string, spec: object): Parameters<typeof poolsFor>[0]['l2'][number] => ({ apiVersion: 'metallb.io/v1beta1', kind: 'L2Advertisement', metadata: meta(name), spec });
    const got = poolsFor({ pools: [pool('a', ['10.0.0.0/25']), pool('b', ['10.0.0.128/25'])], l2: [adv('one', { ipAddressPools: ['a'], interfaces: ['eth1'] }), adv('all', {})], nodes: [], namespaces: [] });
    expect(got.ok && got.value.map((p) => p.l2.map((l) => l.interfaces))).toEqual([[['eth1'], undefined], [undefined]]);
  });
});
