/** A DNS server's two sockets: a process per question, as long as it takes to answer. Read first: RFC 1035 4.2, RFC 6891 6.2. */
import type { Program, Wait } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Endpoint, TcpSocket } from '../../../engine/uapi/sockets.ts';
import { concatBytes } from '../../../engine/wire/bytes.ts';
import { decodeDns, DNS_PORT, DNS_TYPES, encodeDns, type DnsMessage } from '../../../engine/wire/dns.ts';
import type { Ipv4 } from '../../../engine/wire/addresses.ts';
import { nextDatagram } from '../../sockets/datagram.ts';
import { accept, receiveExactly, sendAll } from '../../sockets/stream.ts';

/** undefined: no answer at all. */
export type Answerer = (request: DnsMessage, from: Endpoint) => Generator<Wait, DnsMessage | undefined, void>;

export interface DnsServer {
  /** Process name. */
  readonly name: string;
  readonly address: Ipv4;
  readonly answer: Answerer;
}

const TCP_IDLE = seconds(30);
const PLAIN_UDP = 512;

const cut = (message: DnsMessage): DnsMessage => ({ ...message, truncated: true, answers: [], authority: [], additional: message.additional.filter((r) => r.type === DNS_TYPES.OPT) });

export function requestOf(bytes: Uint8Array): DnsMessage | undefined {
  const parsed = decodeDns(bytes);
  return parsed.ok && !parsed.value.response ? parsed.value : undefined;
}

/** Serves until it is killed; 2 when port 53 is taken. */
export function* dnsServer(kernel: Kernel, server: DnsServer): Program {
  const tcp = kernel.spawn(server.name, (own) => tcpServer(own, server));
  const socket = kernel.sockets.udp();
  try {
    if (!socket.bind({ address: server.address, port: DNS_PORT }).ok) return 2;
    for (;;) {
      const datagram = yield* nextDatagram(socket);
      const request = requestOf(datagram.bytes);
      if (request === undefined) continue;
      kernel.spawn(server.name, function* () {
        const reply = yield* server.answer(request, datagram.from);
        if (reply === undefined) return 0;
        const bytes = encodeDns(reply);
        const room = Math.max(PLAIN_UDP, request.additional.find((r) => r.type === DNS_TYPES.OPT)?.class ?? PLAIN_UDP);
        socket.send(bytes.length <= room ? bytes : encodeDns(cut(reply)), datagram.from);
        return 0;
      });
    }
  } finally {
    tcp.process.kill('SIGTERM');
    socket.close();
  }
}

function* tcpServer(kernel: Kernel, server: DnsServer): Program {
  const listener = kernel.sockets.tcp();
  try {
    listener.setOption('reuseaddr', 1);
    if (!listener.bind({ address: server.address, port: DNS_PORT }).ok || !listener.listen(32).ok) return 2;
    for (;;) {
      const socket = yield* accept(listener);
      kernel.spawn(server.name, () => tcpConnection(kernel, server, socket));
    }
  } finally {
    listener.close();
  }
}

function* tcpConnection(kernel: Kernel, server: DnsServer, socket: TcpSocket): Program {
  try {
    for (;;) {
      const until = plus(kernel.clock.now, TCP_IDLE);
      const head = yield* receiveExactly(kernel, socket, 2, until);
      if (!head.ok) return 0;
      const body = yield* receiveExactly(kernel, socket, ((head.value[0] ?? 0) << 8) | (head.value[1] ?? 0), until);
      const request = body.ok ? requestOf(body.value) : undefined;
      if (request === undefined || socket.remote === undefined) return 0;
      const reply = yield* server.answer(request, socket.remote);
      if (reply === undefined) return 0;
      const bytes = encodeDns(reply);
      const sent = yield* sendAll(kernel, socket, concatBytes([Uint8Array.of(bytes.length >>> 8, bytes.length), bytes]), until);
      if (!sent.ok) return 0;
    }
  } finally {
    socket.close();
  }
}
