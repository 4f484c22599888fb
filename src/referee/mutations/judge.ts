/**
 * One process, one engine, whole or broken: `judge.ts record <tape>` asks the real kernel and keeps its answers,
 * `judge.ts play <tape>` runs the lab of the folder it stands in and prints what differs, as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { exportFiles } from '../../lab/export/export-lab.ts';
import { Agent } from '../agent.ts';
import { Arena } from '../arena.ts';
import { sideBySide, type Divergence } from '../compare.ts';
import { RealWorld } from '../real.ts';
import { NO_WORLD, playing, taping, type Answer } from './tape.ts';
import { SUBJECTS } from './worlds.ts';

export interface Finding {
  readonly where: string;
  readonly text: string;
}

type Tapes = Readonly<Record<string, readonly Answer[]>>;

async function judge(how: 'record' | 'play', path: string): Promise<readonly Finding[]> {
  const known: Tapes = how === 'play' ? JSON.parse(readFileSync(path, 'utf8')) as Tapes : {}; // written below
  const made: Record<string, Answer[]> = {};
  const findings: Finding[] = [];
  for (const subject of SUBJECTS) {
    const { world, flows } = subject.make();
    let arena: Arena;
    if (how === 'record') {
      const real = new RealWorld(exportFiles(world.exported));
      const tape = (made[subject.name] = []);
      arena = new Arena(world, { real, agent: taping(new Agent(real.prefix), tape) });
    } else arena = new Arena(world, { real: NO_WORLD, agent: playing(known[subject.name] ?? []) });
    const note = (flow: string, found: readonly Divergence[]): void => void findings.push(...found.map((d) => ({ where: `${subject.name}: ${flow}: ${d.where}`, text: sideBySide(d) })));
    try {
      await arena.up();
      for (const flow of flows) note(flow.name, (await arena.run(flow)).divergences);
      note('', await arena.tables());
    } finally {
      await arena.down();
    }
  }
  if (how === 'record') writeFileSync(path, JSON.stringify(made));
  return findings;
}

const [how, path = ''] = process.argv.slice(2);
console.log(JSON.stringify(await judge(how === 'record' ? 'record' : 'play', path)));
