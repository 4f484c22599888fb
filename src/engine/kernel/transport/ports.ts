/**
 * Read first: net/ipv4/inet_connection_sock.c, inet_hashtables.c, udp.c udp_lib_get_port.
 * Models: which local ports are free (v6.1), and the order in which a free one is looked for. Not modelled: SO_REUSEPORT groups.
 */
import type { Prng } from '../../../base/prng.ts';
import { ANY } from '../../wire/addresses.ts';
import type { Netns } from '../netns.ts';
import type { InetSocket } from './inet-socket.ts';

/** Linux prefers even ports for connect and odd ones for bind to port 0, to keep the two apart. */
export type Parity = 'even' | 'odd' | 'any';

/** Local ports of one protocol in one namespace: bound sockets by port. */
export class PortTable<S extends InetSocket> {
  readonly #byPort = new Map<number, S[]>();
  readonly #none: readonly S[] = [];

  at(port: number): readonly S[] {
    return this.#byPort.get(port) ?? this.#none;
  }

  /** A copy: closing sockets while looking is safe. */
  all(): S[] {
    return [...this.#byPort.values()].flat();
  }

  add(socket: S): void {
    const bucket = this.#byPort.get(socket.local.port);
    if (bucket === undefined) this.#byPort.set(socket.local.port, [socket]);
    else bucket.push(socket);
  }

  remove(socket: S): void {
    const bucket = this.#byPort.get(socket.local.port);
    const i = bucket?.indexOf(socket) ?? -1;
    if (bucket === undefined || i < 0) return;
    bucket.splice(i, 1);
    if (bucket.length === 0) this.#byPort.delete(socket.local.port);
  }

  /** inet_rcv_saddr_equal for the sockets of a port: undefined when `socket` may have `address`:`port`. */
  conflict(socket: S, address: number, port: number, mayShare: (other: S) => boolean): S | undefined {
    for (const other of this.at(port)) {
      if (other === socket || mayShare(other)) continue;
      if (socket.boundDevice !== undefined && other.boundDevice !== undefined && socket.boundDevice !== other.boundDevice) continue;
      if (address === ANY || other.local.address === ANY || other.local.address === address) return other;
    }
    return undefined;
  }
}

/**
 * Looks through the ephemeral range from a random place on: first the ports of the wanted parity, then the others.
 * `${machine}/${netns}/port` in World.scripted gives ports from outside.
 */
export function choosePort(ns: Netns, random: Prng, parity: Parity, free: (port: number) => boolean): number | undefined {
  const scripted = ns.machine.world.scripted.get(`${ns.machine.name}/${ns.name}/port`)?.shift();
  if (scripted !== undefined && free(scripted)) return scripted;
  const [low = 32768, high = 60999] = ns.sysctl.ints('net.ipv4.ip_local_port_range');
  const range = high + 1 - low;
  const drawn = random.below(range);
  if (parity === 'any') {
    for (let i = 0; i < range; i++) {
      const port = low + ((drawn + i) % range);
      if (free(port)) return port;
    }
    return undefined;
  }
  const even = drawn & ~1;
  for (const bit of parity === 'even' ? [0, 1] : [1, 0]) {
    for (let i = 0; i < range; i += 2) {
      const port = low + ((even + i) % (range & ~1)) + bit;
      if (port <= high && free(port)) return port;
    }
  }
  return undefined;
}
