/** Read first: include/net/sock.h, include/net/inet_sock.h. Models: what IP, netfilter and the neighbour table ask of a socket (v6.1). */
import type { Errno } from '../../uapi/errno.ts';
import type { Endpoint } from '../../uapi/sockets.ts';
import type { NetDevice } from '../net-device.ts';

/** What the rest of the kernel sees of a socket (skb->sk). */
export interface Socket {
  /** IPPROTO_* */
  readonly protocol: number;
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
  /** Command name and pid of the owner; undefined for the kernel's own sockets (VXLAN, resets). */
  readonly process: string | undefined;
  readonly pid: number | undefined;
  /** sk_uid: who owns it; 0 is root, as every program here is. */
  readonly uid: number;
  /** SO_MARK */
  readonly mark: number;
  /** SO_BINDTODEVICE */
  readonly boundDevice: NetDevice | undefined;
  /** For the trace: `tcp 10.42.1.4:33700 > 10.43.180.238:80`, `udp *:53`. */
  describe(): string;
  /**
   * inet_id++: the IP id of the next packet of a socket that has a peer. undefined: no peer, so IP decides
   * (0 with DF, else from the per-destination hash). ip_select_ident_segs.
   */
  nextIpId(): number | undefined;
  /** A local failure after the packet was sent (ARP failed: EHOSTUNREACH). */
  error(errno: Errno): void;
}
