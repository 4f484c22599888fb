/**
 * A manifest tried in a world: applied with the server's kubectl, given time to settle, and told object by object.
 * A bug is ours: an object neither stored nor refused, one that lost a field in silence, a second apply that finds something to change.
 */
import { isMap, isSeq, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { isKind, kindInfo, singularName, type Kind } from '../../cluster/api/kinds.ts';
import type { ManifestError } from '../../cluster/api/manifest.ts';
import { plainValue } from '../../cluster/api/yaml.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { putFile } from '../../cluster/node/files.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Lab } from '../lab.ts';
import { became } from './became.ts';
import { lost, withoutEffect } from './gaps.ts';

/** After everything has settled: probes fail, crash loops show. */
const WATCH = seconds(30);

export interface TriedObject {
  readonly kind: string;
  readonly name: string;
  readonly line: number;
  readonly outcome: 'applied' | 'refused';
  /** What became of it, or why it was refused. */
  readonly text: string;
  /** Field that was refused. */
  readonly path: string | undefined;
  /** Fields that are kept without effect here. */
  readonly inert: readonly string[];
}

export interface TriedManifest {
  readonly file: string;
  readonly objects: readonly TriedObject[];
  readonly bugs: readonly string[];
}

type Tree = Readonly<Record<string, unknown>>;
const tree = (value: unknown): Tree => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {});
const word = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Given {
  readonly raw: Tree;
  readonly line: number;
  /** First line of the next object. */
  readonly end: number;
}

const startOf = (doc: Document.Parsed): number => doc.contents?.range[0] ?? doc.range[0];

/** The objects a file names, whether this lab knows them or not, each with its lines. */
function objectsOf(text: string): readonly Given[] {
  const counter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: counter });
  const found: { raw: Tree; line: number }[] = [];
  for (const doc of Array.isArray(parsed) ? parsed : []) {
    if (doc.errors.length > 0) break;
    const plain = plainValue(doc);
    const value = plain.ok ? tree(plain.value) : {};
    const items: unknown = value['kind'] === 'List' && isMap(doc.contents) ? doc.contents.get('items') : undefined;
    if (isSeq(items) && Array.isArray(value['items'])) {
      const raws: readonly unknown[] = value['items'];
      for (const [i, item] of items.items.entries()) found.push({ raw: tree(raws[i]), line: counter.linePos(isMap(item) ? (item.range?.[0] ?? 0) : 0).line });
    } else if (Object.keys(value).length > 0) found.push({ raw: value, line: counter.linePos(startOf(doc)).line });
  }
  return found.map((o, i) => ({ ...o, end: found[i + 1]?.line ?? Infinity }));
}

const firstLine = (error: ManifestError): string => error.text.replace(/: \n\* /, ': ').replaceAll('\n* ', ', ').split('\n')[0] ?? '';

/** The refusal without kubectl's frame: what a list of reasons needs. */
const reason = (error: ManifestError): string => firstLine(error)
  .replace(/^Error from server \(\w+\): error when creating "[^"]*": /, '').replace(/^error: (unable to recognize "[^"]*": )?/, '').replace(/^resource mapping not found for .*: no matches/, 'no matches')
  .replace(/^The \w+ "[^"]*" is invalid: /, '').replace(/ cannot be handled as a \w+: (strict decoding error: )?/, ': ');

export function tryManifest(lab: Lab, text: string, file: string): TriedManifest {
  const { cluster } = lab;
  if (cluster === undefined) return { file, objects: [], bugs: ['this scenario has no cluster'] };
  const given = objectsOf(text);
  const { results, errors } = lab.apply(text, file);
  const bugs = [...applyAgain(lab, text, file, results.map((r) => r.text))];
  lab.settle();
  lab.wait(WATCH);
  const objects: TriedObject[] = [];
  const told = new Set<ManifestError>();
  for (const { raw, line, end } of given) {
    const kind = word(raw['kind']);
    const name = word(tree(raw['metadata'])['name']);
    const base = { kind, name, line };
    const refusals = errors.filter((e) => e.line !== undefined && e.line >= line && e.line < end);
    for (const e of refusals) told.add(e);
    const [first] = refusals;
    const stored = isKind(kind) ? storedObject(cluster, kind, raw) : undefined;
    const applied = isKind(kind) && results.some((r) => r.text.startsWith(`${singularName(kindInfo(kind))}/${name} `) && r.line >= line && r.line < end);
    if (first !== undefined) objects.push({ ...base, line: first.line ?? line, outcome: 'refused', text: refusals.map(reason).join('; '), path: first.path, inert: [] });
    else if (applied && stored !== undefined && isKind(kind)) {
      objects.push({ ...base, outcome: 'applied', text: became(kind, stored, cluster.store), path: undefined, inert: withoutEffect(kind, raw) });
      bugs.push(...lost(raw, stored).map((path) => `${file}:${line}: ${kind} ${name} lost ${path}`));
    } else if (applied) objects.push({ ...base, outcome: 'applied', text: 'done and gone', path: undefined, inert: [] });
    else bugs.push(`${file}:${line}: ${kind} ${name} is neither stored nor refused`);
  }
  for (const e of errors) if (!told.has(e)) objects.push({ kind: '', name: '', line: e.line ?? 1, outcome: 'refused', text: reason(e), path: e.path, inert: [] });
  return { file, objects, bugs };
}

function storedObject<K extends Kind>(cluster: Cluster, kind: K, raw: Tree) {
  const metadata = tree(raw['metadata']);
  return cluster.store.get(kind, kindInfo(kind).namespaced ? word(metadata['namespace']) || 'default' : '', word(metadata['name']));
}

/** The same file with kubectl on a machine that has it: what is there already is unchanged. */
function applyAgain(lab: Lab, text: string, file: string, applied: readonly string[]): readonly string[] {
  const host = [...lab.machines.values()].find((h) => h.command('kubectl') !== undefined);
  if (host === undefined) return [];
  const path = '/tmp/tried.yaml';
  putFile(host.fs, path, text);
  const { stdout, code } = lab.exec(host.name, `sudo kubectl apply -f ${path}`);
  const said = stdout.split('\n');
  return applied.map((line) => line.replace(/ \w+$/, '')).filter((object) => !said.some((l) => l.startsWith(`${object} `) && l.endsWith(' unchanged')))
    .map((object) => `${file}: kubectl apply a second time: ${said.find((l) => l.startsWith(`${object} `)) ?? `nothing about ${object} (exit code ${code})`}`);
}
