/**
 * Read first: ip-rule(8). Models: fib_nl_newrule, fib_nl_delrule (net/core/fib_rules.c, v6.1).
 * Not modelled: l3mdev, suppressors, port, protocol, uid and tunnel selectors.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import { RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN, type Ack, type NewPolicyRule, type PolicyRule } from '../../uapi/rtnetlink.ts';
import type { Prefix } from '../../wire/addresses.ts';
import { journalOf } from '../journal.ts';
import type { Netns } from '../netns.ts';
import type { Rule } from './lookup.ts';
import { compareRules, type RuleRow } from './rows.ts';

const blank: Omit<RuleRow, 'priority' | 'table' | 'position'> = {
  src: undefined, dst: undefined, iif: undefined, oif: undefined, fwmark: undefined, fwmask: undefined, invert: false, action: 'lookup',
};

const samePrefix = (a: Prefix | undefined, b: Prefix | undefined): boolean =>
  (a?.length ?? 0) === (b?.length ?? 0) && (a?.address ?? 0) === (b?.address ?? 0);

const sameSelector = (a: RuleRow, b: RuleRow): boolean =>
  a.priority === b.priority && a.action === b.action && a.table === b.table && a.iif === b.iif && a.oif === b.oif && a.fwmark === b.fwmark
  && a.fwmask === b.fwmask && a.invert === b.invert && samePrefix(a.src, b.src) && samePrefix(a.dst, b.dst);

/** The three that a namespace is born with (RTPROT_KERNEL). */
const ownRule = (key: string): boolean => key === '0#0' || key === '32766#1' || key === '32767#2';

export class Rules {
  readonly table: JournaledTable<RuleRow>;
  /** In order of priority. */
  list: readonly Rule[] = [];
  /** fib4_has_custom_rules */
  custom = false;
  #serial = 0;
  readonly #changed: () => void;

  constructor(ns: Netns, changed: () => void) {
    this.table = new JournaledTable(`${ns.id}/rules`, journalOf(ns));
    this.#changed = changed;
    this.#insert({ ...blank, priority: 0, table: RT_TABLE_LOCAL, position: 0 });
    this.#insert({ ...blank, priority: 32766, table: RT_TABLE_MAIN, position: 0 });
    this.#insert({ ...blank, priority: 32767, table: RT_TABLE_DEFAULT, position: 0 });
  }

  #insert(row: RuleRow): void {
    const key = `${row.priority}#${this.#serial++}`;
    this.table.insert(key, row);
    this.list = [...this.list, { key, row }].sort((a, b) => compareRules(a.row, b.row));
    this.custom = this.#serial > 3;
    this.#changed();
  }

  /** fib_default_rule_pref: one less than the second rule's. */
  #defaultPriority(): number {
    const second = this.list[1]?.row.priority ?? 0;
    return second > 0 ? second - 1 : 0;
  }

  dump(): PolicyRule[] {
    return this.list.map(({ key, row: { position: _, ...rule } }) => ({ ...rule, protocol: ownRule(key) ? 'kernel' : 'unspec' }));
  }

  add(spec: NewPolicyRule): Ack {
    const priority = spec.priority ?? this.#defaultPriority();
    const action = spec.action ?? 'lookup';
    if (action === 'goto' && (spec.table === undefined || spec.table <= priority)) return refuse('EINVAL', action === 'goto' && spec.table !== undefined ? 'Backward goto not supported' : 'Invalid goto target');
    if (action === 'lookup' && spec.table === 0) return refuse('EINVAL');
    const row: RuleRow = {
      priority, src: spec.src, dst: spec.dst, iif: spec.iif, oif: spec.oif, fwmark: spec.fwmark,
      fwmask: spec.fwmark === undefined ? undefined : (spec.fwmask ?? 0xffffffff) >>> 0, invert: spec.invert ?? false, action,
      table: spec.table ?? (action === 'lookup' ? RT_TABLE_MAIN : 0), position: this.#serial,
    };
    // The kernel's own rules have another protocol: nothing is the same as they are.
    if (this.list.some((r) => !ownRule(r.key) && sameSelector(r.row, row))) return refuse('EEXIST');
    this.#insert(row);
    return done;
  }

  /** The first rule that agrees with every selector given. */
  delete(spec: NewPolicyRule): Ack {
    const match = this.list.find(({ row }) =>
      (spec.priority === undefined || spec.priority === row.priority)
      && (spec.action === undefined || spec.action === row.action)
      && (spec.table === undefined || spec.table === row.table)
      && (spec.iif === undefined || spec.iif === row.iif)
      && (spec.oif === undefined || spec.oif === row.oif)
      && (spec.fwmark === undefined || (spec.fwmark === row.fwmark && (spec.fwmask ?? 0xffffffff) >>> 0 === row.fwmask))
      && (spec.src === undefined || samePrefix(spec.src, row.src))
      && (spec.dst === undefined || samePrefix(spec.dst, row.dst)));
    if (match === undefined) return refuse('ENOENT');
    this.table.delete(match.key);
    this.list = this.list.filter((r) => r !== match);
    this.#changed();
    return done;
  }
}
