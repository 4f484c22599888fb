/** Read first: socket(7), tcp(7), udp(7), icmp(7), packet(7). Non-blocking sockets with wait queues; blocking is the caller's loop. */
import type { Result } from '../../base/result.ts';
import type { WaitQueue } from '../sim/process.ts';
import type { Nanos } from '../sim/time.ts';
import type { Ipv4 } from '../wire/addresses.ts';
import type { PartialChecksum } from '../wire/frame.ts';
import type { EthernetFrame } from '../wire/packet.ts';
import type { Errno, KernelError } from './errno.ts';

export interface Endpoint {
  readonly address: Ipv4;
  readonly port: number;
}

interface SocketBase {
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
  /** Woken when recv, accept or takeError may have something new. */
  readonly readable: WaitQueue;
  /** SO_ERROR: the pending error, cleared by reading. */
  takeError(): Errno | undefined;
  /** Address 0.0.0.0 and port 0: any, and an ephemeral one. */
  bind(local: Endpoint): Result<undefined, KernelError>;
  /** SO_BINDTODEVICE */
  bindToDevice(dev: string): Result<undefined, KernelError>;
  /** `nodelay`: TCP_NODELAY, as curl and nginx set it; without it Nagle's algorithm holds small segments back. `recverr`: IP_RECVERR (UDP). */
  setOption(option: 'mark' | 'ttl' | 'tos' | 'pmtudisc' | 'broadcast' | 'reuseaddr' | 'rcvbuf' | 'nodelay' | 'recverr', value: number): void;
  close(): void;
}

export interface Datagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
  readonly ttl: number;
}

/** sock_extended_err: an ICMP error about a datagram of ours. */
export interface SocketErrorInfo {
  readonly errno: Errno;
  readonly type: number;
  readonly code: number;
  /** Who said it, and the TTL its packet came with. */
  readonly from: Ipv4;
  readonly ttl: number;
  /** Next-hop MTU of "fragmentation needed". */
  readonly mtu: number | undefined;
  /** Where the datagram was going. */
  readonly to: Endpoint;
  readonly at: Nanos;
}

export interface UdpSocket extends SocketBase {
  /** MSG_ERRQUEUE, when `recverr` is on. */
  recvError(): SocketErrorInfo | undefined;
  connect(remote: Endpoint): Result<undefined, KernelError>;
  /** To the connected peer when `to` is left out. Bytes sent. */
  send(bytes: Uint8Array, to?: Endpoint): Result<number, KernelError>;
  recv(): Datagram | undefined;
}

export type TcpState =
  | 'CLOSE' | 'LISTEN' | 'SYN_SENT' | 'SYN_RECV' | 'ESTABLISHED' | 'FIN_WAIT1' | 'FIN_WAIT2' | 'CLOSE_WAIT' | 'CLOSING' | 'LAST_ACK' | 'TIME_WAIT';

export interface TcpSocket extends SocketBase {
  readonly state: TcpState;
  /** Woken when send may take more, and when a connect ends. */
  readonly writable: WaitQueue;
  listen(backlog: number): Result<undefined, KernelError>;
  /** A connection whose handshake ended; undefined when none waits. */
  accept(): TcpSocket | undefined;
  /** Starts the handshake: then wait on `writable` until `state` is ESTABLISHED or takeError answers. */
  connect(remote: Endpoint): Result<undefined, KernelError>;
  /** Bytes taken into the send buffer: 0 when it is full. */
  send(bytes: Uint8Array): Result<number, KernelError>;
  /** Bytes; 'eof' after the peer's FIN; undefined when nothing is there yet. */
  recv(max?: number): Uint8Array | 'eof' | undefined;
  /** SHUT_WR */
  shutdown(): void;
  /** SO_LINGER 0: close sends a reset. */
  setLingerZero(): void;
}

export interface IcmpReply {
  readonly from: Ipv4;
  /** Destination the reply was sent to. */
  readonly to: Ipv4;
  readonly type: number;
  readonly code: number;
  readonly id: number;
  readonly seq: number;
  readonly ttl: number;
  /** ICMP bytes after the 8-byte header. */
  readonly body: Uint8Array;
  /** For errors: second header word (next-hop MTU, gateway) and the destination of the offending packet. */
  readonly rest: number;
  readonly offender: Ipv4 | undefined;
  readonly at: Nanos;
}

/** SOCK_RAW/IPPROTO_ICMP (or a ping socket): echo requests out, replies and errors about them in. */
export interface IcmpSocket extends SocketBase {
  /** The echo identifier in use. */
  readonly id: number;
  sendEcho(to: Ipv4, seq: number, body: Uint8Array): Result<number, KernelError>;
  recv(): IcmpReply | undefined;
}

export interface CapturedFrame {
  readonly at: Nanos;
  readonly dev: string;
  readonly ifindex: number;
  readonly direction: 'in' | 'out';
  readonly pktType: 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing';
  readonly frame: EthernetFrame;
  /** CHECKSUM_PARTIAL: the bytes hold the unfinished seed in the transport header. */
  readonly partialChecksum: PartialChecksum;
  readonly checksumAlgorithm: 'inet' | 'crc32c';
}

/** AF_PACKET SOCK_RAW: sees every frame of one device or all, both directions, before netfilter in, after it out. */
export interface PacketSocket {
  readonly readable: WaitQueue;
  recv(): CapturedFrame | undefined;
  /** Queues a whole frame on the bound device. */
  send(frame: EthernetFrame): Result<number, KernelError>;
  close(): void;
}

export interface SocketInfo {
  readonly protocol: 'tcp' | 'udp' | 'raw';
  readonly state: TcpState | 'UNCONN' | 'ESTAB';
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
  readonly recvQueue: number;
  readonly sendQueue: number;
  readonly process: string | undefined;
  readonly pid: number | undefined;
  /** A listener on ::, for IPv6 alone (IPV6_V6ONLY). */
  readonly v6only?: boolean | undefined;
}

export interface Sockets {
  udp(): UdpSocket;
  tcp(): TcpSocket;
  icmp(): IcmpSocket;
  /** `dev`: a name, or undefined for every device. `protocol`: incoming frames of that type only, as a socket bound to it; otherwise ETH_P_ALL. ENODEV. */
  packet(dev: string | undefined, protocol?: number): Result<PacketSocket, KernelError>;
  /** A listener on [::]:port, IPV6_V6ONLY. Nothing ever arrives: no IPv6 packet is sent here. EAFNOSUPPORT without IPv6, EADDRINUSE. */
  listen6(port: number): Result<{ close(): void }, KernelError>;
  list(): readonly SocketInfo[];
}
