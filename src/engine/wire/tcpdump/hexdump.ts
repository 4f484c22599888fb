/** Models: hex_and_ascii_print, ascii_print of print-ascii.c (tcpdump 4.99). */
const printable = (c: number): boolean => c > 0x20 && c < 0x7f;

/** -x (and -X with `ascii`): lines that start with a newline each. */
export function hexDump(bytes: Uint8Array, ascii: boolean): string {
  let out = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    let hex = '';
    for (let i = 0; i < row.length; i += 2) {
      hex += ` ${(row[i] ?? 0).toString(16).padStart(2, '0')}${row[i + 1] === undefined ? '' : (row[i + 1] ?? 0).toString(16).padStart(2, '0')}`;
    }
    out += `\n\t0x${at.toString(16).padStart(4, '0')}: ${ascii ? `${hex.padEnd(40)}  ${[...row].map((c) => (printable(c) ? String.fromCharCode(c) : '.')).join('')}` : hex}`;
  }
  return out;
}

/** -A */
export function asciiDump(bytes: Uint8Array): string {
  let out = '\n';
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i] ?? 0;
    if (c === 13) {
      // CR LF prints as a newline, a lone CR as a dot.
      if (bytes[i + 1] !== 10) out += '.';
    } else out += c === 9 || c === 10 || c === 0x20 || printable(c) ? String.fromCharCode(c) : '.';
  }
  return out;
}
