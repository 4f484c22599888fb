/** Scenarios from the disk, and a lab opened from the command line's options. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openLab } from '../lab/open.ts';
import type { Lab } from '../lab/lab.ts';
import type { ScenarioFiles, ScenarioSource } from '../lab/scenario/scenario.ts';
import { RefusedError, UsageError } from './arguments.ts';

const ROOT = join(import.meta.dirname, '../../scenarios');

export const goldenPath = (id: string): string => join(ROOT, id, 'golden.txt');

function* walk(dir: string, inside = ''): Generator<[string, string]> {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    const relative = inside === '' ? name : `${inside}/${name}`;
    if (statSync(path).isDirectory()) yield* walk(path, relative);
    else yield [relative, readFileSync(path, 'utf8')];
  }
}

export const diskScenarios: ScenarioSource = {
  ids: () => readdirSync(ROOT).filter((name) => statSync(join(ROOT, name)).isDirectory()).sort(),
  files: (id): ScenarioFiles | undefined => (/^[\w-]+$/.test(id) && diskScenarios.ids().includes(id) ? new Map(walk(join(ROOT, id))) : undefined),
};

/** Opens a scenario; further manifests are applied in order. A refused manifest ends the program with places and reasons: no command runs. */
export function openFromDisk(id: string | undefined, options: { readonly seed?: number | undefined; readonly manifests?: readonly string[] | undefined; readonly trace?: boolean }): Lab {
  if (id === undefined) throw new UsageError('which scenario?');
  const files = diskScenarios.files(id);
  if (files === undefined) throw new UsageError(`no scenario "${id}" (there are: ${diskScenarios.ids().join(', ')})`);
  const opened = openLab(id, files, { seed: options.seed, trace: options.trace ?? true });
  if (!opened.ok) throw new UsageError(`${id}: ${opened.error}`);
  const lab = opened.value;
  for (const file of options.manifests ?? []) {
    const { errors } = lab.apply(readManifest(file), file);
    if (errors.length > 0) throw new RefusedError(errors.map((e) => `${e.file}${e.line === undefined ? '' : `:${e.line}`}: ${e.text}`).join('\n'));
  }
  if (options.manifests !== undefined) lab.settle();
  return lab;
}

function readManifest(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RefusedError(error instanceof Error ? `${file}: ${error.message}` : String(error));
  }
}
