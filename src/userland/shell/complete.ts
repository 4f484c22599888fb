/** Tab: commands at the start, then what the command offers, variables, paths. */
import type { Host } from '../host.ts';
import { BUILTINS } from './builtins/all.ts';
import { resolvePath } from './glob.ts';

export interface Completion {
  /** Where in the line the candidates start. */
  readonly start: number;
  readonly candidates: readonly string[];
}

export function completeLine(host: Host, cwd: string, line: string, cursor: number, variables: readonly string[] = []): Completion {
  const before = line.slice(0, cursor);
  const word = /(?:[^\s'"|&;<>()`]|\\.)*$/.exec(before)?.[0] ?? '';
  const start = before.length - word.length;
  if (/\$\w*$/.test(word)) {
    const name = word.slice(word.lastIndexOf('$') + 1);
    const at = start + word.lastIndexOf('$');
    return { start: at, candidates: filtered(variables.map((v) => `$${v}`), `$${name}`) };
  }
  // Words of the command that the cursor stands in, without sudo and assignments.
  const segment = before.slice(0, start).split(/\|\|?|&&?|;|\(|`|\bdo\b|\bthen\b/).at(-1) ?? '';
  let words = segment.trim().split(/\s+/).filter((w) => w !== '');
  while (words[0] !== undefined && (/^\w+=/.test(words[0]) || words[0] === 'sudo' || words[0] === 'time' || words[0] === '!')) words = words.slice(1);
  const command = words[0];
  const redirecting = /[<>]\s*$/.test(before.slice(0, start));
  if (command === undefined && !redirecting && !word.includes('/')) {
    return { start, candidates: filtered([...new Set([...host.commandNames(), ...BUILTINS.keys()])].filter((n) => /^\w/.test(n)), word) };
  }
  const offered = command === undefined || redirecting ? [] : filtered(host.command(command)?.complete?.(host, [...words, word]) ?? [], word);
  if (offered.length > 0) return { start, candidates: offered };
  return { start, candidates: paths(host, cwd, word) };
}

const filtered = (candidates: readonly string[], word: string): string[] => [...new Set(candidates)].filter((c) => c.startsWith(word)).sort();

function paths(host: Host, cwd: string, word: string): string[] {
  const cut = word.lastIndexOf('/') + 1;
  const folder = word.slice(0, cut);
  const name = word.slice(cut);
  const names = host.fs.list(resolvePath(cwd, folder === '' ? '.' : folder.replace(/^~/, host.home)));
  if (!names.ok) return [];
  return names.value
    .filter((n) => n.startsWith(name) && (name.startsWith('.') || !n.startsWith('.')))
    .map((n) => `${folder}${n}${host.fs.kind(resolvePath(cwd, folder.replace(/^~/, host.home) + n)) === 'directory' ? '/' : ''}`)
    .sort();
}
