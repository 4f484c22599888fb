/**
 * `npm run referee [-- --worlds N --seed S --report]`: the same flows through the lab and through real Linux, compared.
 * `-- --mutations`: the engine is broken on purpose, and the referee must notice. `--report` writes what is committed of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { diskScenarios, openFromDisk } from '../cli/scenarios.ts';
import { writeFigures, writePage } from './figures.ts';
import { judge, tell } from './judge.ts';
import { runMutations } from './mutations/run.ts';
import { together, type Job, type Told } from './pool.ts';
import { settleMachine, unavailable } from './real.ts';
import { refereeKubectl } from './kubectl/run.ts';
import { refereeCommands } from './parity/run.ts';
import { Report } from './report.ts';
import { clusteripFlows, scenarioWorld } from './scenario-world.ts';
import { textCases } from './text-cases.ts';
import { refereeRandom } from './worlds/run.ts';

const REPORT = '.cache/referee.md';
const WORLDS = 25;
/** Worlds mostly wait: for timeouts, for ARP to give up. */
const AT_ONCE = 6;
/** Of a thousand flows and more: one in four runs was measured (a FIN and an ACK of the other direction crossed a node in the other order). */
const UNSTEADY_MOST = 3;

/** Opened when its turn comes: a world is large. */
async function refereeScenario(id: string): Promise<Told> {
  const judged = await judge(() => {
    const { world, flows } = scenarioWorld(openFromDisk(id, {}));
    return { world, flows: id === 'k3s-clusterip' ? [...clusteripFlows(), ...flows] : flows };
  });
  return (report) => tell(id, `${judged.flows.length} flows`, judged, report);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { worlds: { type: 'string' }, seed: { type: 'string' }, 'at-once': { type: 'string' }, only: { type: 'string' }, 'no-shrink': { type: 'boolean' }, mutations: { type: 'boolean' }, report: { type: 'boolean' }, verbose: { type: 'boolean' } } });
  const worlds = Number(values.worlds ?? WORLDS);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const why = values.only === 'kubectl' ? undefined : unavailable();
  if (why !== undefined) {
    console.log(`skipped: the real kernel cannot be asked here: ${why}`);
    const required = process.env['VETHLAB_REQUIRE_REFEREE'] === '1';
    console.log(`0 passed, ${required ? 1 : 0} failed, 1 skipped`);
    return required ? 1 : 0;
  }
  settleMachine();
  const only = values.only;
  if (values.mutations === true) {
    const { made, caught, whole } = await runMutations({ only, verbose: values.verbose === true });
    if (values.report === true && only === undefined) writeFigures({ mutations: { made, caught } });
    const failed = made - caught + (whole ? 0 : 1);
    console.log(`${made + 1 - failed} passed, ${failed} failed, 0 skipped`);
    return failed > 0 ? 1 : 0;
  }
  const report = new Report(seed);
  const jobs: Job[] = [];
  if (only === undefined || only === 'worlds') {
    console.log(`random worlds: seed ${seed}; one again: npm run referee -- --only worlds --worlds 1 --seed ${seed} (worlds count up from it)`);
    for (let i = 0; i < worlds; i++) jobs.push({ name: `world ${seed + i}`, run: () => refereeRandom(seed + i, values['no-shrink'] !== true) });
  }
  if (only === undefined || only === 'text') jobs.unshift({ name: 'text', run: textCases });
  if (only === undefined || only === 'commands') jobs.unshift({ name: 'commands', run: () => refereeCommands(seed) });
  if (only === undefined || only === 'scenario') jobs.unshift(...diskScenarios.ids().map((id) => ({ name: id, run: () => refereeScenario(id) })));
  if (only === undefined || only === 'kubectl') jobs.unshift({ name: 'kubectl', run: refereeKubectl });
  let failed = await together(jobs, Number(values['at-once'] ?? AT_ONCE), report);
  if (report.unsteadyCount > UNSTEADY_MOST) {
    console.log(`${report.unsteadyCount} differences were seen once and not again: chance explains ${UNSTEADY_MOST}`);
    failed += report.unsteadyCount;
    report.total += report.unsteadyCount;
  }
  mkdirSync('.cache', { recursive: true });
  writeFileSync(REPORT, report.markdown());
  console.log(`report: ${REPORT}`);
  if (values.report === true) {
    writeFigures(report.numbers());
    writePage(report.markdown());
  }
  console.log(report.figures());
  console.log(`${report.total - failed} passed, ${failed} failed, 0 skipped`);
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
