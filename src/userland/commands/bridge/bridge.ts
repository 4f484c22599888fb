/** Read first: bridge(8), iproute2 bridge/{fdb,link}.c (6.1). Not modelled: mdb, vni, VLAN filtering, monitor. */
import { formatIpv4, formatMac, parseMac, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { FdbEntry, Link, LinkChange } from '../../../engine/uapi/rtnetlink.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { linkFlags, linkName } from '../ip/link-text.ts';
import { jsonText } from '../ip/json.ts';
import { enter } from '../ip/netns.ts';
import { addressWord, garbage, isPrefixOf, netlinkText, Words, type IpOptions } from '../ip/words.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';

const HELP = `Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | vlan | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -c[ompressvlans] -color -p[retty] -j[son] }
`;

const FDB_HELP = `Usage: bridge fdb { add | append | del | replace } ADDR dev DEV
              [ self ] [ master ] [ use ] [ router ] [ extern_learn ]
              [ sticky ] [ local | static | dynamic ] [ vlan VID ]
              { [ dst IPADDR ] [ port PORT] [ vni VNI ] | [ nhid NHID ] }
	       [ via DEV ] [ src_vni VNI ]
       bridge fdb [ show [ br BRDEV ] [ brport DEV ] [ vlan VID ]
              [ state STATE ] [ dynamic ] ]
       bridge fdb get [ to ] LLADDR [ br BRDEV ] { brport | dev } DEV
              [ vlan VID ] [ vni VNI ] [ self ] [ master ] [ dynamic ]
       bridge fdb flush dev DEV [ brport DEV ] [ vlan VID ]
              [ self ] [ master ] [ [no]permanent | [no]static | [no]dynamic ]
              [ [no]added_by_user ] [ [no]extern_learn ] [ [no]sticky ]
              [ [no]offloaded ]
`;

const LINK_HELP = `Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]
                               [ guard {on | off} ]
                               [ hairpin {on | off} ]
                               [ fastleave {on | off} ]
                               [ root_block {on | off} ]
                               [ learning {on | off} ]
                               [ learning_sync {on | off} ]
                               [ flood {on | off} ]
                               [ mcast_router MULTICAST_ROUTER ]
                               [ mcast_flood {on | off} ]
                               [ bcast_flood {on | off} ]
                               [ mcast_to_unicast {on | off} ]
                               [ neigh_suppress {on | off} ]
                               [ vlan_tunnel {on | off} ]
                               [ isolated {on | off} ]
                               [ locked {on | off} ]
                               [ hwmode {vepa | veb} ]
                               [ backup_port DEVICE ] [ nobackup_port ]
                               [ self ] [ master ]
       bridge link show [dev DEV]
`;

const VLAN_HELP = `Usage: bridge vlan { add | del } vid VLAN_ID dev DEV [ tunnel_info id TUNNEL_ID ]
                                                     [ pvid ] [ untagged ]
                                                     [ self ] [ master ]
       bridge vlan { set } vid VLAN_ID dev DEV [ state STP_STATE ]
                                               [ mcast_router MULTICAST_ROUTER ]
       bridge vlan { show } [ dev DEV ] [ vid VLAN_ID ]
       bridge vlan { tunnelshow } [ dev DEV ] [ vid VLAN_ID ]
       bridge vlan global { set } vid VLAN_ID dev DEV
                      [ mcast_snooping MULTICAST_SNOOPING ]
                      [ mcast_querier MULTICAST_QUERIER ]
                      [ mcast_igmp_version IGMP_VERSION ]
                      [ mcast_mld_version MLD_VERSION ]
                      [ mcast_last_member_count LAST_MEMBER_COUNT ]
                      [ mcast_last_member_interval LAST_MEMBER_INTERVAL ]
                      [ mcast_startup_query_count STARTUP_QUERY_COUNT ]
                      [ mcast_startup_query_interval STARTUP_QUERY_INTERVAL ]
                      [ mcast_membership_interval MEMBERSHIP_INTERVAL ]
                      [ mcast_querier_interval QUERIER_INTERVAL ]
                      [ mcast_query_interval QUERY_INTERVAL ]
                      [ mcast_query_response_interval QUERY_RESPONSE_INTERVAL ]
       bridge vlan global { show } [ dev DEV ] [ vid VLAN_ID ]
`;

export const bridge: Command = {
  name: 'bridge', models: 'link (show, set hairpin/learning/flood), fdb (show, get, add, append, replace, del), vlan (empty); -d -s -j -o -n', notModelled: 'mdb, vni, fdb flush, VLAN filtering, monitor',
  complete: (host, words) => (words.length <= 2 ? ['fdb', 'link', 'vlan', '-d', '-s'] : ['show', 'add', 'append', 'del', 'dev', 'br', ...host.kernel.netlink.links().map((l) => l.name)]),
  *run(context) {
    return yield* catching(context, (function* () {
      return main(context);
    })());
  },
};

function main(context: Context): number {
  const args = context.args.slice(1);
  const options: { -readonly [K in keyof IpOptions]: IpOptions[K] } = { brief: false, details: false, statistics: 0, oneline: false, family: undefined, json: false, pretty: false, numeric: false };
  let { kernel } = context;
  for (let arg = args[0]; arg !== undefined && arg.startsWith('-'); arg = args[0]) {
    args.shift();
    const is = (full: string): boolean => arg.length >= 2 && full.startsWith(arg);
    if (is('-details')) options.details = true;
    else if (is('-statistics') || is('-stats')) options.statistics++;
    else if (is('-oneline')) options.oneline = true;
    else if (is('-json')) options.json = true;
    else if (is('-pretty')) options.pretty = true;
    else if (is('-netns')) kernel = enter(context, args.shift() ?? '(null)');
    else if (is('-Version')) {
      print(context, 'bridge utility, iproute2-5.15.0\n');
      return 0;
    } else if (is('-help')) throw new Exit(255, HELP);
    else if (is('-color') || is('-force') || is('-timestamp') || is('-compressvlans')) continue;
    else throw new Exit(255, `Option "${arg}" is unknown, try "bridge help".\n`);
  }
  const object = args.shift();
  if (object === undefined) throw new Exit(255, HELP);
  const words = new Words(kernel === context.kernel ? context : { ...context, kernel }, options, args);
  if (isPrefixOf(object, 'link')) return link(words);
  if (isPrefixOf(object, 'fdb')) return fdb(words);
  if (isPrefixOf(object, 'vlan')) return vlan(words);
  if (isPrefixOf(object, 'mdb') || isPrefixOf(object, 'monitor') || isPrefixOf(object, 'vni')) throw new Exit(255, `Object "${object}" is ${NOT_MODELLED}.\n`);
  if (isPrefixOf(object, 'help')) throw new Exit(255, HELP);
  throw new Exit(255, `Object "${object}" is unknown, try "bridge help".\n`);
}

const onOff = (name: string, word: string): boolean => {
  if (word === 'on') return true;
  if (word === 'off') return false;
  throw new Exit(234, `Error: argument of "${name}" must be one of "off", "on", not "${word}"\n`);
};

/** IFLA_PROTINFO, as -d shows it. */
const portFlags = (p: NonNullable<Link['port']>): Readonly<Record<string, boolean | number>> => ({
  hairpin: p.hairpin, guard: false, root_block: false, fastleave: false, learning: p.learning, flood: p.flood, mcast_flood: true, bcast_flood: true, mcast_router: 1, mcast_to_unicast: false, neigh_suppress: false, vlan_tunnel: false, isolated: false, locked: false,
});

function link(words: Words): number {
  const command = words.take();
  const { netlink } = words.context.kernel;
  if (command === 'set' || command === 'change') {
    let dev: string | undefined;
    const change: { -readonly [K in keyof LinkChange]: LinkChange[K] } = {};
    while (!words.done) {
      const word = words.value();
      if (word === 'dev') dev = words.value();
      else if (word === 'hairpin' || word === 'learning' || word === 'flood') change[word] = onOff(word, words.value());
      else if (word === 'self' || word === 'master') continue;
      else if (/^(cost|priority|state|guard|fastleave|root_block|mcast_flood|bcast_flood|neigh_suppress|isolated|locked|vlan_tunnel)$/.test(word)) throw new Exit(255, `Error: "${word}" is ${NOT_MODELLED}.\n`);
      else throw new Exit(255, LINK_HELP);
    }
    if (dev === undefined) throw new Exit(255, 'Device is a required argument.\n');
    if (netlink.link(dev) === undefined) throw new Exit(255, `Cannot find bridge device "${dev}"\n`);
    if (words.context.user !== 'root') throw new Exit(255, `RTNETLINK answers: ${STRERROR.EPERM}\n`);
    const result = netlink.setLink(dev, change);
    if (!result.ok) throw new Exit(255, netlinkText(result.error));
    return 0;
  }
  if (command !== undefined && !isPrefixOf(command, 'show') && !isPrefixOf(command, 'list') && !isPrefixOf(command, 'lst')) {
    if (command === 'help') throw new Exit(255, LINK_HELP);
    throw new Exit(255, `Command "${command}" is unknown, try "bridge link help".\n`);
  }
  let only: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') only = words.value();
    else if (word === 'master') words.take();
  }
  if (only !== undefined) words.device(only, 255);
  const flag = (on: boolean): string => (on ? 'on' : 'off');
  // A bridge's answer has no link-netnsid: bridge(8) takes the peer's index for one of this namespace.
  const behind = (l: Link): Link | undefined => netlink.links().find((other) => other.ifindex === l.link?.ifindex);
  const portName = (l: Link): string => {
    const here = behind(l);
    return here === undefined ? linkName(l) : `${l.name}@${here.name}`;
  };
  if (words.options.json) {
    const rows = netlink.links().flatMap((l) => {
      if (l.port === undefined || (only !== undefined && l.name !== only)) return [];
      const here = behind(l);
      const { state, priority, cost } = l.port;
      return [{ ifindex: l.ifindex, ...(here === undefined ? {} : { link: here.name }), ifname: l.name, flags: linkFlags(l, here).split(','), mtu: l.mtu, master: l.master, state, priority, cost, ...(words.options.details ? portFlags(l.port) : {}) }];
    });
    words.print(jsonText(rows, words.options));
    return 0;
  }
  for (const l of netlink.links()) {
    if (l.port === undefined || (only !== undefined && l.name !== only)) continue;
    const p = l.port;
    words.print(`${l.ifindex}: ${portName(l)}: <${linkFlags(l, behind(l))}> mtu ${l.mtu} master ${l.master ?? ''} state ${p.state} priority ${p.priority} cost ${p.cost} ${words.options.details && words.options.oneline ? '\\' : '\n'}`);
    if (words.options.details) {
      words.print(`    ${Object.entries(portFlags(p)).map(([name, value]) => `${name} ${typeof value === 'number' ? value : flag(value)} `).join('')}\n`);
    }
  }
  return 0;
}

