/**
 * Two hosts on one wire that a test may spoil, with only transport real: IP is a fake that sends every packet to the other host.
 * For tests of transport alone; the whole stack is in ../../testing.
 */
import { prng } from '../../../../base/prng.ts';
import { done } from '../../../../base/result.ts';
import { micros, nanos, plus, seconds, type Nanos } from '../../../sim/time.ts';
import type { Sockets } from '../../../uapi/sockets.ts';
import { formatIpv4, ipv4, parseIpv4, type Ipv4 } from '../../../wire/addresses.ts';
import { emitIpv4Start } from '../../../wire/ipv4.ts';
import { ACK, FIN, IPPROTO_ICMP, PSH, RST, SYN, type IcmpMessage, type Ipv4Packet, type TcpSegment } from '../../../wire/packet.ts';
import { DstEntry } from '../../ipv4/route.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import { PER_MACHINE, PER_NAMESPACE } from '../../sysctl/defaults.ts';
import { Skb } from '../../skb.ts';
import { World } from '../../world.ts';
import { Transport } from '../transport.ts';

export const address = (text: string): Ipv4 => parseIpv4(text) ?? ipv4(0);
export const A = address('10.9.0.1');
export const B = address('10.9.0.2');

/** What the wire does with a packet: delays in nanoseconds of each copy that arrives; none: lost. */
export type Spoil = (packet: Ipv4Packet, from: 'a' | 'b', n: number) => readonly number[];

/** A world that is still busy then will always be. */
const FOREVER = seconds(1_000_000);

const wireOps: DeviceOps = { kind: 'veth', xmit: () => undefined, carrier: () => true };

export interface Host {
  readonly transport: Transport;
  readonly sockets: Sockets;
  readonly ns: Netns;
}

export interface TwoHosts {
  readonly world: World;
  readonly a: Host;
  readonly b: Host;
  /** One line per TCP segment as it leaves, in tcpdump's manner with relative numbers. */
  readonly log: string[];
  /** Packets as they leave. */
  readonly packets: Ipv4Packet[];
  spoil: Spoil;
  /** Runs `limit` of simulated time; without one, until nothing is left to do. */
  run(limit?: Nanos): void;
  /** Hands a packet to a host as if it came from the wire. */
  inject(to: Host, packet: Ipv4Packet): void;
  /** The drop reasons written so far. */
  drops(): string[];
}

const letters = (flags: number): string =>
  [[SYN, 'S'], [FIN, 'F'], [RST, 'R'], [PSH, 'P'], [ACK, '.']].filter(([bit]) => (flags & Number(bit)) !== 0).map(([, letter]) => letter).join('');

