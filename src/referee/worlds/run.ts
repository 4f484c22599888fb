/** Random worlds through the referee. A world that differs is made smaller until nothing can be left out. */
import fc from 'fast-check';
import { Arena, type FlowReport } from '../arena.ts';
import { sideBySide, type Divergence } from '../compare.ts';
import type { Report } from '../report.ts';
import { buildWorld } from './build.ts';
import { flowsOf } from './flows.ts';
import { worldSpec, type WorldSpec } from './spec.ts';

const SHRINKING = 60_000;
const SHOWN = 3;

interface Outcome {
  readonly flows: readonly FlowReport[];
  readonly tables: readonly Divergence[];
}

async function refereeSpec(spec: WorldSpec, seed: number): Promise<Outcome> {
  const world = buildWorld(spec, seed);
  const arena = new Arena(world);
  const flows: FlowReport[] = [];
  try {
    await arena.up();
    for (const flow of flowsOf(world, spec.flows)) flows.push(await arena.run(flow));
    return { flows, tables: flows.every((f) => f.divergences.length === 0) ? await arena.tables() : [] };
  } finally {
    await arena.down();
  }
}

const differs = (o: Outcome): boolean => o.tables.length > 0 || o.flows.some((f) => f.divergences.length > 0);

const flowText = (f: FlowReport): string =>
  [`${f.flow.name} (${f.kernel.results.join(', ')})`, ...f.divergences.slice(0, SHOWN).map(sideBySide), ...(f.divergences.length > SHOWN ? [`... and ${f.divergences.length - SHOWN} more places`] : [])].join('\n');

interface Judgement {
  readonly flows: readonly FlowReport[];
  readonly tables: readonly Divergence[];
  /** What differed in one of two runs only. */
  readonly unsteady: readonly string[];
}

/**
 * A world that differs is run once more. Rate limits and neighbours' states hang on milliseconds that the two sides cannot share: what does not differ
 * again is told as unsteady, and is no divergence.
 */
async function judge(spec: WorldSpec, seed: number): Promise<Judgement> {
  const first = await refereeSpec(spec, seed);
  if (!differs(first)) return { ...first, unsteady: [] };
  const second = await refereeSpec(spec, seed);
  const again = (i: number): boolean => (first.flows[i]?.divergences.length ?? 0) > 0 && (second.flows[i]?.divergences.length ?? 0) > 0;
  const unsteady = [...first.flows.entries(), ...second.flows.entries()].filter(([i, f]) => f.divergences.length > 0 && !again(i)).map(([, f]) => flowText(f));
  const tables = second.tables.filter((d) => first.tables.some((o) => o.where === d.where));
  for (const d of [...first.tables, ...second.tables]) if (!tables.some((o) => o.where === d.where)) unsteady.push(sideBySide(d));
  return { flows: second.flows.map((f, i) => (again(i) ? f : { ...f, divergences: [] })), tables, unsteady };
}

/** How many flows and tables failed. */
export async function refereeWorlds(count: number, seed: number, report: Report, options: { readonly shrink: boolean } = { shrink: true }): Promise<number> {
  let failed = 0;
  console.log(`random worlds: seed ${seed}; one again: npm run referee -- --only worlds --worlds 1 --seed ${seed} (worlds count up from it)`);
  for (let i = 0; i < count; i++) {
    const own = seed + i;
    const name = `world ${own}`;
    let first = true;
    let smallest: { readonly spec: WorldSpec; readonly text: string } | undefined;
    const end = Date.now() + SHRINKING;
    const property = fc.asyncProperty(worldSpec, async (spec) => {
      if (!first && (!options.shrink || Date.now() > end)) return;
      const judged = await judge(spec, own);
      const texts = [...judged.flows.filter((f) => f.divergences.length > 0).map(flowText), ...judged.tables.map(sideBySide)];
      if (first) {
        for (const f of judged.flows) report.flow(name, f);
        report.tables(name, judged.tables);
        for (const text of judged.unsteady) {
          report.unsteady(`${name}: ${text}`);
          console.log(`unsteady ${name}: ${text}`);
        }
        console.log(`${texts.length === 0 ? 'ok    ' : 'DIFFER'} ${name}: ${spec.nodes.length} nodes, ${spec.pods.length} pods, ${spec.services.length} services, ${spec.flows.length} flows`);
        failed += judged.flows.filter((f) => f.divergences.length > 0).length + (judged.tables.length > 0 ? 1 : 0);
        for (const text of texts.slice(0, SHOWN)) console.log(text);
      }
      first = false;
      const [text] = texts;
      if (text === undefined) return;
      smallest = { spec, text };
      throw new Error('differs');
    });
    const checked = await fc.check(property, { seed: own, numRuns: 1 });
    // Only a difference is a counterexample: a world that could not be built at all must not pass in silence.
    if (checked.failed && smallest === undefined) throw checked.errorInstance ?? new Error(`${name} broke off`);
    if (smallest !== undefined && options.shrink) console.log(`smallest world that differs: ${JSON.stringify(smallest.spec)}\n${smallest.text}`);
  }
  return failed;
}
