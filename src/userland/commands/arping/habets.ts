/**
 * Read first: arping(8) of Thomas Habets; src/arping.c 2.13 to 2.22.
 * Models: asking an IP address: -c -C -w -W -i -I -q -D -r -R -d -0 -S -u; Timeout lines, statistics.
 * Not modelled: asking a MAC address (-T), -B, -b, -U, -P, -s, -t, -v, -a, -e. A network card hands over frames of at least 60 bytes, a veth the 42 of an ARP packet.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { nanos, plus, type Nanos } from '../../../engine/sim/time.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { PacketSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, formatMac, MAC_BROADCAST, parseIpv4, parseMac, type Ipv4, type Mac } from '../../../engine/wire/addresses.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../../engine/wire/arp.ts';
import { ETH_P_ARP } from '../../../engine/wire/packet.ts';
import type { Context } from '../../host.ts';
import { libraryOf, lookup } from '../../resolver/lookup.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { Exit, NOT_MODELLED, print } from '../kit.ts';

const USAGE = `ARPing 2.22, by Thomas Habets <thomas@habets.se>
usage: arping [ -0aAbdDeFpPqrRuUv ] [ -w <sec> ] [ -W <sec> ] [ -S <host/ip> ]
              [ -T <host/ip ] [ -s <MAC> ] [ -t <MAC> ] [ -c <count> ]
              [ -C <count> ] [ -i <interface> ] [ -m <type> ] [ -g <group> ]
              [ -V <vlan> ] [ -Q <priority> ] <host/ip/MAC | -B>
For complete usage info, use --help or check the manpage.
`;
const ABSENT = ['a', 'A', 'b', 'B', 'e', 'F', 'p', 'P', 's', 't', 'T', 'U', 'v', 'g', 'm', 'Q', 'V'];

type Display = 'normal' | 'quiet' | 'dots' | 'mac' | 'ip' | 'both';

const displayOf = (o: Options): Display => (o.has('q') ? 'quiet' : o.has('D') ? 'dots' : o.has('r') && o.has('R') ? 'both' : o.has('r') ? 'mac' : o.has('R') ? 'ip' : 'normal');

/** ts2str */
function duration(span: number): string {
  if (span >= 1e9) return `${(span / 1e9).toFixed(3)} sec`;
  return span >= 1e6 ? `${(span / 1e6).toFixed(3)} msec` : `${(span / 1e3).toFixed(3)} usec`;
}

class Asking {
  readonly #context: Context;
  readonly #link: Link;
  readonly #socket: PacketSocket;
  readonly #target: Ipv4;
  readonly #source: Ipv4;
  readonly #display: Display;
  readonly #total: boolean;
  readonly #times: number[] = [];
  #sent = 0;
  #sentAt: Nanos;
  #last: Mac | undefined;
  duplicate = false;

  constructor(context: Context, about: { readonly link: Link; readonly socket: PacketSocket; readonly target: Ipv4; readonly source: Ipv4; readonly display: Display; readonly total: boolean }) {
    this.#context = context;
    this.#link = about.link;
    this.#socket = about.socket;
    this.#target = about.target;
    this.#source = about.source;
    this.#display = about.display;
    this.#total = about.total;
    this.#sentAt = context.kernel.clock.now;
  }

  get received(): number {
    return this.#times.length;
  }

