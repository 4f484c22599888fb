/** Models: gencode.c of libpcap 1.10 for Ethernet and IPv4. Throws FilterError; parse.ts catches it. */
import { ipv4, isMulticast, isMulticastMac, MAC_BROADCAST, maskOf, parseMac, type Ipv4 } from '../addresses.ts';
import { servicePort } from '../tcpdump/services.ts';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../packet.ts';
import type { FilterPacket, Predicate } from './packet.ts';

/** Text after `tcpdump: `. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

export type Direction = 'src' | 'dst' | 'either' | 'both';
export type AddressType = 'host' | 'net' | 'port' | 'portrange' | 'proto' | 'default' | 'gateway';

export interface Qualifiers {
  /** tcp, udp, ip, arp, ether … or undefined. */
  readonly proto: string | undefined;
  readonly direction: Direction;
  readonly type: AddressType;
}

/** Addresses of a name; undefined: unknown host. */
export type Lookup = (name: string) => readonly Ipv4[] | undefined;

const IP_PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, igmp: 2, igrp: 9, tcp: 6, udp: 17, sctp: 132, esp: 50, ah: 51, pim: 103, vrrp: 112, icmp6: 58 };
const ETHER_TYPES: Readonly<Record<string, number>> = { ip: ETH_P_IP, ip6: ETH_P_IPV6, arp: ETH_P_ARP, rarp: 0x8035, atalk: 0x809b, aarp: 0x80f3, lat: 0x6004, mopdl: 0x6001, moprc: 0x6002, decnet: 0x6003, stp: 0x42 };

export const isProtocolKeyword = (word: string): boolean => IP_PROTOCOLS[word] !== undefined || ETHER_TYPES[word] !== undefined || word === 'ether' || word === 'link' || word === 'fddi' || word === 'wlan';

/** `tcp`, `arp`, `ip` alone. */
export function protocolPredicate(word: string, depth: number): Predicate {
  const etherType = ETHER_TYPES[word];
  if (etherType !== undefined) return (p) => p.etherType(depth) === etherType;
  const protocol = IP_PROTOCOLS[word];
  if (protocol === undefined) throw new FilterError("can't parse filter expression: syntax error");
  return (p) => p.ip(depth)?.protocol === protocol;
}

const combine = (direction: Direction, src: boolean, dst: boolean): boolean =>
  direction === 'src' ? src : direction === 'dst' ? dst : direction === 'both' ? src && dst : src || dst;

/** Hosts and nets match the addresses of IPv4 and ARP alike unless a protocol narrows them. */
export function addressPredicate(q: Qualifiers, address: number, mask: number, depth: number): Predicate {
  const hit = (a: number): boolean => ((a ^ address) & mask) === 0;
  const wantIp = q.proto === undefined || q.proto === 'ip' || IP_PROTOCOLS[q.proto] !== undefined;
  const wantArp = q.proto === undefined || q.proto === 'arp';
  const protocol = q.proto === undefined ? undefined : IP_PROTOCOLS[q.proto];
  if (!wantIp && !wantArp) throw new FilterError(`'${q.proto ?? ''}' modifier applied to ${q.type === 'net' ? 'net' : 'host'}`);
  if (protocol !== undefined) throw new FilterError(`'${q.proto ?? ''}' modifier applied to ${q.type === 'net' ? 'net' : 'host'}`);
  return (p) => {
    const ip = p.ip(depth);
    if (ip !== undefined) return wantIp && combine(q.direction, hit(ip.src), hit(ip.dst));
    const arp = p.frame.payload;
    return wantArp && arp.kind === 'arp' && p.etherType(depth) === ETH_P_ARP && combine(q.direction, hit(arp.senderIp), hit(arp.targetIp));
  };
}

export function macPredicate(q: Qualifiers, text: string): Predicate {
  const address = parseMac(text.replaceAll(/[-.]/g, ':'));
  if (address === undefined) throw new FilterError('illegal link layer address');
  return (p) => combine(q.direction, p.src === address, p.dst === address);
}

const ports = (p: FilterPacket, depth: number, protocol: number | undefined): readonly [number, number] | undefined => {
  const ip = p.ip(depth);
  if (ip === undefined || ip.offset > 0) return undefined;
  if (protocol === undefined ? ip.protocol !== 6 && ip.protocol !== 17 && ip.protocol !== 132 : ip.protocol !== protocol) return undefined;
  const t = ip.payload;
  if (t.kind === 'tcp' || t.kind === 'udp') return [t.srcPort, t.dstPort];
  const at = p.transportOffset(ip);
  const { bytes } = p;
  return at + 4 > bytes.length ? undefined : [((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0), ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)];
};

