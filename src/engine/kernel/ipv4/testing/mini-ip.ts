/** The words of ip(8) that the tests use, so that a test reads like the session on the real kernel that it pins. */
import type { Fib } from '../fib.ts';
import { STRERROR, type KernelError } from '../../../uapi/errno.ts';
import type { Ack, NewMode, NewRoute, NextHop, PolicyRule, Route, RouteType } from '../../../uapi/rtnetlink.ts';
import { formatIpv4, formatPrefix, parseCidr, parseIpv4, type Ipv4, type Prefix } from '../../../wire/addresses.ts';
import type { Netns } from '../../netns.ts';
import { setDown, setUp } from '../../devices/registry.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const address = (text: string | undefined): Ipv4 => {
  const parsed = parseIpv4(text ?? '');
  if (parsed === undefined) throw new Error(`address ${text}`);
  return parsed;
};
const network = (text: string | undefined): Prefix => {
  const parsed = text === 'default' ? parseCidr('0.0.0.0/0') : parseCidr(text ?? '');
  if (parsed === undefined) throw new Error(`prefix ${text}`);
  return parsed;
};
const complain = (e: KernelError): string => (e.extack === undefined ? `RTNETLINK answers: ${STRERROR[e.errno]}` : `Error: ${e.extack}.`);
const answer = (ack: Ack): string[] => (ack.ok ? [] : [complain(ack.error)]);
const TABLES: Readonly<Record<string, number>> = { local: 255, main: 254, default: 253, all: 0 };
const tableId = (text: string): number => TABLES[text] ?? Number(text);
const tableName = (id: number): string => Object.entries(TABLES).find(([, n]) => n === id)?.[0] ?? `${id}`;
const TYPES: readonly string[] = ['local', 'broadcast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'unicast'];
const isType = (word: string | undefined): word is RouteType => word !== undefined && TYPES.includes(word);

function routeSpec(words: string[]): NewRoute {
  const spec: Mutable<NewRoute> = { dst: network('default') };
  if (isType(words[0])) spec.type = words.shift() as RouteType; // narrowed by isType
  spec.dst = network(words.shift());
  const hops: Mutable<Partial<NextHop>>[] = [];
  let hop: Mutable<Partial<NextHop>> = {};
  const named = (): Mutable<Partial<NextHop>> => {
    if (!hops.includes(hop)) hops.push(hop);
    return hop;
  };
  while (words.length > 0) {
    const word = words.shift();
    switch (word) {
      case 'nexthop': hops.push((hop = {})); break;
      case 'via': named().via = address(words.shift()); break;
      case 'dev': named().dev = words.shift(); break;
      case 'weight': named().weight = Number(words.shift()); break;
      case 'onlink': named().onlink = true; break;
      case 'metric': spec.priority = Number(words.shift()); break;
      case 'src': spec.prefSrc = address(words.shift()); break;
      case 'mtu': spec.mtu = Number(words.shift()); break;
      case 'tos': spec.tos = Number(words.shift()); break;
      case 'table': spec.table = tableId(words.shift() ?? ''); break;
      case 'scope': spec.scope = words.shift() as NewRoute['scope']; break; // test input
      case 'proto': spec.protocol = words.shift() as NewRoute['protocol']; break; // test input
      default: throw new Error(`route word ${word}`);
    }
  }
  if (hops.length > 0) spec.nexthops = hops;
  return spec;
}

const prefixText = (p: Prefix): string => (p.length === 0 && p.address === 0 ? 'default' : p.length === 32 ? formatIpv4(p.address) : formatPrefix(p));
const flags = (nh: NextHop): string => `${nh.dead === true ? ' dead' : ''}${nh.onlink ? ' onlink' : ''}${nh.linkdown === true ? ' linkdown' : ''}`;

export function routeLines(r: Route, withTable: boolean): string[] {
  const [first] = r.nexthops;
  const many = r.nexthops.length > 1;
  let line = `${r.type === 'unicast' ? '' : `${r.type} `}${prefixText(r.dst)}`;
  if (r.tos !== 0) line += ` tos 0x${r.tos.toString(16)}`;
  if (!many && first?.via !== undefined) line += ` via ${formatIpv4(first.via)}`;
  if (!many && first?.dev !== undefined) line += ` dev ${first.dev}`;
  if (withTable && r.table !== 254) line += ` table ${tableName(r.table)}`;
  if (r.protocol !== 'boot') line += ` proto ${r.protocol}`;
  if (r.scope !== 'universe') line += ` scope ${r.scope}`;
  if (r.prefSrc !== undefined) line += ` src ${formatIpv4(r.prefSrc)}`;
  if (r.priority !== 0) line += ` metric ${r.priority}`;
  if (r.mtu !== undefined) line += ` mtu ${r.mtu}`;
  if (!many && first !== undefined) line += flags(first);
  const hops = many ? r.nexthops.map((nh) => `\tnexthop${nh.via === undefined ? '' : ` via ${formatIpv4(nh.via)}`} dev ${nh.dev} weight ${nh.weight}${flags(nh)}`) : [];
  return [line, ...hops];
}

function getRoute(fib: Fib, words: string[]): string[] {
  const dst = address(words.shift());
  const query: Record<string, string> = {};
  while (words.length > 0) query[words.shift() ?? ''] = words.shift() ?? '';
  const { from, iif, oif, mark, tos } = query;
  const got = fib.getRoute({
    dst, src: from === undefined ? undefined : address(from), iif, oif, mark: mark === undefined ? undefined : Number(mark), tos: tos === undefined ? undefined : Number(tos),
  });
  if (!got.ok) return [complain(got.error)];
  const r = got.value;
  let line = `${r.type === 'unicast' ? '' : `${r.type} `}${formatIpv4(r.dst)}`;
  if (from !== undefined) line += ` from ${from}`;
  if (r.via !== undefined) line += ` via ${formatIpv4(r.via)}`;
  line += ` dev ${r.dev}`;
  if (r.table !== 254 && r.table !== 0) line += ` table ${tableName(r.table)}`;
  if (r.src !== undefined && from === undefined) line += ` src ${formatIpv4(r.src)}`;
  if (r.mark !== 0) line += ` mark ${r.mark < 16 ? r.mark : `0x${r.mark.toString(16)}`}`;
  const cache = `    cache${(r.flags?.length ?? 0) > 0 ? ` <${r.flags?.join(',')}>` : ''}${r.expires === undefined ? '' : ` expires ${r.expires}sec`}${r.mtu === undefined ? '' : ` mtu ${r.mtu}`}${iif === undefined ? '' : ` iif ${iif}`}`;
  return [line, cache];
}

function ruleSpec(words: string[]): Partial<PolicyRule> {
  const spec: Mutable<Partial<PolicyRule>> = {};
  while (words.length > 0) {
    const word = words.shift();
    switch (word) {
      case 'not': spec.invert = true; break;
      case 'from': spec.src = network(words.shift()); break;
      case 'to': spec.dst = network(words.shift()); break;
      case 'iif': spec.iif = words.shift(); break;
      case 'oif': spec.oif = words.shift(); break;
      case 'pref': spec.priority = Number(words.shift()); break;
      case 'fwmark': {
        const [mark, mask] = (words.shift() ?? '').split('/');
        spec.fwmark = Number(mark);
        if (mask !== undefined) spec.fwmask = Number(mask);
        break;
      }
      case 'table': case 'lookup': spec.table = tableId(words.shift() ?? ''); spec.action = 'lookup'; break;
      case 'goto': spec.table = Number(words.shift()); spec.action = 'goto'; break;
      case 'blackhole': case 'unreachable': case 'prohibit': spec.action = word; break;
      default: throw new Error(`rule word ${word}`);
    }
  }
  return spec;
}

function ruleLine(r: PolicyRule, all: readonly PolicyRule[]): string {
  let line = `${r.priority}:\t${r.invert ? 'not ' : ''}from ${r.src === undefined ? 'all' : prefixText(r.src)}`;
  if (r.dst !== undefined) line += ` to ${prefixText(r.dst)}`;
  if (r.fwmark !== undefined) line += ` fwmark 0x${r.fwmark.toString(16)}${r.fwmask === 0xffffffff ? '' : `/0x${r.fwmask?.toString(16)}`}`;
  if (r.iif !== undefined) line += ` iif ${r.iif}`;
  if (r.oif !== undefined) line += ` oif ${r.oif}`;
  switch (r.action) {
    case 'lookup': return `${line} lookup ${tableName(r.table)}`;
    case 'goto': return `${line} goto ${r.table}${all.some((o) => o.priority === r.table) ? '' : ' [unresolved]'}`;
    default: return `${line} ${r.action}`;
  }
}

/** Runs one `ip` command line in a namespace: what it prints. */
export function ip(ns: Netns, command: string): string[] {
  const words = command.split(/\s+/);
  const [object, verb = 'show'] = words.splice(0, 2);
  const { fib } = ns;
  switch (object) {
    case 'link': {
      const dev = ns.device(words[0] ?? '');
      if (dev === undefined) return ['Cannot find device'];
      if (words[1] === 'up') setUp(dev);
      else setDown(dev);
      return [];
    }
    case 'addr': {
      if (verb === 'show') {
        return fib.addressList().filter((a) => words[0] === undefined || a.dev === words[0]).map((a) =>
          `inet ${formatIpv4(a.address)}/${a.prefixLength}${a.broadcast === undefined ? '' : ` brd ${formatIpv4(a.broadcast)}`}${a.metric === undefined ? '' : ` metric ${a.metric}`} scope ${a.scope}${a.secondary ? ' secondary' : ''} ${a.label}`);
      }
      const cidr = network(words.shift());
      const option = (name: string): string | undefined => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
      const dev = option('dev') ?? '';
      if (verb === 'del') return answer(fib.delAddress(dev, cidr.address, cidr.length));
      const brd = option('brd');
      return answer(fib.newAddress({
        dev, address: cidr.address, prefixLength: cidr.length, broadcast: brd === undefined ? undefined : address(brd), scope: option('scope') as 'link' | undefined, // test input
        metric: option('metric') === undefined ? undefined : Number(option('metric')),
      }));
    }
    case 'route': {
      switch (verb) {
        case 'show': {
          const id = words[0] === 'table' ? tableId(words[1] ?? '') : 254;
          return fib.routeList(id).flatMap((r) => routeLines(r, id === 0));
        }
        case 'get': return getRoute(fib, words);
        case 'del': return answer(fib.delRoute(routeSpec(words)));
        case 'add': case 'replace': case 'change': case 'append': case 'prepend': return answer(fib.newRoute(routeSpec(words), verb satisfies NewMode));
        default: throw new Error(verb);
      }
    }
    case 'rule': {
      if (verb === 'show') return fib.ruleList().map((r, _, all) => ruleLine(r, all));
      return answer(verb === 'add' ? fib.newRule(ruleSpec(words)) : fib.delRule(ruleSpec(words)));
    }
    default: throw new Error(command);
  }
}