/** NUD_PERMANENT, NUD_NOARP, NUD_REACHABLE. A tunnel's entries have the first two. */
const FDB_STATES: Readonly<Record<string, (e: FdbEntry) => boolean>> = {
  permanent: (e) => e.kind === 'permanent', static: (e) => e.kind === 'static' || (e.kind === 'permanent' && e.dst !== undefined), temp: (e) => e.kind === 'static' || (e.kind === 'permanent' && e.dst !== undefined), reachable: (e) => e.kind === 'learned', stale: () => false,
};

/** Learned entries end with a blank, permanent ones do not: as iproute2 6.1 prints them. */
function fdbText(e: FdbEntry, words: Words, named: boolean): string {
  let text = `${formatMac(e.mac)}`;
  if (named) text += ` dev ${e.dev}`;
  if (e.dst !== undefined) text += ` dst ${formatIpv4(e.dst)}`;
  if (e.vlan !== undefined) text += ` vlan ${e.vlan}`;
  if (words.options.statistics > 0 && (e.where === 'master' || e.dst !== undefined)) {
    const age = Math.floor(e.age ?? 0);
    text += ` used ${age}/${age}`;
  }
  if (e.where === 'self') text += ' self';
  if (e.master !== undefined && e.where === 'master') text += ` master ${e.master}`;
  return `${text} ${e.kind === 'learned' ? '' : e.kind}\n`.replace(/ \n$/, e.kind === 'learned' ? ' \n' : '\n');
}

