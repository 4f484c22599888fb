/**
 * Read first: pcap-savefile(5), LINKTYPE_LINUX_SLL2 (276).
 * Models: classic pcap files, microseconds, little endian written, both orders read, Ethernet and Linux cooked v2. Not modelled: nanosecond files' extra digits (cut).
 */
import { err, ok, type Result } from '../../base/result.ts';
import { put16, put32, put48, u16, u32 } from './bytes.ts';
import { mac, type Mac } from './addresses.ts';

export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_LINUX_SLL2 = 276;
/** tcpdump's default snapshot length. */
export const SNAPLEN = 262144;

export interface PcapRecord {
  /** Microseconds since 1970. */
  readonly micros: number;
  /** Bytes on the wire; `bytes` may hold less. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

const le32 = (b: Uint8Array, at: number, n: number): void => {
  b[at] = n;
  b[at + 1] = n >>> 8;
  b[at + 2] = n >>> 16;
  b[at + 3] = n >>> 24;
};

export function pcapHeader(linkType: number, snaplen = SNAPLEN): Uint8Array {
  const b = new Uint8Array(24);
  le32(b, 0, 0xa1b2c3d4);
  b[4] = 2;
  b[6] = 4;
  le32(b, 16, snaplen);
  le32(b, 20, linkType);
  return b;
}

export function pcapRecord(r: PcapRecord): Uint8Array {
  const b = new Uint8Array(16 + r.bytes.length);
  le32(b, 0, Math.floor(r.micros / 1e6));
  le32(b, 4, r.micros % 1e6);
  le32(b, 8, r.bytes.length);
  le32(b, 12, r.length);
  b.set(r.bytes, 16);
  return b;
}

export type PcapError = 'unknown file format' | 'truncated dump file';

/** What could be read; `cut` when the file ends inside a record. */
export function parsePcap(b: Uint8Array): Result<{ readonly linkType: number; readonly snaplen: number; readonly records: readonly PcapRecord[]; readonly cut: boolean }, PcapError> {
  if (b.length < 24) return err('truncated dump file');
  const magic = u32(b, 0);
  const big = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  if (!big && magic !== 0xd4c3b2a1 && magic !== 0x4d3cb2a1) return err('unknown file format');
  const nanosecond = magic === 0xa1b23c4d || magic === 0x4d3cb2a1;
  const n = (at: number): number => (big ? u32(b, at) : ((b[at] ?? 0) | ((b[at + 1] ?? 0) << 8) | ((b[at + 2] ?? 0) << 16) | ((b[at + 3] ?? 0) << 24)) >>> 0);
  const records: PcapRecord[] = [];
  let at = 24;
  while (at + 16 <= b.length) {
    const captured = n(at + 8);
    if (at + 16 + captured > b.length) break;
    const fraction = n(at + 4);
    records.push({ micros: n(at) * 1e6 + (nanosecond ? Math.floor(fraction / 1000) : fraction), length: n(at + 12), bytes: b.slice(at + 16, at + 16 + captured) });
    at += 16 + captured;
  }
  return ok({ linkType: n(20) & 0xffff, snaplen: n(16), records, cut: at < b.length });
}

/** Linux cooked v2: what `-i any` captures instead of the Ethernet header. */
export interface SllHeader {
  readonly protocol: number;
  readonly ifindex: number;
  /** 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us. */
  readonly packetType: number;
  readonly arphrd: number;
  readonly address: Mac;
}

export const SLL_LENGTH = 20;

export function emitSll(h: SllHeader, payload: Uint8Array): Uint8Array {
  const b = new Uint8Array(SLL_LENGTH + payload.length);
  put16(b, 0, h.protocol);
  put32(b, 4, h.ifindex);
  put16(b, 8, h.arphrd);
  b[10] = h.packetType;
  b[11] = 6;
  put48(b, 12, h.address);
  b.set(payload, SLL_LENGTH);
  return b;
}

export function parseSll(b: Uint8Array): { readonly header: SllHeader; readonly payload: Uint8Array } | undefined {
  if (b.length < SLL_LENGTH) return undefined;
  return {
    header: { protocol: u16(b, 0), ifindex: u32(b, 4), arphrd: u16(b, 8), packetType: b[10] ?? 0, address: mac(u16(b, 12) * 0x1_0000_0000 + u32(b, 14)) },
    payload: b.subarray(SLL_LENGTH),
  };
}
