/** Read first: ip-neighbour(8), iproute2 ip/ipneigh.c. Not modelled: proxy entries, IPv6. */
import { contains, formatIpv4, formatMac, type Ipv4, type Mac, type Prefix } from '../../../engine/wire/addresses.ts';
import type { NewMode, NudState, Neighbour } from '../../../engine/uapi/rtnetlink.ts';
import { Exit } from '../kit.ts';
import { NEIGH_HELP } from './help.ts';
import { jsonText } from './json.ts';
import { PROTOS } from './route.ts';
import { acked, addressWord, garbage, isPrefixOf, macWord, notModelled, noVrf, requireRoot, unknownCommand, wrong, type Words } from './words.ts';

const STATES: readonly NudState[] = ['NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'];

/** NUD_* */
const STATE_NUMBERS: Readonly<Record<number, NudState>> = { 0: 'NONE', 1: 'INCOMPLETE', 2: 'REACHABLE', 4: 'STALE', 8: 'DELAY', 16: 'PROBE', 32: 'FAILED', 64: 'NOARP', 128: 'PERMANENT' };

const stateWord = (word: string): NudState => {
  const found = STATES.find((s) => s.toLowerCase() === word || (s === 'PERMANENT' && word === 'perm')) ?? (/^(0x[0-9a-f]+|\d+)$/i.test(word) ? STATE_NUMBERS[Number(word)] : undefined);
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

const hasMac = (n: Neighbour): n is Neighbour & { readonly mac: Mac } => n.mac !== undefined && n.state !== 'INCOMPLETE' && n.state !== 'FAILED';

function entryText(n: Neighbour, named: boolean, statistics: number): string {
  let text = `${formatIpv4(n.ip)} ${named ? `dev ${n.dev} ` : ''}`;
  if (hasMac(n)) text += `lladdr ${formatMac(n.mac)} `;
  if (statistics > 0) text += ` used ${seconds(n.used)}/${seconds(n.confirmed)}/${seconds(n.updated)}probes ${n.probes} `;
  return `${text}${n.state} \n`;
}

function show(words: Words, flush: boolean): number {
  let dev: string | undefined;
  let to: Prefix | undefined;
  const states = new Set<NudState>();
  let all = false;
  let [unused, none] = [false, false];
  /** Empty: of devices without one. */
  let master: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') {
      const value = words.value();
      if (dev !== undefined) throw new Exit(255, `Error: duplicate "dev": "${value}" is the second value.\n`);
      dev = value;
    } else if (word === 'nud') {
      const value = words.value();
      if (value === 'all') all = true;
      else states.add(stateWord(value));
    } else if (word === 'unused') unused = true;
    else if (word === 'proxy') none = true; // no entry of ours
    else if (word === 'master') master = words.master();
    else if (word === 'nomaster') master = '';
    else if (word === 'vrf') throw noVrf(words.value());
    else if (isPrefixOf(word, 'protocol') && word.length > 1) {
      const value = words.value();
      if (!PROTOS.some((p) => p === value) && !/^\d+$/.test(value)) throw wrong(value, 'invalid "protocol"');
      none ||= value !== 'unspec' && value !== '0';
    } else to = words.prefix(word === 'to' ? words.value() : word);
  }
  if (dev !== undefined) words.device(dev);
  if (words.options.family === 6) return 0;
  const { netlink } = words.context.kernel;
  // NOARP and NONE entries are shown only when asked for.
  const masterOf = (n: Neighbour): string => netlink.link(n.dev)?.master ?? '';
  // NTF_USED: whoever holds an entry keeps it from being unused; here only what is on its way does.
  const wanted = (n: Neighbour): boolean => !none && (master === undefined || masterOf(n) === master) && (!unused || n.state !== 'INCOMPLETE') && (dev === undefined || n.dev === dev) && (to === undefined || contains(to, n.ip))
    && (all || (states.size > 0 ? states.has(n.state) : flush ? n.state !== 'PERMANENT' && n.state !== 'NOARP' : n.state !== 'NOARP' && n.state !== 'NONE'));
  const shown = netlink.neighbours().filter(wanted);
  if (flush) {
    requireRoot(words.context);
    for (const n of shown) netlink.delNeighbour(n.dev, n.ip);
    return 0;
  }
  if (words.options.json) {
    words.print(jsonText(shown.map((n) => ({
      dst: formatIpv4(n.ip), ...(dev === undefined ? { dev: n.dev } : {}), ...(hasMac(n) ? { lladdr: formatMac(n.mac) } : {}),
      ...(words.options.statistics > 0 ? { used: Math.floor(n.used), confirmed: Math.floor(n.confirmed), updated: Math.floor(n.updated), probes: n.probes } : {}), state: [n.state],
    })), words.options));
    return 0;
  }
  if (words.options.brief) {
    for (const n of shown) words.print(`${formatIpv4(n.ip).padEnd(39)} ${dev === undefined ? `${n.dev.padEnd(16)} ` : ''}${hasMac(n) ? formatMac(n.mac) : ''}\n`);
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
  let proxy = false;
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') dev = words.value();
    else if (word === 'proxy') proxy = true;
    else {
      const value = word === 'to' ? words.value() : word;
      if (ip !== undefined) throw garbage('to', value);
      ip = addressWord(value, 'any valid');
    }
  }
  if (dev === undefined || ip === undefined) throw new Exit(1, 'Device and address are required arguments.\n');
  words.device(dev);
  if (proxy) throw new Exit(2, 'Error: Proxy neighbour entry not found.\n');
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
