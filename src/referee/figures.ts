/** `--report`: what a run found, committed with the code: docs/referee.md for readers, figures for the coverage page. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { RefereeFigures } from '../worker/protocol.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIGURES = join(ROOT, 'src/lab/referee-figures.json');
const PAGE = join(ROOT, 'docs/referee.md');

const known = (): RefereeFigures => JSON.parse(readFileSync(FIGURES, 'utf8')) as RefereeFigures; // written below

/** What is given replaces what was known. */
export function writeFigures(now: Partial<RefereeFigures>): void {
  const figures: RefereeFigures = { ...known(), ...now, date: new Date().toISOString().slice(0, 10), kernel: release() };
  writeFileSync(FIGURES, `${JSON.stringify(figures, undefined, 2)}\n`);
  console.log(`figures: ${FIGURES}`);
}

export function writePage(markdown: string): void {
  mkdirSync(join(PAGE, '..'), { recursive: true });
  const { mutations, kernel, date } = known();
  writeFileSync(PAGE, `${markdown.trimEnd()}\n\n## The referee itself\n\nKernel ${kernel}, ${date}. The engine was broken on purpose in ${mutations.made} ways (\`src/referee/mutations\`); ${mutations.caught} were noticed.\n`);
  console.log(`report: ${PAGE}`);
}
