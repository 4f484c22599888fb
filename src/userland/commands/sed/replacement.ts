/** The right side of `s`: texts, groups, changes of case. */
export interface Replacement {
  readonly kind: 'text' | 'group' | 'case';
  readonly text: string;
  readonly group: number;
}

export function parseReplacement(text: string): Replacement[] {
  const out: Replacement[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') out.push({ kind: 'text', text: plain, group: 0 });
    plain = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '&') {
      flush();
      out.push({ kind: 'group', text: '', group: 0 });
    } else if (c === '\\') {
      const next = text.charAt(++i);
      if (/\d/.test(next)) {
        flush();
        out.push({ kind: 'group', text: '', group: Number(next) });
      } else if (/[ULEul]/.test(next)) {
        flush();
        out.push({ kind: 'case', text: next, group: 0 });
      } else plain += { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' }[next] ?? next;
    } else plain += c;
  }
  flush();
  return out;
}

/** undefined: nothing was replaced. */
export function substitute(space: string, regex: RegExp, c: { readonly replacement: readonly Replacement[]; readonly nth: number; readonly global: boolean }): string | undefined {
  let seen = 0;
  let changed = false;
  let lastEnd = -1;
  const global = new RegExp(regex.source, regex.flags.includes('g') ? regex.flags : `${regex.flags}g`);
  const result = space.replace(global, (...m: unknown[]) => {
    const whole = String(m[0]);
    const at = m.findLast((x) => typeof x === 'number');
    // POSIX: no empty match right after another match.
    if (typeof at === 'number') {
      if (whole === '' && at === lastEnd) return whole;
      lastEnd = at + whole.length;
    }
    seen++;
    if (seen < c.nth || (seen > c.nth && !c.global)) return whole;
    changed = true;
    let mode: string | undefined;
    let once: string | undefined;
    let text = '';
    for (const piece of c.replacement) {
      if (piece.kind === 'case') {
        if (piece.text === 'E') mode = undefined;
        else if (piece.text === 'u' || piece.text === 'l') once = piece.text;
        else mode = piece.text;
        continue;
      }
      const value = m[piece.group];
      let part = piece.kind === 'text' ? piece.text : typeof value === 'string' ? value : '';
      if (mode === 'U') part = part.toUpperCase();
      if (mode === 'L') part = part.toLowerCase();
      if (once !== undefined && part !== '') {
        part = (once === 'u' ? part.charAt(0).toUpperCase() : part.charAt(0).toLowerCase()) + part.slice(1);
        once = undefined;
      }
      text += part;
    }
    return text;
  });
  return changed ? result : undefined;
}
