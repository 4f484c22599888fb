/**
 * Read first: tcpdump(8) OUTPUT FORMAT.
 * Models: print.c, print-ether.c, print-sll.c, print-ip.c, print-icmp.c, print-tcp.c, print-udp.c, print-arp.c (tcpdump 4.99.3).
 * Not modelled: other protocols' decoders (they print as UDP or by length), truncated packets ([|tcp]).
 */
import { formatIpv4, formatMac, type Ipv4 } from '../addresses.ts';
import { arpSummary } from '../arp.ts';
import { u16 } from '../bytes.ts';
import { DNS_PORT } from '../dns.ts';
import { ethernetSummary, etherTypeLabel } from '../ethernet.ts';
import { withPartialChecksum, type PartialChecksum } from '../frame.ts';
import { icmpSummary, isIcmpError } from '../icmp.ts';
import { ipv4Summary, parseEmbedded, transportChecksum, verifyTransport } from '../ipv4.ts';
import {
  ACK, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, FIN, frameLength, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, networkLength, RST, SYN, tcpOptionsLength, transportLength,
  type EthernetFrame, type IcmpMessage, type Ipv4Packet, type NetworkLayer, type TcpSegment, type UdpDatagram,
} from '../packet.ts';
import { parseTcp, tcpFlagLetters, tcpOptionSummary } from '../tcp.ts';
import { VXLAN_PORT, vxlanSummary } from '../vxlan.ts';
import { dnsTcpdump } from './dns-line.ts';
import { hexDump } from './hexdump.ts';
import { serviceName } from './services.ts';
import { httpTcpdump, sshTcpdump } from './text-lines.ts';

export interface PrinterOptions {
  /** Number of -v. */
  readonly verbose: number;
  /** -q */
  readonly quiet: boolean;
  /** -e */
  readonly link: boolean;
  /** -n: addresses and ports as numbers. */
  readonly noNames: boolean;
  /** -S */
  readonly absoluteSeq: boolean;
  /** -K: checksums are not looked at. */
  readonly noChecksum?: boolean;
  /** Without -n: what an address is called. */
  readonly hostName?: (ip: Ipv4) => string;
}

export const DEFAULT_PRINTER: PrinterOptions = { verbose: 0, quiet: false, link: false, noNames: false, absoluteSeq: false };

/** Where a frame was seen by `-i any`: what Linux cooked capture v2 says instead of MAC addresses. */
export interface CookedLink {
  readonly dev: string;
  readonly ifindex: number;
  /** In, B, M, P (to another host), Out. */
  readonly direction: 'In' | 'B' | 'M' | 'P' | 'Out';
}

const SSH_PORT = 22;
const HTTP_PORTS = new Set([80, 8080]);

interface Conversation {
  seq: number;
  ack: number;
}

export class TcpdumpPrinter {
  readonly #options: PrinterOptions;
  /** First sequence numbers seen, by conversation. */
  readonly #conversations = new Map<string, Conversation>();

  constructor(options: PrinterOptions = DEFAULT_PRINTER) {
    this.#options = options;
  }

  /** The text of one frame after its time stamp; lines are separated by newlines. */
  frame(frame: EthernetFrame, options: { readonly partialChecksum?: PartialChecksum; readonly cooked?: CookedLink | undefined } = {}): string {
    const literal = withPartialChecksum(frame, options.partialChecksum ?? false);
    return options.cooked === undefined ? this.#ethernet(literal) : this.#cooked(literal, options.cooked);
  }

