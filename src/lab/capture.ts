import { WaitQueue } from '../engine/sim/process.ts';
import type { Input, Output } from '../userland/host.ts';

/** Collects what a command writes. */
export class Capture implements Output {
  #text = '';

  get text(): string {
    return this.#text;
  }

  write(text: string): boolean {
    this.#text += text;
    return true;
  }

  close(): void {
    // Nothing waits for the end of a capture.
  }
}

/** /dev/null as standard input. */
export const NO_INPUT: Input = { read: () => 'eof', readable: new WaitQueue() };
