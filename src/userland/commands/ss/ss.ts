/** Read first: ss(8), iproute2 misc/ss.c. Column widths follow the content, as ss does when its output is no terminal. Not modelled: -i, -m, -e, timers of -o, unix, packet and netlink sockets. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { SocketInfo } from '../../../engine/uapi/sockets.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { ownerOf } from '../../shell/process-table.ts';
import { SERVICES } from '../net-tools/names.ts';
import { readFilter } from './filter.ts';
import { SS_USAGE } from './usage.ts';

const STATE_NAMES: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB', ESTAB: 'ESTAB', SYN_SENT: 'SYN-SENT', SYN_RECV: 'SYN-RECV', FIN_WAIT1: 'FIN-WAIT-1', FIN_WAIT2: 'FIN-WAIT-2', TIME_WAIT: 'TIME-WAIT', CLOSE: 'UNCONN', CLOSE_WAIT: 'CLOSE-WAIT', LAST_ACK: 'LAST-ACK', LISTEN: 'LISTEN', CLOSING: 'CLOSING', UNCONN: 'UNCONN',
};

export const ss: Command = {
  name: 'ss', models: '-t -u -w -l -a -n -p -o -s -H -4 -6 -A -f; state, sport, dport, src, dst with operators, and, or, not', notModelled: '-i -m -e -K -x, running timers of -o',
  complete: () => ['-tan', '-lnt', '-lntp', '-uan', '-s'],
  *run(context) {
    return yield* catching(context, (function* () {
      return main(context);
    })());
  },
};

function main(context: Context): number {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), { short: 'hVnraloempiKstudw46xf:HOEZzN:M0SbTA:D:F:', long: { options: 'o', extended: 'e', memory: 'm', resolve: 'r', kill: 'K', events: 'E', family: 'f:', query: 'A:', socket: 'A:', net: 'N:', dccp: 'd', sctp: 'S', mptcp: 'M', packet: '0', bpf: 'b', threads: 'T', numeric: 'n', all: 'a', listening: 'l', processes: 'p', tcp: 't', udp: 'u', raw: 'w', summary: 's', ipv4: '4', ipv6: '6', 'no-header': 'H', info: 'i', oneline: 'O', unix: 'x', version: 'V', help: 'h' } });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(255, `ss: ${error.message}\n${SS_USAGE}`);
    throw error;
  }
  if (options.has('h')) {
    print(context, SS_USAGE);
    return 0;
  }
  if (options.has('z') || options.has('Z')) throw new Exit(1, 'ss: SELinux is not enabled.\n');
  if (options.has('V')) {
    print(context, 'ss utility, iproute2-5.15.0\n');
    return 0;
  }
  for (const letter of ['i', 'm', 'K', 'E', 'e', 'b', 'T'] as const) if (options.has(letter)) throw new Exit(255, `ss: -${letter} is ${NOT_MODELLED}\n`);
  const ns = options.value('N');
  if (ns !== undefined) throw new Exit(1, context.kernel.netnsList().includes(ns) ? `ss: -N is ${NOT_MODELLED}; ip netns exec ${ns} ss is not\n` : `Cannot open network namespace "${ns}": ${STRERROR.ENOENT}\n`);
  const family = options.value('f');
  if (family !== undefined && !['inet', 'inet6', 'unix', 'link', 'netlink', 'vsock', 'tipc', 'xdp'].includes(family)) throw new Exit(255, `ss: "${family}" is invalid family\n${SS_USAGE}`);
  const v6 = (options.has('6') && !options.has('4')) || family === 'inet6';
  const all = v6 ? [] : context.kernel.sockets.list();
  if (options.has('s')) {
    print(context, summary(all));
    return 0;
  }
  const tables = chosenTables(options, family);
  const { states: asked, test } = readFilter(options.rest);
  const states = asked ?? new Set(options.has('a') ? STATES : options.has('l') ? ['LISTEN', 'UNCONN'] : [...tables].flatMap((name) => DEFAULTS[name] ?? CONNECTED));
  const rows = (['raw', 'udp', 'tcp'] as const).filter((name) => tables.has(name)).flatMap((p) => all.filter((s) => s.protocol === p)).filter((s) => states.has(stateOf(s)) && test(s));
  if (options.has('o') && rows.some((s) => s.protocol === 'tcp' && !(s.state === 'LISTEN' || (s.sendQueue === 0 && stateOf(s) === 'ESTAB')))) throw new Exit(255, `ss: -o of sockets with a running timer is ${NOT_MODELLED}\n`);
  print(context, table(context, rows, { netid: tables.size !== 1, numeric: options.has('n'), processes: options.has('p'), header: !options.has('H'), state: states.size !== 1 }));
  return 0;
}

const STATES: readonly string[] = [...new Set(Object.values(STATE_NAMES))];
const CONNECTED = STATES.filter((s) => s !== 'LISTEN' && s !== 'UNCONN');
/** default_dbs: states that are shown of a table when nothing is said; CONNECTED of the others. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = { udp: ['ESTAB'], raw: ['ESTAB'], tipc: ['ESTAB'], p_raw: ['UNCONN'], p_dgr: ['UNCONN'], netlink: ['UNCONN'], xdp: ['UNCONN'] };
const INET = ['tcp', 'udp', 'raw', 'dccp', 'sctp', 'mptcp'];
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  inet: INET, unix: ['u_str', 'u_dgr', 'u_seq'], packet: ['p_raw', 'p_dgr'], unix_stream: ['u_str'], unix_dgram: ['u_dgr'], unix_seqpacket: ['u_seq'], packet_raw: ['p_raw'], packet_dgram: ['p_dgr'], vsock: ['v_str', 'v_dgr'], vsock_stream: ['v_str'], vsock_dgram: ['v_dgr'],
};
const EVERY = [...INET, 'u_str', 'u_dgr', 'u_seq', 'p_raw', 'p_dgr', 'netlink', 'v_str', 'v_dgr', 'tipc', 'xdp'];
const BY_LETTER: Readonly<Record<string, readonly string[]>> = { t: ['tcp'], u: ['udp'], w: ['raw'], d: ['dccp'], S: ['sctp'], M: ['mptcp'], x: ['u_str', 'u_dgr', 'u_seq'], 0: ['p_raw', 'p_dgr'] };

/** Tables of the kernel that are looked at; all when none is named. Of ours only tcp, udp and raw have rows. */
function chosenTables(options: Options, family: string | undefined): ReadonlySet<string> {
  const out = new Set(Object.entries(BY_LETTER).flatMap(([letter, names]) => (options.has(letter) ? names : [])));
  for (const word of (options.value('A') ?? '').split(',').filter((w) => w !== '')) {
    const names = word === 'all' ? EVERY : GROUPS[word] ?? (EVERY.includes(word) ? [word] : undefined);
    if (names === undefined) throw new Exit(255, `ss: "${word}" is illegal socket table id\n${SS_USAGE}`);
    for (const name of names) out.add(name);
  }
  if (family === 'unix') return new Set(GROUPS['unix']);
  return out.size > 0 ? out : new Set(EVERY);
}

