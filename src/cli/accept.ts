/** The one command that changes golden files: writes what the scenarios give now, prints what changed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { changes, goldenText } from '../lab/golden.ts';
import { MODELS_PATH, modelsText } from './models.ts';
import { diskScenarios, goldenPath, openFromDisk } from './scenarios.ts';

function accept(name: string, path: string, before: string, after: string): void {
  const changed = before === after ? [] : changes(before, after);
  console.log(`${name}: ${changed.length === 0 ? 'unchanged' : `${changed.length} lines`}`);
  for (const line of changed) console.log(line);
  if (changed.length > 0) writeFileSync(path, after);
}

export async function run(): Promise<number> {
  accept('src/lab/models.json', MODELS_PATH, existsSync(MODELS_PATH) ? readFileSync(MODELS_PATH, 'utf8') : '', modelsText());
  for (const id of diskScenarios.ids()) accept(`scenarios/${id}/golden.txt`, goldenPath(id), diskScenarios.files(id)?.get('golden.txt') ?? '', goldenText(openFromDisk(id, {})));
  return 0;
}
