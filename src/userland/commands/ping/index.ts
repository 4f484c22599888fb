/**
 * Read first: ping(8).
 * Models: iputils ping 20221126 over IPv4: -c -i -W -w -s -t -Q -m -I -M -q -n -D -f -O -b, ICMP errors, exit codes.
 * Not modelled: -A, -l, -p, -R, -T, IPv6.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { minus, nanos, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import { STRERROR, type Errno } from '../../../engine/uapi/errno.ts';
import type { IcmpReply, IcmpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { put32, u32 } from '../../../engine/wire/bytes.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf, lookup, lookupErrorText, reverseLookup } from '../../resolver/lookup.ts';
import { busyboxPing, isBusybox } from './busybox.ts';
import { icmpErrorText } from './errors.ts';
import { parsePing, type PingOptions } from './options.ts';
import { roundTrip, Statistics } from './statistics.ts';

/** MAXWAIT: how long ping waits for the last reply when none came yet. */
const LINGER = seconds(10);

interface Target {
  readonly address: Ipv4;
  readonly name: string;
  readonly literal: boolean;
}

/** The reply carries its send time, as ping's first data bytes do, when there is room. */
const timed = (options: PingOptions): boolean => options.size >= 16;

function payload(size: number, now: Nanos): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = i;
  if (size >= 16) {
    put32(bytes, 0, Math.floor(now / 0x1_0000_0000));
    put32(bytes, 4, now % 0x1_0000_0000);
    put32(bytes, 8, 0);
    put32(bytes, 12, 0);
  }
  return bytes;
}

class Session {
  readonly #context: Context;
  readonly #options: PingOptions;
  readonly #target: Target;
  readonly #socket: IcmpSocket;
  readonly statistics = new Statistics();
  readonly #names = new Map<Ipv4, string>();

  /** rts->cur_time: the statistics' time ends here, not when ping does. */
  lastSent: Nanos;

  constructor(context: Context, options: PingOptions, target: Target, socket: IcmpSocket) {
    this.lastSent = context.kernel.clock.now;
    this.#context = context;
    this.#options = options;
    this.#target = target;
    this.#socket = socket;
  }

  #print(text: string): void {
    if (!this.#context.stdout.write(text)) throw new SignalError('SIGPIPE');
  }

