import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** House.md section 2, executable: each room, the rooms it may import, and the npm packages it may use. */
const ROOMS: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }>> = {
  base: { rooms: [], packages: ['@noble/hashes'] },
  'engine/sim': { rooms: ['base'], packages: [] },
  'engine/wire': { rooms: ['base', 'engine/trace'], packages: [] },
  'engine/trace': { rooms: ['base', 'engine/sim', 'engine/wire'], packages: [] },
  'engine/uapi': { rooms: ['base', 'engine/sim', 'engine/wire', 'engine/trace'], packages: [] },
  'engine/kernel': { rooms: ['base', 'engine/sim', 'engine/wire', 'engine/trace', 'engine/uapi'], packages: [] },
  userland: { rooms: ['base', 'engine/sim', 'engine/wire', 'engine/trace', 'engine/uapi'], packages: [] },
  cluster: { rooms: ['base', 'engine/sim', 'engine/wire', 'engine/trace', 'engine/uapi', 'userland'], packages: ['yaml', 'valibot'] },
  lab: { rooms: ['base', 'engine/sim', 'engine/wire', 'engine/trace', 'engine/uapi', 'engine/kernel', 'userland', 'cluster', 'worker/protocol'], packages: ['yaml', 'valibot', 'fflate', '@noble/hashes'] },
  'worker/protocol': { rooms: [], packages: [] },
  'worker/client': { rooms: ['worker/protocol'], packages: ['comlink'] },
  worker: { rooms: ['base', 'engine/sim', 'lab', 'worker/protocol'], packages: ['comlink'] },
  cli: { rooms: ['lab', 'base', 'worker/protocol'], packages: ['yaml', 'valibot'] },
  referee: { rooms: ['cli', 'lab', 'worker/protocol', 'base', 'engine/sim', 'engine/wire', 'engine/trace', 'engine/uapi', 'engine/kernel', 'userland', 'cluster'], packages: ['fast-check'] },
  ui: {
    rooms: ['base', 'worker/client', 'worker/protocol'],
    packages: ['react', 'react-dom', '@xyflow/react', 'zustand', 'd3-scale', 'd3-shape', 'comlink', '@xterm/xterm', '@xterm/addon-fit', 'radix-ui', 'marked', 'yaml',
      '@codemirror/commands', '@codemirror/lang-yaml', '@codemirror/language', '@codemirror/lint', '@codemirror/state', '@codemirror/view', '@lezer/highlight',
      'idb-keyval', 'fflate', 'lucide-react', '@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono'],
  },
  main: { rooms: ['base', 'ui', 'worker/client', 'worker/protocol'], packages: ['react', 'react-dom', '@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono'] },
};

const SRC = import.meta.dirname;

function* files(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.tsx?$/.test(entry.name) && !/\.(test|bench)\.tsx?$/.test(entry.name) && !/\/testing\//.test(path)) yield relative(SRC, path);
  }
}

/** The most specific room a path below src lies in. */
const roomOf = (path: string): string | undefined =>
  Object.keys(ROOMS).filter((room) => path === room || path.startsWith(`${room}/`) || path.replace(/\.tsx?$/, '') === room)
    .sort((a, b) => b.length - a.length)[0];

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:^|[\s;])(?:import|export)\s[^'";]*?from\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|^import\s*'([^']+)'/gm)]
    .map((m) => m[1] ?? m[2] ?? m[3] ?? '');

/** What is wrong with one import, if anything. */
export function objection(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  if (room === undefined) return `${file} lies in no room`;
  const allowed = ROOMS[room];
  if (allowed === undefined) return `${room} is no room`;
  if (specifier.startsWith('.')) {
    const target = join(file, '..', specifier.replace(/\?.*$/, ''));
    if (target.startsWith('..')) return room === 'worker' && target.startsWith('../scenarios/') ? undefined : `${file} imports ${specifier} from outside src`;
    const to = roomOf(target);
    return to === room || (to !== undefined && allowed.rooms.includes(to)) ? undefined : `${room} may not import ${to ?? target} (${file}: ${specifier})`;
  }
  if (specifier.startsWith('node:')) return room === 'cli' || room === 'referee' ? undefined : `${room} may not use Node (${file}: ${specifier})`;
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
  return allowed.packages.includes(name) ? undefined : `${room} may not use the package ${name} (${file})`;
}

describe('layers', () => {
  it('has only arrows that the house allows', () => {
    const wrong: string[] = [];
    for (const file of files(SRC)) {
      for (const specifier of importsOf(readFileSync(join(SRC, file), 'utf8'))) {
        const why = objection(file, specifier);
        if (why !== undefined) wrong.push(why);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['cluster/x.ts', '../engine/kernel/skb.ts'],
    ['userland/commands/ip/index.ts', '../../../engine/kernel/netns.ts'],
    ['ui/canvas/x.tsx', '../../lab/lab.ts'],
    ['engine/kernel/x.ts', 'react'],
    ['lab/x.ts', 'node:fs'],
  ])('objects to %s importing %s', (file, specifier) => {
    expect(objection(file, specifier)).toBeDefined();
  });
});
