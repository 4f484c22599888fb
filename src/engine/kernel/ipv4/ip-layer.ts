/** Read first: net/ipv4/ip_input.c, ip_output.c. Models: IPv4's doors (v6.1). Only dispatches to input, forward, output, defrag, icmp. */
import type { Result } from '../../../base/result.ts';
import type { KernelError } from '../../uapi/errno.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { TransportLayer } from '../../wire/packet.ts';
import type { DropReason } from '../../trace/drop-reasons.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { Socket } from '../transport/socket.ts';
import type { DstEntry, Flow, OutputRoute } from './route.ts';

export interface SendRequest {
  readonly dst: Ipv4;
  readonly src?: Ipv4 | undefined;
  readonly protocol: number;
  readonly payload: TransportLayer;
  readonly tos?: number | undefined;
  readonly ttl?: number | undefined;
  /** Path MTU discovery wanted (default: unless ip_no_pmtu_disc). Set DF when it fits; datagrams larger than the MTU are fragmented (IP_PMTUDISC_WANT). */
  readonly df?: boolean | undefined;
  /** IP_MTU_DISCOVER when not WANT or DONT: 'do' answers EMSGSIZE, 'probe' ignores the path MTU. */
  readonly pmtudisc?: 'dont' | 'want' | 'do' | 'probe' | undefined;
  readonly mark?: number | undefined;
  readonly oif?: NetDevice | undefined;
  readonly socket?: Socket | undefined;
  /** The socket is connected (TCP, connected UDP): its own IP id counter. */
  readonly connected?: boolean | undefined;
  /** CHECKSUM_PARTIAL */
  readonly partial?: boolean | undefined;
  /** Who made it, for the trace. */
  readonly by?: string | undefined;
  /** Already looked up (saves the lookup). */
  readonly route?: DstEntry | undefined;
}

export class IpLayer {
  constructor(ns: Netns) { void ns; }
  /** ip_rcv */
  declare receive: (skb: Skb) => void;
  /** ip_rcv_finish: after PREROUTING (br_netfilter enters here). */
  declare receiveFinish: (skb: Skb) => void;
  /** ip_route_input: sets skb.dst, or answers why not (writes no end step). */
  declare routeInput: (skb: Skb, dev: NetDevice) => DropReason | undefined;
  declare send: (request: SendRequest) => Result<undefined, KernelError>;
  /** ip_local_out for a ready packet. */
  declare localOut: (skb: Skb) => void;
  /** ip_route_me_harder: after OUTPUT changed it, and for REJECT's reset. False: dropped by caller. */
  declare routeMeHarder: (skb: Skb) => boolean;
  declare finishOutput: (skb: Skb) => void;
  declare icmpSend: (skb: Skb, type: number, code: number, rest: number) => void;
  /** Source address for a destination; undefined: no route. */
  declare sourceFor: (dst: Ipv4, oif?: NetDevice) => Ipv4 | undefined;
  declare route: (flow: Flow) => OutputRoute;
  /** Whole packet, or undefined: kept until the others come (or dropped). */
  declare defrag: (skb: Skb) => Skb | undefined;
}
