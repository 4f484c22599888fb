/**
 * Read first: iptables(8), Documentation of nf_tables chains.
 * Models: what iptables-nft keeps in nf_tables: tables, base chains made when first needed, rules with handles. Plain immutable data,
 * shared between versions, so a trace step keeps a version by keeping a reference. Counters stand beside it (counters.ts).
 */
import type { HookName, TableName } from '../../trace/steps.ts';

export interface AddressMatch {
  readonly address: number;
  readonly mask: number;
  readonly invert: boolean;
}

export interface DeviceMatch {
  /** Without the `+`. */
  readonly name: string;
  readonly prefix: boolean;
  readonly invert: boolean;
}

/** A match or target as used: its name and the options that its record parsed. */
export interface ExtensionUse {
  readonly name: string;
  readonly options: object;
}

export type Target =
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { readonly kind: 'jump'; readonly chain: string }
  | { readonly kind: 'goto'; readonly chain: string }
  | { readonly kind: 'extension'; readonly use: ExtensionUse };

export interface RuleSpec {
  readonly src: AddressMatch | undefined;
  readonly dst: AddressMatch | undefined;
  readonly iif: DeviceMatch | undefined;
  readonly oif: DeviceMatch | undefined;
  readonly protocol: { readonly number: number; readonly invert: boolean } | undefined;
  readonly fragment: { readonly invert: boolean } | undefined;
  readonly matches: readonly ExtensionUse[];
  readonly target: Target;
}

export interface Rule {
  readonly handle: number;
  readonly spec: RuleSpec;
}

export interface Chain {
  readonly name: string;
  readonly handle: number;
  /** Base chains only. */
  readonly hook: HookName | undefined;
  readonly policy: 'ACCEPT' | 'DROP';
  readonly rules: readonly Rule[];
}

export interface Table {
  readonly name: TableName;
  /** In creation order. */
  readonly chains: ReadonlyMap<string, Chain>;
}

/** Hooks of each table, in the order that tools print its base chains. */
export const TABLE_HOOKS: Readonly<Record<TableName, readonly HookName[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** enum nft_table_type: the order in which iptables-nft dumps tables, whichever was made first. */
export const DUMP_ORDER: readonly TableName[] = ['mangle', 'security', 'raw', 'filter', 'nat'];

/** Tables by priority at a hook (nat's depends on the hook). */
export const isTableName = (text: string): text is TableName => text in TABLE_HOOKS;

export const hookOf = (table: TableName, chain: string): HookName | undefined => TABLE_HOOKS[table].find((h) => h === chain);

/** Chain that a rule jumps to, if it does. */
export const jumpOf = (rule: Rule): string | undefined =>
  rule.spec.target.kind === 'jump' || rule.spec.target.kind === 'goto' ? rule.spec.target.chain : undefined;
