/** Read first: route(8), netstat(8), net-tools 2.10. Not modelled: -C, -A inet6, reject, mss, window. */
import { ANY, formatIpv4, ipv4, type Ipv4, maskOf, parseCidr, parseIpv4, type Prefix, prefix } from '../../../engine/wire/addresses.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { RT_TABLE_MAIN } from '../../../engine/uapi/rtnetlink.ts';
import type { SocketInfo } from '../../../engine/uapi/sockets.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { ownerOf } from '../../shell/process-table.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { interfaceBlocks, interfaceTable } from './ifconfig.ts';
import { NETSTAT_USAGE, NETSTAT_VERSION } from './usage.ts';
import { nameOf, SERVICES } from './names.ts';

const USAGE = `Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables
       route [-v] [-FC] {add|del|flush} ...  Modify routing table for AF.

       route {-h|--help} [<AF>]              Detailed usage syntax for specified AF.
       route {-V|--version}                  Display version/author and exit.

        -v, --verbose            be verbose
        -n, --numeric            don't resolve names
        -e, --extend             display other/more information
        -F, --fib                display Forwarding Information Base (default)
        -C, --cache              display routing cache instead of FIB

  <AF>=Use -4, -6, '-A <af>' or '--<af>'; default: inet
  List of possible address families (which support routing):
    inet (DARPA Internet) inet6 (IPv6) ax25 (AMPR AX.25) 
    netrom (AMPR NET/ROM) rose (AMPR ROSE) ipx (Novell IPX) 
    ddp (Appletalk DDP) x25 (CCITT X.25) 
`;

const INET_USAGE = `Usage: inet_route [-vF] del {-host|-net} Target[/prefix] [gw Gw] [metric M] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [gw Gw] [metric M]
                              [netmask N] [mss Mss] [window W] [irtt I]
                              [mod] [dyn] [reinstate] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [metric M] reject
       inet_route [-FC] flush      NOT supported
`;

/** `route -n` and `netstat -rn`: /proc/net/route, the main table's unicast routes. */
type RouteLook = 'route' | 'netstat' | 'both';

function routeTable(context: Context, numeric: boolean, look: RouteLook): void {
  const netstat = look === 'netstat';
  print(context, `Kernel IP routing table\nDestination     Gateway         Genmask         Flags ${netstat ? '  MSS Window  irtt Iface' : 'Metric Ref    Use Iface'}${look === 'both' ? '    MSS   Window irtt' : ''}\n`);
  for (const r of context.kernel.netlink.routes(RT_TABLE_MAIN)) {
    if (r.type === 'broadcast' || r.type === 'multicast') continue;
    // fib_trie.c type2flags: only these two are RTF_REJECT; a blackhole looks like a route without a device.
    const reject = r.type === 'unreachable' || r.type === 'prohibit';
    const hop = r.nexthops[0];
    const host = (ip: Ipv4): string => (numeric ? formatIpv4(ip) : nameOf(context, ip) ?? formatIpv4(ip));
    const destination = r.dst.length === 0 ? (numeric ? '0.0.0.0' : 'default') : host(r.dst.address);
    const gateway = reject ? '-' : hop?.via === undefined ? (numeric ? '0.0.0.0' : '0.0.0.0') : host(hop.via);
    const flags = `${reject ? '!' : 'U'}${r.dst.length === 32 ? 'H' : ''}${hop?.via === undefined ? '' : 'G'}`.replace(/^U(H?)(G?)$/, (_, h: string, g: string) => `U${g}${h}`);
    const dev = reject ? '-' : hop?.dev ?? '*';
    const head = `${destination.slice(0, 15).padEnd(15)} ${gateway.slice(0, 15).padEnd(15)} ${formatIpv4(ipv4(maskOf(r.dst.length))).padEnd(15)} ${flags.padEnd(5)} `;
    print(context, netstat ? `${head}${'0'.padStart(5)} ${'0'.padEnd(5)} ${'0'.padStart(6)} ${dev}\n` : look === 'both' ? `${head}${String(r.priority).padEnd(6)} ${(reject ? '-' : '0').padEnd(3)} ${'0'.padStart(6)} ${dev.slice(0, 6).padEnd(6)}   ${'0'.padEnd(5)} ${'0'.padEnd(6)} 0\n` : `${head}${String(r.priority).padEnd(6)} ${(reject ? '-' : '0').padEnd(3)} ${String(0).padStart(6)} ${dev}\n`);
  }
}

