/**
 * Read first: coredns.io/manual/configuration.
 * Models: coredns/caddy caddyfile/{lexer,parse}.go (v1.1.1): server blocks, quotes, comments, `import` of a glob; the sum of reload.go is over these tokens.
 * Not modelled: snippets, environment variables, a server without braces.
 */
import { sha512Hex } from '../../../base/hash.ts';
import { err, ok, type Result } from '../../../base/result.ts';

/** In the order and with the names of Go's JSON. */
interface Token {
  /** Empty for the Corefile itself. */
  readonly File: string;
  readonly Line: number;
  readonly Text: string;
}

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly (readonly string[])[];
  readonly line: number;
}

export interface ServerBlock {
  readonly keys: readonly string[];
  readonly directives: readonly Directive[];
}

export interface Corefile {
  readonly blocks: readonly ServerBlock[];
  /** Patterns of imports that no file matches. */
  readonly unmatched: readonly string[];
  /** Of what was parsed: comments and white space do not count. */
  readonly sha512: string;
}

/** Files that a glob names, with their texts. */
export type Glob = (pattern: string) => readonly { readonly path: string; readonly text: string }[];

const KNOWN: ReadonlySet<string> = new Set(['errors', 'health', 'ready', 'kubernetes', 'hosts', 'prometheus', 'forward', 'cache', 'loop', 'reload', 'loadbalance', 'log']);
/** plugin.cfg of 1.10.1, less the ones above. */
const OTHERS: ReadonlySet<string> = new Set(`metadata geoip cancel tls timeouts root bind debug trace nsid bufsize dnstap acl any chaos tsig header dnssec autopath minimal template transfer rewrite
 dns64 clouddns azure route53 file auto secondary etcd grpc erratic whoami on sign pprof view local k8s_external`.split(/\s+/));

function tokensOf(text: string, file: string): Token[] {
  return text.split('\n').flatMap((source, i) => (source.replace(/(^|\s)#.*$/, '').match(/"[^"]*"|\S+/g) ?? []).map((word) => ({ File: file, Line: i + 1, Text: word.replace(/^"(.*)"$/, '$1') })));
}

const MAIN = '/etc/coredns/Corefile';
const where = (t: Token): string => `${t.File === '' ? MAIN : t.File}:${t.Line}`;

/** Imports are replaced by what they import, at the start of a line. */
function expand(tokens: readonly Token[], glob: Glob, unmatched: string[], depth = 0): readonly Token[] {
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    const before = tokens[i - 1];
    if (token === undefined) continue;
    const first = before === undefined || before.Line !== token.Line || before.File !== token.File;
    if (token.Text !== 'import' || !first || depth > 5) {
      out.push(token);
      continue;
    }
    const pattern = tokens[++i]?.Text ?? '';
    const files = glob(pattern);
    if (files.length === 0) unmatched.push(pattern);
    for (const f of files) out.push(...expand(tokensOf(f.text, f.path), glob, unmatched, depth + 1));
  }
  return out;
}

interface Open {
  readonly keys: readonly string[];
  readonly tokens: Map<string, Token[]>;
  readonly directives: Directive[];
}

export function parseCorefile(text: string, glob: Glob = () => []): Result<Corefile, string> {
  const unmatched: string[] = [];
  const tokens = expand(tokensOf(text, ''), glob, unmatched);
  const servers: Open[] = [];
  let i = 0;
  /** Tokens of the line at `i`. */
  const line = (): readonly Token[] => {
    const at = tokens[i];
    let end = i;
    while (tokens[end]?.Line === at?.Line && tokens[end]?.File === at?.File && tokens[end] !== undefined) end++;
    return tokens.slice(i, end);
  };
  while (i < tokens.length) {
    const head = line();
    const brace = head.findIndex((t) => t.Text === '{');
    const [first] = head;
    if (first === undefined) break;
    if (brace < 0) return err(`${where(first)} - Error during parsing: Unexpected token '${first.Text}', expecting '{'`);
    const server: Open = { keys: head.slice(0, brace).flatMap((t) => t.Text.split(',')).filter((k) => k !== ''), tokens: new Map(), directives: [] };
    servers.push(server);
    i += brace + 1;
    for (;;) {
      const parts = line();
      const [start] = parts;
      if (start === undefined) {
        const last = tokens.at(-1) ?? first;
        return err(`${where(last)} - Syntax error: Unexpected token '${last.Text}', expecting '}'`);
      }
      if (start.Text === '}') {
        i++;
        break;
      }
      if (OTHERS.has(start.Text)) return err(`${where(start)} - Error during parsing: the plugin '${start.Text}' is not modelled in this lab`);
      if (!KNOWN.has(start.Text)) return err(`${where(start)} - Error during parsing: Unknown directive '${start.Text}'`);
      const taken = directive(parts, (tokens_) => server.directives.push(tokens_));
      if (taken === undefined) return err(`${where(tokens.at(-1) ?? start)} - Error during parsing: Unexpected EOF`);
      server.tokens.set(start.Text, [...(server.tokens.get(start.Text) ?? []), ...taken]);
    }
  }
  const json = servers.map((s) => ({ Keys: s.keys, Tokens: Object.fromEntries([...s.tokens].sort(([a], [b]) => (a < b ? -1 : 1))) }));
  return ok({ blocks: servers.map(({ keys, directives }) => ({ keys, directives })), unmatched, sha512: sha512Hex(JSON.stringify(json)) });

  /** One directive with its block: its tokens, undefined when it does not end. */
  function directive(parts: readonly Token[], push: (d: Directive) => void): readonly Token[] | undefined {
    const from = i;
    const [start] = parts;
    const opens = parts.at(-1)?.Text === '{';
    const args = parts.slice(1, opens ? -1 : undefined).map((t) => t.Text);
    const block: (readonly string[])[] = [];
    i += parts.length;
    while (opens) {
      const inner = line();
      if (inner[0] === undefined) return undefined;
      i += inner[0].Text === '}' ? 1 : inner.length;
      if (inner[0].Text === '}') break;
      block.push(inner.map((t) => t.Text));
    }
    push({ name: start?.Text ?? '', args, block, line: start?.Line ?? 0 });
    return tokens.slice(from, i);
  }
}
