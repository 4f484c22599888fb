/**
 * Read first: iptables-restore(8).
 * Models: xtables_restore_parse_line, add_param_to_argv, do_command (xtables-restore.c, xshared.c 1.8.9). The file is read line by line; each COMMIT
 * is one transaction, and what was committed before an error stays.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { TableName } from '../../trace/steps.ts';
import type { Counter } from './compiled.ts';
import { usage, type Failure } from './failure.ts';
import { parseUint } from './options.ts';
import { parseRule } from './parse-rule.ts';
import { isTableName, type RuleSpec } from './ruleset.ts';
import type { Draft } from './transaction.ts';

export interface RestoreOptions {
  readonly noflush: boolean;
  readonly counters: boolean;
  readonly test: boolean;
}

export interface RestoreHost {
  begin(table: TableName, keep: boolean): Draft;
  commit(draft: Draft): Failure | undefined;
}

/** Words of a line: quotes hold blanks together, a backslash inside quotes takes the next character as it is. `line` ends with its newline. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (quote !== '') {
      if (c === '\\' && i + 1 < line.length) word += line.charAt(++i);
      else if (c === quote) quote = '';
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      quoted = true;
    } else if (c === ' ' || c === '\t' || c === '\n') {
      if (word !== '' || quoted) words.push(word);
      word = '';
      quoted = false;
    } else word += c;
  }
  if (word !== '' || quoted) words.push(word);
  return words;
}

const parseCounter = (text: string): Counter | undefined => {
  const m = /^\[(\d+):(\d+)\]?/.exec(text);
  return m === null ? undefined : { packets: Number(m[1]), bytes: Number(m[2]) };
};

const COMMAND = /^(-[ADCIRNXEFZPLS]|--(append|delete|check|insert|replace|new-chain|delete-chain|rename-chain|flush|zero|policy))$/;

/** One command line inside a table: `-A CHAIN …`, `-X`, `-I CHAIN 3 …`. */
export function runWords(draft: Draft, words: readonly string[], counter: Counter | undefined): Failure | undefined {
  const at = words.findIndex((w) => COMMAND.test(w));
  const first = words[0];
  if (first !== undefined && !first.startsWith('-') && first !== '!') return usage(`Bad argument \`${first}'`, true);
  const command = words[at];
  if (command === undefined) {
    const bad = parseRule(draft.table, '', words);
    return bad.ok ? usage('no command specified') : bad.error;
  }
  const rest = [...words.slice(0, at)];
  const after = words.slice(at + 1);
  const letter = command.startsWith('--') ? LONG_COMMANDS[command.slice(2)] ?? '' : command.charAt(1);
  const chain = after[0];
  const named = chain !== undefined && !chain.startsWith('-') ? chain : undefined;
  if ('ADCIRNEP'.includes(letter) && chain === undefined) return usage(`option "${command}" requires an argument`);
  switch (letter) {
    case 'N': return draft.newChain(chain ?? '');
    case 'X': return draft.deleteChain(named);
    case 'F': return draft.flush(named);
    case 'Z': return draft.zero(named, after[1] === undefined ? undefined : Number(after[1]));
    case 'E': return after[1] === undefined ? usage(`-E requires old-chain-name and new-chain-name`) : draft.renameChain(chain ?? '', after[1]);
    case 'P': return after[1] === undefined ? usage('-P requires a chain and a policy') : draft.policy(chain ?? '', after[1]);
    case 'L': case 'S': return usage('-L and -S in a restore input are not modelled in this lab');
    default: break;
  }
  let position: number | undefined;
  let spec = after.slice(1);
  const [number] = spec;
  if ('IRD'.includes(letter) && number !== undefined && /^\d+$/.test(number)) {
    position = parseUint(number);
    spec = spec.slice(1);
  }
  if (letter === 'D' && position !== undefined) return draft.removeAt(chain ?? '', position);
  if (letter === 'R' && position === undefined) return usage('-R requires a rule number');
  const rule = parseRule(draft.table, chain ?? '', [...rest, ...spec]);
  if (!rule.ok) return rule.error;
  const { specs } = rule.value;
  const counts = rule.value.counters ?? counter;
  switch (letter) {
    case 'A': return draft.append(chain ?? '', specs, counts);
    case 'I': return draft.insert(chain ?? '', position ?? 1, specs, counts);
    case 'R': return draft.replace(chain ?? '', position ?? 0, specs, counts);
    case 'D': return draft.remove(chain ?? '', specs);
    default: return draft.check(chain ?? '', specs);
  }
}

