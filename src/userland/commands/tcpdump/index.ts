/**
 * Read first: tcpdump(8), pcap-filter(7).
 * Models: tcpdump 4.99.3 on Ethernet devices and `any` (LINUX_SLL2): options, filters, files, name lookups without -n.
 * Not modelled: rotating files, decryption, other link types, kernel-side drops.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { CapturedFrame } from '../../../engine/uapi/sockets.ts';
import { formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { fromLatin1, latin1 } from '../../../engine/wire/bytes.ts';
import { filterHostNames, FilterPacket, parseFilter, type Predicate } from '../../../engine/wire/filter/parse.ts';
import { emitFrame, parseFrame, type PartialChecksum } from '../../../engine/wire/frame.ts';
import { ethernetHeaderLength } from '../../../engine/wire/ethernet.ts';
import type { EthernetFrame } from '../../../engine/wire/packet.ts';
import { emitSll, LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2, parsePcap, parseSll, pcapHeader, pcapRecord } from '../../../engine/wire/pcap.ts';
import { asciiDump, hexDump } from '../../../engine/wire/tcpdump/hexdump.ts';
import { TcpdumpPrinter, type CookedLink } from '../../../engine/wire/tcpdump/printer.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf, lookup, reverseLookup } from '../../resolver/lookup.ts';
import { parseTcpdump, type TcpdumpOptions } from './options.ts';
import { Stamps } from './stamp.ts';

interface Seen {
  readonly micros: number;
  readonly frame: EthernetFrame;
  readonly partialChecksum: PartialChecksum;
  readonly cooked: CookedLink | undefined;
  readonly direction: 'in' | 'out' | undefined;
}

const DIRECTIONS = { host: 'In', broadcast: 'B', multicast: 'M', otherhost: 'P', outgoing: 'Out' } as const;
const SLL_TYPES = { In: 0, B: 1, M: 2, P: 3, Out: 4 } as const;
const SLL_DIRECTIONS = ['In', 'B', 'M', 'P', 'Out'] as const;

const absolute = (context: Context, file: string): string => (file.startsWith('/') ? file : `${context.cwd.replace(/\/$/, '')}/${file}`);
const plural = (n: number): string => `${n} packet${n === 1 ? '' : 's'}`;

/** Addresses that will be printed: looked up before the line, as tcpdump does. */
function addressesOf(frame: EthernetFrame): readonly Ipv4[] {
  const n = frame.payload;
  if (n.kind === 'arp') return [n.senderIp, n.targetIp];
  if (n.kind !== 'ipv4') return [];
  const inner = n.payload.kind === 'udp' && !(n.payload.payload instanceof Uint8Array) ? addressesOf(n.payload.payload.inner) : [];
  return [n.src, n.dst, ...inner];
}

class Session {
  readonly #context: Context;
  readonly #options: TcpdumpOptions;
  readonly #cooked: boolean;
  readonly #filter: Predicate;
  readonly #names = new Map<Ipv4, string>();
  readonly #printer: TcpdumpPrinter;
  readonly #stamps: Stamps;
  readonly #live: boolean;
  captured = 0;
  received = 0;