  #ethernet(f: EthernetFrame): string {
    const { quiet, link } = this.#options;
    const known = f.payload.kind !== 'unknown';
    const type = f.header.etherType;
    if (!known && type !== ETH_P_IPV6) {
      const head = quiet
        ? `${formatMac(f.header.src)} > ${formatMac(f.header.dst)}, ${etherTypeLabel(type)} Ethertype (0x${type.toString(16).padStart(4, '0')}), length ${frameLength(f)}: `
        : ethernetSummary(f.header, frameLength(f), false);
      return head + (quiet || f.payload.kind !== 'unknown' ? '' : hexDump(f.payload.bytes, true));
    }
    return `${link ? ethernetSummary(f.header, frameLength(f), quiet) : ''}${this.#network(f.payload, type, !link)}`;
  }

  #cooked(f: EthernetFrame, at: CookedLink): string {
    const type = f.header.etherType;
    const head = `${at.dev.padEnd(5)} ${at.direction.padEnd(3)} `;
    if (!this.#options.link) return head + this.#network(f.payload, type, true);
    // LINKTYPE_LINUX_SLL2 has a header of 20 bytes; it holds the sender's address only.
    const length = networkLength(f.payload) + 20;
    const about = this.#options.quiet ? '' : `ethertype ${etherTypeLabel(type)} (0x${type.toString(16).padStart(4, '0')}), length ${length}: `;
    return `${head}ifindex ${at.ifindex} ${formatMac(f.header.src)} ${about}${this.#network(f.payload, type, false)}`;
  }

  #network(n: NetworkLayer, type: number, label: boolean): string {
    switch (n.kind) {
      case 'ipv4': return `${label && type === ETH_P_IP ? 'IP ' : ''}${this.#ipv4(n)}`;
      case 'arp': return `${label && type === ETH_P_ARP ? 'ARP, ' : ''}${arpSummary(n, this.#options.verbose, (ip) => this.#host(ip))}`;
      case 'unknown': return type === ETH_P_IPV6 ? ' [|ip6]' : '';
    }
  }

  #host(ip: Ipv4): string {
    return this.#options.noNames ? formatIpv4(ip) : this.#options.hostName?.(ip) ?? formatIpv4(ip);
  }

  #port(protocol: number, port: number): string {
    return this.#options.noNames ? String(port) : serviceName(protocol, port) ?? String(port);
  }

  #ipv4(p: Ipv4Packet): string {
    const head = this.#options.verbose > 0 ? `${ipv4Summary(this.#options.noChecksum === true ? { ...p, checksum: undefined } : p)}\n    ` : '';
    if (p.offset > 0) return `${head}${this.#host(p.src)} > ${this.#host(p.dst)}: ${this.#protocolName(p.protocol)}`;
    return head + this.#transport(p);
  }

  #protocolName(protocol: number): string {
    const names: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' };
    return this.#options.noNames ? `ip-proto-${protocol}` : names[protocol] ?? `ip-proto-${protocol}`;
  }

  #transport(p: Ipv4Packet): string {
    const t = p.payload;
    const between = `${this.#host(p.src)} > ${this.#host(p.dst)}: `;
    switch (t.kind) {
      case 'icmp': return `${between}ICMP ${this.#icmp(t, p)}`;
      case 'tcp': return this.#tcp(t, p, false);
      case 'udp': return this.#udp(t, p);
      case 'data': return p.mf ? this.#firstFragment(p, t.bytes) : `${between} ${this.#protocolName(p.protocol)} ${t.bytes.length}`;
    }
  }

  /** Only the first fragment has a transport header. */
  #firstFragment(p: Ipv4Packet, b: Uint8Array): string {
    const between = `${this.#host(p.src)} > ${this.#host(p.dst)}: `;
    if (p.protocol === IPPROTO_UDP && b.length >= 8) {
      return `${this.#host(p.src)}.${this.#port(IPPROTO_UDP, u16(b, 0))} > ${this.#host(p.dst)}.${this.#port(IPPROTO_UDP, u16(b, 2))}: UDP, length ${Math.max(0, u16(b, 4) - 8)}`;
    }
    if (p.protocol === IPPROTO_ICMP && b.length >= 8) {
      const message: IcmpMessage = { kind: 'icmp', type: b[0] ?? 0, code: b[1] ?? 0, rest: u16(b, 4) * 0x10000 + u16(b, 6), body: b.subarray(8) };
      return `${between}ICMP ${icmpSummary(message, (ip) => this.#host(ip), (proto, n) => this.#port(proto, n))}, length ${b.length}`;
    }
    if (p.protocol === IPPROTO_TCP) {
      const tcp = parseTcp(b, p.src, p.dst);
      if (tcp.ok) return this.#tcp(tcp.value, p, true);
    }
    return `${between} ${this.#protocolName(p.protocol)} ${b.length}`;
  }

  #icmp(m: IcmpMessage, p: Ipv4Packet): string {
    const { verbose } = this.#options;
    let out = `${icmpSummary(m, (ip) => this.#host(ip), (proto, n) => this.#port(proto, n))}, length ${8 + m.body.length}`;
    if (verbose > 0 && !verifyTransport(p)) out += ` (wrong icmp cksum ${(m.checksum ?? 0).toString(16)} (->${(transportChecksum(p) ?? 0).toString(16)})!)`;
    const inner = verbose > 0 && isIcmpError(m.type) ? parseEmbedded(m.body) : undefined;
    return inner === undefined ? out : `${out}\n\t${this.#options.link ? '' : 'IP '}${this.#ipv4(inner)}`;
  }

  #udp(u: UdpDatagram, p: Ipv4Packet): string {
    const { verbose, quiet, noChecksum } = this.#options;
    const head = `${this.#host(p.src)}.${this.#port(IPPROTO_UDP, u.srcPort)} > ${this.#host(p.dst)}.${this.#port(IPPROTO_UDP, u.dstPort)}: `;
    const length = transportLength(u) - 8;
    if (quiet) return `${head}UDP, length ${length}`;
    const sum = verbose > 1 && noChecksum !== true ? udpChecksumNote(u, p) : '';
    if (!(u.payload instanceof Uint8Array)) return `${head}${sum}${vxlanSummary(u.payload, u.dstPort)}\n${this.#ethernet(u.payload.inner)}`;
    if (u.srcPort === DNS_PORT || u.dstPort === DNS_PORT) {
      const dns = dnsTcpdump(u.payload, verbose);
      if (dns !== undefined) return `${head}${sum}${dns}`;
    }
    return `${head}${sum}${u.dstPort === VXLAN_PORT ? 'VXLAN' : 'UDP'}, length ${length}`;
  }

  #tcp(t: TcpSegment, p: Ipv4Packet, fragment: boolean): string {
    const { verbose, quiet, noChecksum } = this.#options;
    const head = `${this.#host(p.src)}.${this.#port(IPPROTO_TCP, t.srcPort)} > ${this.#host(p.dst)}.${this.#port(IPPROTO_TCP, t.dstPort)}: `;
    const length = t.payload.length;
    if (quiet) return `${head}tcp ${length}`;
    const relative = this.#relative(t, p);
    let out = `${head}Flags [${tcpFlagLetters(t.flags)}]`;
    if (verbose > 0 && !fragment && noChecksum !== true) {
      const right = transportChecksum(p) ?? 0;
      const there = t.checksum ?? right;
      out += `, cksum 0x${there.toString(16).padStart(4, '0')} (${there === right ? 'correct' : `incorrect -> 0x${right.toString(16).padStart(4, '0')}`})`;
    }
    if (verbose > 1 || length > 0 || (t.flags & (SYN | FIN | RST)) !== 0) out += `, seq ${relative.seq}${length > 0 ? `:${(relative.seq + length) % 0x1_0000_0000}` : ''}`;
    if ((t.flags & ACK) !== 0) out += `, ack ${relative.ack}`;
    out += `, win ${t.window}`;
    if ((t.flags & 0x20) !== 0) out += `, urg ${t.urgent ?? 0}`;
    const room = tcpOptionsLength(t.options);
    if (room > 0) {
      const names = t.options.map((o) => tcpOptionSummary(o, relative.sackBase));
      if (tcpOptionsPadded(t)) names.push('eol');
      out += `, options [${names.join(',')}]`;
    }
    out += `, length ${length}`;
    if (length === 0 || (t.flags & RST) !== 0) return out;
    if (HTTP_PORTS.has(t.srcPort) || HTTP_PORTS.has(t.dstPort)) return out + httpTcpdump(t.payload, verbose);
    if (t.srcPort === SSH_PORT || t.dstPort === SSH_PORT) return out + sshTcpdump(t.payload);
    if ((t.srcPort === DNS_PORT || t.dstPort === DNS_PORT) && length > 2) {
      const dns = dnsTcpdump(t.payload.subarray(2, 2 + u16(t.payload, 0)), verbose);
      if (dns !== undefined) return `${out} ${dns}`;
    }
    return out;
  }

  /** print-tcp.c: numbers relative to the first segment with ACK that was seen of the conversation. */
  #relative(t: TcpSegment, p: Ipv4Packet): { readonly seq: number; readonly ack: number; readonly sackBase: number } {
    if (this.#options.absoluteSeq || (t.flags & ACK) === 0) return { seq: t.seq, ack: t.ack, sackBase: 0 };
    const reverse = p.src > p.dst || (p.src === p.dst && t.srcPort > t.dstPort);
    const key = reverse ? `${p.dst}:${t.dstPort}-${p.src}:${t.srcPort}` : `${p.src}:${t.srcPort}-${p.dst}:${t.dstPort}`;
    const known = this.#conversations.get(key);
    if (known === undefined || (t.flags & SYN) !== 0) {
      const before = (t.ack - 1) >>> 0;
      const fresh = reverse ? { seq: before, ack: t.seq } : { seq: t.seq, ack: before };
      this.#conversations.set(key, fresh);
      return { seq: t.seq, ack: t.ack, sackBase: reverse ? fresh.seq : fresh.ack };
    }
    const [mine, theirs] = reverse ? [known.ack, known.seq] : [known.seq, known.ack];
    return { seq: (t.seq - mine) >>> 0, ack: (t.ack - theirs) >>> 0, sackBase: theirs };
  }
}

