import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert.ts';
import { prng } from '../../../base/prng.ts';
import { formatIpv4, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { Allocator, type Claim } from './allocator.ts';
import { parseAddresses, type Pool } from './pools.ts';

const mustOk = <T>(got: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string }): T => must(got.ok ? got.value : undefined, 'addresses');
const pool = (name: string, cidr: string, rest: Partial<Pool> = {}): Pool => ({ name, cidrs: mustOk(parseAddresses(cidr)), avoidBuggyIps: false, autoAssign: true, allocation: undefined, l2: [], ...rest });
const only = (priority: number, namespaces: readonly string[] = [], services: readonly object[] = []): Pool['allocation'] => ({ priority, namespaces: new Set(namespaces), services });
const claim = (name: string, o: Partial<Claim> = {}): Claim => ({ key: `default/${name}`, namespace: 'default', labels: {}, ports: ['TCP/80'], sharing: '', backend: '', ...o });

const make = (...pools: readonly Pool[]): Allocator => {
  const a = new Allocator(prng(7));
  a.setPools(pools);
  return a;
};
const said = (got: ReturnType<Allocator['fromAny']>): string => (got.ok ? formatIpv4(got.value) : got.error);
const ip = (text: string): ReturnType<typeof must<NonNullable<ReturnType<typeof parseIpv4>>>> => must(parseIpv4(text), 'address');

describe('which address', () => {
  it('the lowest free ones, .0 and .255 included', () => {
    const a = make(pool('p', '10.123.123.64/24'));
    expect(['a', 'b', 'c'].map((n) => said(a.fromAny(claim(n))))).toEqual(['10.123.123.0', '10.123.123.1', '10.123.123.2']);
    a.release('default/b');
    expect(said(a.fromAny(claim('d')))).toBe('10.123.123.1');
  });

  it('avoidBuggyIPs leaves out .0 and .255', () => {
    const a = make(pool('p', '10.0.0.252/30', { avoidBuggyIps: true }), pool('q', '10.0.1.0/31', { avoidBuggyIps: true }));
    expect([0, 1, 2, 3].map((n) => said(a.fromAny(claim(`s${n}`)))).sort()).toEqual(['10.0.0.252', '10.0.0.253', '10.0.0.254', '10.0.1.1']);
    expect(said(a.fromAny(claim('more')))).toBe('no available IPs');
    expect(said(a.assign(claim('more'), ip('10.0.1.0')))).toBe('["10.0.1.0"] is not allowed in config');
  });

  it('pools made for the service come first, by priority, 0 last; autoAssign false only on request', () => {
    const a = make(pool('any', '10.0.0.0/32'), pool('late', '10.0.1.0/32', { allocation: only(0, ['default']) }), pool('second', '10.0.2.0/32', { allocation: only(20, [], [{ matchLabels: { app: 'x' } }]) }),
      pool('first', '10.0.3.0/32', { allocation: only(10, ['default']) }), pool('foreign', '10.0.4.0/32', { allocation: only(1, ['other']) }), pool('asked', '10.0.5.0/32', { autoAssign: false }));
    const get = (n: string): string => said(a.fromAny(claim(n, { labels: { app: 'x' } })));
    expect([get('a'), get('b'), get('c'), get('d'), get('e')]).toEqual(['10.0.3.0', '10.0.2.0', '10.0.1.0', '10.0.0.0', 'no available IPs']);
    expect(said(a.fromPool(claim('f'), 'asked'))).toBe('10.0.5.0');
    expect(said(a.fromPool(claim('g'), 'foreign'))).toBe('pool foreign not compatible for ip assignment');
  });

  it('a pool of a serviceAllocation that selects nothing is for requests only', () => {
    const a = make(pool('p', '10.0.0.0/32', { allocation: only(5) }));
    expect([said(a.fromAny(claim('a'))), said(a.fromPool(claim('a'), 'p'))]).toEqual(['no available IPs', '10.0.0.0']);
  });

  it('the order of other pools is a draw, the same for the same seed', () => {
    const order = (seed: number): string => {
      const a = new Allocator(prng(seed));
      a.setPools([pool('p', '10.0.0.0/32'), pool('q', '10.0.1.0/32'), pool('r', '10.0.2.0/32')]);
      return ['a', 'b', 'c'].map((n) => said(a.fromAny(claim(n)))).join(' ');
    };
    const seen = new Set([1, 2, 3, 4, 5, 6, 7, 8].map(order));
    expect(seen.size).toBeGreaterThan(1);
    expect(order(3)).toBe(order(3));
  });

  it.each<[string, (a: Allocator) => ReturnType<Allocator['fromAny']>, string]>([
    ['an address outside', (a) => a.assign(claim('b'), ip('10.9.9.9')), '["10.9.9.9"] is not allowed in config'],
    ['an address in use', (a) => a.assign(claim('b'), ip('10.0.0.0')), 'can\'t change sharing key for "default/b", address also in use by default/a'],
    ['a pool that is not there', (a) => a.fromPool(claim('b'), 'x'), 'unknown pool "x"'],
    ['a pool that is full', (a) => a.fromPool(claim('b'), 'p'), 'no available IPs in pool "p" for ipv4 IPFamily'],
  ])('%s', (_name, ask, wanted) => {
    const a = make(pool('p', '10.0.0.0/32'));
    a.fromAny(claim('a'));
    expect(said(ask(a))).toBe(wanted);
  });
});

