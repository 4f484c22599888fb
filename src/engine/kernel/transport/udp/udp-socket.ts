/** Read first: udp(7), net/ipv4/udp.c. Models: udp_sendmsg, udp_recvmsg, bind and connect (v6.1). Not modelled: corking, control messages. */
import { done, ok, type Result } from '../../../../base/result.ts';
import { refuse, type KernelError } from '../../../uapi/errno.ts';
import type { Datagram, Endpoint, SocketErrorInfo, UdpSocket } from '../../../uapi/sockets.ts';
import { ANY, BROADCAST, isMulticast, type Ipv4 } from '../../../wire/addresses.ts';
import { IPPROTO_UDP } from '../../../wire/packet.ts';
import type { Owner } from '../door.ts';
import { InetSocket, PMTUDISC_DO, PMTUDISC_DONT, UNBOUND } from '../inet-socket.ts';
import { choosePort } from '../ports.ts';
import type { Transport } from '../transport.ts';

const MAX_PAYLOAD = 65507;

/** What a datagram takes of the receive buffer: sk_buff and its data in a power-of-two slab (768 for small ones). */
function trueSize(length: number): number {
  let slab = 512;
  while (slab < length + 106 + 320) slab *= 2;
  return slab + 256;
}

export class UdpSock extends InetSocket implements UdpSocket {
  readonly protocol = IPPROTO_UDP;
  readonly protocolName = 'udp';
  #queue: Datagram[] = [];
  #head = 0;
  #memory = 0;
  readonly #errors: SocketErrorInfo[] = [];
  #addressBound = false;

  constructor(transport: Transport, owner: Owner | undefined) {
    super(transport, owner);
  }

  bind(local: Endpoint): Result<undefined, KernelError> {
    const { udp, ns } = this.transport;
    if (this.closed || this.local.port !== 0) return refuse('EINVAL');
    if (local.address !== ANY && local.address !== BROADCAST && !isMulticast(local.address)) {
      const type = ns.fib.addressType(local.address);
      if (type !== 'local' && type !== 'broadcast') return refuse('EADDRNOTAVAIL');
    }
    const port = this.#getPort(local.address, local.port);
    if (port === undefined) return refuse('EADDRINUSE');
    this.#addressBound = local.address !== ANY;
    this.name({ address: local.address, port }, undefined);
    udp.ports.add(this);
    this.show('UNCONN');
    return done;
  }

  #getPort(address: Ipv4, wanted: number): number | undefined {
    const { udp, ns } = this.transport;
    const free = (port: number): boolean =>
      !udp.isEncap(port) && udp.ports.conflict(this, address, port, (other) => this.reuseAddr && other.reuseAddr) === undefined;
    if (wanted !== 0) return free(wanted) ? wanted : undefined;
    return choosePort(ns, udp.portRandom, 'any', free);
  }

  #autobind(): Result<undefined, KernelError> {
    if (this.local.port !== 0) return done;
    const port = this.#getPort(ANY, 0);
    if (port === undefined) return refuse('EAGAIN');
    this.name({ address: this.local.address, port }, this.remote);
    this.transport.udp.ports.add(this);
    this.show('UNCONN');
    return done;
  }

  connect(remote: Endpoint): Result<undefined, KernelError> {
    if (this.closed) return refuse('EINVAL');
    const to = remote.address === ANY ? { address: this.local.address === ANY ? remote.address : this.local.address, port: remote.port } : remote;
    const route = this.routeTo(to.address);
    if (!route.ok) return route;
    if (route.value.kind === 'broadcast' && !this.broadcast) return refuse('EACCES');
    const bound = this.#autobind();
    if (!bound.ok) return bound;
    this.ipId = this.transport.ipIds.below(0x10000);
    this.name({ address: this.#addressBound ? this.local.address : route.value.src, port: this.local.port }, to);
    this.show('ESTAB');
    return done;
  }

  send(bytes: Uint8Array, to?: Endpoint): Result<number, KernelError> {
    if (this.closed) return refuse('EINVAL');
    const error = this.takeError();
    if (error !== undefined) return refuse(error);
    if (bytes.length > MAX_PAYLOAD) return refuse('EMSGSIZE');
    const target = to ?? this.remote;
    if (target === undefined) return refuse('EDESTADDRREQ');
    if (target.port === 0) return refuse('EINVAL');
    const bound = this.#autobind();
    if (!bound.ok) return bound;
    const route = this.routeTo(target.address);
    if (!route.ok) return route;
    const dst = route.value;
    if (dst.kind === 'broadcast' && !this.broadcast) return refuse('EACCES');
    const fits = bytes.length + 28 <= dst.mtu;
    if (!fits && this.pmtudisc === PMTUDISC_DO) return refuse('EMSGSIZE');
    const sent = this.transport.ns.ip.send({
      dst: target.address, src: this.sourceFor(dst), protocol: IPPROTO_UDP,
      payload: { kind: 'udp', srcPort: this.local.port, dstPort: target.port, payload: bytes },
      tos: this.tos, ttl: this.ttl, mark: this.mark, oif: this.boundDevice, socket: this, connected: this.remote !== undefined,
      df: this.pmtudisc !== PMTUDISC_DONT, pmtudisc: this.pmtudiscName, partial: fits, by: this.process ?? this.describe(), route: dst,
    });
    return sent.ok ? ok(bytes.length) : sent;
  }

  /** False: the receive buffer is full. */
  push(datagram: Datagram): boolean {
    const size = trueSize(datagram.bytes.length);
    if (this.#memory > this.rcvbuf) return false;
    this.#memory += size;
    this.#queue.push(datagram);
    this.row({ recvQueue: this.#memory });
    return true;
  }

  recv(): Datagram | undefined {
    const datagram = this.#queue[this.#head];
    if (datagram === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#queue.length || this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.#memory -= trueSize(datagram.bytes.length);
    this.row({ recvQueue: this.#memory });
    return datagram;
  }

  /** ip_icmp_error: the error queue of IP_RECVERR. */
  pushError(info: SocketErrorInfo): void {
    if (this.#errors.length < 256) this.#errors.push(info);
  }

  recvError(): SocketErrorInfo | undefined {
    return this.#errors.shift();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.local.port !== 0) this.transport.udp.ports.remove(this);
    this.hide();
    this.name(UNBOUND, undefined);
    this.#queue = [];
    this.#head = 0;
    this.readable.wake();
  }
}
