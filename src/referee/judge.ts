/** One world's flows and tables. What differs is run again, to tell what always differs from what a late timer, a slow program or another processor did: that is told, and too much of it is a failure. */
import { Arena, type ArenaWorld, type FlowReport } from './arena.ts';
import { sideBySide, type Divergence } from './compare.ts';
import type { Flow } from './flow.ts';
import type { Report } from './report.ts';

const SHOWN = 3;
/** A world that differs is run so often. */
const RUNS = 3;

export interface Contest {
  readonly world: ArenaWorld;
  readonly flows: readonly Flow[];
}

interface Outcome {
  readonly flows: readonly FlowReport[];
  readonly tables: readonly Divergence[];
}

export interface Judgement extends Outcome {
  /** What differed in some of the runs only. */
  readonly unsteady: readonly string[];
}

async function runOnce({ world, flows }: Contest): Promise<Outcome> {
  const arena = new Arena(world);
  const results: FlowReport[] = [];
  try {
    await arena.up();
    for (const flow of flows) results.push(await arena.run(flow));
    return { flows: results, tables: results.every((f) => f.divergences.length === 0) ? await arena.tables() : [] };
  } finally {
    await arena.down();
  }
}

const differs = (o: Outcome): boolean => o.tables.length > 0 || o.flows.some((f) => f.divergences.length > 0);

const divergencesText = (divergences: readonly Divergence[]): string =>
  [...divergences.slice(0, SHOWN).map(sideBySide), ...(divergences.length > SHOWN ? [`... and ${divergences.length - SHOWN} more places`] : [])].join('\n');
const flowText = (f: FlowReport): string => `${f.flow.name} (${f.kernel.results.join(', ')})\n${divergencesText(f.divergences)}`;

/** `make`: the same world each time. */
export async function judge(make: () => Contest): Promise<Judgement> {
  const runs = [await runOnce(make())];
  while (runs.length < RUNS && runs.every(differs)) runs.push(await runOnce(make()));
  const last = runs.at(-1) ?? { flows: [], tables: [] };
  const always = (i: number): boolean => runs.every((r) => (r.flows[i]?.divergences.length ?? 0) > 0);
  const tables = last.tables.filter((d) => runs.every((r) => r.tables.some((o) => o.where === d.where)));
  const unsteady = runs.flatMap((r) => [
    ...[...r.flows.entries()].filter(([i, f]) => f.divergences.length > 0 && !always(i)).map(([, f]) => flowText(f)),
    ...r.tables.filter((d) => !tables.some((o) => o.where === d.where)).map(sideBySide),
  ]);
  return { flows: last.flows.map((f, i) => (always(i) ? f : { ...f, divergences: [] })), tables, unsteady };
}

/** What is wrong, as text. */
export const wrongIn = ({ flows, tables }: Judgement): readonly string[] => [...flows.filter((f) => f.divergences.length > 0).map(flowText), ...tables.map(sideBySide)];

/** Console and report. Answers how many failed. */
export function tell(name: string, about: string, judged: Judgement, report: Report): number {
  const { flows, tables, unsteady } = judged;
  const wrong = wrongIn(judged);
  for (const text of unsteady) console.log(`unsteady ${name}: ${text}`);
  console.log(`${wrong.length > 0 ? 'DIFFER' : 'ok    '} ${name}: ${about}`);
  for (const text of wrong.slice(0, SHOWN)) console.log(text);
  if (wrong.length > SHOWN) console.log(`... and ${wrong.length - SHOWN} more`);
  for (const f of flows) report.flow(name, f);
  report.tables(name, tables);
  for (const u of unsteady) report.unsteady(name, u);
  return flows.filter((f) => f.divergences.length > 0).length + (tables.length > 0 ? 1 : 0);
}
