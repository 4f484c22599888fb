/** Standard input to the peer and back until both are done. */
import type { Program, WaitQueue } from '../../../engine/sim/process.ts';
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import { fromUtf8, utf8 } from '../../../engine/wire/bytes.ts';
import type { Context } from '../../host.ts';
import type { NcOptions } from './options.ts';

/** What TCP and connected UDP have in common here. */
export interface Peer {
  readonly queues: readonly WaitQueue[];
  /** Bytes taken; undefined: broken. */
  send(bytes: Uint8Array): number | undefined;
  recv(): Uint8Array | 'eof' | undefined;
  broken(): boolean;
  shutdown(): void;
}

export function* relay(context: Context, peer: Peer, options: NcOptions): Program {
  const { stdin, stdout, kernel } = context;
  let inputOpen = !options.noStdin;
  let netOpen = true;
  let pending: Uint8Array = new Uint8Array(0);
  let quitAt: Nanos | undefined;
  for (;;) {
    let moved = false;
    for (let chunk = netOpen ? peer.recv() : undefined; chunk !== undefined; chunk = peer.recv()) {
      moved = true;
      if (chunk === 'eof') {
        netOpen = false;
        break;
      }
      if (!stdout.write(fromUtf8(chunk))) return 0;
    }
    if (peer.broken()) return 1;
    if (pending.length > 0) {
      const sent = peer.send(pending);
      if (sent === undefined) return 1;
      if (sent > 0) {
        moved = true;
        pending = pending.subarray(sent);
      }
    }
    if (inputOpen && pending.length === 0) {
      const chunk = stdin.read();
      if (chunk === 'eof') {
        inputOpen = false;
        moved = true;
        if (options.shutdown) peer.shutdown();
        if (options.quit !== undefined) quitAt = plus(kernel.clock.now, seconds(options.quit));
      } else if (chunk !== undefined) {
        moved = true;
        pending = utf8(chunk);
      }
    }
    if (quitAt !== undefined && pending.length === 0 && kernel.clock.now >= quitAt) return 0;
    if (moved) continue;
    // Both inputs are gone; a listener needs the network's only.
    if (!netOpen && pending.length === 0 && (!inputOpen || options.listen)) return 0;
    const idle = options.timeout === undefined ? undefined : plus(kernel.clock.now, seconds(options.timeout));
    const until = quitAt === undefined ? idle : idle === undefined || quitAt < idle ? quitAt : idle;
    const on = inputOpen && pending.length === 0 ? [...peer.queues, stdin.readable] : peer.queues;
    yield until === undefined ? { on } : { on, until };
    if (idle !== undefined && kernel.clock.now >= idle) return 0;
  }
}
