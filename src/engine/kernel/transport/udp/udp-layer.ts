/**
 * Read first: udp(7), net/ipv4/udp.c. Models: udp_rcv, the socket lookup by score, udp_err and encapsulation sockets (v6.1).
 * Not modelled: multicast groups, GRO, early demux, SO_REUSEPORT.
 */
import type { Prng } from '../../../../base/prng.ts';
import { assert } from '../../../../base/assert.ts';
import { ANY, type Ipv4 } from '../../../wire/addresses.ts';
import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH } from '../../../wire/icmp.ts';
import { emitTransport, verifyTransport } from '../../../wire/ipv4.ts';
import type { Ipv4Packet, UdpDatagram } from '../../../wire/packet.ts';
import { clone, consume, deliver, drop } from '../../drop.ts';
import type { NetDevice } from '../../net-device.ts';
import type { Skb } from '../../skb.ts';
import type { EmbeddedHeader, ErrorMeaning } from '../icmp-errors.ts';
import { PMTUDISC_DONT } from '../inet-socket.ts';
import { PortTable } from '../ports.ts';
import type { Transport } from '../transport.ts';
import type { UdpSock } from './udp-socket.ts';

interface Encap {
  readonly handler: (skb: Skb) => void;
  readonly owner: string;
}

export class UdpLayer {
  readonly transport: Transport;
  readonly portRandom: Prng;
  readonly ports = new PortTable<UdpSock>();
  readonly #encaps = new Map<number, Encap>();

  constructor(transport: Transport) {
    this.transport = transport;
    this.portRandom = transport.random.fork('udp-port');
  }

  registerEncap(port: number, handler: (skb: Skb) => void, owner: string): void {
    assert(!this.#encaps.has(port), `udp encapsulation port ${port} is taken by ${this.#encaps.get(port)?.owner ?? ''}`);
    this.#encaps.set(port, { handler, owner });
    const row = { protocol: 'udp', state: 'UNCONN', local: { address: ANY, port }, remote: undefined, recvQueue: 0, sendQueue: 0, process: undefined, pid: undefined } as const;
    this.transport.sockets.insert(`encap/${port}`, row);
  }

  unregisterEncap(port: number): void {
    if (this.#encaps.delete(port)) this.transport.sockets.delete(`encap/${port}`);
  }

  /** A kernel tunnel listens on the port: programs cannot bind it. */
  isEncap(port: number): boolean {
    return this.#encaps.has(port);
  }

  receive(skb: Skb, packet: Ipv4Packet, datagram: UdpDatagram): void {
    const { ns } = this.transport;
    if (skb.ipSummed === 'none' && !verifyTransport(packet)) return drop(ns, skb, 'UDP_CSUM');
    const encap = this.#encaps.get(datagram.dstPort);
    if (encap !== undefined) return encap.handler(skb);
    if (skb.pktType === 'broadcast' || skb.pktType === 'multicast') return this.#deliverToAll(skb, packet, datagram);
    const socket = this.lookup(packet.dst, datagram.dstPort, packet.src, datagram.srcPort, skb.dev);
    if (socket === undefined) {
      ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
      return drop(ns, skb, 'NO_SOCKET', `nothing listens on UDP port ${datagram.dstPort}`);
    }
    this.#queue(socket, skb, packet, datagram);
  }

  /** __udp4_lib_mcast_deliver: every socket that may see it gets a copy. */
  #deliverToAll(skb: Skb, packet: Ipv4Packet, datagram: UdpDatagram): void {
    const { ns } = this.transport;
    const takers = this.ports.at(datagram.dstPort).filter((s) => this.#score(s, packet.dst, packet.src, datagram.srcPort, skb.dev) > 0);
    const last = takers.pop();
    if (last === undefined) return consume(ns, skb, 'udp');
    for (const socket of takers) this.#queue(socket, clone(ns, skb), packet, datagram);
    this.#queue(last, skb, packet, datagram);
  }

  #queue(socket: UdpSock, skb: Skb, packet: Ipv4Packet, datagram: UdpDatagram): void {
    const { ns } = this.transport;
    const { payload } = datagram;
    const bytes = payload instanceof Uint8Array ? payload : emitTransport(datagram, packet.src, packet.dst).subarray(8);
    const taken = socket.push({
      from: { address: packet.src, port: datagram.srcPort }, to: { address: packet.dst, port: datagram.dstPort }, bytes, ttl: packet.ttl,
    });
    if (!taken) return drop(ns, skb, 'SOCKET_RCVBUFF');
    deliver(ns, skb, socket.describe(), socket.process);
    socket.readable.wake();
  }

  /** compute_score: an unconnected socket with any address scores least; -1 does not match. */
  #score(socket: UdpSock, dst: Ipv4, src: Ipv4, srcPort: number, dev: NetDevice | undefined): number {
    let score = 1;
    const { local, remote, boundDevice } = socket;
    if (local.address !== ANY) {
      if (local.address !== dst) return -1;
      score += 4;
    }
    if (remote !== undefined) {
      if (remote.address !== src || remote.port !== srcPort) return -1;
      score += 8;
    }
    if (boundDevice !== undefined) {
      if (boundDevice !== dev) return -1;
      score += 4;
    }
    return score;
  }

  lookup(dst: Ipv4, dstPort: number, src: Ipv4, srcPort: number, dev: NetDevice | undefined): UdpSock | undefined {
    let best: UdpSock | undefined;
    let bestScore = 0;
    for (const socket of this.ports.at(dstPort)) {
      const score = this.#score(socket, dst, src, srcPort, dev);
      if (score > bestScore) {
        best = socket;
        bestScore = score;
      }
    }
    return best;
  }

  /** udp_err. True: `skb` was delivered to the socket that sent the packet. */
  icmpError(inner: Ipv4Packet, header: EmbeddedHeader, meaning: ErrorMeaning, mtu: number | undefined, skb: Skb): boolean {
    const socket = this.lookup(inner.src, header.srcPort, inner.dst, header.dstPort, skb.dev);
    if (socket === undefined) return false;
    deliver(this.transport.ns, skb, socket.describe(), socket.process);
    const hard = mtu === undefined ? meaning.fatal : socket.pmtudisc !== PMTUDISC_DONT;
    if (mtu !== undefined) socket.forgetRoute();
    if (socket.recvErr) {
      const outer = skb.net.kind === 'ipv4' && skb.net.payload.kind === 'icmp' ? skb.net : undefined;
      if (outer?.payload.kind === 'icmp') {
        const { type, code } = outer.payload;
        socket.pushError({ errno: meaning.errno, type, code, from: outer.src, ttl: outer.ttl, mtu, to: { address: inner.dst, port: header.dstPort }, at: this.transport.ns.machine.world.scheduler.now });
      }
      socket.setError(meaning.errno);
    } else if (hard && socket.remote !== undefined) socket.setError(meaning.errno);
    return true;
  }
}
