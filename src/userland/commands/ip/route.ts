/** Read first: ip-route(8), iproute2 ip/iproute.c. Not modelled: nexthop objects, encap, multicast, IPv6. */
import { ANY, contains, formatIpv4, formatPrefix, type Ipv4, type Prefix, prefix } from '../../../engine/wire/addresses.ts';
import { RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN, type NewMode, type NewRoute, type NextHop, type Route, type RouteAnswer, type RouteProto, type RouteType } from '../../../engine/uapi/rtnetlink.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { Exit, warn } from '../kit.ts';
import { ROUTE_HELP } from './help.ts';
import { jsonText } from './json.ts';
import { acked, addressWord, garbage, invalid, isPrefixOf, notModelled, noVrf, prefixWord, requireRoot, unknownCommand, wrong, type IpOptions, type Words } from './words.ts';

const TYPES: readonly RouteType[] = ['unicast', 'local', 'broadcast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw'];
/** /etc/iproute2/rt_protos */
const PROTO_NUMBERS: Readonly<Record<string, RouteProto>> = { 0: 'unspec', 1: 'redirect', 2: 'kernel', 3: 'boot', 4: 'static', 9: 'ra', 11: 'zebra', 12: 'bird', 16: 'dhcp', 186: 'bgp' };
export const PROTOS: readonly RouteProto[] = ['kernel', 'boot', 'static', 'dhcp', 'bird', 'zebra', 'bgp', 'unspec', 'redirect', 'ra'];
const TABLES: Readonly<Record<string, number>> = { main: RT_TABLE_MAIN, local: RT_TABLE_LOCAL, default: RT_TABLE_DEFAULT, unspec: 0 };

export function tableWord(word: string, complaint = 'table id value is invalid'): number {
  const named = TABLES[word];
  if (named !== undefined) return named;
  if (/^(0x[0-9a-f]+|\d+)$/i.test(word) && Number(word) <= 0xffffffff) return Number(word);
  throw wrong(word, complaint);
}

/** `numeric`: with -N. */
export const tableName = (table: number, numeric = false): string => (numeric ? undefined : Object.entries(TABLES).find(([, n]) => n === table && n !== 0)?.[0]) ?? String(table);
export const protoName = (proto: string, numeric = false): string => (numeric ? Object.entries(PROTO_NUMBERS).find(([, p]) => p === proto)?.[0] : undefined) ?? proto;

const SCOPES: Readonly<Record<string, Route['scope']>> = { global: 'universe', universe: 'universe', site: 'site', link: 'link', host: 'host', nowhere: 'nowhere', 0: 'universe', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };
const SCOPE_NUMBERS: Readonly<Record<Route['scope'], number>> = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 };
/** RTN_* */
const TYPE_NUMBERS: Readonly<Record<RouteType, number>> = { unicast: 1, local: 2, broadcast: 3, multicast: 5, blackhole: 6, unreachable: 7, prohibit: 8, throw: 9 };
const scopeName = (scope: Route['scope']): string => (scope === 'universe' ? 'global' : scope);

export function route(words: Words): number {
  const command = words.peek();
  if (command === undefined) return list(words, false);
  const modes: readonly (readonly [string, NewMode])[] = [['add', 'add'], ['change', 'change'], ['replace', 'replace'], ['prepend', 'prepend'], ['append', 'append']];
  if (isPrefixOf(command, 'list') || isPrefixOf(command, 'show') || isPrefixOf(command, 'lst')) {
    words.take();
    return list(words, false);
  }
  if (isPrefixOf(command, 'get')) return get(words);
  for (const [name, mode] of modes) if (isPrefixOf(command, name) || (mode === 'change' && command === 'chg')) return modify(words, mode);
  if (isPrefixOf(command, 'delete')) return modify(words, 'delete');
  if (isPrefixOf(command, 'flush')) {
    words.take();
    if (words.done) throw new Exit(1, '"ip route flush" requires arguments.\n');
    return list(words, true);
  }
  if (isPrefixOf(command, 'help')) throw new Exit(255, ROUTE_HELP);
  const { context } = words;
  if (isPrefixOf(command, 'save') && context.tty) throw new Exit(255, 'Not sending a binary stream to stdout\n');
  if (['save', 'restore', 'showdump', 'test'].includes(command)) throw notModelled(`ip route ${command}`);
  throw unknownCommand(command, 'route');
}

