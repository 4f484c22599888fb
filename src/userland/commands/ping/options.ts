/** Models: ping.c of iputils 20221126: options and their complaints. */
import { err, ok, type Result } from '../../../base/result.ts';
import { getopt, UsageError } from '../../text/getopt.ts';

export interface PingOptions {
  readonly target: string;
  readonly count: number | undefined;
  /** Seconds. */
  readonly interval: number;
  readonly timeout: number | undefined;
  readonly deadline: number | undefined;
  readonly size: number;
  readonly ttl: number | undefined;
  readonly tos: number | undefined;
  readonly mark: number | undefined;
  readonly interface: string | undefined;
  readonly pmtudisc: number | undefined;
  readonly quiet: boolean;
  readonly numeric: boolean;
  readonly stamps: boolean;
  readonly flood: boolean;
  readonly outstanding: boolean;
  readonly broadcast: boolean;
  readonly verbose: boolean;
}

const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`;

export interface Ending {
  readonly text: string;
  readonly stdout: boolean;
  readonly code: number;
}

export function parsePing(args: readonly string[]): Result<PingOptions, Ending> {
  const stop = (text: string, code = 1): { readonly ok: false; readonly error: Ending } => err({ text: `ping: ${text}\n`, stdout: false, code });
  let o;
  try {
    o = getopt(args, { short: '4aAbBc:CdDe:fhi:I:l:Lm:M:nOp:qQ:rRs:S:t:T:UvVw:W:6F:N:' });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return err({ text: `ping: ${error.message}\n${USAGE}`, stdout: false, code: 2 });
  }
  if (o.has('h')) return err({ text: USAGE, stdout: false, code: 2 });
  if (o.has('V')) return err({ text: 'ping from iputils 20221126\n', stdout: true, code: 0 });
  if (o.has('6')) return stop('connect: Network is unreachable', 2);
  for (const letter of ['R', 'T', 'p', 'F', 'N', 'l', 'A']) if (o.has(letter)) return stop(`-${letter}: not modelled in this lab`, 2);
  const numbers = new Map<string, number>();
  for (const [letter, low, high] of [['c', 1, Number.MAX_SAFE_INTEGER], ['t', 0, 255], ['s', 0, 65507], ['w', 0, 2147483], ['m', 0, 0xffffffff]] as const) {
    const text = o.value(letter);
    if (text === undefined) continue;
    if (!/^-?(\d+|0x[0-9a-f]+)$/i.test(text)) return stop(`invalid argument: '${text}'`);
    const n = Number(text);
    if (n < low || n > high) return stop(`invalid argument: '${text}': out of range: ${low} <= value <= ${letter === 'c' ? '9223372036854775807' : high}`);
    numbers.set(letter, n);
  }
  for (const letter of ['i', 'W']) {
    const text = o.value(letter);
    if (text !== undefined && !/^\d+(\.\d*)?$|^\.\d+$/.test(text)) return stop(letter === 'i' ? `bad timing interval: ${text}` : `bad linger time: ${text}`, 2);
  }
  const pmtu = o.value('M');
  const pmtudisc = pmtu === undefined ? undefined : ({ do: 2, want: 1, dont: 0, probe: 3 } as Readonly<Record<string, number>>)[pmtu];
  if (pmtu !== undefined && pmtudisc === undefined) return stop(`invalid -M argument: ${pmtu}`, 2);
  const [target] = o.rest.slice(-1);
  if (target === undefined) return stop('usage error: Destination address required');
  const flood = o.has('f');
  const tos = o.value('Q');
  return ok({
    target, count: numbers.get('c'), interval: o.value('i') === undefined ? (flood ? 0.01 : 1) : Math.max(Number(o.value('i')), 0.001), timeout: o.value('W') === undefined ? undefined : Number(o.value('W')), deadline: numbers.get('w'),
    size: numbers.get('s') ?? 56, ttl: numbers.get('t'), tos: tos === undefined ? undefined : Number(tos), mark: numbers.get('m'), interface: o.value('I'), pmtudisc, quiet: o.has('q'), numeric: o.has('n'), stamps: o.has('D'), flood,
    outstanding: o.has('O'), broadcast: o.has('b'), verbose: o.has('v'),
  });
}
