import { describe, expect, it } from 'vitest';
import { COMMANDS as FIRST, MORE } from './commands.ts';
import { randomLines } from './grammar.ts';
import { MASKS, type MaskName, type Side } from './masks.ts';
import { difference } from './parity.ts';

const mask = (name: MaskName, text: string, side: Side): string => MASKS[name].apply(text, side);

describe('masks hide their reason and nothing else', () => {
  it.each<[MaskName, string, string]>([
    ['nic-is-veth', '2: ens3@if6: <UP> mtu 1500 qdisc noqueue state UP\n    link/ether 52:54:00:c0:87:a0 brd ff:ff:ff:ff:ff:ff link-netns r2-segments\n', '2: ens3: <UP> mtu 1500 qdisc fq_codel state UP\n    link/ether 52:54:00:c0:87:a0 brd ff:ff:ff:ff:ff:ff\n'],
    ['nic-is-veth', 'ens3.100@if7     UP             10.0.0.1/24 \n', 'ens3.100@ens3    UP             10.0.0.1/24 \n'],
    ['ipv6', 'lo               UNKNOWN        127.0.0.1/8 ::1/128 \n', 'lo               UNKNOWN        127.0.0.1/8 \n'],
    ['ipv6', '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n', '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n'],
    ['numeric-protocol', 'ACCEPT     6    --  0.0.0.0/0            10.0.0.1             tcp dpt:80\n', 'ACCEPT     tcp  --  0.0.0.0/0            10.0.0.1             tcp dpt:80\n'],
    ['numeric-protocol', '1        0     0 ACCEPT     0    -f  *      *       0.0.0.0/0            0.0.0.0/0           \n', '1        0     0 ACCEPT     all  -f  *      *       0.0.0.0/0            0.0.0.0/0           \n'],
    ['kernel-6', 'Error: ipv4: Address already assigned.\n', 'RTNETLINK answers: File exists\n'],
    ['etc-networks', 'DROP       all  -- !loopback/8           loopback/8           /* x */\n', 'DROP       all  -- !127.0.0.0/8          127.0.0.0/8          /* x */\n'],
    ['neigh-order', '10.0.0.2 dev a lladdr x PERMANENT \n10.0.0.1 dev a lladdr y PERMANENT \n', '10.0.0.1 dev a lladdr y PERMANENT \n10.0.0.2 dev a lladdr x PERMANENT \n'],
  ])('%s: the same after it', (name, real, lab) => {
    expect(mask(name, real, 'real')).toBe(mask(name, lab, 'lab'));
  });

  it.each<[MaskName, string, string]>([
    ['nic-is-veth', '6: veth1@if2: <UP> mtu 1450\n', '6: veth1@if3: <UP> mtu 1450\n'],
    ['ipv6', '    inet 127.0.0.1/8 scope host lo\n', '    inet 127.0.0.2/8 scope host lo\n'],
    ['numeric-protocol', 'ACCEPT     6    --  0.0.0.0/0            10.0.0.1\n', 'ACCEPT     udp  --  0.0.0.0/0            10.0.0.1\n'],
    ['rule-counters', 'ACCEPT     tcp  --  0.0.0.0/0            10.0.0.1             tcp dpt:80\n', 'ACCEPT     tcp  --  0.0.0.0/0            10.0.0.1             tcp dpt:81\n'],
    ['rule-counters', '-A X -m mark --mark 0x1 -j ACCEPT\n', '-A X -m mark --mark 0x2 -j ACCEPT\n'],
    ['nud-state', '10.0.0.1 dev a FAILED \n', '10.0.0.1 dev a REACHABLE \n'],
    ['ages', '6e:7e dst 10.0.0.1 used 2/2 self permanent\n', '6e:7e dst 10.0.0.1 self permanent\n'],
    ['neigh-order', '10.0.0.2 dev a lladdr x PERMANENT \n', '10.0.0.1 dev a lladdr y PERMANENT \n'],
    ['stand-in-server', 'LISTEN 0      128          0.0.0.0:80        0.0.0.0:*          \n', 'LISTEN 0      511          0.0.0.0:81        0.0.0.0:*          \n'],
    ['counters', '    RX:  bytes packets errors dropped  missed   mcast           \n', '    RX:  bytes packets errors dropped   mcast           \n'],
  ])('%s: what it is not for still differs', (name, real, lab) => {
    expect(mask(name, real, 'real')).not.toBe(mask(name, lab, 'lab'));
  });
});

const COMMANDS = [...FIRST, ...MORE];

it('the same seed gives the same random lines, another one others', () => {
  const lines = (seed: number): readonly string[] => randomLines(seed, 100).map((c) => c.run);
  expect(lines(7)).toEqual(lines(7));
  expect(lines(7)).not.toEqual(lines(8));
  expect(lines(7).length).toBeGreaterThan(60);
});

describe('the list', () => {
  it('has every line once, and uses every mask', () => {
    const lines = COMMANDS.map((c) => `${c.on} ${c.run}`);
    expect(lines.filter((l, i) => lines.indexOf(l) !== i)).toEqual([]);
    expect(COMMANDS.length).toBeGreaterThan(500);
    const used = new Set<string>(COMMANDS.flatMap((c) => c.masks));
    expect(Object.keys(MASKS).filter((m) => !used.has(m))).toEqual([]);
  });
});

it('a difference names the stream and the lines', () => {
  const a = { stdout: 'one\ntwo\n', stderr: '', code: 0 };
  expect(difference(a, a)).toBeUndefined();
  expect(difference(a, { ...a, stdout: 'one\n2\n', code: 1 })).toBe('    exit code: kernel 0, lab 1\n    stdout:\n      - two\n      + 2');
  expect(difference(a, { ...a, stdout: 'two\none\n' })).toContain('in another order');
});