interface Filter {
  table: number;
  allTables: boolean;
  dev: string | undefined;
  oif: string | undefined;
  proto: string | undefined;
  scope: Route['scope'] | undefined;
  type: RouteType | undefined;
  via: Ipv4 | undefined;
  src: Ipv4 | undefined;
  metric: number | undefined;
  root: Prefix | undefined;
  match: Prefix | undefined;
  exact: Prefix | undefined;
  /** The routing cache: Linux has none since 3.6. */
  cache: boolean;
  tos: number | undefined;
  /** `all`: with a prefix. */
  longer: boolean;
  /** Asked for what no route has. */
  none: boolean;
}

/** /etc/protocols */
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51, sctp: 132 };

const isDefault = (p: Prefix): boolean => p.length === 0;

export const prefixText = (p: Prefix): string => (isDefault(p) ? 'default' : p.length === 32 ? formatIpv4(p.address) : formatPrefix(p));

const NO_FILTER: Filter = { table: RT_TABLE_MAIN, allTables: false, dev: undefined, oif: undefined, proto: undefined, scope: undefined, type: undefined, via: undefined, src: undefined, metric: undefined, root: undefined, match: undefined, exact: undefined, cache: false, tos: undefined, longer: false, none: false };

const isByte = (word: string): boolean => /^(0x[0-9a-f]+|\d+)$/i.test(word) && Number(word) < 256;

function readFilter(words: Words): Filter {
  const f = { ...NO_FILTER };
  while (!words.done) {
    const word = words.value();
    if (isPrefixOf(word, 'table') && word.length > 0 && !'to'.startsWith(word)) {
      const value = words.value();
      if (value === 'all' || value === '0' || value === 'unspec') f.allTables = true;
      else if (value === 'cache') f.cache = true;
      else f.table = tableWord(value);
    } else if (word === 'cache') f.cache = true;
    else if (word === 'dev' || word === 'oif') f.dev = words.value();
    else if (word === 'iif') {
      words.device(words.value());
      f.none = true; // no route has an input device
    }
    else if (isPrefixOf(word, 'protocol') && word.length > 1) {
      const value = words.value();
      if (value !== 'all' && !PROTOS.some((p) => p === value) && !isByte(value)) throw wrong(value, 'invalid "protocol"');
      f.proto = value === 'all' ? undefined : PROTO_NUMBERS[isByte(value) ? String(Number(value)) : ''] ?? value;
    } else if (isPrefixOf(word, 'scope') && word.length > 1) {
      const value = words.value();
      if (value !== 'all') f.scope = SCOPES[value] ?? (() => { throw wrong(value, 'invalid "scope"'); })();
    } else if (isPrefixOf(word, 'type') && word.length > 1) f.type = TYPES.find((t) => t === words.peek()) ?? (() => { throw wrong(words.value(), 'node type value is invalid'); })();
    else if (word === 'via') f.via = words.prefix().address;
    else if (word === 'src') f.src = words.prefix().address;
    else if (word === 'from') {
      const from = words.prefix();
      f.none ||= from.length !== 0;
    } else if (word === 'tos' || word === 'dsfield') f.tos = tosWord(words.value());
    else if (word === 'mark') f.none ||= Number(words.value()) !== 0;
    else if (word === 'realm' || word === 'realms') f.none ||= words.value() !== '0';
    else if (word === 'cloned' || word === 'cached') f.cache = true;
    else if (word === 'vrf') throw noVrf(words.value(), 'Invalid VRF');
    else if (word === 'metric') f.metric = words.number(words.value(), 'metric');
    else if (word === 'nhid') throw notModelled(word);
    else {
      const what = word === 'to' ? words.value() : word;
      if (isPrefixOf(what, 'root') && what.length > 1) f.root = words.prefix();
      else if (isPrefixOf(what, 'match') && what.length > 1) f.match = words.prefix();
      else if (what === 'all' || what === 'any') f.longer = true;
      else f.exact = f.match = words.prefix(what === 'exact' ? words.value() : what);
    }
    if (f.type !== undefined && isPrefixOf(word, 'type')) words.take();
  }
  return f;
}

const samePrefix = (a: Prefix, b: Prefix): boolean => a.length === b.length && prefix(a.address, a.length).address === prefix(b.address, b.length).address;