const LONG_COMMANDS: Readonly<Record<string, string>> = {
  append: 'A', delete: 'D', check: 'C', insert: 'I', replace: 'R', 'new-chain': 'N', 'delete-chain': 'X', 'rename-chain': 'E', flush: 'F', zero: 'Z', policy: 'P',
};

export function restore(input: string, options: RestoreOptions, host: RestoreHost): Result<undefined, { readonly failure: Failure; readonly line: number }> {
  let draft: Draft | undefined;
  let number = 0;
  const fail = (failure: Failure): Result<undefined, { readonly failure: Failure; readonly line: number }> => err({ failure, line: number });
  const lines = input.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const last = i === lines.length - 1;
    const text = lines[i] ?? '';
    if (last && text === '') break;
    number++;
    if (text === '' || text.startsWith('#')) continue;
    if (draft === undefined) {
      if (!text.startsWith('*')) return fail({ kind: 'line' });
      const name = text.slice(1).trim();
      if (!isTableName(name)) return fail(usage(`iptables-restore: line ${number} table name '${name}' invalid`));
      draft = host.begin(name, options.noflush);
      continue;
    }
    draft.line = number;
    if (text === 'COMMIT' && !last) {
      const failure = host.commit(draft);
      if (failure !== undefined) return fail(failure);
      draft = undefined;
      continue;
    }
    const failure = text.startsWith(':') ? chainLine(draft, text, number, options) : commandLine(draft, text, options);
    if (failure !== undefined) return fail(failure);
  }
  if (draft !== undefined) return fail({ kind: 'plain', text: `iptables-restore: COMMIT expected at line ${number + 1}` });
  return ok(undefined);
}

function chainLine(draft: Draft, text: string, number: number, options: RestoreOptions): Failure | undefined {
  const [name, policy, counts] = text.slice(1).trim().split(/[ \t]+/);
  if (name === undefined || name === '') return usage(`iptables-restore: line ${number} chain name invalid`);
  if (policy === undefined) return usage(`iptables-restore: line ${number} policy invalid`);
  const counter = options.counters && counts !== undefined ? parseCounter(counts) : undefined;
  return draft.declare(name, policy, counter);
}

/** `-A CHAIN …` lines seen lately and what they mean: the nodes of a cluster load nearly the same thousands, again and again. */
const SEEN = new Map<string, { readonly chain: string; readonly specs: readonly RuleSpec[] }>();
const SEEN_LIMIT = 20_000;

function appendLine(draft: Draft, text: string): Failure | undefined {
  const key = `${draft.table} ${text}`;
  let known = SEEN.get(key);
  if (known === undefined) {
    const [, chain = '', ...words] = splitWords(`${text}\n`);
    const rule = chain.startsWith('-') || words.some((w) => COMMAND.test(w)) ? undefined : parseRule(draft.table, chain, words);
    if (rule?.ok !== true || rule.value.counters !== undefined) return runWords(draft, splitWords(`${text}\n`), undefined);
    known = { chain, specs: rule.value.specs };
    if (SEEN.size >= SEEN_LIMIT) SEEN.clear();
    SEEN.set(key, known);
  }
  return draft.append(known.chain, known.specs);
}

function commandLine(draft: Draft, text: string, options: RestoreOptions): Failure | undefined {
  if (text.startsWith('-A ')) return appendLine(draft, text);
  let rest = text;
  let counter: Counter | undefined;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) return usage(`Bad line, need ]`);
    counter = options.counters ? parseCounter(text) : undefined;
    rest = text.slice(end + 1);
  }
  return runWords(draft, splitWords(`${rest}\n`), counter);
}
