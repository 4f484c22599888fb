/** What the heads of our own files say they model: the coverage page's record, kept in src/lab/models.json by `npm run accept`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const SRC = join(import.meta.dirname, '..');
export const MODELS_PATH = join(SRC, 'lab/models.json');

const SUBSYSTEMS: readonly (readonly [string, string])[] = [
  ['engine/kernel/devices', 'Devices'], ['engine/kernel/neigh', 'Neighbours and ARP'], ['engine/kernel/ipv4', 'IPv4'], ['engine/kernel/netfilter/nat', 'NAT'],
  ['engine/kernel/netfilter', 'Netfilter'], ['engine/kernel/conntrack', 'Connection tracking'], ['engine/kernel/transport', 'TCP, UDP, ICMP and sockets'],
  ['engine/kernel/sysctl', 'Sysctl'], ['engine/kernel', 'Kernel core'], ['engine/wire', 'Wire formats'], ['userland/daemons', 'Servers'], ['userland/resolver', 'Resolver'],
  ['cluster', 'Control plane'],
];

export interface ModelRecord {
  readonly subsystem: string;
  readonly name: string;
  readonly models: string;
  readonly notModelled: string;
}

function* files(dir: string): Generator<string> {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) {
      if (name !== 'testing' && name !== 'matches' && name !== 'targets') yield* files(path);
    } else if (name.endsWith('.ts') && !name.endsWith('.test.ts')) yield path;
  }
}

/** `Models: … Not modelled: …` of a file's first comment. */
export function readHead(text: string): { readonly models: string; readonly notModelled: string } | undefined {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1]?.replace(/^\s*\* ?/gm, ' ').replace(/\s+/g, ' ').trim();
  if (comment === undefined || !comment.includes('Models:')) return undefined;
  const models = /Models: (.*?)(?= Not modelled:|$)/.exec(comment)?.[1] ?? '';
  const notModelled = /Not modelled: (.*?)$/.exec(comment)?.[1] ?? '';
  return { models: models.trim(), notModelled: notModelled.trim() };
}

export function modelRecords(): readonly ModelRecord[] {
  const records: ModelRecord[] = [];
  for (const path of files(SRC)) {
    const name = relative(SRC, path).replace(/\.ts$/, '');
    const subsystem = SUBSYSTEMS.find(([folder]) => name.startsWith(`${folder}/`))?.[1];
    const head = subsystem === undefined ? undefined : readHead(readFileSync(path, 'utf8'));
    if (subsystem !== undefined && head !== undefined) records.push({ subsystem, name: name.split('/').slice(-1)[0] ?? name, ...head });
  }
  return records.sort((a, b) => (a.subsystem < b.subsystem ? -1 : a.subsystem > b.subsystem ? 1 : a.name < b.name ? -1 : 1));
}

export const modelsText = (): string => `[\n${modelRecords().map((r) => `  ${JSON.stringify(r)}`).join(',\n')}\n]\n`;
