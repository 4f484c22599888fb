/**
 * Every match and target against what real iptables 1.8.9 (nf_tables), nft 1.0.6 and Linux 6.18 printed for 260 rules (testing/iptables-1.8.9.json).
 * As root on Linux the rules also go through the real tools of this machine.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { must } from '../../../base/assert.ts';
import { ALL_MATCHES } from './all-matches.ts';
import { ALL_TARGETS } from './all-targets.ts';
import { parseRule } from './parse-rule.ts';
import { splitWords } from './restore.ts';
import { listColumns, nftText, saveText } from './rule-text.ts';
import { isTableName, type RuleSpec } from './ruleset.ts';
import GOLDEN from './testing/iptables-1.8.9.json' with { type: 'json' };

function parse(table: string, text: string): RuleSpec {
  const [chain = '', ...words] = splitWords(`${text}\n`);
  if (!isTableName(table)) throw new Error(table);
  const rule = parseRule(table, chain, words);
  if (!rule.ok) throw new Error(`${text}: ${JSON.stringify(rule.error)}`);
  return must(rule.value.specs[0], 'one rule');
}

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

function columns(spec: RuleSpec, numeric: boolean): string {
  const l = listColumns(spec);
  const address = (text: string): string => (!numeric && text === '0.0.0.0/0' ? 'anywhere' : text);
  const device = (text: string): string => (text === '' ? (numeric ? '*' : 'any') : text);
  const protocol = numeric ? `${l.protocol.startsWith('!') ? '!' : ''}${l.protocolNumber}` : l.protocol;
  return squeeze([l.target, protocol, l.options, device(l.in), device(l.out), address(l.source), `${address(l.destination)}${l.goto ? '[goto] ' : ''}`, numeric ? l.extraNumeric : l.extra].join(' '));
}
/** The tool glues a long negated destination to the source, and a goto to the destination. */
const real = (text: string): string => squeeze(text.replace(/ +\[goto\]/, '[goto]'));

describe('NF1 texts of rules equal the real tools’', () => {
  test.each(GOLDEN.map((g) => [`${g.table} ${g.rule}`, g] as const))('%s', (_, g) => {
    const spec = parse(g.table, g.rule);
    expect(`${g.rule.split(' ')[0] ?? ''} ${saveText(spec)}`.trim()).toBe(g.save);
    expect(nftText(spec, 0, 0)).toBe(g.nft);
    expect(columns(spec, true)).toBe(real(g.numeric));
    // Names of networks (`loopback/8`) are the command's to look up; udplite prints oddly.
    if (!/udplite|127\.0\.0\.0\/8/.test(g.rule)) expect(columns(spec, false)).toBe(real(g.named));
    const { extraNumeric } = listColumns(spec);
    expect(g.numeric.endsWith(extraNumeric)).toBe(true);
  });
});

describe('NF2 save then parse is the identity', () => {
  test.each(GOLDEN.map((g) => [g.save, g] as const))('%s', (_, g) => {
    const spec = parse(g.table, g.rule);
    expect(parse(g.table, `${g.rule.split(' ')[0] ?? ''} ${saveText(spec)}`)).toEqual(spec);
  });
});

describe('NF3 the registry is covered', () => {
  test.each([...ALL_MATCHES, ...ALL_TARGETS].map((e) => [e.kind, e.name, e] as const))('%s %s', (kind, name, extension) => {
    const flag = kind === 'match' ? '-m' : '-j';
    expect(GOLDEN.some((g) => new RegExp(`${flag} ${name}( |$)`).test(g.save)), 'a rule seen on the real tool').toBe(true);
    expect(extension.models).toMatch(/\S/);
    for (const option of extension.options) expect(option.help, option.name).toMatch(/\S/);
    expect(new Set(extension.options.map((o) => o.name)).size).toBe(extension.options.length);
  });
});

const tools = ((): boolean => {
  try {
    execFileSync('unshare', ['-n', 'iptables-save', '-V'], { stdio: 'pipe' });
    return process.platform === 'linux' && process.getuid?.() === 0;
  } catch {
    return false;
  }
})();
if (!tools) process.stderr.write('SKIPPED: parity with real iptables (needs root, unshare and iptables)\n');

test.skipIf(!tools)('NF4 real iptables-restore takes what we save, and saves the same', () => {
  const tables = new Map<string, string[]>();
  for (const g of GOLDEN) tables.set(g.table, [...(tables.get(g.table) ?? []), `-A ${g.rule.split(' ')[0] ?? ''} ${saveText(parse(g.table, g.rule))}`.trim()]);
  let input = '';
  for (const [table, rules] of tables) input += `*${table}\n${table === 'filter' ? ':U1 - [0:0]\n:U2 - [0:0]\n' : ''}${rules.join('\n')}\nCOMMIT\n`;
  const saved = execFileSync('unshare', ['-n', 'sh', '-c', 'iptables-restore && iptables-save'], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  const rulesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('-A')).sort();
  expect(rulesOf(saved)).toEqual(rulesOf(input));
});
