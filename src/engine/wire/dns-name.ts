/**
 * Read first: RFC 1035 section 4.1.4.
 * Names are text without the final dot; the root is ''. A dot or backslash inside a label is escaped (`\.`), other
 * unprintable bytes are `\DDD`.
 */

const escapeLabel = (bytes: Uint8Array): string => {
  let out = '';
  for (const c of bytes) {
    if (c === 0x2e || c === 0x5c) out += `\\${String.fromCharCode(c)}`;
    else if (c <= 0x20 || c >= 0x7f) out += `\\${String(c).padStart(3, '0')}`;
    else out += String.fromCharCode(c);
  }
  return out;
};

/** Labels of a name as bytes; undefined: an empty label, or one beyond 63 bytes, or a name beyond 255. */
export function nameLabels(name: string): readonly Uint8Array[] | undefined {
  const text = name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name;
  if (text === '') return [];
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  let total = 1;
  const close = (): boolean => {
    if (label.length === 0 || label.length > 63) return false;
    total += label.length + 1;
    labels.push(Uint8Array.from(label));
    label = [];
    return total <= 255;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '.') {
      if (!close()) return undefined;
    } else if (char === '\\') {
      const digits = /^\d{3}/.exec(text.slice(i + 1))?.[0];
      if (digits !== undefined) {
        label.push(Number(digits) & 255);
        i += 3;
      } else {
        label.push(text.charCodeAt(i + 1) & 255);
        i++;
      }
    } else label.push(char.charCodeAt(0) & 255);
  }
  return close() ? labels : undefined;
}

export interface ReadName {
  readonly name: string;
  /** Where the name ends in the record that holds it. */
  readonly next: number;
}

/** undefined: beyond the end, a reserved label type, a loop, or a name that is too long. */
export function readName(b: Uint8Array, from: number): ReadName | undefined {
  const labels: string[] = [];
  let at = from;
  let next: number | undefined;
  let total = 1;
  for (;;) {
    const length = b[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: labels.join('.'), next: next ?? at + 1 };
    if (length >= 0xc0) {
      const low = b[at + 1];
      if (low === undefined) return undefined;
      next ??= at + 2;
      const target = ((length & 0x3f) << 8) | low;
      // Only backwards: no loops.
      if (target >= at) return undefined;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > b.length) return undefined;
    total += length + 1;
    if (total > 255) return undefined;
    labels.push(escapeLabel(b.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}

/** Collects bytes; remembers where names stand when `compress` is on. */
export class DnsWriter {
  readonly bytes: number[] = [];
  readonly #compress: boolean;
  readonly #seen = new Map<string, number>();

  constructor(compress: boolean) {
    this.#compress = compress;
  }

  u8(n: number): void {
    this.bytes.push(n & 255);
  }

  u16(n: number): void {
    this.bytes.push((n >>> 8) & 255, n & 255);
  }

  u32(n: number): void {
    this.u16(n >>> 16);
    this.u16(n & 0xffff);
  }

  raw(b: Uint8Array): void {
    for (const x of b) this.bytes.push(x);
  }

  /** A name that cannot be written (see nameLabels) becomes the root. `pointers` false: never compressed (SRV target, RFC 2782). */
  name(name: string, pointers = true): void {
    const labels = nameLabels(name) ?? [];
    for (let i = 0; i < labels.length; i++) {
      const rest = labels.slice(i).map(escapeLabel).join('.').toLowerCase();
      const seen = this.#compress && pointers ? this.#seen.get(rest) : undefined;
      if (seen !== undefined) {
        this.u16(0xc000 | seen);
        return;
      }
      if (this.bytes.length < 0x4000 && !this.#seen.has(rest)) this.#seen.set(rest, this.bytes.length);
      const label = labels[i] ?? new Uint8Array(0);
      this.u8(label.length);
      this.raw(label);
    }
    this.u8(0);
  }
}
