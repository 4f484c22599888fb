/**
 * Read first: iptables-restore(8).
 * Models: nft_cmd_* and the batch that iptables-nft 1.8.9 sends: changes gather in a draft, the kernel's checks run at the end, all or nothing.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { TableName } from '../../trace/steps.ts';
import type { Counter } from './compiled.ts';
import { BAD_RULE, kernelSays, lookup, NO_CHAIN, usage, type Failure } from './failure.ts';
import { matchNamed } from './all-matches.ts';
import { targetNamed } from './all-targets.ts';
import { saveText } from './rule-text.ts';
import { hookOf, jumpOf, type Chain, type Rule, type RuleSpec, type Table } from './ruleset.ts';
import { checkTable } from './validate.ts';

/** Where a rule of the transaction came from, for the kernel's complaint. */
export interface Origin {
  readonly op: 'RULE_APPEND' | 'RULE_INSERT' | 'RULE_REPLACE';
  readonly line: number | undefined;
}

interface DraftChain {
  name: string;
  readonly handle: number;
  policy: 'ACCEPT' | 'DROP';
  rules: Rule[];
  /** The published chain while nothing changed. */
  base: Chain | undefined;
}

/** Handles of one table, never used twice. */
export interface Handles {
  next(): number;
}

export class Draft {
  readonly table: TableName;
  readonly fresh = new Map<Rule, Origin>();
  /** Counters to set when it commits. */
  readonly counters = new Map<Rule, Counter>();
  readonly chainCounters = new Map<number, Counter>();
  readonly zeroed: (Rule | number)[] = [];
  readonly #chains = new Map<string, DraftChain>();
  readonly #handles: Handles;
  #failed: Failure | undefined;
  line: number | undefined;

  constructor(table: TableName, from: Table | undefined, handles: Handles) {
    this.table = table;
    this.#handles = handles;
    for (const chain of from?.chains.values() ?? []) {
      this.#chains.set(chain.name, { name: chain.name, handle: chain.handle, policy: chain.policy, rules: [], base: chain });
    }
  }

  has(name: string): boolean {
    return this.#chains.has(name) || hookOf(this.table, name) !== undefined;
  }

