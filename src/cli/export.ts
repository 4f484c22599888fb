import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportLab } from '../lab/export/export-lab.ts';
import { readArgs, scenarioOf, seedOf, UsageError } from './arguments.ts';
import { openFromDisk } from './scenarios.ts';

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { format: { type: 'string' }, output: { type: 'string', short: 'o' }, seed: { type: 'string' }, file: { type: 'string', short: 'f', multiple: true } });
  if (values.format !== 'netns') throw new UsageError('--format netns is the one there is');
  if (values.output === undefined) throw new UsageError('-o <dir>: where to?');
  const files = exportLab(openFromDisk(scenarioOf(positionals), { seed: seedOf(values.seed), manifests: values.file }));
  mkdirSync(values.output, { recursive: true });
  for (const [name, text] of files) {
    writeFileSync(join(values.output, name), text);
    if (name.endsWith('.sh')) chmodSync(join(values.output, name), 0o755);
    console.log(join(values.output, name));
  }
  return 0;
}
