/** The grammar of nginx.conf. Models: ngx_conf_file.c ngx_conf_read_token, ngx_conf_handler (1.27): tokens, blocks, include, and the texts of their errors. */
import type { FileSystem } from '../../host.ts';
import { DIRECTIVES, inContext, type Context } from './directives.ts';

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** ` in /etc/nginx/nginx.conf:12`, for messages. */
  readonly where: string;
  readonly block: readonly Directive[] | undefined;
}

/** What nginx prints after `[emerg] `. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Token = { readonly kind: 'words'; readonly words: readonly string[]; readonly end: ';' | '{' } | { readonly kind: '}' } | { readonly kind: 'eof' };

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };
const unescape = (text: string): string => text.replaceAll(/\\(["'\\trn])/g, (_, c: string) => ESCAPES[c] ?? c);

class Reader {
  readonly #text: string;
  readonly #path: string;
  #at = 0;
  #line = 1;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  get where(): string {
    return ` in ${this.#path}:${this.#line}`;
  }

  fail(text: string): ConfigError {
    return new ConfigError(text + this.where);
  }

  #next(): string | undefined {
    const c = this.#text[this.#at++];
    if (c === '\n') this.#line++;
    return c;
  }

  token(): Token {
    const words: string[] = [];
    for (;;) {
      const c = this.#next();
      if (c === undefined) {
        if (words.length > 0) throw this.fail('unexpected end of file, expecting ";" or "}"');
        return { kind: 'eof' };
      }
      if (/\s/.test(c)) continue;
      if (c === '#') {
        while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at++;
        continue;
      }
      if (c === ';' || c === '{') {
        if (words.length === 0) throw this.fail(`unexpected "${c}"`);
        return { kind: 'words', words, end: c };
      }
      if (c === '}') {
        if (words.length > 0) throw this.fail('unexpected "}"');
        return { kind: '}' };
      }
      words.push(c === '"' || c === "'" ? this.#quoted(c) : this.#plain(c));
    }
  }

  #quoted(quote: string): string {
    let word = '';
    for (;;) {
      const c = this.#next();
      if (c === undefined) throw this.fail('unexpected end of file, expecting ";" or "}"');
      if (c === quote) break;
      word += c === '\\' ? c + (this.#next() ?? '') : c;
    }
    const after = this.#text[this.#at];
    if (after !== undefined && !/[\s;{)]/.test(after)) throw this.fail(`unexpected "${after}"`);
    return unescape(word);
  }

  #plain(first: string): string {
    let word = first === '\\' ? first + (this.#next() ?? '') : first;
    for (;;) {
      const c = this.#text[this.#at];
      // `${name}` is a variable, not the beginning of a block.
      if (c === undefined || /[\s;]/.test(c) || (c === '{' && !word.endsWith('$'))) return unescape(word);
      this.#next();
      word += c === '\\' ? c + (this.#next() ?? '') : c;
    }
  }
}

/** One file's directives, checked as they are read: the first mistake from the top is the one that is told. */
export function readConfig(fs: FileSystem, path: string, context: Context, included = ''): readonly Directive[] {
  const text = fs.read(path);
  if (!text.ok) throw new ConfigError(`open() "${path}" failed (2: No such file or directory)${included}`);
  return readBlock(fs, new Reader(text.value, path), context, false);
}

function readBlock(fs: FileSystem, reader: Reader, context: Context, inside: boolean): readonly Directive[] {
  const found: Directive[] = [];
  for (;;) {
    const token = reader.token();
    if (token.kind === 'eof') {
      if (inside) throw reader.fail('unexpected end of file, expecting "}"');
      return found;
    }
    if (token.kind === '}') {
      if (!inside) throw reader.fail('unexpected "}"');
      return found;
    }
    const [name = '', ...args] = token.words;
    const { where } = reader;
    // Lines of `types` and `map` are data: any word, then its values.
    if (context === 'data') {
      if (token.end === '{') throw reader.fail('unexpected "{"');
      found.push({ name, args, where, block: undefined });
      continue;
    }
    const rule = DIRECTIVES.get(name);
    if (rule === undefined) throw reader.fail(`unknown directive "${name}"`);
    if (!inContext(rule, context)) throw reader.fail(`"${name}" directive is not allowed here`);
    if (rule.block === undefined && token.end !== ';') throw reader.fail(`directive "${name}" is not terminated by ";"`);
    if (rule.block !== undefined && token.end !== '{') throw reader.fail(`directive "${name}" has no opening "{"`);
    if (args.length < rule.min || args.length > rule.max) throw reader.fail(`invalid number of arguments in "${name}" directive`);
    if (rule.absent) throw reader.fail(`"${name}" is not modelled in this lab`);
    if (rule.flag && !['on', 'off'].includes((args[0] ?? '').toLowerCase())) throw reader.fail(`invalid value "${args[0] ?? ''}" in "${name}" directive, it must be "on" or "off"`);
    if (name === 'include') for (const file of included(fs, args[0] ?? '')) found.push(...readConfig(fs, file, context, where));
    else found.push({ name, args, where, block: rule.block === undefined ? undefined : readBlock(fs, reader, rule.block, true) });
  }
}

/** Paths of an include: relative to /etc/nginx, with wildcards in the last part. */
function included(fs: FileSystem, pattern: string): readonly string[] {
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  if (!/[*?[]/.test(path)) return [path];
  const folder = path.slice(0, path.lastIndexOf('/'));
  const name = path.slice(folder.length + 1);
  const match = new RegExp(`^${name.replaceAll(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '[^/]*').replaceAll('?', '.')}$`);
  const names = fs.list(folder);
  return (names.ok ? names.value : []).filter((n) => !n.startsWith('.') && match.test(n)).map((n) => `${folder}/${n}`);
}
