/**
 * Read first: nc(1).
 * Models: OpenBSD netcat 1.219: client and -l over TCP and UDP, -z with port ranges, -v -w -n -N -q -k -p -s -d.
 * Not modelled: proxies, Unix sockets, TLS, -i, -r.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Endpoint, TcpSocket, UdpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { serviceName } from '../../../engine/wire/tcpdump/services.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf, lookup, lookupErrorText } from '../../resolver/lookup.ts';
import { accept, connectTcp } from '../../sockets/stream.ts';
import { parseNc, type NcOptions } from './options.ts';
import { relay, type Peer } from './relay.ts';

const tcpPeer = (socket: TcpSocket): Peer => ({
  queues: [socket.readable, socket.writable],
  send: (bytes) => {
    const sent = socket.send(bytes);
    return sent.ok ? sent.value : sent.error.errno === 'EAGAIN' ? 0 : undefined;
  },
  recv: () => socket.recv(),
  broken: () => socket.takeError() !== undefined,
  shutdown: () => socket.shutdown(),
});

const udpPeer = (socket: UdpSocket): Peer => ({
  queues: [socket.readable],
  send: (bytes) => {
    const sent = socket.send(bytes.subarray(0, 16384));
    return sent.ok ? sent.value : undefined;
  },
  recv: () => socket.recv()?.bytes,
  broken: () => socket.takeError() !== undefined,
  shutdown: () => undefined,
});

function* resolve(context: Context, options: NcOptions, name: string, port: number): Program<Ipv4 | undefined> {
  const literal = parseIpv4(name);
  if (literal !== undefined) return literal;
  const library = libraryOf(context.host.fs);
  const found = options.numeric ? undefined : yield* lookup(context.kernel, context.host.fs, name, { library });
  if (found?.ok === true) return found.value.addresses[0];
  context.stderr.write(`nc: getaddrinfo for host "${name}" port ${port}: ${lookupErrorText(found === undefined ? 'NONAME' : found.error, library)}\n`);
  return undefined;
}

function localEnd(options: NcOptions): Endpoint | undefined {
  const address = options.source === undefined ? ANY : parseIpv4(options.source) ?? ANY;
  return options.source === undefined && options.sourcePort === 0 ? undefined : { address, port: options.sourcePort };
}

const succeeded = (options: NcOptions, name: string, port: number): string => {
  const kind = options.udp ? 'udp' : 'tcp';
  const service = options.numeric ? '*' : serviceName(options.udp ? 17 : 6, port) ?? '*';
  return `Connection to ${name} ${port} port [${kind}/${service}] succeeded!\n`;
};

function* client(context: Context, options: NcOptions, name: string): Program {
  let code = 1;
  for (const port of options.ports) {
    const address = yield* resolve(context, options, name, port);
    if (address === undefined) return 1;
    const ended = options.udp ? yield* udpClient(context, options, name, { address, port }) : yield* tcpClient(context, options, name, { address, port });
    if (ended === 0) code = 0;
    if (!options.zero && ended === 0) return 0;
  }
  return code;
}

function* tcpClient(context: Context, options: NcOptions, name: string, remote: Endpoint): Program {
  const { kernel, stderr } = context;
  const until = options.timeout === undefined ? undefined : plus(kernel.clock.now, seconds(options.timeout));
  const connected = yield* connectTcp(kernel, remote, { until, local: localEnd(options) });
  if (!connected.ok) {
    if (connected.error === 'EADDRINUSE' || connected.error === 'EADDRNOTAVAIL') stderr.write(`nc: bind failed: ${STRERROR[connected.error]}\n`);
    else if (options.verbose) stderr.write(`nc: connect to ${name} port ${remote.port} (tcp) ${connected.error === 'timeout' ? `timed out: ${STRERROR.EINPROGRESS}` : `failed: ${STRERROR[connected.error]}`}\n`);
    return 1;
  }
  const socket = connected.value;
  try {
    if (options.verbose) stderr.write(succeeded(options, name, remote.port));
    return options.zero ? 0 : yield* relay(context, tcpPeer(socket), options);
  } finally {
    socket.close();
  }
}

function* udpClient(context: Context, options: NcOptions, name: string, remote: Endpoint): Program {
  const { kernel, stderr } = context;
  const socket = kernel.sockets.udp();
  try {
    const local = localEnd(options);
    const bound = local === undefined ? undefined : socket.bind(local);
    const connected = bound?.ok === false ? bound : socket.connect(remote);
    if (!connected.ok) {
      if (options.verbose) stderr.write(`nc: connect to ${name} port ${remote.port} (udp) failed: ${STRERROR[connected.error.errno]}\n`);
      return 1;
    }
    if (options.zero || options.verbose) {
      // udptest: a port that answers with "unreachable" within the wait is closed.
      const until = plus(kernel.clock.now, seconds(Math.max(1, options.timeout ?? 1)));
      for (let i = 0; i < 2; i++) socket.send(Uint8Array.of(0x58));
      while (kernel.clock.now < until) {
        if (socket.takeError() !== undefined) return 1;
        yield { on: [socket.readable], until };
      }
      if (options.verbose) stderr.write(succeeded(options, name, remote.port));
    }
    return options.zero ? 0 : yield* relay(context, udpPeer(socket), options);
  } finally {
    socket.close();
  }
}

function* server(context: Context, options: NcOptions): Program {
  const { kernel, stderr } = context;
  const [port = 0] = options.ports;
  const address = options.host === undefined ? ANY : yield* resolve(context, options, options.host, port);
  if (address === undefined) return 1;
  const listener = options.udp ? kernel.sockets.udp() : kernel.sockets.tcp();
  try {
    listener.setOption('reuseaddr', 1);
    const bound = listener.bind({ address, port });
    if (!bound.ok) {
      stderr.write(`nc: ${STRERROR[bound.error.errno]}\n`);
      return 1;
    }
    if (options.verbose) stderr.write(options.udp ? `Bound on ${formatIpv4(address)} ${port}\n` : `Listening on ${formatIpv4(address)} ${port}\n`);
    if ('accept' in listener) {
      listener.listen(5);
      for (;;) {
        const socket = yield* accept(listener);
        const from = socket.remote;
        if (options.verbose && from !== undefined) stderr.write(`Connection received on ${formatIpv4(from.address)} ${from.port}\n`);
        try {
          const ended = yield* relay(context, tcpPeer(socket), options);
          if (!options.keep) return ended;
        } finally {
          socket.close();
        }
      }
    }
    return yield* udpServer(context, options, listener);
  } finally {
    listener.close();
  }
}

/** The first datagram's sender becomes the peer. */
function* udpServer(context: Context, options: NcOptions, socket: UdpSocket): Program {
  for (;;) {
    const first = socket.recv();
    if (first === undefined) {
      yield { on: [socket.readable] };
      continue;
    }
    socket.connect(first.from);
    if (options.verbose) context.stderr.write(`Connection received on ${formatIpv4(first.from.address)} ${first.from.port}\n`);
    let unread: Uint8Array | undefined = first.bytes;
    const peer = udpPeer(socket);
    return yield* relay(context, {
      ...peer,
      recv: () => {
        const chunk = unread ?? peer.recv();
        unread = undefined;
        return chunk;
      },
    }, options);
  }
}

export const nc: Command = {
  name: 'nc',
  aliases: ['netcat'],
  models: 'OpenBSD netcat 1.219: TCP and UDP client and server, -z with port ranges, -v -w -n -N -q -k -p -s -d',
  notModelled: 'proxies, Unix sockets, -i, -r, IPv6',
  *run(context) {
    const options = parseNc(context.args.slice(1));
    if (!options.ok) {
      context.stderr.write(options.error);
      return 1;
    }
    return options.value.listen ? yield* server(context, options.value) : yield* client(context, options.value, options.value.host ?? '');
  },
};
