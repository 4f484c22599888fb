/** iptables-restore 1.8.9 (nf_tables): inputs and answers recorded on the real tool. */
import { describe, expect, test } from 'vitest';
import type { Netfilter } from '../../uapi/netfilter.ts';
import { Machine } from '../machine.ts';
import { World } from '../world.ts';
import { splitWords } from './restore.ts';

const netfilter = (): Netfilter => new Machine(new World({ seed: 1, epochMillis: 0 }), 'm').init.netfilter.door();
const OPTIONS = { noflush: false, counters: false, test: false };
const HELP = "\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.";
const usage = (text: string, line: number): { message: string; exitCode: number; line: number } =>
  ({ message: `iptables-restore v1.8.7 (nf_tables): ${text}\nError occurred at line: ${line}${HELP}`, exitCode: 2, line });
const lookup = (text: string, line: number): { message: string; exitCode: number; line: number } => ({ message: `iptables-restore: line ${line} failed: ${text}`, exitCode: 1, line });
const kernel = (text: string, line: number): { message: string; exitCode: number; line: number } => ({ message: `iptables-restore v1.8.7 (nf_tables): \nline ${line}: ${text}`, exitCode: 4, line });

/** Everything, as iptables-save prints it without dates. */
function save(door: Netfilter, counters = false): string {
  let out = '';
  for (const name of door.tables()) {
    const dump = door.dump(name);
    if (dump === undefined) continue;
    out += `*${name}\n`;
    for (const c of dump.chains) out += `:${c.name} ${c.policy ?? '-'} [${c.packets}:${c.bytes}]\n`;
    for (const c of dump.chains) for (const r of c.rules) out += `${counters ? `[${r.packets}:${r.bytes}] ` : ''}-A ${c.name}${r.save === '' ? '' : ` ${r.save}`}\n`;
    out += 'COMMIT\n';
  }
  return out;
}

const NO_CHAIN = 'No chain/target/match by that name.';
const CASES: readonly (readonly [string, boolean, { message: string; exitCode: number } | undefined])[] = [
  ['*filter\n-A NOPE -j ACCEPT\nCOMMIT\n', false, lookup(NO_CHAIN, 2)],
  ['*filter\n-A INPUT -j NOPE\nCOMMIT\n', false, usage("Chain 'NOPE' does not exist", 3)],
  ['*nope\nCOMMIT\n', false, usage("iptables-restore: line 1 table name 'nope' invalid", 1)],
  ['foo\n', false, { message: 'iptables-restore: line 1 failed', exitCode: 1 }],
  ['*filter\nfoo\nCOMMIT\n', false, { message: `Bad argument \`foo'\nError occurred at line: 2${HELP}`, exitCode: 2 }],
  ['*filter\n:INPUT FOO [0:0]\nCOMMIT\n', false, lookup('Bad policy name.', 2)],
  ['*filter\n:INPUT ACCEPT [0:0\nCOMMIT\n', false, undefined],
  ['*filter\n:INPUT ACCEPT\nCOMMIT\n', false, undefined],
  ['*filter\n:INPUT\nCOMMIT\n', false, usage('iptables-restore: line 2 policy invalid', 2)],
  ['*filter\n-A INPUT -p foo\nCOMMIT\n', false, usage('unknown protocol "foo" specified', 2)],
  ['*filter\n-A INPUT -s 1.1.1.1', false, { message: 'iptables-restore: COMMIT expected at line 3', exitCode: 1 }],
  ['*filter\n*nat\nCOMMIT\n', false, { message: `Bad argument \`*nat'\nError occurred at line: 2${HELP}`, exitCode: 2 }],
  ['COMMIT\n', false, { message: 'iptables-restore: line 1 failed', exitCode: 1 }],
  ['*filter\n-X NOPE\nCOMMIT\n', false, lookup(NO_CHAIN, 2)],
  ['*filter\n-F NOPE\nCOMMIT\n', true, lookup(NO_CHAIN, 2)],
  ['*filter\n-D INPUT -j DROP\nCOMMIT\n', true, lookup('Bad rule (does a matching rule exist in that chain?).', 2)],
  ['*filter\n-D INPUT 9\nCOMMIT\n', true, lookup(NO_CHAIN, 2)],
  ['*filter\n:X - [0:0]\n-N X\nCOMMIT\n', true, lookup('Chain already exists.', 3)],
  ['*filter\n:X2 - [0:0]\n-A INPUT -j X2\n-X X2\nCOMMIT\n', true, kernel('CHAIN_DEL failed (Device or resource busy): chain X2', 4)],
  ['*filter\n-I INPUT 9 -j DROP\nCOMMIT\n', true, lookup('Index of insertion too big.', 2)],
  ['*filter\n[3:4]-A INPUT -j DROP\nCOMMIT\n', true, undefined],
  ['*filter\n-A INPUT -t nat -j DROP\nCOMMIT\n', true, usage('The -t option cannot be used in iptables-restore.\n', 2)],
  ['*nat\n-A INPUT -j DNAT --to-destination 1.1.1.1\nCOMMIT\n', true, kernel('RULE_APPEND failed (Invalid argument): rule in chain INPUT', 2)],
  ['*filter\n-A INPUT -j DROP\n-A INPUT -j TTL --ttl-set 3\n-A INPUT -j DROP\nCOMMIT\n', true, kernel('RULE_APPEND failed (Invalid argument): rule in chain INPUT', 3)],
  [`*filter\n:${'a'.repeat(50)} - [0:0]\nCOMMIT\n`, true, usage(`chain name \`${'a'.repeat(50)}' too long (must be under 29 chars)`, 2)],
  ['*filter\n-A INPUT --foo\nCOMMIT\n', true, usage('unknown option "--foo"', 2)],
  ['*filter\n-A INPUT -m nope\nCOMMIT\n', true, usage("Couldn't load match `nope':No such file or directory\n", 2)],
  ['*filter\n:INPUT - [0:0]\nCOMMIT\n', true, undefined],
  ['*filter\n:A-B DROP [0:0]\nCOMMIT\n', true, undefined],
  ['*filter\n-Z NOPE\nCOMMIT\n', true, lookup(NO_CHAIN, 2)],
  ['*filter\n-C INPUT -j REJECT\nCOMMIT\n', true, lookup('Bad rule (does a matching rule exist in that chain?).', 2)],
  ['*filter\n:X - [0:0]\n:X - [0:0]\n-A X -j X\nCOMMIT\n', true, undefined],
];

