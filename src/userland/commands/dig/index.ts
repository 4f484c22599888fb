/**
 * Read first: dig(1).
 * Models: dig 9.18.26: @server, -x, -p, -t, -q, types, +short +noall +answer … +search +tcp +time +tries +bufsize +noedns.
 * Not modelled: +trace, DNSSEC, +multiline, batch files, IPv6.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { dnsDataText, NXDOMAIN } from '../../../engine/wire/dns.ts';
import type { Command, Context } from '../../host.ts';
import { candidates, resolverConfig } from '../../resolver/config.ts';
import { libraryOf, lookup } from '../../resolver/lookup.ts';
import { parseDig, type Lookup } from './options.ts';
import { replyText } from './print.ts';
import { query, type Reply } from './query.ts';

/** Addresses of @server; undefined: it has none. */
export function* serverAddresses(context: Context, name: string): Program<readonly Ipv4[] | undefined> {
  const literal = parseIpv4(name);
  if (literal !== undefined) return [literal];
  const found = yield* lookup(context.kernel, context.host.fs, name, { library: libraryOf(context.host.fs) });
  return found.ok ? found.value.addresses : undefined;
}

function* one(context: Context, l: Lookup, banner: string): Program {
  const { stdout, stderr, kernel, host } = context;
  const config = resolverConfig(host.fs);
  const servers = l.server === undefined ? config.nameservers : yield* serverAddresses(context, l.server);
  if (servers === undefined) {
    stderr.write(`dig: couldn't get address for '${l.server ?? ''}': not found\n`);
    return 1;
  }
  const { flags } = l;
  const names = flags.search ? candidates(l.name, { search: config.search, ndots: flags.ndots ?? config.ndots }) : [l.name.replace(/\.$/, '')];
  let reply: Reply | undefined;
  for (const name of names) {
    reply = yield* query(kernel, { name, type: l.type }, {
      servers, port: flags.port, time: flags.time, tries: flags.tries, tcp: flags.tcp, edns: flags.edns ? flags.bufsize : undefined, cookie: flags.edns && flags.cookie, authenticData: flags.adflag, recurse: flags.recurse,
      complain: (line) => void stdout.write(`${line}\n`),
    });
    if (reply === undefined || (reply.message.rcode !== NXDOMAIN && (reply.message.answers.length > 0 || reply.message.rcode !== 0))) break;
  }
  const head = flags.cmd ? `\n; <<>> DiG 9.18.26 <<>> ${banner}\n${l.server === undefined ? '' : `; (${servers.length} server${servers.length === 1 ? '' : 's'} found)\n`};; global options: +cmd\n` : '';
  if (reply === undefined) {
    stdout.write(`${head};; no servers could be reached\n`);
    return 9;
  }
  if (flags.short) for (const r of reply.message.answers) stdout.write(`${dnsDataText(r.data)}\n`);
  else stdout.write(head + replyText(reply, flags, kernel.clock.wallMillis(), flags.port));
  return 0;
}

export const dig: Command = {
  name: 'dig',
  models: 'dig 9.18: @server, -x, -p, -t, -q, record types, +short, +noall and sections, +search, +tcp, +time, +tries, +bufsize, +noedns',
  notModelled: '+trace, DNSSEC, +multiline, -f, IPv6',
  complete: () => ['+short', '+noall', '+answer', '+search', '+tcp', '-x'],
  *run(context) {
    const options = parseDig(context.args.slice(1));
    if (!options.ok) {
      (options.error.code === 0 ? context.stdout : context.stderr).write(options.error.text);
      return options.error.code;
    }
    let code = 0;
    let first = true;
    for (const l of options.value.lookups) {
      const ended = yield* one(context, first ? l : { ...l, flags: { ...l.flags, cmd: false } }, options.value.words);
      first = false;
      if (ended !== 0) code = ended;
    }
    return code;
  },
};
