/** Read first: iproute2 lib/json_writer.c: compact, and the shape of -p. */
export function jsonText(value: unknown, options: { readonly pretty: boolean }): string {
  return `${options.pretty ? pretty(value, 0) : JSON.stringify(value)}\n`;
}

function pretty(value: unknown, depth: number): string {
  const pad = ' '.repeat(4 * depth);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length === 0) return '[ ]';
    return `[ ${items.map((v) => pretty(v, depth + 1)).join(',')} ]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([k, v]) => `${pad}    ${JSON.stringify(k)}: ${pretty(v, depth + 1)}`);
  return `{\n${fields.join(',\n')}\n${pad}}`;
}
