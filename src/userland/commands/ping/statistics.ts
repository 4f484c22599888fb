/** Models: ping_common.c finish(): counts and round-trip times. */
import type { Nanos } from '../../../engine/sim/time.ts';

/** Round-trip in ping's precision: three significant digits after microseconds. */
export function roundTrip(micros: number): string {
  const ms = Math.floor(micros / 1000);
  if (micros >= 100000) return `${ms} ms`;
  if (micros >= 10000) return `${ms}.${Math.floor((micros % 1000) / 100)} ms`;
  if (micros >= 1000) return `${ms}.${String(Math.floor((micros % 1000) / 10)).padStart(2, '0')} ms`;
  return `${ms}.${String(micros % 1000).padStart(3, '0')} ms`;
}

const three = (micros: number): string => `${Math.floor(micros / 1000)}.${String(Math.floor(micros) % 1000).padStart(3, '0')}`;

export class Statistics {
  transmitted = 0;
  received = 0;
  repeats = 0;
  errors = 0;
  /** Most requests that were under way at once. */
  pipe = 0;
  readonly #times: number[] = [];
  readonly #answered = new Set<number>();

  /** False: this one was answered before. */
  reply(seq: number, micros: number | undefined): boolean {
    const fresh = !this.#answered.has(seq);
    this.#answered.add(seq);
    if (fresh) this.received++;
    else this.repeats++;
    if (micros !== undefined) this.#times.push(micros);
    this.acknowledge(seq);
    return fresh;
  }

  acknowledge(seq: number): void {
    const behind = ((this.transmitted & 0xffff) - seq) & 0xffff;
    if (behind <= 0x7fff) this.pipe = Math.max(this.pipe, behind + 1);
  }

  answered(seq: number): boolean {
    return this.#answered.has(seq);
  }

  get longest(): number {
    return this.#times.reduce((a, b) => Math.max(a, b), 0);
  }

  /** From the blank line on. */
  text(target: string, spent: Nanos, flood: boolean): string {
    const extra = `${this.repeats > 0 ? `, +${this.repeats} duplicates` : ''}${this.errors > 0 ? `, +${this.errors} errors` : ''}`;
    const loss = this.transmitted === 0 ? '' : `, ${formatLoss(((this.transmitted - this.received) * 100) / this.transmitted)}% packet loss, time ${Math.floor(spent / 1e6)}ms`;
    let rtt = '';
    if (this.#times.length > 0) {
      const n = this.#times.length;
      const sum = this.#times.reduce((a, b) => a + b, 0);
      const squares = this.#times.reduce((a, b) => a + b * b, 0);
      const average = Math.floor(sum / n);
      const deviation = Math.floor(Math.sqrt(Math.max(0, Math.floor((squares - Math.floor((sum * sum) / n)) / n))));
      rtt = `rtt min/avg/max/mdev = ${three(this.#times.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER))}/${three(average)}/${three(this.longest)}/${three(deviation)} ms`;
    }
    const pipe = this.pipe > 1 ? `${rtt === '' ? '' : ', '}pipe ${this.pipe}` : '';
    const ipg = flood && this.transmitted > 1 && rtt !== '' ? `, ipg/ewma ${three(spent / 1000 / (this.transmitted - 1))}/${three(this.#times.at(-1) ?? 0)} ms` : '';
    return `\n--- ${target} ping statistics ---\n${this.transmitted} packets transmitted, ${this.received} received${extra}${loss}\n${rtt}${pipe}${ipg}\n`;
  }
}

/** %g */
const formatLoss = (percent: number): string => String(Number(percent.toPrecision(6)));
