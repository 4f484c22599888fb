/** Random worlds through the referee. A world that differs is made smaller until nothing can be left out. */
import fc from 'fast-check';
import { Arena } from '../arena.ts';
import { sideBySide } from '../compare.ts';
import type { Report } from '../report.ts';
import { buildWorld } from './build.ts';
import { flowsOf } from './flows.ts';
import { worldSpec, type WorldSpec } from './spec.ts';

const SHRINKING = 60_000;
const SHOWN = 3;

interface Outcome {
  readonly failed: readonly string[];
}

async function refereeSpec(spec: WorldSpec, seed: number, name: string, report: Report | undefined): Promise<Outcome> {
  const world = buildWorld(spec, seed);
  const arena = new Arena(world);
  const failed: string[] = [];
  try {
    await arena.up();
    for (const flow of flowsOf(world, spec.flows)) {
      const result = await arena.run(flow);
      report?.flow(name, result);
      if (result.divergences.length > 0) failed.push([`${flow.name} (${result.kernel.results.join(', ')})`, ...result.divergences.slice(0, SHOWN).map(sideBySide), result.divergences.length > SHOWN ? `... and ${result.divergences.length - SHOWN} more places` : ''].join('\n'));
    }
    if (failed.length === 0) {
      const tables = await arena.tables();
      report?.tables(name, tables);
      for (const d of tables) failed.push(sideBySide(d));
    }
  } finally {
    await arena.down();
  }
  return { failed };
}

/** How many worlds' flows failed. */
export async function refereeWorlds(count: number, seed: number, report: Report, options: { readonly shrink: boolean } = { shrink: true }): Promise<number> {
  let failed = 0;
  console.log(`random worlds: seed ${seed}; one again: npm run referee -- --only worlds --worlds 1 --seed ${seed} (worlds count up from it)`);
  for (let i = 0; i < count; i++) {
    const own = seed + i;
    const name = `world ${own}`;
    let first = true;
    let smallest: { readonly spec: WorldSpec; readonly failed: readonly string[] } | undefined;
    const end = Date.now() + SHRINKING;
    const property = fc.asyncProperty(worldSpec, async (spec) => {
      if (!first && (!options.shrink || Date.now() > end)) return;
      const outcome = await refereeSpec(spec, own, name, first ? report : undefined);
      if (first) {
        const flows = spec.flows.length;
        console.log(`${outcome.failed.length === 0 ? 'ok    ' : 'DIFFER'} ${name}: ${spec.nodes.length} nodes, ${spec.pods.length} pods, ${spec.services.length} services, ${flows} flows`);
        failed += outcome.failed.length;
        for (const text of outcome.failed.slice(0, SHOWN)) console.log(text);
      }
      first = false;
      if (outcome.failed.length === 0) return;
      smallest = { spec, failed: outcome.failed };
      throw new Error('differs');
    });
    await fc.check(property, { seed: own, numRuns: 1 });
    if (smallest !== undefined && options.shrink) console.log(`smallest world that differs: ${JSON.stringify(smallest.spec)}\n${smallest.failed[0] ?? ''}`);
  }
  return failed;
}