export function portPredicate(q: Qualifiers, low: number, high: number, depth: number): Predicate {
  if (q.proto !== undefined && q.proto !== 'tcp' && q.proto !== 'udp' && q.proto !== 'sctp') throw new FilterError(`illegal qualifier of '${q.type}'`);
  for (const port of [low, high]) if (port > 65535) throw new FilterError(`illegal port number ${port} > 65535`);
  const protocol = q.proto === undefined ? undefined : IP_PROTOCOLS[q.proto];
  const [from, to] = low <= high ? [low, high] : [high, low];
  const hit = (port: number): boolean => port >= from && port <= to;
  return (p) => {
    const pair = ports(p, depth, protocol);
    return pair !== undefined && combine(q.direction, hit(pair[0]), hit(pair[1]));
  };
}

/** `port http`, `portrange 80-90`, `portrange http-https`. */
export function namedPorts(q: Qualifiers, text: string, depth: number): Predicate {
  const protocol = q.proto === undefined ? undefined : IP_PROTOCOLS[q.proto];
  const one = (name: string): number | undefined => (/^\d+$/.test(name) ? Number(name) : servicePort(name, protocol));
  if (q.type === 'port') {
    const port = one(text);
    if (port === undefined) throw new FilterError(`unknown port '${text}'`);
    return portPredicate(q, port, port, depth);
  }
  const dash = text.indexOf('-');
  const low = one(dash < 0 ? text : text.slice(0, dash));
  const high = dash < 0 ? low : one(text.slice(dash + 1));
  if (low === undefined || high === undefined) throw new FilterError(`unknown port in range '${text}'`);
  return portPredicate(q, low, high, depth);
}

/** `ip proto 6`, `ether proto 0x0806`, `proto tcp`. */
export function numberedProtocol(q: Qualifiers, value: number, depth: number): Predicate {
  if (q.proto === 'ether' || q.proto === 'link') return (p) => p.etherType(depth) === value;
  if (q.proto !== undefined && q.proto !== 'ip' && q.proto !== 'ip6') throw new FilterError(`'${q.proto} proto' is bogus`);
  if (q.proto === 'ip6') return () => false;
  return (p) => p.ip(depth)?.protocol === value;
}

export function namedProtocol(q: Qualifiers, name: string, depth: number): Predicate {
  const word = name.replace(/^\\/, '');
  if (q.proto === 'ether' || q.proto === 'link') {
    const type = ETHER_TYPES[word];
    if (type === undefined) throw new FilterError(`unknown ether proto '${word}'`);
    return numberedProtocol(q, type, depth);
  }
  const protocol = IP_PROTOCOLS[word];
  if (protocol === undefined) throw new FilterError(`unknown ip proto '${word}'`);
  return numberedProtocol(q, protocol, depth);
}

/** Dotted numbers: `10.1` stands for 10.1.0.0 with 16 bits. */
export function dotted(text: string): { readonly address: number; readonly bits: number } {
  const parts = text.split('.').map(Number);
  if (parts.some((n) => n > 255)) throw new FilterError(`invalid IPv4 address '${text}'`);
  return { address: ipv4(parts.reduce((n, part) => n * 256 + part, 0) * 256 ** (4 - parts.length)), bits: parts.length * 8 };
}

export function netPredicate(q: Qualifiers, text: string, length: number | undefined, maskText: string | undefined, depth: number): Predicate {
  const { address, bits } = dotted(text);
  if (length !== undefined && length > 32) throw new FilterError('mask length must be <= 32');
  const mask = maskText !== undefined ? dotted(maskText).address : maskOf(length ?? bits);
  if (((address & ~mask) >>> 0) !== 0) throw new FilterError(maskText === undefined ? `non-network bits set in "${text}/${length ?? bits}"` : `non-network bits set in "${text} mask ${maskText}"`);
  return addressPredicate(q, address, mask, depth);
}

export function namedHost(q: Qualifiers, name: string, lookup: Lookup, depth: number): Predicate {
  const addresses = lookup(name);
  if (addresses === undefined || addresses.length === 0) throw new FilterError(`unknown host '${name}'`);
  const each = addresses.map((a) => addressPredicate(q, a, 0xffffffff, depth));
  return (p) => each.some((hit) => hit(p));
}

export function castPredicate(proto: string | undefined, kind: 'broadcast' | 'multicast', depth: number): Predicate {
  if (proto === undefined || proto === 'ether' || proto === 'link') return kind === 'broadcast' ? (p) => p.dst === MAC_BROADCAST : (p) => isMulticastMac(p.dst);
  if (proto !== 'ip') throw new FilterError(`only link-layer/IP ${kind} filters supported`);
  if (kind === 'multicast') return (p) => {
    const ip = p.ip(depth);
    return ip !== undefined && isMulticast(ip.dst);
  };
  return (p) => {
    const ip = p.ip(depth);
    return ip !== undefined && (ip.dst === 0 || ip.dst === 0xffffffff);
  };
}

export function vlanPredicate(id: number | undefined): Predicate {
  if (id !== undefined && id > 4095) throw new FilterError(`VLAN tag ${id} greater than maximum 4095`);
  return (p) => {
    const tag = p.frame.header.vlan;
    return tag !== undefined && (id === undefined || tag.id === id);
  };
}
