/**
 * Read first: iptables-extensions(8).
 * What a match or target is: one record with its options as data, and pure functions from options to texts, plus the function that the
 * packet path runs. `all-matches.ts` and `all-targets.ts` list the records.
 */
import type { Prng } from '../../../base/prng.ts';
import type { Result } from '../../../base/result.ts';
import type { HookName, TableName } from '../../trace/steps.ts';
import type { EthernetHeader, Ipv4Packet, NetworkLayer } from '../../wire/packet.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { Rule } from './ruleset.ts';
import type { NatCore } from './nat/nat-core.ts';

/** One packet at one base chain. Reused between packets: keep nothing of it. */
export interface PacketContext {
  readonly ns: Netns;
  readonly nat: NatCore;
  /** The namespace's stream for `statistic`: one for all rules, so that their draws are independent. */
  readonly random: Prng;
  hook: HookName;
  table: TableName;
  skb: Skb;
  iif: NetDevice | undefined;
  oif: NetDevice | undefined;
  /** What a random match of this rule drew; recorded in the rule step. */
  draw: { readonly value: number; readonly bound: number } | undefined;
  /** The rule that dropped it, for the reason's text. */
  droppedBy: { readonly rule: Rule; readonly target: string } | undefined;
  droppedIn: string;
}

export const ipOf = (c: PacketContext): Ipv4Packet | undefined => (c.skb.net.kind === 'ipv4' ? c.skb.net : undefined);

export interface OptionSpec {
  /** Without `--`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Words that follow; undefined: a flag. */
  readonly argument?: string;
  /** How many words follow (default 1 with an argument, 0 without). */
  readonly words?: number;
  /** `!` may stand in front. */
  readonly invert?: boolean;
  readonly help: string;
}

/** One option as given on the line. */
export interface Given {
  readonly name: string;
  readonly values: readonly string[];
  readonly value: string;
  readonly invert: boolean;
}

/** What the rest of the rule says, for options that depend on it. */
export interface ParseContext {
  /** -p without `!`, if given. */
  readonly protocol: number | undefined;
  readonly table: TableName;
  readonly chain: string;
}

export interface NftText {
  readonly text: string;
  /** Native expression: nft's printer may then leave out a `meta l4proto` before a port. */
  readonly native?: boolean;
}

/** A packet at a hook as the trace remembers it. */
export interface Snapshot {
  readonly hook: HookName;
  readonly net: NetworkLayer;
  readonly mac?: EthernetHeader | undefined;
  readonly mark: number;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  readonly physIn: string | undefined;
  readonly physOut: string | undefined;
  /** NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED; undefined: not tracked there. */
  readonly ctState: string | undefined;
}

interface Common {
  readonly name: string;
  /** Source file and version. */
  readonly models: string;
  readonly notModelled: string;
  readonly options: readonly OptionSpec[];
  /** Rules with it need connection tracking. */
  readonly conntrack?: boolean;
  readonly hooks?: readonly HookName[];
  readonly tables?: readonly TableName[];
}

export type Evaluate = (c: PacketContext) => boolean;
export type Verdict = 'continue' | 'accept' | 'drop' | 'return' | 'stolen';
export type Act = (c: PacketContext) => Verdict;

interface MatchRecord<O extends object> extends Common {
  parse(given: readonly Given[], context: ParseContext): Result<O, string>;
  /** After `-m name`, without blanks around; '' when no option is set. */
  save(o: O): string;
  list(o: O, numeric: boolean, protocol: number | undefined): string;
  nft(o: O, protocol: number | undefined): NftText;
  compile(o: O, ns: Netns): Evaluate;
  /** tcp and udp: the only destination port that can match; undefined: more than one can. */
  destinationPort?(o: O): number | undefined;
  /** What of the packet did not match, as far as a snapshot tells; undefined: it matches, or nobody can say. */
  explain?(o: O, s: Snapshot): string | undefined;
}

interface TargetRecord<O extends object> extends Common {
  parse(given: readonly Given[], context: ParseContext): Result<O, string>;
  save(o: O): string;
  list(o: O, numeric: boolean): string;
  nft(o: O): string;
  /** Name in `iptables -L` when it differs. */
  readonly listName?: string;
  /** The kernel's own check of a rule (checkentry). Undefined: fine. */
  check?(o: O, rule: { readonly protocol: number | undefined; readonly synOnly: boolean }): boolean;
  /** Hooks that depend on the options. */
  hooksFor?(o: O): readonly HookName[] | undefined;
  compile(o: O, ns: Netns): Act;
}

export type MatchExtension = MatchRecord<object> & { readonly kind: 'match' };
export type TargetExtension = TargetRecord<object> & { readonly kind: 'target' };

/** Options always come back to the record whose `parse` made them, so the registry may forget their type. */
export const defineMatch = <O extends object>(record: MatchRecord<O>): MatchExtension => ({ ...record, kind: 'match' }) as unknown as MatchExtension;
export const defineTarget = <O extends object>(record: TargetRecord<O>): TargetExtension => ({ ...record, kind: 'target' }) as unknown as TargetExtension;
