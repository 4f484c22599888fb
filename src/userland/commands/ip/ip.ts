/** Read first: ip(8), iproute2 ip/ip.c. Objects: address, link, route, rule, neigh, netns, monitor (link, address, route, neigh changes by polling). */
import type { Program } from '../../../engine/sim/process.ts';
import { millis, plus } from '../../../engine/sim/time.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { Capture } from '../../shell/io.ts';
import { address } from './address.ts';
import { busyboxIp, isBusybox } from './busybox.ts';
import { IP_HELP } from './help.ts';
import { link } from './link.ts';
import { neighbour } from './neigh.ts';
import { enter, netns } from './netns.ts';
import { route } from './route.ts';
import { rule } from './rule.ts';
import { isPrefixOf, notModelled, Words, type IpOptions } from './words.ts';

/** In iproute2's order: an abbreviation means the first that it fits. */
const OBJECTS: readonly (readonly [string, ((words: Words) => number | Program) | undefined])[] = [
  ['address', address], ['addrlabel', undefined], ['maddress', undefined], ['route', route], ['rule', rule], ['neighbor', neighbour], ['neighbour', neighbour], ['ntable', undefined], ['ntbl', undefined],
  ['link', link], ['l2tp', undefined], ['fou', undefined], ['ila', undefined], ['macsec', undefined], ['tunnel', undefined], ['tunl', undefined], ['tuntap', undefined], ['tap', undefined], ['token', undefined], ['tcpmetrics', undefined],
  ['monitor', monitor], ['xfrm', undefined], ['mroute', undefined], ['mrule', undefined], ['netns', netns], ['netconf', undefined], ['vrf', undefined], ['sr', undefined], ['nexthop', undefined], ['mptcp', undefined], ['ioam', undefined],
];

export const ip: Command = {
  name: 'ip',
  models: 'address, link (veth, bridge, vlan, vxlan, dummy), route, rule, neigh, netns, monitor; -br -d -s -o -4 -6 -n -j -p; abbreviations',
  notModelled: 'IPv6 (nothing is listed), tunnels, xfrm, nexthop objects, vrf, batch files',
  complete: (host, words) => {
    const objects = ['address', 'link', 'route', 'rule', 'neigh', 'netns', 'monitor', '-br', '-d', '-s', '-o', '-n'];
    const plain = words.slice(1).filter((w) => !w.startsWith('-'));
    if (plain.length <= 1) return objects;
    const commands: Readonly<Record<string, readonly string[]>> = {
      a: ['show', 'add', 'del', 'flush', 'replace'], l: ['show', 'set', 'add', 'del'], r: ['show', 'get', 'add', 'del', 'replace', 'change', 'append', 'flush'], n: ['show', 'add', 'del', 'replace', 'flush', 'list', 'exec'],
    };
    return [...(commands[(plain[0] ?? '').charAt(0)] ?? []), 'dev', 'table', 'via', ...host.kernel.netlink.links().map((l) => l.name), ...host.kernel.netnsList()];
  },
  *run(context) {
    return yield* catching(context, main(context));
  },
};

function familyWord(word: string): 4 | 6 | undefined {
  if (word === 'inet') return 4;
  if (word === 'inet6') return 6;
  if (['link', 'mpls', 'bridge'].includes(word)) throw notModelled(`-family ${word}`);
  throw new Exit(255, `Error: argument "${word}" is wrong: invalid protocol family\n`);
}

