/**
 * Read first: nslookup(1).
 * Models: nslookup of BIND 9.18, non-interactive: search list, A then AAAA, PTR for addresses, -type=, a server as second word.
 * Not modelled: interactive mode, other set options.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { dnsDataText, dnsTypeNumber, DNS_TYPES, NXDOMAIN, reverseName, type DnsRecord } from '../../../engine/wire/dns.ts';
import type { Command, Context } from '../../host.ts';
import { candidates, resolverConfig } from '../../resolver/config.ts';
import { addressesIn } from '../../resolver/lookup.ts';
import { serverAddresses } from '../dig/index.ts';
import { statusName } from '../dig/print.ts';
import { query, type Reply } from '../dig/query.ts';

const LABELS: Readonly<Record<number, string>> = { 2: 'nameserver', 5: 'canonical name', 12: 'name', 15: 'mail exchanger', 16: 'text', 33: 'service' };

function recordLine(r: DnsRecord): string {
  const d = r.data;
  if (d.kind === 'A' || d.kind === 'AAAA') return `Name:\t${r.name}\nAddress: ${dnsDataText(d)}\n`;
  if (d.kind === 'SOA') return `${r.name}\n\torigin = ${d.mname}\n\tmail addr = ${d.rname}\n\tserial = ${d.serial}\n\trefresh = ${d.refresh}\n\tretry = ${d.retry}\n\texpire = ${d.expire}\n\tminimum = ${d.minimum}\n`;
  return `${r.name}\t${LABELS[r.type] ?? `rdata_${r.type}`} = ${dnsDataText(d)}\n`;
}

class Session {
  readonly #context: Context;
  readonly #servers: readonly Ipv4[];
  readonly #quiet: boolean;

  constructor(context: Context, servers: readonly Ipv4[], quiet: boolean) {
    this.#context = context;
    this.#servers = servers;
    this.#quiet = quiet;
  }

  /** One name, one type; warnings as they come. */
  *ask(name: string, type: number): Program<Reply | undefined> {
    const { stdout, kernel } = this.#context;
    const reply = yield* query(kernel, { name, type }, {
      servers: this.#servers, port: 53, time: 5, tries: 3, tcp: false, edns: undefined, cookie: false, authenticData: false, recurse: true, complain: (line) => void stdout.write(`${line}\n`),
    });
    if (reply === undefined) return undefined;
    if (reply.message.rcode === 2) stdout.write(`;; Got SERVFAIL reply from ${formatIpv4(reply.from)}\n`);
    else if (!reply.message.recursionAvailable && !this.#quiet) stdout.write(`;; Got recursion not available from ${formatIpv4(reply.from)}\n`);
    return reply;
  }

  header(from: Ipv4): string {
    return `Server:\t\t${formatIpv4(from)}\nAddress:\t${formatIpv4(from)}#53\n\n`;
  }
}

function* forward(context: Context, session: Session, asked: string, types: readonly number[]): Program {
  const { stdout, host } = context;
  const names = candidates(asked, resolverConfig(host.fs));
  let reply: Reply | undefined;
  let tried = asked;
  for (const name of names) {
    tried = name;
    reply = yield* session.ask(name, types[0] ?? DNS_TYPES.A);
    if (reply === undefined) {
      stdout.write(';; no servers could be reached\n\n');
      return 1;
    }
    if (reply.message.rcode !== NXDOMAIN) break;
  }
  if (reply === undefined) return 1;
  const { message } = reply;
  stdout.write(session.header(reply.from));
  if (message.rcode !== 0) {
    stdout.write(`** server can't find ${tried}: ${statusName(message.rcode)}\n\n`);
    return 1;
  }
  if (message.answers.length > 0) stdout.write(`${message.authoritative ? '' : 'Non-authoritative answer:\n'}${message.answers.map(recordLine).join('')}`);
  let any = message.answers.length > 0;
  const [, second] = types;
  if (second !== undefined) {
    const more = yield* session.ask(addressesIn(message).canonical || tried, second);
    const found = more?.message.answers.filter((r) => r.type === second) ?? [];
    stdout.write(found.map(recordLine).join(''));
    any ||= found.length > 0;
  }
  stdout.write(any ? '\n' : `*** Can't find ${asked}: No answer\n\n`);
  return 0;
}

function* reverse(context: Context, session: Session, address: Ipv4): Program {
  const { stdout } = context;
  const name = reverseName(address);
  const reply = yield* session.ask(name, DNS_TYPES.PTR);
  if (reply === undefined) {
    stdout.write(';; no servers could be reached\n\n');
    return 1;
  }
  if (reply.message.rcode !== 0) {
    stdout.write(`** server can't find ${name}: ${statusName(reply.message.rcode)}\n\n`);
    return 1;
  }
  stdout.write(`${reply.message.authoritative ? '' : 'Non-authoritative answer:\n'}${reply.message.answers.map(recordLine).join('')}\n`);
  return 0;
}

export const nslookup: Command = {
  name: 'nslookup',
  models: 'nslookup of BIND 9.18: names along the search list, addresses (PTR), -type=TYPE, a server as second argument',
  notModelled: 'interactive mode, -debug, -port, -timeout',
  *run(context) {
    const words: string[] = [];
    let types: readonly number[] = [DNS_TYPES.A, DNS_TYPES.AAAA];
    for (const arg of context.args.slice(1)) {
      if (!arg.startsWith('-') || arg === '-') {
        words.push(arg);
        continue;
      }
      const type = /^-(?:type|querytype|query|q|ty)=(.+)$/i.exec(arg)?.[1];
      if (type !== undefined) {
        const number = dnsTypeNumber(type);
        if (number === undefined) context.stdout.write(`unknown query type: ${type}\n`);
        else types = [number];
      } else if (/^-(?:debug|d2|port|timeout|retry|vc|norecurse|search|nosearch)\b/.test(arg)) {
        context.stderr.write(`nslookup: ${arg}: not modelled in this lab\n`);
        return 1;
      } else context.stdout.write(`*** Invalid option: ${arg.slice(1)}\n`);
    }
    const [name, server] = words;
    if (name === undefined || name === '-') {
      context.stderr.write('nslookup: interactive mode is not modelled in this lab\n');
      return 1;
    }
    const servers = server === undefined ? resolverConfig(context.host.fs).nameservers : yield* serverAddresses(context, server);
    if (servers === undefined) {
      context.stderr.write(`nslookup: couldn't get address for '${server ?? ''}': not found\n`);
      return 1;
    }
    const session = new Session(context, servers, server !== undefined);
    const address = parseIpv4(name);
    return address === undefined ? yield* forward(context, session, name, types) : yield* reverse(context, session, address);
  },
};
