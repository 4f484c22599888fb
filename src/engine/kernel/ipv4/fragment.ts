/**
 * Read first: ip_do_fragment, ip_frag_next (net/ipv4/ip_output.c). Models: v6.1. Not modelled: the fast path of lists
 * that are fragments already (same packets), which options are copied into later fragments (all or none by their copied flag).
 */
import { emitTransport } from '../../wire/ipv4.ts';
import { ipv4HeaderLength, type Ipv4Packet } from '../../wire/packet.ts';
import { become } from '../drop.ts';
import type { Netns } from '../netns.ts';
import { Skb } from '../skb.ts';
import { withPiece } from './packet-ops.ts';

const IPOPT_COPIED = 0x80;

/** A datagram's bytes in pieces that fit, each a header and its slice. */
export function slices(packet: Ipv4Packet, mtu: number, keepDf: boolean): Ipv4Packet[] {
  const bytes = packet.payload.kind === 'data' ? packet.payload.bytes : emitTransport(packet.payload, packet.src, packet.dst);
  const options = packet.options;
  const later = options !== undefined && ((options[0] ?? 0) & IPOPT_COPIED) !== 0 ? options : undefined;
  const pieces: Ipv4Packet[] = [];
  for (let at = 0; at < bytes.length || at === 0;) {
    const head = at === 0 ? packet : { ...packet, options: later };
    const room = mtu - ipv4HeaderLength(head);
    const left = bytes.length - at;
    const size = left <= room ? left : Math.max(8, room & ~7);
    const last = at + size >= bytes.length;
    pieces.push(withPiece(packet, packet.offset + at, !last || packet.mf, keepDf, { kind: 'data', bytes: bytes.subarray(at, at + size) }, head.options));
    at += Math.max(size, 1);
  }
  return pieces;
}

/** The skbs to send in place of `skb`, which ends here. */
export function fragment(ns: Netns, skb: Skb, packet: Ipv4Packet, mtu: number): Skb[] {
  const { world } = ns.machine;
  const { socket } = skb;
  const flow = skb.flow ?? (socket?.remote === undefined ? undefined : [socket.local.port, socket.remote.port] as const);
  const pieces = slices(packet, mtu, skb.fragMaxSize > 0 && packet.df).map((net) => {
    const piece = new Skb(world.nextPacketId(), net, skb.mac);
    piece.dev = skb.dev;
    piece.dst = skb.dst;
    piece.mark = skb.mark;
    piece.ct = skb.ct;
    piece.ctInfo = skb.ctInfo;
    piece.untracked = skb.untracked;
    piece.pktType = skb.pktType;
    piece.nfBridge = skb.nfBridge;
    piece.flow = flow;
    piece.nfTrace = skb.nfTrace;
    piece.socket = skb.socket;
    return piece;
  });
  if (world.recorder.on) {
    const parts = pieces.map((piece) => piece.id);
    world.recorder.write({ kind: 'fragment', ns: ns.id, pkt: skb.id, mac: skb.mac, net: packet, mtu, parts });
    become(ns, skb, parts, 'fragments');
  }
  return pieces;
}
