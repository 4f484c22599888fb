import { describe, expect, it, test } from 'vitest';
import { toSeconds } from '../../engine/sim/time.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Program } from '../../engine/sim/process.ts';
import { lan } from '../testing/lan.ts';
import { tcpdump } from '../commands/tcpdump/index.ts';
import { candidates, hostsEntries, parseResolvConf } from './config.ts';
import { lookup, reverseLookup, type Found, type Library, type LookupError } from './lookup.ts';
import type { Result } from '../../base/result.ts';


describe('configuration', () => {
  test.each([
    ['', { nameservers: ['127.0.0.1'], search: [], ndots: 1, timeout: 5, attempts: 2, edns0: false }],
    ['search a.b c.d\nnameserver 10.43.0.10\noptions ndots:5\n', { nameservers: ['10.43.0.10'], search: ['a.b', 'c.d'], ndots: 5, timeout: 5, attempts: 2, edns0: false }],
    ['# comment\nnameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\noptions edns0 timeout:1 attempts:9 ndots:99', { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'], search: [], ndots: 15, timeout: 1, attempts: 5, edns0: true }],
  ])('%j', (text, expected) => {
    const parsed = parseResolvConf(text);
    expect({ ...parsed, nameservers: parsed.nameservers.map(formatIpv4) }).toEqual(expected);
  });
  test.each([
    ['web', ['web.x', 'web.y', 'web']], ['web.default.svc.cluster.local.', ['web.default.svc.cluster.local']], ['a.b.c.d.e.f', ['a.b.c.d.e.f', 'a.b.c.d.e.f.x', 'a.b.c.d.e.f.y']], ['www.example.com', ['www.example.com.x', 'www.example.com.y', 'www.example.com']],
  ])('ndots 5: %s', (name, expected) => {
    expect(candidates(name, { search: ['x', 'y'], ndots: 5 })).toEqual(expected);
  });
  it('/etc/hosts', () => {
    const { a } = lan();
    a.host.fs.write('/etc/hosts', '127.0.0.1 localhost\n10.1.2.3\tpod pod.local # me\n::1 ip6\n');
    expect(hostsEntries(a.host.fs).map((e) => [formatIpv4(e.address), ...e.names])).toEqual([['127.0.0.1', 'localhost'], ['10.1.2.3', 'pod', 'pod.local']]);
  });
});

/** Looks up on host a; what b's tcpdump saw of it. */
function ask(name: string, library: Library, options: Parameters<typeof lan>[0] = {}): { readonly answer: Result<Found, LookupError> | undefined; readonly seconds: number; readonly questions: string[] } {
  const { a, b, world } = lan(options);
  const dump = b.start(tcpdump, 'tcpdump -tni eth0 udp dst port 53');
  let answer: Result<Found, LookupError> | undefined;
  let took = 0;
  a.daemon('lookup', function* (kernel): Program {
    answer = yield* lookup(kernel, a.host.fs, name, { library });
    took = toSeconds(kernel.clock.now);
    return 0;
  });
  world.scheduler.runUntil(60e9 as never);
  return { answer, seconds: took, questions: dump.stdout.text.trim().split('\n').map((l) => l.replace(/^.*: \d+\+ /, '').replace(/ \(\d+\)$/, '')) };
}

describe('lookup', () => {
  test.each([
    ['glibc', ['A? web.default.svc.cluster.local.', 'AAAA? web.default.svc.cluster.local.']], ['musl', ['A? web.default.svc.cluster.local.', 'AAAA? web.default.svc.cluster.local.']],
    ['c-ares', ['[1au] A? web.default.svc.cluster.local.', '[1au] AAAA? web.default.svc.cluster.local.']],
  ] as const)('%s asks A and AAAA at once', (library, questions) => {
    const asked = ask('web', library);
    expect(asked.questions).toEqual(questions);
    expect(asked.answer).toMatchObject({ ok: true, value: { canonical: 'web.default.svc.cluster.local' } });
  });
  it('NXDOMAIN goes on along the search list', () => {
    const asked = ask('nope', 'musl');
    expect(asked.answer).toEqual({ ok: false, error: 'NONAME' });
    expect(asked.questions.filter((q) => q.startsWith('A?'))).toEqual(['nope.default.svc.cluster.local.', 'nope.svc.cluster.local.', 'nope.cluster.local.', 'nope.'].map((n) => `A? ${n}`));
  });
  test.each([['glibc', 20, 'AGAIN'], ['musl', 5, 'AGAIN'], ['c-ares', 14, 'AGAIN']] as const)('%s: a server that drops everything costs time', (library, seconds, error) => {
    // glibc: two servers, two attempts, five seconds each.
    const asked = ask('web', library, { resolv: `nameserver 10.0.0.77\n${library === 'glibc' ? 'nameserver 10.0.0.78\n' : ''}` });
    expect(asked.answer).toEqual({ ok: false, error });
    // Failing ARP is told to connected sockets after three seconds.
    expect(asked.seconds).toBeGreaterThan(2.9);
    expect(asked.seconds).toBeLessThanOrEqual(seconds + 0.1);
  });
  it('a closed port is known at once by connected sockets', () => {
    const refused = ask('web', 'glibc', { resolv: 'nameserver 10.0.0.1\n' });
    expect(refused.answer).toEqual({ ok: false, error: 'AGAIN' });
    expect(refused.seconds).toBeLessThan(0.1);
  });
  test.each([['10.9.8.7', '10.9.8.7'], ['localhost', '127.0.0.1']])('%s needs no server', (name, address) => {
    const asked = ask(name, 'glibc', { resolv: 'nameserver 10.0.0.77\n' });
    expect(asked.answer?.ok === true ? asked.answer.value.addresses.map(formatIpv4) : []).toEqual([address]);
    expect(asked.seconds).toBe(0);
  });
  it('backwards', () => {
    const { a, world } = lan({ names: { '2.0.0.10.in-addr.arpa': 'web.example' } });
    const names: (string | undefined)[] = [];
    a.daemon('reverse', function* (kernel): Program {
      names.push(yield* reverseLookup(kernel, a.host.fs, 0x0a000002 as never, 'glibc'));
      names.push(yield* reverseLookup(kernel, a.host.fs, 0x0a000003 as never, 'glibc'));
      return 0;
    });
    world.scheduler.runUntil(60e9 as never);
    expect(names).toEqual(['web.example', undefined]);
  });
});
