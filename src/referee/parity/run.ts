import { openFromDisk } from '../../cli/scenarios.ts';
import { exportLab } from '../../lab/export/export-lab.ts';
import type { Told } from '../pool.ts';
import { RealWorld } from '../real.ts';
import { parity } from './parity.ts';

/** The scenario's world built for real, every command line in both. */
export async function refereeCommands(): Promise<Told> {
  const lab = openFromDisk('k3s-clusterip', {});
  const real = new RealWorld(exportLab(lab));
  try {
    await real.up();
    const { passed, failed, lines } = await parity(lab, real);
    return (report) => {
      report.commands(passed, lines.slice(0, -1));
      for (const line of lines) console.log(line);
      return failed;
    };
  } finally {
    await real.down();
  }
}
