/** Read first: ip-neighbour(8), iproute2 ip/ipneigh.c. Not modelled: proxy entries, IPv6. */
import { contains, formatIpv4, formatMac, type Ipv4, type Mac, type Prefix } from '../../../engine/wire/addresses.ts';
import type { NewMode, NudState, Neighbour } from '../../../engine/uapi/rtnetlink.ts';
import { Exit } from '../kit.ts';
import { NEIGH_HELP } from './help.ts';
import { jsonText } from './json.ts';
import { acked, addressWord, garbage, isPrefixOf, macWord, notModelled, prefixWord, requireRoot, unknownCommand, type Words } from './words.ts';

const STATES: readonly NudState[] = ['NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'];

const stateWord = (word: string): NudState => {
  const found = STATES.find((s) => s.toLowerCase() === word || (s === 'PERMANENT' && word === 'perm'));
  if (found === undefined) throw new Exit(255, `Error: argument "${word}" is wrong: nud state is bad\n`);
  return found;
};

export function neighbour(words: Words): number {
  const command = words.peek();
  if (command === undefined) return show(words, false);
  if (isPrefixOf(command, 'add')) return change(words, 'add');
  if (isPrefixOf(command, 'change') || command === 'chg') return change(words, 'change');
  if (isPrefixOf(command, 'replace')) return change(words, 'replace');
  if (isPrefixOf(command, 'delete')) return change(words, 'delete');
  if (isPrefixOf(command, 'get')) return get(words);
  if (isPrefixOf(command, 'show') || isPrefixOf(command, 'lst') || isPrefixOf(command, 'list')) {
    words.take();
    return show(words, false);
  }
  if (isPrefixOf(command, 'flush')) {
    words.take();
    if (words.done) throw new Exit(1, 'Flush requires arguments.\n');
    return show(words, true);
  }
  if (isPrefixOf(command, 'help')) throw new Exit(255, NEIGH_HELP);
  throw unknownCommand(command, 'neigh');
}

const seconds = (n: number): string => String(Math.floor(n));

function entryText(n: Neighbour, named: boolean, statistics: number): string {
  let text = `${formatIpv4(n.ip)} ${named ? `dev ${n.dev} ` : ''}`;
  if (n.mac !== undefined && n.state !== 'INCOMPLETE' && n.state !== 'FAILED') text += `lladdr ${formatMac(n.mac)} `;
  if (statistics > 0) text += ` used ${seconds(n.used)}/${seconds(n.confirmed)}/${seconds(n.updated)}probes ${n.probes} `;
  return `${text}${n.state} \n`;
}

function show(words: Words, flush: boolean): number {
  let dev: string | undefined;
  let to: Prefix | undefined;
  const states = new Set<NudState>();
  let all = false;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') dev = words.value();
    else if (word === 'nud') {
      const value = words.value();
      if (value === 'all') all = true;
      else states.add(stateWord(value));
    } else if (word === 'unused') states.add('STALE');
    else if (word === 'proxy' || word === 'master' || word === 'vrf' || word === 'nomaster') throw notModelled(word);
    else {
      if (to !== undefined) throw garbage('to', word);
      to = prefixWord(word === 'to' ? words.value() : word);
    }
  }
  if (dev !== undefined) words.device(dev);
  if (words.options.family === 6) return 0;
  const { netlink } = words.context.kernel;
  // NOARP and NONE entries are shown only when asked for.
  const wanted = (n: Neighbour): boolean => (dev === undefined || n.dev === dev) && (to === undefined || contains(to, n.ip))
    && (all || (states.size > 0 ? states.has(n.state) : flush ? n.state !== 'PERMANENT' && n.state !== 'NOARP' : n.state !== 'NOARP' && n.state !== 'NONE'));
  const shown = netlink.neighbours().filter(wanted);
  if (flush) {
    requireRoot(words.context);
    for (const n of shown) netlink.delNeighbour(n.dev, n.ip);
    return 0;
  }
  if (words.options.json) {
    words.print(jsonText(shown.map((n) => ({ dst: formatIpv4(n.ip), ...(dev === undefined ? { dev: n.dev } : {}), ...(n.mac === undefined ? {} : { lladdr: formatMac(n.mac) }), state: [n.state] })), words.options));
    return 0;
  }
  for (const n of shown) {
    words.print(entryText(n, dev === undefined, words.options.statistics));
  }
  return 0;
}

function get(words: Words): number {
  words.take();
  let ip: Ipv4 | undefined;
  let dev: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') dev = words.value();
    else if (word === 'proxy') throw notModelled(word);
    else {
      const value = word === 'to' ? words.value() : word;
      if (ip !== undefined) throw garbage('to', value);
      ip = addressWord(value, 'any valid');
    }
  }
  if (dev === undefined || ip === undefined) throw new Exit(1, 'Device and address are required arguments.\n');
  words.device(dev);
  const found = words.context.kernel.netlink.neighbours().find((n) => n.ip === ip && n.dev === dev);
  if (found === undefined) throw new Exit(2, 'Error: Neighbour entry not found.\n');
  words.print(entryText(found, true, words.options.statistics));
  return 0;
}

function change(words: Words, how: NewMode | 'delete'): number {
  words.take();
  let ip: Ipv4 | undefined;
  let dev: string | undefined;
  let mac: Mac | undefined;
  let state: NudState | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'lladdr') mac = macWord(words.value());
    else if (word === 'nud') state = stateWord(words.value());
    else if (word === 'dev') dev = words.value();
    else if (word === 'proxy' || word === 'router' || word === 'extern_learn' || word === 'managed' || word === 'use') throw notModelled(word);
    else {
      const value = word === 'to' ? words.value() : word;
      if (ip !== undefined) throw garbage('to', value);
      ip = addressWord(value, 'any valid');
    }
  }
  if (dev === undefined || ip === undefined) throw new Exit(255, 'Device and destination are required arguments.\n');
  words.device(dev);
  requireRoot(words.context);
  const { netlink } = words.context.kernel;
  acked(how === 'delete' ? netlink.delNeighbour(dev, ip) : netlink.newNeighbour({ dev, ip, mac, state: state ?? 'PERMANENT' }, how));
  return 0;
}
