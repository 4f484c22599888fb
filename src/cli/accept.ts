/** The one command that changes golden files: writes what the scenarios give now, prints what changed. */
import { writeFileSync } from 'node:fs';
import { changes, goldenText } from '../lab/golden.ts';
import { diskScenarios, goldenPath, openFromDisk } from './scenarios.ts';

export async function run(): Promise<number> {
  for (const id of diskScenarios.ids()) {
    const before = diskScenarios.files(id)?.get('golden.txt') ?? '';
    const after = goldenText(openFromDisk(id, {}));
    const changed = before === after ? [] : changes(before, after);
    console.log(`${id}: ${changed.length === 0 ? 'unchanged' : `${changed.length} lines`}`);
    for (const line of changed) console.log(line);
    if (changed.length > 0) writeFileSync(goldenPath(id), after);
  }
  return 0;
}
