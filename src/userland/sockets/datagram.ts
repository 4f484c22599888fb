import type { Program } from '../../engine/sim/process.ts';
import type { Datagram, UdpSocket } from '../../engine/uapi/sockets.ts';

/** The next datagram of a socket that serves. An answer that nobody waited for comes back as an error (ICMP): of no use here. */
export function* nextDatagram(socket: UdpSocket): Program<Datagram> {
  for (;;) {
    const datagram = socket.recv();
    if (datagram !== undefined) return datagram;
    socket.takeError();
    yield { on: [socket.readable] };
  }
}