export const route: Command = {
  name: 'route', models: 'listing (-n), add, del: -net, -host, default, gw, netmask, metric, dev', notModelled: '-C, reject, IPv6',
  *run(context) {
    return yield* catching(context, (function* () {
      return main(context);
    })());
  },
};

/** Usage goes to stdout, the list of families at its end to stderr. */
function help(context: Context, usage: string): Exit {
  const cut = usage.indexOf('    inet (DARPA');
  print(context, usage.slice(0, cut));
  return new Exit(0, usage.slice(cut));
}

function main(context: Context): number {
  const args = context.args.slice(1);
  let options: Options;
  try {
    options = getopt(args, { short: 'A:eCFhnNVv4', stopAtOperand: true, long: { numeric: 'n', extend: 'e', verbose: 'v', fib: 'F', cache: 'C', help: 'h', version: 'V', inet: '4' } });
  } catch (error) {
    if (error instanceof UsageError) {
      context.stderr.write(`route: ${error.message}\n`);
      throw help(context, USAGE);
    }
    throw error;
  }
  if (options.has('h')) {
    throw help(context, USAGE);
  }
  if (options.has('V')) {
    print(context, NETSTAT_VERSION);
    return 0;
  }
  const [command, ...rest] = options.rest;
  if (command === undefined) {
    const extended = options.given.get('e')?.length ?? 0;
    if (options.has('C')) {
      print(context, `Kernel IP routing cache\nSource          Destination     Gateway         Flags ${extended === 1 ? '  MSS Window  irtt Iface' : 'Metric Ref    Use Iface'}\n`);
      return 0;
    }
    routeTable(context, options.has('n'), extended === 0 ? 'route' : extended === 1 ? 'netstat' : 'both');
    return 0;
  }
  if (command === 'flush') throw new Exit(3, `Flushing \`inet' routing table not supported\n${INET_USAGE}`);
  if (command !== 'add' && command !== 'del' && command !== 'delete') throw new Exit(3, USAGE);
  return modify(context, command === 'add', rest);
}

function modify(context: Context, adding: boolean, words: readonly string[]): number {
  const value = (i: number): string => {
    const word = words[i];
    if (word === undefined) throw new Exit(3, INET_USAGE);
    return word;
  };
  const address = (host: string): Ipv4 => {
    const found = parseIpv4(host);
    if (found === undefined) throw new Exit(6, `${host}: Unknown host\n`);
    return found;
  };
  const call = adding ? 'SIOCADDRT' : 'SIOCDELRT';
  let target: string | undefined;
  let kind: 'net' | 'host' | undefined;
  let gw: Ipv4 | undefined;
  let mask: Ipv4 | undefined;
  let metric: number | undefined;
  let dev: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '-net' || word === '-host') kind = word === '-net' ? 'net' : 'host';
    else if (word === 'gw' || word === 'gateway') {
      gw = address(value(++i));
    } else if (word === 'netmask') mask = address(value(++i));
    else if (word === 'metric') metric = Number(value(++i));
    else if (word === 'dev' || word === 'device') dev = value(++i);
    else if (word === 'reject' || word === 'mss' || word === 'window' || word === 'irtt') throw new Exit(1, `route: ${word} is ${NOT_MODELLED}\n`);
    else if (target === undefined) target = word;
    else dev = word;
  }
  if (target === undefined) {
    if (words.length > 0) throw new Exit(3, INET_USAGE);
    print(context, INET_USAGE);
    return 0;
  }
  const parsed = target === 'default' ? prefix(ANY, 0) : parseCidr(target);
  if (parsed === undefined) throw new Exit(6, `${target}: Unknown host\n`);
  let length = parsed.length;
  if (mask !== undefined && !/^1*0*$/.test(mask.toString(2).padStart(32, '0'))) throw new Exit(3, `route: bogus netmask ${formatIpv4(mask)}\n${INET_USAGE}`);
  if (mask !== undefined) length = mask.toString(2).replace(/0+$/, '').length;
  else if (!target.includes('/') && target !== 'default' && kind === 'net') throw new Exit(7, `${call}: ${STRERROR.EINVAL}\n`);
  const dst: Prefix = { address: parsed.address, length };
  if (length < 32 && prefix(dst.address, length).address !== dst.address) throw new Exit(3, `route: netmask doesn't match route address\n${INET_USAGE}`);
  if (context.user !== 'root') throw new Exit(7, `${call}: ${STRERROR.EPERM}\n`);
  if (dev !== undefined && context.kernel.netlink.link(dev) === undefined) throw new Exit(7, `${call}: ${STRERROR.ENODEV}\n`);
  const nexthops = gw === undefined && dev === undefined ? undefined : [{ via: gw, dev }];
  if (adding && nexthops === undefined) throw new Exit(7, `${call}: ${STRERROR.ENODEV}\n`);
  const { netlink } = context.kernel;
  const result = adding ? netlink.newRoute({ dst, priority: metric, nexthops, scope: gw === undefined ? 'link' : undefined }, 'prepend') : netlink.delRoute({ dst, priority: metric, nexthops });
  if (!result.ok) throw new Exit(7, `${call}: ${STRERROR[result.error.errno]}\n`);
  return 0;
}

