/** Time stamps as -t, -tt, -ttt, -tttt, -ttttt print them. UTC. */
const six = (n: number): string => String(n).padStart(6, '0');
const two = (n: number): string => String(n).padStart(2, '0');

function clock(micros: number): string {
  const s = Math.floor(micros / 1e6);
  return `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${six(micros % 1e6)}`;
}

export class Stamps {
  readonly #mode: number;
  #first: number | undefined;
  #last: number | undefined;

  constructor(mode: number) {
    this.#mode = mode;
  }

  /** `micros`: since 1970. With the blank that follows. */
  next(micros: number): string {
    switch (this.#mode) {
      case 0: return `${clock(micros)} `;
      case 1: return '';
      case 2: return `${Math.floor(micros / 1e6)}.${six(micros % 1e6)} `;
      case 4: return `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, 10)} ${clock(micros)} `;
      default: {
        const since = micros - ((this.#mode === 3 ? this.#last : this.#first) ?? micros);
        this.#first ??= micros;
        this.#last = micros;
        return ` ${clock(since)} `;
      }
    }
  }
}
