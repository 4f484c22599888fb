/**
 * Read first: net/ipv4/af_inet.c (protocol handlers), net/ipv4/icmp.c icmp_socket_deliver.
 * A dispatcher: the protocols live in udp/, tcp/, icmp-socket.ts and packet-socket.ts.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import type { Prng } from '../../../base/prng.ts';
import type { Sockets } from '../../uapi/sockets.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, type Ipv4Packet } from '../../wire/packet.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import { drop } from '../drop.ts';
import { journalOf } from '../journal.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { openDoor, type Owner } from './door.ts';
import { IcmpLayer } from './icmp-socket.ts';
import type { SocketRow } from './socket-row.ts';
import { TcpLayer } from './tcp/tcp-layer.ts';
import { UdpLayer } from './udp/udp-layer.ts';

export class Transport {
  readonly ns: Netns;
  readonly random: Prng;
  /** Start values of inet_id. */
  readonly ipIds: Prng;
  readonly udp: UdpLayer;
  readonly tcp: TcpLayer;
  readonly icmp: IcmpLayer;
  /** Every socket as ss shows it, journaled. */
  readonly sockets: JournaledTable<SocketRow>;
  readonly packetSockets = new Set<{ readonly pid: number; close(): void }>();
  #rows = 0;

  constructor(ns: Netns) {
    this.ns = ns;
    this.random = ns.machine.random.fork(`transport/${ns.name}`);
    this.ipIds = this.random.fork('ip-id');
    this.sockets = new JournaledTable(`${ns.id}/sockets`, journalOf(ns));
    this.udp = new UdpLayer(this);
    this.tcp = new TcpLayer(this);
    this.icmp = new IcmpLayer(this);
  }

  nextRowKey(): string {
    return `${++this.#rows}`;
  }

  /** ip_protocol_deliver_rcu: the packet is for us and passed INPUT. Ends it. ICMP: only echo replies (IP answers requests). */
  receive(skb: Skb): void {
    const packet = skb.net;
    if (packet.kind !== 'ipv4') return drop(this.ns, skb, 'IP_NOPROTO');
    switch (packet.payload.kind) {
      case 'tcp': return this.tcp.receive(skb, packet, packet.payload);
      case 'udp': return this.udp.receive(skb, packet, packet.payload);
      case 'icmp': return this.icmp.receive(skb, packet, packet.payload);
      case 'data': return drop(this.ns, skb, this.#short(packet.protocol) ? 'PKT_TOO_SMALL' : 'IP_NOPROTO');
    }
  }

  #short(protocol: number): boolean {
    return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP || protocol === IPPROTO_ICMP;
  }

  /**
   * An ICMP error about a packet we sent (icmp_socket_deliver). `inner`: its header and first bytes as embedded,
   * `from`: who sent the error. Ends `skb`: delivered to the socket it is about, or consumed.
   */
  icmpError(inner: Ipv4Packet, type: number, code: number, rest: number, from: Ipv4, skb: Skb): void {
    this.icmp.error(inner, type, code, rest, from, skb);
  }

  /** A UDP tunnel (VXLAN) takes every datagram to this port. The handler ends the skb. */
  registerUdpEncap(port: number, handler: (skb: Skb) => void, owner: string): void {
    this.udp.registerEncap(port, handler, owner);
  }

  unregisterUdpEncap(port: number): void {
    this.udp.unregisterEncap(port);
  }

  /** exit(2): the kernel closes what the process left open. */
  exit(pid: number): void {
    for (const socket of [...this.tcp.ports.all(), ...this.udp.ports.all(), ...this.icmp.all()]) if (socket.pid === pid) socket.close();
    for (const open of [...this.packetSockets]) if (open.pid === pid) open.close();
  }

  /** The namespace goes: every timer ends. */
  destroy(): void {
    this.tcp.clear();
  }

  /** The sockets of one process in this namespace. */
  door(process: Owner): Sockets {
    return openDoor(this, process);
  }
}
