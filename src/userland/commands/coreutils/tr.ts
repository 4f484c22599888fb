/** Read first: tr(1). Not modelled: equivalence classes, repeats. */
import type { Command } from '../../host.ts';
import { unescapeC } from '../../shell/lexer.ts';
import { Exit, gnu, print, readFile } from '../kit.ts';

const SETS: Readonly<Record<string, string>> = {
  lower: 'a-z', upper: 'A-Z', alpha: 'A-Za-z', digit: '0-9', alnum: '0-9A-Za-z', space: '\\t\\n\\v\\f\\r ', blank: '\\t ', punct: '!-/:-@[-`{-~', xdigit: '0-9A-Fa-f',
};

function trSet(text: string): string[] {
  const plain = unescapeC(text.replace(/\[:(\w+):\]/g, (_, name: string) => {
    if (SETS[name] === undefined) throw new Exit(1, `tr: invalid character class ‘${name}’\n`);
    return SETS[name];
  }));
  const out: string[] = [];
  const chars = [...plain];
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i] ?? '';
    const end = chars[i + 2];
    if (chars[i + 1] === '-' && end !== undefined) {
      if (end < c) throw new Exit(1, `tr: range-endpoints of '${c}-${end}' are in reverse collating sequence order\n`);
      for (let k = c.charCodeAt(0); k <= end.charCodeAt(0); k++) out.push(String.fromCharCode(k));
      i += 2;
    } else out.push(c);
  }
  return out;
}

export const tr: Command = gnu({
  name: 'tr', models: 'sets, ranges, classes, -d -s -c', short: 'dscCt', long: { delete: 'd', 'squeeze-repeats': 's', complement: 'c', 'truncate-set1': 't' },
  *run(context, options) {
    const [a, b, extra] = options.rest;
    if (a === undefined) throw new Exit(1, "tr: missing operand\nTry 'tr --help' for more information.\n");
    if (b === undefined && !options.has('d') && !options.has('s')) throw new Exit(1, `tr: missing operand after ‘${a}’\nTwo strings must be given when translating.\nTry 'tr --help' for more information.\n`);
    const only = options.has('d') && !options.has('s') ? b : undefined;
    if (only !== undefined) throw new Exit(1, `tr: extra operand ‘${only}’\nOnly one string may be given when deleting without squeezing repeats.\nTry 'tr --help' for more information.\n`);
    if (extra !== undefined) throw new Exit(1, `tr: extra operand ‘${extra}’\nTry 'tr --help' for more information.\n`);
    const first = trSet(a);
    const second = trSet(b ?? '');
    const inverted = options.has('c') || options.has('C');
    const inFirst = (c: string): boolean => first.includes(c) !== inverted;
    const squeezed = options.has('s') ? (b === undefined ? inFirst : (c: string): boolean => second.includes(c)) : (): boolean => false;
    const text = yield* readFile(context, '-');
    let out = '';
    let last = '';
    for (const c of text ?? '') {
      let to = c;
      if (inFirst(c)) {
        if (options.has('d')) continue;
        if (b !== undefined) to = (inverted ? second.at(-1) : second[first.indexOf(c)] ?? (options.has('t') ? c : second.at(-1))) ?? c;
      }
      if (to === last && squeezed(to)) continue;
      out += to;
      last = to;
    }
    print(context, out);
    return 0;
  },
});
