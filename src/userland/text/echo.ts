import { unescapeC } from '../shell/lexer.ts';

/** Read first: bash(1) echo: `-n`, `-e`, `-E`; `\c` ends the output. */
export function echoText(args: readonly string[]): string {
  let newline = true;
  let escapes = false;
  let i = 0;
  for (; i < args.length && /^-[neE]+$/.test(args[i] ?? ''); i++) {
    for (const letter of (args[i] ?? '').slice(1)) {
      if (letter === 'n') newline = false;
      else escapes = letter === 'e';
    }
  }
  let text = args.slice(i).join(' ');
  if (escapes) {
    const stop = text.search(/(?<!\\)(\\\\)*\\c/);
    if (stop >= 0) {
      text = text.slice(0, text.indexOf('\\c', stop));
      newline = false;
    }
    text = unescapeC(text);
  }
  return newline ? `${text}\n` : text;
}
