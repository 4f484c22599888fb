/** Read first: include/net/inet_sock.h, net/ipv4/af_inet.c. Models: what TCP, UDP and ICMP sockets share (v6.1): names, owner, options, pending error. */
import { done, ok, type Result } from '../../../base/result.ts';
import { WaitQueue } from '../../sim/process.ts';
import { refuse, type Errno, type KernelError } from '../../uapi/errno.ts';
import type { Endpoint } from '../../uapi/sockets.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../wire/addresses.ts';
import type { DstEntry } from '../ipv4/route.ts';
import type { NetDevice } from '../net-device.ts';
import type { Owner } from './door.ts';
import type { SocketRow } from './socket-row.ts';
import type { Socket } from './socket.ts';
import type { Transport } from './transport.ts';

export const UNBOUND: Endpoint = { address: ANY, port: 0 };

export type SocketOption = 'mark' | 'ttl' | 'tos' | 'pmtudisc' | 'broadcast' | 'reuseaddr' | 'rcvbuf' | 'nodelay' | 'recverr';

export const formatEndpoint = (e: Endpoint): string =>
  `${e.address === ANY ? '*' : formatIpv4(e.address)}:${e.port === 0 ? '*' : e.port}`;

/** IP_PMTUDISC_* of linux/in.h. */
export const PMTUDISC_DONT = 0;
export const PMTUDISC_WANT = 1;
export const PMTUDISC_DO = 2;
export const PMTUDISC_PROBE = 3;

export abstract class InetSocket implements Socket {
  abstract readonly protocol: number;
  abstract readonly protocolName: SocketRow['protocol'];
  readonly transport: Transport;
  process: string | undefined;
  pid: number | undefined;
  readonly readable = new WaitQueue();
  mark = 0;
  readonly uid = 0;
  tos = 0;
  /** IP_TTL; undefined: net.ipv4.ip_default_ttl. */
  ttl: number | undefined;
  pmtudisc = PMTUDISC_WANT;
  broadcast = false;
  reuseAddr = false;
  nodelay = false;
  recvErr = false;
  rcvbuf: number;
  boundDevice: NetDevice | undefined;
  closed = false;
  /** inet_id: random when the socket gets a peer, then one more for each packet. */
  ipId = 0;
  #local: Endpoint = UNBOUND;
  #remote: Endpoint | undefined;
  #described: string | undefined;
  #error: Errno | undefined;
  #rowKey: string | undefined;
  #route: DstEntry | undefined;
  #routeDst: Ipv4 = ANY;
  #routeGeneration = -1;

  constructor(transport: Transport, owner: Owner | undefined) {
    this.transport = transport;
    this.process = owner?.name;
    this.pid = owner?.pid;
    this.rcvbuf = transport.ns.sysctl.int('net.core.rmem_default');
  }

  get local(): Endpoint {
    return this.#local;
  }
  get remote(): Endpoint | undefined {
    return this.#remote;
  }

