/**
 * The probes of a traceroute and what it prints of them.
 * Models: traceroute 2.1.2 traceroute.c (do_it, get_timeout, print_probe) and mod-udp.c; busybox 1.36 traceroute.c differs by {@link Style}.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Errno } from '../../../engine/uapi/errno.ts';
import type { SocketErrorInfo, UdpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Context } from '../../host.ts';
import { libraryOf, reverseLookup } from '../../resolver/lookup.ts';

export interface Style {
  /** Probes under way at once. */
  readonly together: number;
  /** What stands for a probe without an answer. */
  readonly star: string;
  /** Waits shorter after answers of the same hop and of later ones. */
  readonly adapts: boolean;
}

export interface TraceOptions {
  readonly target: Ipv4;
  readonly first: number;
  readonly max: number;
  readonly queries: number;
  readonly port: number;
  /** Of the whole packet. */
  readonly length: number;
  /** Seconds. */
  readonly wait: number;
  readonly numeric: boolean;
}

interface Probe {
  readonly ttl: number;
  readonly port: number;
  sent?: Nanos;
  done?: boolean;
  from?: Ipv4;
  /** Seconds */
  took?: number;
  note?: string;
  /** The path ends here. */
  final?: boolean;
}

const HEADERS = 28;
/** -w MAX,HERE,NEAR */
const HERE = 3;
const NEAR = 10;
const NOTES: Readonly<Partial<Record<Errno, string>>> = { EHOSTUNREACH: ' !H', ENETUNREACH: ' !N', EPROTO: ' !P', EACCES: ' !X' };

export class Trace {
  readonly #context: Context;
  readonly #socket: UdpSocket;
  readonly #o: TraceOptions;
  readonly #style: Style;
  readonly #probes: readonly Probe[];
  readonly #names = new Map<Ipv4, string>();
  #shown: { readonly ttl: number; readonly from: Ipv4 | undefined } | undefined;

  constructor(context: Context, socket: UdpSocket, options: TraceOptions, style: Style) {
    this.#context = context;
    this.#socket = socket;
    this.#o = options;
    this.#style = style;
    const { first, max, queries, port } = options;
    this.#probes = Array.from({ length: (max - first + 1) * queries }, (_, i): Probe => ({ ttl: first + Math.floor(i / queries), port: port + i }));
  }

  *#name(ip: Ipv4): Program<string> {
    const { kernel, host } = this.#context;
    const text = formatIpv4(ip);
    if (this.#o.numeric) return text;
    const known = this.#names.get(ip) ?? (yield* reverseLookup(kernel, host.fs, ip, libraryOf(host.fs))) ?? text;
    this.#names.set(ip, known);
    return `${known} (${text})`;
  }

  *#print(p: Probe, last: boolean): Program<void> {
    const { stdout } = this.#context;
    if (this.#shown?.ttl !== p.ttl) {
      stdout.write(`${String(p.ttl).padStart(2)}${this.#style.star.length === 2 ? ' ' : ''}`);
      this.#shown = { ttl: p.ttl, from: undefined };
    }
    if (p.from === undefined) stdout.write(this.#style.star);
    else {
      if (this.#shown.from !== p.from) stdout.write(`${this.#style.star.replace('*', '')}${yield* this.#name(p.from)}`);
      this.#shown = { ttl: p.ttl, from: p.from };
      stdout.write(`  ${((p.took ?? 0) * 1000).toFixed(3)} ms${p.note ?? ''}`);
    }
    if (last) stdout.write('\n');
  }

  #heard(e: SocketErrorInfo): void {
    const probe = this.#probes[e.to.port - this.#o.port];
    if (probe?.sent === undefined || probe.done === true) return;
    probe.done = true;
    probe.from = e.from;
    probe.took = (e.at - probe.sent) / 1e9;
    // A hop on the way: ICMP time exceeded.
    if (e.type === 11) return;
    probe.final = true;
    probe.note = e.errno === 'ECONNREFUSED' ? '' : NOTES[e.errno] ?? ` !<${e.type}-${e.code}>`;
  }

  #drain(): void {
    this.#socket.takeError();
    for (let e = this.#socket.recvError(); e !== undefined; e = this.#socket.recvError()) this.#heard(e);
  }

  /** Until when the first unanswered one is waited for. */
  #deadline(index: number): Nanos {
    const { queries, wait } = this.#o;
    const hop = index - (index % queries);
    const answered = (from: number, to: number): number | undefined => this.#probes.slice(from, to).find((p) => p.took !== undefined)?.took;
    const here = this.#style.adapts ? answered(hop, hop + queries) : undefined;
    const near = this.#style.adapts && here === undefined ? answered(hop + queries, this.#probes.length) : undefined;
    const limit = here !== undefined ? here * HERE : near !== undefined ? near * NEAR : wait;
    return plus(this.#probes[index]?.sent ?? this.#context.kernel.clock.now, seconds(Math.min(limit, wait)));
  }

  /** The error of a probe that could not be sent. */
  *run(): Program<Errno | undefined> {
    const { kernel } = this.#context;
    const { queries } = this.#o;
    let end = this.#probes.length;
    for (let start = 0; start < end;) {
      const head = this.#probes[start];
      if (head === undefined) break;
      if (head.done !== true && head.sent !== undefined && kernel.clock.now >= this.#deadline(start)) head.done = true;
      if (head.done === true) {
        if (head.final === true) end = Math.min(end, (Math.floor(start / queries) + 1) * queries);
        yield* this.#print(head, (start + 1) % queries === 0);
        start++;
        continue;
      }
      const done = this.#probes.findIndex((p) => p.final === true);
      if (done >= 0) end = Math.min(end, (Math.floor(done / queries) + 1) * queries);
      for (const p of this.#probes.slice(start, Math.min(end, start + this.#style.together))) {
        if (p.sent !== undefined) continue;
        const failed = this.#send(p);
        if (failed !== undefined) return failed;
      }
      this.#drain();
      if (this.#probes[start]?.done !== true) yield { on: [this.#socket.readable], until: this.#deadline(start) };
      this.#drain();
    }
    return undefined;
  }

  #send(p: Probe): Errno | undefined {
    this.#drain();
    this.#socket.setOption('ttl', p.ttl);
    p.sent = this.#context.kernel.clock.now;
    const bytes = new Uint8Array(Math.max(0, this.#o.length - HEADERS));
    for (let i = 0; i < bytes.length; i++) bytes[i] = 0x40 + (i & 0x3f);
    const sent = this.#socket.send(bytes, { address: this.#o.target, port: p.port });
    return sent.ok || ['ECONNREFUSED', 'EHOSTUNREACH'].includes(sent.error.errno) ? undefined : sent.error.errno;
  }
}

export function openSocket(context: Context): UdpSocket {
  const socket = context.kernel.sockets.udp();
  socket.bind({ address: ANY, port: 0 });
  socket.setOption('recverr', 1);
  return socket;
}
