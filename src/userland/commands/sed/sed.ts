/** Read first: sed(1). Models: s y p d q a i c n N D P h H g G x = l b t : {} addresses (number, $, /re/, first~step, ranges, !). Not modelled: r, w, e, F, W. */
import type { Command } from '../../host.ts';
import { gnu, Exit, pathOf, print, readFile, splitLines } from '../kit.ts';
import { parseSed, type SedAddress, type SedCommand } from './parse.ts';

export const sed: Command = gnu({
  name: 'sed', models: '-n -e -E -r -i[SUFFIX] -s; s y p d q a i c n N D P h H g G x = b t, addresses', notModelled: 'r, w, e', short: 'ne:Eri::s', long: { quiet: 'n', silent: 'n', expression: 'e:', 'regexp-extended': 'E', 'in-place': 'i::', separate: 's' },
  *run(context, options) {
    const rest = [...options.rest];
    const scripts = [...(options.given.get('e') ?? [])];
    if (scripts.length === 0) {
      const script = rest.shift();
      if (script === undefined) throw new Exit(1, 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n');
      scripts.push(script);
    }
    const commands = parseSed(scripts.join('\n'), options.has('E') || options.has('r'));
    const inPlace = options.given.has('i');
    let code = 0;
    const inputs: { readonly file: string; readonly lines: readonly string[]; readonly complete: boolean }[] = [];
    for (const file of rest.length === 0 ? ['-'] : rest) {
      const text = yield* readFile(context, file, (t) => {
        context.stderr.write(`sed: can't read ${t}\n`);
        code = 2;
      });
      if (text !== undefined) inputs.push({ file, lines: splitLines(text), complete: text.endsWith('\n') || text === '' });
    }
    if (!inPlace && !options.has('s')) {
      const last = inputs.at(-1);
      const result = runSed(commands, inputs.flatMap((i) => i.lines), options.has('n'));
      print(context, last?.complete === false ? result.text.replace(/\n$/, '') : result.text);
      return result.exit ?? code;
    }
    for (const input of inputs) {
      const result = runSed(commands, input.lines, options.has('n'));
      if (!inPlace) print(context, result.text);
      else {
        const suffix = options.value('i') ?? '';
        if (suffix !== '') context.host.fs.write(pathOf(context, input.file + suffix), input.lines.map((l) => `${l}\n`).join(''));
        context.host.fs.write(pathOf(context, input.file), result.text);
      }
      if (result.exit !== undefined) return result.exit;
    }
    return code;
  },
});

function runSed(commands: readonly SedCommand[], lines: readonly string[], quiet: boolean): { readonly text: string; readonly exit: number | undefined } {
  let out = '';
  let hold = '';
  let n = 0;
  let exit: number | undefined;
  let lastRegex: RegExp | undefined;
  const active = new Map<SedCommand, number | true>();

  const matches = (a: SedAddress, space: string): boolean => {
    switch (a.kind) {
      case 'line': return n === a.line;
      case 'last': return n === lines.length;
      case 'step': return a.step === 0 ? n === a.first : n >= a.first && (n - a.first) % a.step === 0;
      case 'regex': {
        const regex = a.regex ?? lastRegex;
        lastRegex = regex;
        if (regex === undefined) return false;
        regex.lastIndex = 0;
        return regex.test(space);
      }
    }
  };
  const selected = (c: SedCommand, space: string): boolean => {
    if (c.from === undefined) return !c.negate;
    if (c.to === undefined) return matches(c.from, space) !== c.negate;
    let inside = false;
    const state = active.get(c);
    if (state === undefined) {
      if (matches(c.from, space)) {
        inside = true;
        const end = c.to.kind === 'plus' ? n + c.to.lines : c.to.kind === 'line' ? c.to.line : true;
        if (end === true || end > n) active.set(c, end);
      }
    } else {
      inside = true;
      if (state === true ? c.to.kind !== 'plus' && matches(c.to, space) : n >= state) {
        active.delete(c);
        if (state !== true && n > state) inside = matches(c.from, space);
      }
    }
    return inside !== c.negate;
  };

  lines: while (n < lines.length && exit === undefined) {
    let space = lines[n++] ?? '';
    let appended = '';
    let substituted = false;
    let deleted = false;
    let restart = false;
    do {
      restart = false;
      for (let i = 0; i < commands.length; i++) {
        const c = commands[i];
        if (c === undefined || c.name === ':' || c.name === '}') continue;
        if (!selected(c, space)) {
          if (c.name === '{') i = c.end;
          continue;
        }
        switch (c.name) {
          case 's': {
            const regex = c.regex ?? lastRegex;
            if (regex === undefined) break;
            lastRegex = regex;
            const result = substitute(space, regex, c);
            if (result !== undefined) {
              space = result;
              substituted = true;
              if (c.print) out += `${space}\n`;
            }
            break;
          }
          case 'y': space = [...space].map((ch) => c.map.get(ch) ?? ch).join(''); break;
          case 'p': out += `${space}\n`; break;
          case 'P': out += `${space.split('\n')[0] ?? ''}\n`; break;
          case '=': out += `${n}\n`; break;
          case 'l': out += `${space.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n')}$\n`; break;
          case 'd': deleted = true; break;
          case 'D':
            if (!space.includes('\n')) deleted = true;
            else {
              space = space.slice(space.indexOf('\n') + 1);
              restart = true;
            }
            break;
          case 'a': appended += `${c.text}\n`; break;
          case 'i': out += `${c.text}\n`; break;
          case 'c':
            if (c.to === undefined || !active.has(c)) out += `${c.text}\n`;
            deleted = true;
            break;
          case 'n':
            if (!quiet) out += `${space}\n`;
            out += appended;
            appended = '';
            if (n >= lines.length) break lines;
            space = lines[n++] ?? '';
            break;
          case 'N':
            if (n >= lines.length) {
              if (!quiet) out += `${space}\n`;
              break lines;
            }
            space += `\n${lines[n++] ?? ''}`;
            break;
          case 'h': hold = space; break;
          case 'H': hold += `\n${space}`; break;
          case 'g': space = hold; break;
          case 'G': space += `\n${hold}`; break;
          case 'x': [space, hold] = [hold, space]; break;
          case 'q': exit = c.code; break;
          case 'Q':
            return { text: out, exit: c.code };
          case 'b': case 't': case 'T': {
            if ((c.name === 't' && !substituted) || (c.name === 'T' && substituted)) break;
            if (c.name === 't') substituted = false;
            const at = c.text === '' ? commands.length : commands.findIndex((x) => x.name === ':' && x.text === c.text);
            i = at;
            break;
          }
          default: break;
        }
        if (deleted || restart || exit !== undefined) break;
      }
      if (restart && n > 0) continue;
    } while (restart);
    if (!deleted && !quiet) out += `${space}\n`;
    out += appended;
  }
  return { text: out, exit };
}

function substitute(space: string, regex: RegExp, c: SedCommand): string | undefined {
  let seen = 0;
  let changed = false;
  const global = new RegExp(regex.source, regex.flags.includes('g') ? regex.flags : `${regex.flags}g`);
  const result = space.replace(global, (...m: unknown[]) => {
    const whole = String(m[0]);
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