  constructor(context: Context, options: TcpdumpOptions, cooked: boolean, filter: Predicate, live: boolean) {
    this.#context = context;
    this.#options = options;
    this.#cooked = cooked;
    this.#filter = filter;
    this.#live = live;
    this.#stamps = new Stamps(options.time);
    this.#printer = new TcpdumpPrinter({
      verbose: options.verbose, quiet: options.quiet, link: options.link, noNames: options.noNames, absoluteSeq: options.absoluteSeq, noChecksum: options.noChecksum,
      hostName: (ip) => this.#names.get(ip) ?? formatIpv4(ip),
    });
  }

  /** Takes a frame if the filter does; true when enough were taken. */
  *take(seen: Seen): Program<boolean> {
    const { direction } = this.#options;
    if (direction !== 'inout' && seen.direction !== undefined && seen.direction !== direction) return false;
    if (!this.#filter(new FilterPacket(seen.frame, { direction: seen.direction, tagOffloaded: this.#live }))) return false;
    this.received++;
    this.captured++;
    const { write, count } = this.#options;
    if (write !== undefined) this.#save(write, seen);
    if ((write === undefined || this.#options.print) && !this.#options.countOnly) yield* this.#print(seen);
    return count !== undefined && this.captured >= count;
  }

  *#print(seen: Seen): Program<void> {
    const { host, kernel, stdout } = this.#context;
    if (!this.#options.noNames) {
      for (const ip of addressesOf(seen.frame)) {
        if (!this.#names.has(ip)) this.#names.set(ip, (yield* reverseLookup(kernel, host.fs, ip, libraryOf(host.fs))) ?? formatIpv4(ip));
      }
    }
    const head = this.#options.number ? `${String(this.captured).padStart(5)}  ` : '';
    const text = `${head}${this.#stamps.next(seen.micros)}${this.#printer.frame(seen.frame, { partialChecksum: seen.partialChecksum, cooked: seen.cooked })}${this.#dump(seen)}\n`;
    if (!stdout.write(text)) throw new SignalError('SIGPIPE');
  }

  #dump(seen: Seen): string {
    const { hex, hexAscii, ascii, snaplen } = this.#options;
    if (hex === 0 && hexAscii === 0 && !ascii) return '';
    const whole = emitFrame(seen.frame, { partialChecksum: seen.partialChecksum }).subarray(0, snaplen);
    const withLink = hexAscii > 1 || (hexAscii === 0 && hex > 1);
    const bytes = withLink ? whole : whole.subarray(ethernetHeaderLength(seen.frame.header));
    return hexAscii > 0 ? hexDump(bytes, true) : hex > 0 ? hexDump(bytes, false) : asciiDump(bytes);
  }

  #save(file: string, seen: Seen): void {
    const whole = emitFrame(seen.frame, { partialChecksum: seen.partialChecksum });
    const { cooked } = seen;
    const bytes = cooked === undefined ? whole : emitSll({
      protocol: seen.frame.header.etherType, ifindex: cooked.ifindex, packetType: SLL_TYPES[cooked.direction], arphrd: 1, address: seen.frame.header.src,
    }, whole.subarray(ethernetHeaderLength(seen.frame.header)));
    const text = latin1(pcapRecord({ micros: seen.micros, length: bytes.length, bytes: bytes.subarray(0, this.#options.snaplen) }));
    if (file === '-') this.#context.stdout.write(text);
    else this.#context.host.fs.write(absolute(this.#context, file), text, 'append');
  }

  /** The file's header: written even if nothing follows. */
  begin(): string | undefined {
    const file = this.#options.write;
    if (file === undefined) return undefined;
    const text = latin1(pcapHeader(this.#cooked ? LINKTYPE_LINUX_SLL2 : LINKTYPE_ETHERNET, this.#options.snaplen));
    if (file === '-') this.#context.stdout.write(text);
    else {
      const written = this.#context.host.fs.write(absolute(this.#context, file), text);
      if (!written.ok) return `tcpdump: ${file}: ${STRERROR[written.error]}\n`;
    }
    return undefined;
  }
}

/** Filter with its host names resolved; text: libpcap's complaint. */
function* compile(context: Context, text: string): Program<Predicate | string> {
  const known = new Map<string, readonly Ipv4[]>();
  for (const name of filterHostNames(text)) {
    const found = yield* lookup(context.kernel, context.host.fs, name, { library: libraryOf(context.host.fs) });
    if (found.ok) known.set(name, found.value.addresses);
  }
  const filter = parseFilter(text, (name) => known.get(name));
  return filter.ok ? filter.value : filter.error;
}

function listDevices(context: Context): string {
  const links = context.kernel.netlink.links();
  const up = links.filter((l) => l.up && l.name !== 'lo');
  const down = links.filter((l) => !l.up && l.name !== 'lo');
  const names = [
    ...up.map((l) => `${l.name} [Up, Running, Connected]`), 'any (Pseudo-device that captures on all interfaces) [Up, Running]', ...links.filter((l) => l.name === 'lo').map((l) => `lo [${l.up ? 'Up, Running, ' : ''}Loopback]`),
    ...down.map((l) => `${l.name} [none, Disconnected]`)];
  return names.map((n, i) => `${i + 1}.${n}\n`).join('');
}

/** libpcap's default: the first device that is up and no loopback. */
function defaultDevice(context: Context): string | undefined {
  const links = context.kernel.netlink.links();
  return (links.find((l) => l.up && l.name !== 'lo') ?? links.find((l) => l.up))?.name;
}

const asSeen = (f: CapturedFrame, epochMicros: number, cooked: boolean): Seen => ({
  micros: epochMicros + Math.floor(f.at / 1000), frame: f.frame, partialChecksum: f.partialChecksum, direction: f.direction,
  cooked: cooked ? { dev: f.dev, ifindex: f.ifindex, direction: DIRECTIONS[f.pktType] } : undefined,
});

function* live(context: Context, options: TcpdumpOptions): Program {
  const { kernel, stderr, stdout } = context;
  const device = options.device ?? defaultDevice(context);
  if (device === undefined) {
    stderr.write('tcpdump: no suitable device found\n');
    return 1;
  }
  const cooked = device === 'any';
  if (context.user !== 'root') {
    stderr.write(`tcpdump: ${device}: You don't have permission to capture on that device\n(socket: Operation not permitted)\n`);
    return 1;
  }
  const opened = kernel.sockets.packet(cooked ? undefined : device);
  if (!opened.ok) {
    stderr.write(`tcpdump: ${device}: ${opened.error.errno === 'ENODEV' ? 'No such device exists\n(No such device exists)' : STRERROR[opened.error.errno]}\n`);
    return 1;
  }
  const socket = opened.value;
  try {
    const filter = yield* compile(context, options.filter);
    if (typeof filter === 'string') {
      stderr.write(`tcpdump: ${filter}\n`);
      return 1;
    }
    const session = new Session(context, options, cooked, filter, true);
    const problem = session.begin();
    if (problem !== undefined) {
      stderr.write(problem);
      return 1;
    }
    if (cooked) stderr.write('tcpdump: data link type LINUX_SLL2\n');
    const silent = options.write === undefined && options.verbose === 0;
    const linkType = cooked ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
    stderr.write(`${silent ? 'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n' : 'tcpdump: '}listening on ${device}, link-type ${linkType}, snapshot length ${options.snaplen} bytes\n`);
    const epochMicros = Math.round(kernel.clock.wallMillis() * 1000 - kernel.clock.now / 1000);
    try {
      for (let full = false; !full;) {
        const f = socket.recv();
        if (f === undefined) yield { on: [socket.readable] };
        else full = yield* session.take(asSeen(f, epochMicros, cooked));
      }
    } catch (error) {
      if (!(error instanceof SignalError) || (error.signal !== 'SIGINT' && error.signal !== 'SIGTERM')) throw error;
      // Frames that came before the signal are printed still.
      for (let f = socket.recv(); f !== undefined; f = socket.recv()) if (yield* session.take(asSeen(f, epochMicros, cooked))) break;
      // tcpdump ends a line that it might have begun.
      if (options.write === undefined) stdout.write('\n');
    }
    stderr.write(`${plural(session.captured)} captured\n${plural(session.received)} received by filter\n${plural(0)} dropped by kernel\n`);
    return 0;
  } finally {
    socket.close();
  }
}

function* fromFile(context: Context, options: TcpdumpOptions, file: string): Program {
  const { stderr, stdout } = context;
  const text = context.host.fs.read(absolute(context, file));
  if (!text.ok) {
    stderr.write(`tcpdump: ${file}: ${STRERROR[text.error]}\n`);
    return 1;
  }
  const parsed = parsePcap(fromLatin1(text.value));
  if (!parsed.ok) {
    stderr.write(`tcpdump: ${parsed.error === 'unknown file format' ? parsed.error : `truncated dump file; tried to read 24 file header bytes, only got ${text.value.length}`}\n`);
    return 1;
  }
  const { linkType, snaplen, records, cut } = parsed.value;
  const cooked = linkType === LINKTYPE_LINUX_SLL2;
  if (!cooked && linkType !== LINKTYPE_ETHERNET) {
    stderr.write(`tcpdump: link type ${linkType} is not modelled in this lab\n`);
    return 1;
  }
  stderr.write(`reading from file ${file}, link-type ${cooked ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)'}, snapshot length ${snaplen}\n`);
  if (cooked) stderr.write('Warning: interface names might be incorrect\n');
  const filter = yield* compile(context, options.filter);
  if (typeof filter === 'string') {
    stderr.write(`tcpdump: ${filter}\n`);
    return 1;
  }
  const session = new Session(context, options, cooked, filter, false);
  const problem = session.begin();
  if (problem !== undefined) {
    stderr.write(problem);
    return 1;
  }
  for (const r of records) {
    const seen = cooked ? cookedRecord(context, r.bytes, r.micros) : { micros: r.micros, frame: parseFrame(r.bytes), partialChecksum: false, cooked: undefined, direction: undefined };
    if (seen !== undefined && (yield* session.take(seen))) break;
  }
  if (cut) stderr.write('tcpdump: pcap_loop: truncated dump file\n');
  if (options.countOnly) stdout.write(`${plural(session.captured)}\n`);
  return cut ? 1 : 0;
}

/** A cooked record as the frame it was, without its destination MAC. */
function cookedRecord(context: Context, bytes: Uint8Array, micros: number): Seen | undefined {
  const sll = parseSll(bytes);
  if (sll === undefined) return undefined;
  const ethernet = new Uint8Array(14 + sll.payload.length);
  ethernet.set(sll.payload, 14);
  ethernet[12] = sll.header.protocol >>> 8;
  ethernet[13] = sll.header.protocol;
  const frame = parseFrame(ethernet);
  const dev = context.kernel.netlink.links().find((l) => l.ifindex === sll.header.ifindex)?.name ?? `if${sll.header.ifindex}`;
  const direction = SLL_DIRECTIONS[sll.header.packetType] ?? 'In';
  return { micros, frame: { ...frame, header: { ...frame.header, src: sll.header.address } }, partialChecksum: false, cooked: { dev, ifindex: sll.header.ifindex, direction }, direction: direction === 'Out' ? 'out' : 'in' };
}

export const tcpdump: Command = {
  name: 'tcpdump',
  models: 'tcpdump 4.99: -i (also any) -n -v -e -c -q -t… -x -X -A -s -S -K -D -Q -w -r -p -l, pcap-filter expressions',
  notModelled: 'rotating files, -F, -E, -y, IPv6 and other link types',
  complete: (host) => ['any', ...host.kernel.netlink.links().map((l) => l.name)],
  *run(context) {
    const options = parseTcpdump(context.args.slice(1));
    if (!options.ok) {
      (options.error.stdout ? context.stdout : context.stderr).write(options.error.text);
      return options.error.code;
    }
    if (options.value.list) {
      context.stdout.write(listDevices(context));
      return 0;
    }
    const { read } = options.value;
    return read === undefined ? yield* live(context, options.value) : yield* fromFile(context, options.value, read);
  },
};
