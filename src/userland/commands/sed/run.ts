/** Read first: sed(1), "COMMAND SYNOPSIS": one cycle per line, pattern space and hold space. */
import type { Wait } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import type { Context } from '../../host.ts';
import { pause, TURNS_AT_ONCE } from '../../shell/busy.ts';
import { Exit, pathOf, print } from '../kit.ts';
import type { SedInput, SedLine } from './input.ts';
import type { SedAddress, SedCommand } from './parse.ts';
import { substitute } from './replacement.ts';

type Gen<T> = Generator<Wait, T, void>;

export interface SedOptions {
  readonly quiet: boolean;
  readonly separator: string;
}

/** Where sed writes: a line that lacked its newline gets it when another one follows. */
class Sink {
  readonly #write: (text: string) => void;
  readonly #separator: string;
  #open = false;

  constructor(write: (text: string) => void, separator: string) {
    this.#write = write;
    this.#separator = separator;
  }

  line(text: string, complete = true): void {
    this.raw(`${text}${complete ? this.#separator : ''}`);
    this.#open = !complete;
  }

  raw(text: string): void {
    if (text === '') return;
    this.#write(this.#open ? this.#separator + text : text);
    this.#open = false;
  }
}

/** One run over one input: a file of its own with -s and -i. Commands keep their ranges between runs. */
export class Sed {
  readonly #context: Context;
  readonly #commands: readonly SedCommand[];
  readonly #options: SedOptions;
  readonly #active = new Map<SedCommand, number | true>();
  readonly #files = new Map<string, Sink>();
  #lastRegex: RegExp | undefined;
  #hold = '';
  #jumps = 0;

  constructor(context: Context, commands: readonly SedCommand[], options: SedOptions) {
    this.#context = context;
    this.#commands = commands;
    this.#options = options;
    for (const c of commands) if (c.file !== '' && (c.name === 'w' || c.name === 's')) this.#sink(c.file);
  }

  #sink(file: string): Sink {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const context = this.#context;
    const path = pathOf(context, file);
    const device = file === '/dev/stdout' ? (text: string): void => print(context, text) : file === '/dev/stderr' ? (text: string): void => void context.stderr.write(text) : undefined;
    if (device === undefined) {
      const made = context.host.fs.write(path, '');
      if (!made.ok) throw new Exit(4, `sed: couldn't open file ${file}: ${STRERROR[made.error]}\n`);
    }
    const sink = new Sink(device ?? ((text): void => void context.host.fs.write(path, text, 'append')), this.#options.separator);
    this.#files.set(file, sink);
    return sink;
  }

