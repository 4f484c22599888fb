/** -f: manifests from files, folders, standard input and the URLs the scenario knows. Models: cli-runtime/pkg/resource/{builder,visitor}.go (v1.29). */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Wait } from '../../../engine/sim/process.ts';
import { millis, plus } from '../../../engine/sim/time.ts';
import type { FileSystem } from '../../../userland/host.ts';
import { resolvePath } from '../../../userland/shell/glob.ts';
import { readAll } from '../../../userland/shell/io.ts';
import { kubectlText, type ApiError } from '../../api/errors.ts';
import { parsingManifest, type Document1, type ManifestError } from '../../api/manifest.ts';
import { flag } from '../flags.ts';
import type { Kube } from '../verb.ts';

export const FILE = [flag('filename', 'list', 'f'), flag('recursive', 'boolean', 'R'), flag('kustomize', 'string', 'k')] as const;

export interface Source {
  readonly name: string;
  readonly text: string;
}

/** Manifests in a folder, by name; with -R those of its folders too. */
function inFolder(fs: FileSystem, cwd: string, folder: string, deep: boolean): readonly string[] {
  const names = fs.list(resolvePath(cwd, folder));
  return (names.ok ? names.value : []).flatMap((n) => {
    const path = folder.replace(/\/$/, '') === '.' ? n : `${folder.replace(/\/$/, '')}/${n}`;
    if (fs.kind(resolvePath(cwd, path)) === 'directory') return deep ? inFolder(fs, cwd, path, deep) : [];
    return /\.(ya?ml|json)$/.test(n) ? [path] : [];
  });
}

export function* sources(k: Kube): Generator<Wait, Result<readonly Source[], string>, void> {
  const found: Source[] = [];
  const missing: string[] = [];
  if (k.flags.has('kustomize')) return err('error: -k (kustomize) is not modelled in this lab');
  const { fs } = k.context.host;
  const { cwd } = k.context;
  for (const name of k.flags.list('filename').flatMap((f) => f.split(','))) {
    if (name === '-') {
      found.push({ name: 'STDIN', text: yield* readAll(k.context.stdin) });
      continue;
    }
    if (/^https?:\/\//.test(name)) {
      const text = k.cluster.options.urls?.get(name);
      if (text === undefined) return err(`error: unable to read URL "${name}", server reported 404 Not Found, status code=404`);
      found.push({ name, text });
      continue;
    }
    const kind = fs.kind(resolvePath(cwd, name));
    if (kind === undefined) {
      missing.push(`the path "${name}" does not exist`);
      continue;
    }
    const files = kind === 'directory' ? inFolder(fs, cwd, name, k.flags.on('recursive')) : [name];
    if (files.length === 0) return err(`error: error reading [${name}]: recognized file extensions are [.json .yaml .yml]`);
    for (const file of files) {
      const content = fs.read(resolvePath(cwd, file));
      if (!content.ok) return err(`error: open ${file}: permission denied`);
      found.push({ name: file, text: content.value });
    }
  }
  // One failure is an error, several are a list.
  return missing.length === 0 ? ok(found) : err(missing.length === 1 ? `error: ${missing.join('')}` : missing.join('\n'));
}

export interface Manifests {
  readonly documents: readonly { readonly doc: Document1; readonly file: string }[];
  readonly errors: readonly ManifestError[];
}

/** What went wrong with the objects of files: one in its own words, several as a list (utilerrors.Aggregate, cmdutil.MultipleErrors). `more`: how many other errors there are. */
export class Refusals {
  readonly #all: { readonly error: ApiError; readonly doing: string }[] = [];

  add(error: ApiError, doing: string): void {
    this.#all.push({ error, doing });
  }

  tell(k: Kube, more: number): number {
    const [only] = this.#all;
    if (only !== undefined && this.#all.length + more === 1) return k.fail(kubectlText(only.error, only.doing));
    for (const { error, doing } of this.#all) k.fail(`Error from server (${error.reason}): ${doing}: ${error.message}`);
    return this.#all.length === 0 ? 0 : 1;
  }
}

/** So many objects are one event of the simulation; then others have their turn, and Ctrl+C is heard. A request takes the API server about a millisecond. */
const TOGETHER = 50;
const REQUESTS = millis(TOGETHER);

export function* inTurn(k: Kube, done: number): Generator<Wait, void, void> {
  if (done > 0 && done % TOGETHER === 0) yield { until: plus(k.context.host.kernel.clock.now, REQUESTS) };
}

/** All documents of -f. */
export function* documents(k: Kube): Generator<Wait, Result<Manifests, string>, void> {
  const read = yield* sources(k);
  if (!read.ok) return read;
  const all: { readonly doc: Document1; readonly file: string }[] = [];
  const errors: ManifestError[] = [];
  let done = 0;
  for (const { name: file, text } of read.value) {
    const work = parsingManifest(text, file, k.cluster.store.serves);
    let next = work.next();
    for (; next.done !== true; next = work.next()) yield* inTurn(k, done++);
    for (const doc of next.value.documents) all.push({ doc, file });
    errors.push(...next.value.errors);
  }
  return ok({ documents: all, errors });
}
