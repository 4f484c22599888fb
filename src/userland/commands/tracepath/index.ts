/**
 * Read first: tracepath(8), ip(7) IP_RECVERR.
 * Models: tracepath.c of iputils 20221126: -n -b -l -m -p.
 * Not modelled: IPv6.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { SocketErrorInfo, UdpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf, lookup, lookupErrorText, reverseLookup } from '../../resolver/lookup.ts';
import { getopt, UsageError } from '../../text/getopt.ts';

const USAGE = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and IP
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no reverse DNS name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  DNS name or IP address

For more details see tracepath(8).
`;

/** HOST_COLUMN_SIZE */
const COLUMN = 52;
const HISTORY = 64;

/** How one look at the error queue ended: nothing there, something was, the end of the path. */
type Progress = 'none' | 'some' | 'done';

class Trace {
  readonly #context: Context;
  readonly #socket: UdpSocket;
  readonly #target: Ipv4;
  readonly #port: number;
  readonly #numeric: boolean;
  readonly #both: boolean;
  readonly #sent = new Map<number, { readonly ttl: number; readonly at: Nanos }>();
  readonly #names = new Map<Ipv4, string>();
  #probes = 0;
  ttl = 1;
  mtu: number;
  hopsTo: number | undefined;
  hopsFrom: number | undefined;

  constructor(context: Context, socket: UdpSocket, target: Ipv4, options: { readonly port: number; readonly length: number; readonly numeric: boolean; readonly both: boolean }) {
    this.#context = context;
    this.#socket = socket;
    this.#target = target;
    this.#port = options.port;
    this.#numeric = options.numeric;
    this.#both = options.both;
    this.mtu = options.length;
  }

  *#host(ip: Ipv4): Program<string> {
    const { kernel, host } = this.#context;
    const text = formatIpv4(ip);
    let shown = text;
    if (!this.#numeric) {
      if (!this.#names.has(ip)) this.#names.set(ip, (yield* reverseLookup(kernel, host.fs, ip, libraryOf(host.fs))) ?? text);
      shown = this.#names.get(ip) ?? text;
    }
    if (this.#both) shown += ` (${text})`;
    return shown + ' '.repeat(COLUMN - Math.min(shown.length, COLUMN - 1));
  }

  *#tell(e: SocketErrorInfo): Program<Progress> {
    const { stdout } = this.#context;
    const sent = this.#sent.get(e.to.port);
    const back = 1 + (e.ttl <= 64 ? 64 : e.ttl <= 128 ? 128 : 255) - e.ttl;
    const micros = sent === undefined ? undefined : Math.floor((e.at - sent.at) / 1000);
    const head = `${sent === undefined ? `${String(this.ttl).padStart(2)}?: ` : `${String(sent.ttl).padStart(2)}:  `}${yield* this.#host(e.from)}${micros === undefined ? '' : `${String(Math.floor(micros / 1000)).padStart(3)}.${String(micros % 1000).padStart(3, '0')}ms `}`;
    switch (e.errno) {
      case 'EMSGSIZE':
        stdout.write(`${head}pmtu ${e.mtu ?? 0}\n`);
        this.mtu = e.mtu ?? this.mtu;
        return 'some';
      case 'ECONNREFUSED':
        stdout.write(`${head}reached\n`);
        this.hopsTo = sent?.ttl ?? this.ttl;
        this.hopsFrom = back;
        return 'done';
      case 'EHOSTUNREACH':
        if (e.type !== 11 || e.code !== 0) {
          stdout.write(`${head}!H\n`);
          return 'done';
        }
        stdout.write(`${head}${back === (sent?.ttl ?? this.ttl) ? '' : `asymm ${String(back).padStart(2)} `}\n`);
        return 'some';
      case 'ENETUNREACH': stdout.write(`${head}!N\n`); return 'done';
      case 'EACCES': stdout.write(`${head}!A\n`); return 'done';
      case 'EPROTO': stdout.write(`${head}!P\n`); return 'done';
      default: stdout.write(`${head}\n`); return 'done';
    }
  }

