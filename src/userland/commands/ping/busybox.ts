/**
 * ping of busybox.
 * Models: busybox 1.36 networking/ping.c over IPv4: -c -s -i -W -w -q -t -I (an address). Sequence numbers start at 0; ICMP errors carry
 * another id than its own, so it says nothing of them. Not modelled: -A, -m, -p, -I with a device, -6.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { nanos, plus, seconds } from '../../../engine/sim/time.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { IcmpSocket } from '../../../engine/uapi/sockets.ts';
import type { Context } from '../../host.ts';
import { libraryOf, lookup } from '../../resolver/lookup.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { fail, NOT_MODELLED, print } from '../kit.ts';

export const isBusybox = (context: Context): boolean => context.host.versions?.['ping'] === 'busybox';

/** MAXWAIT: for the first answer, after all were sent. */
const WAIT_SECONDS = 10;

const USAGE = `BusyBox v1.36.1 multi-call binary.

Usage: ping [OPTIONS] HOST
`;

const three = (micros: number): string => `${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, '0')}`;

function readOptions(args: readonly string[]): Options | string {
  try {
    return getopt(args, { short: 'c:s:i:W:w:qt:I:46nvAm:p:' });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

function* session(context: Context, options: Options, address: Ipv4, socket: IcmpSocket): Program {
  const { clock } = context.kernel;
  const number = (name: string): number | undefined => (options.has(name) ? Number(options.value(name)) : undefined);
  const count = number('c');
  const deadline = number('w');
  const size = number('s') ?? 56;
  const interval = nanos((number('i') ?? 1) * 1e9);
  const name = options.rest[0] ?? '';
  const source = options.value('I');
  print(context, `PING ${name} (${formatIpv4(address)})${source === undefined ? '' : ` from ${source}`}: ${size} data bytes\n`);
  const sentAt = new Map<number, number>();
  const times: number[] = [];
  let sent = 0;
  let received = 0;
  let repeats = 0;
  const answered = new Set<number>();
  const end = deadline === undefined ? undefined : plus(clock.now, seconds(deadline));
  let next = clock.now;
  const more = (): boolean => count === undefined || sent < count;
  try {
    while (count === undefined || received < count) {
      if (end !== undefined && clock.now >= end) break;
      if (clock.now >= next) {
        if (!more()) break;
        sentAt.set(sent, clock.now);
        const went = socket.sendEcho(address, sent & 0xffff, new Uint8Array(size));
        if (!went.ok) return fail(context, `sendto: ${STRERROR[went.error.errno]}`);
        sent++;
        // All were sent: as long as -W says, or, when answers come, about twice the longest round trip in whole seconds.
        next = plus(clock.now, more() ? interval : received > 0 ? seconds(Math.max(1, Math.floor(Math.max(...times) / (512 * 1024)))) : seconds(number('W') ?? WAIT_SECONDS));
      }
      yield { on: [socket.readable], until: end !== undefined && end < next ? end : next };
      for (let r = socket.recv(); r !== undefined; r = socket.recv()) {
        if (r.type !== 0) continue;
        const fresh = !answered.has(r.seq);
        answered.add(r.seq);
        if (fresh) received++;
        else repeats++;
        const micros = Math.max(0, Math.floor((r.at - (sentAt.get(r.seq) ?? r.at)) / 1000));
        times.push(micros);
        if (!options.has('q')) print(context, `${r.body.length + 8} bytes from ${formatIpv4(r.from)}: seq=${r.seq} ttl=${r.ttl}${size < 4 ? '' : ` time=${three(micros)} ms`}${fresh ? '' : ' (DUP!)'}\n`);
      }
    }
  } catch (error) {
    if (!(error instanceof SignalError) || error.signal !== 'SIGINT') throw error;
  }
  print(context, `\n--- ${name} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${repeats > 0 ? `${repeats} duplicates, ` : ''}${sent === 0 ? 0 : Math.floor(((sent - received) * 100) / sent)}% packet loss\n`);
  if (times.length > 0) print(context, `round-trip min/avg/max = ${three(Math.min(...times))}/${three(Math.floor(times.reduce((a, b) => a + b, 0) / times.length))}/${three(Math.max(...times))} ms\n`);
  return received === 0 || (deadline !== undefined && count !== undefined && received < count) ? 1 : 0;
}

export function* busyboxPing(context: Context): Program {
  const options = readOptions(context.args.slice(1));
  if (typeof options === 'string' || options.rest.length !== 1) {
    context.stderr.write(typeof options === 'string' ? `ping: ${options}\n${USAGE}` : USAGE);
    return 1;
  }
  for (const absent of ['A', 'm', 'p', '6']) if (options.has(absent)) return fail(context, `-${absent}: ${NOT_MODELLED}`);
  const name = options.rest[0] ?? '';
  const found = parseIpv4(name) ?? (yield* lookup(context.kernel, context.host.fs, name, { library: libraryOf(context.host.fs) }));
  const address = typeof found === 'object' ? (found.ok ? found.value.addresses[0] : undefined) : found;
  if (address === undefined) return fail(context, `bad address '${name}'`);
  const socket = context.kernel.sockets.icmp();
  try {
    const given = options.value('I');
    const source = given === undefined ? undefined : parseIpv4(given);
    if (given !== undefined && source === undefined) return fail(context, `-I ${given}: ${NOT_MODELLED}`);
    const bound = source === undefined ? undefined : socket.bind({ address: source, port: 0 });
    if (bound?.ok === false) return fail(context, `bind: ${STRERROR[bound.error.errno]}`);
    if (options.has('t')) socket.setOption('ttl', Number(options.value('t')));
    return yield* session(context, options, address, socket);
  } finally {
    socket.close();
  }
}
