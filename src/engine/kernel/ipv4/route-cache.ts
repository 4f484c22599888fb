import type { Nanos } from '../../sim/time.ts';

const BITS = 10;
const FOREVER = Infinity;

interface Slot<V> {
  readonly dst: number;
  readonly src: number;
  readonly mark: number;
  readonly tos: number;
  readonly iif: number;
  readonly oif: number;
  readonly generation: number;
  readonly expires: number;
  readonly value: V;
}

/** Answers of route lookups by flow: a direct-mapped table, so that a busy flow costs one comparison. Never changes an answer. */
export class RouteCache<V> {
  readonly #slots: (Slot<V> | undefined)[] = new Array<Slot<V> | undefined>(1 << BITS).fill(undefined);

  get(dst: number, src: number, mark: number, tos: number, iif: number, oif: number, generation: number, now: Nanos): V | undefined {
    const slot = this.#slots[this.#index(dst, src, mark, iif ^ oif)];
    return slot !== undefined && slot.dst === dst && slot.src === src && slot.generation === generation && slot.mark === mark && slot.tos === tos
      && slot.iif === iif && slot.oif === oif && slot.expires > now ? slot.value : undefined;
  }

  set(dst: number, src: number, mark: number, tos: number, iif: number, oif: number, generation: number, value: V, expires: number = FOREVER): void {
    this.#slots[this.#index(dst, src, mark, iif ^ oif)] = { dst, src, mark, tos, iif, oif, generation, expires, value };
  }

  #index(dst: number, src: number, mark: number, dev: number): number {
    return Math.imul(Math.imul(dst, 0x9e3779b1) ^ Math.imul(src, 0x85ebca6b) ^ mark ^ Math.imul(dev, 0x27d4eb2f), 0xc2b2ae35) >>> (32 - BITS);
  }
}
