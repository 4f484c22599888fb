/** Told of every change of a journaled table. Undefined `before`: inserted; undefined `after`: deleted; both: the changed fields only. */
export type Journal = (table: string, key: string, before: Readonly<Record<string, unknown>> | undefined, after: Readonly<Record<string, unknown>> | undefined) => void;

interface Slot<Row> {
  readonly seq: number;
  readonly row: Row;
}

/**
 * A table whose past can be shown: rows are changed through `patch` only, and every change is told to the journal.
 * Rows are plain objects of plain values; iteration is in insertion order.
 */
export class JournaledTable<Row extends object> {
  readonly name: string;
  readonly #rows = new Map<string, Slot<Row>>();
  readonly #journal: () => Journal | undefined;
  #seq = 0;

  /** `journal` is asked at every change; undefined (tracing off) costs nothing more. */
  constructor(name: string, journal: () => Journal | undefined) {
    this.name = name;
    this.#journal = journal;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)?.row;
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  insert(key: string, row: Row): Row {
    const seq = this.#seq++;
    this.#rows.set(key, { seq, row });
    this.#journal()?.(this.name, key, undefined, { ...row, [SEQ]: seq });
    return row;
  }

  /** Changes fields of a row in place. */
  patch(key: string, changes: Partial<Row>): void {
    const slot = this.#rows.get(key);
    if (slot === undefined) return;
    const journal = this.#journal();
    if (journal !== undefined) {
      const before: Record<string, unknown> = {};
      for (const field of Object.keys(changes)) before[field] = Reflect.get(slot.row, field);
      journal(this.name, key, before, { ...changes });
    }
    Object.assign(slot.row, changes);
  }

  delete(key: string): boolean {
    const slot = this.#rows.get(key);
    if (slot === undefined) return false;
    this.#rows.delete(key);
    this.#journal()?.(this.name, key, { ...slot.row, [SEQ]: slot.seq }, undefined);
    return true;
  }

  *values(): IterableIterator<Row> {
    for (const slot of this.#rows.values()) yield slot.row;
  }

  *entries(): IterableIterator<[string, Row]> {
    for (const [key, slot] of this.#rows) yield [key, slot.row];
  }

  /** Plain copies of the rows now, with the sequence number that orders them: the starting point of {@link rewind}. */
  snapshot(): Map<string, Record<string, unknown>> {
    const copy = new Map<string, Record<string, unknown>>();
    for (const [key, slot] of this.#rows) copy.set(key, { ...slot.row, [SEQ]: slot.seq });
    return copy;
  }
}

/** Field of a journaled row that keeps its place in the table. */
export const SEQ = '#';

/** Undoes one journaled change on a snapshot; apply changes newest first. */
export function undo(
  rows: Map<string, Record<string, unknown>>, key: string,
  before: Readonly<Record<string, unknown>> | undefined, after: Readonly<Record<string, unknown>> | undefined,
): void {
  if (before === undefined) rows.delete(key);
  else if (after === undefined) rows.set(key, { ...before });
  else Object.assign(rows.get(key) ?? {}, before);
}

/** Rows of a rewound snapshot in table order. */
export const inOrder = (rows: Map<string, Record<string, unknown>>): [string, Record<string, unknown>][] =>
  [...rows].sort(([, a], [, b]) => Number(a[SEQ]) - Number(b[SEQ]));
