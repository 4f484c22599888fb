/** Read first: awk(1p). Texts of errors as gawk prints them. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command } from '../../host.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { RegexError } from '../../text/regex.ts';
import { catching, Exit, lineReader, pathOf, print, splitLines } from '../kit.ts';
import { Awk } from './interpreter.ts';
import { parseAwk, unescapeAwk } from './parser.ts';
import type { Context } from '../../host.ts';

export const awk: Command = {
  name: 'awk', aliases: ['gawk', 'mawk'], models: 'patterns, ranges, BEGIN/END, fields, arrays, functions, printf, regular expressions, string and number functions; -F -v -f', notModelled: 'getline, pipes, system(), output files, RS as an expression',
  *run(context) {
    return yield* catching(context, main(context));
  },
};

function* main(context: Context) {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), { short: 'F:v:f:', long: { 'field-separator': 'F:', assign: 'v:', file: 'f:', version: 'V' }, stopAtOperand: true });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(2, `awk: ${error.message}\nUsage: awk [POSIX or GNU style options] -f progfile [--] file ...\nUsage: awk [POSIX or GNU style options] [--] 'program' file ...\n`);
    throw error;
  }
  const operands = [...options.rest];
  let source = '';
  for (const file of options.given.get('f') ?? []) {
    const text = context.host.fs.read(pathOf(context, file));
    if (!text.ok) throw new Exit(2, `awk: fatal: cannot open source file \`${file}' for reading: ${STRERROR[text.error]}\n`);
    source += `${text.value}\n`;
  }
  if (!options.has('f')) {
    const first = operands.shift();
    if (first === undefined) throw new Exit(2, "Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\nUsage: awk [POSIX or GNU style options] [--] 'program' file ...\n");
    source = first;
  }
  try {
    const random = context.kernel.random('awk');
    const machine = new Awk(parseAwk(source), { print: (text) => print(context, text), random: () => random.u32() / 0x1_0000_0000, wallMillis: () => context.kernel.clock.wallMillis(), env: context.env });
    const fs = options.value('F');
    if (fs !== undefined) machine.set('FS', fs === 't' ? '\t' : unescapeAwk(fs));
    for (const text of options.given.get('v') ?? []) {
      const cut = text.indexOf('=');
      if (cut <= 0) throw new Exit(2, `awk: fatal: \`${text}' argument to \`-v' not in \`var=value' form\n`);
      machine.assign(text.slice(0, cut), unescapeAwk(text.slice(cut + 1)));
    }
    machine.special('BEGIN');
    let code = 0;
    if (machine.exitCode === undefined && machine.hasMain) code = yield* feed(context, machine, operands);
    machine.special('END');
    return machine.exitCode ?? code;
  } catch (error) {
    if (error instanceof RegexError) throw new Exit(2, `awk: cmd. line:1: fatal: invalid regexp: ${error.message}\n`);
    throw error;
  }
}

function* feed(context: Context, machine: Awk, operands: readonly string[]) {
  let code = 0;
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
      context.stderr.write(text.error === 'EISDIR' ? `awk: warning: command line argument \`${operand}' is a directory: skipped\n` : `awk: warning: command line argument \`${operand}': cannot open file \`${operand}' for reading: ${STRERROR[text.error]}\n`.replace(/^awk: warning: command line argument `[^']*': /, 'awk: cmd. line:1: fatal: '));
      code = 2;
      continue;
    }
    machine.set('FILENAME', operand);
    machine.set('FNR', 0);
    const rs = machine.recordSeparator;
    const records = rs === '\n' ? splitLines(text.value) : rs === '' ? text.value.trim().split(/\n{2,}/) : text.value.replace(/\n$/, '').split(rs.length === 1 ? rs : new RegExp(rs));
    for (const record of records) if (!machine.record(record)) return 0;
  }
  if (!read) yield* stream(context, machine);
  return code;
}

/** False: exit was called. */
function* stream(context: Context, machine: Awk) {
  const reader = lineReader(context);
  for (let line = yield* reader.line(); line !== undefined; line = yield* reader.line()) if (!machine.record(line.replace(/\n$/, ''))) return false;
  return true;
}
