/**
 * kubectl edit. Models: kubectl/pkg/cmd/util/editor/editoptions.go (v1.29): KUBE_EDITOR or EDITOR as a command on a temporary file, the messages of its outcomes.
 * Without such a command the terminal's editor is asked, as vi would be.
 * Not modelled: --windows-line-endings, --output-patch.
 */
import { parseDocument } from 'yaml';
import type { Program } from '../../../engine/sim/process.ts';
import { editText } from '../../../userland/editor.ts';
import { kubectlText } from '../../api/errors.ts';
import { resourceName, type AnyObject, type KindInfo } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { plainValue } from '../../api/yaml.ts';
import { flag } from '../flags.ts';
import { refName } from '../output.ts';
import { NOTHING_GIVEN } from '../resources.ts';
import { plain, rawJson, rawYaml } from '../plain.ts';
import type { Kube, Verb } from '../verb.ts';
import { FILE } from './manifests.ts';
import { chosen } from './patch.ts';

const HEAD = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

const noComments = (text: string): string => text.split('\n').filter((l) => !l.startsWith('#')).join('\n');

/** The text as the editor left it. */
function* runEditor(k: Kube, path: string, text: string): Program<string | undefined> {
  const { fs } = k.context.host;
  const command = k.context.env.get('KUBE_EDITOR') ?? k.context.env.get('EDITOR') ?? '';
  const words = command === '' ? ['vi'] : command.split(/\s+/);
  const screen = ['vi', 'vim', 'nano', 'emacs', 'pico'].includes(words[0] ?? '');
  if (screen && k.context.editor !== undefined) return (yield* editText(k.context.editor, path, text)) ?? text;
  if (screen) {
    k.fail(`error: there is no editor at this terminal; set KUBE_EDITOR to a command of the lab (KUBE_EDITOR='sed -i s/a/b/')`);
    return undefined;
  }
  fs.write(path, text);
  const code = yield* k.context.run(`${command} ${path}`);
  if (code !== 0) {
    k.fail(`error: there was a problem with the editor "${command}"`);
    return undefined;
  }
  const read = fs.read(path);
  return read.ok ? read.value : undefined;
}

/** kubectl sends the difference only: a version that was not edited is not part of it. */
function unversioned(value: Raw, object: AnyObject): Raw {
  const { metadata } = value;
  if (typeof metadata !== 'object' || metadata === null || Reflect.get(metadata, 'resourceVersion') !== object.metadata.resourceVersion) return value;
  return { ...value, metadata: { ...metadata, resourceVersion: '' } };
}

function* editOne(k: Kube, info: KindInfo, object: AnyObject): Program {
  const json = k.flags.text('output') === 'json';
  const path = `/tmp/kubectl-edit-${(k.cluster.plane.scheduler.now % 4_294_967_296).toString(10)}.${json ? 'json' : 'yaml'}`;
  const body = json ? rawJson(plain(object)) : rawYaml(plain(object));
  const { fs } = k.context.host;
  let text = HEAD + body;
  for (;;) {
    const shown = text;
    const edited = yield* runEditor(k, path, text);
    if (edited === undefined) return 1;
    const clean = noComments(edited);
    if (clean.trim() === '') {
      k.fail('Edit cancelled, saved file was empty.');
      fs.remove(path);
      return 0;
    }
    if (clean.trim() === body.trim()) {
      k.fail('Edit cancelled, no changes made.');
      fs.remove(path);
      return 0;
    }
    const retry = (why: string): boolean => {
      // A headless editor would only make the same mistake again.
      if (edited === shown || k.context.editor === undefined) return false;
      text = `${HEAD}${why.split('\n').map((l) => `# ${l}\n`).join('')}#\n${clean}`;
      return true;
    };
    const doc = parseDocument(clean);
    const plain = plainValue(doc);
    const value = doc.errors.length === 0 && plain.ok ? plain.value : undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const why = `error parsing edited-file: error converting YAML to JSON: yaml: ${plain.ok ? `line ${doc.errors[0]?.linePos?.[0].line ?? 1}: did not find expected key` : plain.error}`;
      if (retry(`The edited file had a syntax error: ${why}`)) continue;
      return k.fail(`error: The edited file failed validation: ${why}\nYou can run \`kubectl replace -f ${path}\` to try this update again.`);
    }
    const done = k.cluster.plane.api.put(info.kind, unversioned({ ...value }, object));
    if (done.ok) {
      fs.remove(path);
      k.out(`${refName(info.kind, object.metadata.name)} ${done.value.changed ? 'edited' : 'skipped'}\n`);
      return 0;
    }
    if (retry(`${resourceName(info)} "${object.metadata.name}" was not valid:\n${done.error.invalid?.causes.map((c) => `* ${c.path}: ${c.text}`).join('\n') ?? `* ${done.error.message}`}`)) continue;
    fs.write(path, edited);
    const what = done.error.reason === 'Invalid' ? `${resourceName(info)} "${object.metadata.name}" is invalid` : '';
    return k.fail(`${what === '' ? kubectlText(done.error) : `error: ${what}`}\nA copy of your changes has been stored to "${path}"\n${what === '' ? 'error: Edit cancelled, no valid changes were saved.' : kubectlText(done.error)}`);
  }
}

export const edit: Verb = {
  name: 'edit', summary: 'Edit a resource on the server', flags: [...FILE, flag('output', 'string', 'o'), flag('selector', 'string', 'l'), flag('save-config', 'boolean'), flag('validate', 'string', undefined, 'strict'), flag('field-manager'), flag('subresource')],
  *run(k): Program {
    if (k.flags.args.length === 0 && !k.flags.has('filename')) return k.fail(NOTHING_GIVEN);
    const output = k.flags.text('output') ?? 'yaml';
    if (output !== 'yaml' && output !== 'json') return k.fail(`error: The flag 'output' must be one of yaml|json`);
    const picked = yield* chosen(k, k.flags.args);
    if (picked === undefined) return 1;
    if (picked.errors.length > 0) return k.fail(picked.errors.join('\n'));
    const all = picked.selections.flatMap((s) => s.objects.map((object) => ({ info: s.info, object })));
    if (all.length === 0) return k.fail('Edit cancelled, no objects found.');
    let code = 0;
    for (const { info, object } of all) code = (yield* editOne(k, info, object)) || code;
    return code;
  },
};
