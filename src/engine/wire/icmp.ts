/** Read first: RFC 792, icmp(7). Models: echo and the errors that Linux sends. The body of an error is the offender's first bytes. */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import { formatIpv4, ipv4, type Ipv4 } from './addresses.ts';
import { put16, put32, u16, u32 } from './bytes.ts';
import { addWords, finish } from './checksum.ts';
import { field, hex, type FieldView } from './layer-view.ts';
import type { IcmpMessage } from './packet.ts';

export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMPREPLY = 14;

export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
export const ICMP_SR_FAILED = 5;
export const ICMP_NET_ANO = 9;
export const ICMP_HOST_ANO = 10;
export const ICMP_PKT_FILTERED = 13;

/** Errors carry the packet they are about. */
export const isIcmpError = (type: number): boolean =>
  type === ICMP_DEST_UNREACH || type === 4 || type === ICMP_REDIRECT || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETERPROB;

export const echoId = (m: IcmpMessage): number => m.rest >>> 16;
export const echoSeq = (m: IcmpMessage): number => m.rest & 0xffff;

export function parseIcmp(b: Uint8Array): Result<IcmpMessage, DropReason> {
  if (b.length < 8) return err('PKT_TOO_SMALL');
  const message: IcmpMessage = { kind: 'icmp', type: b[0] ?? 0, code: b[1] ?? 0, rest: u32(b, 4), body: b.slice(8) };
  return ok(finish(addWords(0, b)) === 0 ? message : { ...message, checksum: u16(b, 2) });
}

export function writeIcmp(m: IcmpMessage, b: Uint8Array, at: number): number {
  const end = at + 8 + m.body.length;
  b[at] = m.type;
  b[at + 1] = m.code;
  put16(b, at + 2, 0);
  put32(b, at + 4, m.rest);
  b.set(m.body, at + 8);
  put16(b, at + 2, m.checksum ?? finish(addWords(0, b, at, end)));
  return end;
}

export function emitIcmp(m: IcmpMessage): Uint8Array {
  const b = new Uint8Array(8 + m.body.length);
  writeIcmp(m, b, 0);
  return b;
}

/** What tcpdump says after `ICMP `, before `, length`. `port`: names a port of the offender (`udp port 53`). */
export function icmpSummary(m: IcmpMessage, name: (ip: Ipv4) => string, port: (protocol: number, port: number) => string): string {
  const b = m.body;
  const innerHeader = ((b[0] ?? 0) & 15) * 4;
  const dst = ipv4(u32(b, 16));
  const protocol = b[9] ?? 0;
  switch (m.type) {
    case ICMP_ECHO: return `echo request, id ${echoId(m)}, seq ${echoSeq(m)}`;
    case ICMP_ECHOREPLY: return `echo reply, id ${echoId(m)}, seq ${echoSeq(m)}`;
    case ICMP_DEST_UNREACH:
      switch (m.code) {
        case ICMP_NET_UNREACH: return `net ${name(dst)} unreachable`;
        case ICMP_HOST_UNREACH: return `host ${name(dst)} unreachable`;
        case ICMP_PROT_UNREACH: return `${name(dst)} protocol ${protocol} unreachable`;
        case ICMP_PORT_UNREACH: {
          const number = u16(b, innerHeader + 2);
          if (protocol === 6) return `${name(dst)} tcp port ${port(6, number)} unreachable`;
          if (protocol === 17) return `${name(dst)} udp port ${port(17, number)} unreachable`;
          return `${name(dst)} protocol ${protocol} port ${number} unreachable`;
        }
        case ICMP_FRAG_NEEDED: {
          const mtu = m.rest & 0xffff;
          return `${name(dst)} unreachable - need to frag${mtu === 0 ? '' : ` (mtu ${mtu})`}`;
        }
        case ICMP_SR_FAILED: return `${name(dst)} unreachable - source route failed`;
        case 6: return `net ${name(dst)} unreachable - unknown`;
        case 7: return `host ${name(dst)} unreachable - unknown`;
        case 8: return `${name(dst)} unreachable - source host isolated`;
        case ICMP_NET_ANO: return `net ${name(dst)} unreachable - admin prohibited`;
        case ICMP_HOST_ANO: return `host ${name(dst)} unreachable - admin prohibited`;
        case 11: return `net ${name(dst)} unreachable - tos prohibited`;
        case 12: return `host ${name(dst)} unreachable - tos prohibited`;
        case ICMP_PKT_FILTERED: return `host ${name(dst)} unreachable - admin prohibited filter`;
        case 14: return `host ${name(dst)} unreachable - host precedence violation`;
        case 15: return `host ${name(dst)} unreachable - precedence cutoff`;
        default: return `${name(dst)} unreachable - #${m.code}`;
      }
    case ICMP_REDIRECT: {
      const to = name(ipv4(m.rest));
      switch (m.code) {
        case 0: return `redirect ${name(dst)} to net ${to}`;
        case 1: return `redirect ${name(dst)} to host ${to}`;
        case 2: return `redirect-tos ${name(dst)} to net ${to}`;
        case 3: return `redirect-tos ${name(dst)} to host ${to}`;
        default: return `redirect-#${m.code} ${name(dst)} to net ${to}`;
      }
    }
    case ICMP_TIME_EXCEEDED:
      if (m.code === 0) return 'time exceeded in-transit';
      return m.code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${m.code}`;
    case ICMP_PARAMETERPROB: return m.code === 0 ? `parameter problem - octet ${m.rest >>> 24}` : `parameter problem - code ${m.code}`;
    case 4: return 'source quench';
    case 9: return 'router advertisement';
    case 10: return 'router solicitation';
    default: return `type-#${m.type}`;
  }
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'Echo reply', 3: 'Destination unreachable', 4: 'Source quench', 5: 'Redirect', 8: 'Echo request', 11: 'Time exceeded', 12: 'Parameter problem', 13: 'Timestamp request', 14: 'Timestamp reply',
};
const UNREACH_NAMES = [
  'network unreachable', 'host unreachable', 'protocol unreachable', 'port unreachable', 'fragmentation needed', 'source route failed', 'network unknown', 'host unknown', 'source isolated',
  'network prohibited', 'host prohibited', 'network unreachable for TOS', 'host unreachable for TOS', 'communication prohibited',
] as const;

export const icmpTypeName = (m: IcmpMessage): string => TYPE_NAMES[m.type] ?? `type ${m.type}`;

export function icmpFields(m: IcmpMessage, checksum: number, note: string, at: number): readonly FieldView[] {
  const code = m.type === ICMP_DEST_UNREACH ? `${m.code} (${UNREACH_NAMES[m.code] ?? 'unknown'})` : String(m.code);
  const head = [
    field('Type', `${m.type} (${icmpTypeName(m)})`, at, 1),
    field('Code', code, at + 1, 1),
    field('Checksum', `${hex(checksum, 4)}${note}`, at + 2, 2),
  ];
  if (m.type === ICMP_ECHO || m.type === ICMP_ECHOREPLY) return [...head, field('Identifier', echoId(m), at + 4, 2), field('Sequence', echoSeq(m), at + 6, 2)];
  if (m.type === ICMP_DEST_UNREACH && m.code === ICMP_FRAG_NEEDED) return [...head, field('Next-hop MTU', m.rest & 0xffff, at + 6, 2)];
  if (m.type === ICMP_REDIRECT) return [...head, field('Gateway', formatIpv4(ipv4(m.rest)), at + 4, 4)];
  return head;
}
