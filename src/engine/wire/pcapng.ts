/**
 * Read first: draft-ietf-opsawg-pcapng.
 * Models: section header, one interface description per device, enhanced packet blocks with nanosecond times, direction and a comment.
 */
import { put16, put32, concatBytes, utf8 } from './bytes.ts';
import { LINKTYPE_ETHERNET, SNAPLEN } from './pcap.ts';

export interface PcapngPacket {
  /** Index of its interface in the list. */
  readonly interface: number;
  /** Nanoseconds since 1970. */
  readonly nanos: bigint;
  readonly bytes: Uint8Array;
  readonly direction?: 'in' | 'out' | undefined;
  readonly comment?: string | undefined;
}

const NONE = new Uint8Array(0);

function option(code: number, value: Uint8Array): Uint8Array {
  const b = new Uint8Array(4 + ((value.length + 3) & ~3));
  put16(b, 0, code);
  put16(b, 2, value.length);
  b.set(value, 4);
  return b;
}

function options(list: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  return list.length === 0 ? NONE : concatBytes([...list.map(([code, value]) => option(code, value)), option(0, NONE)]);
}

/** Blocks in network byte order: the section header's magic says so. */
function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + ((body.length + 3) & ~3);
  const b = new Uint8Array(length);
  put32(b, 0, type);
  put32(b, 4, length);
  b.set(body, 8);
  put32(b, length - 4, length);
  return b;
}

function sectionHeader(application: string): Uint8Array {
  const b = new Uint8Array(16);
  put32(b, 0, 0x1a2b3c4d);
  put16(b, 4, 1);
  put32(b, 8, 0xffffffff);
  put32(b, 12, 0xffffffff);
  return block(0x0a0d0d0a, concatBytes([b, options([[4, utf8(application)]])]));
}

function interfaceDescription(name: string, linkType: number): Uint8Array {
  const b = new Uint8Array(8);
  put16(b, 0, linkType);
  put32(b, 4, SNAPLEN);
  return block(1, concatBytes([b, options([[2, utf8(name)], [9, Uint8Array.of(9)]])]));
}

function packetBlock(p: PcapngPacket): Uint8Array {
  const b = new Uint8Array(20 + ((p.bytes.length + 3) & ~3));
  put32(b, 0, p.interface);
  put32(b, 4, Number(p.nanos >> 32n));
  put32(b, 8, Number(p.nanos & 0xffffffffn));
  put32(b, 12, p.bytes.length);
  put32(b, 16, p.bytes.length);
  b.set(p.bytes, 20);
  const extra: (readonly [number, Uint8Array])[] = [];
  if (p.comment !== undefined) extra.push([1, utf8(p.comment)]);
  if (p.direction !== undefined) extra.push([2, Uint8Array.of(0, 0, 0, p.direction === 'in' ? 1 : 2)]);
  return block(6, concatBytes([b, options(extra)]));
}

/** A whole file. `interfaces`: names, `vm2/cni0`. */
export const emitPcapng = (interfaces: readonly string[], packets: readonly PcapngPacket[], linkType = LINKTYPE_ETHERNET): Uint8Array =>
  concatBytes([sectionHeader('Vethlab'), ...interfaces.map((name) => interfaceDescription(name, linkType)), ...packets.map(packetBlock)]);
