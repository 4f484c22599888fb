/** Which rows of a long table to show around the ones that decided. Pure. */
import type { TableRow } from '../../worker/protocol.ts';

export type Slice = { readonly rows: readonly TableRow[]; readonly before: number; readonly after: number };

export function around(rows: readonly TableRow[], most: number): Slice {
  if (rows.length <= most) return { rows, before: 0, after: 0 };
  const marked = rows.findIndex((r) => r.mark === 'hit' || r.mark === 'added' || r.mark === 'changed' || r.mark === 'removed');
  const start = Math.max(0, Math.min(rows.length - most, (marked < 0 ? 0 : marked) - Math.floor(most / 2)));
  return { rows: rows.slice(start, start + most), before: start, after: rows.length - start - most };
}

export const MARKS = { hit: 'decided', tried: 'tried', added: 'added', changed: 'changed', removed: 'removed' } as const;
