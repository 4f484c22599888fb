import { readArgs, seedOf } from './arguments.ts';
import { diskScenarios, openFromDisk } from './scenarios.ts';

/** Opens scenarios, runs what they suggest to try first, prints the fingerprint of the whole trace. --twice: checks that it comes out again. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { twice: { type: 'boolean' }, seed: { type: 'string' } });
  const ids = positionals.length > 0 ? positionals : diskScenarios.ids();
  const once = (id: string): string => {
    const lab = openFromDisk(id, { seed: seedOf(values.seed) });
    for (const { on, run: line } of lab.scenario.tries) lab.exec(on, line);
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
