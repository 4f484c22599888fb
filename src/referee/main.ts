/**
 * `npm run referee [-- --worlds N --seed S --report]`: the same flows through the lab and through real Linux, compared.
 * `-- --mutations`: the engine is broken on purpose, and the referee must notice. `--report` writes what is committed of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openFromDisk } from '../cli/scenarios.ts';
import { Arena, type ArenaWorld } from './arena.ts';
import { sideBySide } from './compare.ts';
import { writeFigures, writePage } from './figures.ts';
import type { Flow } from './flow.ts';
import { runMutations } from './mutations/run.ts';
import { unavailable } from './real.ts';
import { refereeCommands } from './parity/run.ts';
import { Report } from './report.ts';
import { clusteripFlows, scenarioWorld } from './scenario-world.ts';
import { textCases } from './text-cases.ts';
import { refereeWorlds } from './worlds/run.ts';

const REPORT = '.cache/referee.md';
const SHOWN = 4;

/** Every flow of one world, then the tables. Answers how many failed. */
export async function refereeWorld(name: string, world: ArenaWorld, flows: readonly Flow[], report: Report, quiet = false): Promise<number> {
  const arena = new Arena(world);
  let failed = 0;
  try {
    await arena.up();
    for (const flow of flows) {
      const result = await arena.run(flow);
      report.flow(name, result);
      if (result.divergences.length > 0) failed++;
      if (!quiet || result.divergences.length > 0) console.log(`${result.divergences.length === 0 ? 'ok    ' : 'DIFFER'} ${name}: ${flow.name}: ${result.kernel.results.join(', ')}`);
      for (const d of result.divergences.slice(0, SHOWN)) console.log(sideBySide(d));
      if (result.divergences.length > SHOWN) console.log(`... and ${result.divergences.length - SHOWN} more places`);
    }
    const tables = await arena.tables();
    report.tables(name, tables);
    for (const d of tables) console.log(`DIFFER ${name}: ${sideBySide(d)}`);
    if (tables.length > 0) failed++;
  } finally {
    await arena.down();
  }
  return failed;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { worlds: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' }, 'no-shrink': { type: 'boolean' }, mutations: { type: 'boolean' }, report: { type: 'boolean' }, verbose: { type: 'boolean' } } });
  const worlds = Number(values.worlds ?? 6);
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
  let failed = 0;
  if (only === undefined || only === 'text') failed += await textCases(report);
  if (only === undefined || only === 'commands') failed += await refereeCommands(report);
  if (only === undefined || only === 'scenario') failed += await refereeWorld('k3s-clusterip', scenarioWorld(openFromDisk('k3s-clusterip', {})), clusteripFlows(), report);
  if (only === undefined || only === 'worlds') failed += await refereeWorlds(worlds, seed, report, { shrink: values['no-shrink'] !== true });
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
