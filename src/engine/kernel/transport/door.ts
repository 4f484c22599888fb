import { ok } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { SocketInfo, Sockets } from '../../uapi/sockets.ts';
import { IcmpEchoSocket } from './icmp-socket.ts';
import { openPacketSocket } from './packet-socket.ts';
import { TcpSock } from './tcp/tcp-sock.ts';
import type { Transport } from './transport.ts';
import { UdpSock } from './udp/udp-socket.ts';

/** The process that makes a socket. */
export interface Owner {
  readonly name: string;
  readonly pid: number;
}

/** socket(2) of one process in one namespace. */
export function openDoor(transport: Transport, owner: Owner): Sockets {
  return {
    udp: () => new UdpSock(transport, owner),
    tcp: () => new TcpSock(transport, owner),
    icmp: () => new IcmpEchoSocket(transport, owner),
    packet: (name, protocol) => {
      const device = name === undefined ? undefined : transport.ns.device(name);
      if (name !== undefined && device === undefined) return refuse('ENODEV');
      return ok(openPacketSocket(transport, owner, device, protocol));
    },
    list: (): readonly SocketInfo[] => [...transport.sockets.values()].map((row) => ({ ...row })),
  };
}
