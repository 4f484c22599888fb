/**
 * Read first: include/linux/skbuff.h.
 * Models: what decides a packet's path (v6.1): layers, mark, conntrack reference, in and out device, bridge-netfilter
 * state, security path, checksum state. Not modelled: fragments lists, GSO, shared data.
 */
import type { PartialChecksum } from '../wire/frame.ts';
import type { EthernetHeader, NetworkLayer } from '../wire/packet.ts';
import type { ConntrackEntry } from './conntrack/entry.ts';
import type { NetDevice } from './net-device.ts';
import type { Socket } from './transport/socket.ts';

/** skb->ip_summed. `partial`: the transport checksum is a seed that a device or software must finish before the wire. */
export type ChecksumState = 'none' | 'unnecessary' | 'complete' | 'partial';

export const partialOf = (skb: Skb): PartialChecksum => (skb.ipSummed !== 'partial' ? false : skb.checksumStart === 'outermost' ? 'outer' : true);

/** ctinfo: which direction of the connection, and what conntrack calls the packet. */
export type CtInfo = 'new' | 'established' | 'related' | 'established-reply' | 'related-reply';

export type FlowPorts = readonly [source: number, destination: number];

export interface NfBridge {
  /** The bridge port the frame came in by, the port it leaves by (known from FORWARD on). */
  physIn: NetDevice | undefined;
  physOut: NetDevice | undefined;
  /** BRNF_BRIDGED_DNAT: DNATed in PREROUTING to an address behind the same bridge. */
  bridgedDnat: boolean;
  /** Ethernet header to restore, but for the destination, once the neighbour of a bridged DNAT is resolved. */
  neighHeader?: EthernetHeader | undefined;
}

export interface SecPath {
  readonly spi: number;
  readonly ifId: number | undefined;
}

/** One packet inside one kernel. Layers are immutable values; the buffer around them changes. */
export class Skb {
  /** Identity in the trace: kept through NAT, encapsulation and crossing to another machine; clones get their own. */
  readonly id: number;
  mac: EthernetHeader | undefined;
  net: NetworkLayer;
  dev: NetDevice | undefined;
  mark = 0;
  ct: ConntrackEntry | undefined;
  ctInfo: CtInfo = 'new';
  /** ctinfo IP_CT_UNTRACKED (-j NOTRACK) */
  untracked = false;
  nfBridge: NfBridge | undefined;
  secPath: readonly SecPath[] | undefined;
  ipSummed: ChecksumState = 'none';
  /** csum_start: whose checksum a partial one is, of packets that carry packets. */
  checksumStart: 'innermost' | 'outermost' = 'innermost';
  /** Which algorithm finishes a partial checksum. */
  checksumAlgorithm: 'inet' | 'crc32c' = 'inet';
  /** skb->hash that a connected socket's datagrams have (sk_txhash), as its ports: fragments keep it, others have none. */
  flow: FlowPorts | undefined;
  /** nftables' meta nftrace (also set by -j TRACE). */
  nfTrace = false;
  socket: Socket | undefined;
  /** Set by the receive path: to us, broadcast, multicast, to another host, or our own. */
  pktType: 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing' = 'host';
  /** IPCB frag_max_size: largest fragment it was made of; 0: it was never in pieces. */
  fragMaxSize = 0;
  /** skb->ignore_df: its sender allows fragmentation here although DF is set (IP_PMTUDISC_WANT). */
  ignoreDf = false;
  /** Route chosen for it, if any (skb_dst). */
  dst: import('./ipv4/route.ts').DstEntry | undefined;

  constructor(id: number, net: NetworkLayer, mac?: EthernetHeader) {
    this.id = id;
    this.net = net;
    this.mac = mac;
  }
}
