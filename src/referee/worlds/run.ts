/** Random worlds through the referee. A world that differs is made smaller until nothing can be left out. */
import fc from 'fast-check';
import { Arena, type FlowReport } from '../arena.ts';
import { sideBySide, type Divergence } from '../compare.ts';
import type { Told } from '../pool.ts';
import { reasonOf } from '../reasons.ts';
import { buildWorld } from './build.ts';
import { flowsOf } from './flows.ts';
import { worldSpec, type WorldSpec } from './spec.ts';

const SHRINKING = 60_000;
const SHOWN = 3;
/** A world that differs is run so often. */
const RUNS = 3;

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

const divergencesText = (divergences: readonly Divergence[]): string =>
  [...divergences.slice(0, SHOWN).map(sideBySide), ...(divergences.length > SHOWN ? [`... and ${divergences.length - SHOWN} more places`] : [])].join('\n');
const flowText = (f: FlowReport): string => `${f.flow.name} (${f.kernel.results.join(', ')})\n${divergencesText(f.divergences)}`;

export interface Unsteady {
  /** Why the two sides may differ once; undefined: nobody knows, and it counts as a failure. */
  readonly reason: string | undefined;
  readonly text: string;
}

interface Judgement extends Outcome {
  /** What differed in some of the runs only. */
  readonly unsteady: readonly Unsteady[];
}

/** What differs every time is a divergence; what differs sometimes must have a known reason, or it is one too. */
async function judge(spec: WorldSpec, seed: number): Promise<Judgement> {
  const runs = [await refereeSpec(spec, seed)];
  while (runs.length < RUNS && runs.every(differs)) runs.push(await refereeSpec(spec, seed));
  const last = runs.at(-1) ?? { flows: [], tables: [] };
  const always = (i: number): boolean => runs.every((r) => (r.flows[i]?.divergences.length ?? 0) > 0);
  const tables = last.tables.filter((d) => runs.every((r) => r.tables.some((o) => o.where === d.where)));
  const unsteady = runs.flatMap((r): readonly (readonly [readonly Divergence[], string])[] => [
    ...[...r.flows.entries()].filter(([i, f]) => f.divergences.length > 0 && !always(i)).map(([, f]) => [f.divergences, flowText(f)] as const),
    ...r.tables.filter((d) => !tables.some((o) => o.where === d.where)).map((d) => [[d], sideBySide(d)] as const),
  ]);
  return {
    flows: last.flows.map((f, i) => (always(i) ? f : { ...f, divergences: [] })), tables,
    unsteady: unsteady.map(([divergences, text]) => ({ reason: reasonOf(divergences), text })),
  };
}

/** `own`: the world's seed. */
export async function refereeRandom(own: number, shrink: boolean): Promise<Told> {
  const name = `world ${own}`;
  const lines: string[] = [];
  let judged: Judgement | undefined;
  let smallest: { readonly spec: WorldSpec; readonly text: string } | undefined;
  const end = Date.now() + SHRINKING;
  const property = fc.asyncProperty(worldSpec, async (spec) => {
    const first = judged === undefined;
    if (!first && (!shrink || Date.now() > end)) return;
    const now = await judge(spec, own);
    const texts = [...now.flows.filter((f) => f.divergences.length > 0).map(flowText), ...now.tables.map(sideBySide)];
    if (first) {
      judged = now;
      for (const { reason, text } of now.unsteady) lines.push(`unsteady ${name}: ${reason ?? 'FOR NO KNOWN REASON'}: ${text}`);
      const wrong = texts.length > 0 || now.unsteady.some((u) => u.reason === undefined);
      lines.push(`${wrong ? 'DIFFER' : 'ok    '} ${name}: ${spec.nodes.length} nodes, ${spec.pods.length} pods, ${spec.services.length} services, ${spec.flows.length} flows`, ...texts.slice(0, SHOWN));
    }
    const [text] = texts;
    if (text === undefined) return;
    smallest = { spec, text };
    throw new Error('differs');
  });
  const checked = await fc.check(property, { seed: own, numRuns: 1 });
  // Only a difference is a counterexample: a world that could not be built at all must not pass in silence.
  if (checked.failed && smallest === undefined) throw checked.errorInstance ?? new Error(`${name} broke off`);
  if (smallest !== undefined && shrink) lines.push(`smallest world that differs: ${JSON.stringify(smallest.spec)}\n${smallest.text}`);
  return (report) => {
    for (const line of lines) console.log(line);
    const { flows, tables, unsteady } = judged ?? { flows: [], tables: [], unsteady: [] };
    for (const f of flows) report.flow(name, f);
    report.tables(name, tables);
    for (const u of unsteady) report.unsteady(name, u);
    return flows.filter((f) => f.divergences.length > 0).length + (tables.length > 0 ? 1 : 0) + unsteady.filter((u) => u.reason === undefined).length;
  };
}
