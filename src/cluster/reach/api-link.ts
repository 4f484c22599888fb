/**
 * A node's connection to the API server, as far as others can tell: heartbeats.
 * Read first: kubernetes.io/docs/concepts/architecture/nodes (heartbeats).
 * Models: pkg/kubelet (v1.29): the lease renewed every 10 s, with the client's timeout of 10 s; a watch that breaks with the connection. The agents' traffic is one TCP
 * handshake to the server's InternalIP:6443 per heartbeat (k3s: through its load balancer on the node).
 * After a change somewhere (`underlay.ts`) the node is cut off until the next heartbeat is answered, which is sent at once; then one more each period until the answer
 * is stable, then none: an idle world is silent. Not modelled: TLS and HTTP; the TCP connection that stays, so a break of a few seconds is noticed at once.
 */
import { seconds, plus } from '../../engine/sim/time.ts';
import { WaitQueue, type Process, type Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { ANY, LOOPBACK, type Ipv4 } from '../../engine/wire/addresses.ts';
import { connectTcp } from '../../userland/sockets/stream.ts';
import type { NodeLifecycleController } from '../controllers/node/node-lifecycle.ts';
import type { NodeStore } from './node-store.ts';

export const API_PORT = 6443;
export const KUBELET_PORT = 10250;
const TIMEOUT = seconds(10);
/** Equal answers in a row after which nobody asks any more. */
const STABLE = { good: 2, bad: 3 } as const;

export interface ApiLinkOptions {
  readonly node: string;
  readonly kernel: Kernel;
  /** The agent's process name. */
  readonly process: string;
  readonly server: Ipv4;
  readonly store: NodeStore;
  readonly lifecycle: NodeLifecycleController;
  /** The server answers again: the node's state is to be posted. */
  readonly returned: () => void;
}

export class ApiLink {
  readonly #o: ApiLinkOptions;
  readonly #wake = new WaitQueue();
  #process: Process | undefined;
  /** Grows with every change; a heartbeat under way at one is given up. */
  #round = 0;
  #lookedAt = 0;
  #good: boolean | undefined;
  #same = 0;
  #cutSince: number | undefined;

  constructor(options: ApiLinkOptions) {
    this.#o = options;
  }

  start(): void {
    if (this.#process !== undefined) return;
    const { kernel, process } = this.#o;
    this.#process = kernel.spawn(process, (own) => this.#run(own)).process;
  }

  /** The machine's power is gone. */
  stop(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }

  /** Something changed: whatever came over the connection till now, nothing is sure any more. */
  look(): void {
    const { store, kernel } = this.#o;
    this.#round++;
    this.#cutSince ??= kernel.clock.now / 1e9;
    store.disconnect();
    this.#wake.wake();
  }

  *#run(kernel: Kernel): Program {
    const { node, lifecycle } = this.#o;
    for (;;) {
      if (this.#lookedAt !== this.#round) {
        this.#lookedAt = this.#round;
        this.#same = 0;
      } else if (this.#same >= (this.#good === true ? STABLE.good : STABLE.bad) || this.#round === 0) {
        yield { on: [this.#wake] };
        continue;
      } else yield { on: [this.#wake], until: lifecycle.nextBeat(node) };
      if (this.#lookedAt !== this.#round) continue;
      const good = yield* this.#beat(kernel);
      if (good !== undefined) this.#heard(good);
    }
  }

  /** One connection; undefined: something changed meanwhile. */
  *#beat(kernel: Kernel): Program<boolean | undefined> {
    const attempt = connectTcp(kernel, { address: this.#o.server, port: API_PORT }, { until: plus(kernel.clock.now, TIMEOUT) });
    for (let step = attempt.next(); ; step = attempt.next()) {
      if (step.done === true) {
        if (step.value.ok) step.value.value.close();
        return step.value.ok;
      }
      yield { ...step.value, on: [...(step.value.on ?? []), this.#wake] };
      if (this.#lookedAt === this.#round) continue;
      attempt.return({ ok: false, error: 'timeout' });
      return undefined;
    }
  }

  #heard(good: boolean): void {
    const { node, store, lifecycle, returned } = this.#o;
    this.#same = this.#good === good ? this.#same + 1 : 1;
    this.#good = good;
    if (good && this.#cutSince !== undefined) {
      this.#cutSince = undefined;
      store.connect();
      returned();
    } else if (!good && this.#cutSince !== undefined) lifecycle.silent(node, this.#cutSince);
  }
}

/** The other end of connections, at the API server and at kubelets; `own`: ports of the same process that only this machine reaches. */
export function* listen(kernel: Kernel, port: number, own: readonly number[] = []): Program {
  const listeners = [{ address: ANY, port }, ...own.map((p) => ({ address: LOOPBACK, port: p }))].map((at) => {
    const listener = kernel.sockets.tcp();
    listener.setOption('reuseaddr', 1);
    listener.bind(at);
    listener.listen(4096);
    return listener;
  });
  for (;;) {
    const socket = listeners.map((l) => l.accept()).find((s) => s !== undefined);
    if (socket === undefined) {
      yield { on: listeners.map((l) => l.readable) };
      continue;
    }
    kernel.spawn('api-connection', function* (): Program {
      while (socket.recv() !== 'eof' && socket.takeError() === undefined) yield { on: [socket.readable] };
      socket.close();
      return 0;
    });
  }
}
