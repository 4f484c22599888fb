/** The line being typed: keys in, text for the screen out. Pure but for its own state; knows nothing of xterm. */

export type EditorAction =
  | { readonly kind: 'submit'; readonly line: string }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'complete'; readonly line: string; readonly cursor: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'leave' };

export class LineEditor {
  line = '';
  cursor = 0;
  history: string[] = [];
  private at = 0;
  private draft = '';

  /** One chunk of input as a terminal sends it: keys or pasted text. Answers what the owner must do, in order. */
  feed(data: string): readonly EditorAction[] {
    const out: EditorAction[] = [];
    let i = 0;
    while (i < data.length) {
      const escape = /^\u001b(?:\[([0-9;]*)([A-Za-z~])|O([A-Z])|([bfd\u007f]))?/.exec(data.slice(i));
      if (escape !== null) {
        i += escape[0].length;
        if (escape[0] === '\u001b') out.push({ kind: 'leave' });
        else this.escape(escape[1] ?? '', escape[2] ?? escape[3] ?? escape[4] ?? '');
        continue;
      }
      const [char = ''] = data.slice(i);
      i += char.length;
      const action = this.key(char);
      if (action !== undefined) out.push(action);
    }
    return out;
  }

  set(line: string): void { this.line = line; this.cursor = line.length; }
  insert(text: string): void { this.line = this.line.slice(0, this.cursor) + text + this.line.slice(this.cursor); this.cursor += text.length; }
  replace(start: number, text: string): void { this.line = this.line.slice(0, start) + text + this.line.slice(this.cursor); this.cursor = start + text.length; }

  private key(char: string): EditorAction | undefined {
    switch (char) {
      case '\r': case '\n': return this.submit();
      case '\u007f': case '\b': this.erase(this.cursor - 1, this.cursor); return undefined;
      case '\t': return { kind: 'complete', line: this.line, cursor: this.cursor };
      case '\u0001': this.cursor = 0; return undefined;
      case '\u0005': this.cursor = this.line.length; return undefined;
      case '\u0003': this.line = ''; this.cursor = 0; this.at = this.history.length; return { kind: 'interrupt' };
      case '\u0004': this.erase(this.cursor, this.cursor + 1); return undefined;
      case '\u000b': this.line = this.line.slice(0, this.cursor); return undefined;
      case '\u000c': return { kind: 'clear' };
      case '\u0015': this.erase(0, this.cursor); return undefined;
      case '\u0017': this.erase(this.wordStart(), this.cursor); return undefined;
      default: if (char >= ' ') this.insert(char); return undefined;
    }
  }

  private submit(): EditorAction {
    const line = this.line;
    if (line.trim() !== '' && this.history.at(-1) !== line) this.history.push(line);
    this.at = this.history.length;
    this.line = '';
    this.cursor = 0;
    return { kind: 'submit', line };
  }

  private escape(parameters: string, final: string): void {
    const word = parameters.endsWith(';5') || parameters.endsWith(';3');
    switch (final) {
      case 'A': this.recall(-1); break;
      case 'B': this.recall(1); break;
      case 'C': this.cursor = word ? this.wordEnd() : Math.min(this.line.length, this.cursor + 1); break;
      case 'D': this.cursor = word ? this.wordStart() : Math.max(0, this.cursor - 1); break;
      case 'H': this.cursor = 0; break;
      case 'F': this.cursor = this.line.length; break;
      case 'b': this.cursor = this.wordStart(); break;
      case 'f': this.cursor = this.wordEnd(); break;
      case 'd': this.erase(this.cursor, this.wordEnd()); break;
      case '\u007f': this.erase(this.wordStart(), this.cursor); break;
      case '~':
        if (parameters === '3') this.erase(this.cursor, this.cursor + 1);
        else if (parameters === '1' || parameters === '7') this.cursor = 0;
        else if (parameters === '4' || parameters === '8') this.cursor = this.line.length;
        break;
      default: break;
    }
  }

  private recall(by: 1 | -1): void {
    const to = this.at + by;
    if (to < 0 || to > this.history.length) return;
    if (this.at === this.history.length) this.draft = this.line;
    this.at = to;
    this.set(to === this.history.length ? this.draft : this.history[to] ?? '');
  }

  private erase(from: number, to: number): void {
    const start = Math.max(0, from);
    if (start >= to) return;
    this.line = this.line.slice(0, start) + this.line.slice(to);
    this.cursor = Math.min(start, this.line.length);
  }

  private wordStart(): number {
    let i = this.cursor;
    while (i > 0 && this.line[i - 1] === ' ') i--;
    while (i > 0 && this.line[i - 1] !== ' ') i--;
    return i;
  }

  private wordEnd(): number {
    let i = this.cursor;
    while (i < this.line.length && this.line[i] === ' ') i++;
    while (i < this.line.length && this.line[i] !== ' ') i++;
    return i;
  }
}

/** What completion changes: the longest common start is filled in; several candidates are listed. */
export function completion(line: string, start: number, cursor: number, candidates: readonly string[]): { readonly insert: string | undefined; readonly list: readonly string[] } {
  const [first, ...rest] = candidates;
  if (first === undefined) return { insert: undefined, list: [] };
  if (rest.length === 0) return { insert: first.endsWith('/') ? first : `${first} `, list: [] };
  let common = first;
  for (const c of rest) while (!c.startsWith(common)) common = common.slice(0, -1);
  const typed = line.slice(start, cursor);
  return common.length > typed.length ? { insert: common, list: [] } : { insert: undefined, list: candidates };
}

/** Where the cursor stands on a screen of `cols` columns after `length` cells. */
export const cell = (length: number, cols: number): { readonly row: number; readonly col: number } => ({ row: Math.floor(length / cols), col: length % cols });

/** Rewrites the prompt's line in place. `row`: how many rows below the prompt's first the cursor was. */
export function redraw(prompt: string, line: string, cursor: number, cols: number, row: number): { readonly text: string; readonly row: number } {
  const end = cell(prompt.length + line.length, cols);
  const want = cell(prompt.length + cursor, cols);
  const wrap = end.col === 0 && end.row > 0 ? '\r\n' : '';
  const up = end.row - want.row;
  return { text: `${row > 0 ? `\u001b[${row}A` : ''}\r\u001b[J${paint(prompt)}${line}${wrap}${up > 0 ? `\u001b[${up}A` : ''}\r${want.col > 0 ? `\u001b[${want.col}C` : ''}`, row: want.row };
}

/** The prompt in green, as it was never sent by the worker. */
export const paint = (prompt: string): string => `\u001b[32m${prompt}\u001b[0m`;
