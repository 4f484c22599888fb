/** Read first: nft(8). The nf_tables view of iptables-nft's tables: list, monitor trace. Not modelled: adding rules, sets, other families. */
import type { TableName, HookName } from '../../../engine/trace/steps.ts';
import { WaitQueue } from '../../../engine/sim/process.ts';
import type { ChainDump, TableDump } from '../../../engine/uapi/netfilter.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { isTable } from '../iptables/tables.ts';
import { SignalError } from '../../../engine/sim/process.ts';

const TYPES: Readonly<Record<TableName, (hook: HookName) => string>> = {
  raw: () => 'filter', mangle: (hook) => (hook === 'OUTPUT' ? 'route' : 'filter'), nat: () => 'nat', filter: () => 'filter', security: () => 'filter',
};
const PRIORITIES: Readonly<Record<TableName, (hook: HookName) => string>> = {
  raw: () => 'raw', mangle: () => 'mangle', filter: () => 'filter', security: () => 'security',
  nat: (hook) => (hook === 'PREROUTING' ? 'dstnat' : hook === 'POSTROUTING' ? 'srcnat' : hook === 'OUTPUT' ? '-100' : '100'),
};

export const nft: Command = {
  name: 'nft', models: 'list ruleset, tables, table, chain, chains (with -a), monitor trace', notModelled: 'changes through nft: use iptables; sets; other families',
  complete: () => ['list', 'ruleset', 'tables', 'table', 'chain', 'chains', 'monitor', 'trace', 'ip'],
  *run(context) {
    return yield* catching(context, main(context));
  },
};

function* main(context: Context) {
  const words = context.args.slice(1).join(' ').split(/\s+/).filter((w) => w !== '');
  let handles = false;
  while (words[0]?.startsWith('-') === true) {
    const option = words.shift() ?? '';
    if (option === '-v' || option === '--version') {
      print(context, 'nftables v1.0.2 (Lester Gooch)\n');
      return 0;
    }
    if (/^-[anjs]+$/.test(option)) {
      handles ||= option.includes('a');
      if (option.includes('j')) throw new Exit(1, `nft: -j is ${NOT_MODELLED}\n`);
    } else if (option === '--handle') handles = true;
    else throw new Exit(1, `nft: invalid option -- '${option.replace(/^-+/, '')}'\n`);
  }
  const line = words.join(' ');
  const [verb, what, ...rest] = words;
  if (verb === undefined) throw new Exit(1, 'nft: no command specified\n');
  if (context.user !== 'root') throw new Exit(1, 'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n');
  if (verb === 'monitor') return yield* monitor(context, line, what);
  if (['add', 'create', 'insert', 'delete', 'replace', 'flush', 'rename', 'reset', 'destroy'].includes(verb)) throw new Exit(1, `Error: nft ${verb} is ${NOT_MODELLED}; change rules with iptables\n${line}\n${'^'.repeat(line.length)}\n`);
  if (verb !== 'list') throw new Exit(1, `Error: syntax error, unexpected ${words.length > 1 ? 'string' : 'newline'}, expecting string\n${line}\n${' '.repeat(line.length)}^\n`);
  const { netfilter } = context.kernel;
  const family = /^(ip|ip6|inet|arp|bridge|netdev)$/.test(rest[0] ?? '') ? rest.shift() : undefined;
  switch (what) {
    case 'tables':
      for (const table of netfilter.tables()) print(context, `table ip ${table}\n`);
      return 0;
    case 'ruleset':
      for (const table of netfilter.tables()) table_(context, netfilter.dump(table), () => true, handles);
      return 0;
    case 'chains':
      for (const table of netfilter.tables()) {
        const dump = netfilter.dump(table);
        if (dump === undefined) continue;
        print(context, `table ip ${table} {\n${inCreation(dump).map((c) => `\tchain ${c.name} {\n${baseLine(table, c)}\t}\n`).join('')}}\n`);
      }
      return 0;
    case 'table': case 'chain': {
      const [name, chain] = rest;
      if (name === undefined) throw new Exit(1, `Error: syntax error, unexpected newline, expecting string\n${line}\n${' '.repeat(line.length)}^\n`);
      if (what === 'chain' && chain === undefined) throw new Exit(1, `Error: syntax error, unexpected newline, expecting string\n${line}\n${' '.repeat(line.length)}^\n`);
      const dump = (family === undefined || family === 'ip') && isTable(name) ? netfilter.dump(name) : undefined;
      const missing = (word: string): Exit => new Exit(1, `Error: No such file or directory\n${line}\n${' '.repeat(line.lastIndexOf(word))}${'^'.repeat(word.length)}\n`);
      if (dump === undefined) throw missing(name);
      if (what === 'chain' && !dump.chains.some((c) => c.name === chain)) throw missing(chain ?? name);
      table_(context, dump, (c) => what === 'table' || c.name === chain, handles);
      return 0;
    }
    case undefined: throw new Exit(1, `Error: syntax error, unexpected newline\n${line}\n${' '.repeat(line.length)}^\n`);
    case 'sets': case 'maps':
      for (const table of netfilter.tables()) print(context, `table ip ${table} {\n}\n`);
      return 0;
    case 'counters': return 0;
    case 'set': case 'map': case 'flowtables': case 'hooks': throw new Exit(1, `Error: nft list ${what} is ${NOT_MODELLED}\n`);
    default: throw new Exit(1, `Error: syntax error, unexpected string\n${line}\n${' '.repeat(line.indexOf(what))}${'^'.repeat(what.length)}\n`);
  }
}

const inCreation = (dump: TableDump): readonly ChainDump[] => dump.created.flatMap((name) => dump.chains.filter((c) => c.name === name));

const baseLine = (table: TableName, c: ChainDump): string =>
  c.hook === undefined ? '' : `\t\ttype ${TYPES[table](c.hook)} hook ${c.hook.toLowerCase()} priority ${PRIORITIES[table](c.hook)}; policy ${(c.policy ?? 'ACCEPT').toLowerCase()};\n`;

function table_(context: Context, dump: TableDump | undefined, wanted: (c: ChainDump) => boolean, handles: boolean): void {
  if (dump === undefined) return;
  const chains = inCreation(dump).filter(wanted).map((c) => `\tchain ${c.name} {${handles && c.handle !== undefined ? ` # handle ${c.handle}` : ''}\n${baseLine(dump.table, c)}${c.rules.map((r) => `\t\t${r.nft}${handles ? ` # handle ${r.handle}` : ''}\n`).join('')}\t}\n`);
  print(context, `table ip ${dump.table} {\n${chains.join('\n')}}\n`);
}

function* monitor(context: Context, line: string, what: string | undefined) {
  if (what !== 'trace') {
    if (what === undefined || ['new', 'destroy', 'rules', 'ruleset', 'tables', 'chains'].includes(what)) throw new Exit(1, `Error: nft monitor ${what ?? ''} is ${NOT_MODELLED}; nft monitor trace is\n`);
    throw new Exit(1, `Error: invalid event ${what}\n${line}\n${' '.repeat(line.indexOf(what))}${'^'.repeat(what.length)}\n`);
  }
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
