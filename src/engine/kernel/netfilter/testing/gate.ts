/** A router with two devices whose hooks are called directly: what netfilter and conntrack do, without routes, ARP or sockets. */
import { must } from '../../../../base/assert.ts';
import { micros, seconds, type Nanos } from '../../../sim/time.ts';
import type { CtEvent } from '../../../uapi/netfilter.ts';
import { parseIpv4, parseMac, formatIpv4, ipv4, type Ipv4 } from '../../../wire/addresses.ts';
import type { IcmpMessage, Ipv4Packet, TcpSegment, TransportLayer, UdpDatagram } from '../../../wire/packet.ts';
import { Machine } from '../../machine.ts';
import type { NetDevice } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import { Segment } from '../../segment.ts';
import { Skb } from '../../skb.ts';
import { World } from '../../world.ts';

export const ip = (text: string): Ipv4 => must(parseIpv4(text), text);

export const packet = (src: string, dst: string, payload: TransportLayer, protocol = { tcp: 6, udp: 17, icmp: 1, data: 132 }[payload.kind]): Ipv4Packet => ({
  kind: 'ipv4', tos: 0, id: 1, df: true, mf: false, offset: 0, ttl: 64, protocol, src: ip(src), dst: ip(dst), payload,
});
export const tcp = (srcPort: number, dstPort: number, flags: number, more: Partial<TcpSegment> = {}): TcpSegment => ({
  kind: 'tcp', srcPort, dstPort, seq: 0, ack: 0, flags, window: 64240, options: [], payload: new Uint8Array(0), ...more,
});
export const udp = (srcPort: number, dstPort: number, length = 4): UdpDatagram => ({ kind: 'udp', srcPort, dstPort, payload: new Uint8Array(length) });
export const echo = (type: 8 | 0, id: number, seq = 1): IcmpMessage => ({ kind: 'icmp', type, code: 0, rest: ((id << 16) | seq) >>> 0, body: new Uint8Array(8) });

export class Gate {
  readonly world: World;
  readonly ns: Netns;
  readonly inside: NetDevice;
  readonly outside: NetDevice;
  readonly events: CtEvent[] = [];

  constructor(rules: string, options: { readonly seed?: number; readonly trace?: boolean; readonly inside?: string; readonly outside?: string } = {}) {
    this.world = new World({ seed: options.seed ?? 1, epochMillis: 0, trace: options.trace ?? true });
    const machine = new Machine(this.world, 'gate');
    this.ns = machine.init;
    const wire = new Segment(this.world, 'wire', micros(1));
    const nic = (name: string, n: number): NetDevice => machine.addNic(this.ns, { name, mac: must(parseMac(`02:00:00:00:00:0${n}`), 'mac') }, wire);
    this.inside = nic(options.inside ?? 'in0', 1);
    this.outside = nic(options.outside ?? 'out0', 2);
    this.restore(rules);
  }

  restore(rules: string): void {
    const result = this.ns.netfilter.door().restore(rules, { noflush: true, counters: false, test: false });
    if (!result.ok) throw new Error(result.error.message);
  }

  listen(): this {
    this.ns.conntrack.door().subscribe((event) => this.events.push(event));
    return this;
  }

  wait(s: number): void {
    this.world.scheduler.runUntil((this.world.scheduler.now + seconds(s)) as Nanos);
  }

  skb(net: Ipv4Packet): Skb {
    const skb = new Skb(this.world.nextPacketId(), net);
    skb.ipSummed = 'unnecessary';
    return skb;
  }

  /** Forwards a packet; undefined: dropped. From the inside unless `back`. */
  forward(net: Ipv4Packet, back = false): Skb | undefined {
    const skb = this.skb(net);
    const [iif, oif] = back ? [this.outside, this.inside] : [this.inside, this.outside];
    const { netfilter } = this.ns;
    const passed = netfilter.hook('PREROUTING', skb, iif, undefined) && netfilter.hook('FORWARD', skb, iif, oif) && netfilter.hook('POSTROUTING', skb, iif, oif);
    return passed ? skb : undefined;
  }

  /** As `conntrack -E` begins its lines. */
  eventText(): string[] {
    return this.events.map(({ type, entry }) => {
      const t = (x: typeof entry.original): string => `${formatIpv4(x.src)}:${x.sport}>${formatIpv4(x.dst)}:${x.dport}`;
      return `${type} ${entry.timeout}${entry.state === undefined ? '' : ` ${entry.state}`} ${t(entry.original)}${entry.seenReply ? '' : ' [UNREPLIED]'} ${t(entry.reply)}${entry.assured ? ' [ASSURED]' : ''}`;
    });
  }
}

export const TRACK = '*filter\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n';
export const address = (n: number): Ipv4 => ipv4(n);
