import { undo, inOrder } from '../../base/journaled-table.ts';
import type { Step } from '../../engine/trace/steps.ts';

type TableStep = Extract<Step, { kind: 'table' }>;
type Rows = Map<string, Record<string, unknown>>;

interface Cursor {
  /** Changes of this table, oldest first. */
  readonly changes: TableStep[];
  /** How many of them are applied in `rows`. */
  applied: number;
  readonly rows: Rows;
}

function redo(rows: Rows, step: TableStep): void {
  if (step.after === undefined) rows.delete(step.key);
  else if (step.before === undefined) rows.set(step.key, { ...step.after });
  else Object.assign(rows.get(step.key) ?? {}, step.after);
}

/** Where in a sorted list the values stop being at most `limit`. */
export function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Every journaled table as it stood at any step, and the counters that rules and devices had: made from the trace alone.
 * Moving the playhead costs as much as changed in between; a table nobody looks at costs nothing.
 */
export class Past {
  readonly #cursors = new Map<string, Cursor>();
  readonly #counters = new Map<string, { readonly steps: number[]; readonly bytes: number[] }>();

  /** Takes the steps in order. */
  see(step: Step): void {
    switch (step.kind) {
      case 'table': return void this.#cursor(step.table).changes.push(step);
      case 'rule': return this.#count(`${step.ns}/${step.table}/rule/${step.handle}`, step.i, step.bytes);
      case 'hook-end': return step.by === 'policy' ? this.#count(`${step.ns}/${step.table}/policy/${step.hook}`, step.i, step.bytes) : undefined;
      default: return undefined;
    }
  }

  /** Rows of a table after `step`, in table order. */
  rows(table: string, step: number): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
    const cursor = this.#cursors.get(table);
    if (cursor === undefined) return [];
    for (let next = cursor.changes[cursor.applied]; next !== undefined && next.i <= step; next = cursor.changes[cursor.applied]) {
      redo(cursor.rows, next);
      cursor.applied++;
    }
    for (let last = cursor.changes[cursor.applied - 1]; last !== undefined && last.i > step; last = cursor.changes[cursor.applied - 1]) {
      undo(cursor.rows, last.key, last.before, last.after);
      cursor.applied--;
    }
    return inOrder(cursor.rows);
  }

  /** Tables that ever had a row, of one namespace. */
  tablesOf(ns: number): readonly string[] {
    return [...this.#cursors.keys()].filter((name) => name.startsWith(`${ns}/`)).sort();
  }

  /** Packets and bytes that a rule (by handle) or a policy counted up to and including `step`. */
  counter(key: string, step: number): { readonly packets: number; readonly bytes: number } {
    const series = this.#counters.get(key);
    if (series === undefined) return { packets: 0, bytes: 0 };
    const packets = countUpTo(series.steps, step);
    return { packets, bytes: packets === 0 ? 0 : (series.bytes[packets - 1] ?? 0) };
  }

  #cursor(table: string): Cursor {
    let cursor = this.#cursors.get(table);
    if (cursor === undefined) {
      cursor = { changes: [], applied: 0, rows: new Map() };
      this.#cursors.set(table, cursor);
    }
    return cursor;
  }

  #count(key: string, step: number, bytes: number): void {
    const series = this.#counters.get(key);
    if (series === undefined) this.#counters.set(key, { steps: [step], bytes: [bytes] });
    else {
      series.steps.push(step);
      series.bytes.push((series.bytes.at(-1) ?? 0) + bytes);
    }
  }
}
