/** diff -u of two texts, three lines of context. Models: GNU diffutils' unified format; the longest common subsequence by dynamic programming. */
interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

function edits(a: readonly string[], b: readonly string[]): readonly Edit[] {
  const size = b.length + 1;
  const best = new Uint32Array((a.length + 1) * size);
  const at = (i: number, j: number): number => best[i * size + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) best[i * size + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ sign: ' ', line: a[i++] ?? '' });
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) out.push({ sign: '-', line: a[i++] ?? '' });
    else out.push({ sign: '+', line: b[j++] ?? '' });
  }
  return out;
}

const lines = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const range = (start: number, count: number): string => (count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`);

/** '' when the texts are the same. */
export function unifiedDiff(a: string, b: string, from: string, to: string, context = 3): string {
  const all = edits(lines(a), lines(b));
  const changed = all.flatMap((e, i) => (e.sign === ' ' ? [] : [i]));
  const hunks: { from: number; to: number }[] = [];
  for (const i of changed) {
    const last = hunks.at(-1);
    if (last !== undefined && i - last.to <= 2 * context) last.to = i;
    else hunks.push({ from: i, to: i });
  }
  if (hunks.length === 0) return '';
  const text = hunks.map((h) => {
    const start = Math.max(0, h.from - context);
    const part = all.slice(start, h.to + context + 1);
    const before = all.slice(0, start);
    const count = (list: readonly Edit[], skip: string): number => list.filter((e) => e.sign !== skip).length;
    return `@@ -${range(count(before, '+') + 1, count(part, '+'))} +${range(count(before, '-') + 1, count(part, '-'))} @@\n${part.map((e) => `${e.sign}${e.line}\n`).join('')}`;
  }).join('');
  return `--- ${from}\n+++ ${to}\n${text}`;
}
