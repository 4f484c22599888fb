import { openFromDisk } from '../../cli/scenarios.ts';
import { exportLab } from '../../lab/export/export-lab.ts';
import { RealWorld } from '../real.ts';
import type { Report } from '../report.ts';
import { parity } from './parity.ts';

/** The scenario's world built for real, every command line in both. How many differ. */
export async function refereeCommands(report: Report): Promise<number> {
  const lab = openFromDisk('k3s-clusterip', {});
  const real = new RealWorld(exportLab(lab));
  try {
    await real.up();
    const { passed, failed, lines } = parity(lab, real);
    report.commands(passed, lines.slice(0, -1));
    for (const line of lines) console.log(line);
    return failed;
  } finally {
    real.down();
  }
}
