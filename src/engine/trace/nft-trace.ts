/**
 * Read first: nft(8) "monitor trace"; ../../../../shared/referee/trace-clusterip.txt.
 * Models: lines of `nft monitor trace` (nftables 1.0.6) for the rules of iptables-nft. The trace id is the packet's number; counters in rule
 * lines are 0 (the real tool prints those of the moment it began to listen). Not modelled: IP options, protocols without ports beyond their bytes.
 */
import { formatIpv4, formatMac } from '../wire/addresses.ts';
import { emitTransport } from '../wire/ipv4.ts';
import { IPPROTO_SCTP, ipv4Length, transportLength, type Ipv4Packet } from '../wire/packet.ts';
import type { Step } from './steps.ts';

type HookStep = Extract<Step, { kind: 'hook' }>;
type RuleStep = Extract<Step, { kind: 'rule' }>;
type HookEnd = Extract<Step, { kind: 'hook-end' }>;

export interface NftTraceOptions {
  /** Every packet, not only those that a TRACE rule marked. */
  readonly all?: boolean;
}

/** NFT_TRACETYPE_TRANSPORT_HSIZE: how much of the transport header and payload the kernel hands over. */
const TRANSPORT_BYTES = 20;

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: 'echo-reply', 3: 'destination-unreachable', 4: 'source-quench', 5: 'redirect', 8: 'echo-request', 9: 'router-advertisement', 10: 'router-solicitation',
  11: 'time-exceeded', 12: 'parameter-problem', 13: 'timestamp-request', 14: 'timestamp-reply', 15: 'info-request', 16: 'info-reply', 17: 'address-mask-request',
  18: 'address-mask-reply',
};
const ICMP_CODES: Readonly<Record<number, string>> = {
  0: 'net-unreachable', 1: 'host-unreachable', 2: 'prot-unreachable', 3: 'port-unreachable', 4: 'frag-needed', 9: 'net-prohibited', 10: 'host-prohibited', 13: 'admin-prohibited',
};
const DSCP: Readonly<Record<number, string>> = {
  0: 'cs0', 8: 'cs1', 16: 'cs2', 24: 'cs3', 32: 'cs4', 40: 'cs5', 48: 'cs6', 56: 'cs7', 10: 'af11', 12: 'af12', 14: 'af13', 18: 'af21', 20: 'af22', 22: 'af23',
  26: 'af31', 28: 'af32', 30: 'af33', 34: 'af41', 36: 'af42', 38: 'af43', 46: 'ef', 44: 'va',
};
const ECN = ['not-ect', 'ect1', 'ect0', 'ce'];
const TCP_FLAGS: Readonly<Record<number, string>> = { 1: 'fin', 2: 'syn', 4: 'rst', 8: 'psh', 16: 'ack', 32: 'urg', 64: 'ecn', 128: 'cwr' };

/** Bytes as one number: leading zeros are not printed. */
function hex(bytes: Uint8Array): string {
  const digits = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('').replace(/^0+/, '');
  return `0x${digits === '' ? '0' : digits}`;
}

/** What follows a header of `size` bytes, as far as the kernel gives it. */
function rest(p: Ipv4Packet, size: number): string {
  const bytes = emitTransport(p.payload, p.src, p.dst).subarray(size, TRANSPORT_BYTES);
  return bytes.length === 0 ? '' : ` @th,${size * 8},${bytes.length * 8} ${hex(bytes)}`;
}

function transport(p: Ipv4Packet): string {
  const t = p.payload;
  switch (t.kind) {
    case 'tcp': return `tcp sport ${t.srcPort} tcp dport ${t.dstPort} tcp flags == ${TCP_FLAGS[t.flags] ?? `0x${t.flags.toString(16)}`} tcp window ${t.window}`;
    case 'udp': return `udp sport ${t.srcPort} udp dport ${t.dstPort} udp length ${transportLength(t)}${rest(p, 8)}`;
    case 'icmp':
      return `icmp type ${ICMP_TYPES[t.type] ?? t.type} icmp code ${ICMP_CODES[t.code] ?? t.code} icmp id ${t.rest >>> 16} icmp sequence ${t.rest & 0xffff}${rest(p, 8)}`;
    case 'data': {
      const b = t.bytes;
      const at = (i: number): number => ((b[i] ?? 0) << 8) | (b[i + 1] ?? 0);
      if (p.protocol === IPPROTO_SCTP && b.length >= 12) return `sctp sport ${at(0)} sctp dport ${at(2)} sctp vtag ${((at(4) << 16) | at(6)) >>> 0}${rest(p, 12)}`;
      return rest(p, 0).trimStart();
    }
  }
}

