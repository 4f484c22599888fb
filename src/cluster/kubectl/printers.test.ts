import { describe, expect, it } from 'vitest';
import { humanDuration } from './age.ts';
import { parseFlags, flag } from './flags.ts';
import { goYaml } from './go-yaml.ts';
import { jsonPath } from './jsonpath.ts';
import { toYaml } from './plain.ts';
import { parseLabelSelector } from './selectors.ts';
import { formatTable } from './table.ts';
import { alignBlocks } from './describe/writer.ts';

const H = 3600;

describe('HumanDuration', () => {
  it.each([
    [0, '0s'], [119, '119s'], [120, '2m'], [275, '4m35s'], [599, '9m59s'], [600, '10m'], [3 * H - 1, '179m'], [3 * H, '3h'], [3 * H + 60, '3h1m'], [8 * H, '8h'], [22 * H, '22h'], [47 * H, '47h'],
    [48 * H, '2d'], [50 * H, '2d2h'], [8 * 24 * H, '8d'], [400 * 24 * H, '400d'], [800 * 24 * H, '2y70d'], [9 * 365 * 24 * H, '9y'], [-1, '0s'], [-5, '<invalid>'],
  ])('%i s is %s', (seconds, text) => expect(humanDuration(seconds * 1000)).toBe(text));
});

describe('tables', () => {
  it('pads every column but the last by three blanks', () => {
    expect(formatTable([['NAME', 'AGE'], ['a-long-name', '22h']])).toBe('NAME          AGE\na-long-name   22h\n');
  });
  it('keeps tabwriter’s least width of six', () => {
    expect(formatTable([['A', 'B'], ['x', 'y']])).toBe('A     B\nx     y\n');
  });
  it('describe: a column reaches over neighbouring rows only', () => {
    expect(alignBlocks([['Name:', 'x'], ['Namespace:', 'y'], ['Events:'], ['  A:', '1']])).toBe('Name:       x\nNamespace:  y\nEvents:\n  A:  1\n');
  });
});

describe('flags', () => {
  const specs = [flag('namespace', 'string', 'n'), flag('output', 'string', 'o'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't')];
  it.each<[string, readonly string[], string]>([
    ['unknown long', ['--foo'], 'unknown flag: --foo'], ['unknown short', ['-itz'], "unknown shorthand flag: 'z' in -itz"],
    ['missing value', ['--namespace'], 'flag needs an argument: --namespace'], ['missing short value', ['-n'], "flag needs an argument: 'n' in -n"],
  ])('%s', (_name, words, error) => expect(parseFlags(words, specs)).toEqual({ ok: false, error }));

  it('joins, equals, and the rest after --', () => {
    const parsed = parseFlags(['-it', 'pod', '-owide', '--namespace=a', '--', 'ls', '-l'], specs);
    expect(parsed.ok && [parsed.value.args, parsed.value.rest, parsed.value.on('tty'), parsed.value.text('output'), parsed.value.text('namespace')]).toEqual([['pod'], ['ls', '-l'], true, 'wide', 'a']);
  });
});

