/** The one command that changes golden files: writes what the scenarios give now, prints what changed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { changes, goldenText } from '../lab/golden.ts';
import { readArgs, UsageError } from './arguments.ts';
import { MODELS_PATH, modelsText } from './models.ts';
import { diskScenarios, goldenPath, openFromDisk } from './scenarios.ts';

function accept(name: string, path: string, before: string, after: string): void {
  const changed = before === after ? [] : changes(before, after);
  console.log(`${name}: ${changed.length === 0 ? 'unchanged' : `${changed.length} lines`}`);
  for (const line of changed) console.log(line);
  if (changed.length > 0) writeFileSync(path, after);
}

/** Without names: all of them. */
export async function run(args: readonly string[]): Promise<number> {
  const { positionals } = readArgs(args, {});
  const known = diskScenarios.ids();
  const strange = positionals.find((id) => !known.includes(id));
  if (strange !== undefined) throw new UsageError(`there is no scenario "${strange}" (there are: ${known.join(', ')})`);
  if (positionals.length === 0) accept('src/lab/models.json', MODELS_PATH, existsSync(MODELS_PATH) ? readFileSync(MODELS_PATH, 'utf8') : '', modelsText());
  for (const id of positionals.length > 0 ? positionals : known) accept(`scenarios/${id}/golden.txt`, goldenPath(id), diskScenarios.files(id)?.get('golden.txt') ?? '', goldenText(openFromDisk(id, {})));
  return 0;
}
