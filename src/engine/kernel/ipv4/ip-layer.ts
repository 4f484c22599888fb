/**
 * Read first: net/ipv4/ip_input.c, ip_output.c, raw_sendmsg and ip_make_skb.
 * Models: IPv4's doors (v6.1). Dispatches to input, forward, output, defrag, icmp; builds the header of what is sent from here.
 */
import { done, type Result } from '../../../base/result.ts';
import { refuse, type Errno, type KernelError } from '../../uapi/errno.ts';
import type { DropReason } from '../../trace/drop-reasons.ts';
import { isMulticast, type Ipv4 } from '../../wire/addresses.ts';
import { IPPROTO_TCP, transportLength, type Ipv4Packet, type TransportLayer } from '../../wire/packet.ts';
import { drop } from '../drop.ts';
import { attachConntrack } from '../conntrack/state.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { Skb } from '../skb.ts';
import type { Socket } from '../transport/socket.ts';
import { Defragmenter, type DefragUser } from './defrag.ts';
import { icmpSend } from './icmp-send.ts';
import { receive, receiveFinish, routeInput } from './input.ts';
import { IpIdents } from './ip-id.ts';
import { finishOutput, localOut, output, routeMeHarder } from './output.ts';
import { GlobalLimit, Peers } from './rate-limit.ts';
import type { DstEntry, Flow, OutputRoute } from './route.ts';
import { fibStep } from './step.ts';

export interface SendRequest {
  readonly dst: Ipv4;
  readonly src?: Ipv4 | undefined;
  readonly protocol: number;
  readonly payload: TransportLayer;
  readonly tos?: number | undefined;
  readonly ttl?: number | undefined;
  /** Path MTU discovery (default: unless ip_no_pmtu_disc). DF when it fits; larger datagrams are fragmented (IP_PMTUDISC_WANT). */
  readonly df?: boolean | undefined;
  /** IP_MTU_DISCOVER in full: 'do' answers EMSGSIZE, 'probe' ignores the path MTU. Wins over `df`. */
  readonly pmtudisc?: 'dont' | 'want' | 'do' | 'probe' | undefined;
  readonly mark?: number | undefined;
  readonly oif?: NetDevice | undefined;
  /** Its nextIpId() gives the id when it has a peer. */
  readonly socket?: Socket | undefined;
  readonly connected?: boolean | undefined;
  /** CHECKSUM_PARTIAL */
  readonly partial?: boolean | undefined;
  /** ICMP errors: the packet they are about, whose connection they belong to (nf_ct_attach). */
  readonly answers?: Skb | undefined;
  /** Who made it, for the trace. */
  readonly by?: string | undefined;
  /** Already looked up (saves the lookup). */
  readonly route?: DstEntry | undefined;
}

const MAX_LENGTH = 65535;

/** Sysctls of the packet path, read again when the routing generation moves (every net.ipv4 change moves it). */
class Conf {
  forwardUsePmtu = false;
  defaultTtl = 64;
  pmtuDisc = true;
  generation = -1;
}

export class IpLayer {
  readonly peers = new Peers();
  readonly globalLimit: GlobalLimit;
  /** Why the packet being sent could not be routed anew. */
  sendError: Errno | undefined;
  readonly #ns: Netns;
  readonly #idents: IpIdents;
  readonly #fragments: Defragmenter;
  readonly #conf = new Conf();

  constructor(ns: Netns) {
    this.#ns = ns;
    const random = ns.machine.random.fork(`ipv4/${ns.name}`);
    this.#idents = new IpIdents(random.fork('ids'));
    this.globalLimit = new GlobalLimit(random.fork('icmp'));
    this.#fragments = new Defragmenter(ns);
  }

  get conf(): Readonly<Conf> {
    const conf = this.#conf;
    const { fib, sysctl } = this.#ns;
    if (conf.generation !== fib.generation) {
      conf.generation = fib.generation;
      conf.forwardUsePmtu = sysctl.flag('net.ipv4.ip_forward_use_pmtu');
      conf.defaultTtl = sysctl.int('net.ipv4.ip_default_ttl');
      conf.pmtuDisc = sysctl.int('net.ipv4.ip_no_pmtu_disc') === 0;
    }
    return conf;
  }

