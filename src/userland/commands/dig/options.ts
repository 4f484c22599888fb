/** Models: the command line of dig 9.18. */
import { err, ok, type Result } from '../../../base/result.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import { dnsTypeNumber, DNS_TYPES, reverseName } from '../../../engine/wire/dns.ts';

export interface Lookup {
  readonly name: string;
  readonly type: number;
  readonly server: string | undefined;
  readonly flags: Flags;
}

export interface Flags {
  readonly short: boolean;
  readonly comments: boolean;
  readonly question: boolean;
  readonly answer: boolean;
  readonly authority: boolean;
  readonly additional: boolean;
  readonly stats: boolean;
  readonly cmd: boolean;
  readonly edns: boolean;
  readonly cookie: boolean;
  readonly adflag: boolean;
  readonly recurse: boolean;
  readonly search: boolean;
  readonly tcp: boolean;
  readonly bufsize: number;
  readonly time: number;
  readonly tries: number;
  readonly ndots: number | undefined;
  readonly port: number;
}

const DEFAULTS: Flags = {
  short: false, comments: true, question: true, answer: true, authority: true, additional: true, stats: true, cmd: true, edns: true, cookie: true, adflag: true, recurse: true, search: false, tcp: false,
  bufsize: 1232, time: 5, tries: 3, ndots: undefined, port: 53,
};

const ALIASES: Readonly<Record<string, keyof Flags>> = { rec: 'recurse', rdflag: 'recurse', vc: 'tcp', ad: 'adflag' };
const ABSENT = new Set(['trace', 'nssearch', 'multiline', 'dnssec', 'do', 'subnet', 'https', 'tls', 'yaml', 'identify', 'qr', 'besteffort', 'ttlunits', 'ttlid', 'class', 'crypto', 'rrcomments', 'onesoa', 'split', 'ignore', 'fail', 'cd', 'cdflag', 'keepopen', 'expandaaaa']);

const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;

/** One + option on flags; text: why not. */
function plus(flags: Flags, word: string): Flags | string {
  const [full = '', value] = word.slice(1).split('=');
  const on = !full.startsWith('no') || full === 'noall' ? true : false;
  const bare = on ? full : full.slice(2);
  if (full === 'all' || full === 'noall') {
    const all = full === 'all';
    return { ...flags, comments: all, question: all, answer: all, authority: all, additional: all, stats: all, cmd: all ? flags.cmd : false };
  }
  if (ABSENT.has(bare)) return `;; +${full}: not modelled in this lab`;
  const name = ALIASES[bare] ?? bare;
  switch (name) {
    case 'short': return { ...flags, short: on, ...(on ? { comments: false, question: false, authority: false, additional: false, stats: false, cmd: false } : {}) };
    case 'comments': case 'question': case 'answer': case 'authority': case 'additional': case 'stats': case 'cmd': case 'edns': case 'cookie': case 'adflag': case 'recurse': case 'search': case 'tcp':
      return { ...flags, [name]: on };
    case 'bufsize': case 'time': case 'tries': case 'retry': case 'ndots': case 'timeout': {
      if (value === undefined || !/^\d+$/.test(value)) return `Couldn't parse ${bare === 'bufsize' ? 'buffer size' : bare} '${value ?? ''}': not a valid number`;
      const n = Number(value);
      if (name === 'bufsize') return { ...flags, bufsize: n, edns: n > 0 };
      if (name === 'ndots') return { ...flags, ndots: n };
      if (name === 'retry') return { ...flags, tries: n + 1 };
      if (name === 'tries') return { ...flags, tries: Math.max(1, n) };
      return { ...flags, time: Math.max(1, n) };
    }
    default: return `Invalid option: ${word}\n${USAGE}`;
  }
}

export interface DigOptions {
  readonly lookups: readonly Lookup[];
  /** The words of the first lookup as the banner repeats them. */
  readonly words: string;
}

/** `stdout`: for -v and -h. */
export function parseDig(args: readonly string[]): Result<DigOptions, { readonly text: string; readonly code: number }> {
  let global = DEFAULTS;
  let server: string | undefined;
  const lookups: { name: string; type: number; server: string | undefined; flags: Flags; typed: boolean }[] = [];
  let pendingType: number | undefined;
  const fail = (text: string, code = 1): { readonly ok: false; readonly error: { text: string; code: number } } => err({ text: `${text}\n`, code });
  const current = (): (typeof lookups)[number] | undefined => lookups.at(-1);
  const setType = (type: number): void => {
    const last = current();
    if (last === undefined) pendingType = type;
    else {
      last.type = type;
      last.typed = true;
    }
  };
  const add = (name: string, type?: number): void => {
    lookups.push({ name: name === '.' ? '' : name, type: type ?? pendingType ?? DNS_TYPES.A, server, flags: global, typed: type !== undefined || pendingType !== undefined });
    pendingType = undefined;
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word.startsWith('@')) {
      server = word.slice(1);
      const last = current();
      if (last !== undefined) last.server = server;
    } else if (word.startsWith('+')) {
      const last = current();
      const next = plus(last?.flags ?? global, word);
      if (typeof next === 'string') return err({ text: next.endsWith('\n') ? next : `${next}\n`, code: 1 });
      if (last === undefined) global = next;
      else {
        last.flags = next;
        if (lookups.length === 1) global = next;
        // short_form is one for all.
        if (/^\+(no)?short$/.test(word)) for (const l of lookups) l.flags = next;
      }
    } else if (word.startsWith('-') && word.length > 1) {
      const letter = word.charAt(1);
      if (letter === '4' || letter === 'u' || letter === 'r') continue;
      if (letter === 'v') return err({ text: 'DiG 9.18.26\n', code: 0 });
      if (letter === 'h') return err({ text: USAGE, code: 0 });
      if (!'xptqcbfkym6'.includes(letter)) return err({ text: `Invalid option: ${word}\n${USAGE}`, code: 1 });
      const value = word.length > 2 ? word.slice(2) : args[++i];
      if (value === undefined) return err({ text: `Invalid option: ${word}\n${USAGE}`, code: 1 });
      if (letter === 'x') {
        const address = parseIpv4(value);
        if (address === undefined) return fail(`dig: bad address ${value}: not modelled in this lab`);
        add(reverseName(address), DNS_TYPES.PTR);
      } else if (letter === 'p') {
        if (!/^\d+$/.test(value) || Number(value) > 65535) return fail(`Couldn't parse port number '${value}': not a valid number`);
        global = { ...global, port: Number(value) };
        for (const l of lookups) l.flags = { ...l.flags, port: Number(value) };
      } else if (letter === 't') {
        const type = dnsTypeNumber(value);
        if (type === undefined) return fail(`;; Warning, ignoring invalid type ${value}`);
        setType(type);
      } else if (letter === 'q') add(value);
      else if (letter === 'c') continue;
      else return fail(`dig: -${letter}: not modelled in this lab`);
    } else {
      const type = dnsTypeNumber(word);
      if (type !== undefined && !(current()?.typed ?? pendingType !== undefined)) setType(type);
      else if (/^(IN|CH|HS)$/i.test(word)) continue;
      else add(word);
    }
  }
  // `dig` alone asks for the root's name servers.
  if (lookups.length === 0) add('.', pendingType ?? DNS_TYPES.NS);
  return ok({ lookups: lookups.map(({ name, type, server: s, flags }) => ({ name, type, server: s, flags })), words: args.join(' ') });
}
