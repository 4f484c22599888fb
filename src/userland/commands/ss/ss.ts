/** Read first: ss(8), iproute2 misc/ss.c. Column widths follow the content, as ss does when its output is no terminal. Not modelled: -i, -m, -o, unix sockets, most filters. */
import { ANY, contains, formatIpv4, type Ipv4, parseCidr } from '../../../engine/wire/addresses.ts';
import type { SocketInfo } from '../../../engine/uapi/sockets.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { ownerOf } from '../../shell/process-table.ts';
import { SERVICES } from '../net-tools/names.ts';
import { SS_USAGE } from './usage.ts';

const STATE_NAMES: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB', ESTAB: 'ESTAB', SYN_SENT: 'SYN-SENT', SYN_RECV: 'SYN-RECV', FIN_WAIT1: 'FIN-WAIT-1', FIN_WAIT2: 'FIN-WAIT-2', TIME_WAIT: 'TIME-WAIT', CLOSE: 'UNCONN', CLOSE_WAIT: 'CLOSE-WAIT', LAST_ACK: 'LAST-ACK', LISTEN: 'LISTEN', CLOSING: 'CLOSING', UNCONN: 'UNCONN',
};

const STATE_WORDS = ['all', 'connected', 'synchronized', 'bucket', 'big', 'established', 'estab', 'syn-sent', 'syn-recv', 'fin-wait-1', 'fin-wait-2', 'time-wait', 'closed', 'unconn', 'close-wait', 'last-ack', 'listen', 'listening', 'closing'];

export const ss: Command = {
  name: 'ss', models: '-t -u -w -l -a -n -p -s -H -4 -4, state filters, sport/dport filters', notModelled: '-i -m -o -K -x',
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
    options = getopt(context.args.slice(1), { short: 'hVnraloempiKstudw46xf:HOEZzN:M0SbTA:D:F:', long: { numeric: 'n', all: 'a', listening: 'l', processes: 'p', tcp: 't', udp: 'u', raw: 'w', summary: 's', ipv4: '4', ipv6: '6', 'no-header': 'H', info: 'i', oneline: 'O', unix: 'x', version: 'V', help: 'h' } });
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
  if (options.has('i') || options.has('m') || options.has('o') || options.has('K') || options.has('E')) throw new Exit(255, `ss: -i, -m, -o, -K and -E are ${NOT_MODELLED}\n`);
  const all = options.has('6') && !options.has('4') ? [] : context.kernel.sockets.list();
  if (options.has('s')) {
    print(context, summary(all));
    return 0;
  }
  const protocols = (['udp', 'tcp', 'raw'] as const).filter((p) => options.has(p === 'tcp' ? 't' : p === 'udp' ? 'u' : 'w'));
  const shownProtocols = protocols.length > 0 ? protocols : options.has('x') ? [] : (['udp', 'tcp', 'raw'] as const);
  const accept = filter(options.rest);
  const one = options.rest[options.rest.indexOf('state') + 1] ?? 'all';
  const stateColumn = !options.rest.includes('state') || ['all', 'connected', 'synchronized', 'bucket', 'big'].includes(one);
  const stateGiven = options.rest.includes('state');
  const rows = shownProtocols.flatMap((p) => all.filter((s) => s.protocol === p)).filter((s) => {
    const listening = s.state === 'LISTEN' || (s.state === 'UNCONN' && s.remote === undefined) || (s.protocol === 'udp' && s.remote === undefined);
    if (!accept(s)) return false;
    return stateGiven || options.has('a') || (options.has('l') ? listening : !listening && s.state !== 'CLOSE');
  });
  print(context, table(context, rows, { netid: protocols.length !== 1, numeric: options.has('n'), processes: options.has('p'), header: !options.has('H'), state: stateColumn }));
  return 0;
}

/** `state X`, `exclude X`, `sport = :80`, `dport eq 443`, `src`, `dst`; joined by and. */
function filter(words: readonly string[]): (s: SocketInfo) => boolean {
  const tests: ((s: SocketInfo) => boolean)[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === 'state' || word === 'exclude') {
      const name = (words[++i] ?? '').toLowerCase();
      const is = (s: SocketInfo): boolean => {
        const state = (STATE_NAMES[s.state] ?? s.state).toLowerCase();
        if (name === 'all') return true;
        if (name === 'connected') return state !== 'listen' && state !== 'unconn';
        if (name === 'established') return state === 'estab';
        if (name === 'listening') return state === 'listen';
        if (name === 'closed') return state === 'unconn';
        return state === name;
      };
      if (!STATE_WORDS.includes(name)) throw new Exit(255, `ss: wrong state name: ${words[i] ?? ''}\n`);
      tests.push(word === 'state' ? is : (s): boolean => !is(s));
    } else if (word === 'sport' || word === 'dport') {
      let value = words[++i] ?? '';
      if (['=', '==', 'eq'].includes(value)) value = words[++i] ?? '';
      else if (['!=', 'ne', '>', '<', 'gt', 'lt', 'ge', 'le', '>=', '<='].includes(value)) throw new Exit(255, `ss: ${word} ${value} is ${NOT_MODELLED}\n`);
      const text = value.replace(/^:/, '');
      const port = /^\d+$/.test(text) ? Number(text) : Number(Object.entries(SERVICES).find(([, n]) => n === text)?.[0] ?? NaN);
      if (Number.isNaN(port)) throw new Exit(1, `Error: "${text}" does not look like a port.\nCannot parse dst/src address.\n`);
      tests.push((s) => (word === 'sport' ? s.local.port : s.remote?.port) === port);
    } else if (word === 'src' || word === 'dst') {
      const [host = '', port] = (words[++i] ?? '').split(':');
      const net = host === '' ? undefined : parseCidr(host);
      if (net === undefined && host !== '') throw new Exit(1, `Error: an inet prefix is expected rather than "${host}".\nCannot parse dst/src address.\n`);
      tests.push((s) => {
        const end = word === 'src' ? s.local : s.remote;
        return end !== undefined && (net === undefined || contains(net, end.address)) && (port === undefined || end.port === Number(port));
      });
    } else if (word === 'and' || word === '&&' || word === '(' || word === ')') continue;
    else if (word === 'or' || word === 'not' || word === '!' || word === '||') throw new Exit(255, `ss: "${word}" in filters is ${NOT_MODELLED}\n`);
    else throw new Exit(1, `Error: an inet prefix is expected rather than "${word}".\nCannot parse dst/src address.\n`);
  }
  return (s) => tests.every((t) => t(s));
}

function table(context: Context, sockets: readonly SocketInfo[], how: { readonly netid: boolean; readonly numeric: boolean; readonly processes: boolean; readonly header: boolean; readonly state: boolean }): string {
  const port = (n: number | undefined): string => (n === undefined || n === 0 ? '*' : how.numeric ? String(n) : SERVICES[n] ?? String(n));
  const host = (a: Ipv4 | undefined): string => formatIpv4(a ?? ANY);
  const rows = sockets.map((s) => [
    ...(how.netid ? [s.protocol] : []), ...(how.state ? [s.protocol === 'tcp' ? STATE_NAMES[s.state] ?? s.state : s.remote === undefined ? 'UNCONN' : 'ESTAB'] : []), String(s.recvQueue).padEnd(6), String(s.sendQueue).padEnd(6), host(s.local.address), port(s.local.port),
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
