/** Read first: mawk(1): the awk of Ubuntu and Debian. Not modelled: getline, system(), bytes instead of characters, what a closed pipe printed. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command } from '../../host.ts';
import { textInput } from '../../shell/io.ts';
import { RegexError } from '../../text/regex.ts';
import { catching, Exit, lineReader, pathOf, print, splitLines } from '../kit.ts';
import { Awk } from './interpreter.ts';
import { unescapeAwk } from './lexer.ts';
import { parseAwk } from './parser.ts';
import { USAGE } from './usage.ts';
import type { Context } from '../../host.ts';

export const awk: Command = {
  name: 'awk', aliases: ['mawk'], models: 'patterns, ranges, BEGIN/END, fields, arrays, functions, printf, regular expressions, string and number functions, output to files and commands; -F -v -f -W version', notModelled: 'getline, system(), RS as an expression',
  *run(context) {
    return yield* catching(context, main(context));
  },
};

const VERSION = 'mawk 1.3.4 20200120\nCopyright 2008-2019,2020, Thomas E. Dickey\nCopyright 1991-1996,2014, Michael D. Brennan\n';

/** mawk's: `-F x`, `-v x=y`, `-f file`, `-W what`. */
function readOptions(args: readonly string[]): { readonly fs: string | undefined; readonly assignments: readonly string[]; readonly files: readonly string[]; readonly rest: string[] } {
  let fs: string | undefined;
  const assignments: string[] = [];
  const files: string[] = [];
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      i++;
      break;
    }
    if (!/^-./.test(arg)) break;
    const letter = arg.charAt(1);
    if (!'FvfW'.includes(letter)) throw new Exit(2, `awk: not an option: ${arg}\n`);
    const value = arg.length > 2 ? arg.slice(2) : args[++i];
    if (value === undefined) throw new Exit(2, `awk: option -${letter} lacks argument\n`);
    if (letter === 'F') fs = value;
    else if (letter === 'f') files.push(value);
    else if (letter === 'v') {
      if (!/^[A-Za-z_]\w*=/.test(value)) throw new Exit(2, `awk: improper assignment: -v ${value}\n`);
      assignments.push(value);
    } else if (value.startsWith('v')) return { fs, assignments, files, rest: ['-W version'] };
  }
  return { fs, assignments, files, rest: args.slice(i) };
}

function* main(context: Context) {
  const { fs, assignments, files, rest: operands } = readOptions(context.args.slice(1));
  if (operands[0] === '-W version') {
    print(context, VERSION);
    return 0;
  }
  let source = '';
  for (const file of files) {
    const text = context.host.fs.read(pathOf(context, file));
    if (!text.ok) throw new Exit(2, `awk: cannot open ${file} (${STRERROR[text.error]})\n`);
    source += `${text.value}\n`;
  }
  if (files.length === 0) {
    const first = operands.shift();
    if (first === undefined) throw new Exit(0, USAGE);
    source = first;
  }
  const pipes = new Map<string, string>();
  const opened = new Set<string>();
  const redirect = (op: '>' | '>>' | '|', target: string, text: string): void => {
    if (op === '|') pipes.set(target, (pipes.get(target) ?? '') + text);
    else if (target === '/dev/stdout' || target === '-') print(context, text);
    else if (target === '/dev/stderr') context.stderr.write(text);
    else {
      const written = context.host.fs.write(pathOf(context, target), text, op === '>>' || opened.has(target) ? 'append' : 'truncate');
      if (!written.ok) throw new Exit(2, `awk: cannot open "${target}" for output\n`);
      opened.add(target);
    }
  };
  try {
    const random = context.kernel.random('awk');
    const machine = new Awk(parseAwk(source), {
      print: (text) => print(context, text), random: () => random.u32() / 0x1_0000_0000, wallMillis: () => context.kernel.clock.wallMillis(), env: context.env,
      redirect, close: (target) => (opened.delete(target) || pipes.has(target) ? 0 : -1),
    });
    machine.setArguments(['awk', ...operands]);
    if (fs !== undefined) machine.set('FS', fs === 't' ? '\t' : unescapeAwk(fs));
    for (const text of assignments) machine.assign(text.slice(0, text.indexOf('=')), unescapeAwk(text.slice(text.indexOf('=') + 1)));
    machine.special('BEGIN');
    let code = 0;
    if (machine.exitCode === undefined && machine.hasMain) code = yield* feed(context, machine, operands);
    if (code === 0) machine.special('END');
    for (const [command, text] of pipes) yield* context.run(command, { stdin: textInput(text) });
    return machine.exitCode ?? code;
  } catch (error) {
    if (error instanceof RegexError) throw new Exit(2, `awk: run time error: regular expression compile failed (${error.message})\n`);
    throw error;
  }
}

function* feed(context: Context, machine: Awk, operands: readonly string[]) {
  let read = false;
  for (const operand of operands) {
    const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(operand);
    if (assignment !== null) {
      machine.assign(assignment[1] ?? '', unescapeAwk(assignment[2] ?? ''));
      continue;
    }
    read = true;
    if (operand === '-') {
      if (!(yield* stream(context, machine))) return 0;
      continue;
    }
    const text = context.host.fs.read(pathOf(context, operand));
    if (!text.ok) {
      // mawk reads a folder as nothing.
      if (text.error === 'EISDIR') continue;
      context.stderr.write(`awk: cannot open ${operand} (${STRERROR[text.error]})\n`);
      return 2;
    }
    machine.set('FILENAME', operand);
    machine.set('FNR', 0);
    const rs = machine.recordSeparator;
    const records = rs === '\n' ? splitLines(text.value) : rs === '' ? text.value.trim().split(/\n{2,}/) : text.value.replace(/\n$/, '').split(rs.length === 1 ? rs : new RegExp(rs));
    for (const record of records) if (!machine.record(record)) return 0;
  }
  if (!read) yield* stream(context, machine);
  return 0;
}

/** False: exit was called. */
function* stream(context: Context, machine: Awk) {
  const reader = lineReader(context);
  for (let line = yield* reader.line(); line !== undefined; line = yield* reader.line()) if (!machine.record(line.replace(/\n$/, ''))) return false;
  return true;
}
