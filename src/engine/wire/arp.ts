/**
 * Read first: RFC 826, arp(7).
 * Models: Ethernet/IPv4 ARP. Not modelled: other hardware or protocol types (kept as unknown bytes).
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import { formatIpv4, formatMac, ipv4, mac, MAC_ZERO } from './addresses.ts';
import { put16, put32, put48, u16, u32, u48 } from './bytes.ts';
import { field, type FieldView } from './layer-view.ts';
import type { ArpPacket } from './packet.ts';

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export function parseArp(b: Uint8Array): Result<ArpPacket, DropReason> {
  if (b.length < 28) return err('PKT_TOO_SMALL');
  if (u16(b, 0) !== 1 || u16(b, 2) !== 0x0800 || b[4] !== 6 || b[5] !== 4) return err('UNHANDLED_PROTO');
  const packet: ArpPacket = {
    kind: 'arp', op: u16(b, 6), senderMac: mac(u48(b, 8)), senderIp: ipv4(u32(b, 14)), targetMac: mac(u48(b, 18)), targetIp: ipv4(u32(b, 24)),
  };
  return ok(b.length > 28 ? { ...packet, padding: b.length - 28 } : packet);
}

export function writeArp(p: ArpPacket, b: Uint8Array, at: number): void {
  put16(b, at, 1);
  put16(b, at + 2, 0x0800);
  b[at + 4] = 6;
  b[at + 5] = 4;
  put16(b, at + 6, p.op);
  put48(b, at + 8, p.senderMac);
  put32(b, at + 14, p.senderIp);
  put48(b, at + 18, p.targetMac);
  put32(b, at + 24, p.targetIp);
}

export function emitArp(p: ArpPacket): Uint8Array {
  const b = new Uint8Array(28 + (p.padding ?? 0));
  writeArp(p, b, 0);
  return b;
}

/** `Request who-has 10.42.0.8 tell 10.42.0.1, length 28`. `length`: bytes after the Ethernet header. */
export function arpSummary(p: ArpPacket, verbose: number, name: (ip: ArpPacket['senderIp']) => string = formatIpv4): string {
  const head = verbose > 0 ? 'Ethernet (len 6), IPv4 (len 4), ' : '';
  const tail = `, length ${28 + (p.padding ?? 0)}`;
  switch (p.op) {
    case ARP_REQUEST: {
      const asked = p.targetMac === MAC_ZERO ? '' : ` (${formatMac(p.targetMac)})`;
      return `${head}Request who-has ${name(p.targetIp)}${asked} tell ${name(p.senderIp)}${tail}`;
    }
    case ARP_REPLY: return `${head}Reply ${name(p.senderIp)} is-at ${formatMac(p.senderMac)}${tail}`;
    default: return `${head}Unknown (${p.op})${tail}`;
  }
}

export const arpFields = (p: ArpPacket, at: number): readonly FieldView[] => [
  field('Hardware type', 'Ethernet (1)', at, 2),
  field('Protocol type', 'IPv4 (0x0800)', at + 2, 2),
  field('Hardware size', 6, at + 4, 1),
  field('Protocol size', 4, at + 5, 1),
  field('Opcode', p.op === ARP_REQUEST ? 'request (1)' : p.op === ARP_REPLY ? 'reply (2)' : String(p.op), at + 6, 2),
  field('Sender MAC', formatMac(p.senderMac), at + 8, 6),
  field('Sender IP', formatIpv4(p.senderIp), at + 14, 4),
  field('Target MAC', formatMac(p.targetMac), at + 18, 6),
  field('Target IP', formatIpv4(p.targetIp), at + 24, 4),
];
