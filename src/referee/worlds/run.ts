/** Random worlds through the referee. A world that differs is made smaller until nothing can be left out. */
import fc from 'fast-check';
import { judge, tell, wrongIn, type Contest, type Judgement } from '../judge.ts';
import type { Told } from '../pool.ts';
import { buildWorld } from './build.ts';
import { flowsOf } from './flows.ts';
import { worldSpec, type WorldSpec } from './spec.ts';

const SHRINKING = 60_000;

function contest(spec: WorldSpec, seed: number): Contest {
  const world = buildWorld(spec, seed);
  return { world, flows: flowsOf(world, spec.flows) };
}

/** `own`: the world's seed. */
export async function refereeRandom(own: number, shrink: boolean): Promise<Told> {
  const name = `world ${own}`;
  let first: { readonly spec: WorldSpec; readonly judged: Judgement } | undefined;
  let smallest: { readonly spec: WorldSpec; readonly text: string } | undefined;
  const end = Date.now() + SHRINKING;
  const property = fc.asyncProperty(worldSpec, async (spec) => {
    if (first !== undefined && (!shrink || Date.now() > end)) return;
    const judged = await judge(() => contest(spec, own));
    first ??= { spec, judged };
    const [text] = wrongIn(judged);
    if (text === undefined) return;
    smallest = { spec, text };
    throw new Error('differs');
  });
  const checked = await fc.check(property, { seed: own, numRuns: 1 });
  // Only a difference is a counterexample: a world that could not be built at all must not pass in silence.
  if (checked.failed && smallest === undefined) throw checked.errorInstance ?? new Error(`${name} broke off`);
  return (report) => {
    if (first === undefined) return 0;
    const { spec, judged } = first;
    const failed = tell(name, `${spec.nodes.length} nodes, ${spec.pods.length} pods, ${spec.services.length} services, ${spec.flows.length} flows`, judged, report);
    if (smallest !== undefined && shrink) console.log(`smallest world that differs: ${JSON.stringify(smallest.spec)}\n${smallest.text}`);
    return failed;
  };
}
