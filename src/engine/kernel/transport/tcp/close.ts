/** Read first: net/ipv4/tcp.c __tcp_close, tcp_shutdown, tcp_close_state. Models: how a program ends a connection (v6.1). Not modelled: SO_LINGER with a time, SHUT_RD. */
import { nanos, seconds } from '../../../sim/time.ts';
import type { TcpState } from '../../../uapi/sockets.ts';
import { TIMEWAIT } from './constants.ts';
import { sendActiveReset, sendFin } from './output.ts';
import { stopTimer } from './retransmit.ts';
import type { TcpSock } from './tcp-sock.ts';
import { enterTimeWait } from './time-wait.ts';

/** new_state[]: where a close leads, and whether a FIN goes out. */
export const CLOSE_TRANSITION: Readonly<Partial<Record<TcpState, { readonly to: TcpState; readonly fin: boolean }>>> = {
  ESTABLISHED: { to: 'FIN_WAIT1', fin: true },
  SYN_SENT: { to: 'CLOSE', fin: false },
  SYN_RECV: { to: 'FIN_WAIT1', fin: true },
  CLOSE_WAIT: { to: 'LAST_ACK', fin: true },
};

/** True: a FIN must be sent. */
function closeState(sock: TcpSock): boolean {
  const transition = CLOSE_TRANSITION[sock.state];
  if (transition === undefined) return false;
  sock.setState(transition.to);
  return transition.fin;
}

export function shutdownWrite(sock: TcpSock): void {
  if (sock.closed || sock.writeClosed) return;
  const { state } = sock;
  if (state !== 'ESTABLISHED' && state !== 'CLOSE_WAIT' && state !== 'SYN_RECV') return;
  sock.writeClosed = true;
  if (closeState(sock)) sendFin(sock);
}

/** RFC 2525 2.17: a close with unread data is told to the peer by a reset. */
export function closeSocket(sock: TcpSock): void {
  if (sock.closed) return;
  sock.closed = true;
  const { layer, listener } = sock;
  if (listener !== undefined) {
    listener.stop();
    layer.destroy(sock);
    return;
  }
  const unread = sock.receiveQueued > 0;
  sock.readClosed = true;
  sock.receiveQueue = [];
  sock.receiveQueued = 0;
  const { state } = sock;
  if (state === 'CLOSE' || state === 'SYN_SENT') {
    layer.destroy(sock);
    return;
  }
  if (unread || sock.lingerZero) {
    // tcp_need_reset: after our FIN was acknowledged there is nothing left to reset.
    const needed = unread || (state !== 'TIME_WAIT' && state !== 'LAST_ACK' && state !== 'CLOSING');
    if (needed) sendActiveReset(sock);
    layer.destroy(sock);
    return;
  }
  sock.orphan = true;
  sock.process = undefined;
  sock.pid = undefined;
  sock.row({ process: undefined, pid: undefined, recvQueue: 0 });
  const fin = !sock.writeClosed && closeState(sock);
  sock.writeClosed = true;
  if (fin) sendFin(sock);
  if (sock.state === 'FIN_WAIT2') startFinWait2(sock);
}

/** An orphan waits net.ipv4.tcp_fin_timeout for the peer's FIN: its last 60 seconds as little more than an address. `whole`: that FIN came with what ended FIN_WAIT1. */
export function startFinWait2(sock: TcpSock, whole = false): void {
  stopTimer(sock);
  const { ns } = sock.transport;
  const span = seconds(ns.sysctl.int('net.ipv4.tcp_fin_timeout'));
  if (span <= TIMEWAIT && !whole) return enterTimeWait(sock, span);
  sock.timerKind = 'fin-wait2';
  const left = span > TIMEWAIT ? nanos(span - TIMEWAIT) : span;
  sock.timer = ns.machine.world.scheduler.after(left, () => (span > TIMEWAIT ? enterTimeWait(sock, TIMEWAIT) : sock.layer.destroy(sock)));
}
