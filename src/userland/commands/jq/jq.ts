/**
 * Read first: jq(1). Models: jq 1.6 src/main.c. One letter options may stand together (-rc).
 * Not modelled: colours, --stream, --seq, modules, --slurpfile, --rawfile.
 */
import type { Wait } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { fail, NOT_MODELLED, print, readFile, warn } from '../kit.ts';
import { check, run, RunError } from './evaluate.ts';
import { parseTexts } from './input.ts';
import { CompileError, parseFilter, type Filter } from './syntax.ts';
import { text, truthy, type Json, type Style } from './values.ts';

interface Options {
  readonly flags: ReadonlySet<string>;
  readonly indent: number;
  readonly vars: ReadonlyMap<string, Json>;
  readonly filter: string;
  readonly files: readonly string[];
}

const LONG: Readonly<Record<string, string>> = {
  'raw-output': 'r', 'compact-output': 'c', slurp: 's', 'null-input': 'n', 'exit-status': 'e', 'sort-keys': 'S', 'raw-input': 'R', 'join-output': 'j', 'ascii-output': 'a', 'monochrome-output': 'M', 'color-output': 'C', tab: 'tab', help: 'h', version: 'V',
};
const FLAGS = 'rcsneSRjaMChV';
const ABSENT = ['stream', 'seq', 'slurpfile', 'rawfile', 'jsonargs', 'args', 'from-file', 'unbuffered', 'stream-errors'];
const USAGE_HINT = 'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n';
const USAGE = `Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] -n FILTER\n\nModelled in this lab: -r -c -s -n -e -S -R -j -M --tab --indent n --arg a v --argjson a v\n`;

/** The options, or what jq says of them. */
function read(words: readonly string[]): Options | string {
  const flags = new Set<string>();
  const vars = new Map<string, Json>();
  const rest: string[] = [];
  let indent = 2;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const name = word.slice(2);
    if (!word.startsWith('-') || word === '-') rest.push(word);
    else if (word === '--arg' || word === '--argjson') {
      const [key, value] = words.slice(i + 1, i + 3);
      if (key === undefined || value === undefined) return `jq: ${word} takes two parameters (e.g. ${word} varname ${word === '--arg' ? 'value' : 'text'})\n`;
      const parsed = word === '--arg' ? { values: [value], error: undefined } : parseTexts(value);
      if (parsed.error !== undefined || parsed.values.length !== 1) return `jq: Invalid JSON text passed to --argjson\n`;
      vars.set(key, parsed.values[0]);
      i += 2;
    } else if (word === '--indent') {
      indent = Number(words[++i] ?? Number.NaN);
      if (!(indent >= 0)) return 'jq: Cannot indent less than zero characters\n';
      if (indent > 7) return 'jq: Cannot indent more than 7 characters\n';
    } else if (word.startsWith('--') && LONG[name] !== undefined) flags.add(LONG[name]);
    else if (ABSENT.includes(name) || word === '-f') return `jq: ${word} is ${NOT_MODELLED}\n`;
    else if (!word.startsWith('--') && [...word.slice(1)].every((c) => FLAGS.includes(c))) for (const c of word.slice(1)) flags.add(c);
    else return `jq: Unknown option ${word}\n`;
  }
  const [filter = '.', ...files] = rest;
  return { flags, indent, vars, filter, files };
}

/** What is read, as one text, or undefined when a file is missing (told). */
function* source(context: Context, files: readonly string[]): Generator<Wait, { readonly text: string; readonly missing: boolean }, void> {
  let all = '';
  let missing = false;
  for (const file of files.length === 0 ? ['-'] : files) {
    const got = yield* readFile(context, file, (why) => warn(context, `jq: error: Could not open file ${why}\n`));
    if (got === undefined) missing = true;
    else all += got;
  }
  return { text: all, missing };
}

const ascii = (line: string): string => line.replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function* main(context: Context): Generator<Wait, number, void> {
  const options = read(context.args.slice(1));
  if (typeof options === 'string') {
    warn(context, options + USAGE_HINT);
    return 2;
  }
  const { flags } = options;
  if (flags.has('V')) {
    print(context, 'jq-1.6\n');
    return 0;
  }
  if (flags.has('h')) {
    print(context, USAGE);
    return 0;
  }
  let filter: Filter;
  try {
    filter = parseFilter(options.filter);
    check(filter, options.filter, new Set(options.vars.keys()));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    warn(context, `jq: error: ${error.message}\njq: 1 compile error\n`);
    return 3;
  }
  const given = flags.has('n') ? { text: '', missing: false } : yield* source(context, options.files);
  const parsed = flags.has('R') ? { values: given.text.split('\n').slice(0, given.text.endsWith('\n') ? -1 : undefined), error: undefined } : parseTexts(given.text);
  const inputs: readonly Json[] = flags.has('n') ? [undefined] : flags.has('s') ? [flags.has('R') ? given.text : parsed.values] : parsed.values;
  const style: Style = { indent: flags.has('c') ? 0 : options.indent, tab: flags.has('tab') && !flags.has('c'), sortKeys: flags.has('S') };
  const raw = flags.has('r') || flags.has('j');
  let code = given.missing ? 2 : 0;
  let last: Json;
  for (const input of inputs) {
    try {
      for (const value of run(filter, input, options.vars)) {
        const line = raw && typeof value === 'string' ? value : text(value, style);
        print(context, (flags.has('a') ? ascii(line) : line) + (flags.has('j') ? '' : '\n'));
        last = value;
      }
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      warn(context, `jq: error (at <stdin>:${Math.max(1, given.text.split('\n').length - 1)}): ${error.message}\n`);
      code = 5;
    }
  }
  if (parsed.error !== undefined) return fail({ ...context, args: ['parse error'] }, parsed.error, 4);
  return code === 0 && flags.has('e') && !truthy(last) ? 1 : code;
}

export const jq: Command = {
  name: 'jq', models: 'jq 1.6: paths, pipes, slices, string interpolation, conditions, construction, about 90 functions; -r -c -s -n -e -S -R -j',
  notModelled: 'assignments, reduce, def, regular expressions beyond test, colours',
  complete: () => ['-r', '-c', ...Object.keys(LONG).map((l) => `--${l}`)],
  run: main,
};
