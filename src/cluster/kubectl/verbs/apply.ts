/** kubectl apply, create -f, delete -f: manifests from files, standard input and the URLs the scenario knows. Models: kubectl/pkg/cmd/{apply,create,delete} (v1.29). */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program, Wait } from '../../../engine/sim/process.ts';
import { readAll } from '../../../userland/shell/io.ts';
import { kubectlText } from '../../api/errors.ts';
import { kindInfo, singularName } from '../../api/kinds.ts';
import { parseManifest } from '../../api/manifest.ts';
import { flag } from '../flags.ts';
import type { Kube, Verb } from '../verb.ts';

const absolute = (cwd: string, path: string): string => {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
};

interface Source {
  readonly name: string;
  readonly text: string;
}

export function* sources(k: Kube): Generator<Wait, Result<readonly Source[], string>, void> {
  const found: Source[] = [];
  for (const name of k.flags.list('filename').flatMap((f) => f.split(','))) {
    if (name === '-') found.push({ name: 'STDIN', text: yield* readAll(k.context.stdin) });
    else if (/^https?:\/\//.test(name)) {
      const text = k.cluster.options.urls?.get(name);
      if (text === undefined) return err(`error: unable to read URL "${name}", server reported 404 Not Found, status code=404`);
      found.push({ name, text });
    } else {
      const { fs } = k.context.host;
      const path = absolute(k.context.cwd, name);
      const names = fs.kind(path) === 'directory' ? fs.list(path) : undefined;
      const files = names?.ok === true ? names.value.filter((n) => /\.(ya?ml|json)$/.test(n)).map((n) => `${name.replace(/\/$/, '')}/${n}`) : [name];
      for (const file of files) {
        const content = fs.read(absolute(k.context.cwd, file));
        if (!content.ok) return err(`error: the path "${name}" does not exist`);
        found.push({ name: file, text: content.value });
      }
    }
  }
  return ok(found);
}

const FILE_FLAGS = [flag('filename', 'list', 'f'), flag('recursive', 'boolean', 'R'), flag('output', 'string', 'o'), flag('dry-run', 'string', undefined, 'unchanged'), flag('validate', 'string', undefined, 'true'), flag('server-side', 'boolean'), flag('force', 'boolean'), flag('wait', 'boolean'), flag('field-manager')] as const;

export const apply: Verb = {
  name: 'apply', summary: 'Apply a configuration to a resource by file name or stdin', flags: FILE_FLAGS,
  *run(k): Program {
    if (!k.flags.has('filename')) return k.fail('error: must specify one of -f and -k');
    if (k.flags.has('dry-run') && k.flags.text('dry-run') !== 'none') return k.fail('error: apply --dry-run is not modelled in this lab');
    const read = yield* sources(k);
    if (!read.ok) return k.fail(read.error);
    let code = 0;
    for (const source of read.value) {
      const result = k.cluster.apply(source.text, source.name, k.namespace);
      for (const line of result.results) k.out(`${line.text}\n`);
      for (const error of result.errors) code = k.fail(error.text);
    }
    return code;
  },
};

/** create -f: every object must be new. */
export function* createFiles(k: Kube): Program {
  const read = yield* sources(k);
  if (!read.ok) return k.fail(read.error);
  let code = 0;
  for (const source of read.value) {
    const manifest = parseManifest(source.text, source.name, k.cluster.store.serves);
    for (const doc of manifest.documents) {
      const decoded = k.cluster.plane.api.decode(doc.kind, doc.raw);
      if (!decoded.ok) {
        code = k.fail(kubectlText(decoded.error, `error when creating "${source.name}"`));
        continue;
      }
      const object = decoded.value;
      const spaced = { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace || k.namespace } };
      const typed = k.cluster.plane.api.decode(doc.kind, spaced);
      const made = typed.ok ? k.cluster.plane.api.create(doc.kind, typed.value) : typed;
      if (made.ok) k.out(`${singularName(kindInfo(doc.kind))}/${made.value.metadata.name} created\n`);
      else code = k.fail(kubectlText(made.error, `error when creating "${source.name}"`));
    }
    for (const error of manifest.errors) code = k.fail(error.text);
  }
  return code;
}
