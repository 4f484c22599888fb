/**
 * A connection before a request: kubectl's to the API server, the API server's to a kubelet. Errors in Go's words.
 * While nothing changed since the last one was made (`underlay.ts`), or ever, it is there and no packet is sent.
 * Not modelled: TLS and HTTP, so whatever listens at an address is taken for the one that was meant.
 */
import { plus, seconds } from '../../engine/sim/time.ts';
import type { Program } from '../../engine/sim/process.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Endpoint } from '../../engine/uapi/sockets.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import { connectTcp, type StreamError } from '../../userland/sockets/stream.ts';
import type { Underlay } from './underlay.ts';

/** net.Dialer of client-go and of the API server's transports. */
const TIMEOUT = seconds(30);

export interface DialError {
  readonly error: StreamError;
  /** `dial tcp 10.0.0.1:6443: connect: no route to host` */
  readonly text: string;
}

export class Dialer {
  readonly #underlay: Underlay;
  /** By namespace and address: at which count of changes it was reached. */
  readonly #reached = new Map<string, number>();

  constructor(underlay: Underlay) {
    this.#underlay = underlay;
  }

  /** undefined: connected. `known`: it was reached while the machines were set up. */
  *dial(kernel: Kernel, remote: Endpoint, known: boolean): Program<DialError | undefined> {
    const address = `${formatIpv4(remote.address)}:${remote.port}`;
    const key = `${kernel.nsId} ${address}`;
    const { changes } = this.#underlay;
    if ((this.#reached.get(key) ?? (known ? 0 : undefined)) === changes) return undefined;
    const socket = yield* connectTcp(kernel, remote, { until: plus(kernel.clock.now, TIMEOUT) });
    if (socket.ok) {
      socket.value.close();
      this.#reached.set(key, changes);
      return undefined;
    }
    const { error } = socket;
    return { error, text: `dial tcp ${address}: ${error === 'timeout' ? 'i/o timeout' : `connect: ${STRERROR[error].toLowerCase()}`}` };
  }
}
