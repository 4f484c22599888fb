/** Models: kubectl/pkg/describe prefixed writer over a tabwriter (minwidth 0, padding 2): neighbouring lines with cells share columns; blanks at the end of a line stay. */
export class DescribeWriter {
  readonly #rows: (readonly string[])[] = [];

  /** `level` indents by two blanks each; cells are separated by at least two blanks. */
  line(level: number, ...cells: readonly string[]): void {
    const [first = '', ...rest] = cells;
    this.#rows.push(['  '.repeat(level) + first, ...rest]);
  }

  /** Before the tabwriter: cells with tabs between them. */
  tabbed(): string {
    return this.#rows.map((cells) => `${(cells[0]?.trim() === '' ? ['', ...cells.slice(1)] : cells).join('\t')}\n`).join('');
  }

  toString(): string {
    return alignBlocks(this.#rows);
  }
}

/** tabwriter: a column reaches over consecutive rows that have a cell after it. */
export function alignBlocks(rows: readonly (readonly string[])[], padding = 2): string {
  const out = rows.map(() => '');
  const run = (from: number, to: number, column: number): void => {
    let i = from;
    while (i < to) {
      if ((rows[i]?.length ?? 0) <= column) {
        i++;
        continue;
      }
      let end = i;
      while (end < to && (rows[end]?.length ?? 0) > column) end++;
      let start = i;
      while (start < end) {
        if ((rows[start]?.length ?? 0) === column + 1) {
          out[start] += rows[start]?.[column] ?? '';
          start++;
          continue;
        }
        let stop = start;
        while (stop < end && (rows[stop]?.length ?? 0) > column + 1) stop++;
        let width = 0;
        for (let r = start; r < stop; r++) width = Math.max(width, [...(rows[r]?.[column] ?? '')].length + padding);
        for (let r = start; r < stop; r++) out[r] += (rows[r]?.[column] ?? '').padEnd(width);
        run(start, stop, column + 1);
        start = stop;
      }
      i = end;
    }
  };
  run(0, rows.length, 0);
  return out.map((line) => `${line}\n`).join('');
}
