/** Streams between programs: pipes, files, captured text, the terminal. */
import type { WaitQueue } from '../../engine/sim/process.ts';
import { SignalError, WaitQueue as Queue, type Process, type Program, type Wait } from '../../engine/sim/process.ts';
import type { FileSystem, Input, Output } from '../host.ts';
import type { ShellState } from './state.ts';

/** Reads a line or all of an input, keeping what was read too much for the next reader of the same input. */
export class BufferedInput implements Input {
  readonly #source: Input;
  #buffer = '';
  #eof = false;

  constructor(source: Input) {
    this.#source = source;
  }

  get readable(): WaitQueue {
    return this.#source.readable;
  }

  read(): string | 'eof' | undefined {
    if (this.#buffer !== '') {
      const text = this.#buffer;
      this.#buffer = '';
      return text;
    }
    if (this.#eof) return 'eof';
    return this.#source.read();
  }

  unread(text: string): void {
    this.#buffer = text + this.#buffer;
  }

  /** A line with its newline; the last one may lack it; undefined at the end. */
  *line(): Generator<Wait, string | undefined, void> {
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end >= 0) {
        const line = this.#buffer.slice(0, end + 1);
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      const chunk = this.#eof ? 'eof' : this.#source.read();
      if (chunk === undefined) {
        yield { on: [this.#source.readable] };
        continue;
      }
      if (chunk === 'eof') {
        this.#eof = true;
        const rest = this.#buffer;
        this.#buffer = '';
        return rest === '' ? undefined : rest;
      }
      this.#buffer += chunk;
    }
  }
}

export const buffered = (input: Input): BufferedInput => (input instanceof BufferedInput ? input : new BufferedInput(input));

/** All of it, to the end. */
export function* readAll(input: Input): Generator<Wait, string, void> {
  let text = '';
  for (;;) {
    const chunk = input.read();
    if (chunk === 'eof') return text;
    if (chunk === undefined) yield { on: [input.readable] };
    else text += chunk;
  }
}

/** Text that is there already. */
export function textInput(text: string): Input {
  let left: string | undefined = text === '' ? undefined : text;
  return {
    readable: new Queue(),
    read: () => {
      const chunk = left ?? 'eof';
      left = undefined;
      return chunk;
    },
  };
}

/** pipe(2). The writer learns at its next write that the reader is gone: first `false`, then SIGPIPE. */
export class Pipe {
  #text = '';
  #writersGone = false;
  #readerGone = false;
  #warned = false;
  readonly #readable = new Queue();

  readonly input: Input = {
    readable: this.#readable,
    read: () => {
      if (this.#text === '') return this.#writersGone ? 'eof' : undefined;
      const text = this.#text;
      this.#text = '';
      return text;
    },
  };

  readonly output: Output = {
    write: (text) => {
      if (this.#readerGone) {
        if (this.#warned) throw new SignalError('SIGPIPE');
        this.#warned = true;
        return false;
      }
      if (text !== '') {
        this.#text += text;
        this.#readable.wake();
      }
      return true;
    },
    close: () => {
      this.#writersGone = true;
      this.#readable.wake();
    },
  };

  closeReader(): void {
    this.#readerGone = true;
    this.#text = '';
  }
}

/** Keeps what is written. */
export class Capture implements Output {
  text = '';
  readonly #also: ((text: string) => void) | undefined;

  constructor(also?: (text: string) => void) {
    this.#also = also;
  }

  write(text: string): boolean {
    this.text += text;
    this.#also?.(text);
    return true;
  }

  close(): void {
    // What was written stays.
  }
}

/** A file opened for writing; it was truncated or found when it was opened. */
export const fileOutput = (fs: FileSystem, path: string): Output => ({
  write: (text) => {
    if (text !== '') fs.write(path, text, 'append');
    return true;
  },
  close: () => undefined,
});

/** What a command may do with a stream that others hold too: not close it. */
export const borrowed = (output: Output): Output => ({ write: (text) => output.write(text), close: () => undefined });

const NESTED = new WeakMap<Input, (state: ShellState) => void>();

/** Says what happens when an interactive shell is started with this terminal as its input. */
export const onNestedShell = (input: Input, enter: (state: ShellState) => void): void => {
  NESTED.set(input, enter);
};

/** Undefined: not a terminal. */
export const nestedShell = (input: Input): ((state: ShellState) => void) | undefined => NESTED.get(input);

/** Waits for a child. A signal goes on to it, and kills us too unless the child dealt with it. */
export function* waitFor(process: Process): Program {
  let caught: SignalError | undefined;
  while (process.exitCode === undefined) {
    try {
      yield { on: [process.exited] };
    } catch (error) {
      if (!(error instanceof SignalError)) throw error;
      caught = error;
      process.kill(error.signal);
    }
  }
  if (caught !== undefined && process.exitCode > 128 && caught.signal !== 'SIGPIPE') throw caught;
  return process.exitCode;
}
