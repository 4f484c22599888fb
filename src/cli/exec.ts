import * as v from 'valibot';
import { readArgs, scenarioOf, seedOf, UsageError } from './arguments.ts';
import { openFromDisk } from './scenarios.ts';

const Requests = v.array(v.strictObject({ on: v.string(), run: v.string() }));

/** Pairs every -c with the --on that stands before it. */
export function commandsOf(tokens: readonly { readonly kind: string; readonly name?: string; readonly value?: string | undefined }[]): { on: string; run: string }[] {
  let on: string | undefined;
  const commands: { on: string; run: string }[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'on') on = token.value;
    if (token.name === 'command') {
      if (on === undefined) throw new UsageError('-c needs --on before it');
      commands.push({ on, run: token.value ?? '' });
    }
  }
  return commands;
}

async function readStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

function readRequests(text: string): v.InferOutput<typeof Requests> {
  try {
    return v.parse(Requests, JSON.parse(text));
  } catch (error) {
    throw new UsageError(`standard input is not [{"on", "run"}, ...]: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = readArgs(args, {
    on: { type: 'string', multiple: true }, command: { type: 'string', short: 'c', multiple: true }, json: { type: 'boolean' },
    seed: { type: 'string' }, file: { type: 'string', short: 'f', multiple: true } });
  const options = { seed: seedOf(values.seed), manifests: values.file };
  const given = commandsOf(tokens);
  if (values.json === true) {
    // Commands of the command line, or else those on standard input.
    const requests = given.length > 0 ? given : readRequests(await readStdin());
    const lab = openFromDisk(scenarioOf(positionals), options);
    const answers = requests.map(({ on, run: line }) => {
      const { stdout, stderr, code } = lab.exec(on, line);
      return { on, run: line, stdout, stderr, code };
    });
    process.stdout.write(`${JSON.stringify(answers)}\n`);
    return 0;
  }
  if (given.length === 0) throw new UsageError('nothing to run: give --on and -c, or --json');
  const lab = openFromDisk(scenarioOf(positionals), options);
  let code = 0;
  for (const { on, run: line } of given) {
    const result = lab.exec(on, line);
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    code = result.code;
  }
  return code;
}
