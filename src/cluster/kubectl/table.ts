/** Models: cli-runtime printers' tabwriter (minwidth 6, padding 3): every column but the last is padded to its widest cell and three blanks more. */
export class TableWriter {
  readonly #padding: number;
  readonly #minWidth: number;
  /** A watch goes on with the widths that it had (tabwriter.RememberWidths). */
  readonly #widths: number[] = [];

  constructor(padding = 3, minWidth = 6) {
    this.#padding = padding;
    this.#minWidth = minWidth;
  }

  format(rows: readonly (readonly string[])[]): string {
    const widths = this.#widths;
    for (const row of rows) for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? this.#minWidth, [...cell].length + this.#padding);
    return rows.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - [...cell].length)))).join('')}\n`).join('');
  }
}

export const formatTable = (rows: readonly (readonly string[])[], padding = 3, minWidth = 6): string => new TableWriter(padding, minWidth).format(rows);
