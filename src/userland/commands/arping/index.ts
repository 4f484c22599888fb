/**
 * Read first: arping(8) of iputils.
 * Models: iputils arping 20221126: -c -w -i -I -s -f -q -b -D -U -A.
 * The other tool of that name is in habets.ts; a host's `versions` say which one is installed (`arping: habets`).
 */
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { PacketSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, formatMac, MAC_BROADCAST, parseIpv4, type Ipv4, type Mac } from '../../../engine/wire/addresses.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../../engine/wire/arp.ts';
import { ETH_P_ARP } from '../../../engine/wire/packet.ts';
import type { Command, Context } from '../../host.ts';
import { catching } from '../kit.ts';
import { habets } from './habets.ts';
import { libraryOf, lookup, lookupErrorText } from '../../resolver/lookup.ts';
import { getopt, UsageError } from '../../text/getopt.ts';

const USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
`;

interface Job {
  readonly count: number | undefined;
  readonly deadline: Nanos | undefined;
  readonly interval: number;
  readonly first: boolean;
  readonly quiet: boolean;
  readonly broadcast: boolean;
  readonly mode: 'ask' | 'dad' | 'unsolicited' | 'answer';
  readonly target: Ipv4;
  readonly source: Ipv4;
  readonly link: Link;
}

class Session {
  readonly #context: Context;
  readonly #job: Job;
  readonly #socket: PacketSocket;
  sent = 0;
  broadcasts = 0;
  received = 0;
  requests = 0;
  broadcastReplies = 0;
  #peer: Mac = MAC_BROADCAST;
  #sentAt: Nanos;

  constructor(context: Context, job: Job, socket: PacketSocket) {
    this.#context = context;
    this.#job = job;
    this.#socket = socket;
    this.#sentAt = context.kernel.clock.now;
  }

  #send(): void {
    const { link, source, target, mode } = this.#job;
    const dst = this.#job.broadcast ? MAC_BROADCAST : this.#peer;
    this.#sentAt = this.#context.kernel.clock.now;
    const sent = this.#socket.send({
      kind: 'ethernet', header: { dst, src: link.mac, etherType: ETH_P_ARP },
      payload: { kind: 'arp', op: mode === 'answer' ? ARP_REPLY : ARP_REQUEST, senderMac: link.mac, senderIp: source, targetMac: mode === 'answer' ? link.mac : dst, targetIp: target },
    });
    if (!sent.ok) return;
    this.sent++;
    if (dst === MAC_BROADCAST) this.broadcasts++;
  }

  #take(): void {
    const { target, source, mode, quiet, link } = this.#job;
    for (let f = this.#socket.recv(); f !== undefined; f = this.#socket.recv()) {
      const arp = f.frame.payload;
      if (f.direction === 'out' || arp.kind !== 'arp' || arp.senderIp !== target) continue;
      if (mode === 'dad' ? arp.senderMac === link.mac : arp.op !== ARP_REPLY && arp.op !== ARP_REQUEST) continue;
      if (mode === 'ask' && (arp.targetIp !== source || (arp.op === ARP_REQUEST))) continue;
      const unicast = f.pktType === 'host';
      if (!quiet) {
        const micros = Math.floor((f.at - this.#sentAt) / 1000);
        this.#context.stdout.write(`${unicast ? 'Unicast' : 'Broadcast'} ${arp.op === ARP_REPLY ? 'reply' : 'request'} from ${formatIpv4(arp.senderIp)} [${formatMac(arp.senderMac).toUpperCase()}]${arp.targetIp === source || mode === 'dad' ? '' : ` for ${formatIpv4(arp.targetIp)}`}  ${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, '0')}ms\n`);
      }
      this.received++;
      if (!unicast) this.broadcastReplies++;
      if (arp.op === ARP_REQUEST) this.requests++;
      if (!this.#job.broadcast && mode === 'ask') this.#peer = arp.senderMac;
    }
  }

  *run(): Program<void> {
    const { clock } = this.#context.kernel;
    const { count, deadline, interval, first, mode } = this.#job;
    let next = clock.now;
    for (;;) {
      if (deadline !== undefined && clock.now >= deadline) return;
      if (clock.now >= next) {
        if (count !== undefined && this.sent >= count) return;
        this.#send();
        next = plus(clock.now, seconds(interval));
      }
      yield { on: [this.#socket.readable], until: deadline !== undefined && deadline < next ? deadline : next };
      this.#take();
      if (this.received > 0 && (first || mode === 'dad')) return;
      if (count !== undefined && this.sent >= count && this.received >= count && mode === 'ask') return;
    }
  }

  summary(): string {
    const extra = this.requests > 0 || this.broadcastReplies > 0 ? ` (${[...(this.requests > 0 ? [`${this.requests} request(s)`] : []), ...(this.broadcastReplies > 0 ? [`${this.broadcastReplies} broadcast(s)`] : [])].join(', ')})` : '';
    return `Sent ${this.sent} probes (${this.broadcasts} broadcast(s))\nReceived ${this.received} response(s)${extra}\n`;
  }
}

export const arping: Command = {
  name: 'arping',
  models: 'iputils arping 20221126: -c -w -i -I -s -f -q -b -D -U -A',
  notModelled: "asking a MAC address with Thomas Habets' arping, where that one is installed",
  *run(context) {
    if (context.host.versions?.['arping'] === 'habets') return yield* catching(context, habets(context));
    const { stderr, stdout, kernel } = context;
    const fail = (text: string, code = 2): number => {
      stderr.write(`arping: ${text}\n`);
      return code;
    };
    let o;
    try {
      o = getopt(context.args.slice(1), { short: 'h?bfDUAqc:w:i:I:s:V' });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      stderr.write(`arping: ${error.message}\n${USAGE}`);
      return 2;
    }
    if (o.has('V')) {
      stdout.write('arping from iputils 20221126\n');
      return 0;
    }
    const [name] = o.rest;
    if (name === undefined || o.has('h')) {
      stderr.write(USAGE);
      return 2;
    }
    for (const letter of ['c', 'w', 'i']) {
      const value = o.value(letter);
      if (value !== undefined && !/^\d+(\.\d+)?$/.test(value)) return fail(`invalid argument: '${value}'`, 1);
    }
    let target = parseIpv4(name);
    if (target === undefined) {
      const library = libraryOf(context.host.fs);
      const found = yield* lookup(kernel, context.host.fs, name, { library });
      if (!found.ok) return fail(`${name}: ${lookupErrorText(found.error, library)}`);
      target = found.value.addresses[0];
    }
    if (target === undefined) return fail(`${name}: no address`);
    const mode = o.has('D') ? 'dad' : o.has('A') ? 'answer' : o.has('U') ? 'unsolicited' : 'ask';
    const route = kernel.netlink.getRoute({ dst: target });
    const dev = o.value('I') ?? (route.ok ? route.value.dev : undefined);
    const link = dev === undefined ? undefined : kernel.netlink.link(dev);
    if (link === undefined) return fail(dev === undefined ? 'Suitable device could not be determined. Please, use option -I.' : `Device ${dev} not available.`);
    if (!link.up) return fail(`Interface "${link.name}" is down`);
    if (link.noArp || link.kind === 'loopback') return fail(`Interface "${link.name}" is not ARPable`);
    const own = kernel.netlink.addresses().filter((a) => a.dev === link.name);
    const asked = o.value('s');
    const source = asked !== undefined ? parseIpv4(asked) : mode === 'dad' ? ANY : mode !== 'ask' ? target : (own.find((a) => route.ok && a.address === route.value.src) ?? own[0])?.address ?? ANY;
    if (source === undefined) return fail(`invalid source ${asked ?? ''}`);
    if (mode !== 'ask' && mode !== 'dad' && !own.some((a) => a.address === source)) return fail(`bind: ${STRERROR.EADDRNOTAVAIL}`);
    const opened = kernel.sockets.packet(link.name);
    if (!opened.ok) return fail(`socket: ${STRERROR[opened.error.errno]}`);
    const socket = opened.value;
    const deadline = o.value('w');
    const count = o.value('c');
    const session = new Session(context, {
      count: count === undefined ? undefined : Number(count), deadline: deadline === undefined ? undefined : plus(kernel.clock.now, seconds(Number(deadline))), interval: Number(o.value('i') ?? 1), first: o.has('f'), quiet: o.has('q'),
      broadcast: o.has('b') || mode !== 'ask', mode, target, source, link,
    }, socket);
    try {
      if (!o.has('q')) stdout.write(`ARPING ${formatIpv4(target)} from ${formatIpv4(source)} ${link.name}\n`);
      yield* session.run();
    } catch (error) {
      if (!(error instanceof SignalError) || error.signal !== 'SIGINT') throw error;
    } finally {
      socket.close();
    }
    if (!o.has('q')) stdout.write(session.summary());
    if (mode === 'dad') return session.received > 0 ? 1 : 0;
    return mode === 'unsolicited' || mode === 'answer' || session.received > 0 ? 0 : 1;
  },
};
