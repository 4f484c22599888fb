/** Read first: ip-address(8), iproute2 ip/ipaddress.c. Not modelled: IPv6 beyond listing ::1 and link-local addresses, peers, lifetimes other than valid_lft. */
import { formatIpv4, maskOf, contains, prefix, type Ipv4, type Prefix, ipv4 } from '../../../engine/wire/addresses.ts';
import type { Address, Link, NewAddress, Scope } from '../../../engine/uapi/rtnetlink.ts';
import { inet6Of, type Inet6 } from '../../text/inet6.ts';
import { Exit, warn } from '../kit.ts';
import { ADDRESS_HELP } from './help.ts';
import { jsonText } from './json.ts';
import { briefAddressJson, linkJson } from './link-json.ts';
import { briefHead, link6Text, linkStatistics, linkText, lowerOf } from './link-text.ts';
import { acked, addressWord, garbage, invarg, isOwnGroup, isPrefixOf, missingDevice, notModelled, noVrf, prefixWord, requireRoot, unknownCommand, wrong, type Words } from './words.ts';

interface Filter {
  dev: string | undefined;
  up: boolean;
  kind: string | undefined;
  master: string | undefined;
  scope: Scope | 'nowhere' | undefined;
  to: Prefix | undefined;
  label: string | undefined;
  dynamic: boolean | undefined;
  secondary: boolean | undefined;
  noMaster: boolean;
  /** Of a group that no device is in, or with a flag that no address has. */
  none: boolean;
  /** Only devices with an address. */
  addressed: boolean;
}

/** IFA_F_*: none of ours has them. */
const FLAGS: readonly string[] = ['tentative', 'deprecated', 'dadfailed', 'temporary', 'home', 'nodad', 'mngtmpaddr', 'autojoin'];

export function address(words: Words): number {
  const command = words.peek();
  if (command === undefined) return show(words);
  if (isPrefixOf(command, 'add')) return change(words, 'add');
  if (isPrefixOf(command, 'change') || command === 'chg') return change(words, 'change');
  if (isPrefixOf(command, 'replace')) return change(words, 'replace');
  if (isPrefixOf(command, 'delete')) return change(words, 'delete');
  if (isPrefixOf(command, 'show') || isPrefixOf(command, 'list') || isPrefixOf(command, 'lst')) {
    words.take();
    return show(words);
  }
  if (isPrefixOf(command, 'flush')) return flush(words);
  if (isPrefixOf(command, 'help')) throw new Exit(255, ADDRESS_HELP);
  if (isPrefixOf(command, 'save') || isPrefixOf(command, 'restore') || command === 'showdump') throw notModelled(`ip address ${command}`);
  throw unknownCommand(command, 'address');
}

/** /etc/iproute2/rt_scopes */
const SCOPES: Readonly<Record<number, Scope>> = { 0: 'global', 253: 'link', 254: 'host' };

function scopeWord(word: string, complaint = 'invalid "scope" value.'): Scope | 'nowhere' {
  if (word === 'global' || word === 'link' || word === 'host') return word;
  if (word === 'universe') return 'global';
  if (/^(0x[0-9a-f]+|\d+)$/i.test(word) && Number(word) < 256) return SCOPES[Number(word)] ?? 'nowhere';
  if (word === 'site' || word === 'nowhere') return 'nowhere';
  throw wrong(word, complaint);
}

function readFilter(words: Words): Filter {
  const filter: Filter = { dev: undefined, up: false, kind: undefined, master: undefined, scope: undefined, to: undefined, label: undefined, dynamic: undefined, secondary: undefined, noMaster: false, none: false, addressed: false };
  while (!words.done) {
    const word = words.value();
    if (word === 'up') filter.up = true;
    else if (word === 'to') filter.to = words.prefix();
    else if (word === 'scope') filter.scope = scopeWord(words.value(), 'invalid "scope"');
    else if (word === 'label') filter.label = words.value();
    else if (word === 'type') filter.kind = words.value();
    else if (word === 'master') filter.master = words.master();
    else if (word === 'dynamic') filter.dynamic = true;
    else if (word === 'permanent') filter.dynamic = false;
    else if (word === 'primary') filter.secondary = false;
    else if (word === 'secondary') filter.secondary = true;
    else if (word === 'nomaster') filter.noMaster = true;
    else if (word === 'group') filter.none = !isOwnGroup(words.value());
    else if (word === 'vrf') throw noVrf(words.value());
    else if (FLAGS.includes(word)) filter.none = true;
    else if (word.startsWith('-') && FLAGS.includes(word.slice(1))) filter.addressed = true;
    else {
      const name = word === 'dev' ? words.value() : word;
      if (filter.dev !== undefined) throw garbage('dev', word);
      filter.dev = name;
    }
  }
  if (filter.dev !== undefined && words.context.kernel.netlink.link(filter.dev) === undefined) throw new Exit(1, `Device "${filter.dev}" does not exist.\n`);
  return filter;
}

const kindName = (link: Link): string | undefined => (link.kind === 'nic' || link.kind === 'loopback' ? undefined : link.kind);