/** rtnl_dsfield_a2n: hexadecimal. */
function tosWord(word: string): number {
  const value = Number.parseInt(word, 16);
  if (!/^(0x)?[0-9a-f]+$/i.test(word) || value > 255) throw wrong(word, 'TOS value is invalid');
  return value;
}

function matches(r: Route, f: Filter): boolean {
  return !f.none && (!f.longer || r.dst.length > 0) && (f.tos === undefined || r.tos === f.tos) && (f.dev === undefined || r.nexthops.some((n) => n.dev === f.dev)) && (f.proto === undefined || r.protocol === f.proto) && (f.scope === undefined || r.scope === f.scope)
    && (f.type === undefined || r.type === f.type) && (f.via === undefined || r.nexthops.some((n) => n.via === f.via)) && (f.src === undefined || r.prefSrc === f.src) && (f.metric === undefined || r.priority === f.metric)
    && (f.exact === undefined ? (f.root === undefined || (r.dst.length >= f.root.length && contains(prefix(f.root.address, f.root.length), r.dst.address))) && (f.match === undefined || (r.dst.length <= f.match.length && contains(r.dst, f.match.address))) : samePrefix(r.dst, f.exact));
}

function list(words: Words, flush: boolean): number {
  const f = readFilter(words);
  const { netlink } = words.context.kernel;
  if (f.dev !== undefined) words.device(f.dev);
  if (words.options.family === 6 || f.cache) return 0;
  const routes = netlink.routes(f.allTables ? 0 : f.table);
  const absent = routes.length === 0 && !f.allTables && f.table !== RT_TABLE_MAIN && f.table !== RT_TABLE_LOCAL;
  if (absent && words.options.json && !flush) words.print('['); // the list is never closed
  if (absent) throw new Exit(2, `Error: ipv4: FIB table does not exist.\n${flush ? 'Flush' : 'Dump'} terminated\n`);
  const shown = routes.filter((r) => matches(r, f));
  if (flush) {
    requireRoot(words.context);
    for (const r of shown) netlink.delRoute({ dst: r.dst, table: r.table, type: r.type, priority: r.priority, nexthops: r.nexthops, tos: r.tos });
    return 0;
  }
  if (words.options.json) words.print(jsonText(shown.map((r) => routeJson(r, f, words)), words.options));
  else for (const r of shown) words.print(`${routeText(r, f, words)}\n`);
  return 0;
}

/** What is printed of a route besides its hops, as it is named: of both shapes. */
function parts(r: Route, f: Filter, { details, numeric }: IpOptions): { readonly type: string | undefined; readonly table: string | undefined; readonly protocol: string | undefined; readonly scope: string | undefined } {
  return {
    type: r.type !== 'unicast' || details ? (numeric ? String(TYPE_NUMBERS[r.type]) : r.type) : undefined,
    table: f.allTables && r.table !== RT_TABLE_MAIN ? tableName(r.table, numeric) : undefined,
    protocol: (r.protocol !== 'boot' || details) && f.proto === undefined ? protoName(r.protocol, numeric) : undefined,
    scope: (r.scope !== 'universe' || details) && f.scope === undefined ? (numeric ? String(SCOPE_NUMBERS[r.scope]) : details ? scopeName(r.scope) : r.scope) : undefined,
  };
}

function routeJson(r: Route, f: Filter, words: Words): Record<string, unknown> {
  const first = r.nexthops.length === 1 ? r.nexthops[0] : undefined;
  const { type, table, protocol, scope } = parts(r, f, words.options);
  return {
    type, dst: prefixText(r.dst), ...(r.tos === 0 ? {} : { tos: `0x${r.tos.toString(16).padStart(2, '0')}` }), ...(first?.via === undefined || f.via !== undefined ? {} : { gateway: formatIpv4(first.via) }), ...(first?.dev === undefined || f.dev !== undefined ? {} : { dev: first.dev }),
    table, protocol, scope, ...(r.prefSrc === undefined || f.src !== undefined ? {} : { prefsrc: formatIpv4(r.prefSrc) }),
    ...(r.priority === 0 || f.metric !== undefined ? {} : { metric: r.priority }), flags: [...(r.dead ? ['linkdown'] : []), ...(first?.onlink === true ? ['onlink'] : [])],
    ...(r.mtu === undefined ? {} : { metrics: [{ mtu: r.mtu }] }),
    ...(r.nexthops.length > 1 ? { nexthops: r.nexthops.map((n) => ({ ...(n.via === undefined ? {} : { gateway: formatIpv4(n.via) }), dev: n.dev, weight: n.weight, flags: n.onlink ? ['onlink'] : [] })) } : {}),
  };
}

