/** What commands share: printing, input files, option errors. */
import { SignalError, type Program, type Wait } from '../../engine/sim/process.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { Command, Context } from '../host.ts';
import { resolvePath } from '../shell/glob.ts';
import { buffered, readAll } from '../shell/io.ts';
import { getopt, UsageError, type GetoptSpec, type Options } from '../text/getopt.ts';

/** Writes to stdout; dies of SIGPIPE when nobody reads. */
export function print(context: Context, text: string): void {
  if (text !== '' && !context.stdout.write(text)) throw new SignalError('SIGPIPE');
}

export function warn(context: Context, text: string): void {
  context.stderr.write(text);
}

/** `name: text` on stderr, and the exit code. */
export function fail(context: Context, text: string, code = 1): number {
  context.stderr.write(`${context.args[0] ?? ''}: ${text}\n`);
  return code;
}

export const NOT_MODELLED = 'not modelled in this lab';

/** What a program throws to end with a message on stderr and a code. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: number;
  constructor(code: number, text = '') {
    super(text);
    this.code = code;
  }
}

/** Turns thrown {@link Exit}s into text and code. */
export function* catching(context: Context, program: Program): Program {
  try {
    return yield* program;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    context.stderr.write(error.message);
    return error.code;
  }
}

interface Definition extends GetoptSpec {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly models: string;
  readonly notModelled?: string | undefined;
  /** Exit code of a usage error (1 in most GNU tools, 2 in grep, ls, sort). */
  readonly usageCode?: number | undefined;
  /** What stands between the complaint and the hint. */
  readonly usage?: string | undefined;
  readonly complete?: Command['complete'];
  /** `-5` as `-n 5` and the like, before options are read. */
  readonly rewrite?: ((args: readonly string[]) => readonly string[]) | undefined;
  readonly run: (context: Context, options: Options) => Program | number;
}

/** A command with GNU options and GNU's error texts. */
export function gnu(definition: Definition): Command {
  const { name, models, notModelled, aliases } = definition;
  const long = { ...definition.long, help: 'help' };
  return {
    name, models,
    ...(aliases === undefined ? {} : { aliases }),
    ...(notModelled === undefined ? {} : { notModelled }),
    complete: definition.complete ?? (() => Object.keys(definition.long ?? {}).map((n) => `--${n}`)),
    *run(context) {
      let options: Options;
      const shown = context.args[0] ?? name;
      try {
        options = getopt((definition.rewrite ?? ((a) => a))(context.args.slice(1)), { ...definition, long });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        context.stderr.write(`${shown}: ${error.message}\n${definition.usage ?? ''}Try '${shown} --help' for more information.\n`);
        return definition.usageCode ?? 1;
      }
      if (options.has('help')) {
        print(context, `Usage: ${shown} [OPTION]... \nModelled in this lab: ${models}\n`);
        return 0;
      }
      return yield* catching(context, started(() => definition.run(context, options)));
    },
  };
}

function* started(run: () => Program | number): Program {
  const result = run();
  return typeof result === 'number' ? result : yield* result;
}

export const pathOf = (context: Context, file: string): string => resolvePath(context.cwd, file);

/** Text of a file or of stdin (`-`). undefined: reported as `cat: x: No such file or directory`. */
export function* readFile(context: Context, file: string, complain = (text: string): void => void fail(context, text)): Generator<Wait, string | undefined, void> {
  if (file === '-') return yield* readAll(context.stdin);
  const text = context.host.fs.read(pathOf(context, file));
  if (text.ok) return text.value;
  complain(`${file}: ${STRERROR[text.error]}`);
  return undefined;
}

export const lineReader = (context: Context): ReturnType<typeof buffered> => buffered(context.stdin);

/** Lines without their newlines; a last empty piece is no line. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** A number, or GNU's complaint. */
export function numberArgument(context: Context, text: string, what: string): number {
  const match = /^([-+]?\d+)([kKMG]?)$/.exec(text);
  if (match === null) throw new Exit(1, `${context.args[0] ?? ''}: invalid ${what}: ‘${text}’\n`);
  return Number(match[1]) * 1024 ** ['', 'K', 'M', 'G'].indexOf((match[2] ?? '').toUpperCase());
}
