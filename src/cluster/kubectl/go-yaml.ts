/**
 * YAML as kubectl writes it.
 * Read first: yaml.org/spec/1.1. Models: gopkg.in/yaml.v2 v2.4.0 (resolve.go, sorter.go, emitterc.go: analyze_scalar, select_scalar_style, write_*_scalar), through sigs.k8s.io/yaml 1.3 as in kubectl 1.29.
 * Not modelled: keys longer than 128 characters (`? key`), binary strings.
 */
const WIDTH = 80;
const INDENT = 2;

const isLetter = (c: string): boolean => /^\p{L}$/u.test(c);
const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

/** sorter.go keyList.Less: letters after everything else, runs of digits as numbers. */
export function compareKeys(a: string, b: string): number {
  const [ar, br] = [[...a], [...b]];
  for (let i = 0; i < ar.length && i < br.length; i++) {
    const [x = '', y = ''] = [ar[i], br[i]];
    if (x === y) continue;
    const [al, bl] = [isLetter(x), isLetter(y)];
    if (al && bl) return x < y ? -1 : 1;
    if (al || bl) return bl ? -1 : 1;
    let [ai, bi, an, bn] = [i, i, 0, 0];
    if (x === '0' || y === '0') {
      for (let j = i - 1; j >= 0 && isDigit(ar[j]); j--) if (ar[j] !== '0') { an = 1; bn = 1; break; }
    }
    for (; isDigit(ar[ai]); ai++) an = an * 10 + Number(ar[ai]);
    for (; isDigit(br[bi]); bi++) bn = bn * 10 + Number(br[bi]);
    if (an !== bn) return an - bn;
    if (ai !== bi) return ai - bi;
    return x < y ? -1 : 1;
  }
  return ar.length - br.length;
}

const RESOLVED: ReadonlySet<string> = new Set([
  '', '~', 'null', 'Null', 'NULL', '<<', ...['y', 'yes', 'true', 'on', 'n', 'no', 'false', 'off'].flatMap((w) => [w, w.toUpperCase(), w.charAt(0).toUpperCase() + w.slice(1)]),
  ...['.nan', '.NaN', '.NAN'], ...['', '+', '-'].flatMap((s) => [`${s}.inf`, `${s}.Inf`, `${s}.INF`]),
]);
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
/** A float of base 60: yaml.v2 quotes what an older parser would take for one. */
const BASE60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*Z|[ \t]*[-+]\d{1,2}(?::\d{2})?)?)?$/;

/** Whether a plain scalar would be read as something other than a string. */
function resolves(text: string): boolean {
  if (RESOLVED.has(text)) return true;
  const first = text.charAt(0);
  if (!/[-+.\d]/.test(first)) return false;
  if (first === '.') return FLOAT.test(text);
  const digits = text.replaceAll('_', '');
  return TIMESTAMP.test(text) || INTEGER.test(digits) || FLOAT.test(digits) || BASE60.test(text);
}

const isPrintable = (c: string): boolean => /^[\n\x20-\x7e\u{a0}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]$/u.test(c);
const isBreak = (c: string | undefined): boolean => c !== undefined && '\r\n\u0085\u2028\u2029'.includes(c);
const isBlankOrEnd = (c: string | undefined): boolean => c === undefined || c === ' ' || c === '\t' || isBreak(c);

interface Allowed {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

function analyze(text: string): Allowed {
  const chars = [...text];
  if (chars.length === 0) return { plain: true, single: true, block: false };
  let indicators = text.startsWith('---') || text.startsWith('...');
  let [special, breaks, spaceBreak, breakSpace, wasSpace, wasBreak, afterBlank] = [false, false, false, false, false, false, true];
  for (const [i, c] of chars.entries()) {
    const ends = isBlankOrEnd(chars[i + 1]);
    if (i === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(c) || ('?:-'.includes(c) && ends)) indicators = true;
    } else if ((c === ':' && ends) || (c === '#' && afterBlank)) indicators = true;
    if (!isPrintable(c)) special = true;
    if (c === ' ' && wasBreak) breakSpace = true;
    if (isBreak(c)) {
      breaks = true;
      if (wasSpace) spaceBreak = true;
    }
    [wasSpace, wasBreak] = [c === ' ', isBreak(c)];
    afterBlank = isBlankOrEnd(c);
  }
  const edge = [chars[0], chars.at(-1)].some((c) => c === ' ' || isBreak(c));
  const never = spaceBreak || special;
  return { plain: !edge && !breaks && !indicators && !breakSpace && !never, single: !breakSpace && !never, block: chars.at(-1) !== ' ' && !never };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0', '\x07': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', '\x1b': 'e', '"': '"', '\\': '\\', '\u0085': 'N', '\u00a0': '_', '\u2028': 'L', '\u2029': 'P',
};

