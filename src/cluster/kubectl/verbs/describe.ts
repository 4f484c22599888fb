/** kubectl describe. Models: kubectl/pkg/cmd/describe (v1.29): a name that is not there may be the beginning of names that are. */
import { kubectlText, notFound } from '../../api/errors.ts';
import { kindByResource, type AnyObject } from '../../api/kinds.ts';
import { describeObject } from '../describe/describe.ts';
import { flag } from '../flags.ts';
import { everyNamespace, pick, pickDocuments } from '../resources.ts';
import type { Verb } from '../verb.ts';
import { documents, FILE } from './manifests.ts';

export const describe: Verb = {
  name: 'describe', summary: 'Show details of a specific resource or group of resources',
  flags: [...FILE, flag('selector', 'string', 'l'), flag('all-namespaces', 'boolean', 'A'), flag('show-events', 'string', undefined, 'true'), flag('field-selector'), flag('chunk-size')],
  *run(k) {
    let objects: readonly AnyObject[];
    let errors: readonly string[];
    let byPrefix = false; // DescribeMatchingResources ends every one with a blank line
    if (k.flags.has('filename') && k.flags.args.length > 0) return k.fail('error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well');
    if (k.flags.has('filename')) {
      const read = yield* documents(k);
      if (!read.ok) return k.fail(read.error);
      const found = pickDocuments(k, read.value.documents.map((d) => d.doc));
      objects = found.selections.flatMap((s) => s.objects);
      errors = found.errors;
    } else {
      if (k.flags.args.length === 0) return k.fail('error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.');
      const picked = pick(k, k.flags.args);
      if (!picked.ok) return k.fail(picked.error);
      objects = picked.value.selections.flatMap((s) => s.objects);
      errors = picked.value.errors;
      const info = kindByResource(k.flags.args[0] ?? '', k.cluster.store.serves);
      const prefix = k.flags.args[1];
      if (objects.length === 0 && info !== undefined && prefix !== undefined && errors.length > 0) {
        objects = k.cluster.store.list(info.kind, info.namespaced ? k.namespace : undefined).filter((o) => o.metadata.name.startsWith(prefix));
        if (objects.length === 0) return k.fail(kubectlText(notFound(info.kind, prefix)));
        errors = [];
        byPrefix = true;
      }
    }
    if (objects.length === 0 && errors.length === 0) {
      k.context.stderr.write(everyNamespace(k) ? 'No resources found\n' : `No resources found in ${k.namespace} namespace.\n`);
      return 0;
    }
    k.out(byPrefix ? objects.map((o) => `${describeObject(k, o)}\n`).join('') : objects.map((o) => describeObject(k, o)).join('\n\n'));
    for (const error of errors) k.fail(error);
    return errors.length > 0 ? 1 : 0;
  },
};
