/** RFC 4648, section 4. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    const n = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += ALPHABET.charAt(n >>> 18) + ALPHABET.charAt((n >>> 12) & 63) + (b === undefined ? '=' : ALPHABET.charAt((n >>> 6) & 63)) + (c === undefined ? '=' : ALPHABET.charAt(n & 63));
  }
  return out;
}

/** Undefined: not base64 (line breaks are allowed, as Go's decoder does). */
export function fromBase64(text: string): Uint8Array | undefined {
  const clean = text.replaceAll(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(clean)) return undefined;
  const out: number[] = [];
  let bits = 0;
  let count = 0;
  for (const c of clean.replaceAll('=', '')) {
    bits = ((bits << 6) | ALPHABET.indexOf(c)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push((bits >>> count) & 255);
  }
  return Uint8Array.from(out);
}
