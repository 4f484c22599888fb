/** Read first: glob(7), bash(1) Pathname Expansion. Not modelled: extglob, character collation. */
import type { FileSystem } from '../host.ts';

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', space: '\\s', blank: ' \\t', punct: '!-\\/:-@\\[-`{-~', xdigit: '0-9A-Fa-f',
};

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const TOKEN = /\[:(\w+):\]|\\([\s\S])|([\s\S])/g;
const member = (char: string): string => char.replace(/[\]\\^[-]/, '\\$&');

/** What stands between brackets. A range that ends before it begins holds nothing. */
function members(set: string): string {
  const tokens = [...set.matchAll(TOKEN)].map(([, name, quoted, plain]) => ({ named: name === undefined ? undefined : CLASSES[name] ?? '', char: quoted ?? plain ?? '', dash: plain === '-' }));
  let out = '';
  for (let i = 0; i < tokens.length; i++) {
    const { named, char } = tokens[i] ?? { named: '', char: '' };
    const to = tokens[i + 2];
    if (named !== undefined) out += named;
    else if (tokens[i + 1]?.dash === true && to?.named === undefined && to !== undefined) {
      if (char <= to.char) out += `${member(char)}-${member(to.char)}`;
      i += 2;
    } else out += member(char);
  }
  return out;
}

/** A pattern's regular expression source. Quoted characters come as `\x`. */
export function globSource(pattern: string, slashes: boolean): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '\\' && i + 1 < pattern.length) out += quote(pattern.charAt(++i));
    else if (c === '*') out += slashes ? '[^/]*' : '[\\s\\S]*';
    else if (c === '?') out += slashes ? '[^/]' : '[\\s\\S]';
    else if (c === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) {
        out += '\\[';
        continue;
      }
      let close = end;
      while (pattern.slice(i, close).split('[:').length > pattern.slice(i, close + 1).split(':]').length) {
        const next = pattern.indexOf(']', close + 1);
        if (next < 0) break;
        close = next;
      }
      let set = pattern.slice(i + 1, close);
      const negate = set.startsWith('!') || set.startsWith('^');
      if (negate) set = set.slice(1);
      out += `[${negate ? '^' : ''}${members(set)}]`;
      i = close;
    } else out += quote(c);
  }
  return out;
}

export const matchesGlob = (pattern: string, text: string): boolean => new RegExp(`^(?:${globSource(pattern, false)})$`).test(text);

export const hasGlob = (pattern: string): boolean => /(^|[^\\])(\\\\)*[*?[]/.test(pattern);

export const unescapeGlob = (pattern: string): string => pattern.replace(/\\([\s\S])/g, '$1');

/** `.` and `..` resolved against the current folder. */
export function resolvePath(cwd: string, path: string): string {
  const out: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return `/${out.join('/')}`;
}

/** Paths that match, sorted; none: an empty list. */
export function expandGlob(fs: FileSystem, cwd: string, pattern: string): readonly string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((p, i) => p !== '' || i > 0);
  let found: string[] = [absolute ? '/' : ''];
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const next: string[] = [];
    for (const base of found) {
      if (!hasGlob(part)) {
        const name = unescapeGlob(part);
        const path = base + name;
        if (part === '' || fs.kind(resolvePath(cwd, path === '' ? '.' : path)) !== undefined) next.push(last ? path : `${path}/`);
        continue;
      }
      const names = fs.list(resolvePath(cwd, base === '' ? '.' : base));
      if (!names.ok) continue;
      const regex = new RegExp(`^(?:${globSource(part, true)})$`);
      for (const name of names.value) {
        if (!regex.test(name) || (name.startsWith('.') && !part.startsWith('.'))) continue;
        const path = base + name;
        if (last || fs.kind(resolvePath(cwd, path)) === 'directory') next.push(last ? path : `${path}/`);
      }
    }
    found = next;
  }
  return found.sort();
}
