/** Read first: ip-rule(8), iproute2 ip/iprule.c. Not modelled: tos, ports, uidrange, suppressors, l3mdev. */
import { formatIpv4, type Prefix } from '../../../engine/wire/addresses.ts';
import type { NewPolicyRule, PolicyRule } from '../../../engine/uapi/rtnetlink.ts';
import { Exit } from '../kit.ts';
import { RULE_HELP } from './help.ts';
import { jsonText } from './json.ts';
import { PROTOS, prefixText, protoName, tableName, tableWord } from './route.ts';
import { acked, isPrefixOf, notModelled, prefixWord, requireRoot, unknownCommand, wrong, type Words } from './words.ts';

/** `none`: asked for what no rule of ours has (tos, ports, users). */
type Selector = { -readonly [K in keyof NewPolicyRule]: NewPolicyRule[K] } & { none?: boolean };

export function rule(words: Words): number {
  const command = words.peek();
  if (command === undefined) return list(words);
  if (isPrefixOf(command, 'list') || isPrefixOf(command, 'lst') || isPrefixOf(command, 'show')) {
    words.take();
    return list(words);
  }
  if (isPrefixOf(command, 'add')) return change(words, 'add');
  if (isPrefixOf(command, 'delete')) return change(words, 'del');
  if (isPrefixOf(command, 'flush')) {
    requireRoot(words.context);
    const { netlink } = words.context.kernel;
    for (const r of netlink.rules()) if (r.priority !== 0) netlink.delRule(r);
    return 0;
  }
  if (isPrefixOf(command, 'save') || isPrefixOf(command, 'restore')) throw notModelled(`ip rule ${command}`);
  if (isPrefixOf(command, 'help')) throw new Exit(255, RULE_HELP);
  throw unknownCommand(command, 'rule');
}

const addressText = (p: Prefix | undefined): string => (p === undefined ? 'all' : p.length === 0 ? '0/0' : prefixText(p));

/** `known`: whether there is such a device. */
function text(r: PolicyRule, numeric: boolean, known: (dev: string) => boolean): string {
  let out = `${r.priority}:\t${r.invert ? 'not ' : ''}from ${addressText(r.src)} `;
  if (r.dst !== undefined) out += `to ${addressText(r.dst)} `;
  if (r.fwmark !== undefined) out += `fwmark 0x${r.fwmark.toString(16)}${r.fwmask === undefined || r.fwmask === 0xffffffff ? '' : `/0x${r.fwmask.toString(16)}`} `;
  if (r.iif !== undefined) out += `iif ${r.iif} ${known(r.iif) ? '' : '[detached] '}`;
  if (r.oif !== undefined) out += `oif ${r.oif} ${known(r.oif) ? '' : '[detached] '}`;
  return out + (r.action === 'lookup' ? `lookup ${tableName(r.table, numeric)}` : r.action);
}

function ruleJson(r: PolicyRule, details: boolean): Record<string, unknown> {
  const hex = (n: number): string => `0x${n.toString(16)}`;
  const side = (name: string, p: Prefix): Record<string, unknown> => ({ [name]: formatIpv4(p.address), ...(p.length === 32 ? {} : { [`${name}len`]: p.length }) });
  return {
    priority: r.priority, ...(r.invert ? { not: null } : {}), ...(r.src === undefined ? { src: 'all' } : side('src', r.src)), ...(r.dst === undefined ? {} : side('dst', r.dst)),
    ...(r.fwmark === undefined ? {} : { fwmark: hex(r.fwmark), ...(r.fwmask === undefined || r.fwmask === 0xffffffff ? {} : { fwmask: hex(r.fwmask) }) }), ...(r.iif === undefined ? {} : { iif: r.iif }), ...(r.oif === undefined ? {} : { oif: r.oif }),
    ...(r.action === 'lookup' ? { table: tableName(r.table) } : { action: r.action }), ...(details ? { protocol: r.protocol ?? 'unspec' } : {}),
  };
}

