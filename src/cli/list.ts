import { readScenario } from '../lab/scenario/read.ts';
import { diskScenarios } from './scenarios.ts';

export async function run(): Promise<number> {
  for (const id of diskScenarios.ids()) {
    const read = readScenario(id, diskScenarios.files(id) ?? new Map());
    process.stdout.write(read.ok ? `${id}\t${read.value.info.title}\t${read.value.info.stack}\n` : `${id}\tbroken: ${read.error}\n`);
  }
  return 0;
}