function tcpOptionsPadded(t: TcpSegment): boolean {
  const used = t.options.reduce((n, o) => n + (o.kind === 'nop' ? 1 : o.kind === 'mss' ? 4 : o.kind === 'sackOK' ? 2 : o.kind === 'timestamps' ? 10 : o.kind === 'wscale' ? 3 : o.kind === 'sack' ? 2 + 8 * o.blocks.length : 2 + o.bytes.length), 0);
  return used % 4 !== 0;
}

function udpChecksumNote(u: UdpDatagram, p: Ipv4Packet): string {
  if (u.checksum === 0) return '[no cksum] ';
  if (verifyTransport(p)) return '[udp sum ok] ';
  return `[bad udp cksum 0x${(u.checksum ?? 0).toString(16).padStart(4, '0')} -> 0x${(transportChecksum(p) ?? 0).toString(16).padStart(4, '0')}!] `;
}

/** One frame's lines without any state: for tooltips and summaries. */
export const tcpdumpLines = (frame: EthernetFrame, options: Partial<PrinterOptions> & { readonly partialChecksum?: PartialChecksum } = {}): readonly string[] =>
  new TcpdumpPrinter({ ...DEFAULT_PRINTER, noNames: true, ...options }).frame(frame, { partialChecksum: options.partialChecksum ?? false }).split('\n');