function escaped(c: string): string {
  const short = ESCAPES[c];
  if (short !== undefined) return `\\${short}`;
  const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}

/** `column`: where the text begins; a line that is full goes on at `indent`. */
function folded(text: string, style: 'plain' | 'single' | 'double', column: number, indent: number, key: boolean): string {
  const chars = [...text];
  const quote = style === 'single' ? "'" : style === 'double' ? '"' : '';
  let out = quote;
  let at = column + quote.length;
  let wasSpace = false;
  let wasBreak = false;
  const line = (): void => {
    out += `\n${' '.repeat(indent)}`;
    at = indent;
  };
  const put = (s: string): void => {
    out += s;
    at += [...s].length;
  };
  for (const [i, c] of chars.entries()) {
    const inner = style === 'plain' || (i > 0 && i < chars.length - 1);
    if (style === 'double' && (!isPrintable(c) || isBreak(c) || c === '"' || c === '\\')) {
      put(escaped(c));
      wasSpace = false;
    } else if (c === ' ') {
      if (!key && !wasSpace && at > WIDTH && inner && (style === 'double' || chars[i + 1] !== ' ')) {
        line();
        if (style === 'double' && chars[i + 1] === ' ') put('\\');
      } else put(c);
      wasSpace = true;
    } else if (isBreak(c)) {
      if (!wasBreak && c === '\n') out += '\n';
      out += c;
      wasBreak = true;
    } else {
      if (wasBreak) line();
      put(style === 'single' && c === "'" ? "''" : c);
      wasSpace = wasBreak = false;
    }
  }
  return out + quote;
}

function literal(text: string, indent: number): string {
  const hint = text.startsWith(' ') || isBreak(text.charAt(0)) ? String(INDENT) : '';
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || isBreak(text.at(-2)) ? '+' : '';
  const body = text.replace(/\n$/, '').split('\n').map((l) => (l === '' ? '' : ' '.repeat(indent) + l)).join('\n');
  return `|${hint}${chomp}\n${body}`;
}

function scalar(value: unknown, column: number, indent: number, key = false): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'string') return typeof value === 'number' ? goNumber(value) : String(value);
  const allowed = analyze(value);
  if (value.includes('\n')) return allowed.block && !key ? literal(value, indent) : folded(value, 'double', column, indent, key);
  if (resolves(value)) return folded(value, 'double', column, indent, key);
  if (allowed.plain && !(key && value === '')) return folded(value, 'plain', column, indent, key);
  return folded(value, allowed.single ? 'single' : 'double', column, indent, key);
}

/** strconv.FormatFloat(f, 'g', -1, 64); integers as they are. */
function goNumber(n: number): string {
  if (Number.isInteger(n) && Math.abs(n) < 1e21) return String(n);
  return String(n).replace(/e([-+])(\d)$/, 'e$10$2');
}

const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> => typeof v === 'object' && v !== null && !Array.isArray(v);

/** What follows `key:` or `-`, from the blank or the line's end on. `column`: of the end of `key:` or `-`. */
function value(v: unknown, column: number, indent: number, inSequence: boolean): string {
  if (Array.isArray(v)) {
    if (v.length === 0) return ' []\n';
    return inSequence ? ` ${items(v, indent + INDENT).trimStart()}` : `\n${items(v, indent)}`;
  }
  if (isRecord(v)) {
    const body = fields(v, indent + INDENT);
    if (body === '') return ' {}\n';
    return inSequence ? ` ${body.trimStart()}` : `\n${body}`;
  }
  return ` ${scalar(v, column + 1, indent + INDENT)}\n`;
}

const items = (list: readonly unknown[], indent: number): string => list.map((item) => `${' '.repeat(indent)}-${value(item, indent + 1, indent, true)}`).join('');

function fields(record: Readonly<Record<string, unknown>>, indent: number): string {
  return Object.entries(record).filter(([, v]) => v !== undefined).sort(([a], [b]) => compareKeys(a, b)).map(([k, v]) => {
    const key = scalar(k, indent, indent, true);
    return `${' '.repeat(indent)}${key}:${value(v, indent + [...key].length + 1, indent, false)}`;
  }).join('');
}

export function goYaml(v: unknown): string {
  if (Array.isArray(v)) return v.length === 0 ? '[]\n' : items(v, 0);
  if (isRecord(v)) return fields(v, 0) || '{}\n';
  return `${scalar(v, 0, INDENT)}\n`;
}