function* main(context: Context): Program {
  const args = context.args.slice(1);
  if (isBusybox(context) && busyboxIp(context, args)) return 0;
  const options: { -readonly [K in keyof IpOptions]: IpOptions[K] } = { brief: false, details: false, statistics: 0, oneline: false, family: undefined, json: false, pretty: false, numeric: false, all: false, old: context.host.versions?.['iproute2'] === '5.15' };
  let { kernel } = context;
  for (let arg = args[0]; arg !== undefined && arg.startsWith('-'); arg = args[0]) {
    args.shift();
    const name = arg.startsWith('--') ? arg.slice(1) : arg;
    const is = (full: string, least = 2): boolean => name.length >= least && full.startsWith(name);
    if (name === '-') break;
    if (is('-loops') || is('-family') || is('-rcvbuf', 3)) {
      const value = args.shift();
      if (value === undefined) throw new Exit(255, IP_HELP);
      if (is('-family')) options.family = familyWord(value);
    } else if (name === '-4') options.family = 4;
    else if (name === '-6') options.family = 6;
    else if (is('-human', 2) && name !== '-') continue;
    else if (is('-details')) options.details = true;
    else if (is('-brief', 3) || name === '-br') options.brief = true;
    else if (is('-statistics') || is('-stats')) options.statistics++;
    else if (is('-oneline')) options.oneline = true;
    else if (is('-json')) options.json = true;
    else if (is('-pretty')) options.pretty = true;
    else if (is('-Numeric')) options.numeric = true;
    else if (name === '-0') throw notModelled('-family link');
    else if (is('-echo') || /^-color=(auto|never)$/.test(name)) continue;
    else if (is('-resolve') || is('-color') || is('-timestamp') || is('-tshort') || is('-iec')) continue;
    else if (is('-netns')) {
      const ns = args.shift();
      kernel = enter(context, ns ?? '(null)');
    } else if (is('-Version')) {
      print(context, 'ip utility, iproute2-5.15.0, libbpf 0.5.0\n');
      return 0;
    } else if (is('-help')) throw new Exit(255, IP_HELP);
    else if (is('-all')) options.all = true;
    else if (is('-force', 4)) continue;
    else if (is('-batch')) throw new Exit(255, `Option "${arg}" is ${NOT_MODELLED}.\n`);
    else throw new Exit(255, `Option "${arg}" is unknown, try "ip -help".\n`);
  }
  const object = args.shift();
  if (object === undefined) throw new Exit(255, IP_HELP);
  if (isPrefixOf(object, 'help')) throw new Exit(255, IP_HELP);
  const found = OBJECTS.find(([name]) => isPrefixOf(object, name));
  if (found === undefined) throw new Exit(1, `Object "${object}" is unknown, try "ip help".\n`);
  const [name, run] = found;
  if (run === undefined) throw new Exit(255, `Object "${name}" is ${NOT_MODELLED}.\n`);
  const result = run(new Words(kernel === context.kernel ? context : { ...context, kernel }, options, args));
  return typeof result === 'number' ? result : yield* result;
}

/** Differences between looks 100 ms apart, printed as the listings print them; what went has `Deleted ` in front. */
function* monitor(words: Words): Program {
  const wanted = words.take() ?? 'all';
  const views: readonly (readonly [string, (w: Words) => number])[] = [['link', link], ['address', address], ['route', route], ['neigh', neighbour]];
  const look = (): Map<string, Set<string>> => {
    const out = new Map<string, Set<string>>();
    for (const [name, view] of views) {
      if (wanted !== 'all' && !name.startsWith(wanted.slice(0, 3))) continue;
      const capture = new Capture();
      view(new Words({ ...words.context, stdout: capture }, { ...words.options, oneline: true }, []));
      out.set(name, new Set(capture.text.split('\n').filter((l) => l !== '')));
    }
    return out;
  };
  if (wanted !== 'all' && !views.some(([name]) => name.startsWith(wanted.slice(0, 3)))) throw new Exit(255, `Argument "${wanted}" is unknown, try "ip monitor help".\n`);
  let before = look();
  for (;;) {
    yield { until: plus(words.context.kernel.clock.now, millis(100)) };
    const now = look();
    for (const [name, lines] of now) {
      const label = wanted === 'all' ? `[${name === 'address' ? 'ADDR' : name.toUpperCase()}]` : '';
      for (const line of before.get(name) ?? []) if (!lines.has(line)) words.print(`${label}Deleted ${line.replace(/\\/g, '\n')}\n`);
      for (const line of lines) if (before.get(name)?.has(line) !== true) words.print(`${label}${line.replace(/\\/g, '\n')}\n`);
    }
    before = now;
  }
}
