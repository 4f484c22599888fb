/**
 * Who runs a speaker: what the API tells each of them (the addresses of the pods with memberlist's labels), and the word of those that come and go.
 * Not modelled: the push/pull over TCP by which a new member is told of the others.
 */
import { WaitQueue } from '../../../engine/sim/process.ts';
import type { ApiServer } from '../../api/server.ts';

export interface Pod {
  readonly addr: string;
  /** False once it ended without a word. */
  running: boolean;
}

export class Ring {
  /** By node. */
  readonly peers = new Map<string, Pod>();
  readonly changed = new WaitQueue();
  /** Grows when somebody comes, goes or is gone. */
  changes = 0;

  tell(): void {
    this.changes++;
    this.changed.wake();
  }
}

const RINGS = new WeakMap<ApiServer, Ring>();

/** One ring per cluster, as the shared secret makes it. */
export function ringOf(api: ApiServer): Ring {
  const ring = RINGS.get(api) ?? new Ring();
  RINGS.set(api, ring);
  return ring;
}
