/**
 * `npm run referee [-- --worlds N --seed S --report]`: the same flows through the lab and through real Linux, compared.
 * `-- --mutations`: the engine is broken on purpose, and the referee must notice. `--report` writes what is committed of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openFromDisk } from '../cli/scenarios.ts';
import { Arena, type ArenaWorld, type FlowReport } from './arena.ts';
import { sideBySide } from './compare.ts';
import { writeFigures, writePage } from './figures.ts';
import type { Flow } from './flow.ts';
import { runMutations } from './mutations/run.ts';
import { together, type Told } from './pool.ts';
import { keepNeighbours, unavailable } from './real.ts';
import { refereeCommands } from './parity/run.ts';
import { Report } from './report.ts';
import { clusteripFlows, scenarioWorld } from './scenario-world.ts';
import { textCases } from './text-cases.ts';
import { refereeRandom } from './worlds/run.ts';

const REPORT = '.cache/referee.md';
const SHOWN = 4;
const WORLDS = 25;
/** Worlds mostly wait: for timeouts, for ARP to give up. */
const AT_ONCE = 4;

/** Every flow of one world, then the tables. */
async function refereeWorld(name: string, world: ArenaWorld, flows: readonly Flow[]): Promise<Told> {
  const arena = new Arena(world);
  try {
    await arena.up();
    const results: FlowReport[] = [];
    for (const flow of flows) results.push(await arena.run(flow));
    const tables = await arena.tables();
    return (report) => {
      for (const result of results) {
        const { flow, kernel, divergences } = result;
        report.flow(name, result);
        console.log(`${divergences.length === 0 ? 'ok    ' : 'DIFFER'} ${name}: ${flow.name}: ${kernel.results.join(', ')}`);
        for (const d of divergences.slice(0, SHOWN)) console.log(sideBySide(d));
        if (divergences.length > SHOWN) console.log(`... and ${divergences.length - SHOWN} more places`);
      }
      report.tables(name, tables);
      for (const d of tables) console.log(`DIFFER ${name}: ${sideBySide(d)}`);
      return results.filter((r) => r.divergences.length > 0).length + (tables.length > 0 ? 1 : 0);
    };
  } finally {
    await arena.down();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { worlds: { type: 'string' }, seed: { type: 'string' }, 'at-once': { type: 'string' }, only: { type: 'string' }, 'no-shrink': { type: 'boolean' }, mutations: { type: 'boolean' }, report: { type: 'boolean' }, verbose: { type: 'boolean' } } });
  const worlds = Number(values.worlds ?? WORLDS);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const why = unavailable();
  if (why !== undefined) {
    console.log(`skipped: the real kernel cannot be asked here: ${why}`);
    const required = process.env['VETHLAB_REQUIRE_REFEREE'] === '1';
    console.log(`0 passed, ${required ? 1 : 0} failed, 1 skipped`);
    return required ? 1 : 0;
  }
  const only = values.only;
  if (values.mutations === true) {
    const { made, caught, whole } = await runMutations({ only, verbose: values.verbose === true });
    if (values.report === true && only === undefined) writeFigures({ mutations: { made, caught } });
    const failed = made - caught + (whole ? 0 : 1);
    console.log(`${made + 1 - failed} passed, ${failed} failed, 0 skipped`);
    return failed > 0 ? 1 : 0;
  }
  const report = new Report(seed);
  const jobs: (() => Promise<Told>)[] = [];
  if (only === undefined || only === 'worlds') {
    console.log(`random worlds: seed ${seed}; one again: npm run referee -- --only worlds --worlds 1 --seed ${seed} (worlds count up from it)`);
    for (let i = 0; i < worlds; i++) jobs.push(() => refereeRandom(seed + i, values['no-shrink'] !== true));
  }
  if (only === undefined || only === 'text') jobs.unshift(textCases);
  if (only === undefined || only === 'commands') jobs.unshift(refereeCommands);
  if (only === undefined || only === 'scenario') jobs.unshift(() => refereeWorld('k3s-clusterip', scenarioWorld(openFromDisk('k3s-clusterip', {})), clusteripFlows()));
  keepNeighbours();
  const failed = await together(jobs, Number(values['at-once'] ?? AT_ONCE), report);
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
