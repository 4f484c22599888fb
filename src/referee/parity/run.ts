import { openFromDisk } from '../../cli/scenarios.ts';
import { exportLab } from '../../lab/export/export-lab.ts';
import type { Told } from '../pool.ts';
import { RealWorld } from '../real.ts';
import { COMMANDS, MORE, type ParityCommand } from './commands.ts';
import { randomLines } from './grammar.ts';
import { parity, type ParityReport } from './parity.ts';

/** Lines of the grammar on top of those that somebody chose. */
const RANDOM = 150;

async function inNewWorld(commands: readonly ParityCommand[]): Promise<ParityReport> {
  const lab = openFromDisk('k3s-clusterip', {});
  const real = new RealWorld(exportLab(lab));
  try {
    await real.up();
    return await parity(lab, real, commands);
  } finally {
    await real.down();
  }
}

/** The scenario's world built for real, every command line in both. `seed`: of the lines that nobody chose. */
export async function refereeCommands(seed: number): Promise<Told> {
  const reports = [await inNewWorld(COMMANDS), await inNewWorld([...randomLines(seed, RANDOM), ...MORE])];
  const different = reports.flatMap(({ lines }) => lines.slice(0, -1));
  const passed = reports.reduce((n, r) => n + r.passed, 0);
  return (report) => {
    report.commands(passed, different);
    for (const line of different) console.log(line);
    console.log(`command parity: ${passed} of ${passed + different.length} command lines print the same (up to ${RANDOM} of them random, seed ${seed}; again: npm run referee -- --only commands --seed ${seed})`);
    return different.length;
  };
}