  *#errors(): Program<Progress> {
    let progress: Progress = 'none';
    this.#socket.takeError();
    for (let e = this.#socket.recvError(); e !== undefined; e = this.#socket.recvError()) {
      progress = yield* this.#tell(e);
      if (progress === 'done') return progress;
    }
    return progress;
  }

  /** The local part of the path: our own device is smaller than the probe. */
  #localMtu(): void {
    const { netlink } = this.#context.kernel;
    const route = netlink.getRoute({ dst: this.#target });
    const dev = route.ok ? route.value.dev : undefined;
    this.mtu = (route.ok ? route.value.mtu : undefined) ?? (dev === undefined ? undefined : netlink.link(dev)?.mtu) ?? 1500;
    this.#context.stdout.write(`${String(this.ttl).padStart(2)}?: ${'[LOCALHOST]'.padEnd(32)} pmtu ${this.mtu}\n`);
  }

  *probe(): Program<Progress | 'failed'> {
    const { kernel, stdout } = this.#context;
    this.#socket.setOption('ttl', this.ttl);
    for (let attempt = 0; attempt < 10; attempt++) {
      const port = this.#port + (this.#probes++ % HISTORY);
      this.#sent.set(port, { ttl: this.ttl, at: kernel.clock.now });
      const sent = this.#socket.send(new Uint8Array(Math.max(0, this.mtu - 28)), { address: this.#target, port });
      if (sent.ok) break;
      this.#sent.delete(port);
      if (sent.error.errno === 'EMSGSIZE') this.#localMtu();
      else if (sent.error.errno === 'ENETUNREACH') {
        stdout.write('     send failed\n');
        return 'failed';
      }
      const progress = yield* this.#errors();
      if (progress === 'done') return progress;
    }
    const until = plus(kernel.clock.now, seconds(1));
    for (;;) {
      if (this.#socket.recv() !== undefined) {
        stdout.write(`${String(this.ttl).padStart(2)}?: reply received 8)\n`);
        return 'done';
      }
      const progress = yield* this.#errors();
      if (progress !== 'none' || kernel.clock.now >= until) return progress;
      yield { on: [this.#socket.readable], until };
    }
  }

  *hop(): Program<boolean> {
    for (let i = 0; i < 3;) {
      const before = this.mtu;
      const progress = yield* this.probe();
      if (progress === 'done' || progress === 'failed') return true;
      // A smaller MTU: this TTL again from the start.
      if (this.mtu !== before) {
        i = 0;
        continue;
      }
      if (progress === 'some') return false;
      i++;
    }
    this.#context.stdout.write(`${String(this.ttl).padStart(2)}:  no reply\n`);
    return false;
  }
}

export const tracepath: Command = {
  name: 'tracepath',
  models: 'tracepath of iputils 20221126, IPv4: -n -b -l -m -p',
  notModelled: 'IPv6',
  *run(context) {
    const { stderr, stdout, kernel, host } = context;
    let o;
    try {
      o = getopt(context.args.slice(1), { short: '46nbhl:m:p:V' });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      stderr.write(`tracepath: ${error.message}\n${USAGE}`);
      return 2;
    }
    const [name] = o.rest;
    if (o.has('V')) {
      stdout.write('tracepath from iputils 20221126\n');
      return 0;
    }
    if (name === undefined || o.has('h')) {
      stderr.write(USAGE);
      return 2;
    }
    for (const letter of ['l', 'm', 'p']) {
      const value = o.value(letter);
      if (value !== undefined && !/^\d+$/.test(value)) {
        stderr.write(`tracepath: invalid argument: '${value}'\n`);
        return 1;
      }
    }
    const library = libraryOf(host.fs);
    const found = yield* lookup(kernel, host.fs, name, { library });
    const target = found.ok ? found.value.addresses[0] : undefined;
    if (target === undefined) {
      stderr.write(`tracepath: ${name}: ${lookupErrorText(found.ok ? 'NODATA' : found.error, library)}\n`);
      return 1;
    }
    const socket = kernel.sockets.udp();
    try {
      socket.bind({ address: ANY, port: 0 });
      socket.setOption('recverr', 1);
      socket.setOption('pmtudisc', 2);
      const trace = new Trace(context, socket, target, { port: Number(o.value('p') ?? 44444), length: Number(o.value('l') ?? 65535), numeric: o.has('n'), both: o.has('b') });
      const limit = Number(o.value('m') ?? 30);
      for (trace.ttl = 1; trace.ttl <= limit; trace.ttl++) {
        if (!(yield* trace.hop())) continue;
        stdout.write(`     Resume: pmtu ${trace.mtu} ${trace.hopsTo === undefined ? '' : `hops ${trace.hopsTo} `}${trace.hopsFrom === undefined ? '' : `back ${trace.hopsFrom} `}\n`);
        return 0;
      }
      stdout.write(`     Too many hops: pmtu ${trace.mtu}\n     Resume: pmtu ${trace.mtu} \n`);
      return 0;
    } finally {
      socket.close();
    }
  },
};
