/** Read first: diff(1), cmp(1), comm(1). Not modelled: -r, -b, -w, columns of -y. */
import type { Wait } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { Exit, gnu, print, readFile, splitLines } from '../kit.ts';

const diff: Command = gnu({
  name: 'diff', models: 'normal and unified (-u) output of two files, -q', short: 'uqsNaiwbB', long: { unified: 'u', brief: 'q', 'report-identical-files': 's' }, usageCode: 2,
  *run(context, options) {
    const [a, b] = options.rest;
    if (a === undefined || b === undefined) throw new Exit(2, `diff: missing operand after '${a ?? 'diff'}'\ndiff: Try 'diff --help' for more information.\n`);
    const read = function* (file: string): Generator<Wait, string[], void> {
      const text = yield* readFile(context, file, (t) => {
        throw new Exit(2, `diff: ${t}\n`);
      });
      return splitLines(text ?? '');
    };
    const left = yield* read(a);
    const right = yield* read(b);
    if (left.join('\n') === right.join('\n')) {
      if (options.has('s')) print(context, `Files ${a} and ${b} are identical\n`);
      return 0;
    }
    if (options.has('q')) {
      print(context, `Files ${a} and ${b} differ\n`);
      return 1;
    }
    const hunks = changes(left, right);
    const span = (from: number, count: number, comma = ','): string => (count === 1 ? String(from + 1) : `${from + 1}${comma}${from + count}`);
    if (!options.has('u')) {
      for (const h of hunks) {
        const kind = h.removed === 0 ? 'a' : h.added === 0 ? 'd' : 'c';
        print(context, `${h.removed === 0 ? h.left : span(h.left, h.removed)}${kind}${h.added === 0 ? h.right : span(h.right, h.added)}\n`);
        for (let i = 0; i < h.removed; i++) print(context, `< ${left[h.left + i] ?? ''}\n`);
        if (kind === 'c') print(context, '---\n');
        for (let i = 0; i < h.added; i++) print(context, `> ${right[h.right + i] ?? ''}\n`);
      }
      return 1;
    }
    print(context, `--- ${a}\n+++ ${b}\n`);
    for (const group of joined(hunks)) {
      const [first] = group;
      const last = group.at(-1);
      if (first === undefined || last === undefined) continue;
      const from = Math.max(0, first.left - 3);
      const fromRight = Math.max(0, first.right - (first.left - from));
      const to = Math.min(left.length, last.left + last.removed + 3);
      const toRight = Math.min(right.length, last.right + last.added + 3);
      const range = (start: number, count: number): string => `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`;
      print(context, `@@ -${range(from, to - from)} +${range(fromRight, toRight - fromRight)} @@\n`);
      let at = from;
      for (const h of group) {
        for (; at < h.left; at++) print(context, ` ${left[at] ?? ''}\n`);
        for (let i = 0; i < h.removed; i++) print(context, `-${left[at++] ?? ''}\n`);
        for (let i = 0; i < h.added; i++) print(context, `+${right[h.right + i] ?? ''}\n`);
      }
      for (; at < to; at++) print(context, ` ${left[at] ?? ''}\n`);
    }
    return 1;
  },
});

interface Hunk {
  readonly left: number;
  readonly removed: number;
  readonly right: number;
  readonly added: number;
}

/** Longest common subsequence, quadratic: files here are small. */
function changes(a: readonly string[], b: readonly string[]): Hunk[] {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const hunks: Hunk[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
      continue;
    }
    const left = i;
    const right = j;
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) i++;
      else j++;
    }
    hunks.push({ left, removed: i - left, right, added: j - right });
  }
  return hunks;
}

/** Hunks closer than six lines share one header. */
function joined(hunks: readonly Hunk[]): Hunk[][] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && hunk.left - (before.left + before.removed) <= 6) last.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

function* both(context: Context, a: string, b: string): Generator<Wait, readonly [string, string], void> {
  const name = context.args[0] ?? '';
  const texts: string[] = [];
  for (const file of [a, b]) {
    const text = yield* readFile(context, file, (t) => {
      throw new Exit(name === 'cmp' ? 2 : 1, `${name}: ${t}\n`);
    });
    texts.push(text ?? '');
  }
  return [texts[0] ?? '', texts[1] ?? ''];
}

const comm: Command = gnu({
  name: 'comm', models: '-1 -2 -3', short: '123', long: { 'check-order': 'c', 'nocheck-order': 'n', 'output-delimiter': 'od:' },
  *run(context, options) {
    const [a, b, extra] = options.rest;
    if (a === undefined || b === undefined) throw new Exit(1, `comm: missing operand${a === undefined ? '' : ` after ‘${a}’`}\nTry 'comm --help' for more information.\n`);
    if (extra !== undefined) throw new Exit(1, `comm: extra operand ‘${extra}’\nTry 'comm --help' for more information.\n`);
    const [left, right] = (yield* both(context, a, b)).map(splitLines);
    if (left === undefined || right === undefined) return 1;
    const unsorted = [left, right].map((lines) => lines.some((l, i) => i > 0 && l < (lines[i - 1] ?? '')));
    const tab = options.value('od') ?? '\t';
    const show = (column: 1 | 2 | 3, text: string): void => {
      if (options.has(String(column))) return;
      const before = [1, 2].filter((c) => c < column && !options.has(String(c))).length;
      print(context, `${tab.repeat(before)}${text}\n`);
    };
    for (let i = 0, j = 0; i < left.length || j < right.length;) {
      const x = left[i];
      const y = right[j];
      if (x !== undefined && x === y) {
        show(3, x);
        i++;
        j++;
      } else if (x !== undefined && (y === undefined || x < y)) {
        show(1, x);
        i++;
      } else {
        show(2, y ?? '');
        j++;
      }
    }
    for (const [k, wrong] of unsorted.entries()) if (wrong && !options.has('n')) context.stderr.write(`comm: file ${k + 1} is not in sorted order\n`);
    if (!unsorted.includes(true) || options.has('n')) return 0;
    throw new Exit(1, 'comm: input is not in sorted order\n');
  },
});

const cmp: Command = gnu({
  name: 'cmp', models: '-s', short: 's', long: { quiet: 's', silent: 's' }, usageCode: 2,
  *run(context, options) {
    const [a, b = '-'] = options.rest;
    if (a === undefined) throw new Exit(2, "cmp: missing operand after 'cmp'\ncmp: Try 'cmp --help' for more information.\n");
    const [left, right] = yield* both(context, a, b);
    if (left === right) return 0;
    if (options.has('s')) return 1;
    let at = 0;
    while (at < Math.min(left.length, right.length) && left.charAt(at) === right.charAt(at)) at++;
    const line = left.slice(0, at).split('\n').length;
    if (at < left.length && at < right.length) print(context, `${a} ${b} differ: byte ${at + 1}, line ${line}\n`);
    else context.stderr.write(`cmp: EOF on ${left.length < right.length ? a : b}${at === 0 ? ' which is empty' : ` after byte ${at}, ${left.slice(0, at).endsWith('\n') ? '' : 'in '}line ${left.slice(0, at).endsWith('\n') ? line - 1 : line}`}\n`);
    return 1;
  },
});

export const diffTools: readonly Command[] = [diff, comm, cmp];
