/** Changed copies of IPv4 headers. One literal with every field, so that all packets have one hidden class. */
import type { Ipv4Packet, TransportLayer } from '../../wire/packet.ts';

/** ip_decrease_ttl */
export const decreaseTtl = (p: Ipv4Packet): Ipv4Packet => ({
  kind: 'ipv4', tos: p.tos, id: p.id, df: p.df, mf: p.mf, offset: p.offset, ttl: p.ttl - 1, protocol: p.protocol, src: p.src, dst: p.dst,
  options: p.options, checksum: undefined, payload: p.payload,
});

/** Another piece of the same datagram. */
export const withPiece = (p: Ipv4Packet, offset: number, mf: boolean, df: boolean, payload: TransportLayer, options: Uint8Array | undefined): Ipv4Packet => ({
  kind: 'ipv4', tos: p.tos, id: p.id, df, mf, offset, ttl: p.ttl, protocol: p.protocol, src: p.src, dst: p.dst, options, checksum: undefined, payload,
});