/** `id`: it was asked for, and so is not told. */
function fdbJson(e: FdbEntry, words: Words, id: boolean): Record<string, unknown> {
  const aged = words.options.statistics > 0 && (e.where === 'master' || e.dst !== undefined);
  const age = Math.floor(e.age ?? 0);
  return {
    mac: formatMac(e.mac), ...(id ? {} : { ifname: e.dev }), ...(e.dst === undefined ? {} : { dst: formatIpv4(e.dst) }), ...(aged ? { used: age, updated: age } : {}),
    flags: e.where === 'self' ? ['self'] : [], ...(e.master === undefined ? {} : { master: e.master }), state: e.kind === 'learned' ? '' : e.kind,
  };
}

/** The kernel's own table of an entry: a bridge for br and master, the device for self (rtnl_fdb_get). */
function fdbGet(words: Words): number {
  let macText: string | undefined;
  let dev: string | undefined;
  let br: string | undefined;
  let self = false;
  while (!words.done) {
    const word = words.value();
    if (word === 'brport' || word === 'dev') dev = words.value();
    else if (word === 'br') br = words.value();
    else if (word === 'self') self = true;
    else if (word === 'master' || word === 'dynamic') continue;
    else if (word === 'vlan' || word === 'vni') words.value();
    else {
      const value = word === 'to' ? words.value() : word;
      if (macText !== undefined) throw garbage('to', value);
      macText = value;
    }
  }
  if ((dev === undefined && br === undefined) || macText === undefined) throw new Exit(255, 'Device or master and address are required arguments.\n');
  const mac = parseMac(macText);
  if (mac === undefined) throw new Exit(255, `Invalid mac address ${macText}\n`);
  const { netlink } = words.context.kernel;
  if (dev !== undefined) words.device(dev, 255);
  if (br !== undefined && netlink.link(br) === undefined) throw new Exit(255, `Cannot find bridge device "${br}"\n`);
  const refused = (why: string): Exit => new Exit(254, `Error: ${why}.\n`);
  if (dev !== undefined && br !== undefined) throw refused('Master and device are mutually exclusive');
  const port = dev === undefined ? undefined : netlink.link(dev);
  const holder = br ?? (self ? dev : port?.master);
  if (holder === undefined) throw refused('Device is not a bridge port');
  const kind = netlink.link(holder)?.kind;
  if (kind !== 'bridge' && kind !== 'vxlan') throw refused('Fdb get operation not supported by device');
  const found = netlink.fdb().find((e) => e.mac === mac && (kind === 'vxlan' ? e.dev === holder : e.master === holder || (e.dev === holder && e.where === 'master')));
  if (found === undefined) throw refused('Fdb entry not found');
  words.print(words.options.json ? jsonText([fdbJson(found, words, false)], words.options) : fdbText(found, words, true));
  return 0;
}

