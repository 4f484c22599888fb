/** Manifests: YAML text to strictly decoded objects, every refusal with its place. Words of kubectl 1.29 with --validate=strict. */
import { isMap, isScalar, LineCounter, type Document, type YAMLParseError } from 'yaml';
import { ABSENT_KINDS, FIELDS, isKind, kindInfo, type AnyObject, type Kind, type KindMap } from './kinds.ts';
import type { Field, Problem } from './schema.ts';
import { plainValue, yamlDocuments } from './yaml.ts';

export type Raw = Readonly<Record<string, unknown>>;

export interface ManifestError {
  /** As kubectl prints it. */
  readonly text: string;
  readonly file: string;
  readonly line: number | undefined;
  /** Field path. */
  readonly path: string | undefined;
}

export interface Document1 {
  readonly kind: Kind;
  readonly raw: Raw;
  /** Line (from 1) of a field path, of its nearest parent when it is absent. */
  readonly lineOf: (path: string) => number;
}

export interface Manifest {
  readonly documents: readonly Document1[];
  readonly errors: readonly ManifestError[];
}

const DECODERS: { readonly [K in Kind]: Field<KindMap[K]> } = FIELDS;

/** `problems` non-empty: the object must not be used. */
export function decode<K extends Kind>(kind: K, raw: Raw): { readonly object: KindMap[K]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const object = DECODERS[kind].decode(raw, '', kind, problems);
  return { object, problems };
}

/** What the API server answers about problems of decoding. */
export function decodeText(kind: Kind, problems: readonly Problem[]): string {
  const version = kindInfo(kind).apiVersion.split('/').at(-1) ?? 'v1';
  const type = problems.find((p) => p.kind === 'type' || p.kind === 'value');
  const absent = problems.filter((p) => p.kind === 'absent');
  const text = type?.text ?? (absent.length > 0 ? absent.map((p) => p.text).join(', ') : `strict decoding error: ${problems.map((p) => p.text).join(', ')}`);
  return `${kind} in version "${version}" cannot be handled as a ${kind}: ${text}`;
}

/** go-yaml's sentences for the parser's complaints; the place is ours. */
function goYaml(error: YAMLParseError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT': return 'found character that cannot start any token';
    case 'BLOCK_AS_IMPLICIT_KEY': return 'mapping values are not allowed in this context';
    case 'MISSING_CHAR': return error.message.includes('quote') ? 'found unexpected end of stream' : "could not find expected ':'";
    case 'BAD_ALIAS': return 'unknown anchor referenced';
    default: return 'did not find expected key';
  }
}

function lookup(doc: Document.Parsed, counter: LineCounter, path: string): number {
  let line = counter.linePos(doc.contents?.range[0] ?? doc.range[0]).line;
  let node: unknown = doc.contents;
  for (const part of path.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part);
      if (pair === undefined) break;
      if (isScalar(pair.key) && pair.key.range !== undefined && pair.key.range !== null) line = counter.linePos(pair.key.range[0]).line;
      node = pair.value;
    } else if (typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items)) {
      const item: unknown = node.items[Number(part)];
      if (typeof item === 'object' && item !== null && 'range' in item && Array.isArray(item.range) && typeof item.range[0] === 'number') line = counter.linePos(item.range[0]).line;
      node = item;
    } else break;
  }
  return line;
}

const record = (value: unknown): Raw => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `serves`: whether the API server has the kind at the time when kubectl reads the file, before the first of its objects is made. */
export function parseManifest(source: string, file: string, serves: (kind: Kind) => boolean): Manifest {
  const work = parsingManifest(source, file, serves);
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

/** As {@link parseManifest}; stops after every document. */
export function* parsingManifest(source: string, file: string, serves: (kind: Kind) => boolean): Generator<undefined, Manifest> {
  const counter = new LineCounter();
  const documents: Document1[] = [];
  const errors: ManifestError[] = [];
  const fail = (message: string, line?: number, path?: string): void => void errors.push({ text: message, file, line, path });
  for (const doc of yamlDocuments(source, counter)) {
    yield;
    const [broken] = doc.errors;
    if (broken !== undefined) {
      const line = broken.pos[0] < 0 ? 1 : counter.linePos(broken.pos[0]).line;
      fail(`error: error parsing ${file}: error converting YAML to JSON: yaml: line ${line}: ${goYaml(broken)}`, line);
      break; // the decoder cannot find the next document
    }
    const value = plainValue(doc);
    if (!value.ok) {
      fail(`error: error parsing ${file}: error converting YAML to JSON: yaml: ${value.error}`, counter.linePos(doc.range[0]).line);
      continue;
    }
    if (value.value === undefined || value.value === null) continue;
    const top = record(value.value);
    const items = top['kind'] === 'List' && Array.isArray(top['items']) ? top['items'].map((item: unknown, i) => ({ raw: record(item), prefix: `items[${i}].` })) : [{ raw: top, prefix: '' }];
    for (const { raw, prefix } of items) {
      const at = (path: string): number => lookup(doc, counter, prefix + path);
      const metadata = record(raw['metadata']);
      const kind = text(raw['kind']);
      const version = text(raw['apiVersion']);
      const unset = [...(version === '' ? ['apiVersion'] : []), ...(kind === '' ? ['kind'] : [])];
      if (unset.length > 0) {
        const why = unset.map((key) => `${key} not set`);
        fail(`error: error validating "${file}": error validating data: ${why.length === 1 ? why.join('') : `[${why.join(', ')}]`}; if you choose to ignore these errors, turn validation off with --validate=false`, at(unset[0] ?? ''), unset[0]);
        continue;
      }
      if (ABSENT_KINDS.get(kind)?.includes(version) === true) fail(`error: unable to recognize "${file}": kind "${kind}" in version "${version}" is not modelled in this lab`, at('kind'), 'kind');
      else if (!isKind(kind) || kindInfo(kind).apiVersion !== version || !serves(kind)) {
        fail(`error: resource mapping not found for name: "${text(metadata['name'])}" namespace: "${text(metadata['namespace'])}" from "${file}": no matches for kind "${kind}" in version "${version}"\nensure CRDs are installed first`, at('kind'), 'kind');
      } else documents.push({ kind, raw, lineOf: at });
    }
  }
  return { documents, errors };
}

export type { AnyObject };
