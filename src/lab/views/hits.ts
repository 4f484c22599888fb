import type { Step } from '../../engine/trace/steps.ts';
import { RT_TABLE_LOCAL } from '../../engine/uapi/rtnetlink.ts';
import type { TableRow, TableRowRef } from '../../worker/protocol.ts';
import type { Inspector } from '../inspector.ts';

/** How far back the rule behind a translation is looked for. */
const WALK = 64;

/** The rule that asked for a translation; none for packets that conntrack translates on its own. */
export function ruleBehind(inspector: Inspector, step: Extract<Step, { kind: 'nat' }>): Extract<Step, { kind: 'rule' }> | undefined {
  if (step.direction !== 'original') return undefined;
  for (let i = step.i - 1; i >= 0 && i > step.i - WALK; i--) {
    const other = inspector.lab.steps[i];
    if (other?.kind === 'rule' && other.pkt === step.pkt && other.table === 'nat' && other.verdict === 'accept') return other;
    if (other?.kind === 'rx' && other.pkt === step.pkt) return undefined;
  }
  return undefined;
}

/** Row by which a step was decided. */
export function decidingRow(inspector: Inspector, step: Step): TableRowRef | undefined {
  switch (step.kind) {
    case 'fib': return step.routeKey === undefined ? undefined : { table: `${step.ns}/${step.table === RT_TABLE_LOCAL ? 'local' : 'routes'}`, key: step.routeKey };
    case 'bridge':
    case 'encap': return step.fdbKey === undefined ? undefined : { table: `${step.ns}/fdb`, key: step.fdbKey };
    case 'conntrack': return step.entry === undefined ? undefined : { table: `${step.ns}/conntrack`, key: String(step.entry) };
    case 'nat': {
      const rule = ruleBehind(inspector, step);
      return rule === undefined ? { table: `${step.ns}/conntrack`, key: String(step.entry) } : decidingRow(inspector, rule);
    }
    case 'rule': return { table: `${step.ns}/${step.table}/${step.chain}`, key: String(step.handle) };
    default: return undefined;
  }
}

export interface Hits {
  of(table: string, key: string): TableRow['mark'];
  removed(table: string): readonly { readonly key: string; readonly row: object }[];
}

/** How far back a step's own table changes are looked for: they stand right before it in the trace. */
const WINDOW = 64;

/** Rows that a step was decided by, and rows that changed since the packet's step before it. */
export function hits(inspector: Inspector, step: Step): Hits {
  const won = decidingRow(inspector, step);
  const changed = new Map<string, TableRow['mark']>();
  const removed: { readonly table: string; readonly key: string; readonly row: object }[] = [];
  for (let i = step.i; i >= 0 && i > step.i - WINDOW; i--) {
    const other = inspector.lab.steps[i];
    if (other === undefined || other.t !== step.t) break;
    if (other.kind === 'table') {
      const mark = other.before === undefined ? 'added' : other.after === undefined ? 'removed' : 'changed';
      const key = `${other.table} ${other.key}`;
      if (mark === 'removed' && other.before !== undefined && !changed.has(key)) removed.push({ table: other.table, key: other.key, row: other.before });
      if (!changed.has(key) || mark === 'added') changed.set(key, mark);
    } else if (i !== step.i && 'pkt' in other) break;
  }
  return {
    of: (table, key) => ((won?.table === table || (won?.table.endsWith('/local') === true && table.endsWith('/routes'))) && won.key === key ? 'hit' : changed.get(`${table} ${key}`)),
    removed: (table) => removed.filter((r) => r.table === table),
  };
}