/** No bridge filters VLANs here: nothing to list, nothing to change. */
function vlan(words: Words): number {
  const command = words.take() ?? 'show';
  if (isPrefixOf(command, 'help')) throw new Exit(255, VLAN_HELP);
  const changing = isPrefixOf(command, 'add') || isPrefixOf(command, 'delete') || command === 'set';
  const showing = isPrefixOf(command, 'show') || isPrefixOf(command, 'lst') || isPrefixOf(command, 'list');
  const tunnels = !changing && isPrefixOf(command, 'tunnelshow');
  if (isPrefixOf(command, 'global') && !changing && !showing) throw new Exit(255, `Error: "vlan global" is ${NOT_MODELLED}.\n`);
  if (!changing && !showing && !tunnels) throw new Exit(255, `Command "${command}" is unknown, try "bridge vlan help".\n`);
  let dev: string | undefined;
  let vid: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') dev = words.value();
    else if (word === 'vid') vid = words.value();
  }
  if (changing) {
    if (dev === undefined || vid === undefined) throw new Exit(255, 'Device and VLAN ID are required arguments.\n');
    if (words.context.kernel.netlink.link(dev) === undefined) throw new Exit(255, `Cannot find bridge device "${dev}"\n`);
    throw new Exit(255, `Error: VLAN filtering is ${NOT_MODELLED}.\n`);
  }
  if (dev !== undefined) words.device(dev, 255);
  if (words.options.json) words.print('[]\n');
  else words.print(tunnels ? 'port              vlan-id    tunnel-id\n' : `port              vlan-id${words.options.statistics > 0 ? '' : '  '}\n`);
  return 0;
}

