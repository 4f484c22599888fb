/**
 * Read first: host(1).
 * Models: host of BIND 9.18: -t, a server as second word, search list; A, AAAA and MX when no type is given.
 * Not modelled: -v, -a, -l, -C.
 */
import { formatIpv4, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { dnsDataText, dnsTypeName, dnsTypeNumber, DNS_TYPES, NXDOMAIN, reverseName, type DnsRecord } from '../../../engine/wire/dns.ts';
import type { Command } from '../../host.ts';
import { candidates, resolverConfig } from '../../resolver/config.ts';
import { getopt, UsageError } from '../../text/getopt.ts';
import { serverAddresses } from '../dig/index.ts';
import { statusName } from '../dig/print.ts';
import { query } from '../dig/query.ts';

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -t specifies the query type
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
`;

const VERBS: Readonly<Record<number, string>> = { 1: 'has address', 28: 'has IPv6 address', 5: 'is an alias for', 12: 'domain name pointer', 15: 'mail is handled by', 2: 'name server', 33: 'has SRV record', 16: 'descriptive text', 6: 'has SOA record' };

const line = (r: DnsRecord): string => `${r.name} ${VERBS[r.type] ?? `has ${dnsTypeName(r.type)} record`} ${dnsDataText(r.data)}\n`;

export const host: Command = {
  name: 'host',
  models: 'host of BIND 9.18: names along the search list (A, AAAA, MX), addresses, -t TYPE, -W, server as second argument',
  notModelled: '-v, -a, -l, -C, -T',
  *run(context) {
    const { stdout, stderr, kernel } = context;
    let options;
    try {
      options = getopt(context.args.slice(1), { short: '4t:W:R:N:c:p:avdlCrTw' });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      stderr.write(`host: ${error.message.replace("'", '').replace("'", '')}\n${USAGE}`);
      return 1;
    }
    for (const letter of 'avdlCTw') {
      if (options.has(letter)) {
        stderr.write(`host: -${letter}: not modelled in this lab\n`);
        return 1;
      }
    }
    const [asked, server] = options.rest;
    if (asked === undefined) {
      stderr.write(USAGE);
      return 1;
    }
    const typeText = options.value('t');
    const type = typeText === undefined ? undefined : dnsTypeNumber(typeText);
    if (typeText !== undefined && type === undefined) {
      stderr.write(`host: invalid type: ${typeText}\n`);
      return 1;
    }
    const config = resolverConfig(context.host.fs);
    const servers = server === undefined ? config.nameservers : yield* serverAddresses(context, server);
    if (servers === undefined) {
      stderr.write(`host: couldn't get address for '${server ?? ''}': not found\n`);
      return 1;
    }
    if (server !== undefined) stdout.write(`Using domain server:\nName: ${server}\nAddress: ${servers.slice(0, 1).map(formatIpv4).join('')}#53\nAliases: \n\n`);
    const address = parseIpv4(asked);
    const names = address !== undefined ? [reverseName(address)] : candidates(asked, config);
    const types = type !== undefined ? [type] : address !== undefined ? [DNS_TYPES.PTR] : [DNS_TYPES.A, DNS_TYPES.AAAA, DNS_TYPES.MX];
    let found: string | undefined;
    for (const [i, t] of types.entries()) {
      for (const name of found === undefined ? names : [found]) {
        const reply = yield* query(kernel, { name, type: t }, {
          servers, port: 53, time: Number(options.value('W') ?? 5), tries: 2, tcp: false, edns: undefined, cookie: false, authenticData: false, recurse: true, complain: (text) => void stdout.write(`${text}\n`),
        });
        if (reply === undefined) {
          stdout.write(';; no servers could be reached\n');
          return 1;
        }
        const { message } = reply;
        if (message.rcode === NXDOMAIN && name !== names.at(-1)) continue;
        if (message.rcode !== 0) {
          stdout.write(`Host ${message.rcode === NXDOMAIN ? asked.replace(/\.$/, '') : name} not found: ${message.rcode}(${statusName(message.rcode)})\n`);
          return 1;
        }
        found = name;
        const shown = i === 0 ? message.answers : message.answers.filter((r) => r.type === t);
        stdout.write(shown.map(line).join(''));
        if (message.answers.length === 0 && type !== undefined) stdout.write(`${name} has no ${dnsTypeName(t)} record\n`);
        break;
      }
    }
    return 0;
  },
};
