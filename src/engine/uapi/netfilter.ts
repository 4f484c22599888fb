/** The doors of iptables (nft backend), of conntrack's netlink, and of nf_tables tracing, as plain data. */
import type { Result } from '../../base/result.ts';
import type { HookName, TableName } from '../trace/steps.ts';
import type { Ipv4 } from '../wire/addresses.ts';
import type { KernelError } from './errno.ts';

export interface RuleDump {
  /** Stable for the life of the rule; counters are kept by it. */
  readonly handle: number;
  /** iptables-save text after `-A CHAIN `, no counters. */
  readonly save: string;
  /** The columns of `iptables -L`, as with -n (`numeric`) and without. `extra`: what follows the destination. */
  readonly list: {
    readonly target: string; readonly protocol: string; readonly protocolNumber: number; readonly fragment: boolean;
    /** The `opt` column: `--`, `-f` or `!f`. A protocol, device or address that is negated has a `!` glued in front. */
    readonly options: string;
    readonly in: string; readonly out: string; readonly source: string; readonly destination: string;
    readonly extra: string; readonly extraNumeric: string; readonly goto: boolean };
  /** The rule as `nft list ruleset` and `nft monitor trace` print it, with `packets`/`bytes` filled in. */
  readonly nft: string;
  readonly packets: number;
  readonly bytes: number;
  /** Chain jumped to, if it does. */
  readonly jump: string | undefined;
}

export interface ChainDump {
  readonly name: string;
  readonly handle?: number;
  /** Base chains only. */
  readonly hook: HookName | undefined;
  readonly policy: 'ACCEPT' | 'DROP' | undefined;
  readonly packets: number;
  readonly bytes: number;
  /** Rules that jump here. */
  readonly references: number;
  readonly rules: readonly RuleDump[];
}

export interface TableDump {
  readonly table: TableName;
  /**
   * Base chains in hook order (also those that nobody made yet: the tool shows them empty), then user chains as the tool lists them
   * (sorted); `created` names the chains that are in the kernel, in creation order.
   */
  readonly chains: readonly ChainDump[];
  readonly created: readonly string[];
}

/**
 * One iptables operation. `spec` holds the words of the rule as typed (`-p`, `tcp`, `--dport`, `80`, `-j`, `DROP`);
 * positions count from 1.
 */
export type IptablesCommand =
  | { readonly op: 'append' | 'delete' | 'check'; readonly table: TableName; readonly chain: string; readonly spec: readonly string[] }
  | { readonly op: 'insert' | 'replace'; readonly table: TableName; readonly chain: string; readonly position: number; readonly spec: readonly string[] }
  | { readonly op: 'delete-number'; readonly table: TableName; readonly chain: string; readonly position: number }
  | { readonly op: 'new-chain' | 'delete-chain'; readonly table: TableName; readonly chain: string | undefined }
  | { readonly op: 'rename-chain'; readonly table: TableName; readonly chain: string; readonly to: string }
  | { readonly op: 'flush' | 'zero'; readonly table: TableName; readonly chain: string | undefined; readonly position?: number | undefined }
  | { readonly op: 'policy'; readonly table: TableName; readonly chain: string; readonly policy: string };

/** The tool's own words and exit code: 2 for usage, 1 for a refused request, 4 for a busy lock. `line` is that of a restore input, from 1. */
export interface IptablesError {
  readonly message: string;
  readonly exitCode: 1 | 2 | 3 | 4;
  readonly line?: number | undefined;
}

export interface Netfilter {
  /** Tables that exist, as iptables-save prints them: mangle, security, raw, filter, nat, whichever came first (seen on 1.8.9). */
  tables(): readonly TableName[];
  /** undefined: the table was never made. */
  dump(table: TableName): TableDump | undefined;
  /** Chains that are in the kernel, in creation order, without the cost of a dump. */
  chainNames(table: TableName): readonly string[];
  hasChain(table: TableName, chain: string): boolean;
  /** NFNLGRP_NFTABLES: calls back after every committed change of a table until the returned function is called. */
  watch(listener: (table: TableName) => void): () => void;
  command(command: IptablesCommand): Result<undefined, IptablesError>;
  /** All or nothing, table by table as COMMIT says. */
  restore(input: string, options: { readonly noflush: boolean; readonly counters: boolean; readonly test: boolean }): Result<undefined, IptablesError>;
  /** nf_tables tracing of this namespace (-j TRACE): calls back at every event until the returned function is called. A view of the trace: silent while it is off. */
  traceSubscribe(listener: (event: TraceEvent) => void): () => void;
  /** Help text, names and options of every match and target: coverage and error texts come from here. */
  extensions(): readonly ExtensionInfo[];
}

export interface ExtensionInfo {
  readonly kind: 'match' | 'target';
  readonly name: string;
  readonly options: readonly { readonly name: string; readonly argument: string | undefined; readonly help: string }[];
  readonly models: string;
}

export interface CtTuple {
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly protocol: number;
  /** Ports; ICMP: id in `sport`, type and code below. */
  readonly sport: number;
  readonly dport: number;
  readonly icmpType: number | undefined;
  readonly icmpCode: number | undefined;
}

export interface CtEntry {
  readonly id: number;
  readonly original: CtTuple;
  readonly reply: CtTuple;
  /** TCP (and SCTP) state as conntrack(8) prints it. */
  readonly state: string | undefined;
  /** Seconds left. */
  readonly timeout: number;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly srcNat: boolean;
  readonly dstNat: boolean;
  readonly mark: number;
  readonly zone: number;
  readonly use: number;
}

export interface CtEvent {
  readonly type: 'NEW' | 'UPDATE' | 'DESTROY';
  readonly entry: CtEntry;
  /** UPDATE of the timeout alone is not an event, as in the kernel. */
  readonly at: number;
}

export interface Conntrack {
  /** In the order the kernel's hash gives: ours is by creation (documented in conntrack's Models). */
  list(): readonly CtEntry[];
  delete(id: number): Result<undefined, KernelError>;
  flush(): void;
  count(): number;
  stats(): Readonly<Record<'found' | 'invalid' | 'insert' | 'insert_failed' | 'drop' | 'early_drop' | 'error' | 'search_restart' | 'clash_resolve' | 'chaintoolong', number>>;
  /** Calls back at every event until the returned function is called. */
  subscribe(listener: (event: CtEvent) => void): () => void;
}

/** One event of `nft monitor trace`, from `-j TRACE` or a set nftrace bit. */
export interface TraceEvent {
  readonly text: string;
}