export const linkMatches = (link: Link, filter: Pick<Filter, 'dev' | 'up' | 'kind' | 'master'>): boolean =>
  (filter.dev === undefined || link.name === filter.dev || link.altNames.includes(filter.dev)) && (!filter.up || link.up)
  && (filter.kind === undefined || kindName(link) === filter.kind || (filter.kind === 'bridge_slave' && link.port !== undefined)) && (filter.master === undefined || link.master === filter.master);

/** fnmatch(3) of a label: `cni0:*`. */
const fnmatch = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);

function show(words: Words): number {
  const filter = readFilter(words);
  const { netlink } = words.context.kernel;
  const { options } = words;
  const all = netlink.addresses();
  const linkless = { ...options, family: options.family ?? (filter.to === undefined ? undefined : 4) } as const;
  const narrowed = filter.addressed || filter.scope !== undefined || filter.to !== undefined || filter.label !== undefined || filter.dynamic !== undefined || filter.secondary !== undefined || options.family !== undefined;
  const out: unknown[] = [];
  for (const link of netlink.links()) {
    if (filter.none || !linkMatches(link, filter) || (filter.noMaster && link.master !== undefined)) continue;
    const mine = options.family === 6 ? [] : all.filter((a) => a.ifindex === link.ifindex && (filter.scope === undefined || a.scope === filter.scope)
      && (filter.to === undefined || (contains(filter.to, a.address) && a.prefixLength >= 0)) && (filter.label === undefined || fnmatch(filter.label, a.label)) && (filter.secondary === undefined || a.secondary === filter.secondary) && (filter.dynamic === undefined || (a.validLifetime !== undefined) === filter.dynamic));
    const v6 = options.family === 4 || filter.to !== undefined || filter.label !== undefined || filter.dynamic === true || filter.secondary === true ? [] : inet6Of(link).filter((a) => filter.scope === undefined || a.scope === filter.scope);
    if (narrowed && mine.length === 0 && v6.length === 0) continue;
    const master = link.master === undefined ? undefined : netlink.link(link.master);
    const info = [...mine.map((a) => addressInfo(a, options.brief)), ...v6.map((a) => inet6Info(a, options.brief))];
    if (options.json && options.brief) out.push(briefAddressJson(link, info));
    else if (options.json && filter.label !== undefined) out.push({ addr_info: info });
    else if (options.json) out.push({ ...linkJson(link, options, master, { inAddress: true, layer: linkless.family === undefined, here: lowerOf(link, netlink.links()) }), addr_info: info });
    else if (options.brief) words.print(`${briefHead(link)}${mine.map((a) => `${formatIpv4(a.address)}/${a.prefixLength}${a.metric === undefined ? '' : ` metric ${a.metric}`} `).join('')}${v6.map((a) => `${a.address}/${a.prefixLength} `).join('')}\n`);
    else if (options.oneline) {
      for (const a of mine) words.print(`${link.ifindex}: ${link.name}    ${addressLine(a)}\\       ${lifetime(a)}\n`);
      for (const a of v6) words.print(`${link.ifindex}: ${link.name}    ${inet6Line(a)}\\       ${FOREVER}\n`);
    }
    else {
      // A label stands for a device of its own: no link is shown above it. Statistics come below the addresses.
      if (filter.label === undefined) words.print(linkless.family === 6 && filter.dev === undefined ? link6Text(link, netlink.links()) : linkText(link, { ...linkless, statistics: 0 }, master, true, lowerOf(link, netlink.links())));
      for (const a of mine) words.print(`    ${addressLine(a)}\n       ${lifetime(a)}\n`);
      for (const a of v6) words.print(`    ${inet6Line(a)}\n       ${FOREVER}\n`);
      if (options.statistics > 0 && linkless.family === undefined) words.print(`${linkStatistics(link, options.statistics, '\n').slice(1)}\n`);
    }
  }
  if (options.json) words.print(jsonText(out, options));
  return 0;
}

const addressLine = (a: Address): string =>
  `inet ${formatIpv4(a.address)}/${a.prefixLength}${a.metric === undefined ? '' : ` metric ${a.metric}`}${a.broadcast === undefined ? '' : ` brd ${formatIpv4(a.broadcast)}`} scope ${a.scope}${a.secondary ? ' secondary' : ''}${a.validLifetime === undefined ? '' : ' dynamic'} ${a.label}`;

const FOREVER = 'valid_lft forever preferred_lft forever';
const inet6Line = (a: Inet6): string => `inet6 ${a.address}/${a.prefixLength} scope ${a.scope} `;
const lifetime = (a: Address): string => (a.validLifetime === undefined ? FOREVER : `valid_lft ${a.validLifetime}sec preferred_lft ${a.validLifetime}sec`);

