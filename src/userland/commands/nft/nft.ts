/** Read first: nft(8). The nf_tables view of iptables-nft's tables: list (list.ts), small changes (change.ts), monitor trace. Not modelled: rules and tables of one's own, sets, -j, -f, other families (they are empty). */
import { SignalError, WaitQueue } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, pathOf, print } from '../kit.ts';
import { change, isVerb } from './change.ts';
import { NFT_HELP } from './help.ts';
import { list, type Look } from './list.ts';
import { Reader, unexpectedWord } from './reader.ts';

const RESETTABLE = 'counter or counters or quotas or quota';
const VERSION = 'nftables v1.0.2 (Lester Gooch)\n';

export const nft: Command = {
  name: 'nft', models: 'list ruleset, tables, table, chain, chains (-a -n -s -y), add, delete, rename and flush of chains, delete rule by handle, monitor trace', notModelled: 'rules and tables added through nft: use iptables; sets; -j; -f; other families',
  complete: () => ['list', 'ruleset', 'tables', 'table', 'chain', 'chains', 'monitor', 'trace', 'ip', 'flush', 'delete', 'rule', 'handle'],
  *run(context) {
    return yield* catching(context, main(context));
  },
};

const LONG = {
  help: 'h', version: 'v', handle: 'a', stateless: 's', terse: 't', service: 'S', reversedns: 'N', guid: 'u', numeric: 'n', 'numeric-priority': 'y', 'numeric-protocol': 'p', 'numeric-time': 'T', json: 'j', check: 'c', echo: 'e', optimize: 'o', interactive: 'i', file: 'f:', debug: 'd:',
  define: 'D:', includepath: 'I:',
} as const;

function* main(context: Context) {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), { short: 'hvVcf:D:iI:jvnsNaeSupypTtd:o', long: LONG, stopAtOperand: true });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(1, `nft: ${error.message}\n`);
    throw error;
  }
  const has = (letter: string): boolean => options.has(letter);
  if (has('h')) {
    print(context, NFT_HELP);
    return 0;
  }
  if (has('v') || has('V')) {
    print(context, has('v') ? VERSION : `${VERSION}  cli:\t\teditline\n  json:\t\tyes\n  minigmp:\tno\n  libxtables:\tyes\n`);
    return 0;
  }
  if (has('D') && !has('f')) throw new Exit(1, 'Error: -D/--define can only be used with -f/--filename\n');
  const file = options.value('f');
  if (file !== undefined && file !== '-' && !context.host.fs.read(pathOf(context, file)).ok) throw new Exit(1, `internal:0:0-0: Error: Could not open file "${file}": ${STRERROR.ENOENT}\n\n\n`);
  for (const letter of ['j', 'f', 'i', 'd'] as const) if (has(letter)) throw new Exit(1, `nft: -${letter} is ${NOT_MODELLED}\n`);
  const text = options.rest.join(' ').trim();
  if (text === '') throw new Exit(1, 'nft: no command specified\n');
  if (context.user !== 'root') throw new Exit(1, 'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n');
  const look = { handles: has('a'), stateless: has('s'), numericPriority: has('n') || has('y'), numericProtocol: has('n') || has('p') };
  for (const part of text.split(';').map((p) => p.trim()).filter((p) => p !== '')) {
    const reader = new Reader(part.split(/\s+/));
    if (reader.peek() === 'monitor') {
      reader.take();
      return yield* monitor(context, reader);
    }
    command(context, reader, look, has('c'));
  }
  return 0;
}

function command(context: Context, reader: Reader, look: Look, check: boolean): void {
  const { netfilter } = context.kernel;
  const verb = reader.take() ?? '';
  if (verb === 'list') {
    print(context, list(reader, netfilter, look));
    return;
  }
  if (isVerb(verb)) {
    for (const request of change(verb, reader, netfilter)) {
      const done = check ? undefined : netfilter.command(request);
      if (done?.ok === false) throw new Exit(1, `Error: ${done.error.message}\n`);
    }
    return;
  }
  if (verb === 'export' || verb === 'import') throw reader.unexpected('ruleset or xml or json or vm');
  if (verb === 'reset') {
    const what = reader.take();
    if (what === undefined) throw reader.unexpected(RESETTABLE);
    if (!['counter', 'counters', 'quota', 'quotas'].includes(what)) throw reader.syntax(unexpectedWord(what), RESETTABLE);
    if (what.endsWith('s')) return; // iptables makes no named ones
  }
  if (verb === 'describe' && reader.done) throw reader.unexpected();
  if (verb === 'reset' || verb === 'describe') throw new Exit(1, `Error: nft ${verb} is ${NOT_MODELLED}\n`);
  // Any other word is the table of a rule to add.
  if (reader.done) throw reader.unexpected('string');
  const next = reader.take() ?? '';
  if (unexpectedWord(next) !== 'unexpected string') throw reader.syntax(unexpectedWord(next), 'string');
  if (reader.done) throw reader.unexpected();
  throw new Exit(1, `Error: nft add rule is ${NOT_MODELLED}; iptables is\n`);
}

function* monitor(context: Context, reader: Reader) {
  const what = reader.take();
  if (what !== 'trace') {
    if (what === undefined || ['new', 'destroy', 'rules', 'ruleset', 'tables', 'chains'].includes(what)) throw new Exit(1, `Error: nft monitor ${what ?? ''} is ${NOT_MODELLED}; nft monitor trace is\n`);
    throw reader.about(`invalid event ${what}`, 1);
  }
  reader.end();
  const lines: string[] = [];
  const woken = new WaitQueue();
  const stop = context.kernel.netfilter.traceSubscribe((event) => {
    lines.push(event.text);
    woken.wake();
  });
  try {
    for (;;) {
      for (const text of lines.splice(0)) print(context, `${text}\n`);
      yield { on: [woken] };
    }
  } catch (error) {
    if (error instanceof SignalError && error.signal === 'SIGINT') return 0;
    throw error;
  } finally {
    stop();
  }
}
