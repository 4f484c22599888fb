/** Read first: RFC 768. Models: datagrams, VXLAN inside. A checksum of 0 on the wire means that there is none. */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import type { Ipv4 } from './addresses.ts';
import { put16, u16 } from './bytes.ts';
import { addWords, finish, pseudoSum } from './checksum.ts';
import { field, hex, type FieldView } from './layer-view.ts';
import { IPPROTO_UDP, transportLength, type UdpDatagram } from './packet.ts';
import { isVxlanPort, parseVxlan, writeVxlan } from './vxlan.ts';

export function parseUdp(b: Uint8Array, src: Ipv4, dst: Ipv4): Result<UdpDatagram, DropReason> {
  if (b.length < 8) return err('PKT_TOO_SMALL');
  const length = u16(b, 4);
  if (length < 8 || length > b.length) return err('PKT_TOO_SMALL');
  const dstPort = u16(b, 2);
  const bytes = b.slice(8, length);
  const vxlan = isVxlanPort(dstPort) ? parseVxlan(bytes) : undefined;
  const datagram = { kind: 'udp', srcPort: u16(b, 0), dstPort, payload: vxlan?.ok === true ? vxlan.value : bytes } as const;
  const sum = u16(b, 6);
  if (sum !== 0 && finish(addWords(pseudoSum(src, dst, IPPROTO_UDP, length), b, 0, length)) === 0) return ok(datagram);
  return ok({ ...datagram, checksum: sum });
}

export function writeUdp(u: UdpDatagram, src: Ipv4, dst: Ipv4, b: Uint8Array, at: number): number {
  const length = transportLength(u);
  put16(b, at, u.srcPort);
  put16(b, at + 2, u.dstPort);
  put16(b, at + 4, length);
  put16(b, at + 6, 0);
  if (u.payload instanceof Uint8Array) b.set(u.payload, at + 8);
  else writeVxlan(u.payload, b, at + 8);
  const sum = u.checksum ?? (finish(addWords(pseudoSum(src, dst, IPPROTO_UDP, length), b, at, at + length)) || 0xffff);
  put16(b, at + 6, sum);
  return at + length;
}

export function emitUdp(u: UdpDatagram, src: Ipv4, dst: Ipv4): Uint8Array {
  const b = new Uint8Array(transportLength(u));
  writeUdp(u, src, dst, b, 0);
  return b;
}

export const udpSummary = (u: UdpDatagram): string => `UDP, length ${transportLength(u) - 8}`;

export const udpFields = (u: UdpDatagram, checksum: number, note: string, at: number): readonly FieldView[] => [
  field('Source port', u.srcPort, at, 2),
  field('Destination port', u.dstPort, at + 2, 2),
  field('Length', transportLength(u), at + 4, 2),
  field('Checksum', `${hex(checksum, 4)}${note}`, at + 6, 2),
];