describe('jsonpath', () => {
  const root = { items: [{ n: 'a', c: [{ type: 'Ready', status: 'True' }], port: 80 }, { n: 'b', c: [], port: 81 }], 'x.y': 1 };
  it.each([
    ['{.items[*].n}', 'a b'], ['{.items[0].n}', 'a'], ['{.items[-1:].n}', 'b'], ['{range .items[*]}{.n}{"\\t"}{.port}{"\\n"}{end}', 'a\t80\nb\t81\n'], ['{.items[?(@.port==81)].n}', 'b'],
    ['{.items[0].c[?(@.type=="Ready")].status}', 'True'], ['{..type}', 'Ready'], ['.items[1].n', '.items[1].n'], ['{.nothing}', ''], ["{['x\\.y']}", '1'],
    ['{.items[0,1].n}', 'a b'], ['{.items[0:2].n}', 'a b'], ['{.x\\.y}', '1'], ['{range .items[*]}{.n}', 'ab'], ['plain', 'plain'], ['{"\\t"}{1}{true}', '\t1true'], ['{.items[?(@.c[0])].n}', 'a b'], ['{.items[0].c}', '[{"type":"Ready","status":"True"}]'],
  ])('%s', (template, text) => expect(jsonPath(template, root)).toEqual({ ok: true, value: text }));
  it.each([
    ['{.a', 'unclosed action'], ['{.a[*}', 'unterminated array'], ['{.a[?(@.b=="c"}', 'unterminated filter'], ['{.a[x]}', 'invalid array index x'], ['{....a}', 'invalid multiple recursive descent'], ['{+}', 'cannot parse number +'],
    ['{/}', "unrecognized character in action: U+002F '/'"],
  ])('refuses %s', (template, error) => expect(jsonPath(template, {})).toEqual({ ok: false, error: `error: error parsing jsonpath ${template}, ${error}` }));
  it.each([
    ['{.items[9].n}', 'array index out of bounds: index 9, length 2'], ['{end}', 'not in range, nothing to end'], ['{.items[?(@.port=="80")]}', 'incompatible types for comparison'], ['{foo}', 'unrecognized identifier foo'],
  ])('stops at %s', (template, error) => {
    const got = jsonPath(template, root);
    expect(got.ok ? '' : got.error.split('\n')[0]).toBe(`error: error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error}. Printing more information for debugging the template:`);
  });
});

describe('output', () => {
  it('YAML: sorted keys, lists at their key, literal blocks, no empty fields', () => {
    expect(toYaml({ kind: 'X', apiVersion: 'v1', data: { a: 'l1\nl2\n' }, list: [{ b: 1 }], none: '', empty: [], m: '80', t: 'true' })).toBe('apiVersion: v1\ndata:\n  a: |\n    l1\n    l2\nkind: X\nlist:\n- b: 1\nm: "80"\nt: "true"\n');
  });
  it.each<readonly [unknown, string]>([
    ['*', "'*'"], ['x: y', "'x: y'"], ["it's", "it's"], ["a: it's", "'a: it''s'"], ['- x', "'- x'"], ['yes', '"yes"'], ['y', '"y"'], ['80', '"80"'], ['1e3', '"1e3"'], ['0x1F', '"0x1F"'], ['12:30', '"12:30"'], ['2026-01-01', '"2026-01-01"'],
    ['', '""'], ['a\tb', '"a\\tb"'], ['x ', "'x '"], ['a \nb', '"a \\nb"'], ['l1\nl2', '|-\n  l1\n  l2'], ['x\n\n', '|+\n  x\n'], [' l\nx', '|2-\n   l\n  x'], [true, 'true'], [null, 'null'], [{}, '{}'], [[], '[]'], ['v1.2', 'v1.2'], ['100m', '100m'],
    ['0/2 nodes are available: 2 node(s) had taints. preemption: it is not helpful for anyone here.', "'0/2 nodes are available: 2 node(s) had taints. preemption: it is not helpful for\n  anyone here.'"],
  ])('%j is %s to yaml.v2', (value, text) => expect(goYaml({ a: value })).toBe(`a: ${text}\n`));
  it('yaml.v2 sorts letters last, digits as numbers', () => expect(goYaml({ app: 1, 'app.x': 1, a10: 1, a2: 1, aB: 1, n: 1 })).toBe('a2: 1\na10: 1\naB: 1\napp: 1\napp.x: 1\n"n": 1\n'));
  it('label selectors', () => {
    expect(parseLabelSelector('app=x,tier!=db,env in (a,b),!gone')?.matchExpressions?.map((e) => `${e.key} ${e.operator} ${(e.values ?? []).join('|')}`)).toEqual(['app In x', 'tier NotIn db', 'env In a|b', 'gone DoesNotExist ']);
    expect(parseLabelSelector('a=b=c')).toBeUndefined();
  });
});