/** One line of `ip route`, blank at its end as iproute2 prints it. What the filter fixed is left out. */
function routeText(r: Route, f: Filter, words: Words, ofTable = false): string {
  let text = '';
  const { type, table, protocol, scope } = parts(r, f, words.options);
  if (type !== undefined) text += `${type} `;
  text += `${prefixText(r.dst)} `;
  if (r.tos !== 0) text += `tos 0x${r.tos.toString(16).padStart(2, '0')} `;
  const [first, ...others] = r.nexthops;
  const single = others.length === 0 ? first : undefined;
  if (single?.via !== undefined && f.via === undefined) text += `via ${formatIpv4(single.via)} `;
  if (single?.dev !== undefined && f.dev === undefined) text += `dev ${single.dev} `;
  if (ofTable && words.options.details && r.table === RT_TABLE_MAIN) text += `table ${tableName(r.table, words.options.numeric)} `;
  if (table !== undefined) text += `table ${table} `;
  if (protocol !== undefined) text += `proto ${protocol} `;
  if (scope !== undefined) text += `scope ${scope} `;
  if (r.prefSrc !== undefined && f.src === undefined) text += `src ${formatIpv4(r.prefSrc)} `;
  if (r.priority !== 0 && f.metric === undefined) text += `metric ${r.priority} `;
  if (r.dead) text += 'linkdown ';
  if (single?.onlink === true) text += 'onlink ';
  if (r.mtu !== undefined) text += `mtu ${r.mtu} `;
  if (others.length > 0) {
    for (const hop of r.nexthops) text += `${words.options.oneline ? '\\' : '\n'}\tnexthop ${hop.via === undefined ? '' : `via ${formatIpv4(hop.via)} `}dev ${hop.dev ?? ''} weight ${hop.weight} ${hop.onlink ? 'onlink ' : ''}`;
  }
  return text;
}

function valueOf(words: Words, what: string): number {
  const word = words.value();
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(word) || Number(word) > 0xffffffff) throw wrong(word, `"${what}" value is invalid`);
  return Number(word);
}

