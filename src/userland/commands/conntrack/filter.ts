/** Read first: conntrack(8), PARAMETERS. Options to a test of entries. */
import { contains, parseCidr, prefix, type Prefix } from '../../../engine/wire/addresses.ts';
import type { CtEntry } from '../../../engine/uapi/netfilter.ts';
import { Exit, NOT_MODELLED } from '../kit.ts';
import { PROTOCOLS } from './entry-text.ts';

export const VERSION = 'v1.4.6';
export const problem = (text: string): Exit => new Exit(2, `conntrack ${VERSION} (conntrack-tools): ${text}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`);

/** Short letter, long names, whether it takes a value (`?`: an optional one). */
const OPTIONS: readonly (readonly [string, readonly string[], boolean | '?'])[] = [
  ['L', ['dump'], '?'], ['G', ['get'], '?'], ['D', ['delete'], '?'], ['I', ['create'], '?'], ['U', ['update'], '?'], ['E', ['event'], '?'], ['F', ['flush'], '?'], ['C', ['count'], '?'], ['S', ['stats'], '?'], ['V', ['version'], false], ['h', ['help'], false],
  ['s', ['orig-src', 'src'], true], ['d', ['orig-dst', 'dst'], true], ['r', ['reply-src'], true], ['q', ['reply-dst'], true], ['p', ['protonum', 'proto'], true], ['f', ['family'], true], ['t', ['timeout'], true], ['u', ['status'], true],
  ['e', ['event-mask'], true], ['z', ['zero'], false], ['n', ['src-nat'], '?'], ['g', ['dst-nat'], '?'], ['j', ['any-nat'], '?'], ['m', ['mark'], true], ['o', ['output'], true], ['w', ['zone'], true], ['b', ['buffer-size'], true], ['l', ['label'], true],
  ['sport', ['sport', 'orig-port-src'], true], ['dport', ['dport', 'orig-port-dst'], true], ['rsport', ['reply-port-src'], true], ['rdport', ['reply-port-dst'], true], ['state', ['state'], true], ['icmp-type', ['icmp-type'], true], ['icmp-code', ['icmp-code'], true], ['icmp-id', ['icmp-id'], true],
];

/** Options of a protocol are known only after -p. */
const OF_PROTOCOL: Readonly<Record<string, readonly number[]>> = {
  sport: [6, 17, 132, 33, 136], dport: [6, 17, 132, 33, 136], rsport: [6, 17, 132, 33, 136], rdport: [6, 17, 132, 33, 136], state: [6, 132], 'icmp-type': [1], 'icmp-code': [1], 'icmp-id': [1],
};

export type Given = ReadonlyMap<string, string>;

export function readOptions(args: readonly string[]): Given {
  const given = new Map<string, string>();
  const protocol = protocolOf(args);
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    let entry: (typeof OPTIONS)[number] | undefined;
    let glued = '';
    if (word.startsWith('--')) {
      const cut = word.indexOf('=');
      const name = cut < 0 ? word.slice(2) : word.slice(2, cut);
      const found = OPTIONS.filter(([, names]) => names.includes(name));
      const abbreviated = found.length > 0 ? found : OPTIONS.filter(([, names]) => names.some((n) => name.length > 2 && n.startsWith(name)));
      entry = abbreviated[0];
      glued = cut < 0 ? '' : word.slice(cut + 1);
    } else if (word.startsWith('-') && word.length > 1) {
      entry = OPTIONS.find(([letter]) => letter === word.charAt(1));
      glued = word.slice(2);
      if (entry !== undefined && given.has(entry[0]) && 'LGDIUEFCSV'.includes(entry[0])) throw problem('Invalid commands combination');
      if (entry !== undefined && entry[2] === false && glued !== '') throw problem(`unknown option \`-${glued.charAt(0)}'`);
    } else continue; // getopt moves it behind all options, and nobody looks there
    if (entry === undefined) throw problem(`unknown option \`${word}'`);
    const [key, , takes] = entry;
    const only = OF_PROTOCOL[key];
    if (only !== undefined && (protocol === undefined || !only.includes(protocol))) throw problem(`unknown option \`${word}'`);
    if (takes === false) given.set(key, '');
    else if (glued !== '') given.set(key, glued);
    else if (takes === '?') given.set(key, args[i + 1] !== undefined && !(args[i + 1] ?? '').startsWith('-') ? args[++i] ?? '' : '');
    else {
      const value = args[++i];
      if (value === undefined) throw problem(`option \`${word}' requires an argument`);
      given.set(key, value);
    }
  }
  return given;
}

function protocolOf(args: readonly string[]): number | undefined {
  const at = args.findIndex((a) => a === '-p' || a === '--protonum' || a === '--proto');
  const text = at >= 0 ? args[at + 1] : args.find((a) => /^-p\w/.test(a))?.slice(2);
  return text === undefined ? undefined : protocolNumber(text);
}

