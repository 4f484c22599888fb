/** Read first: iproute2 lib/json_writer.c: compact, and the shape of -p. */
export function jsonText(value: unknown, options: { readonly pretty: boolean }): string {
  return `${options.pretty ? pretty(value, 0) : compact(value)}\n`;
}

/** A number as it is written: 0.00 */
export class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const scalar = (value: unknown): string => (value instanceof Written ? value.text : JSON.stringify(value));
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !(value instanceof Written);
const known = (value: object): readonly (readonly [string, unknown])[] => Object.entries(value).filter(([, v]) => v !== undefined);

function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`;
  if (!isObject(value)) return scalar(value);
  return `{${known(value).map(([k, v]) => `${JSON.stringify(k)}:${compact(v)}`).join(',')}}`;
}

function pretty(value: unknown, depth: number): string {
  const pad = ' '.repeat(4 * depth);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length === 0) return '[ ]';
    return `[ ${items.map((v) => pretty(v, depth + 1)).join(',')} ]`;
  }
  if (!isObject(value)) return scalar(value);
  const fields = known(value).map(([k, v]) => `${pad}    ${JSON.stringify(k)}: ${pretty(v, depth + 1)}`);
  return `{\n${fields.join(',\n')}\n${pad}}`;
}