/** The `packet:` line of a base chain. */
function packetText(step: HookStep): string {
  const p = step.net;
  if (p.kind !== 'ipv4') return '';
  const out: string[] = [];
  if (step.iif !== undefined) out.push(`iif "${step.iif}"`);
  if (step.oif !== undefined) out.push(`oif "${step.oif}"`);
  if (step.mac !== undefined) {
    const { dst, src, etherType } = step.mac;
    if (step.iif !== undefined && step.iif !== 'lo') out.push(`ether saddr ${formatMac(src)} ether daddr ${formatMac(dst)}`);
    else out.push(`@ll,0,112 0x${`${(dst).toString(16).padStart(12, '0')}${src.toString(16).padStart(12, '0')}${etherType.toString(16).padStart(4, '0')}`.replace(/^0+/, '')}`);
  }
  const known = p.payload.kind !== 'data' || p.protocol === IPPROTO_SCTP;
  out.push(`ip saddr ${formatIpv4(p.src)} ip daddr ${formatIpv4(p.dst)} ip dscp ${DSCP[p.tos >> 2] ?? `0x${(p.tos >> 2).toString(16).padStart(2, '0')}`} ip ecn ${ECN[p.tos & 3] ?? ''}`);
  out.push(`ip ttl ${p.ttl} ip id ${p.id}${known ? '' : ` ip protocol ${p.protocol}`} ip length ${ipv4Length(p)}`);
  out.push(transport(p));
  return `packet: ${out.join(' ')} `;
}

const verdictText = (step: RuleStep): string => {
  switch (step.verdict) {
    case 'jump': case 'goto': return `${step.verdict} ${step.target}`;
    case 'stolen': return 'stolen';
    default: return step.verdict;
  }
};

const policyText = (step: HookEnd): string => `policy ${step.verdict} ${step.mark === 0 ? '' : `meta mark 0x${step.mark.toString(16).padStart(8, '0')} `}`;

/** The hook, rule and hook-end steps of one namespace, as `nft monitor trace` prints them. One line each, with a final newline. */
export function nftTraceText(steps: readonly Step[], options: NftTraceOptions = {}): string {
  const tracer = new NftTracer(options);
  const lines = steps.flatMap((step) => tracer.see(step));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The same, step by step as they are written. */
export class NftTracer {
  readonly #all: boolean;
  /** Traced packets and the namespace that traces them: skb_scrub_packet takes the mark off where a packet crosses or is wrapped. */
  readonly #traced = new Map<number, number>();
  readonly #hooks = new Map<number, HookStep>();

  constructor(options: NftTraceOptions = {}) {
    this.#all = options.all === true;
  }

  see(step: Step): readonly string[] {
    if (!('pkt' in step) || step.pkt === undefined) return [];
    const lines: string[] = [];
    const write = (of: HookStep | RuleStep | HookEnd, chain: string, text: string): void => {
      lines.push(`trace id ${of.pkt.toString(16).padStart(8, '0')} ip ${of.table} ${chain} ${text}`);
    };
    const wrapped = (step.kind === 'encap' || step.kind === 'decap') && step.how === 'vxlan';
    if (wrapped || (this.#traced.get(step.pkt) ?? step.ns) !== step.ns) this.#traced.delete(step.pkt);
    const wanted = (): boolean => this.#all || this.#traced.has(step.pkt ?? 0);
    if (step.kind === 'hook') {
      this.#hooks.set(step.pkt, step);
      if (wanted()) write(step, step.hook, packetText(step));
    } else if (step.kind === 'rule') {
      if (step.target === 'TRACE' && !wanted()) {
        const hook = this.#hooks.get(step.pkt);
        if (hook !== undefined) write(hook, hook.hook, packetText(hook));
        this.#traced.set(step.pkt, step.ns);
      }
      if (wanted()) write(step, step.chain, `rule ${step.nft} (verdict ${verdictText(step)})`);
    } else if (step.kind === 'hook-end' && step.by === 'policy' && wanted()) write(step, step.hook, policyText(step));
    else if (step.kind === 'delivered' || step.kind === 'consumed' || step.kind === 'dropped' || step.kind === 'became') {
      this.#hooks.delete(step.pkt);
      this.#traced.delete(step.pkt);
    }
    return lines;
  }
}
