/** `nft list …`: the tables that iptables made, as nft prints them. */
import type { TableName, HookName } from '../../../engine/trace/steps.ts';
import type { ChainDump, Netfilter, TableDump } from '../../../engine/uapi/netfilter.ts';
import { Exit, NOT_MODELLED } from '../kit.ts';
import { isTable } from '../iptables/tables.ts';
import { unexpectedWord, type Family, type Reader } from './reader.ts';

export interface Look {
  readonly handles: boolean;
  readonly stateless: boolean;
  readonly numericPriority: boolean;
  readonly numericProtocol: boolean;
}

const TYPES: Readonly<Record<TableName, (hook: HookName) => string>> = {
  raw: () => 'filter', mangle: (hook) => (hook === 'OUTPUT' ? 'route' : 'filter'), nat: () => 'nat', filter: () => 'filter', security: () => 'filter',
};
const PRIORITIES: Readonly<Record<TableName, (hook: HookName) => string>> = {
  raw: () => 'raw', mangle: () => 'mangle', filter: () => 'filter', security: () => 'security',
  nat: (hook) => (hook === 'PREROUTING' ? 'dstnat' : hook === 'POSTROUTING' ? 'srcnat' : hook === 'OUTPUT' ? '-100' : '100'),
};
/** linux/netfilter_ipv4.h */
const PRIORITY_NUMBERS: Readonly<Record<string, string>> = { raw: '-300', mangle: '-150', filter: '0', security: '50', dstnat: '-100', srcnat: '100' };
const PROTOCOL_NUMBERS: Readonly<Record<string, string>> = { icmp: '1', tcp: '6', udp: '17', gre: '47', esp: '50', ah: '51', sctp: '132' };

/** Kinds of objects that iptables never makes: their lists show no more than the tables, or nothing. */
const EMPTY_PER_TABLE = ['sets', 'maps', 'meters', 'flowtables'];
const EMPTY = ['counters', 'quotas', 'limits', 'secmarks', 'synproxys'];
const SINGLE = ['set', 'map', 'meter', 'flowtable', 'counter', 'quota', 'limit', 'secmark', 'synproxy'];

export const isOurs = (family: Family | undefined): boolean => family === undefined || family === 'ip';

export function list(reader: Reader, netfilter: Netfilter, look: Look): string {
  const what = reader.take();
  if (what === undefined) throw reader.unexpected();
  if (SINGLE.includes(what)) {
    const family = reader.family();
    const table = reader.name();
    const name = reader.name();
    reader.end();
    throw reader.about('No such file or directory', isOurs(family) && isTable(table) && netfilter.dump(table) !== undefined && name !== '' ? 1 : 2);
  }
  if (what === 'table' || what === 'chain') {
    const family = reader.family();
    const table = reader.name();
    const chain = what === 'chain' ? reader.name() : undefined;
    reader.end();
    const dump = isOurs(family) && isTable(table) ? netfilter.dump(table) : undefined;
    if (dump === undefined) throw reader.about('No such file or directory', chain === undefined ? 1 : 2);
    if (chain !== undefined && !dump.created.includes(chain)) throw reader.about('No such file or directory', 1);
    return tableText(dump, (c) => chain === undefined || c.name === chain, look, chain === undefined ? numberOf(netfilter, dump.table) : undefined);
  }
  if (!['tables', 'ruleset', 'chains', ...EMPTY_PER_TABLE, ...EMPTY].includes(what)) {
    if (what === 'hooks') throw new Exit(1, `Error: nft list ${what} is ${NOT_MODELLED}\n`);
    if (what === 'ct') throw reader.done ? reader.unexpected('timeout or expectation or helper or helpers') : new Exit(1, `Error: nft list ct is ${NOT_MODELLED}\n`);
    throw reader.syntax(unexpectedWord(what));
  }
  const family = reader.family();
  reader.end();
  const tables = isOurs(family) ? netfilter.tables() : [];
  if (what === 'tables') return tables.map((t) => `table ip ${t}\n`).join('');
  if (EMPTY.includes(what)) return '';
  if (EMPTY_PER_TABLE.includes(what)) return tables.map((t) => `table ip ${t} {\n}\n`).join('');
  return tables.map((t) => netfilter.dump(t)).map((dump) => (dump === undefined ? '' : what === 'ruleset' ? tableText(dump, () => true, look, numberOf(netfilter, dump.table))
    : `table ip ${dump.table} {\n${inCreation(dump).map((c) => `\tchain ${c.name} {\n${baseLine(dump.table, c, look)}\t}\n`).join('')}}\n`)).join('');
}

const inCreation = (dump: TableDump): readonly ChainDump[] => dump.created.flatMap((name) => dump.chains.filter((c) => c.name === name));

function baseLine(table: TableName, c: ChainDump, look: Look): string {
  if (c.hook === undefined) return '';
  const named = PRIORITIES[table](c.hook);
  return `\t\ttype ${TYPES[table](c.hook)} hook ${c.hook.toLowerCase()} priority ${look.numericPriority ? PRIORITY_NUMBERS[named] ?? named : named}; policy ${(c.policy ?? 'ACCEPT').toLowerCase()};\n`;
}

function ruleText(text: string, look: Look): string {
  const counted = look.stateless ? text.replace(/counter packets \d+ bytes \d+/, 'counter') : text;
  return look.numericProtocol ? counted.replace(/\b((?:ip protocol|meta l4proto) (?:!= )?)(\w+)/g, (_, head: string, name: string) => head + (PROTOCOL_NUMBERS[name] ?? name)) : counted;
}

/** A table's handle: they are counted as they are made, and iptables never deletes one. */
const numberOf = (netfilter: Netfilter, table: TableName): number => netfilter.tables().indexOf(table) + 1;

function tableText(dump: TableDump, wanted: (c: ChainDump) => boolean, look: Look, handle: number | undefined): string {
  const chains = inCreation(dump).filter(wanted).map((c) => `\tchain ${c.name} {${look.handles && c.handle !== undefined ? ` # handle ${c.handle}` : ''}\n${baseLine(dump.table, c, look)}${c.rules.map((r) => `\t\t${ruleText(r.nft, look)}${look.handles ? ` # handle ${r.handle}` : ''}\n`).join('')}\t}\n`);
  return `table ip ${dump.table} {${look.handles && handle !== undefined ? ` # handle ${handle}` : ''}\n${chains.join('\n')}}\n`;
}