  send(): void {
    const { mac } = this.#link;
    this.#sentAt = this.#context.kernel.clock.now;
    this.#socket.send({
      kind: 'ethernet', header: { dst: MAC_BROADCAST, src: mac, etherType: ETH_P_ARP },
      payload: { kind: 'arp', op: ARP_REQUEST, senderMac: mac, senderIp: this.#source, targetMac: parseMac('00:00:00:00:00:00') ?? MAC_BROADCAST, targetIp: this.#target },
    });
    this.#sent++;
  }

  /** Listens for one period; `enough` replies end it. */
  *wait(period: Nanos, enough: number): Program<void> {
    const { clock } = this.#context.kernel;
    const until = plus(clock.now, period);
    const before = this.received;
    while (clock.now < until && this.received < enough) {
      yield { on: [this.#socket.readable], until };
      this.#take(enough);
    }
    if (this.received > before) return;
    if (this.#display === 'normal') print(this.#context, 'Timeout\n');
    if (this.#display === 'dots') print(this.#context, '.');
  }

  #take(enough: number): void {
    for (let f = this.#socket.recv(); f !== undefined && this.received < enough; f = this.#socket.recv()) {
      const arp = f.frame.payload;
      if (f.direction === 'out' || arp.kind !== 'arp' || arp.op !== ARP_REPLY || arp.senderIp !== this.#target || f.frame.header.dst !== this.#link.mac) continue;
      const from = f.frame.header.src;
      const time = Number(f.at - this.#sentAt);
      const bytes = this.#link.kind === 'veth' || this.#link.kind === 'bridge' ? 42 : 60;
      const ip = formatIpv4(arp.senderIp);
      const text: Readonly<Record<Display, string>> = {
        normal: `${bytes} bytes from ${formatMac(from)} (${ip}): index=${this.received}${this.#total ? `/${this.#sent - 1}` : ''} time=${duration(time)}\n`, quiet: '', dots: '!', mac: `${formatMac(from)}\n`, ip: `${ip}\n`, both: `${formatMac(from)} ${ip}\n`,
      };
      print(this.#context, text[this.#display]);
      if (this.#last !== undefined && this.#last !== from) this.duplicate = true;
      this.#last = from;
      this.#times.push(time / 1e6);
    }
  }

  summary(target: string): string {
    const lost = 100 - (100 * this.received) / Math.max(1, this.#sent);
    const percent = Math.max(0, lost).toFixed(0).padStart(3);
    const extra = lost < 0 ? this.received - this.#sent : 0;
    if (this.#display === 'dots') return `\t${percent}% packet loss (${extra} extra)\n`;
    if (this.#display !== 'normal') return '';
    const mean = this.#times.reduce((a, b) => a + b, 0) / Math.max(1, this.received);
    const deviation = Math.sqrt(Math.max(0, this.#times.reduce((a, b) => a + b * b, 0) / Math.max(1, this.received) - mean * mean));
    const rtt = this.received === 0 ? '' : `rtt min/avg/max/std-dev = ${[Math.min(...this.#times), mean, Math.max(...this.#times), deviation].map((t) => t.toFixed(3)).join('/')} ms`;
    return `\n--- ${target} statistics ---\n${this.#sent} packets transmitted, ${this.received} packets received, ${percent}% unanswered (${extra} extra)\n${rtt}\n`;
  }
}

function readOptions(context: Context): Options {
  try {
    return getopt(context.args.slice(1), { short: '0aAbBC:c:dDeFg:hi:I:m:pPqQ:rRs:S:t:T:uUvV:w:W:', long: { help: 'h' } });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new Exit(1, `arping: ${error.message}\n${USAGE}`);
  }
}

export function* habets(context: Context): Program {
  const o = readOptions(context);
  if (o.has('h')) {
    print(context, USAGE);
    return 0;
  }
  const absent = ABSENT.find((letter) => o.has(letter));
  if (absent !== undefined) throw new Exit(1, `arping: -${absent} is ${NOT_MODELLED}\n`);
  const [name] = o.rest;
  if (name === undefined || o.rest.length > 1) throw new Exit(1, USAGE);
  if (parseMac(name) !== undefined) throw new Exit(1, `arping: asking a MAC address is ${NOT_MODELLED}\n`);
  const { kernel, host } = context;
  const found = parseIpv4(name) ?? (yield* lookup(kernel, host.fs, name, { library: libraryOf(host.fs) }));
  const target = typeof found === 'object' ? (found.ok ? found.value.addresses[0] : undefined) : found;
  if (target === undefined) throw new Exit(1, `arping: Can't resolve ${name}\n`);
  if (context.user !== 'root') throw new Exit(1, `arping: libnet_init(LIBNET_LINK, ${o.value('i') ?? o.value('I') ?? '<null>'}): libnet_open_link(): UID/EUID 0 or capability CAP_NET_RAW required\n`);
  const wanted = o.value('i') ?? o.value('I');
  const own = kernel.netlink.addresses();
  const onLink = own.find((a) => ((a.address ^ target) >>> (32 - a.prefixLength)) === 0 && a.prefixLength > 0 && a.dev !== 'lo');
  const link = kernel.netlink.link(wanted ?? onLink?.dev ?? '');
  if (link === undefined) throw new Exit(1, wanted === undefined ? `arping: lookup dev: No matching interface found using getifaddrs().\narping: Unable to automatically find interface to use. Is it on the local LAN?\narping: Use -i to manually specify interface.\n` : `arping: libnet_init(LIBNET_LINK, ${wanted}): libnet_check_iface() ioctl: No such device\n`);
  const asked = o.value('S');
  const source = o.has('0') ? ANY : asked === undefined ? own.find((a) => a.dev === link.name)?.address : parseIpv4(asked);
  if (source === undefined) throw new Exit(1, asked === undefined ? `arping: Unable to get the IPv4 address of interface ${link.name}:\narping: libnet_get_ipaddr4(): ioctl(): Cannot assign requested address\narping: Use -S to specify address manually.\n` : `arping: Can't resolve ${asked}, or ${asked} is broadcast. If it is, use -b instead of -S\n`);
  const opened = kernel.sockets.packet(link.name);
  if (!opened.ok) throw new Exit(1, `arping: pcap_open_live(): ${link.name}: ${STRERROR[opened.error.errno]}\n`);
  const asking = new Asking(context, { link, socket: opened.value, target, source, display: displayOf(o), total: o.has('u') });
  const count = Number(o.value('c') ?? (o.has('d') ? 3 : Infinity));
  const enough = Number(o.value('C') ?? Infinity);
  const period = nanos(Math.round(Number(o.value('W') ?? o.value('w') ?? 1) * 1e9));
  try {
    if (displayOf(o) === 'normal') print(context, `ARPING ${formatIpv4(target)}\n`);
    for (let i = 0; i < count && asking.received < enough; i++) {
      asking.send();
      yield* asking.wait(period, enough);
    }
  } catch (error) {
    if (!(error instanceof SignalError) || error.signal !== 'SIGINT') throw error;
  } finally {
    opened.value.close();
  }
  print(context, asking.summary(formatIpv4(target)));
  return o.has('d') ? Number(asking.duplicate) : Number(asking.received === 0);
}
