/** Read first: net/ipv4/tcp_ipv4.c tcp_v4_connect, tcp_output.c tcp_connect. Models: an active open (v6.1). Not modelled: fast open, TIME_WAIT reuse. */
import { done, type Result } from '../../../../base/result.ts';
import { refuse, type KernelError } from '../../../uapi/errno.ts';
import type { Endpoint } from '../../../uapi/sockets.ts';
import { ANY } from '../../../wire/addresses.ts';
import { SYN } from '../../../wire/packet.ts';
import type { DstEntry } from '../../ipv4/route.ts';
import { choosePort } from '../ports.ts';
import { queueSegment, sendSegment, syncMss } from './output.ts';
import { RTO_INITIAL } from './constants.ts';
import type { TcpSock } from './tcp-sock.ts';
import { initialRcvMss, largestBuffer, selectInitialWindow, windowFromSpace } from './window.ts';

/** IPV4_MAX_PMTU less the headers bounds what loopback would offer. */
export const advertisedMss = (route: DstEntry): number => Math.min(route.mtu, 65535) - 40;

export function connectSocket(sock: TcpSock, remote: Endpoint): Result<undefined, KernelError> {
  if (sock.closed || sock.state === 'LISTEN') return refuse(sock.closed ? 'EINVAL' : 'EISCONN');
  if (sock.state === 'SYN_SENT' || sock.state === 'SYN_RECV') return refuse('EALREADY');
  if (sock.state !== 'CLOSE' || sock.remote !== undefined) return refuse('EISCONN');
  const { layer, transport } = sock;
  const dst = remote.address === ANY && sock.local.address !== ANY ? sock.local.address : remote.address;
  const route = sock.routeTo(dst);
  if (!route.ok) return route;
  if (route.value.kind === 'broadcast' || route.value.kind === 'multicast') return refuse('ENETUNREACH');
  const to = { address: remote.address === ANY ? route.value.src : dst, port: remote.port };
  const address = sock.sourceFor(route.value);
  if (sock.local.port === 0) {
    const free = (port: number): boolean => layer.mayConnect({ address, port }, to);
    const port = choosePort(transport.ns, layer.portRandom, 'even', free);
    if (port === undefined) return refuse('EADDRNOTAVAIL');
    sock.name({ address, port }, to);
    layer.ports.add(sock);
  } else {
    if (layer.find(address, sock.local.port, to.address, to.port) !== undefined) return refuse('EADDRNOTAVAIL');
    sock.name({ address, port: sock.local.port }, to);
  }
  sock.takeError();
  sock.ipId = transport.ipIds.below(0x10000);
  sock.iss = layer.isnRandom.u32();
  sock.tsOffset = layer.tsRandom.u32();
  sock.sndUna = sock.sndNxt = sock.writeSeq = sock.sndSml = sock.iss;
  const { sysctl } = transport.ns;
  sock.offerTimestamps = sysctl.flag('net.ipv4.tcp_timestamps');
  sock.offerSack = sysctl.flag('net.ipv4.tcp_sack');
  sock.offerScaling = sysctl.flag('net.ipv4.tcp_window_scaling');
  sock.advmss = advertisedMss(route.value);
  sock.mssClamp = sock.advmss;
  syncMss(sock, route.value.mtu);
  const initial = selectInitialWindow(windowFromSpace(sock.rcvbuf), sock.advmss, sysctl.flag('net.ipv4.tcp_window_scaling'), largestBuffer(sysctl));
  sock.rcvWnd = initial.window;
  sock.rcvScale = initial.scale;
  sock.windowClamp = initial.clamp;
  sock.rcvSsthresh = initial.window;
  sock.rcvMss = initialRcvMss(sock);
  sock.rto = RTO_INITIAL;
  sock.retransmits = 0;
  sock.setState('SYN_SENT');
  layer.hash(sock);
  sock.showState();
  const syn = queueSegment(sock, SYN, new Uint8Array(0));
  sendSegment(sock, syn);
  return done;
}
