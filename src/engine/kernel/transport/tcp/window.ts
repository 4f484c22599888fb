/**
 * Read first: net/ipv4/tcp_output.c tcp_select_initial_window, __tcp_select_window; tcp_input.c tcp_init_buffer_space, tcp_grow_window, tcp_rcv_space_adjust.
 * Models: the advertised window (v6.1, tcp_adv_win_scale 1: half the buffer is window). Not modelled: truesize (a byte counts two), memory pressure.
 */
import type { SysctlTable } from '../../sysctl/sysctl-table.ts';
import type { TcpSock } from './tcp-sock.ts';
import { INIT_CWND, MAX_WSCALE, TCP_MIN_MSS, TCP_MSS_DEFAULT } from './constants.ts';
import { distance } from './seq.ts';

const U16_MAX = 65535;

export const windowFromSpace = (space: number): number => Math.floor(space / 2);

export interface InitialWindow {
  readonly window: number;
  readonly scale: number;
  readonly clamp: number;
}

/** tcp_select_initial_window: a multiple of the MSS for the SYN, and the scale that the largest buffer needs. */
export function selectInitialWindow(space: number, mss: number, scaling: boolean, largest: number): InitialWindow {
  const quantized = space > mss ? space - (space % mss) : space;
  const scale = scaling ? Math.min(MAX_WSCALE, Math.max(0, Math.floor(Math.log2(Math.max(quantized, largest))) - 15)) : 0;
  return { window: Math.min(quantized, U16_MAX), scale, clamp: U16_MAX * 2 ** scale };
}

/** tcp_rmem[2] or net.core.rmem_max: the buffer that the scale must be able to describe. */
export const largestBuffer = (sysctl: SysctlTable): number => Math.max(receiveMaximum(sysctl), sysctl.int('net.core.rmem_max'));

const receiveMaximum = (sysctl: SysctlTable): number => sysctl.ints('net.ipv4.tcp_rmem')[2] ?? 0;

/** tcp_init_buffer_space: one segment is reserved; the first data ACK never offers less than the SYN did. */
export function initBufferSpace(sock: TcpSock): void {
  sock.rcvSpace = Math.min(sock.rcvSsthresh, sock.rcvWnd, INIT_CWND * sock.advmss);
  sock.rcvSpaceTime = sock.now;
  sock.rcvSpaceSeq = sock.copiedSeq;
  const whole = windowFromSpace(sock.rcvbuf);
  if (sock.windowClamp >= whole) sock.windowClamp = Math.max(whole, 4 * sock.advmss);
  if (sock.windowClamp > 2 * sock.advmss && sock.windowClamp + sock.advmss > whole) {
    sock.windowClamp = Math.max(2 * sock.advmss, whole - sock.advmss);
  }
  sock.rcvSsthresh = Math.min(sock.rcvSsthresh, sock.windowClamp);
}

/** tcp_initialize_rcv_mss: a guess until data comes. */
export const initialRcvMss = (sock: TcpSock): number =>
  Math.max(TCP_MIN_MSS, Math.min(sock.advmss, sock.mss, Math.floor(sock.rcvWnd / 2), TCP_MSS_DEFAULT));

/** tcp_receive_window: what the peer may still send of what was offered last. */
export const receiveWindow = (sock: TcpSock): number => Math.max(0, sock.rcvWnd - distance(sock.rcvNxt, sock.rcvWup));

/** Payload bytes that the receive buffer has room for. */
const freeSpace = (sock: TcpSock): number => Math.max(0, windowFromSpace(sock.rcvbuf) - sock.receiveQueued);

/** __tcp_select_window */
export function wantedWindow(sock: TcpSock): number {
  const full = Math.min(sock.windowClamp, windowFromSpace(sock.rcvbuf));
  const mss = Math.min(sock.rcvMss, full);
  let free = freeSpace(sock);
  if (free < full / 2) {
    // Rounded down to the scale, and silly windows are not offered (RFC 1122).
    const unit = 2 ** sock.rcvScale;
    free -= free % unit;
    if (free < Math.floor(windowFromSpace(sock.rcvbuf) / 16) || free < mss) return 0;
  }
  free = Math.min(free, sock.rcvSsthresh);
  if (sock.rcvScale > 0) return alignUp(free, 2 ** sock.rcvScale);
  const window = sock.rcvWnd;
  if (window <= free - mss || window > free) return free - (free % mss);
  return window;
}

const alignUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit;

/** tcp_select_window: the window field of the next segment. An offer is never taken back. */
export function selectWindow(sock: TcpSock): number {
  const current = receiveWindow(sock);
  let next = wantedWindow(sock);
  if (next < current) next = alignUp(current, 2 ** sock.rcvScale);
  sock.rcvWnd = next;
  sock.rcvWup = sock.rcvNxt;
  next = Math.min(next, U16_MAX * 2 ** sock.rcvScale);
  return Math.floor(next / 2 ** sock.rcvScale);
}

/** tcp_grow_window */
export function growWindow(sock: TcpSock): void {
  const room = Math.min(sock.windowClamp, freeSpace(sock)) - sock.rcvSsthresh;
  if (room <= 0) return;
  sock.rcvSsthresh += Math.min(room, 2 * sock.advmss);
}

/** tcp_rcv_space_adjust: what the program read in the last round trip decides how large the buffer gets. */
export function adjustReceiveSpace(sock: TcpSock): void {
  const rtt = sock.srtt;
  if (rtt === 0 || sock.now - sock.rcvSpaceTime < rtt) return;
  const copied = distance(sock.copiedSeq, sock.rcvSpaceSeq);
  if (copied > sock.rcvSpace) {
    if (!sock.rcvbufLocked) {
      const grow = Math.floor((2 * copied * (copied - sock.rcvSpace)) / Math.max(1, sock.rcvSpace));
      const window = 2 * copied + 16 * sock.advmss + 2 * grow;
      const buffer = Math.min(2 * window, receiveMaximum(sock.transport.ns.sysctl));
      if (buffer > sock.rcvbuf) {
        sock.rcvbuf = buffer;
        sock.windowClamp = windowFromSpace(buffer);
      }
    }
    sock.rcvSpace = copied;
  }
  sock.rcvSpaceSeq = sock.copiedSeq;
  sock.rcvSpaceTime = sock.now;
}
