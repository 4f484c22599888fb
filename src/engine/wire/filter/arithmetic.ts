/** `tcp[tcpflags] & tcp-syn != 0`, `ip[8] < 5`, `len > 100`. A packet without the bytes asked for never matches. */
import type { FilterPacket } from './packet.ts';

/** undefined: those bytes are not there. */
export type Expression = (packet: FilterPacket) => number | undefined;

export const CONSTANTS: Readonly<Record<string, number>> = {
  'icmptype': 0, 'icmpcode': 1, 'tcpflags': 13,
  'icmp-echoreply': 0, 'icmp-unreach': 3, 'icmp-sourcequench': 4, 'icmp-redirect': 5, 'icmp-echo': 8, 'icmp-routeradvert': 9, 'icmp-routersolicit': 10, 'icmp-timxceed': 11,
  'icmp-paramprob': 12, 'icmp-tstamp': 13, 'icmp-tstampreply': 14, 'icmp-ireq': 15, 'icmp-ireqreply': 16, 'icmp-maskreq': 17, 'icmp-maskreply': 18,
  'tcp-fin': 1, 'tcp-syn': 2, 'tcp-rst': 4, 'tcp-push': 8, 'tcp-ack': 16, 'tcp-urg': 32, 'tcp-ece': 64, 'tcp-cwr': 128,
};

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, sctp: 132, igmp: 2 };

export const hasBytes = (name: string): boolean => name === 'ether' || name === 'link' || name === 'ip' || name === 'arp' || PROTOCOLS[name] !== undefined;

/** `proto[offset:size]` */
export function bytesOf(proto: string, offset: Expression, size: number, depth: number): Expression {
  const start = (packet: FilterPacket): number | undefined => {
    if (proto === 'ether' || proto === 'link') return 0;
    if (proto === 'arp') return packet.frame.payload.kind === 'arp' && packet.etherType(depth) === 0x0806 ? packet.networkOffset() : undefined;
    const ip = packet.ip(depth);
    if (ip === undefined) return undefined;
    if (proto === 'ip') return packet.networkOffset();
    return ip.protocol === PROTOCOLS[proto] && ip.offset === 0 ? packet.transportOffset(ip) : undefined;
  };
  return (packet) => {
    const base = start(packet);
    const at = offset(packet);
    if (base === undefined || at === undefined || at < 0) return undefined;
    const { bytes } = packet;
    if (base + at + size > bytes.length) return undefined;
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (bytes[base + at + i] ?? 0);
    return value;
  };
}

/** BPF arithmetic is on 32 unsigned bits. Division by zero ends the program: no match. */
export function binary(op: string, a: Expression, b: Expression): Expression {
  return (packet) => {
    const x = a(packet);
    const y = b(packet);
    if (x === undefined || y === undefined) return undefined;
    switch (op) {
      case '+': return (x + y) >>> 0;
      case '-': return (x - y) >>> 0;
      case '*': return Math.imul(x, y) >>> 0;
      case '/': return y === 0 ? undefined : Math.floor(x / y);
      case '%': return y === 0 ? undefined : x % y;
      case '&': return (x & y) >>> 0;
      case '|': return (x | y) >>> 0;
      case '^': return (x ^ y) >>> 0;
      case '<<': return y > 31 ? 0 : (x << y) >>> 0;
      case '>>': return y > 31 ? 0 : x >>> y;
      default: return undefined;
    }
  };
}

export function relation(op: string, a: Expression, b: Expression): (packet: FilterPacket) => boolean {
  return (packet) => {
    const x = a(packet);
    const y = b(packet);
    if (x === undefined || y === undefined) return false;
    switch (op) {
      case '>': return x > y;
      case '<': return x < y;
      case '>=': return x >= y;
      case '<=': return x <= y;
      case '!=': return x !== y;
      default: return x === y;
    }
  };
}