describe('sharing', () => {
  const first = claim('a', { sharing: 'k' });
  it.each<[string, Claim, Claim, string]>([
    ['same key, other port', first, claim('b', { sharing: 'k', ports: ['TCP/443'] }), '10.0.0.0'],
    ['same key, same port number, other protocol', first, claim('b', { sharing: 'k', ports: ['UDP/80'] }), '10.0.0.0'],
    ['same key, same port', first, claim('b', { sharing: 'k' }), 'port TCP/80 is already in use on "10.0.0.0"'],
    ['other key', first, claim('b', { sharing: 'l', ports: ['TCP/443'] }), 'can\'t change sharing key for "default/b", address also in use by default/a'],
    ['no key', first, claim('b', { ports: ['TCP/443'] }), 'can\'t change sharing key for "default/b", address also in use by default/a'],
    ['Local, other selector', claim('a', { sharing: 'k', backend: 'app=a' }), claim('b', { sharing: 'k', backend: 'app=b', ports: ['TCP/443'] }), 'can\'t change sharing key for "default/b", address also in use by default/a'],
    ['Local, same selector', claim('a', { sharing: 'k', backend: 'app=a' }), claim('b', { sharing: 'k', backend: 'app=a', ports: ['TCP/443'] }), '10.0.0.0'],
  ])('%s', (_name, one, two, wanted) => {
    const a = make(pool('p', '10.0.0.0/32'));
    expect(said(a.assign(one, ip('10.0.0.0')))).toBe('10.0.0.0');
    expect(said(a.assign(two, ip('10.0.0.0')))).toBe(wanted);
  });

  it('without a request, an address that may be shared is taken before the next free one', () => {
    const a = make(pool('p', '10.0.0.0/30'));
    expect([said(a.fromAny(first)), said(a.fromAny(claim('b', { sharing: 'k', ports: ['TCP/443'] }))), said(a.fromAny(claim('c', { sharing: 'k' })))]).toEqual(['10.0.0.0', '10.0.0.0', '10.0.0.1']);
  });

  it('a pool that loses an address gives the service up', () => {
    const a = make(pool('p', '10.0.0.0/24'));
    a.fromAny(claim('a'));
    a.setPools([pool('q', '10.1.0.0/24')]);
    expect(a.poolOf('default/a')).toBeUndefined();
  });
});
