/** Read first: ../shared/transcripts/README.md, "Comparison rules". Pure: texts in, difference out. */

export interface Expectation {
  readonly output: string;
  readonly compare: 'exact' | 'unordered-lines' | 'shape';
  readonly ephemeral: readonly string[];
  readonly elided: boolean;
  readonly fragment: boolean;
  readonly collapse: boolean;
  readonly columns: readonly string[] | undefined;
}

export interface Difference {
  readonly reason: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** Tabs to 8-column stops. */
function expandTabs(line: string): string {
  let out = '';
  for (const ch of line) out += ch === '\t' ? ' '.repeat(8 - (out.length % 8)) : ch;
  return out;
}

/** A line as it stands at the end: what follows a carriage return is written over what stood there. */
const overwritten = (line: string): string => line.replace(/\r+$/, '').split('\r').reduce((shown, next) => next + shown.slice(next.length));

const plain = (text: string): string[] => text.split('\n').map((line) => expandTabs(overwritten(line)));

function normalise(raw: readonly string[], e: Expectation): string[] {
  const mask = (text: string): string => e.ephemeral.reduce((masked, pattern) => masked.replace(new RegExp(pattern, 'gm'), '\u00abany\u00bb'), text);
  // Patterns may lean on a space at the end of a line, or on the end itself.
  const body = mask(mask(raw.join('\n')).split('\n').map((line) => line.trimEnd()).join('\n').replace(/\n+$/, ''));
  let lines = body === '' ? [] : body.split('\n');
  if (e.collapse) lines = lines.map((line) => line.trim().replace(/\s+/g, ' ')).filter((line) => line !== '');
  else if (e.compare === 'shape') lines = lines.map((line) => line.replace(/ {2,}/g, '  '));
  return lines;
}

/** Keeps the named columns of a table whose header is its first line; columns begin where their names do. */
function project(lines: readonly string[], columns: readonly string[]): string[] {
  const header = lines[0];
  if (header === undefined) return [];
  const starts = [...header.matchAll(/\S+(?: \S+)*/g)].map((m) => ({ name: m[0], from: m.index }));
  const wanted = columns.map((name) => starts.findIndex((s) => s.name === name));
  if (wanted.includes(-1)) return [...lines];
  return lines.map((line) => wanted.map((i) => line.slice(starts[i]?.from, starts[i + 1]?.from).trim()).join('  '));
}

const isGap = (line: string): boolean => line.trim() === '[...]';

/** `[...]` inside a line matches any text. */
function lineMatches(expected: string, actual: string, fragment: boolean): boolean {
  if (!expected.includes('[...]')) return fragment ? actual.includes(expected) : actual === expected;
  const source = expected.split('[...]').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(fragment ? source : `^${source}$`).test(actual);
}

/** undefined: the actual output is what the transcript says. */
export function compare(e: Expectation, actualText: string): Difference | undefined {
  const raw = plain(actualText);
  const shown = plain(e.output);
  // Some columns of a table stand otherwise than they do in all of it: their widths do not count.
  const expected = normalise(e.columns === undefined ? shown : shown.map((line) => line.replace(/ {2,}/g, '  ')), e);
  // Columns are cut while they still stand under their names: before anything is masked or folded.
  const actual = normalise(e.columns === undefined ? raw : project(raw, e.columns), e);
  const wanted = expected.filter((line) => !isGap(line));
  const differ = (reason: string): Difference => ({ reason, expected, actual });

  if (e.compare === 'unordered-lines') {
    const rest = [...actual];
    for (const line of wanted) {
      const i = rest.findIndex((candidate) => lineMatches(line, candidate, e.fragment));
      if (i < 0) return differ(`missing: ${line}`);
      rest.splice(i, 1);
    }
    const exhaustive = !e.elided && wanted.length === expected.length;
    return exhaustive && rest.length > 0 ? differ(`not expected: ${rest[0] ?? ''}`) : undefined;
  }
  const open = e.elided || wanted.length !== expected.length;
  if (open) {
    let at = 0;
    for (const line of wanted) {
      while (at < actual.length && !lineMatches(line, actual[at] ?? '', e.fragment)) at++;
      if (at === actual.length) return differ(`missing (in this order): ${line}`);
      at++;
    }
    return undefined;
  }
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const want = expected[i];
    const got = actual[i];
    if (want === undefined) return differ(`line ${i + 1} not expected: ${got ?? ''}`);
    if (got === undefined) return differ(`line ${i + 1} missing: ${want}`);
    if (!lineMatches(want, got, e.fragment)) return differ(`line ${i + 1} differs`);
  }
  return undefined;
}
