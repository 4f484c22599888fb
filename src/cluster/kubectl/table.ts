/** Models: cli-runtime printers' tabwriter (minwidth 6, padding 3): every column but the last is padded to its widest cell and three blanks more. */
export function formatTable(rows: readonly (readonly string[])[], padding = 3, minWidth = 6): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? minWidth, [...cell].length + padding);
  return rows.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - [...cell].length)))).join('')}\n`).join('');
}