/** `ifa_info`: brief leaves all but the address out. */
function addressInfo(a: Address, brief: boolean): Record<string, unknown> {
  const metric = a.metric === undefined ? {} : { metric: a.metric };
  if (brief) return { local: formatIpv4(a.address), prefixlen: a.prefixLength, ...metric };
  return {
    family: 'inet', local: formatIpv4(a.address), prefixlen: a.prefixLength, ...metric, ...(a.broadcast === undefined ? {} : { broadcast: formatIpv4(a.broadcast) }), scope: a.scope, ...(a.secondary ? { secondary: true } : {}),
    ...(a.validLifetime === undefined ? {} : { dynamic: true }), label: a.label, valid_life_time: a.validLifetime ?? 4294967295, preferred_life_time: a.validLifetime ?? 4294967295,
  };
}

const inet6Info = (a: Inet6, brief: boolean): Record<string, unknown> =>
  (brief ? { local: a.address, prefixlen: a.prefixLength } : { family: 'inet6', local: a.address, prefixlen: a.prefixLength, scope: a.scope, valid_life_time: 4294967295, preferred_life_time: 4294967295 });

function change(words: Words, how: 'add' | 'change' | 'replace' | 'delete'): number {
  words.take();
  let local: Prefix | undefined;
  let dev: string | undefined;
  let broadcast: Ipv4 | undefined | '+' | '-';
  let scope: Scope | undefined;
  let label: string | undefined;
  let valid: number | undefined;
  let preferred: number | undefined;
  let noPrefixRoute = false;
  let slash = false;
  let metric: number | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') dev = words.value();
    else if (isPrefixOf(word, 'broadcast') || word === 'brd') {
      const value = words.value();
      broadcast = value === '+' || value === '-' ? value : addressWord(value);
    } else if (word === 'scope') {
      const value = scopeWord(words.value());
      if (value === 'nowhere') throw notModelled('scope');
      scope = value;
    }
    else if (word === 'label') label = words.value();
    else if (word === 'metric' || word === 'priority' || word === 'preference') metric = words.number(words.value(), 'metric');
    else if (word === 'valid_lft') {
      const value = words.value();
      if (value !== 'forever' && !/^\d+$/.test(value)) throw invarg(value, 'valid_lft value');
      valid = value === 'forever' ? undefined : Number(value);
    } else if (word === 'preferred_lft') {
      const value = words.value();
      if (value !== 'forever' && !/^\d+$/.test(value)) throw invarg(value, 'preferred_lft value');
      preferred = value === 'forever' ? undefined : Number(value);
    }
    else if (word === 'noprefixroute') noPrefixRoute = true;
    else if (word === 'peer' || word === 'remote' || word === 'anycast') throw notModelled(word);
    else if (word === 'nodad' || word === 'home' || word === 'mngtmpaddr' || word === 'autojoin') continue;
    else {
      const value = word === 'local' ? words.value() : word;
      if (local !== undefined) throw garbage('local', value);
      local = prefixWord(value);
      slash = value.includes('/');
    }
  }
  if (dev === undefined) throw missingDevice(1);
  words.device(dev);
  const { netlink } = words.context.kernel;
  requireRoot(words.context);
  if (valid !== undefined && (preferred ?? Infinity) > valid) throw new Exit(1, 'preferred_lft is greater than valid_lft\n');
  if (how === 'delete') {
    const mine = netlink.addresses().filter((a) => a.dev === dev);
    if (local === undefined) throw new Exit(2, 'RTNETLINK answers: Operation not supported\n');
    const wanted = local;
    if (!slash) {
      warn(words.context, `Warning: Executing wildcard deletion to stay compatible with old scripts.\n         Explicitly specify the prefix length (${formatIpv4(wanted.address)}/32) to avoid this warning.\n         This special behaviour is likely to disappear in further releases,\n         fix your scripts!\n`);
    }
    const exact = mine.find((a) => a.address === wanted.address && a.prefixLength === wanted.length) ?? (wanted.length === 32 ? mine.find((a) => a.address === wanted.address) : undefined);
    acked(netlink.delAddress(dev, wanted.address, exact?.prefixLength ?? wanted.length));
    return 0;
  }
  if (local === undefined) throw new Exit(2, 'RTNETLINK answers: Operation not supported\n');
  const brd = broadcast === '+' ? ipv4((local.address | ~maskOf(local.length)) >>> 0) : broadcast === '-' ? undefined : broadcast;
  const spec: NewAddress = { dev, address: local.address, prefixLength: local.length, broadcast: brd, scope: scope ?? (local.address >>> 24 === 127 ? 'host' : undefined), label, validLifetime: valid, metric, noPrefixRoute };
  const result = netlink.newAddress(spec);
  if (how !== 'add' && !result.ok && result.error.errno === 'EEXIST') return 0;
  acked(result);
  return 0;
}

function flush(words: Words): number {
  words.take();
  if (words.done) throw new Exit(1, 'Flush requires arguments.\n');
  const filter = readFilter(words);
  requireRoot(words.context);
  const { netlink } = words.context.kernel;
  for (const a of netlink.addresses()) {
    if ((filter.dev === undefined || a.dev === filter.dev) && (filter.scope === undefined || a.scope === filter.scope) && (filter.to === undefined || contains(prefix(filter.to.address, filter.to.length), a.address))) {
      netlink.delAddress(a.dev, a.address, a.prefixLength);
    }
  }
  return 0;
}

