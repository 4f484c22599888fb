import { readFileSync } from 'node:fs';
import { parseActions } from '../lab/actions.ts';
import type { Lab } from '../lab/lab.ts';
import { Workbench } from '../lab/session/workbench.ts';
import { readArgs, seedOf, UsageError } from './arguments.ts';
import { diskScenarios, openFromDisk } from './scenarios.ts';

const SILENT = { output: () => undefined, prompt: () => undefined, edit: () => undefined };

/** Does a page's action log again, as the page does when it is opened. */
function replayActions(lab: Lab, file: string): void {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = parseActions(data);
  if (!parsed.ok) throw new UsageError(`${file}: ${parsed.reason}`);
  new Workbench(lab, SILENT).replay(parsed.actions);
}

/**
 * Opens scenarios, runs what they suggest to try first (or a page's action log), prints the fingerprint of the whole trace.
 * --twice: checks that it comes out again.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { twice: { type: 'boolean' }, seed: { type: 'string' }, actions: { type: 'string' } });
  const ids = positionals.length > 0 ? positionals : diskScenarios.ids();
  const once = (id: string): string => {
    const lab = openFromDisk(id, { seed: seedOf(values.seed) });
    if (values.actions !== undefined) replayActions(lab, values.actions);
    else for (const { on, run: line } of lab.scenario.tries) lab.exec(on, line);
    return lab.fingerprint();
  };
  let failed = 0;
  for (const id of ids) {
    const first = once(id);
    const same = values.twice !== true || once(id) === first;
    if (!same) failed++;
    console.log(`${first}  ${id}${same ? '' : '  DIFFERS the second time'}`);
  }
  if (values.twice === true) console.log(`${ids.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}