function modify(words: Words, how: NewMode | 'delete'): number {
  words.take();
  if (words.done) throw new Exit(255, ROUTE_HELP);
  let dst: Prefix | undefined;
  /** Unknown until a destination or gateway says: "default" does not. */
  let family: 'inet' | 'any valid' = 'any valid';
  let type: RouteType | undefined;
  let table: number | undefined;
  let protocol: RouteProto | undefined;
  let scope: Route['scope'] | undefined;
  let prefSrc: Ipv4 | undefined;
  let priority: number | undefined;
  let mtu: number | undefined;
  let tos: number | undefined;
  const main: { via?: Ipv4 | undefined; dev?: string | undefined; onlink?: boolean | undefined } = {};
  const hops: Partial<NextHop>[] = [];
  while (!words.done) {
    const word = words.value();
    if (word === 'src') prefSrc = addressWord(words.value(), family);
    else if (word === 'via') {
      let value = words.value();
      if (value === 'inet') value = words.value();
      if (main.via !== undefined) throw wrong(word, 'use nexthop syntax to specify multiple via');
      main.via = addressWord(value, family);
      family = 'inet';
    } else if (word === 'dev' || word === 'oif') main.dev = words.value();
    else if (word === 'onlink') main.onlink = true;
    else if (word === 'metric' || word === 'priority' || word === 'preference') priority = valueOf(words, 'metric');
    else if (word === 'table') table = tableWord(words.value(), '"table" value is invalid');
    else if (word === 'tos' || word === 'dsfield') tos = words.number(words.value(), 'tos');
    else if (word === 'mtu') {
      let value = words.value();
      if (value === 'lock') value = words.value();
      if (!/^(0x[0-9a-f]+|\d+)$/i.test(value)) throw wrong(value, '"mtu" value is invalid');
      mtu = Number(value);
    } else if (word === 'scope') {
      const value = words.value();
      scope = SCOPES[value];
      if (scope === undefined) throw wrong(value, 'invalid "scope" value');
    } else if (word === 'proto' || word === 'protocol') {
      const value = words.value();
      protocol = PROTOS.find((p) => p === value);
      if (protocol === undefined) {
        if (/^\d+$/.test(value)) throw notModelled(`proto ${value}`);
        throw wrong(value, '"protocol" value is invalid');
      }
    } else if (word === 'nexthop') {
      const hop: { via?: Ipv4; dev?: string; weight?: number; onlink?: boolean } = {};
      if (words.done) throw new Exit(255, 'Error: unexpected end of line after "nexthop"\n');
      for (let next = words.peek(); next !== undefined && next !== 'nexthop'; next = words.peek()) {
        words.take();
        if (next === 'via') hop.via = addressWord(words.value());
        else if (next === 'dev') hop.dev = words.device(words.value()).name;
        else if (next === 'weight') {
          const value = words.value();
          const weight = Number(value);
          if (!Number.isInteger(weight) || weight < 1 || weight > 256) throw wrong(value, '"weight" is invalid');
          hop.weight = weight;
        }
        else if (next === 'onlink') hop.onlink = true;
        else throw new Exit(255, `Error: "nexthop" or end of line is expected instead of "${next}"\n`);
      }
      hops.push(hop);
    } else if (/^(advmss|rtt|window|cwnd|initcwnd|hoplimit|congctl|encap|expires|realms|nhid|vrf|quickack|initrwnd|rto_min|ssthresh|reordering|features)$/.test(word)) throw notModelled(word);
    else {
      const value = word === 'to' ? words.value() : word;
      const named = TYPES.find((t) => t === value);
      if (named !== undefined && dst === undefined) {
        type = named;
        dst = words.prefix();
        continue;
      }
      if (dst !== undefined) throw garbage('to', value);
      dst = prefixWord(value);
      if (value !== 'default') family = 'inet';
    }
  }
  if (how === 'delete' && dst === undefined && main.via === undefined && main.dev === undefined) throw new Exit(255, ROUTE_HELP);
  if (main.dev !== undefined) words.device(main.dev);
  requireRoot(words.context);
  if (main.via !== undefined || main.dev !== undefined || main.onlink === true) hops.unshift(main);
  const dead = type === 'blackhole' || type === 'unreachable' || type === 'prohibit' || type === 'throw';
  if (type === 'local' || type === 'broadcast') table ??= RT_TABLE_LOCAL;
  const spec: NewRoute = { dst: dst ?? prefix(ANY, 0), table, type, priority, protocol, scope, prefSrc, mtu, tos, nexthops: hops.length === 0 && (how === 'delete' || dead) ? undefined : hops };
  const { netlink } = words.context.kernel;
  acked(how === 'delete' ? netlink.delRoute(spec) : netlink.newRoute(spec, how));
  return 0;
}

/** The table's entry behind an answer (RTM_F_FIB_MATCH). */
function matched(words: Words, answer: RouteAnswer, dst: Ipv4): Route {
  if (answer.table === 0) throw new Exit(2, `RTNETLINK answers: ${STRERROR.EHOSTUNREACH}\n`);
  const { netlink } = words.context.kernel;
  const tables = answer.table === RT_TABLE_MAIN ? [RT_TABLE_LOCAL, RT_TABLE_MAIN] : [answer.table];
  const fits = tables.flatMap((t) => netlink.routes(t)).filter((r) => r.type === answer.type && contains(r.dst, dst));
  fits.sort((a, b) => b.dst.length - a.dst.length || a.priority - b.priority);
  const [best] = fits;
  if (best === undefined) throw new Exit(2, `RTNETLINK answers: ${STRERROR.ENETUNREACH}\n`);
  return best;
}

