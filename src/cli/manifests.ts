/** Tries manifests as people publish them: every file in a fresh world of its own, or all in one, in their order. Exit code 1 only for bugs of the lab, not for refusals. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.ts';
import { tryManifest, type TriedManifest, type TriedObject } from '../lab/manifests/try-manifest.ts';
import { readArgs, RefusedError, seedOf, UsageError } from './arguments.ts';
import { openFromDisk } from './scenarios.ts';

/** A cluster with nothing of its own in it that a manifest could meet. */
const SCENARIO = 'k3s-bootstrap';

function filesOf(path: string): readonly string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw new RefusedError(error instanceof Error ? error.message : String(error));
  }
  return isFolder ? readdirSync(path).sort().flatMap((name) => { const inside = join(path, name); return statSync(inside).isDirectory() || /\.(ya?ml|json)$/.test(name) ? filesOf(inside) : []; }) : [path];
}

/** An exception in a world is a bug to report with its file; the other files are still tried. */
function attempt(world: () => Lab, path: string, name: string): TriedManifest {
  try {
    return tryManifest(world(), readFileSync(path, 'utf8'), name);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return { file: name, objects: [], bugs: [`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`] };
  }
}

const place = (o: TriedObject, file: string): string => `${file}:${o.line}${o.path === undefined ? '' : ` ${o.path}`}`;
const effect = (o: TriedObject): string => (o.inert.length === 0 ? '' : ` (without effect: ${o.inert.join(', ')})`);
const subject = (o: TriedObject): string => (o.kind === '' ? 'file' : `${o.kind} ${o.name}`);

const plain = ({ file, objects, bugs }: TriedManifest): string =>
  [file, ...objects.map((o) => `  ${o.outcome} ${subject(o)}: ${o.text}${o.outcome === 'refused' ? ` [${place(o, file)}]` : effect(o)}`), ...bugs.map((b) => `  BUG ${b}`)].map((l) => `${l}\n`).join('');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');

const rows = ({ file, objects, bugs }: TriedManifest): string =>
  [...objects.map((o, i) => `| ${i === 0 ? cell(file) : ''} | ${cell(subject(o))} | ${o.outcome} | ${cell(o.text)}${o.outcome === 'refused' ? ` (line ${o.line}${o.path === undefined ? '' : `, \`${o.path}\``})` : cell(effect(o))} |\n`), ...bugs.map((b) => `| ${cell(file)} | | bug | ${cell(b)} |\n`)].join('');

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { scenario: { type: 'string' }, markdown: { type: 'boolean' }, together: { type: 'boolean' }, seed: { type: 'string' } });
  if (positionals.length === 0) throw new UsageError('which files or folders?');
  const markdown = values.markdown === true;
  const fresh = (): Lab => openFromDisk(values.scenario ?? SCENARIO, { seed: seedOf(values.seed), trace: false });
  const shared = values.together === true ? fresh() : undefined;
  let [files, applied, refused, bugs] = [0, 0, 0, 0];
  if (markdown) process.stdout.write('| File | Object | Outcome | What became of it, or the reason |\n| --- | --- | --- | --- |\n');
  for (const given of positionals) {
    for (const path of filesOf(given)) {
      const tried = attempt(() => shared ?? fresh(), path, path === given ? path : path.slice(given.replace(/\/$/, '').length + 1));
      process.stdout.write(markdown ? rows(tried) : plain(tried));
      files++;
      applied += tried.objects.filter((o) => o.outcome === 'applied').length;
      refused += tried.objects.filter((o) => o.outcome === 'refused').length;
      bugs += tried.bugs.length;
    }
  }
  process.stdout.write(`\n${files} files: ${applied} objects applied, ${refused} refused, ${bugs} bugs\n`);
  return bugs > 0 ? 1 : 0;
}
