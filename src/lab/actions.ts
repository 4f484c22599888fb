/** What was done to a world, in order. With scenario and seed it is all that a run needs to be made again. */
import * as v from 'valibot';
import type { Action } from '../worker/protocol.ts';

const at = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(100_000));

const ActionSchema = v.variant('kind', [
  v.object({ kind: v.literal('exec'), at, terminal: text, on: text, run: text }),
  v.object({ kind: v.literal('interrupt'), at, terminal: text }),
  v.object({ kind: v.literal('edited'), at, terminal: text, text: v.optional(text) }),
  v.object({ kind: v.literal('apply'), at, manifest: text, file: text }),
  v.object({ kind: v.literal('wait'), at, span: at }),
]);

const ActionsSchema = v.pipe(v.array(ActionSchema), v.maxLength(10_000));

/** Actions from outside (a link, the browser's storage, a file): undefined with the reason when they are not actions. */
export function parseActions(value: unknown): { readonly ok: true; readonly actions: readonly Action[] } | { readonly ok: false; readonly reason: string } {
  const parsed = v.safeParse(ActionsSchema, value);
  if (parsed.success) return { ok: true, actions: parsed.output };
  const issue = parsed.issues[0];
  return { ok: false, reason: `${v.getDotPath(issue) ?? 'actions'}: ${issue.message}` };
}
