/** kubectl label and annotate. Models: kubectl/pkg/cmd/{label,annotate} (v1.29). Not modelled: --local. Go lists in no order; here by key. */
import type { Program } from '../../../engine/sim/process.ts';
import { kubectlText } from '../../api/errors.ts';
import type { AnyObject, KindInfo } from '../../api/kinds.ts';
import { labelValueErrors } from '../../api/validate-names.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, report } from '../output.ts';
import { pick, pickDocuments, unnamed } from '../resources.ts';
import { each } from '../send.ts';
import type { Kube, Verb } from '../verb.ts';
import { documents, FILE } from './manifests.ts';

interface Marks {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
}

const isMark = (word: string): boolean => /^[^=]+=/.test(word) || (/^[^=]+-$/.test(word));

function parseMarks(words: readonly string[], noun: 'label' | 'annotation'): Marks | string {
  const set = new Map<string, string>();
  const remove: string[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 0) remove.push(word.slice(0, -1));
    else set.set(word.slice(0, at), word.slice(at + 1));
  }
  const both = remove.filter((key) => set.has(key)).sort();
  if (both.length > 0) return noun === 'label' ? 'error: can not both modify and remove a label in the same command' : `error: can not both modify and remove the following annotation(s) in the same command: ${both.join(',')}`;
  for (const [key, value] of noun === 'label' ? set : []) {
    const wrong = labelValueErrors(value)[0];
    if (wrong !== undefined) return `error: invalid label value: "${key}=${value}": ${wrong}`;
  }
  return { set, remove };
}

/** label says what it did; annotate only that it did. */
function outcome(name: 'label' | 'annotate', before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>, marks: Marks): string {
  if (name === 'annotate') return 'annotated';
  const same = JSON.stringify(Object.entries(before).sort()) === JSON.stringify(Object.entries(after).sort());
  if (same) return 'not labeled';
  return marks.set.size === 0 && marks.remove.length > 0 ? 'unlabeled' : 'labeled';
}

function marker(name: 'label' | 'annotate'): Verb {
  const [field, noun] = name === 'label' ? ['labels', 'label'] as const : ['annotations', 'annotation'] as const;
  const change = (k: Kube, marks: Marks, several: boolean) => (info: KindInfo, o: AnyObject): number => {
    const before = o.metadata[field] ?? {};
    if (k.flags.on('list')) {
      if (several) k.out(`Listing ${noun}s for ${info.kind}.${info.apiVersion.includes('/') ? (info.apiVersion.split('/')[0] ?? '') : ''}/${o.metadata.name}:\n`);
      k.out(Object.entries(before).map(([key, value]) => `${several ? ' ' : ''}${key}=${value}\n`).join(''));
      return 0;
    }
    const clash = [...marks.set].find(([key, value]) => before[key] !== undefined && before[key] !== value && !k.flags.on('overwrite'));
    if (clash !== undefined) {
      return k.fail(name === 'label' ? `error: '${clash[0]}' already has a value (${before[clash[0]] ?? ''}), and --overwrite is false` : `error: --overwrite is false but found the following declared annotation(s): '${clash[0]}' already has a value (${before[clash[0]] ?? ''})`);
    }
    for (const key of marks.remove) if (before[key] === undefined && name === 'label') k.out(`label "${key}" not found.\n`);
    const after = Object.fromEntries([...Object.entries(before).filter(([key]) => !marks.remove.includes(key)), ...marks.set]);
    const done = k.cluster.plane.api.put(info.kind, { ...o, metadata: { ...o.metadata, [field]: after, ...(k.flags.has('resource-version') ? { resourceVersion: k.flags.text('resource-version') } : {}) } }, dryRun(k) !== '');
    if (!done.ok) return k.fail(kubectlText(done.error));
    return report(k, done.value.object, outcome(name, before, after, marks));
  };
  return {
    name, summary: name === 'label' ? 'Update the labels on a resource' : 'Update the annotations on a resource',
    flags: [
      ...FILE, flag('overwrite', 'boolean'), flag('all', 'boolean'), flag('selector', 'string', 'l'), flag('field-selector'), flag('all-namespaces', 'boolean', 'A'), flag('list', 'boolean'), flag('local', 'boolean'), flag('resource-version'), flag('output', 'string', 'o'),
      flag('dry-run', 'string', undefined, 'unchanged'), flag('field-manager'),
    ],
    *run(k): Program {
      const refused = checkDryRun(k);
      if (refused !== undefined) return refused;
      const words = k.flags.has('filename') ? [] : k.flags.args.filter((w, i) => i === 0 || !isMark(w));
      const pairs = k.flags.args.filter((w) => !words.includes(w));
      if (words.length === 0 && !k.flags.has('filename')) return k.fail(`error: one or more resources must be specified as <resource> <name> or <resource>/<name>`);
      if (pairs.length === 0 && !k.flags.on('list')) return k.fail(`error: at least one ${noun} update is required`);
      if (k.flags.on('list') && k.flags.has('output')) return k.fail('error: --list and --output may not be specified together');
      if (k.flags.on('local') && !k.flags.has('filename')) return k.fail('error: can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set');
      if (k.flags.on('local')) return k.fail(`error: ${name} --local is not modelled in this lab`);
      const marks = parseMarks(pairs, noun);
      if (typeof marks === 'string') return k.fail(marks);
      const nameless = unnamed(k, words);
      if (nameless !== undefined) return k.fail(nameless);
      if (k.flags.has('filename')) {
        const read = yield* documents(k);
        if (!read.ok) return k.fail(read.error);
        const found = pickDocuments(k, read.value.documents.map((d) => d.doc));
        const code = each(found.selections, change(k, marks, found.selections.length > 1));
        return found.errors.length > 0 ? k.fail(found.errors.join('\n')) : code;
      }
      const picked = pick(k, words);
      if (!picked.ok) return k.fail(picked.error);
      const code = each(picked.value.selections, change(k, marks, picked.value.selections.length > 1 || picked.value.selections.some((s) => s.objects.length > 1)));
      return picked.value.errors.length > 0 ? k.fail(picked.value.errors.join('\n')) : code;
    },
  };
}

export const label = marker('label');
export const annotate = marker('annotate');