function fdb(words: Words): number {
  const command = words.take();
  const { netlink } = words.context.kernel;
  if (command === undefined || isPrefixOf(command, 'show') || isPrefixOf(command, 'list') || isPrefixOf(command, 'lst')) {
    let dev: string | undefined;
    let br: string | undefined;
    let dynamic = false;
    let state: string | undefined;
    let ofVlan = false;
    while (!words.done) {
      const word = words.value();
      if (word === 'brport' || word === 'dev') dev = words.value();
      else if (word === 'br') br = words.value();
      else if (word === 'dynamic') dynamic = true;
      else if (word === 'state') {
        const value = words.value();
        state = value === 'all' ? undefined : value;
        if (value !== 'all' && FDB_STATES[value] === undefined) throw new Exit(255, `Error: argument "${value}" is wrong: invalid state\n`);
      } else if (word === 'vlan') ofVlan = Number.parseInt(words.value(), 10) > 0;
    }
    if (br !== undefined && netlink.link(br) === undefined) throw new Exit(255, `Cannot find bridge device "${br}"\n`);
    if (dev !== undefined) words.device(dev, 255);
    const shown = netlink.fdb().filter((e) => (dev === undefined || e.dev === dev) && (br === undefined || (netlink.link(br)?.kind === 'bridge' && (e.dev === br || e.master === br || netlink.link(e.dev)?.master === br)))
      && (!dynamic || e.kind === 'learned') && (state === undefined || FDB_STATES[state]?.(e) === true) && (!ofVlan || e.vlan !== undefined));
    if (words.options.json) {
      words.print(jsonText(shown.map((e) => fdbJson(e, words, dev !== undefined)), words.options));
    } else for (const e of shown) words.print(fdbText(e, words, dev === undefined));
    return 0;
  }
  const mode = isPrefixOf(command, 'add') ? 'add' : isPrefixOf(command, 'append') ? 'append' : isPrefixOf(command, 'replace') ? 'replace' : isPrefixOf(command, 'delete') ? 'delete' : undefined;
  if (mode === undefined) {
    if (command !== '' && 'help'.startsWith(command)) throw new Exit(255, FDB_HELP);
    if (isPrefixOf(command, 'get')) return fdbGet(words);
    if (isPrefixOf(command, 'flush')) {
      const rest = words.rest();
      const name = rest[rest.indexOf('dev') + 1];
      if (!rest.includes('dev') || name === undefined) throw new Exit(255, 'Device is a required argument.\n');
      if (netlink.link(name) === undefined) throw new Exit(255, `Cannot find bridge device "${name}"\n`);
      throw new Exit(255, `Command "fdb flush" is ${NOT_MODELLED}.\n`);
    }
    throw new Exit(255, `Command "${command}" is unknown, try "bridge fdb help".\n`);
  }
  let macText: string | undefined;
  let dev: string | undefined;
  let dst: Ipv4 | undefined;
  let where: 'self' | 'master' | undefined;
  let kind: 'permanent' | 'static' | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') dev = words.value();
    else if (word === 'dst') {
      const value = words.value();
      if (dst !== undefined) throw garbage('dst', value);
      dst = addressWord(value, 'any valid');
    }
    else if (word === 'self' || word === 'master') where = word;
    else if (word === 'local' || isPrefixOf(word, 'permanent')) kind = 'permanent';
    else if (word === 'static' || word === 'temp') kind = 'static';
    else if (word === 'dynamic' || word === 'vlan' || word === 'port' || word === 'vni' || word === 'via' || word === 'use' || word === 'router' || word === 'sticky' || word === 'extern_learn' || word === 'nhid') throw new Exit(255, `Error: "${word}" is ${NOT_MODELLED}.\n`);
    else {
      const value = word === 'to' ? words.value() : word;
      if (macText !== undefined) throw garbage('to', value);
      macText = value;
    }
  }
  if (dev === undefined || macText === undefined) throw new Exit(255, 'Device and address are required arguments.\n');
  const mac = parseMac(macText);
  if (mac === undefined) throw new Exit(255, `Invalid mac address ${macText}\n`);
  words.device(dev, 255);
  if (words.context.user !== 'root') throw new Exit(255, `RTNETLINK answers: ${STRERROR.EPERM}\n`);
  const spec = { mac, dev, dst, where: where ?? 'self', kind: kind ?? 'permanent' } as const;
  const result = mode === 'delete' ? netlink.delFdb(spec) : netlink.newFdb(spec, mode);
  if (!result.ok) throw new Exit(255, netlinkText(result.error));
  return 0;
}
