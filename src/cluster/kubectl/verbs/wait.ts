/** kubectl wait. Models: kubectl/pkg/cmd/wait (v1.29): condition, delete, jsonpath. */
import type { Program } from '../../../engine/sim/process.ts';
import type { AnyObject, KindInfo } from '../../api/kinds.ts';
import { flag } from '../flags.ts';
import { evaluate } from '../jsonpath.ts';
import { refName } from '../output.ts';
import { NOTHING_GIVEN, unnamed } from '../resources.ts';
import { duration, untilChange } from '../until.ts';
import type { Kube, Verb } from '../verb.ts';
import { FILE } from './manifests.ts';
import { chosen } from './patch.ts';

type Test = (now: AnyObject | undefined) => boolean;

const texts = (found: ReturnType<typeof evaluate>): readonly string[] => (found.ok ? found.value.map((v) => (typeof v === 'object' ? JSON.stringify(v) : String(v))) : []);

function testOf(what: string, first: AnyObject): Test | string {
  if (what.toLowerCase() === 'delete') return (now) => now === undefined || now.metadata.uid !== first.metadata.uid;
  const [, condition, status = 'true'] = /^condition=([^=]+)(?:=(.*))?$/.exec(what) ?? [];
  if (condition !== undefined) {
    return (now) => {
      const found = evaluate('.status.conditions[*]', now);
      return found.ok && found.value.some((c) => texts(evaluate('.type', c))[0]?.toLowerCase() === condition.toLowerCase() && texts(evaluate('.status', c))[0]?.toLowerCase() === status.toLowerCase());
    };
  }
  const [, path, value] = /^jsonpath=\{?([^}=]+)\}?(?:=(.*))?$/.exec(what.replaceAll(/['"]/g, '')) ?? [];
  if (path === undefined) return `error: unrecognized condition: "${what}"`;
  return (now) => {
    const found = texts(evaluate(path, now));
    return value === undefined ? found.length > 0 : found.length === 1 && found[0] === value;
  };
}

function* waitOne(k: Kube, info: KindInfo, object: AnyObject, what: string, limit: number): Program {
  const test = testOf(what, object);
  if (typeof test === 'string') return k.fail(test);
  const now = (): AnyObject | undefined => k.cluster.store.table(info.kind).get(`${object.metadata.namespace}/${object.metadata.name}`);
  const met = yield* untilChange(k, () => test(now()), limit);
  if (!met) return k.fail(`error: timed out waiting for the condition on ${info.plural}/${object.metadata.name}`);
  k.out(`${refName(info.kind, object.metadata.name)} condition met\n`);
  return 0;
}

export const wait: Verb = {
  name: 'wait', summary: 'Wait for a specific condition on one or many resources',
  flags: [...FILE, flag('for'), flag('timeout'), flag('all', 'boolean'), flag('selector', 'string', 'l'), flag('field-selector'), flag('all-namespaces', 'boolean', 'A'), flag('output', 'string', 'o'), flag('local', 'boolean')],
  *run(k): Program {
    const what = k.flags.text('for') ?? '';
    const given = k.flags.text('timeout') ?? '30s';
    const limit = duration(given);
    if (limit === undefined) return k.fail(`error: invalid argument "${given}" for "--timeout" flag: time: ${/^\d+$/.test(given) ? `missing unit in duration "${given}"` : `invalid duration "${given}"`}\nSee 'kubectl wait --help' for usage.`);
    if (what === '') return k.fail('error: unrecognized condition: ""');
    if (k.flags.args.length === 0 && !k.flags.has('filename')) return k.fail(NOTHING_GIVEN);
    const nameless = unnamed(k, k.flags.args);
    if (nameless !== undefined) return k.fail(nameless);
    const picked = yield* chosen(k, k.flags.args);
    if (picked === undefined) return 1;
    if (what !== 'delete' && picked.errors.length > 0) return k.fail(picked.errors.join('\n'));
    const objects = picked.selections.flatMap((s) => s.objects.map((object) => ({ info: s.info, object })));
    if (objects.length === 0) return what === 'delete' ? 0 : k.fail('error: no matching resources found');
    let code = 0;
    for (const { info, object } of objects) code = (yield* waitOne(k, info, object, what, limit < 0 ? 604_800 : limit === 0 ? 0 : limit)) || code;
    return code;
  },
};
