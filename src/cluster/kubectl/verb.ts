import type { Program } from '../../engine/sim/process.ts';
import type { Context } from '../../userland/host.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import type { FlagOptions, Flags, FlagSpec } from './flags.ts';

/** One invocation of kubectl. */
export interface Kube {
  readonly cluster: Cluster;
  readonly context: Context;
  readonly flags: Flags;
  readonly verb: string;
  readonly namespace: string;
  readonly config: Kubeconfig;
  /** Wall clock, ms. */
  readonly now: number;
  out(text: string): void;
  /** Prints to stderr, with a newline; answers exit code 1. */
  fail(text: string): 1;
}

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagSpec[];
  readonly options?: FlagOptions;
  /** Subcommands of upstream that this lab does not have, whatever their flags. */
  readonly absent?: readonly string[];
  /** They have a usage of their own. */
  readonly subcommands?: readonly string[];
  /** What it takes without a subcommand, when that is less. */
  readonly ownFlags?: readonly FlagSpec[];
  readonly run: (k: Kube) => Program;
}
