/** Three-way merge of kubectl apply. Models: kubectl/pkg/util/apply; lists are replaced whole (upstream merges some by key). */
import type { Raw } from './manifest.ts';

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `live` with what `next` says, without what only `last` said. */
export function merge3(live: unknown, last: unknown, next: Raw): Raw {
  const out: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  if (isRecord(last)) for (const key of Object.keys(last)) if (next[key] === undefined) delete out[key];
  for (const [key, value] of Object.entries(next)) {
    out[key] = isRecord(value) ? merge3(out[key], isRecord(last) ? last[key] : undefined, value) : value;
  }
  return out;
}
