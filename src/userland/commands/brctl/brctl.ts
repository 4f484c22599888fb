/** Read first: brctl(8), bridge-utils 1.7 brctl/brctl_cmd.c. Not modelled: STP parameters. */
import { formatMac } from '../../../engine/wire/addresses.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';

/** Name, number of arguments, usage. */
const COMMANDS: readonly (readonly [string, number, string])[] = [
  ['addbr', 1, '<bridge>\t\tadd bridge'], ['delbr', 1, '<bridge>\t\tdelete bridge'], ['addif', 2, '<bridge> <device>\tadd interface to bridge'], ['delif', 2, '<bridge> <device>\tdelete interface from bridge'],
  ['hairpin', 3, '<bridge> <port> {on|off}\tturn hairpin on/off'], ['setageing', 2, '<bridge> <time>\t\tset ageing time'], ['setbridgeprio', 2, '<bridge> <prio>\t\tset bridge priority'], ['setfd', 2, '<bridge> <time>\t\tset bridge forward delay'],
  ['sethello', 2, '<bridge> <time>\t\tset hello time'], ['setmaxage', 2, '<bridge> <time>\t\tset max message age'], ['setpathcost', 3, '<bridge> <port> <cost>\tset path cost'], ['setportprio', 3, '<bridge> <port> <prio>\tset port priority'],
  ['show', 0, '[ <bridge> ]\t\tshow a list of bridges'], ['showmacs', 1, '<bridge>\t\tshow a list of mac addrs'], ['showstp', 1, '<bridge>\t\tshow bridge stp info'], ['stp', 2, '<bridge> {on|off}\tturn stp on/off'],
];

const usage = (): string => `Usage: brctl [commands]\ncommands:\n${COMMANDS.map(([name, , text]) => `\t${name.padEnd(10)}\t${text}\n`).join('')}`;

const bridgeId = (l: Link): string => `${(l.bridge?.priority ?? 0x8000).toString(16)}.${formatMac(l.mac).replace(/:/g, '')}`;

const ports = (context: Context, name: string): Link[] => context.kernel.netlink.links().filter((l) => l.master === name && l.port !== undefined);


/** Listed by name, as scandir gives them. */
const byName = (a: Link, b: Link): number => (a.name < b.name ? -1 : 1);

export const brctl: Command = {
  name: 'brctl', models: 'show, showmacs, showstp, addbr, delbr, addif, delif, hairpin, setageing, stp', notModelled: 'STP timers and costs',
  complete: (host, words) => (words.length <= 2 ? COMMANDS.map(([name]) => name) : host.kernel.netlink.links().map((l) => l.name)),
  *run(context) {
    return yield* catching(context, (function* () {
      return main(context);
    })());
  },
};

