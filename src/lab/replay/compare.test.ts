import { describe, expect, it } from 'vitest';
import { compare, type Expectation } from './compare.ts';

const base: Expectation = { output: '', compare: 'exact', ephemeral: [], elided: false, fragment: false, collapse: false, columns: undefined };

describe('comparison rules of the corpus', () => {
  it.each<[string, Partial<Expectation>, string, boolean]>([
    ['1 expands tabs, drops CR, trims the right', { output: 'a       b\n' }, 'a\tb  \r\n\n', true],
    ['1 what follows a carriage return stands over what was there', { output: '100%  done' }, '  0%  ETA \r100%  done\r\n', true],
    ['2 masks what is ephemeral', { output: 'id 12, x', compare: 'shape', ephemeral: ['id \\d+'] }, 'id 999, x', true],
    ['2 masks only that', { output: 'id 12, x', compare: 'shape', ephemeral: ['id \\d+'] }, 'id 999, y', false],
    ['3 shape folds runs of blanks', { output: 'a   b', compare: 'shape' }, 'a      b', true],
    ['3 exact does not', { output: 'a   b' }, 'a      b', false],
    ['3 collapse ignores blank lines', { output: 'a b', collapse: true }, '\n  a    b\n\n', true],
    ['4 projects columns', { output: 'NAME  AGE\nx  1d', columns: ['NAME', 'AGE'], compare: 'shape' }, 'NAME   READY   AGE\nx      1/1     1d', true],
    ['4 their widths do not count', { output: 'NAME     AGE\nx   1d', columns: ['NAME', 'AGE'] }, 'NAME   READY   AGE\nx      1/1     1d', true],
    ['5 a gap matches lines', { output: 'a\n[...]\nc' }, 'a\nb\nb\nc', true],
    ['5 a gap inside a line matches text', { output: 'a [...] c' }, 'a b b c', true],
    ['6 elided lines come in order', { output: 'a\nc', elided: true }, 'x\na\nb\nc\ny', true],
    ['6 and not in another', { output: 'c\na', elided: true }, 'a\nb\nc', false],
    ['6 unordered lines are a set', { output: 'a\nb', compare: 'unordered-lines' }, 'b\na', true],
    ['6 with nothing more', { output: 'a\nb', compare: 'unordered-lines' }, 'b\na\nc', false],
    ['7 a fragment is part of a line', { output: 'Flags [S]', fragment: true, elided: true }, 'x > y: Flags [S], seq 1', true],
    ['8 exact is all lines', { output: 'a' }, 'a\nb', false],
    ['8 one word changed fails', { output: 'a b' }, 'a c', false],
  ])('%s', (_name, expectation, actual, same) => {
    expect(compare({ ...base, ...expectation }, actual) === undefined).toBe(same);
  });
});