  name(local: Endpoint, remote: Endpoint | undefined): void {
    this.#local = local;
    this.#remote = remote;
    this.#described = undefined;
    this.#route = undefined;
    if (this.#rowKey !== undefined) this.transport.sockets.patch(this.#rowKey, { local, remote });
  }

  describe(): string {
    return (this.#described ??= this.#remote === undefined
      ? `${this.protocolName} ${formatEndpoint(this.#local)}`
      : `${this.protocolName} ${formatEndpoint(this.#local)} > ${formatEndpoint(this.#remote)}`);
  }

  nextIpId(): number | undefined {
    if (this.#remote === undefined) return undefined;
    const id = this.ipId;
    this.ipId = (id + 1) & 0xffff;
    return id;
  }

  /** The socket becomes visible to ss. */
  show(state: SocketRow['state']): void {
    if (this.#rowKey !== undefined) {
      this.row({ state });
      return;
    }
    this.#rowKey = this.transport.nextRowKey();
    this.transport.sockets.insert(this.#rowKey, {
      protocol: this.protocolName, state, local: this.#local, remote: this.#remote,
      recvQueue: 0, sendQueue: 0, process: this.process, pid: this.pid,
    });
  }

  row(changes: Partial<SocketRow>): void {
    if (this.#rowKey !== undefined) this.transport.sockets.patch(this.#rowKey, changes);
  }

  get rowKey(): string | undefined {
    return this.#rowKey;
  }

  hide(): void {
    if (this.#rowKey === undefined) return;
    this.transport.sockets.delete(this.#rowKey);
    this.#rowKey = undefined;
  }

  /** Gives the row away: a TIME_WAIT successor keeps it. */
  releaseRow(): string | undefined {
    const key = this.#rowKey;
    this.#rowKey = undefined;
    return key;
  }

  takeError(): Errno | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  get pendingError(): Errno | undefined {
    return this.#error;
  }

  noteError(errno: Errno): void {
    this.#error = errno;
  }

  setError(errno: Errno): void {
    this.#error = errno;
    this.readable.wake();
  }

  error(errno: Errno): void {
    this.setError(errno);
  }

  bindToDevice(dev: string): Result<undefined, KernelError> {
    const device = this.transport.ns.device(dev);
    if (device === undefined) return refuse('ENODEV');
    this.boundDevice = device;
    this.forgetRoute();
    return done;
  }

  setOption(option: SocketOption, value: number): void {
    this.forgetRoute();
    switch (option) {
      case 'mark': this.mark = value >>> 0; break;
      case 'ttl': this.ttl = value <= 0 ? undefined : value; break;
      case 'tos': this.tos = value & 0xff; break;
      case 'pmtudisc': this.pmtudisc = value; break;
      case 'broadcast': this.broadcast = value !== 0; break;
      case 'reuseaddr': this.reuseAddr = value !== 0; break;
      case 'nodelay': this.nodelay = value !== 0; break;
      case 'recverr': this.recvErr = value !== 0; break;
      // sock_setsockopt doubles the value for bookkeeping; 2304 is SOCK_MIN_RCVBUF.
      case 'rcvbuf': this.rcvbuf = Math.max(2304, 2 * Math.min(value, this.transport.ns.sysctl.int('net.core.rmem_max'))); break;
    }
  }

  /** ip_route_output_flow for this socket's options; the last answer is kept while nothing changed (sk_dst_check). */
  routeTo(dst: Ipv4): Result<DstEntry, KernelError> {
    const { fib, ip } = this.transport.ns;
    const known = this.#route;
    if (known !== undefined && this.#routeGeneration === fib.generation && this.#routeDst === dst) return { ok: true, value: known };
    const src = this.#local.address === ANY ? undefined : this.#local.address;
    const answer = ip.route({ dst, src, oif: this.boundDevice, tos: this.tos, mark: this.mark, protocol: this.protocol });
    if (!answer.ok) return refuse(answer.errno);
    this.#route = answer.dst;
    this.#routeDst = dst;
    this.#routeGeneration = fib.generation;
    return ok(answer.dst);
  }

  forgetRoute(): void {
    this.#route = undefined;
  }

  sourceFor(route: DstEntry): Ipv4 {
    return this.#local.address === ANY ? route.src : this.#local.address;
  }

  get pmtudiscName(): 'dont' | 'want' | 'do' | 'probe' {
    switch (this.pmtudisc) {
      case PMTUDISC_DONT: return 'dont';
      case PMTUDISC_DO: return 'do';
      case PMTUDISC_PROBE: return 'probe';
      default: return 'want';
    }
  }

  /** Is the packet's device the one this socket is bound to, if it is? */
  accepts(dev: NetDevice | undefined, address: Ipv4): boolean {
    if (this.boundDevice !== undefined && this.boundDevice !== dev) return false;
    return this.#local.address === ANY || this.#local.address === address;
  }
}