function main(context: Context): number {
  const [, command, ...args] = context.args;
  // Usage goes to stdout.
  const explain = (text: string): Exit => {
    print(context, text);
    return new Exit(1);
  };
  if (command === undefined) throw explain(usage());
  if (command === '-V' || command === '--version') {
    print(context, 'bridge-utils, 1.7\n');
    return 0;
  }
  const found = COMMANDS.find(([name]) => name === command);
  if (found === undefined) {
    context.stderr.write(`never heard of command [${command}]\n`);
    throw explain(usage());
  }
  const [, count, text] = found;
  if (args.length < count) throw explain(`Incorrect number of arguments for command\nUsage: brctl ${command} ${text}\n`);
  const [bridge = '', second = '', third = ''] = args;
  const { netlink } = context.kernel;
  const root = (what: string): void => {
    if (context.user !== 'root') throw new Exit(1, `${what}: ${STRERROR.EPERM}\n`);
  };
  const link = netlink.link(bridge);
  const noBridge = link === undefined ? 'ENODEV' : 'EOPNOTSUPP';
  switch (command) {
    case 'show': return show(context, args);
    case 'showmacs': return showMacs(context, bridge);
    case 'showstp': return showStp(context, bridge);
    case 'addbr': {
      root('add bridge failed');
      const made = netlink.newLink({ name: bridge, kind: 'bridge' });
      if (!made.ok) throw new Exit(1, made.error.errno === 'EEXIST' ? `device ${bridge} already exists; can't create bridge with the same name\n` : `add bridge failed: ${STRERROR[made.error.errno]}\n`);
      return 0;
    }
    case 'delbr': {
      if (link === undefined) throw new Exit(1, `bridge ${bridge} doesn't exist; can't delete it\n`);
      if (link.bridge === undefined) throw new Exit(1, `can't delete bridge ${bridge}: ${STRERROR.EPERM}\n`);
      if (link.up) throw new Exit(1, `bridge ${bridge} is still up; can't delete it\n`);
      root(`can't delete bridge ${bridge}`);
      netlink.delLink(bridge);
      return 0;
    }
    case 'addif': case 'delif': {
      const device = netlink.link(second);
      if (device === undefined) throw new Exit(1, `interface ${second} does not exist!\n`);
      if (link?.bridge === undefined) throw new Exit(1, `bridge ${bridge} does not exist!\n`);
      if (command === 'addif' && device.master !== undefined) throw new Exit(1, `device ${second} is already a member of a bridge; can't add it to bridge ${bridge}.\n`);
      if (command === 'delif' && device.master !== bridge) throw new Exit(1, `device ${second} is not a port of ${bridge}\n`);
      root(command === 'addif' ? `can't add ${second} to bridge ${bridge}` : `can't delete ${second} from ${bridge}`);
      const result = netlink.setLink(second, { master: command === 'addif' ? bridge : null }); // the uapi's word for "released"
      if (!result.ok && result.error.errno === 'ELOOP') throw new Exit(1, `device ${second} is a bridge device itself; can't add a bridge device to a bridge device.\n`);
      if (!result.ok) throw new Exit(1, `can't add ${second} to bridge ${bridge}: ${STRERROR[result.error.errno]}\n`);
      return 0;
    }
    case 'hairpin': {
      if (third !== 'on' && third !== 'off' && third !== 'yes' && third !== 'no' && third !== '1' && third !== '0') throw new Exit(1, 'expect on/off for argument\n');
      if (link?.bridge !== undefined && netlink.link(second) === undefined) throw new Exit(1, `interface ${second} does not exist!\n`);
      if (link?.bridge === undefined || netlink.link(second)?.master !== bridge) throw new Exit(1, link?.bridge === undefined ? `bridge ${bridge} does not exist!\n` : `can't set ${second} to hairpin on bridge ${bridge}: ${STRERROR.EINVAL}\n`);
      root(`can't set ${second} to hairpin on bridge ${bridge}`);
      netlink.setLink(second, { hairpin: third === 'on' || third === 'yes' || third === '1' });
      return 0;
    }
    case 'setageing': {
      const time = Number(second);
      if (second === '' || Number.isNaN(time)) throw new Exit(1, 'bad ageing time value\n');
      if (link?.bridge === undefined) throw new Exit(1, `set ageing time failed: ${STRERROR[noBridge]}\n`);
      root('set ageing time failed');
      netlink.setLink(bridge, { bridge: { ageingTime: time } });
      return 0;
    }
    case 'stp': {
      if (link?.bridge === undefined) throw new Exit(1, `set stp status failed: ${STRERROR[noBridge]}\n`);
      if (!['on', 'yes', '1', 'off', 'no', '0'].includes(second)) throw new Exit(1, 'expect on/off for argument\n');
      if (second === 'off' || second === 'no' || second === '0') return 0;
      throw new Exit(1, `brctl stp on: ${NOT_MODELLED}\n`);
    }
    default: throw new Exit(1, `brctl ${command}: ${NOT_MODELLED}\n`);
  }
}

