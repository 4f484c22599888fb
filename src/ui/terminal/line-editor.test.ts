import { describe, expect, it } from 'vitest';
import { completion, LineEditor, redraw } from './line-editor.ts';

const ESC = '\u001b';
const typed = (...chunks: string[]): LineEditor => { const e = new LineEditor(); for (const c of chunks) e.feed(c); return e; };

describe('line editing', () => {
  it.each<[string, string[], string, number]>([
    ['types', ['curl'], 'curl', 4],
    ['backspace', ['curls', '\u007f'], 'curl', 4],
    ['backspace at the start does nothing', ['\u007f', 'a'], 'a', 1],
    ['left and insert', ['crl', `${ESC}[D`, `${ESC}[D`, 'u'], 'curl', 2],
    ['Home, Delete', ['xcurl', `${ESC}[H`, `${ESC}[3~`], 'curl', 0],
    ['Ctrl+A, Ctrl+K', ['abc', '\u0001', '\u000b'], '', 0],
    ['Ctrl+W takes one word', ['ip addr show', '\u0017'], 'ip addr ', 8],
    ['Ctrl+U to the start', ['abc', `${ESC}[D`, '\u0015'], 'c', 0],
    ['Ctrl+Left by word', ['ip addr', `${ESC}[1;5D`, 'X'], 'ip Xaddr', 4],
    ['application cursor keys', ['ab', `${ESC}OD`, 'x'], 'axb', 2],
    ['control characters are not inserted', ['a\u0002b'], 'ab', 2],
  ])('%s', (_, chunks, line, cursor) => { const e = typed(...chunks); expect([e.line, e.cursor]).toEqual([line, cursor]); });

  it('a pasted block submits line by line', () => { expect(new LineEditor().feed('a\rb\rc')).toEqual([{ kind: 'submit', line: 'a' }, { kind: 'submit', line: 'b' }]); });
  it('a lone Escape leaves, an arrow does not', () => {
    expect(new LineEditor().feed(ESC)).toEqual([{ kind: 'leave' }]);
    expect(new LineEditor().feed(`${ESC}[A`)).toEqual([]);
  });
  it('history goes back, keeps the draft, skips repeats and blanks', () => {
    const e = typed('one\r', 'two\r', 'two\r', '  \r', 'dra');
    const seen: string[] = [];
    for (const key of ['A', 'A', 'A', 'B', 'B']) { e.feed(`${ESC}[${key}`); seen.push(e.line); }
    expect(seen).toEqual(['two', 'one', 'one', 'two', 'dra']);
  });
});

describe('completion', () => {
  it.each<[string, string[], string | undefined, number]>([
    ['one candidate gets a space', ['conntrack'], 'conntrack ', 0], ['a folder does not', ['/etc/'], '/etc/', 0],
    ['the common start first', ['iptables', 'iptables-save'], 'iptables', 0], ['none', [], undefined, 0],
  ])('%s', (_, candidates, insert, listed) => { const c = completion('c', 0, 1, candidates); expect([c.insert, c.list.length]).toEqual([insert, listed]); });
  it('lists when nothing more is common', () => { expect(completion('ip', 0, 2, ['ip', 'iptables']).list).toEqual(['ip', 'iptables']); });
});

describe('redraw', () => {
  it('moves up over the rows it had written', () => { expect(redraw('$ ', 'x'.repeat(20), 20, 10, 2).text.startsWith(`${ESC}[2A\r`)).toBe(true); });
  it('leaves the cursor where the editor has it', () => { expect(redraw('$ ', 'abc', 1, 80, 0)).toMatchObject({ row: 0, text: expect.stringContaining(`\r${ESC}[3C`) }); });
});
