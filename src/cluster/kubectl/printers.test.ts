import { describe, expect, it } from 'vitest';
import { humanDuration } from './age.ts';
import { parseFlags, flag } from './flags.ts';
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
    ['{.items[0].c[?(@.type=="Ready")].status}', 'True'], ['{..type}', 'Ready'], ['.items[1].n', 'b'], ['{.nothing}', ''], ["{['x.y']}", '1'],
  ])('%s', (template, text) => expect(jsonPath(template, root)).toEqual({ ok: true, value: text }));
  it('refuses an open action', () => expect(jsonPath('{.a', {})).toEqual({ ok: false, error: 'unclosed action' }));
});

describe('output', () => {
  it('YAML: sorted keys, lists at their key, literal blocks, no empty fields', () => {
    expect(toYaml({ kind: 'X', apiVersion: 'v1', data: { a: 'l1\nl2\n' }, list: [{ b: 1 }], none: '', empty: [], m: '80', t: 'true' })).toBe('apiVersion: v1\ndata:\n  a: |\n    l1\n    l2\nkind: X\nlist:\n- b: 1\nm: "80"\nt: "true"\n');
  });
  it('label selectors', () => {
    expect(parseLabelSelector('app=x,tier!=db,env in (a,b),!gone')?.matchExpressions?.map((e) => `${e.key} ${e.operator} ${(e.values ?? []).join('|')}`)).toEqual(['app In x', 'tier NotIn db', 'env In a|b', 'gone DoesNotExist ']);
    expect(parseLabelSelector('a=b=c')).toBeUndefined();
  });
});
