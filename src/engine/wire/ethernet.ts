/** Read first: IEEE 802.3, 802.1Q. Models: Ethernet II with one VLAN tag. Not modelled: 802.3 length frames, QinQ (inner tag stays bytes), FCS. */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import { formatMac, mac } from './addresses.ts';
import { put16, put48, u16, u48 } from './bytes.ts';
import { field, hex, type FieldView } from './layer-view.ts';
import { ETH_P_8021Q, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, type EthernetHeader } from './packet.ts';

export const ethernetHeaderLength = (h: EthernetHeader): number => (h.vlan === undefined ? 14 : 18);

export function parseEthernetHeader(b: Uint8Array): Result<EthernetHeader, DropReason> {
  if (b.length < 14) return err('PKT_TOO_SMALL');
  const dst = mac(u48(b, 0));
  const src = mac(u48(b, 6));
  const type = u16(b, 12);
  if (type !== ETH_P_8021Q) return ok({ dst, src, etherType: type });
  if (b.length < 18) return err('PKT_TOO_SMALL');
  const tci = u16(b, 14);
  return ok({ dst, src, etherType: u16(b, 16), vlan: { id: tci & 0xfff, pcp: tci >>> 13 } });
}

export function writeEthernetHeader(h: EthernetHeader, b: Uint8Array, at: number): void {
  put48(b, at, h.dst);
  put48(b, at + 6, h.src);
  if (h.vlan === undefined) {
    put16(b, at + 12, h.etherType);
    return;
  }
  put16(b, at + 12, ETH_P_8021Q);
  put16(b, at + 14, (h.vlan.pcp << 13) | h.vlan.id);
  put16(b, at + 16, h.etherType);
}

/** tcpdump's name of an ether type. */
export function etherTypeLabel(type: number): string {
  switch (type) {
    case ETH_P_IP: return 'IPv4';
    case ETH_P_ARP: return 'ARP';
    case ETH_P_IPV6: return 'IPv6';
    case ETH_P_8021Q: return '802.1Q';
    case 0x88cc: return 'LLDP';
    default: return 'Unknown';
  }
}

/** tcpdump -e: `52:54:00:e4:50:da > 52:54:00:c0:87:a0, ethertype IPv4 (0x0800), length 98: `. `length`: of the whole frame. */
export function ethernetSummary(h: EthernetHeader, length: number, quiet: boolean): string {
  const macs = `${formatMac(h.src)} > ${formatMac(h.dst)}`;
  const type = (t: number): string => (quiet ? etherTypeLabel(t) : `ethertype ${etherTypeLabel(t)} (${hex(t, 4)})`);
  if (h.vlan === undefined) return `${macs}, ${type(h.etherType)}, length ${length}: `;
  const vlan = `vlan ${h.vlan.id}, p ${h.vlan.pcp}`;
  return `${macs}, ${type(ETH_P_8021Q)}, length ${length}: ${vlan}, ${type(h.etherType)}, `;
}

export const ethernetFields = (h: EthernetHeader, at: number): readonly FieldView[] => [
  field('Destination', formatMac(h.dst), at, 6),
  field('Source', formatMac(h.src), at + 6, 6),
  ...(h.vlan === undefined ? [] : [
    field('Tag protocol', '802.1Q (0x8100)', at + 12, 2),
    field('VLAN', h.vlan.id, at + 14, 2),
    field('Priority', h.vlan.pcp, at + 14, 1),
  ]),
  field('Type', `${etherTypeLabel(h.etherType)} (${hex(h.etherType, 4)})`, at + ethernetHeaderLength(h) - 2, 2),
];
