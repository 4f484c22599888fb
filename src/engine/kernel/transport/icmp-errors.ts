/** Read first: net/ipv4/icmp.c icmp_err_convert. Models: what an ICMP error says to a socket (v6.1). */
import type { Errno } from '../../uapi/errno.ts';
import { ICMP_DEST_UNREACH, ICMP_PARAMETERPROB, ICMP_TIME_EXCEEDED } from '../../wire/icmp.ts';
import type { Ipv4Packet } from '../../wire/packet.ts';

export interface ErrorMeaning {
  readonly errno: Errno;
  /** A hard error ends a connected datagram socket's call; a soft one is only remembered. */
  readonly fatal: boolean;
  /** tcp_v4_err: a half-open request goes. */
  readonly endsRequest?: true;
}

const UNREACHABLE: readonly ErrorMeaning[] = [
  { errno: 'ENETUNREACH', fatal: false, endsRequest: true },
  { errno: 'EHOSTUNREACH', fatal: false, endsRequest: true },
  { errno: 'ENOPROTOOPT', fatal: true },
  { errno: 'ECONNREFUSED', fatal: true },
  { errno: 'EMSGSIZE', fatal: false },
  { errno: 'EOPNOTSUPP', fatal: false },
  { errno: 'ENETUNREACH', fatal: true },
  { errno: 'EHOSTDOWN', fatal: true },
  { errno: 'ENONET', fatal: true },
  { errno: 'ENETUNREACH', fatal: true },
  { errno: 'EHOSTUNREACH', fatal: true },
  { errno: 'ENETUNREACH', fatal: false },
  { errno: 'EHOSTUNREACH', fatal: false },
  { errno: 'EHOSTUNREACH', fatal: true },
  { errno: 'EHOSTUNREACH', fatal: true },
  { errno: 'EHOSTUNREACH', fatal: true },
];

export function errorMeaning(type: number, code: number): ErrorMeaning | undefined {
  switch (type) {
    case ICMP_DEST_UNREACH: return UNREACHABLE[code];
    case ICMP_TIME_EXCEEDED: return { errno: 'EHOSTUNREACH', fatal: false, endsRequest: true };
    case ICMP_PARAMETERPROB: return { errno: 'EPROTO', fatal: true, endsRequest: true };
    default: return undefined;
  }
}

/** The eight bytes of transport header that an ICMP error must embed. */
export interface EmbeddedHeader {
  /** ICMP: type and code. */
  readonly srcPort: number;
  readonly dstPort: number;
  /** TCP sequence number, ICMP id and sequence, UDP length and checksum. */
  readonly word: number;
}

export function embeddedHeader(inner: Ipv4Packet): EmbeddedHeader | undefined {
  const t = inner.payload;
  switch (t.kind) {
    case 'tcp': return { srcPort: t.srcPort, dstPort: t.dstPort, word: t.seq };
    case 'udp': return { srcPort: t.srcPort, dstPort: t.dstPort, word: 0 };
    case 'icmp': return { srcPort: t.type << 8 | t.code, dstPort: 0, word: t.rest };
    case 'data': {
      if (t.bytes.length < 8) return undefined;
      const view = new DataView(t.bytes.buffer, t.bytes.byteOffset, t.bytes.byteLength);
      return { srcPort: view.getUint16(0), dstPort: view.getUint16(2), word: view.getUint32(4) };
    }
  }
}
