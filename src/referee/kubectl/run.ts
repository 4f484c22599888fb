/** `npm run referee -- --only kubectl` */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Told } from '../pool.ts';
import { sideBySide } from '../compare.ts';
import { Comparison, type Compared } from './compare.ts';
import { KNOWN, LINES } from './lines.ts';

const CLOUD_SDK = '/usr/lib/google-cloud-sdk/bin';
/** A clock that ticked between two lines of output, a second that was rounded: not twice. */
const TRIES = 3;

const VERSION = /"gitVersion": "v1\.29\./;

/** The lab's kubectl is of 1.29: others say many things otherwise. */
function binary(): string | undefined {
  const given = process.env['KUBECTL'];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), CLOUD_SDK];
  const found = given === undefined ? ['kubectl.1.29', 'kubectl'].flatMap((name) => folders.map((folder) => join(folder, name))) : [given];
  return found.find((path) => existsSync(path) && VERSION.test(spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' }).stdout));
}

export async function refereeKubectl(): Promise<Told> {
  const path = binary();
  if (path === undefined) {
    return () => {
      console.log('skipped: no kubectl 1.29 here');
      return 0;
    };
  }
  const comparison = new Comparison(path);
  const started = Date.now();
  const different: string[] = [];
  let [same, refused, known] = [0, 0, 0];
  try {
    await comparison.open();
    for (const line of LINES) {
      let last: Compared = { verdict: 'different', real: [], lab: [] };
      for (let i = 0; i < TRIES && last.verdict === 'different'; i++) last = await comparison.compare(line);
      if (KNOWN.has(line)) {
        if (last.verdict === 'different') known++;
        else different.push(`${line}: no longer differs`);
      } else if (last.verdict === 'same') same++;
      else if (last.verdict === 'refused') refused++;
      else different.push(sideBySide({ where: line, kernel: last.real, lab: last.lab }).replaceAll(/^ {2}kernel - /gm, '  real   - '));
    }
  } finally {
    comparison.close();
  }
  return (report) => {
    report.commands(same, different);
    for (const text of different) console.log(`DIFFER ${text}`);
    console.log(`${different.length === 0 ? 'ok    ' : 'DIFFER'} kubectl: ${same} of ${same + different.length} lines the same as ${path}, ${refused} not modelled, ${known} differ for a known reason (${Math.round((Date.now() - started) / 1000)} s)`);
    return different.length;
  };
}