function list(words: Words): number {
  const selector = words.done ? {} : read(words, true);
  if (words.options.family === 6) return 0;
  const shown: PolicyRule[] = [];
  for (const r of words.context.kernel.netlink.rules()) {
    if (selector.table !== undefined && selector.table !== r.table) continue;
    if ((selector.invert === true && !r.invert) || (selector.none === true)) continue;
    if (selector.oif !== undefined && selector.oif !== r.oif) continue;
    if (selector.dst !== undefined && (r.dst === undefined || r.dst.address !== selector.dst.address || r.dst.length !== selector.dst.length)) continue;
    if (selector.priority !== undefined && selector.priority !== r.priority) continue;
    if (selector.fwmark !== undefined && selector.fwmark !== r.fwmark) continue;
    if (selector.iif !== undefined && selector.iif !== r.iif) continue;
    if (selector.src !== undefined && (r.src === undefined || r.src.address !== selector.src.address || r.src.length !== selector.src.length)) continue;
    shown.push(r);
  }
  if (words.options.json) words.print(jsonText(shown.map((r) => ruleJson(r, words.options.details)), words.options));
  else for (const r of shown) words.print(`${text(r, words.options.numeric, (dev) => words.context.kernel.netlink.link(dev) !== undefined)}${words.options.details ? ` proto ${protoName(r.protocol ?? 'unspec', words.options.numeric)}` : ''}\n`);
  return 0;
}

/** `listing`: a filter, which has more words, and tells other things of them. */
function read(words: Words, listing = false): Selector {
  const r: Selector = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'not') r.invert = true;
    else if (word === 'from') {
      const p = prefixWord(words.value(), listing);
      r.src = p.length === 0 ? undefined : p;
    } else if (word === 'to') r.dst = prefixWord(words.value(), listing);
    else if (isPrefixOf(word, 'preference') || isPrefixOf(word, 'order') || isPrefixOf(word, 'priority')) {
      const value = words.value();
      if (!/^(0x[0-9a-f]+|\d+)$/i.test(value) || Number(value) > 0xffffffff) throw wrong(value, 'preference value is invalid');
      r.priority = Number(value);
    } else if (word === 'fwmark') {
      const [mark = '', mask] = words.value().split('/');
      r.fwmark = Number(mark);
      if (mark === '' || Number.isNaN(r.fwmark)) throw wrong(mark, 'fwmark value is invalid');
      if (mask !== undefined && !/^(0x[0-9a-f]+|\d+)$/i.test(mask)) throw wrong(mask, 'fwmask value is invalid');
      r.fwmask = mask === undefined ? 0xffffffff : Number(mask);
    } else if (word === 'table' || word === 'lookup' || word === 't') {
      r.table = listing ? tableWord(words.value()) : tableWord(words.value(), 'invalid table ID');
      r.action = 'lookup';
    } else if (word === 'iif' || word === 'dev') r.iif = words.value();
    else if (word === 'oif') r.oif = words.value();
    else if (word === 'type') {
      const type = words.value();
      if (type !== 'blackhole' && type !== 'unreachable' && type !== 'prohibit') throw new Exit(255, `Error: argument "${type}" is wrong: Failed to parse rule type\n`);
      r.action = type;
    } else if (word === 'blackhole' || word === 'unreachable' || word === 'prohibit' || word === 'nop') r.action = word;
    else if (listing && (word === 'tos' || word === 'dsfield')) r.none ||= Number.parseInt(words.value(), 16) !== 0;
    else if (listing && isPrefixOf(word, 'protocol') && word.length > 1) {
      const value = words.value();
      if (value !== 'all' && !/^\d+$/.test(value) && !PROTOS.some((p) => p === value)) throw wrong(value, 'invalid "protocol"');
    } else if (listing && /^(ipproto|sport|dport|uidrange)$/.test(word)) {
      words.value();
      r.none = true;
    } else if (/^(tos|dsfield|ipproto|sport|dport|uidrange|suppress_prefixlength|suppress_ifgroup|l3mdev|protocol|goto|realms|nat)$/.test(word)) throw notModelled(word);
    else if (listing) r.src = prefixWord(word, true);
    else throw new Exit(255, `Error: argument "${word}" is wrong: Failed to parse rule type\n`);
  }
  return r;
}

function change(words: Words, how: 'add' | 'del'): number {
  words.take();
  if (words.done) throw new Exit(1, `"ip rule ${how}" requires arguments.\n`);
  const r = read(words);
  requireRoot(words.context);
  const { netlink } = words.context.kernel;
  acked(how === 'add' ? netlink.newRule({ action: 'lookup', table: 254, ...r }) : netlink.delRule(r));
  return 0;
}
