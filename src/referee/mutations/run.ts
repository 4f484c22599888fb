/** `npm run referee -- --mutations`: the engine is broken in many ways, one at a time; each must be seen. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from '../at-end.ts';
import type { Finding } from './judge.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CACHE = join(ROOT, '.cache/mutations', String(process.pid));
const PATIENCE_MS = 180_000;

export interface MutationsReport {
  readonly made: number;
  readonly caught: number;
  /** Without a mutation nothing differs. */
  readonly whole: boolean;
}

/** The file's text with the mutation in it; throws when it no longer fits. */
export function mutated(text: string, { name, find, replace }: Pick<Mutation, 'name' | 'find' | 'replace'>): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`stale mutation "${name}": its text stands ${parts.length - 1} times in the file`);
  return parts.join(replace);
}

/** A copy of the sources that may be broken. */
function workshop(name: string): string {
  const dir = join(CACHE, name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(join(ROOT, 'src'), join(dir, 'src'), { recursive: true });
  for (const shared of ['node_modules', 'scenarios', 'package.json']) symlinkSync(join(ROOT, shared), join(dir, shared));
  return dir;
}

function judge(dir: string, how: 'record' | 'play', tape: string): Promise<readonly Finding[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(dir, 'src/referee/mutations/judge.ts'), how, tape], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    const callOff = atEnd(() => void child.kill('SIGTERM'));
    let [out, errors] = ['', ''];
    child.stdout.on('data', (chunk) => void (out += String(chunk)));
    child.stderr.on('data', (chunk) => void (errors += String(chunk)));
    const late = setTimeout(() => void child.kill('SIGKILL'), PATIENCE_MS);
    child.on('close', (code) => {
      clearTimeout(late);
      callOff();
      if (code === 0) resolve(JSON.parse(out.trim().split('\n').at(-1) ?? '[]') as readonly Finding[]); // judge.ts's own words
      else reject(new Error(errors.trim().split('\n').slice(-12).join('\n') || `exit ${String(code)}`));
    });
  });
}

interface Outcome {
  readonly mutation: Mutation;
  readonly problem: string | undefined;
  readonly first: Finding | undefined;
  readonly places: number;
}

async function attempt(dir: string, mutation: Mutation, tape: string, before: ReadonlySet<string>): Promise<Outcome> {
  const path = join(dir, 'src', mutation.file);
  const whole = readFileSync(path, 'utf8');
  try {
    writeFileSync(path, mutated(whole, mutation));
    const found = (await judge(dir, 'play', tape)).filter((f) => !before.has(f.text));
    const seen = found.filter((f) => f.where.endsWith(mutation.seenIn));
    const first = seen.at(0) ?? found.at(0);
    if (found.length === 0) return { mutation, problem: 'nobody noticed', first, places: 0 };
    return { mutation, first, places: found.length, problem: seen.length === 0 ? `seen, but not in "${mutation.seenIn}"` : undefined };
  } catch (error) {
    return { mutation, problem: error instanceof Error ? error.message : String(error), first: undefined, places: 0 };
  } finally {
    writeFileSync(path, whole);
  }
}

/** `only`: mutations whose name has the words. */
export async function runMutations(options: { readonly only: string | undefined; readonly verbose: boolean }): Promise<MutationsReport> {
  mkdirSync(CACHE, { recursive: true });
  atEnd(() => rmSync(CACHE, { recursive: true, force: true }));
  const tape = join(CACHE, 'tape.json');
  const dirs = ['a', 'b'].map(workshop);
  const [first = ''] = dirs;
  await judge(first, 'record', tape);
  // A whole engine first: what it is blamed for is no one's merit later.
  const baseline = await judge(first, 'play', tape);
  for (const f of baseline) console.log(`WHOLE  the unbroken engine differs: ${f.where}\n${f.text}`);
  const before = new Set(baseline.map((f) => f.text));
  const waiting = MUTATIONS.filter((m) => options.only === undefined || m.name.includes(options.only));
  const made = waiting.length;
  let caught = 0;
  await Promise.all(dirs.map(async (dir) => {
    for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
      const { problem, first: shown, places } = await attempt(dir, mutation, tape, before);
      if (problem === undefined) caught++;
      console.log(`${problem === undefined ? 'caught' : 'MISSED'} ${mutation.name}: ${problem ?? `${places} places, first ${shown?.where ?? ''}`}`);
      if (shown !== undefined && (options.verbose || problem !== undefined)) console.log(shown.text);
    }
  }));
  rmSync(CACHE, { recursive: true, force: true });
  return { made, caught, whole: baseline.length === 0 };
}