function get(words: Words): number {
  words.take();
  let dst: Ipv4 | undefined;
  let src: Ipv4 | undefined;
  let iif: string | undefined;
  let oif: string | undefined;
  let mark: number | undefined;
  let tos: number | undefined;
  let fibMatch = false;
  let uid = words.context.user === 'root' ? 0 : 1000;
  while (!words.done) {
    const word = words.value();
    if (word === 'fibmatch') fibMatch = true;
    else if (word === 'from') src = prefixWord(words.value(), dst !== undefined).address;
    else if (word === 'iif') iif = words.value();
    else if (word === 'oif' || word === 'dev') oif = words.value();
    else if (word === 'mark') {
      const value = words.value();
      mark = Number(value);
      if (Number.isNaN(mark)) throw new Exit(255, `Error: argument "${value}" is wrong: invalid mark value\n`);
    } else if (word === 'tos' || word === 'dsfield') tos = tosWord(words.value());
    else if (word === 'uid') {
      const value = words.value();
      if (!/^\d+$/.test(value)) throw wrong(value, 'invalid UID');
      uid = Number(value);
    } else if (word === 'ipproto') {
      const value = words.value();
      if (PROTOCOLS[value] === undefined && !isByte(value)) throw invalid('ipproto', value);
    } else if (word === 'sport' || word === 'dport') {
      const value = words.value();
      if (!/^\d+$/.test(value) || Number(value) > 65535) throw wrong(value, `invalid ${word}`);
    } else if (word === 'vrf') throw noVrf(words.value(), 'Invalid VRF');
    else if (word === 'notify' || word === 'connected') throw notModelled(word);
    else {
      const value = word === 'to' ? words.value() : word;
      const wanted = prefixWord(value, dst !== undefined);
      if (wanted.length !== 32 && value.includes('/')) warn(words.context, `Warning: /${wanted.length} as prefix is invalid, only /32 (or none) is supported.\n`);
      dst = wanted.address;
    }
  }
  if (dst === undefined) throw new Exit(1, 'need at least a destination address\n');
  // Devices are looked for when all words have been read.
  if (iif !== undefined) iif = words.device(iif).name;
  if (oif !== undefined) oif = words.device(oif).name;
  const answer = acked(words.context.kernel.netlink.getRoute({ dst, src, iif, oif, mark, tos }));
  if (fibMatch) {
    const found = matched(words, answer, dst);
    words.print(words.options.json ? jsonText([routeJson(found, NO_FILTER, words)], words.options) : `${routeText(found, NO_FILTER, words, true)}\n`);
    return 0;
  }
  // Without a table the kernel has not looked: the device was given and no route leads there by it, or to everybody.
  const showTable = answer.table !== 0 && (answer.table !== RT_TABLE_MAIN || words.options.details);
  if (words.options.json) {
    words.print(jsonText([{
      ...(answer.type === 'unicast' && !words.options.details ? {} : { type: answer.type }), dst: formatIpv4(answer.dst), ...(src === undefined ? {} : { from: formatIpv4(src) }), ...(answer.via === undefined ? {} : { gateway: formatIpv4(answer.via) }), dev: answer.dev,
      ...(showTable ? { table: tableName(answer.table) } : {}), ...(answer.src === undefined || src !== undefined || iif !== undefined ? {} : { prefsrc: formatIpv4(answer.src) }), flags: [], ...(answer.mark === 0 ? {} : { mark: answer.mark }), ...(iif === undefined ? { uid } : {}), cache: answer.flags ?? [], ...(answer.mtu === undefined ? {} : { metrics: [{ mtu: answer.mtu }] }), ...(iif === undefined ? {} : { iif }),
    }], words.options));
    return 0;
  }
  const { numeric } = words.options;
  let text = answer.type === 'unicast' && !words.options.details ? '' : `${numeric ? TYPE_NUMBERS[answer.type] : answer.type} `;
  text += `${formatIpv4(answer.dst)} `;
  if (src !== undefined) text += `from ${formatIpv4(src)} `;
  if (answer.via !== undefined) text += `via ${formatIpv4(answer.via)} `;
  if (answer.dev !== undefined) text += `dev ${iif !== undefined && answer.type === 'local' ? 'lo' : answer.dev} `;
  if (showTable) text += `table ${tableName(answer.table, numeric)} `;
  if (answer.src !== undefined && src === undefined && iif === undefined) text += `src ${formatIpv4(answer.src)} `;
  if (answer.mark !== 0) text += `mark ${answer.mark < 16 ? answer.mark : `0x${answer.mark.toString(16)}`} `;
  // RTCF_MULTICAST and RTM_F_OFFLOAD_FAILED are the same bit: ip(8) reads one for the other.
  if (answer.type === 'multicast') text += 'rt_offload_failed ';
  if (iif === undefined) text += `uid ${uid} `;
  const marks = answer.flags ?? [];
  const flags = marks.length === 0 ? '' : `<${marks.join(',')}> `;
  const expires = answer.expires === undefined ? '' : `expires ${answer.expires}sec `;
  words.print(`${text}${words.options.oneline ? '\\' : '\n'}    cache ${flags}${expires}${answer.mtu === undefined ? '' : `mtu ${answer.mtu} `}${iif === undefined ? '' : `iif ${iif} `}\n`);
  return 0;
}