export const netstat: Command = {
  name: 'netstat', models: '-r -n -t -u -w -l -a -p -o -i -e -4 -6 -A', notModelled: '-s, -g, -c, running timers of -o',
  *run(context) {
    return yield* catching(context, (function* () {
      return netstatMain(context);
    })());
  },
};

/** Width of the column, its terminating zero included. */
const PROGNAME_WIDTH = 20;
const STATES: Readonly<Record<string, string>> = { CLOSE: 'CLOSE', LISTEN: 'LISTEN', SYN_SENT: 'SYN_SENT', SYN_RECV: 'SYN_RECV', ESTABLISHED: 'ESTABLISHED', ESTAB: 'ESTABLISHED', FIN_WAIT1: 'FIN_WAIT1', FIN_WAIT2: 'FIN_WAIT2', CLOSE_WAIT: 'CLOSE_WAIT', CLOSING: 'CLOSING', LAST_ACK: 'LAST_ACK', TIME_WAIT: 'TIME_WAIT', UNCONN: '' };

const FAMILIES: Readonly<Record<string, string>> = { inet: '4', inet6: '6', unix: 'x' };

function netstatMain(context: Context): number {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), {
      short: 'A:CFMacdeghilnNoprsStuUvVWwx64', long: {
        route: 'r', numeric: 'n', tcp: 't', udp: 'u', raw: 'w', listening: 'l', all: 'a', programs: 'p', interfaces: 'i', statistics: 's', wide: 'W', extend: 'e', timers: 'o', groups: 'g', masquerade: 'M', verbose: 'v', symbolic: 'N', continuous: 'c', fib: 'F', cache: 'C',
        version: 'V', help: 'h', unix: 'x', inet: '4', inet6: '6', sctp: 'S', udplite: 'U', 'numeric-hosts': 'numeric-hosts', 'numeric-ports': 'numeric-ports', 'numeric-users': 'numeric-users', protocol: 'A:',
      },
    });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(3, `netstat: ${error.message}\n${NETSTAT_USAGE}`);
    throw error;
  }
  if (options.has('h')) {
    throw help(context, NETSTAT_USAGE);
  }
  if (options.has('V')) {
    print(context, NETSTAT_VERSION);
    return 0;
  }
  const named = options.value('A');
  const family = named === undefined ? undefined : FAMILIES[named];
  if (named !== undefined && family === undefined) throw new Exit(1, `Unknown address family \`${named}'.\n`);
  const has = (letter: string): boolean => options.has(letter) || family === letter;
  if (options.has('M')) throw new Exit(1, "netstat: no support for `ip_masquerade' on this system.\n");
  for (const letter of ['s', 'g', 'c'] as const) if (options.has(letter)) throw new Exit(1, `netstat: -${letter} is ${NOT_MODELLED}\n`);
  const numeric = options.has('n') || options.has('numeric-hosts');
  const extended = options.given.get('e')?.length ?? 0;
  if (options.has('r')) {
    if (options.has('C')) print(context, `Kernel IP routing cache\nSource          Destination     Gateway         Flags   MSS Window  irtt Iface\n`);
    else routeTable(context, numeric, extended === 0 ? 'netstat' : extended === 1 ? 'route' : 'both');
    return 0;
  }
  if (options.has('i')) {
    print(context, `Kernel Interface table\n${extended > 0 ? interfaceBlocks(context, options.has('a')) : interfaceTable(context, options.has('a'), true)}`);
    return 0;
  }
  if (extended > 0) throw new Exit(1, `netstat: -e of sockets (their inodes) is ${NOT_MODELLED}\n`);
  const timers = options.has('o');
  const [only4, only6] = [has('4') && !has('6'), has('6') && !has('4')];
  const which = options.has('l') ? 'only servers' : options.has('a') ? 'servers and established' : 'w/o servers';
  // Nobody here opens unix sockets: their table is empty.
  const unix = `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node   Path\n`;
  if (has('x') && !['t', 'u', 'w', '4', '6'].some(has)) {
    print(context, unix);
    return 0;
  }
  const picked = options.has('t') || options.has('u') || options.has('w');
  const wanted = (p: SocketInfo['protocol']): boolean => (p === 'tcp' ? options.has('t') || !picked : p === 'udp' ? options.has('u') || !picked : options.has('w') || !picked);
  const program = options.has('p');
  if (program && context.user !== 'root') context.stderr.write('(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n');
  print(context, `Active Internet connections (${which})\n`);
  print(context, `Proto Recv-Q Send-Q Local Address           Foreign Address         State      ${program ? ' PID/Program name    ' : ''}${timers ? ' Timer' : ''}\n`);
  const busybox = context.host.versions?.['netstat'] === 'busybox';
  const owner = (s: SocketInfo): string => {
    const found = s.pid === undefined || context.user !== 'root' ? undefined : ownerOf(context.host, s.pid, s.process ?? '');
    return found === undefined ? '-' : `${found.pid}/${found.command}`.slice(0, PROGNAME_WIDTH - 1);
  };
  const end = (e: SocketInfo['local'] | undefined, v6: boolean): string => {
    const address = e === undefined ? ANY : e.address;
    const port = e === undefined || e.port === 0 ? '*' : numeric ? String(e.port) : SERVICES[e.port] ?? String(e.port);
    if (v6) return `:::${port}`;
    const host = numeric || address !== 0 ? (numeric ? undefined : nameOf(context, address)) ?? formatIpv4(address) : '0.0.0.0';
    return `${host}:${port}`;
  };
  const timer = (s: SocketInfo): string => {
    if (s.protocol === 'tcp' && s.state !== 'LISTEN' && !(s.sendQueue === 0 && STATES[s.state] === 'ESTABLISHED')) throw new Exit(1, `netstat: -o of sockets with a running timer is ${NOT_MODELLED}\n`);
    return ' off (0.00/0/0)';
  };
  for (const protocol of ['tcp', 'udp', 'raw'] as const) {
    if (!wanted(protocol)) continue;
    // /proc/net/tcp, then tcp6
    const all = context.kernel.sockets.list();
    for (const s of [...all.filter((o) => o.v6only !== true), ...all.filter((o) => o.v6only === true)]) {
      const v6 = s.v6only === true;
      if (s.protocol !== protocol || (v6 ? only4 : only6)) continue;
      const listening = s.state === 'LISTEN' || s.state === 'UNCONN';
      if (options.has('l') ? !listening : !options.has('a') && listening) continue;
      const state = protocol === 'tcp' ? STATES[s.state] ?? s.state : s.remote === undefined ? '' : 'ESTABLISHED';
      print(context, `${`${protocol}${v6 && !busybox ? '6' : ''}`.padEnd(5)} ${String(s.recvQueue).padStart(6)} ${String(s.state === 'LISTEN' ? 0 : s.sendQueue).padStart(6)} ${end(s.local, v6).padEnd(23)} ${end(s.remote, v6).padEnd(23)} ${state.padEnd(11)}${program ? ` ${owner(s).padEnd(20)}` : ''}${timers ? timer(s) : ''}\n`);
    }
  }
  if (!picked && !busybox && ![only4, only6].includes(true)) print(context, unix);
  return 0;
}

