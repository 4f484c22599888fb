/** One changed object on its way to the API server, and what kubectl says about it. */
import { kubectlText } from '../api/errors.ts';
import type { AnyObject, KindInfo } from '../api/kinds.ts';
import type { Raw } from '../api/manifest.ts';
import { dryRun, report } from './output.ts';
import type { Kube } from './verb.ts';

/** Sends `raw` in place of the live object; says `said`, or `unchanged` when it made no difference. */
export function send(k: Kube, info: KindInfo, raw: Raw, said: string, unchanged = said, doing?: string): number {
  const dry = dryRun(k);
  const done = k.cluster.plane.api.put(info.kind, raw, dry !== '');
  if (!done.ok) return k.fail(kubectlText(done.error, doing));
  return report(k, done.value.object, done.value.changed ? said : unchanged);
}

/** Every object of a selection through `change`; the last failure is the exit code. */
export function each(selections: readonly { readonly info: KindInfo; readonly objects: readonly AnyObject[] }[], change: (info: KindInfo, object: AnyObject) => number): number {
  let code = 0;
  for (const { info, objects } of selections) for (const object of objects) code = change(info, object) || code;
  return code;
}
