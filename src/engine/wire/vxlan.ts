/**
 * Read first: RFC 7348.
 * Models: the header with the I flag and a VNI. Not modelled: GBP, GPE and other flags (such payloads stay bytes).
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import { put32, u32 } from './bytes.ts';
import { parseFrameStrict, writeFrame } from './frame.ts';
import { field, hex, type FieldView } from './layer-view.ts';
import type { VxlanFrame } from './packet.ts';

/** IANA's, and the one Linux used before there was one (flannel still does). */
export const VXLAN_PORT = 4789;
export const VXLAN_PORT_LINUX = 8472;
const FLAG_VNI = 0x08000000;

export const isVxlanPort = (port: number): boolean => port === VXLAN_PORT || port === VXLAN_PORT_LINUX;

export function parseVxlan(b: Uint8Array): Result<VxlanFrame, DropReason> {
  if (b.length < 8) return err('PKT_TOO_SMALL');
  if (u32(b, 0) !== FLAG_VNI || b[7] !== 0) return err('VXLAN_INVALID_HDR');
  const inner = parseFrameStrict(b.subarray(8));
  return inner.ok ? ok({ kind: 'vxlan', vni: u32(b, 4) >>> 8, inner: inner.value }) : inner;
}

export function writeVxlan(v: VxlanFrame, b: Uint8Array, at: number): void {
  put32(b, at, FLAG_VNI);
  put32(b, at + 4, (v.vni << 8) >>> 0);
  writeFrame(v.inner, b, at + 8);
}

/** tcpdump 4.99 calls port 8472 OTV, 4789 VXLAN. */
export const vxlanSummary = (v: VxlanFrame, port: number): string =>
  port === VXLAN_PORT ? `VXLAN, flags [I] (0x08), vni ${v.vni}` : `OTV, flags [I] (0x08), overlay 0, instance ${v.vni}`;

export const vxlanFields = (v: VxlanFrame, at: number): readonly FieldView[] => [
  field('Flags', `${hex(0x0800, 4)} (VNI valid)`, at, 2),
  field('VNI', v.vni, at + 4, 3),
];