  /** The exit code of q or Q; undefined: the input ended. */
  *run(input: SedInput, write: (text: string) => void): Gen<number | undefined> {
    const out = new Sink(write, this.#options.separator);
    const { quiet } = this.#options;
    let restart: SedLine | undefined;
    for (;;) {
      const line: SedLine | undefined = restart ?? (yield* input.next());
      if (line === undefined) return undefined;
      restart = undefined;
      let space = line.text;
      let complete = line.complete;
      let appended: (() => void)[] = [];
      let substituted = false;
      let deleted = false;
      let exit: number | undefined;
      const flush = (): void => {
        for (const write of appended) write();
        appended = [];
      };
      cycle: for (let i = 0; i < this.#commands.length; i++) {
        const c = this.#commands[i];
        if (c === undefined || c.name === ':' || c.name === '}') continue;
        if (!(yield* this.#selected(c, space, input))) {
          if (c.name === '{') i = c.end;
          continue;
        }
        switch (c.name) {
          case 's': {
            const regex = c.regex ?? this.#lastRegex;
            if (regex === undefined) throw new Exit(1, 'sed: no previous regular expression\n');
            this.#lastRegex = regex;
            const result = substitute(space, regex, c);
            if (result === undefined) break;
            space = result;
            substituted = true;
            if (c.print) out.line(space, complete);
            if (c.file !== '') this.#sink(c.file).line(space, complete);
            break;
          }
          case 'y': space = [...space].map((ch) => c.map.get(ch) ?? ch).join(''); break;
          case 'p': out.line(space, complete); break;
          case 'P': out.line(space.split('\n')[0] ?? '', complete || space.includes('\n')); break;
          case '=': out.raw(`${input.number}\n`); break;
          case 'l': out.raw(unambiguous(space)); break;
          case 'F': out.raw(`${input.file}\n`); break;
          case 'z': space = ''; break;
          case 'd':
            deleted = true;
            break cycle;
          case 'D':
            deleted = true;
            if (space.includes('\n')) restart = { text: space.slice(space.indexOf('\n') + 1), complete };
            break cycle;
          case 'a': appended.push(() => out.raw(`${c.text}\n`)); break;
          case 'i': out.raw(`${c.text}\n`); break;
          case 'c':
            if (c.negate || c.to === undefined || !this.#active.has(c)) out.raw(`${c.text}\n`);
            deleted = true;
            break cycle;
          case 'r': {
            const text = this.#context.host.fs.read(pathOf(this.#context, c.file));
            if (text.ok) appended.push(() => out.raw(text.value));
            break;
          }
          case 'w': this.#sink(c.file).line(space, complete); break;
          case 'n': case 'N': {
            if (yield* input.atEnd()) {
              // GNU prints the pattern space when there is no next line.
              if (!quiet) out.line(space, complete);
              flush();
              return undefined;
            }
            if (c.name === 'n' && !quiet) out.line(space, complete);
            flush();
            const next = yield* input.next();
            space = c.name === 'n' ? next?.text ?? '' : `${space}\n${next?.text ?? ''}`;
            complete = next?.complete ?? true;
            break;
          }
          case 'h': this.#hold = space; break;
          case 'H': this.#hold += `\n${space}`; break;
          case 'g': space = this.#hold; break;
          case 'G': space += `\n${this.#hold}`; break;
          case 'x': [space, this.#hold] = [this.#hold, space]; break;
          case 'q':
            exit = c.code;
            break cycle;
          case 'Q': return c.code;
          case 'b': case 't': case 'T':
            if ((c.name === 't' && !substituted) || (c.name === 'T' && substituted)) break;
            if (c.name === 't') substituted = false;
            i = c.text === '' ? this.#commands.length : this.#commands.findIndex((x) => x.name === ':' && x.text === c.text);
            if (++this.#jumps % TURNS_AT_ONCE === 0) yield pause(this.#context.kernel, this.#jumps);
            break;
          default: break;
        }
      }
      if (!deleted && !quiet) out.line(space, complete);
      flush();
      if (exit !== undefined) return exit;
    }
  }

  *#matches(a: SedAddress, space: string, input: SedInput): Gen<boolean> {
    switch (a.kind) {
      case 'line': return input.number === a.line;
      case 'last': return yield* input.atEnd();
      case 'step': return a.step === 0 ? input.number === a.first : input.number >= a.first && (input.number - a.first) % a.step === 0;
      case 'regex': {
        const regex = a.regex ?? this.#lastRegex;
        this.#lastRegex = regex;
        if (regex === undefined) throw new Exit(1, 'sed: no previous regular expression\n');
        regex.lastIndex = 0;
        return regex.test(space);
      }
    }
  }

  *#selected(c: SedCommand, space: string, input: SedInput): Gen<boolean> {
    if (c.from === undefined) return !c.negate;
    if (c.to === undefined) return (yield* this.#matches(c.from, space, input)) !== c.negate;
    const n = input.number;
    let inside = false;
    let state = this.#active.get(c);
    // 0,/re/: the range is open before the first line.
    if (state === undefined && n === 1 && c.from.kind === 'line' && c.from.line === 0) state = true;
    if (state === undefined) {
      if (yield* this.#matches(c.from, space, input)) {
        inside = true;
        const end = c.to.kind === 'plus' ? n + c.to.lines : c.to.kind === 'multiple' ? (c.to.of === 0 ? n : Math.ceil(n / c.to.of) * c.to.of) : c.to.kind === 'line' ? c.to.line : true;
        if (end === true || end > n) this.#active.set(c, end);
      }
    } else {
      inside = true;
      this.#active.set(c, state);
      if (state === true ? c.to.kind !== 'plus' && c.to.kind !== 'multiple' && (yield* this.#matches(c.to, space, input)) : n >= state) {
        this.#active.delete(c);
        if (state !== true && n > state) inside = yield* this.#matches(c.from, space, input);
      }
    }
    return inside !== c.negate;
  }
}

/** `l`: escapes, and lines of 69 characters. */
function unambiguous(space: string): string {
  const shown = [...utf8(space)].map((byte) => {
    const c = String.fromCharCode(byte);
    const short = { '\\': '\\\\', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }[c];
    return short ?? (byte < 32 || byte > 126 ? `\\${byte.toString(8).padStart(3, '0')}` : c);
  });
  let out = '';
  let width = 0;
  for (const piece of shown) {
    if (width + piece.length > 69) {
      out += '\\\n';
      width = 0;
    }
    out += piece;
    width += piece.length;
  }
  return `${out}$\n`;
}
