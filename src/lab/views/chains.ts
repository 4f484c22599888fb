import type { Chain, Rule, Table } from '../../engine/kernel/netfilter/ruleset.ts';
import { targetName, saveText } from '../../engine/kernel/netfilter/rule-text.ts';
import type { Step, TableName } from '../../engine/trace/steps.ts';
import type { TableRow, TableView } from '../../worker/protocol.ts';
import type { Inspector } from '../inspector.ts';
import type { Hits } from './hits.ts';

type RuleStep = Extract<Step, { kind: 'rule' }>;

/** Tables of rules as they stood after a step: the journal keeps every version by reference. */
export function rulesetAt(inspector: Inspector, ns: number, step: number): readonly Table[] {
  // The journal writes rows of this one shape into the table `ruleset`.
  return inspector.past.rows(`${ns}/ruleset`, step).map(([, row]) => row['table'] as Table);
}

export function chainAt(inspector: Inspector, ns: number, step: number, table: TableName, chain: string): Chain | undefined {
  return rulesetAt(inspector, ns, step).find((t) => t.name === table)?.chains.get(chain);
}

/** The part of a rule before its target: what it asks of a packet. A comment is no question. */
export const matchText = (rule: Rule): string => saveText(rule.spec).replace(/(?:^| )-[jg] .*$/, '').replace(/-m comment --comment ("[^"]*"|\S+) ?/, '').trim();

const targetText = (rule: Rule): string => {
  const text = /(?:^| )-[jg] (.*)$/.exec(saveText(rule.spec))?.[1] ?? '';
  return text === '' ? targetName(rule.spec) : text;
};

function view(inspector: Inspector, ns: number, table: TableName, chain: Chain, step: number, mark: (rule: Rule, index: number) => TableRow['mark']): TableView {
  const policy = chain.hook === undefined ? undefined : inspector.past.counter(`${ns}/${table}/policy/${chain.hook}`, step);
  return {
    id: `${ns}/${table}/${chain.name}`,
    title: `${table} ${chain.name}${policy === undefined ? '' : ` (policy ${chain.policy}, ${policy.packets} packets, ${policy.bytes} bytes)`}`,
    columns: ['#', 'pkts', 'bytes', 'match', 'target'], empty: 'no rules',
    rows: chain.rules.map((rule, index) => {
      const { packets, bytes } = inspector.past.counter(`${ns}/${table}/rule/${rule.handle}`, step);
      return { key: String(rule.handle), cells: [String(index + 1), String(packets), String(bytes), matchText(rule), targetText(rule)], mark: mark(rule, index) };
    }),
  };
}

/** Every chain that has rules. */
export function chainTables(inspector: Inspector, ns: number, step: Step, hits: Hits): readonly TableView[] {
  return rulesetAt(inspector, ns, step.i).flatMap((table) => [...table.chains.values()].filter((c) => c.rules.length > 0).map((chain) =>
    view(inspector, ns, table.name, chain, step.i, (rule) => hits.of(`${ns}/${table.name}/${chain.name}`, String(rule.handle)))));
}

/** The chain in which a rule matched: that row, and those above it that the packet was asked before. */
export function chainTable(inspector: Inspector, step: RuleStep): TableView | undefined {
  const chain = chainAt(inspector, step.ns, step.i, step.table, step.chain);
  if (chain === undefined) return undefined;
  return view(inspector, step.ns, step.table, chain, step.i, (rule, index) => (rule.handle === step.handle ? 'hit' : index < step.index ? 'tried' : undefined));
}