function show(context: Context, args: readonly string[]): number {
  const { netlink } = context.kernel;
  let code = 0;
  const chosen: Link[] = [];
  const errors: string[] = [];
  if (args.length === 0) chosen.push(...netlink.links().filter((l) => l.bridge !== undefined).sort(byName));
  for (const name of args) {
    const link = netlink.link(name);
    if (link?.bridge !== undefined) chosen.push(link);
    else {
      errors.push(link === undefined ? `bridge ${name} does not exist!\n` : `device ${name} is not a bridge!\n`);
      code = 1;
    }
  }
  if (chosen.length > 0) print(context, 'bridge name\tbridge id\t\tSTP enabled\tinterfaces\n');
  for (const l of chosen) {
    const members = ports(context, l.name).sort(byName).map((p) => p.name);
    print(context, `${l.name}\t\t${bridgeId(l)}\t${l.bridge?.stp === true ? 'yes' : 'no'}\t\t${members[0] ?? ''}\n`);
    for (const member of members.slice(1)) print(context, `\t\t\t\t\t\t\t${member}\n`);
  }
  for (const error of errors) context.stderr.write(error);
  return code;
}

const seconds = (n: number, width = 4): string => n.toFixed(2).padStart(width + 3);

function showMacs(context: Context, name: string): number {
  const { netlink } = context.kernel;
  const link = netlink.link(name);
  if (link?.bridge === undefined) throw new Exit(1, `read of forward table failed: ${STRERROR[link === undefined ? 'ENODEV' : 'EOPNOTSUPP']}\n`);
  const numbers = new Map(ports(context, name).map((p) => [p.name, p.port?.portNo ?? 0]));
  const rows = netlink.fdb().filter((e) => e.master === name && e.where === 'master' && numbers.has(e.dev));
  print(context, 'port no\tmac addr\t\tis local?\tageing timer\n');
  for (const e of [...rows].sort((a, b) => a.mac - b.mac)) print(context, `${String(numbers.get(e.dev) ?? 0).padStart(3)}\t${formatMac(e.mac)}\t${e.isLocal ? 'yes' : 'no'}\t\t${seconds(e.age ?? 0).padStart(7)}\n`);
  return 0;
}

function showStp(context: Context, name: string): number {
  const { netlink } = context.kernel;
  const link = netlink.link(name);
  if (link?.bridge === undefined) throw new Exit(1, link === undefined ? `bridge ${name} does not exist!\n` : `device ${name} is not a bridge!\n`);
  const id = bridgeId(link);
  const row = (a: string, x: string, b: string, y: string): string => ` ${a}\t\t${x}\t\t\t${b}\t\t${y}\n`;
  print(context, `${name}\n bridge id\t\t${id}\n designated root\t${id}\n root port\t\t   0\t\t\tpath cost\t\t   0\n`);
  print(context, row('max age', seconds(20), 'bridge max age', seconds(20)) + row('hello time', seconds(2), 'bridge hello time', seconds(2)).replace('bridge hello time\t\t', 'bridge hello time\t') + row('forward delay', seconds(15), 'bridge forward delay', seconds(15)).replace('bridge forward delay\t\t', 'bridge forward delay\t'));
  print(context, ` ageing time\t\t${seconds(link.bridge.ageingTime)}\n hello timer\t\t${seconds(0)}\t\t\ttcn timer\t\t${seconds(0)}\n topology change timer\t${seconds(0)}\t\t\tgc timer\t\t${seconds(0)}\n flags\t\t\t\n\n\n`);
  for (const p of ports(context, name).sort(byName)) {
    const port = p.port;
    if (port === undefined) continue;
    const portId = (0x8000 + port.portNo).toString(16);
    print(context, `${p.name} (${port.portNo})\n port id\t\t${portId}\t\t\tstate\t\t${port.state.padStart(15)}\n designated root\t${id}\tpath cost\t\t${String(port.cost).padStart(4)}\n designated bridge\t${id}\tmessage age timer\t${seconds(0)}\n designated port\t${portId}\t\t\tforward delay timer\t${seconds(0)}\n designated cost\t   0\t\t\thold timer\t\t${seconds(0)}\n flags\t\t\t\n${port.hairpin ? ' hairpin mode\t\t   1\n' : ''}\n`);
  }
  return 0;
}

