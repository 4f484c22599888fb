/** Frames as bytes and back: joins the protocols. Read first: ethernet.ts, ipv4.ts. */
import { ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import { mac, MAC_ZERO } from './addresses.ts';
import { parseArp, writeArp } from './arp.ts';
import { put16 } from './bytes.ts';
import { ethernetHeaderLength, parseEthernetHeader, writeEthernetHeader } from './ethernet.ts';
import { CHECKSUM_AT, parseIpv4Packet, partialSeed, writeIpv4 } from './ipv4.ts';
import { ETH_P_ARP, ETH_P_IP, frameLength, ipv4HeaderLength, type EthernetFrame, type Ipv4Packet, type NetworkLayer } from './packet.ts';

function parseNetwork(etherType: number, b: Uint8Array): NetworkLayer {
  const parsed = etherType === ETH_P_IP ? parseIpv4Packet(b) : etherType === ETH_P_ARP ? parseArp(b) : undefined;
  return parsed?.ok === true ? parsed.value : { kind: 'unknown', bytes: b.slice() };
}

/** PKT_TOO_SMALL: shorter than an Ethernet header. What the header announces and is not there stays unknown bytes. */
export function parseFrameStrict(b: Uint8Array): Result<EthernetFrame, DropReason> {
  const header = parseEthernetHeader(b);
  if (!header.ok) return header;
  return ok({ kind: 'ethernet', header: header.value, payload: parseNetwork(header.value.etherType, b.subarray(ethernetHeaderLength(header.value))) });
}

/** Like {@link parseFrameStrict}; a runt becomes a frame of zeros with its bytes as unknown payload. */
export function parseFrame(b: Uint8Array): EthernetFrame {
  const parsed = parseFrameStrict(b);
  return parsed.ok ? parsed.value : { kind: 'ethernet', header: { dst: MAC_ZERO, src: mac(0), etherType: 0 }, payload: { kind: 'unknown', bytes: b.slice() } };
}

export function writeFrame(f: EthernetFrame, b: Uint8Array, at: number): void {
  writeEthernetHeader(f.header, b, at);
  const inside = at + ethernetHeaderLength(f.header);
  const p = f.payload;
  switch (p.kind) {
    case 'ipv4': writeIpv4(p, b, inside); break;
    case 'arp': writeArp(p, b, inside); break;
    case 'unknown': b.set(p.bytes, inside); break;
  }
}

/**
 * CHECKSUM_PARTIAL: a transport checksum is still the pseudo-header seed. true: the innermost, and outer ones are right already (local checksum offload);
 * 'outer': that of a packet that carries a finished one.
 */
export type PartialChecksum = boolean | 'outer';

export interface EmitOptions {
  readonly partialChecksum?: PartialChecksum | undefined;
}

/** The IPv4 packet with the unfinished checksum and where it starts. */
function unfinished(f: EthernetFrame, at: number, which: PartialChecksum): { readonly packet: Ipv4Packet; readonly at: number } | undefined {
  const p = f.payload;
  if (p.kind !== 'ipv4') return undefined;
  const start = at + ethernetHeaderLength(f.header);
  if (which === true && p.payload.kind === 'udp' && !(p.payload.payload instanceof Uint8Array)) return unfinished(p.payload.payload.inner, start + ipv4HeaderLength(p) + 16, which) ?? { packet: p, at: start };
  return { packet: p, at: start };
}

export function emitFrame(f: EthernetFrame, options: EmitOptions = {}): Uint8Array {
  const b = new Uint8Array(frameLength(f));
  writeFrame(f, b, 0);
  const { partialChecksum = false } = options;
  if (partialChecksum !== false) {
    const inner = unfinished(f, 0, partialChecksum);
    const t = inner?.packet.payload;
    if (inner !== undefined && t !== undefined && (t.kind === 'tcp' || t.kind === 'udp') && t.checksum === undefined) {
      put16(b, inner.at + ipv4HeaderLength(inner.packet) + CHECKSUM_AT[t.kind], partialSeed(inner.packet));
    }
  }
  return b;
}

/** The frame as its bytes stand: with the seed as a literal checksum where it is partial. */
export function withPartialChecksum(f: EthernetFrame, which: PartialChecksum): EthernetFrame {
  const p = f.payload;
  if (p.kind !== 'ipv4' || which === false) return f;
  const t = p.payload;
  if (which === true && t.kind === 'udp' && !(t.payload instanceof Uint8Array)) {
    const inner = withPartialChecksum(t.payload.inner, which);
    if (inner === t.payload.inner) return f;
    const outer = { ...t, payload: { ...t.payload, inner } };
    // The outer checksum was made for the finished inner one.
    const checksum = t.checksum ?? outerChecksum(p);
    return { ...f, payload: { ...p, payload: { ...outer, checksum } } };
  }
  if ((t.kind !== 'tcp' && t.kind !== 'udp') || t.checksum !== undefined) return f;
  return { ...f, payload: { ...p, payload: { ...t, checksum: partialSeed(p) } } };
}

const outerChecksum = (p: Ipv4Packet): number => {
  const b = new Uint8Array(frameLength({ kind: 'ethernet', header: { dst: MAC_ZERO, src: MAC_ZERO, etherType: ETH_P_IP }, payload: p }) - 14);
  writeIpv4(p, b, 0);
  const at = ipv4HeaderLength(p) + CHECKSUM_AT.udp;
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
};