const stateOf = (s: SocketInfo): string => (s.protocol === 'tcp' ? STATE_NAMES[s.state] ?? s.state : s.remote === undefined ? 'UNCONN' : 'ESTAB');

function table(context: Context, sockets: readonly SocketInfo[], how: { readonly netid: boolean; readonly numeric: boolean; readonly processes: boolean; readonly header: boolean; readonly state: boolean }): string {
  const port = (n: number | undefined): string => (n === undefined || n === 0 ? '*' : how.numeric ? String(n) : SERVICES[n] ?? String(n));
  const host = (a: Ipv4 | undefined): string => formatIpv4(a ?? ANY);
  const rows = sockets.map((s) => [
    ...(how.netid ? [s.protocol] : []), ...(how.state ? [stateOf(s)] : []), String(s.recvQueue).padEnd(6), String(s.sendQueue).padEnd(6), host(s.local.address), port(s.local.port),
    host(s.remote?.address), port(s.remote?.port), how.processes && s.pid !== undefined && context.user === 'root' && ownerOf(context.host, s.pid, s.process ?? '') !== undefined ? ` users:(("${s.process ?? ''}",pid=${ownerOf(context.host, s.pid, s.process ?? '')?.pid ?? s.pid},fd=3))` : '',
  ]);
  const head = [...(how.netid ? ['Netid'] : []), ...(how.state ? ['State'] : []), 'Recv-Q', 'Send-Q', 'Local Address', 'Port', 'Peer Address', 'Port', 'Process'];
  const lines = how.header ? [head, ...rows] : rows;
  const widths = head.map((_, i) => Math.max(...lines.map((l) => (l[i] ?? '').length), 0));
  const first = (how.netid ? 1 : 0) - (how.state ? 0 : 1);
  const wide = rows.length > 0;
  return lines.map((cells) => {
    let text = '';
    for (const [i, cell] of cells.entries()) {
      const width = widths[i] ?? 0;
      const k = i - first;
      if (k === 3 || k === 5) text += ` ${cell.padStart(width)}:`;
      else if (k === 4 || k === 6) text += wide ? cell.padEnd(width) : cell;
      else if (k === 7) text += wide ? cell.padEnd(width) : cell;
      else text += `${i === 0 ? '' : ' '}${cell.padEnd(width)}`;
    }
    return `${text}\n`;
  }).join('');
}

function summary(all: readonly SocketInfo[]): string {
  const count = (p: SocketInfo['protocol'], f: (s: SocketInfo) => boolean = () => true): number => all.filter((s) => s.protocol === p && f(s)).length;
  const estab = count('tcp', (s) => s.state === 'ESTABLISHED' || s.state === 'ESTAB');
  const waiting = count('tcp', (s) => s.state === 'TIME_WAIT');
  const closed = waiting + count('tcp', (s) => s.state === 'CLOSE');
  const tcp = count('tcp', (s) => s.state !== 'TIME_WAIT' && s.state !== 'CLOSE');
  const row = (name: string, n: number): string => `${name}\t  ${String(n).padEnd(9)} ${String(n).padEnd(9)} ${'0'.padEnd(9)}\n`;
  return `Total: ${all.length}\nTCP:   ${count('tcp')} (estab ${estab}, closed ${closed}, orphaned 0, timewait ${waiting})\n\nTransport Total     IP        IPv6\n${row('RAW', count('raw'))}${row('UDP', count('udp'))}${row('TCP', tcp)}${row('INET', count('raw') + count('udp') + tcp)}${row('FRAG', 0)}\n`;
}
