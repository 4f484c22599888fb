/** Read first: kubernetes.io/docs/reference/kubectl/jsonpath. Models: client-go/util/jsonpath: paths, [*], [n], [a:b], filters, range/end, quoted text, `..name`. */
import { err, ok, type Result } from '../../base/result.ts';

const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> => typeof v === 'object' && v !== null && !Array.isArray(v);

const text = (v: unknown): string => (typeof v === 'string' ? v : v === undefined || v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v));

function descend(value: unknown, name: string): unknown[] {
  const here = isRecord(value) && value[name] !== undefined ? [value[name]] : [];
  const below = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return [...here, ...below.flatMap((v) => descend(v, name))];
}

function compare(left: unknown, op: string, right: string): boolean {
  const wanted = /^(['"])(.*)\1$/.exec(right.trim())?.[2] ?? right.trim();
  const have = text(left);
  const [a, b] = [Number(have), Number(wanted)];
  const numeric = have !== '' && !Number.isNaN(a) && !Number.isNaN(b);
  switch (op) {
    case '==': return have === wanted;
    case '!=': return have !== wanted;
    case '<': return numeric ? a < b : have < wanted;
    case '>': return numeric ? a > b : have > wanted;
    case '<=': return numeric ? a <= b : have <= wanted;
    case '>=': return numeric ? a >= b : have >= wanted;
    default: return false;
  }
}

/** Values at a path such as `.items[*].metadata.name`. */
export function evaluate(path: string, root: unknown): Result<readonly unknown[], string> {
  let values: unknown[] = [root];
  let rest = path.trim().replace(/^[$@]/, '');
  while (rest !== '') {
    const recursive = /^\.\.([\w-]+)/.exec(rest);
    const name = /^\.((?:[\w-]|\\\.)+|\*)/.exec(rest);
    const filter = /^\[\?\(\s*@((?:[^=!<>]|\[[^\]]*\])*?)\s*(==|!=|<=|>=|<|>)\s*((?:'[^']*'|"[^"]*"|[^)])+?)\s*\)\]/.exec(rest);
    const exists = /^\[\?\(\s*@([^=!<>)]*)\)\]/.exec(rest);
    const index = /^\[(-?\d+|\*|'[^']*'|"[^"]*"|-?\d*:-?\d*)\]/.exec(rest);
    if (recursive !== null) values = values.flatMap((v) => descend(v, recursive[1] ?? ''));
    else if (name !== null) {
      const key = (name[1] ?? '').replaceAll('\\.', '.');
      values = values.flatMap((v) => (key === '*' ? (Array.isArray(v) ? v : isRecord(v) ? Object.values(v) : []) : isRecord(v) && v[key] !== undefined ? [v[key]] : []));
    } else if (filter !== null) {
      const [, at = '', op = '', right = ''] = filter;
      values = values.flatMap((v) => (Array.isArray(v) ? v.filter((item: unknown) => {
        const found = evaluate(at, item);
        return found.ok && compare(found.value[0], op, right);
      }) : []));
    } else if (exists !== null) {
      values = values.flatMap((v) => (Array.isArray(v) ? v.filter((item: unknown) => {
        const found = evaluate(exists[1] ?? '', item);
        return found.ok && found.value.length > 0;
      }) : []));
    } else if (index !== null) {
      const key = index[1] ?? '';
      const quoted = /^(['"])(.*)\1$/.exec(key)?.[2];
      const slice = /^(-?\d*):(-?\d*)$/.exec(key);
      values = values.flatMap((v) => {
        if (quoted !== undefined) return isRecord(v) && v[quoted] !== undefined ? [v[quoted]] : [];
        if (key === '*') return Array.isArray(v) ? v : isRecord(v) ? Object.values(v) : [];
        if (!Array.isArray(v)) return [];
        if (slice !== null) return v.slice(slice[1] === '' ? 0 : Number(slice[1]), slice[2] === '' ? undefined : Number(slice[2]));
        const item: unknown = v.at(Number(key));
        return item === undefined ? [] : [item];
      });
    } else if (/^\.$/.test(rest)) rest = ' ';
    else return err(`unrecognized character in action: U+${rest.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${rest.charAt(0)}'`);
    rest = rest.slice((recursive ?? name ?? filter ?? exists ?? index)?.[0].length ?? rest.length);
  }
  return ok(values);
}

interface Block {
  readonly kind: 'text' | 'path' | 'range' | 'end';
  readonly value: string;
}

const unescape = (t: string): string => t.replaceAll(/\\(n|t|\\|")/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);

function blocks(template: string): Result<readonly Block[], string> {
  const out: Block[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) break;
    if (open > at) out.push({ kind: 'text', value: template.slice(at, open) });
    let close = open + 1;
    for (let quote = ''; close < template.length && (quote !== '' || template[close] !== '}'); close++) {
      const c = template.charAt(close);
      if (quote === '' ? c === '"' || c === "'" : c === quote) quote = quote === '' ? c : '';
    }
    if (close >= template.length) return err('unclosed action');
    const body = template.slice(open + 1, close).trim();
    const quoted = /^(["'])([^]*)\1$/.exec(body);
    if (quoted !== null) out.push({ kind: 'text', value: unescape(quoted[2] ?? '') });
    else if (body === 'end') out.push({ kind: 'end', value: '' });
    else if (/^range\s/.test(body)) out.push({ kind: 'range', value: body.slice(6) });
    else out.push({ kind: 'path', value: body });
    at = close + 1;
  }
  if (at < template.length) out.push({ kind: 'text', value: template.slice(at) });
  return ok(out);
}

/** `json`: every value as JSON, in a list (-o jsonpath-as-json). */
export function jsonPath(template: string, root: unknown, json = false): Result<string, string> {
  const all: unknown[] = [];
  const whole = template.includes('{') ? template : `{${template.startsWith('.') || template.startsWith('[') ? '' : '.'}${template}}`;
  const parsed = blocks(whole);
  if (!parsed.ok) return parsed;
  const list = parsed.value;
  const run = (from: number, to: number, scope: unknown): Result<string, string> => {
    let out = '';
    for (let i = from; i < to; i++) {
      const block = list[i];
      if (block === undefined || block.kind === 'end') continue;
      if (block.kind === 'text') {
        out += block.value;
        continue;
      }
      const found = evaluate(block.value, scope);
      if (!found.ok) return found;
      if (block.kind === 'path') {
        all.push(...found.value);
        out += found.value.map(text).join(' ');
        continue;
      }
      let depth = 1;
      let end = i + 1;
      while (end < to && depth > 0) {
        if (list[end]?.kind === 'range') depth++;
        else if (list[end]?.kind === 'end') depth--;
        end++;
      }
      for (const item of found.value) {
        const inner = run(i + 1, end - 1, item);
        if (!inner.ok) return inner;
        out += inner.value;
      }
      i = end - 1;
    }
    return ok(out);
  };
  const done = run(0, list.length, root);
  return done.ok && json ? ok(`${JSON.stringify(all, undefined, 4)}\n`) : done;
}