  #stamp(): string {
    if (!this.#options.stamps) return '';
    const micros = Math.floor(this.#context.kernel.clock.wallMillis() * 1000);
    return `[${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}] `;
  }

  /** `name (address)` when ping was given a name. */
  *#who(ip: Ipv4): Program<string> {
    const text = formatIpv4(ip);
    if (this.#options.numeric || this.#target.literal) return text;
    const { kernel, host } = this.#context;
    if (!this.#names.has(ip)) this.#names.set(ip, (yield* reverseLookup(kernel, host.fs, ip, libraryOf(host.fs))) ?? '');
    const name = this.#names.get(ip) ?? '';
    return name === '' ? text : `${name} (${text})`;
  }

  send(): void {
    const { clock } = this.#context.kernel;
    const seq = (this.statistics.transmitted + 1) & 0xffff;
    this.lastSent = clock.now;
    const sent = this.#socket.sendEcho(this.#target.address, seq, payload(this.#options.size, clock.now));
    this.statistics.transmitted++;
    if (!sent.ok) this.#localError(sent.error.errno);
    else if (this.#options.flood && !this.#options.quiet) this.#print('.');
  }

  #localError(errno: Errno): void {
    this.statistics.errors++;
    if (this.#options.quiet) return;
    const text = errno === 'EMSGSIZE' ? `local error: message too long, mtu=${this.#mtu()}` : `sendmsg: ${STRERROR[errno]}`;
    this.#context.stderr.write(`ping: ${text}\n`);
  }

  #mtu(): number {
    const { netlink } = this.#context.kernel;
    const route = netlink.getRoute({ dst: this.#target.address });
    const dev = route.ok ? route.value.dev : undefined;
    return (route.ok ? route.value.mtu : undefined) ?? (dev === undefined ? undefined : netlink.link(dev)?.mtu) ?? 1500;
  }

  /** All that arrived. */
  *drain(): Program<void> {
    for (let r = this.#socket.recv(); r !== undefined; r = this.#socket.recv()) {
      if (r.type === 0) yield* this.#reply(r);
      else yield* this.#error(r);
    }
    const error = this.#socket.takeError();
    // Errors with an ICMP packet behind them came through recv already.
    if (error !== undefined && error === 'EMSGSIZE') this.#localError(error);
  }

  *#reply(r: IcmpReply): Program<void> {
    const { options, micros } = { options: this.#options, micros: timed(this.#options) ? Math.max(0, Math.floor((r.at - (u32(r.body, 0) * 0x1_0000_0000 + u32(r.body, 4))) / 1000)) : undefined };
    const fresh = this.statistics.reply(r.seq, micros);
    if (options.quiet) return;
    if (options.flood) {
      this.#print('\b \b');
      return;
    }
    const time = micros === undefined ? '' : ` time=${roundTrip(micros)}`;
    this.#print(`${this.#stamp()}${r.body.length + 8} bytes from ${yield* this.#who(r.from)}: icmp_seq=${r.seq} ttl=${r.ttl}${time}${fresh ? '' : ' (DUP!)'}\n`);
  }

  *#error(r: IcmpReply): Program<void> {
    // A redirect says nothing about the request's fate.
    if (r.type !== 5) {
      this.statistics.errors++;
      this.statistics.acknowledge(r.seq);
    }
    if (this.#options.quiet) return;
    if (this.#options.flood) {
      this.#print('\bE');
      return;
    }
    this.#print(`${this.#stamp()}From ${yield* this.#who(r.from)}${r.type === 5 ? ':' : ''} icmp_seq=${r.seq} ${icmpErrorText(r.type, r.code, r.rest)}\n`);
  }

  *run(start: Nanos): Program<void> {
    const { clock } = this.#context.kernel;
    const { count, deadline, outstanding } = this.#options;
    const interval = nanos(this.#options.interval * 1e9);
    const end = deadline === undefined ? undefined : plus(start, seconds(deadline));
    let next = start;
    for (;;) {
      const now = clock.now;
      if (end !== undefined && now >= end) return;
      const { statistics } = this;
      if (count !== undefined && statistics.received + statistics.errors >= count) return;
      // With a deadline an error ends it.
      if (deadline !== undefined && statistics.errors > 0) return;
      const mayMore = count === undefined || deadline !== undefined || statistics.transmitted < count;
      if (mayMore && now >= next) {
        if (outstanding && statistics.transmitted > 0 && !statistics.answered(statistics.transmitted & 0xffff) && !this.#options.quiet) this.#print(`${this.#stamp()}no answer yet for icmp_seq=${statistics.transmitted}\n`);
        this.send();
        next = plus(now, interval);
      }
      if (count !== undefined && statistics.received + statistics.errors >= count) return;
      const last = count !== undefined && deadline === undefined && statistics.transmitted >= count;
      const until = last ? this.#lastWait(next, interval) : next;
      if (last && clock.now >= until) return;
      yield { on: [this.#socket.readable], until: end !== undefined && end < until ? end : until };
      yield* this.drain();
    }
  }

  /** After the last request: twice the longest round trip (at least the interval), or -W / ten seconds when nothing came. */
  #lastWait(next: Nanos, interval: Nanos): Nanos {
    const lastSent = minus(next, interval);
    if (this.statistics.received > 0) return plus(lastSent, nanos(Math.max(2 * this.statistics.longest * 1000, interval)));
    return plus(lastSent, this.#options.timeout === undefined ? LINGER : nanos(this.#options.timeout * 1e9));
  }
}

function* resolveTarget(context: Context, options: PingOptions): Program<Target | number> {
  const literal = parseIpv4(options.target);
  if (literal !== undefined) return { address: literal === ANY ? parseIpv4('127.0.0.1') ?? ANY : literal, name: options.target, literal: true };
  const library = libraryOf(context.host.fs);
  const found = yield* lookup(context.kernel, context.host.fs, options.target, { library });
  const address = found.ok ? found.value.addresses[0] : undefined;
  if (found.ok && address !== undefined) return { address, name: found.value.canonical, literal: false };
  context.stderr.write(`ping: ${options.target}: ${lookupErrorText(found.ok ? 'NODATA' : found.error, library)}\n`);
  return 2;
}

/** Source and device of -I; a number: the exit code, its text is written. */
function prepare(context: Context, options: PingOptions, target: Target, socket: IcmpSocket): string | number {
  const complain = (text: string, code = 2): number => {
    context.stderr.write(`ping: ${text}\n`);
    return code;
  };
  const { interface: name } = options;
  let from = '';
  const source = name === undefined ? undefined : parseIpv4(name);
  if (source !== undefined) {
    const bound = socket.bind({ address: source, port: 0 });
    if (!bound.ok) return complain(`bind: ${STRERROR[bound.error.errno]}`);
    from = ` from ${formatIpv4(source)} :`;
  } else if (name !== undefined) {
    const bound = socket.bindToDevice(name);
    if (!bound.ok) return complain(`SO_BINDTODEVICE ${name}: ${STRERROR[bound.error.errno]}`);
    const own = context.kernel.netlink.addresses().find((a) => a.dev === name);
    from = ` from ${own === undefined ? '0.0.0.0' : formatIpv4(own.address)} ${name}:`;
  }
  const route = context.kernel.netlink.getRoute({ dst: target.address, ...(source === undefined ? {} : { src: source }), ...(source === undefined && name !== undefined ? { oif: name } : {}) });
  if (!route.ok) return complain(`connect: ${STRERROR[route.error.errno]}`);
  if (route.value.type === 'broadcast' && !options.broadcast) return complain('Do you want to ping broadcast? Then -b. If not, check your local firewall rules');
  if (route.value.type === 'broadcast') context.stderr.write('WARNING: pinging broadcast address\n');
  if (options.broadcast) socket.setOption('broadcast', 1);
  if (options.ttl !== undefined) socket.setOption('ttl', options.ttl);
  if (options.tos !== undefined) socket.setOption('tos', options.tos);
  if (options.mark !== undefined) socket.setOption('mark', options.mark);
  if (options.pmtudisc !== undefined) socket.setOption('pmtudisc', options.pmtudisc);
  return from;
}

export const ping: Command = {
  name: 'ping',
  models: 'iputils ping 20221126, IPv4: -c -i -W -w -s -t -Q -m -I -M -q -n -D -f -O -b',
  notModelled: '-A, -l, -p, -R, -T, IPv6',
  *run(context) {
    if (isBusybox(context)) return yield* busyboxPing(context);
    const parsed = parsePing(context.args.slice(1));
    if (!parsed.ok) {
      (parsed.error.stdout ? context.stdout : context.stderr).write(parsed.error.text);
      return parsed.error.code;
    }
    const options = parsed.value;
    const target = yield* resolveTarget(context, options);
    if (typeof target === 'number') return target;
    const socket = context.kernel.sockets.icmp();
    try {
      const from = prepare(context, options, target, socket);
      if (typeof from === 'number') return from;
      const { clock } = context.kernel;
      context.stdout.write(`PING ${target.name} (${formatIpv4(target.address)})${from} ${options.size}(${options.size + 28}) bytes of data.\n`);
      const session = new Session(context, options, target, socket);
      const start = clock.now;
      try {
        yield* session.run(start);
      } catch (error) {
        if (!(error instanceof SignalError) || error.signal !== 'SIGINT') throw error;
      }
      const { statistics } = session;
      context.stdout.write(statistics.text(target.name, minus(session.lastSent, start), options.flood));
      const enough = options.deadline === undefined || options.count === undefined || statistics.received >= options.count;
      return statistics.received > 0 && enough ? 0 : 1;
    } finally {
      socket.close();
    }
  },
};