  /** ip_rcv */
  receive(skb: Skb): void { receive(this.#ns, skb); }

  /** ip_rcv_finish: after PREROUTING. What br_netfilter took through PREROUTING enters here. */
  receiveFinish(skb: Skb): void { receiveFinish(this.#ns, skb); }

  /** ip_route_input: sets skb.dst (maybe of kind 'unreachable'), or answers why not. Ends nothing. */
  routeInput(skb: Skb, dev: NetDevice): DropReason | undefined {
    return skb.net.kind === 'ipv4' ? routeInput(this.#ns, skb, skb.net, dev) : 'UNHANDLED_PROTO';
  }

  /** Sends for a socket. EPERM: a rule in OUTPUT or POSTROUTING took it; another error: NAT led it where no route goes (NF_DROP_ERR). */
  send(request: SendRequest): Result<undefined, KernelError> {
    let route = request.route;
    if (route === undefined) {
      const found = this.#ns.fib.lookupOutput({ dst: request.dst, src: request.src, oif: request.oif, tos: request.tos, mark: request.mark, protocol: request.protocol });
      if (!found.ok) return refuse(found.errno);
      route = found.dst;
    }
    const mode = request.pmtudisc ?? ((request.df ?? this.conf.pmtuDisc) ? 'want' : 'dont');
    const length = 20 + transportLength(request.payload);
    const mtu = mode === 'probe' ? route.dev.mtu : route.mtu;
    if (length > MAX_LENGTH || (length > mtu && (mode === 'do' || mode === 'probe'))) return refuse('EMSGSIZE');
    this.sendError = undefined;
    return this.emit(request, route, mode, mtu, length) ? done : refuse(this.sendError ?? 'EPERM');
  }

  /** Builds and sends a packet on a route that is known. False: it was dropped here. */
  emit(request: SendRequest, known = request.route, mode: SendRequest['pmtudisc'] = request.df === true ? 'want' : 'dont', mtu = known?.mtu ?? MAX_LENGTH, length = 20 + transportLength(request.payload)): boolean {
    if (known === undefined) return false;
    const ns = this.#ns;
    const { world } = ns.machine;
    const { dst, socket, protocol } = request;
    const src = request.src === undefined || request.src === 0 ? known.src : request.src;
    // TCP keeps DF on what does not fit any more and learns from the error; datagrams are cut.
    const df = mode === 'do' || mode === 'probe' || (mode === 'want' && !known.mtuLocked && (length <= mtu || protocol === IPPROTO_TCP));
    const ignoreDf = protocol !== IPPROTO_TCP && (mode === 'want' || mode === 'dont');
    const id = socket?.nextIpId() ?? (df && !ignoreDf ? 0 : this.#idents.next(src, dst, protocol, world.scheduler.now));
    const packet: Ipv4Packet = {
      kind: 'ipv4', tos: request.tos ?? 0, id, df, mf: false, offset: 0, ttl: request.ttl ?? (isMulticast(dst) ? 1 : this.conf.defaultTtl), protocol, src, dst,
      options: undefined, checksum: undefined, payload: request.payload,
    };
    const skb = new Skb(world.nextPacketId(), packet);
    skb.mark = request.mark ?? 0;
    skb.socket = socket;
    skb.dst = known;
    if (request.answers !== undefined) attachConntrack(skb, request.answers);
    skb.ignoreDf = ignoreDf;
    if (request.partial === true && length <= mtu) skb.ipSummed = 'partial';
    if (world.recorder.on) {
      this.#created(skb, request.by ?? socket?.process ?? socket?.describe() ?? 'ip');
      fibStep(ns, skb, packet, known);
    }
    return localOut(ns, skb, packet, known);
  }

  /** ip_local_out for a packet that is ready (a reset of REJECT). Looks up its route when it has none. `by` names its maker in a `created` step. */
  localOut(skb: Skb, by?: string): boolean {
    const ns = this.#ns;
    const packet = skb.net;
    if (by !== undefined && ns.machine.world.recorder.on) this.#created(skb, by);
    if (packet.kind !== 'ipv4') {
      drop(ns, skb, 'UNHANDLED_PROTO');
      return false;
    }
    if (skb.dst?.direction === 'output') {
      if (ns.machine.world.recorder.on) fibStep(ns, skb, packet, skb.dst);
    } else if (!routeMeHarder(ns, skb, packet)) {
      drop(ns, skb, 'IP_OUTNOROUTES');
      return false;
    }
    return skb.dst !== undefined && localOut(ns, skb, packet, skb.dst);
  }

  #created(skb: Skb, by: string): void {
    const { world } = this.#ns.machine;
    world.recorder.write({ kind: 'created', ns: this.#ns.id, pkt: skb.id, mac: undefined, net: skb.net, by, cause: world.cause });
  }

  /** ip_route_me_harder: new route for a packet made here whose addresses or mark changed. False: none; the caller drops. */
  routeMeHarder(skb: Skb): boolean {
    return skb.net.kind === 'ipv4' && routeMeHarder(this.#ns, skb, skb.net);
  }

  /** dst_output: from POSTROUTING on. False: gone. */
  output(skb: Skb): boolean {
    return skb.dst !== undefined && output(this.#ns, skb, skb.dst);
  }

  /** ip_finish_output: after POSTROUTING. False: gone. */
  finishOutput(skb: Skb): boolean { return finishOutput(this.#ns, skb); }

  /** Tells the sender of `skb` (which lives on). `rest`: second header word. Needs skb.dst. */
  icmpSend(skb: Skb, type: number, code: number, rest: number): void { icmpSend(this.#ns, skb, type, code, rest); }

  route(flow: Flow): OutputRoute { return this.#ns.fib.lookupOutput(flow); }

  /** Source address the kernel would choose; undefined: no route. */
  sourceFor(dst: Ipv4, oif?: NetDevice): Ipv4 | undefined {
    const route = this.#ns.fib.lookupOutput({ dst, oif });
    return route.ok ? route.dst.src : undefined;
  }

  /** The whole packet (a new skb when it came in pieces), or undefined: kept or dropped. */
  defrag(skb: Skb, user: DefragUser = 'conntrack'): Skb | undefined { return this.#fragments.add(skb, user); }

  /** __ip_select_ident, for packets built elsewhere (VXLAN's outer header). */
  selectIdent(src: Ipv4, dst: Ipv4, protocol: number): number { return this.#idents.next(src, dst, protocol, this.#ns.machine.world.scheduler.now); }
}
