/** Changes through nft of what iptables made: chains come, go, are renamed and emptied, rules go by their handle. Not modelled: tables of one's own, new rules, sets. */
import type { TableName } from '../../../engine/trace/steps.ts';
import type { ChainDump, IptablesCommand, Netfilter } from '../../../engine/uapi/netfilter.ts';
import { Exit, NOT_MODELLED } from '../kit.ts';
import { isTable } from '../iptables/tables.ts';
import { isOurs } from './list.ts';
import { unexpectedWord, type Reader } from './reader.ts';

const VERBS = ['add', 'create', 'insert', 'replace', 'delete', 'flush', 'rename'] as const;
export type Verb = (typeof VERBS)[number];
export const isVerb = (word: string): word is Verb => VERBS.some((v) => v === word);

const OTHERS = ['set', 'map', 'element', 'flowtable', 'counter', 'quota', 'limit', 'secmark', 'synproxy', 'ct', 'meter'];
const NOT_THERE = 'Could not process rule: No such file or directory';

/** What iptables would be asked; undefined: nothing changes. */
export function change(verb: Verb, reader: Reader, netfilter: Netfilter): readonly IptablesCommand[] {
  const absent = (what: string): Exit => new Exit(1, `Error: nft ${verb} ${what} is ${NOT_MODELLED}; iptables is\n`);
  const kind = reader.take();
  if (kind === undefined) throw reader.unexpected(verb === 'add' || verb === 'create' ? 'string' : verb === 'insert' || verb === 'replace' ? 'rule' : verb === 'rename' ? 'chain' : undefined);
  if (kind === 'table' && ['add', 'create', 'delete', 'flush'].includes(verb)) return onTable(verb, reader, netfilter, absent);
  if (kind === 'chain' && ['add', 'create', 'delete', 'flush', 'rename'].includes(verb)) return onChain(verb, reader, netfilter, absent);
  if (kind === 'rule' && ['add', 'insert', 'replace', 'delete'].includes(verb)) return onRule(verb, reader, netfilter, absent);
  if (OTHERS.includes(kind) || kind === 'ruleset' || !reader.done) throw absent(kind);
  if (verb === 'add') throw reader.unexpected('string');
  throw reader.syntax(unexpectedWord(kind));
}

type Absent = (what: string) => Exit;

function onTable(verb: Verb, reader: Reader, netfilter: Netfilter, absent: Absent): readonly IptablesCommand[] {
  const family = reader.family();
  const name = reader.name(verb === 'delete' ? 'handle or string' : 'string');
  if (reader.peek() === '{') throw absent('table with a body');
  reader.end();
  const table = isOurs(family) && isTable(name) && netfilter.dump(name) !== undefined ? name : undefined;
  if (verb === 'add' && table !== undefined) return [];
  if (verb === 'add' || (verb === 'create' && table === undefined)) throw absent('of a new table');
  if (verb === 'create') throw reader.about('Could not process rule: File exists', 1);
  if (table === undefined) throw reader.about(NOT_THERE, 1);
  if (verb === 'delete') throw absent('table');
  return [{ op: 'flush', table, chain: undefined }];
}

function onChain(verb: Verb, reader: Reader, netfilter: Netfilter, absent: Absent): readonly IptablesCommand[] {
  const family = reader.family();
  const table = reader.name();
  const name = reader.name(verb === 'delete' ? 'handle or string' : 'string');
  const to = verb === 'rename' ? reader.name() : undefined;
  if (reader.peek()?.startsWith('{') === true) throw absent('chain with a hook');
  reader.end();
  const later = to === undefined ? 0 : 1;
  const known = isOurs(family) && isTable(table) && netfilter.dump(table) !== undefined ? table : undefined;
  if (known === undefined) throw reader.about(verb === 'add' || verb === 'create' || verb === 'rename' ? 'No such file or directory' : NOT_THERE, 2 + later);
  const chain = chainOf(netfilter, known, name);
  if (verb === 'add' || verb === 'create') {
    if (chain === undefined) return [{ op: 'new-chain', table: known, chain: name }];
    if (verb === 'create') throw reader.about('Could not process rule: File exists', 1);
    return [];
  }
  if (chain === undefined) throw reader.about(verb === 'rename' ? 'No such file or directory' : NOT_THERE, 1 + later);
  if (verb === 'flush') return [{ op: 'flush', table: known, chain: name }];
  if (chain.hook !== undefined) throw absent('chain with a hook');
  if (to !== undefined) {
    if (chainOf(netfilter, known, to) !== undefined) throw new Exit(1, `Error: Could not process rule: File exists\n${reader.line}\n${'^'.repeat(reader.line.length)}\n`);
    return [{ op: 'rename-chain', table: known, chain: name, to }];
  }
  if (chain.references > 0) throw reader.about('Could not process rule: Device or resource busy', 1);
  return [{ op: 'flush', table: known, chain: name }, { op: 'delete-chain', table: known, chain: name }];
}

const chainOf = (netfilter: Netfilter, table: TableName, name: string): ChainDump | undefined => {
  const dump = netfilter.dump(table);
  return dump?.created.includes(name) === true ? dump.chains.find((c) => c.name === name) : undefined;
};

function onRule(verb: Verb, reader: Reader, netfilter: Netfilter, absent: Absent): readonly IptablesCommand[] {
  const family = reader.family();
  const table = reader.name();
  const name = reader.name();
  const known = isOurs(family) && isTable(table) && netfilter.dump(table) !== undefined ? table : undefined;
  const chain = known === undefined ? undefined : chainOf(netfilter, known, name);
  if (verb !== 'delete') {
    if (reader.done) throw reader.unexpected();
    if (known === undefined || chain === undefined) throw reader.about(NOT_THERE, known === undefined ? 2 : 1);
    throw absent('rule');
  }
  const word = reader.take();
  if (word === undefined) throw reader.unexpected('handle');
  if (word !== 'handle') throw reader.syntax(unexpectedWord(word), 'handle');
  const text = reader.take();
  if (text === undefined) throw reader.unexpected('number');
  if (!/^\d+$/.test(text)) throw reader.syntax('unexpected string', 'number');
  reader.end();
  if (known === undefined || chain === undefined) throw reader.about(NOT_THERE, known === undefined ? 4 : 3);
  const position = chain.rules.findIndex((r) => r.handle === Number(text)) + 1;
  if (position === 0) throw reader.about(NOT_THERE, 1);
  return [{ op: 'delete-number', table: known, chain: name, position }];
}