describe('NF6 iptables-restore answers as the real tool', () => {
  test.each(CASES)('%j noflush %s', (input, noflush, expected) => {
    const result = netfilter().restore(input, { ...OPTIONS, noflush });
    if (expected === undefined) expect(result).toMatchObject({ ok: true });
    else expect(result).toMatchObject({ ok: false, error: expected });
  });
});

describe('NF7 words of a line', () => {
  const WORDS: readonly (readonly [string, readonly string[]])[] = [
    ['-A INPUT -j DROP\n', ['-A', 'INPUT', '-j', 'DROP']],
    ['--comment "a b" x\n', ['--comment', 'a b', 'x']],
    ['--comment "he said \\"x\\" \\\\"\n', ['--comment', 'he said "x" \\']],
    ["--comment 'a b'\n", ['--comment', 'a b']],
    ['--comment abc"def"\n', ['--comment', 'abcdef']],
    ['--comment ""\n', ['--comment', '']],
    ['--comment "abc -j DROP\n', ['--comment', 'abc -j DROP\n']],
  ];
  test.each(WORDS)('%j', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});

describe('NF8 a table is restored as a whole or not at all', () => {
  const before = '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:X - [0:0]\n-A INPUT -j X\n-A X -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n';

  test('save gives back what was restored', () => {
    const door = netfilter();
    expect(door.restore(before, OPTIONS)).toMatchObject({ ok: true });
    expect(save(door)).toBe(before);
  });

  test('an error in the second table keeps the first and leaves the second as it was', () => {
    const door = netfilter();
    door.restore(before, OPTIONS);
    const result = door.restore('*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n*filter\n-F INPUT\n-A INPUT -j TTL --ttl-set 1\nCOMMIT\n', { ...OPTIONS, noflush: true });
    expect(result).toMatchObject({ ok: false, error: { line: 6 } });
    expect(door.tables()).toEqual(['filter', 'nat']);
    expect(save(door)).toContain(before);
  });

  test('without --noflush the whole table goes first; with it a declared chain is emptied, others stay', () => {
    const door = netfilter();
    door.restore(before, OPTIONS);
    door.restore('*filter\n:X - [0:0]\n-A X -j DROP\nCOMMIT\n', { ...OPTIONS, noflush: true });
    expect(save(door)).toContain('-A INPUT -j X\n-A X -j DROP\n');
    door.restore('*filter\n:Y - [0:0]\nCOMMIT\n', OPTIONS);
    expect(save(door)).toBe('*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:Y - [0:0]\nCOMMIT\n');
  });

  test('--counters takes the counters of chains and rules; without it they are ignored', () => {
    const input = '*filter\n:INPUT ACCEPT [5:6]\n:X - [1:2]\n[3:4] -A X -j ACCEPT\nCOMMIT\n';
    const door = netfilter();
    door.restore(input, { ...OPTIONS, counters: true });
    expect(save(door, true)).toContain(':INPUT ACCEPT [5:6]');
    expect(save(door, true)).toContain('[3:4] -A X -j ACCEPT');
    const other = netfilter();
    other.restore(input, OPTIONS);
    expect(save(other, true)).toContain('[0:0] -A X -j ACCEPT');
  });

  test('--test changes nothing', () => {
    const door = netfilter();
    expect(door.restore(before, { ...OPTIONS, test: true })).toMatchObject({ ok: true });
    expect(door.tables()).toEqual([]);
  });

  test('rules of a stale chain that was declared, then -X', () => {
    const door = netfilter();
    door.restore('*nat\n:OLD - [0:0]\n:S - [0:0]\n-A S -j OLD\nCOMMIT\n', OPTIONS);
    expect(door.restore('*nat\n:S - [0:0]\n:OLD - [0:0]\n-X OLD\nCOMMIT\n', { ...OPTIONS, noflush: true })).toMatchObject({ ok: true });
    expect(door.dump('nat')?.created).toEqual(['S']);
  });
});