export function twoHosts(options: { readonly mtu?: number; readonly seed?: number; readonly latency?: Nanos; readonly trace?: boolean } = {}): TwoHosts {
  const world = new World({ seed: options.seed ?? 1, epochMillis: 0, trace: options.trace ?? true });
  const latency = options.latency ?? micros(50);
  const log: string[] = [];
  const packets: Ipv4Packet[] = [];
  const origin = new Map<string, number>();

  const relative = (packet: Ipv4Packet, segment: TcpSegment): { seq: number; ack: number } => {
    const mine = `${packet.src}:${segment.srcPort}>${segment.dstPort}`;
    const theirs = `${packet.dst}:${segment.dstPort}>${segment.srcPort}`;
    if ((segment.flags & SYN) !== 0) origin.set(mine, segment.seq);
    return { seq: (segment.seq - (origin.get(mine) ?? segment.seq)) >>> 0, ack: (segment.ack - (origin.get(theirs) ?? 0)) >>> 0 };
  };

  const hosts: { a?: Host; b?: Host } = {};
  let n = 0;
  const two: TwoHosts = {
    world, log, packets,
    get a() { if (hosts.a === undefined) throw new Error('no a'); return hosts.a; },
    get b() { if (hosts.b === undefined) throw new Error('no b'); return hosts.b; },
    spoil: () => [latency],
    run: (limit) => {
      if (limit !== undefined) world.scheduler.runUntil(plus(world.scheduler.now, limit));
      else while (world.scheduler.now < FOREVER && world.scheduler.runNext());
    },
    inject: (to, packet) => {
      const skb = new Skb(world.nextPacketId(), packet);
      skb.ipSummed = packet.payload.kind !== 'data' && packet.payload.checksum === undefined ? 'partial' : 'none';
      if (packet.payload.kind === 'icmp' && packet.payload.type !== 0) return injectError(to, packet, packet.payload, skb);
      to.transport.receive(skb);
    },
    drops: () => world.recorder.steps.flatMap((s) => (s.kind === 'dropped' ? [s.reason] : [])),
  };

  const host = (name: 'a' | 'b', own: Ipv4): Host => {
    const machine = { world, name, random: prng(options.seed ?? 1, name) };
    const sysctl = (key: string): string => String({ ...PER_NAMESPACE, ...PER_MACHINE }[key] ?? '');
    const parts = {
      sysctl: { int: (key: string) => Number(sysctl(key)), flag: (key: string) => sysctl(key) !== '0', ints: (key: string) => sysctl(key).split(/\s+/).map(Number) },
      neighbours: { confirm: () => undefined },
      fib: { generation: 0, isLocal: (x: Ipv4) => x === own, addressType: (x: Ipv4) => (x === own ? 'local' : 'unicast') },
      ip: {
        route: (flow: { dst: Ipv4 }) => formatIpv4(flow.dst).startsWith('10.9.')
          ? { ok: true, dst: new DstEntry({ kind: flow.dst === own ? 'local' : 'unicast', direction: 'output', daddr: flow.dst, src: own, dev: device, type: 'unicast', table: 254, pmtu: pmtu.value }) }
          : { ok: false, errno: 'ENETUNREACH' },
        send: (request: { dst: Ipv4; src?: Ipv4; protocol: number; payload: Ipv4Packet['payload']; ttl?: number; socket?: { nextIpId(): number | undefined } }) => {
          const packet: Ipv4Packet = {
            kind: 'ipv4', tos: 0, id: request.socket?.nextIpId() ?? 4711, df: true, mf: false, offset: 0, ttl: request.ttl ?? 64, protocol: request.protocol,
            src: request.src ?? own, dst: request.dst, payload: request.payload,
          };
          leave(name, packet);
          return done;
        },
        icmpSend: (skb: Skb, type: number, code: number, rest: number) => {
          if (skb.net.kind !== 'ipv4') return;
          leave(name, {
            kind: 'ipv4', tos: 0, id: 0, df: false, mf: false, offset: 0, ttl: 64, protocol: IPPROTO_ICMP, src: own, dst: skb.net.src,
            payload: { kind: 'icmp', type, code, rest, body: emitIpv4Start(skb.net, 28) },
          });
        },
      },
    };
    const pmtu: { value: number | undefined } = { value: undefined };
    // The fake has what transport asks of a namespace, and nothing else.
    const ns = { id: name === 'a' ? 1 : 2, name: '', machine, devices: new Map(), anyTaps: [], device: () => undefined, ...parts } as unknown as Netns;
    const device = new NetDevice(ns, 2, 'eth0', 0 as never, options.mtu ?? 1500, wireOps);
    const transport = new Transport(ns);
    Object.assign(ns, { transport, learnPmtu: (value: number) => { pmtu.value = value; } });
    return { transport, ns, sockets: transport.door({ name: name === 'a' ? 'client' : 'server', pid: name === 'a' ? 1 : 2 }) };
  };

  const leave = (from: 'a' | 'b', packet: Ipv4Packet): void => {
    packets.push(packet);
    const t = packet.payload;
    if (t.kind === 'tcp') {
      const { seq, ack } = relative(packet, t);
      const acks = (t.flags & ACK) !== 0 ? ` ack ${ack}` : '';
      log.push(`${from} [${letters(t.flags)}] seq ${seq}${t.payload.length > 0 ? `:${seq + t.payload.length}` : ''}${acks} win ${t.window}`);
    }
    for (const delay of two.spoil(packet, from, n++)) {
      world.scheduler.after(nanos(delay), () => two.inject(from === 'a' ? two.b : two.a, packet));
    }
  };

  const injectError = (to: Host, outer: Ipv4Packet, message: IcmpMessage, skb: Skb): void => {
    const inner = embedded(message);
    if (inner === undefined) throw new Error('not an ICMP error');
    if (message.type === 3 && message.code === 4) Reflect.get(to.ns, 'learnPmtu')(message.rest & 0xffff);
    to.transport.icmpError(inner, message.type, message.code, message.rest, outer.src, skb);
  };

  hosts.a = host('a', A);
  hosts.b = host('b', B);
  return two;
}

function embedded(message: IcmpMessage): Ipv4Packet | undefined {
  const b = message.body;
  if (b.length < 28) return undefined;
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  return {
    kind: 'ipv4', tos: 0, id: view.getUint16(4), df: true, mf: false, offset: 0, ttl: view.getUint8(8), protocol: view.getUint8(9),
    src: ipv4(view.getUint32(12)), dst: ipv4(view.getUint32(16)), payload: { kind: 'data', bytes: b.subarray(20) },
  };
}
