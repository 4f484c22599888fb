import { ok, type Result } from '../../../base/result.ts';
import { refuse, type KernelError } from '../../uapi/errno.ts';
import { ANY } from '../../wire/addresses.ts';
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

function listen6(transport: Transport, owner: Owner, port: number): Result<{ close(): void }, KernelError> {
  if (!transport.ns.machine.ipv6) return refuse('EAFNOSUPPORT');
  const key = `tcp6/${port}`;
  if (transport.sockets.get(key) !== undefined) return refuse('EADDRINUSE');
  transport.sockets.insert(key, { protocol: 'tcp', state: 'LISTEN', local: { address: ANY, port }, remote: undefined, recvQueue: 0, sendQueue: 0, process: owner.name, pid: owner.pid, v6only: true });
  return ok({ close: () => transport.sockets.delete(key) });
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
    listen6: (port) => listen6(transport, owner, port),
    list: (): readonly SocketInfo[] => [...transport.sockets.values()].map((row) => ({ ...row })),
  };
}
