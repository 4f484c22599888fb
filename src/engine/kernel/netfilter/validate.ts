/**
 * Read first: nf_tables_api.c nft_table_validate, nft_chain_validate; each extension's checkentry.
 * Models: what the kernel checks when a transaction commits (v6.1): tables and hooks that extensions may be used from, loops and depth of
 * jumps from base chains. Chains that no base chain reaches are not checked for hooks or loops, as the kernel does not.
 */
import type { HookName } from '../../trace/steps.ts';
import { ACK, FIN, RST, SYN } from '../../wire/packet.ts';
import { kernelSays, type Failure } from './failure.ts';
import { matchOf, protocolOf, targetOf } from './rule-text.ts';
import { jumpOf, type Chain, type Rule, type RuleSpec, type Table } from './ruleset.ts';
import type { Origin } from './transaction.ts';

const JUMP_STACK = 16; // NFT_JUMP_STACK_SIZE

interface Summary {
  readonly jumps: readonly { readonly rule: Rule; readonly to: string }[];
  readonly limited: readonly { readonly rule: Rule; readonly hooks: readonly HookName[] }[];
}
const SUMMARIES = new WeakMap<Chain, Summary>();

function hooksOf(spec: RuleSpec): readonly HookName[] | undefined {
  let hooks: readonly HookName[] | undefined;
  const narrow = (more: readonly HookName[] | undefined): void => {
    if (more !== undefined) hooks = hooks === undefined ? more : hooks.filter((h) => more.includes(h));
  };
  for (const use of spec.matches) narrow(matchOf(use).hooks);
  if (spec.target.kind === 'extension') {
    const { use } = spec.target;
    narrow(targetOf(use).hooks);
    narrow(targetOf(use).hooksFor?.(use.options));
  }
  return hooks;
}

function summary(chain: Chain): Summary {
  const known = SUMMARIES.get(chain);
  if (known !== undefined) return known;
  const jumps: { rule: Rule; to: string }[] = [];
  const limited: { rule: Rule; hooks: readonly HookName[] }[] = [];
  for (const rule of chain.rules) {
    const to = jumpOf(rule);
    if (to !== undefined) jumps.push({ rule, to });
    const hooks = hooksOf(rule.spec);
    if (hooks !== undefined) limited.push({ rule, hooks });
  }
  const made = { jumps, limited };
  SUMMARIES.set(chain, made);
  return made;
}

const synOnly = (spec: RuleSpec): boolean => spec.matches.some((use) => {
  if (use.name !== 'tcp') return false;
  const text = matchOf(use).save(use.options);
  const flags = /(?:^| )(! )?--tcp-flags (\S+) (\S+)/.exec(text);
  if (flags === null || flags[1] !== undefined) return false;
  const bits: Readonly<Record<string, number>> = { FIN, SYN, RST, ACK };
  const sum = (list = ''): number => list.split(',').reduce((n, name) => n | (bits[name] ?? 0), 0);
  return (sum(flags[2]) & SYN) !== 0 && sum(flags[3]) === SYN;
});

function ruleIsBad(spec: RuleSpec, table: Table): boolean {
  if (spec.src?.mask === 0 || spec.dst?.mask === 0) return true; // `! -s 0/0`
  for (const use of spec.matches) {
    const match = matchOf(use);
    if (match.tables !== undefined && !match.tables.includes(table.name)) return true;
    if (use.name === 'icmp' && protocolOf(spec) !== 1) return true;
    if (use.name === 'sctp' && protocolOf(spec) !== 132) return true;
  }
  if (spec.target.kind !== 'extension') return false;
  const target = targetOf(spec.target.use);
  if (target.tables !== undefined && !target.tables.includes(table.name)) return true;
  return target.check?.(spec.target.use.options, { protocol: protocolOf(spec), synOnly: synOnly(spec) }) === false;
}

/** `changed`: the chains that hold the fresh rules. */
export function checkTable(table: Table, fresh: ReadonlyMap<Rule, Origin>, changed: readonly Chain[]): Failure | undefined {
  if (fresh.size === 0) return undefined;
  const chainOf = new Map<Rule, Chain>();
  for (const chain of changed) for (const rule of chain.rules) if (fresh.has(rule)) chainOf.set(rule, chain);
  const refuse = (rule: Rule, errno: string): Failure => {
    const origin = fresh.get(rule);
    return kernelSays(origin?.op ?? 'RULE_APPEND', errno, `rule in chain ${chainOf.get(rule)?.name ?? '?'}`, origin?.line);
  };
  let walkNeeded = false;
  for (const rule of chainOf.keys()) {
    if (ruleIsBad(rule.spec, table)) return refuse(rule, 'Invalid argument');
    const to = jumpOf(rule);
    if (to !== undefined && table.chains.get(to)?.hook !== undefined) return refuse(rule, 'Operation not supported');
    if (to !== undefined || hooksOf(rule.spec) !== undefined) walkNeeded = true;
  }
  if (!walkNeeded) return undefined;
  for (const base of table.chains.values()) {
    if (base.hook === undefined) continue;
    const failure = walkFrom(table, base, base.hook, fresh, refuse);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Every chain that the base chain reaches, once; `depth` below it is remembered. */
function walkFrom(table: Table, base: Chain, hook: HookName, fresh: ReadonlyMap<Rule, Origin>, refuse: (rule: Rule, errno: string) => Failure): Failure | undefined {
  const depths = new Map<Chain, number>();
  const path: Rule[] = [];
  const open = new Set<Chain>();
  const blame = (last: Rule | undefined): Rule | undefined => (last !== undefined && fresh.has(last) ? last : [...path].reverse().find((r) => fresh.has(r)) ?? [...fresh.keys()][0]);
  let failure: Failure | undefined;
  const fail = (rule: Rule | undefined, errno: string): void => {
    if (rule !== undefined) failure ??= refuse(rule, errno);
  };
  const visit = (chain: Chain): number => {
    const known = depths.get(chain);
    if (known !== undefined) return known;
    open.add(chain);
    const { jumps, limited } = summary(chain);
    for (const { rule, hooks } of limited) if (!hooks.includes(hook)) fail(blame(rule), 'Invalid argument');
    let depth = 0;
    for (const { rule, to } of jumps) {
      const next = table.chains.get(to);
      if (next === undefined || failure !== undefined) continue;
      if (open.has(next)) {
        fail(blame(rule), 'Too many links');
        continue;
      }
      path.push(rule);
      depth = Math.max(depth, 1 + visit(next));
      if (path.length - 1 + depth > JUMP_STACK) fail(blame(rule), 'Too many links');
      path.pop();
    }
    open.delete(chain);
    depths.set(chain, depth);
    return depth;
  };
  visit(base);
  return failure;
}
