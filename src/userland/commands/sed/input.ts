/** Lines of sed's input, one at a time; looks ahead only when somebody asks for the last one. */
import type { Wait } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Context } from '../../host.ts';
import { lineReader, pathOf } from '../kit.ts';

type Gen<T> = Generator<Wait, T, void>;

export interface SedLine {
  readonly text: string;
  /** The last line of a file may lack its newline; so does what is printed of it. */
  readonly complete: boolean;
}

export class SedInput {
  readonly #context: Context;
  readonly #files: string[];
  readonly #separator: string;
  #lines: (() => Gen<string | undefined>) | undefined;
  #ahead: SedLine | undefined;
  /** 2: a file could not be read. */
  status = 0;
  file = '-';
  number = 0;

  constructor(context: Context, files: readonly string[], separator: string) {
    this.#context = context;
    this.#files = [...files];
    this.#separator = separator;
  }

  *next(): Gen<SedLine | undefined> {
    const line = this.#ahead ?? (yield* this.#read());
    this.#ahead = undefined;
    if (line !== undefined) this.number++;
    return line;
  }

  *atEnd(): Gen<boolean> {
    this.#ahead ??= yield* this.#read();
    return this.#ahead === undefined;
  }

  *#read(): Gen<SedLine | undefined> {
    for (;;) {
      if (this.#lines === undefined) {
        const file = this.#files.shift();
        if (file === undefined) return undefined;
        this.#lines = this.#open(file);
        continue;
      }
      const text = yield* this.#lines();
      if (text === undefined) this.#lines = undefined;
      else return text.endsWith(this.#separator) ? { text: text.slice(0, -1), complete: true } : { text, complete: false };
    }
  }

  #open(file: string): (() => Gen<string | undefined>) | undefined {
    this.file = file;
    if (file === '-' && this.#separator === '\n') {
      const reader = lineReader(this.#context);
      return () => reader.line();
    }
    if (file === '-') return this.#wholeInput();
    const text = this.#context.host.fs.read(pathOf(this.#context, file));
    if (!text.ok) {
      this.#context.stderr.write(`sed: ${text.error === 'EISDIR' ? 'read error on' : "can't read"} ${file}: ${STRERROR[text.error]}\n`);
      this.status = 2;
      return undefined;
    }
    return pieces(text.value, this.#separator);
  }

  #wholeInput(): () => Gen<string | undefined> {
    const reader = lineReader(this.#context);
    const separator = this.#separator;
    let next: (() => Gen<string | undefined>) | undefined;
    return function* () {
      if (next === undefined) {
        let all = '';
        for (let line = yield* reader.line(); line !== undefined; line = yield* reader.line()) all += line;
        next = pieces(all, separator);
      }
      return yield* next();
    };
  }
}

function pieces(text: string, separator: string): () => Gen<string | undefined> {
  let at = 0;
  return function* () { // the same shape as a stream's
    if (at >= text.length) return undefined;
    const end = text.indexOf(separator, at);
    const piece = end < 0 ? text.slice(at) : text.slice(at, end + 1);
    at += piece.length;
    return piece;
  };
}