export function protocolNumber(text: string): number | undefined {
  const named = Object.entries(PROTOCOLS).find(([, name]) => name === text.toLowerCase())?.[0];
  if (named !== undefined) return Number(named);
  return /^\d+$/.test(text) && Number(text) < 256 ? Number(text) : undefined;
}

const TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'LISTEN', 'SYN_SENT2'];

function network(text: string): Prefix {
  const parsed = parseCidr(text);
  if (parsed === undefined && /\/(?:3[3-9]|[4-9]\d|\d{3,})$/.test(text)) throw problem('Invalid netmask');
  if (parsed === undefined) throw problem(`Invalid IP address \`${text}'`);
  return prefix(parsed.address, parsed.length);
}

/** Whether an entry passes every filter that was given. */
export function entryFilter(given: Given, check: (output: string) => void): (e: CtEntry) => boolean {
  const readers = new Map<string, (value: string) => (e: CtEntry) => boolean>();
  const on = (key: string, make: (value: string) => (e: CtEntry) => boolean): void => void readers.set(key, make);
  on('o', (text) => {
    check(text);
    return () => true;
  });
  on('p', (text) => {
    const n = protocolNumber(text);
    if (n === undefined) throw problem(`\`${text}' unsupported protocol`);
    return (e) => e.original.protocol === n;
  });
  on('f', (text) => {
    if (text !== 'ipv4' && text !== 'ipv6') throw problem(`\`${text}' unsupported protocol`);
    return () => text === 'ipv4';
  });
  const address = (key: string, pick: (e: CtEntry) => CtEntry['original']['src']): void => on(key, (text) => {
    if ((key === 'r' || key === 'q') && text.includes('/')) throw problem(`CIDR notation unavailable for \`--reply-${key === 'r' ? 'src' : 'dst'}'`);
    const net = network(text);
    return (e) => contains(net, pick(e));
  });
  address('s', (e) => e.original.src);
  address('d', (e) => e.original.dst);
  address('r', (e) => e.reply.src);
  address('q', (e) => e.reply.dst);
  const port = (key: string, pick: (e: CtEntry) => number): void => on(key, (text) => {
    // atoi: what is no number is nought.
    return (e) => pick(e) === Number(/^\d*/.exec(text)?.[0] ?? 0);
  });
  port('sport', (e) => e.original.sport);
  port('dport', (e) => e.original.dport);
  port('rsport', (e) => e.reply.sport);
  port('rdport', (e) => e.reply.dport);
  port('icmp-type', (e) => e.original.icmpType ?? -1);
  port('icmp-code', (e) => e.original.icmpCode ?? -1);
  port('icmp-id', (e) => e.original.sport);
  on('state', (text) => {
    if (given.get('p') !== 'sctp' && !TCP_STATES.includes(text)) throw problem(`unknown TCP state \`${text}'`);
    return (e) => e.state === text;
  });
  on('m', (text) => {
    const [mark = '', mask] = text.split('/');
    const m = mask === undefined ? 0xffffffff : Number(mask);
    return (e) => ((e.mark & m) >>> 0) === ((Number(mark) & m) >>> 0);
  });
  on('w', (text) => (e) => e.zone === Number(text));
  on('u', (text) => {
    const wanted = text.toUpperCase().split(',');
    for (const w of wanted) if (!['ASSURED', 'SEEN_REPLY', 'UNSET', 'SRC_NAT', 'DST_NAT', 'FIXED_TIMEOUT', 'UNREPLIED', 'CONFIRMED', 'OFFLOAD', 'HW_OFFLOAD'].includes(w)) throw problem(`Bad parameter \`${text}'`);
    return (e) => wanted.every((w) => (w === 'ASSURED' ? e.assured : w === 'SEEN_REPLY' ? e.seenReply : w === 'UNREPLIED' ? !e.seenReply : w === 'SRC_NAT' ? e.srcNat : w === 'DST_NAT' ? e.dstNat : w === 'CONFIRMED'));
  });
  const nat = (key: string, test: (e: CtEntry, net: Prefix | undefined) => boolean): void => on(key, (text) => {
    const net = text === '' ? undefined : network(text.split(':')[0] ?? '');
    return (e) => test(e, net);
  });
  // The translated address is the other side's in the reply tuple.
  const source = (e: CtEntry, net: Prefix | undefined): boolean => e.srcNat && (net === undefined || contains(net, e.reply.dst));
  const target = (e: CtEntry, net: Prefix | undefined): boolean => e.dstNat && (net === undefined || contains(net, e.reply.src));
  nat('n', source);
  nat('g', target);
  nat('j', (e, net) => source(e, net) || target(e, net));
  for (const key of ['l', 'z']) if (given.has(key)) throw new Exit(2, `conntrack: -${key} is ${NOT_MODELLED}\n`);
  // In the order of the command line: the first wrong one is told.
  const tests = [...given].flatMap(([key, value]) => readers.get(key)?.(value) ?? []);
  return (e) => tests.every((t) => t(e));
}
