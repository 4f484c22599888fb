/** Read first: coredns.io/manual/configuration. Models: the Caddyfile grammar as far as blocks, quotes, comments and `import` of files that are not there. */
import { err, ok, type Result } from '../../../base/result.ts';

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

const KNOWN: ReadonlySet<string> = new Set(['errors', 'health', 'ready', 'kubernetes', 'hosts', 'prometheus', 'forward', 'cache', 'loop', 'reload', 'loadbalance', 'import', 'log']);

const words = (line: string): string[] => (line.replace(/(^|\s)#.*$/, '').match(/"[^"]*"|\S+/g) ?? []).map((w) => w.replace(/^"(.*)"$/, '$1'));

export function parseCorefile(text: string, file = '/etc/coredns/Corefile'): Result<readonly ServerBlock[], string> {
  const blocks: ServerBlock[] = [];
  let server: { keys: string[]; directives: Directive[] } | undefined;
  let inner: { name: string; args: string[]; block: (readonly string[])[]; line: number } | undefined;
  for (const [i, source] of text.split('\n').entries()) {
    const parts = words(source);
    const [first] = parts;
    if (first === undefined) continue;
    const opens = parts.at(-1) === '{';
    const line = i + 1;
    if (server === undefined) {
      if (first === 'import') continue; // a glob without files
      if (!opens) return err(`${file}:${line} - Error during parsing: Unexpected token '${first}', expecting '{'`);
      server = { keys: parts.slice(0, -1), directives: [] };
    } else if (inner !== undefined) {
      if (first === '}') {
        server.directives.push(inner);
        inner = undefined;
      } else inner.block.push(parts);
    } else if (first === '}') {
      blocks.push(server);
      server = undefined;
    } else {
      if (!KNOWN.has(first)) return err(`${file}:${line} - Error during parsing: Unknown directive '${first}'`);
      const directive = { name: first, args: parts.slice(1, opens ? -1 : undefined), block: [], line };
      if (opens) inner = directive;
      else if (first !== 'import') server.directives.push(directive);
    }
  }
  if (server !== undefined) return err(`${file}:${text.split('\n').length} - Error during parsing: Unexpected EOF`);
  return ok(blocks);
}
