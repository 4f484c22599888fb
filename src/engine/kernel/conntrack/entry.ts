/** Read first: include/net/netfilter/nf_conntrack.h. Models: struct nf_conn (v6.1) as far as packets, `conntrack -L` and NAT see it. Not modelled: helpers, labels, zones other than 0, accounting. */
import { nanos, type Nanos } from '../../sim/time.ts';
import type { CtEntry, CtTuple } from '../../uapi/netfilter.ts';
import { toUapiTuple, type Tuple } from './tuple.ts';
import { TCP_STATE_NAMES } from './tcp-table.ts';
import type { TcpTrack } from './tcp-window.ts';

/** enum ip_conntrack_status. */
export const IPS_EXPECTED = 1 << 0;
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_CONFIRMED = 1 << 3;
export const IPS_SRC_NAT = 1 << 4;
export const IPS_DST_NAT = 1 << 5;
export const IPS_NAT_MASK = IPS_SRC_NAT | IPS_DST_NAT;
export const IPS_SRC_NAT_DONE = 1 << 7;
export const IPS_DST_NAT_DONE = 1 << 8;
export const IPS_NAT_DONE_MASK = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
export const IPS_DYING = 1 << 9;

/** The row of the journaled table `conntrack`: what can be shown and rewound. `expires` at or before now: gone already. */
export interface CtRow {
  readonly id: number;
  readonly original: CtTuple;
  readonly reply: CtTuple;
  state: string | undefined;
  expires: Nanos;
  seenReply: boolean;
  assured: boolean;
  readonly srcNat: boolean;
  readonly dstNat: boolean;
  mark: number;
  readonly zone: number;
}

export class ConntrackEntry {
  readonly id: number;
  readonly original: Tuple;
  /** Rewritten by the NAT core until the entry is confirmed. */
  readonly reply: Tuple;
  status = 0;
  mark = 0;
  /** When it goes; before it is confirmed: the timeout that will start then. */
  expires: Nanos;
  /** The connection this one belongs to (an expected or ICMP-related one). */
  master: ConntrackEntry | undefined;
  tcp: TcpTrack | undefined;
  /** UDP: when two-way traffic makes a stream of it (jiffies of the first packet + 2 s). */
  streamAt: Nanos = nanos(0);
  /** Out device that MASQUERADE chose its address from. */
  masqIfindex = 0;
  /** Events that the packet on its way will send once it leaves (nf_conntrack_ecache). */
  pending = false;
  /** The row of the journaled table, made once confirmed. */
  row: CtRow | undefined;
  readonly key: string;

  constructor(id: number, original: Tuple, reply: Tuple, expires: Nanos) {
    this.id = id;
    this.key = String(id);
    this.original = original;
    this.reply = reply;
    this.expires = expires;
    original.entry = this;
    reply.entry = this;
  }

  get confirmed(): boolean {
    return (this.status & IPS_CONFIRMED) !== 0;
  }

  get dying(): boolean {
    return (this.status & IPS_DYING) !== 0;
  }

  toRow(): CtRow {
    return {
      id: this.id,
      original: toUapiTuple(this.original),
      reply: toUapiTuple(this.reply),
      state: this.tcp === undefined ? undefined : TCP_STATE_NAMES[this.tcp.state],
      expires: this.expires,
      seenReply: (this.status & IPS_SEEN_REPLY) !== 0,
      assured: (this.status & IPS_ASSURED) !== 0,
      srcNat: (this.status & IPS_SRC_NAT) !== 0,
      dstNat: (this.status & IPS_DST_NAT) !== 0,
      mark: this.mark,
      zone: 0,
    };
  }

  /** As ctnetlink dumps it at `now`. */
  toUapi(now: Nanos): CtEntry {
    const { expires, ...rest } = this.toRow();
    return { ...rest, timeout: Math.max(0, Math.floor((expires - now) / 1e9)), use: 1 };
  }
}
