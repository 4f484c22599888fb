import { readArgs, scenarioOf, seedOf, UsageError } from './arguments.ts';
import { commandsOf } from './exec.ts';
import { openFromDisk } from './scenarios.ts';
import { Timeline } from '../lab/timeline/timeline.ts';

const json = (value: unknown): string => JSON.stringify(value, (_key, v: unknown) => (v instanceof Uint8Array ? Array.from(v, (b) => b.toString(16).padStart(2, '0')).join('') : v));

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = readArgs(args, {
    on: { type: 'string', multiple: true }, command: { type: 'string', short: 'c', multiple: true }, json: { type: 'boolean' },
    seed: { type: 'string' }, file: { type: 'string', short: 'f', multiple: true } });
  const commands = commandsOf(tokens);
  if (commands.length === 0) throw new UsageError('nothing to run: give --on and -c');
  const lab = openFromDisk(scenarioOf(positionals), { seed: seedOf(values.seed), manifests: values.file });
  const timeline = new Timeline((ns) => lab.namespaceName(ns));
  let at = 0;
  let code = 0;
  const catchUp = (print: boolean): void => {
    for (; at < lab.steps.length; at++) {
      const step = lab.steps[at];
      if (step === undefined) continue;
      const event = timeline.see(step);
      if (!print) continue;
      if (values.json === true) process.stdout.write(`${json({ ...step, where: lab.namespaceName(step.ns) })}\n`);
      else if (!event.noise) process.stdout.write(`${String(step.i).padStart(6)} ${(step.t / 1e6).toFixed(3).padStart(12)} ms  ${(event.pkt === 0 ? '' : `#${event.pkt}`).padEnd(5)} ${event.title}${event.label === '' ? '' : `   [${event.label}]`}\n`);
    }
  };
  catchUp(false);
  for (const { on, run: line } of commands) {
    const result = lab.exec(on, line);
    catchUp(true);
    process.stderr.write(result.stderr);
    code = result.code;
  }
  return code;
}
