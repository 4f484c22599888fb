/**
 * Read first: icmp(7), ping(8), net/ipv4/ping.c, net/ipv4/raw.c.
 * Models: echo sockets (v6.1): a reply or an error goes to the socket with that identifier. Not modelled: other ICMP types from programs.
 */
import type { Prng } from '../../../base/prng.ts';
import { done, ok, type Result } from '../../../base/result.ts';
import { refuse, type KernelError } from '../../uapi/errno.ts';
import type { Endpoint, IcmpReply, IcmpSocket } from '../../uapi/sockets.ts';
import { ANY, type Ipv4 } from '../../wire/addresses.ts';
import { ICMP_DEST_UNREACH, ICMP_ECHO, ICMP_ECHOREPLY, ICMP_FRAG_NEEDED } from '../../wire/icmp.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, type IcmpMessage, type Ipv4Packet } from '../../wire/packet.ts';
import { consume, deliver, drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import type { Owner } from './door.ts';
import { embeddedHeader, errorMeaning } from './icmp-errors.ts';
import { formatEndpoint, InetSocket, PMTUDISC_DO, PMTUDISC_DONT, UNBOUND } from './inet-socket.ts';
import type { Transport } from './transport.ts';

const QUEUE_LIMIT = 256;

export class IcmpLayer {
  readonly transport: Transport;
  readonly #stream: Prng;
  readonly #byId = new Map<number, IcmpEchoSocket>();

  constructor(transport: Transport) {
    this.transport = transport;
    this.#stream = transport.random.fork('icmp-id');
  }

  claimId(socket: IcmpEchoSocket): number {
    let id = this.#stream.below(0xffff) + 1;
    while (this.#byId.has(id)) id = (id % 0xffff) + 1;
    this.#byId.set(id, socket);
    return id;
  }

  all(): IcmpEchoSocket[] {
    return [...this.#byId.values()];
  }

  release(socket: IcmpEchoSocket): void {
    if (this.#byId.get(socket.id) === socket) this.#byId.delete(socket.id);
  }

  receive(skb: Skb, packet: Ipv4Packet, message: IcmpMessage): void {
    const socket = message.type === ICMP_ECHOREPLY ? this.#byId.get(message.rest >>> 16) : undefined;
    if (socket === undefined || !socket.accepts(skb.dev, packet.dst)) return drop(this.transport.ns, skb, 'NO_SOCKET');
    if (!socket.push(packet, message, message.rest, undefined)) return drop(this.transport.ns, skb, 'SOCKET_RCVBUFF');
    deliver(this.transport.ns, skb, socket.describe(), socket.process);
    socket.readable.wake();
  }

  error(inner: Ipv4Packet, type: number, code: number, rest: number, _from: Ipv4, skb: Skb): void {
    const { transport } = this;
    const header = embeddedHeader(inner);
    if (header === undefined) return drop(transport.ns, skb, 'PKT_TOO_SMALL');
    const outer = skb.net.kind === 'ipv4' && skb.net.payload.kind === 'icmp' ? skb.net : undefined;
    if (inner.protocol === IPPROTO_ICMP) {
      const socket = header.srcPort >>> 8 === ICMP_ECHO ? this.#byId.get(header.word >>> 16) : undefined;
      if (socket === undefined || outer?.payload.kind !== 'icmp') return consume(transport.ns, skb, 'icmp');
      deliver(transport.ns, skb, socket.describe(), socket.process);
      socket.push(outer, outer.payload, header.word, inner.dst);
      socket.readable.wake();
      return;
    }
    const meaning = errorMeaning(type, code);
    const mtu = type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED ? rest & 0xffff : undefined;
    const taken = meaning === undefined ? undefined
      : inner.protocol === IPPROTO_TCP ? transport.tcp.icmpError(inner, header, meaning, mtu, skb)
      : inner.protocol === IPPROTO_UDP ? transport.udp.icmpError(inner, header, meaning, mtu, skb)
      : undefined;
    if (taken !== true) consume(transport.ns, skb, 'icmp');
  }
}

export class IcmpEchoSocket extends InetSocket implements IcmpSocket {
  readonly protocol = IPPROTO_ICMP;
  readonly protocolName = 'raw';
  readonly id: number;
  readonly #queue: IcmpReply[] = [];

  constructor(transport: Transport, owner: Owner) {
    super(transport, owner);
    this.id = transport.icmp.claimId(this);
    this.show('UNCONN');
  }

  override describe(): string {
    return `icmp ${formatEndpoint({ address: this.local.address, port: 0 })} id ${this.id}`;
  }

  bind(local: Endpoint): Result<undefined, KernelError> {
    if (local.address !== ANY && !this.transport.ns.fib.isLocal(local.address)) return refuse('EADDRNOTAVAIL');
    this.name({ address: local.address, port: 0 }, undefined);
    return done;
  }

  sendEcho(to: Ipv4, seq: number, body: Uint8Array): Result<number, KernelError> {
    if (this.closed) return refuse('EINVAL');
    const error = this.takeError();
    if (error !== undefined) return refuse(error);
    const { ns } = this.transport;
    const route = this.routeTo(to);
    if (!route.ok) return route;
    if (route.value.kind === 'broadcast' && !this.broadcast) return refuse('EACCES');
    const length = 28 + body.length;
    if (length > 65535 || (this.pmtudisc >= PMTUDISC_DO && length > route.value.mtu)) return refuse('EMSGSIZE');
    const payload: IcmpMessage = { kind: 'icmp', type: ICMP_ECHO, code: 0, rest: ((this.id << 16) | (seq & 0xffff)) >>> 0, body };
    const sent = ns.ip.send({
      dst: to, src: this.sourceFor(route.value), protocol: IPPROTO_ICMP, payload, tos: this.tos, ttl: this.ttl, mark: this.mark, oif: this.boundDevice,
      socket: this, connected: false, df: this.pmtudisc !== PMTUDISC_DONT, pmtudisc: this.pmtudiscName, partial: false, by: this.process ?? this.describe(), route: route.value,
    });
    return sent.ok ? ok(8 + body.length) : sent;
  }

  /** False: the queue is full. `echo` holds id and sequence number of the request. */
  push(packet: Ipv4Packet, message: IcmpMessage, echo: number, offender: Ipv4 | undefined): boolean {
    if (this.#queue.length >= QUEUE_LIMIT) return false;
    this.#queue.push({
      from: packet.src, to: packet.dst, type: message.type, code: message.code, id: echo >>> 16, seq: echo & 0xffff,
      ttl: packet.ttl, body: message.body, rest: message.rest, offender, at: this.transport.ns.machine.world.scheduler.now,
    });
    return true;
  }

  recv(): IcmpReply | undefined {
    return this.#queue.shift();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.transport.icmp.release(this);
    this.hide();
    this.name(UNBOUND, undefined);
  }
}