  /** The chain, made now if it is a base chain that nobody needed yet. */
  #get(name: string): DraftChain | undefined {
    const known = this.#chains.get(name);
    if (known !== undefined || hookOf(this.table, name) === undefined) return known;
    return this.#make(name);
  }

  #make(name: string): DraftChain {
    const chain: DraftChain = { name, handle: this.#handles.next(), policy: 'ACCEPT', rules: [], base: undefined };
    this.#chains.set(name, chain);
    return chain;
  }

  /** Rules for reading. */
  #rules(chain: DraftChain): readonly Rule[] {
    return chain.base?.rules ?? chain.rules;
  }

  /** Rules for changing. */
  #own(chain: DraftChain): Rule[] {
    if (chain.base !== undefined) {
      chain.rules = [...chain.base.rules];
      chain.base = undefined;
    }
    return chain.rules;
  }

  #new(spec: RuleSpec, op: Origin['op'], counter: Counter | undefined): Rule {
    const rule: Rule = { handle: this.#handles.next(), spec };
    this.fresh.set(rule, { op, line: this.line });
    if (counter !== undefined) this.counters.set(rule, counter);
    return rule;
  }

  append(chain: string, specs: readonly RuleSpec[], counter?: Counter): Failure | undefined {
    const at = this.#get(chain);
    if (at === undefined) return NO_CHAIN;
    for (const spec of specs) this.#own(at).push(this.#new(spec, 'RULE_APPEND', counter));
    return undefined;
  }

  insert(chain: string, position: number, specs: readonly RuleSpec[], counter?: Counter): Failure | undefined {
    if (position < 1) return usage(`Invalid rule number \`${position}'`);
    const at = this.#get(chain);
    if (at === undefined) return NO_CHAIN;
    if (position - 1 > this.#rules(at).length) return lookup('Index of insertion too big.');
    for (const spec of specs) this.#own(at).splice(position - 1, 0, this.#new(spec, 'RULE_INSERT', counter));
    return undefined;
  }

  replace(chain: string, position: number, specs: readonly RuleSpec[], counter?: Counter): Failure | undefined {
    if (position < 1) return usage(`Invalid rule number \`${position}'`);
    const at = this.#chains.get(chain);
    if (at === undefined) return NO_CHAIN;
    if (position > this.#rules(at).length) return lookup('Index of replacement too big.');
    const [spec, more] = specs;
    if (spec === undefined || more !== undefined) return usage('Replacement rule does not specify a unique address');
    this.#own(at)[position - 1] = this.#new(spec, 'RULE_REPLACE', counter);
    return undefined;
  }

  #find(chain: string, spec: RuleSpec): number {
    const at = this.#chains.get(chain);
    if (at === undefined) return -1;
    const text = saveText(spec);
    return this.#rules(at).findIndex((rule) => saveText(rule.spec) === text);
  }

  check(chain: string, specs: readonly RuleSpec[]): Failure | undefined {
    return specs.every((spec) => this.#find(chain, spec) >= 0) ? undefined : BAD_RULE;
  }

  remove(chain: string, specs: readonly RuleSpec[]): Failure | undefined {
    for (const spec of specs) {
      const index = this.#find(chain, spec);
      const at = this.#chains.get(chain);
      if (index < 0 || at === undefined) return BAD_RULE;
      this.#own(at).splice(index, 1);
    }
    return undefined;
  }

  removeAt(chain: string, position: number): Failure | undefined {
    if (position < 1) return usage(`Invalid rule number \`${position}'`);
    const at = this.#chains.get(chain);
    if (at === undefined) return NO_CHAIN;
    if (position > this.#rules(at).length) return lookup('Index of deletion too big.');
    this.#own(at).splice(position - 1, 1);
    return undefined;
  }

  newChain(name: string): Failure | undefined {
    const bad = badChainName(name);
    if (bad !== undefined) return bad;
    if (this.has(name)) return lookup('Chain already exists.');
    this.#make(name);
    return undefined;
  }

  deleteChain(name: string | undefined): Failure | undefined {
    const names = name === undefined ? [...this.#chains.keys()].filter((n) => hookOf(this.table, n) === undefined) : [name];
    for (const each of names) {
      const at = this.#chains.get(each);
      if (at === undefined) return NO_CHAIN;
      // A base chain may go while it does what no chain does.
      if (hookOf(this.table, each) !== undefined && at.policy === 'DROP') return lookup('Directory not empty.');
      if (this.#rules(at).length > 0 || this.#referenced(each)) this.#failed ??= kernelSays('CHAIN_DEL', 'Device or resource busy', `chain ${each}`, this.line);
      else this.#chains.delete(each);
    }
    return undefined;
  }

  #referenced(name: string): boolean {
    for (const chain of this.#chains.values()) if (chain.base === undefined ? chain.rules.some((r) => jumpOf(r) === name) : jumpsOf(chain.base).has(name)) return true;
    return false;
  }

  renameChain(name: string, to: string): Failure | undefined {
    const bad = badChainName(to);
    if (bad !== undefined) return bad;
    if (this.has(to)) return lookup('File exists.');
    const chain = this.#chains.get(name);
    if (chain === undefined) return NO_CHAIN;
    if (hookOf(this.table, name) !== undefined) return usage('renaming a built-in chain is not modelled in this lab');
    this.#own(chain);
    const order = [...this.#chains.values()];
    this.#chains.clear();
    for (const each of order) {
      if (each === chain) each.name = to;
      this.#chains.set(each.name, each);
      if (!this.#rules(each).some((r) => jumpOf(r) === name)) continue;
      const rules = this.#own(each);
      rules.forEach((rule, i) => {
        const { target } = rule.spec;
        if ((target.kind === 'jump' || target.kind === 'goto') && target.chain === name) {
          const renamed: Rule = { handle: rule.handle, spec: { ...rule.spec, target: { kind: target.kind, chain: to } } };
          rules[i] = renamed;
          this.renamed.set(renamed, rule);
        }
      });
    }
    return undefined;
  }
  /** Same rule, other name of its chain: keeps its counter. */
  readonly renamed = new Map<Rule, Rule>();

  flush(name: string | undefined): Failure | undefined {
    if (name === undefined) {
      for (const chain of this.#chains.values()) this.#own(chain).length = 0;
      return undefined;
    }
    const at = this.#chains.get(name);
    if (at === undefined) return hookOf(this.table, name) === undefined ? NO_CHAIN : undefined;
    this.#own(at).length = 0;
    return undefined;
  }

  zero(name: string | undefined, position?: number): Failure | undefined {
    if (name !== undefined && !this.has(name)) return NO_CHAIN;
    for (const chain of this.#chains.values()) {
      if (name !== undefined && chain.name !== name) continue;
      const rules = this.#rules(chain);
      if (position === undefined) this.zeroed.push(chain.handle, ...rules);
      else {
        const rule = rules[position - 1];
        if (rule !== undefined) this.zeroed.push(rule);
      }
    }
    return undefined;
  }

  policy(name: string, policy: string): Failure | undefined {
    if (hookOf(this.table, name) === undefined) return lookup('Bad built-in chain name.');
    if (policy !== 'ACCEPT' && policy !== 'DROP') return lookup("Bad policy name. Run `dmesg' for more information.");
    if (policy === 'DROP' && this.table === 'nat') return usage('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
    const chain = this.#get(name);
    if (chain === undefined) return NO_CHAIN;
    if (chain.policy !== policy) {
      this.#own(chain);
      chain.policy = policy;
    }
    return undefined;
  }

  /** `:CHAIN POLICY [p:b]` of a restore: sets a base chain's policy, makes a user chain or empties it. */
  declare(name: string, policy: string, counter: Counter | undefined): Failure | undefined {
    if (hookOf(this.table, name) !== undefined) {
      const chain = this.#get(name);
      if (counter !== undefined && chain !== undefined) this.chainCounters.set(chain.handle, counter);
      if (policy === '-') return undefined;
      return policy === 'ACCEPT' || policy === 'DROP' ? this.policy(name, policy) : lookup('Bad policy name.');
    }
    const bad = badChainName(name);
    if (bad !== undefined) return bad;
    if (this.#chains.has(name)) return this.flush(name);
    this.#make(name);
    return undefined;
  }

  /** Jump targets that do not exist in this table. */
  missing(specs: readonly RuleSpec[]): Failure | undefined {
    for (const { target } of specs) {
      if ((target.kind === 'jump' || target.kind === 'goto') && !this.has(target.chain)) return usage(`Chain '${target.chain}' does not exist`);
    }
    return undefined;
  }

  finish(): Result<Table, Failure> {
    const missing = this.missing([...this.fresh.keys()].map((r) => r.spec));
    if (missing !== undefined) return err(missing);
    const chains = new Map<string, Chain>();
    const changed: Chain[] = [];
    for (const c of this.#chains.values()) {
      const chain: Chain = c.base ?? { name: c.name, handle: c.handle, hook: hookOf(this.table, c.name), policy: c.policy, rules: c.rules };
      if (chain !== c.base) changed.push(chain);
      chains.set(c.name, chain);
    }
    const table: Table = { name: this.table, chains };
    const refused = checkTable(table, this.fresh, changed) ?? this.#failed;
    return refused === undefined ? ok(table) : err(refused);
  }
}

const JUMPS = new WeakMap<Chain, ReadonlySet<string>>();
export function jumpsOf(chain: Chain): ReadonlySet<string> {
  const known = JUMPS.get(chain);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const rule of chain.rules) {
    const to = jumpOf(rule);
    if (to !== undefined) names.add(to);
  }
  JUMPS.set(chain, names);
  return names;
}

/** parse_chain (xshared.c). */
export function badChainName(name: string): Failure | undefined {
  if (name.startsWith('-')) return usage("chain name not allowed to start with `-'");
  if (name.startsWith('!')) return usage("chain name not allowed to start with `!'");
  if (name.length > 28) return usage(`chain name \`${name}' too long (must be under 29 chars)`);
  if (/\s/.test(name)) return usage(`Invalid chain name \`${name}'`);
  if (['ACCEPT', 'DROP', 'RETURN', 'QUEUE'].includes(name) || (targetNamed(name) !== undefined && matchNamed(name) === undefined)) {
    return usage('chain name may not clash with target name');
  }
  return undefined;
}
