import { kubectlText, notFound } from '../../api/errors.ts';
import { kindByResource } from '../../api/kinds.ts';
import { describeObject } from '../describe/describe.ts';
import { flag } from '../flags.ts';
import { everyNamespace, pick } from '../resources.ts';
import type { Verb } from '../verb.ts';

export const describe: Verb = {
  name: 'describe', summary: 'Show details of a specific resource or group of resources',
  flags: [flag('selector', 'string', 'l'), flag('all-namespaces', 'boolean', 'A'), flag('show-events', 'string', undefined, 'true'), flag('field-selector')],
  *run(k) {
    if (k.flags.args.length === 0) return k.fail('error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.');
    const picked = pick(k, k.flags.args);
    if (!picked.ok) return k.fail(picked.error);
    let objects = picked.value.selections.flatMap((s) => s.objects);
    // A name that is not there may be the beginning of names that are.
    const info = kindByResource(k.flags.args[0] ?? '', k.cluster.store.serves);
    const prefix = k.flags.args[1];
    if (objects.length === 0 && info !== undefined && prefix !== undefined && picked.value.errors.length > 0) {
      objects = k.cluster.store.list(info.kind, info.namespaced ? k.namespace : undefined).filter((o) => o.metadata.name.startsWith(prefix));
      if (objects.length === 0) return k.fail(kubectlText(notFound(info.kind, prefix)));
    } else for (const error of picked.value.errors) k.fail(error);
    if (objects.length === 0 && picked.value.errors.length === 0) {
      k.context.stderr.write(everyNamespace(k) ? 'No resources found\n' : `No resources found in ${k.namespace} namespace.\n`);
      return 0;
    }
    k.out(objects.map((o) => describeObject(k, o)).join('\n\n'));
    return picked.value.errors.length > 0 && objects.length === 0 ? 1 : 0;
  },
};
