import type { TableName, HookName } from '../../../engine/trace/steps.ts';
import type { ChainDump, TableDump } from '../../../engine/uapi/netfilter.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Context } from '../../host.ts';
import { Exit } from '../kit.ts';

/** Ubuntu 22.04's. Texts of the parser and of the kernel's door carry it; a host with another version has it put in its place. */
export const VERSION = 'v1.8.7 (nf_tables)';

const versionNumber = (context: Context): string => context.host.versions?.['iptables'] ?? 'v1.8.7';
export const versionOf = (context: Context): string => `${versionNumber(context)} (nf_tables)`;
/** 1.8.9 and later print the protocol's number with -n, whatever its name. */
export const printsProtocolNumbers = (context: Context): boolean => {
  const [, major = 0, minor = 0, patch = 0] = /^v(\d+)\.(\d+)\.(\d+)/.exec(versionNumber(context))?.map(Number) ?? [];
  return major * 1e6 + minor * 1e3 + patch >= 1_008_009;
};

/** Runs a tool of the iptables family: what it exits with is said in the host's version. */
export function* speaking(context: Context, program: Program): Program {
  try {
    return yield* program;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    context.stderr.write(error.message.replace(VERSION, versionOf(context)));
    return error.code;
  }
}

/** Base chains of each table, in the tool's order. */
export const BASE_CHAINS: Readonly<Record<TableName, readonly HookName[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'], nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], raw: ['PREROUTING', 'OUTPUT'], security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export const isTable = (name: string): name is TableName => Object.hasOwn(BASE_CHAINS, name);

const empty = (name: HookName): ChainDump => ({ name, hook: name, policy: 'ACCEPT', packets: 0, bytes: 0, references: 0, rules: [] });

/** Chains as the tool lists them: every base chain, whether the kernel has it yet or not, then the user's. */
export function chainsOf(dump: TableDump | undefined, table: TableName): readonly ChainDump[] {
  const chains = dump?.chains ?? [];
  return [...BASE_CHAINS[table].map((name) => chains.find((c) => c.name === name) ?? empty(name)), ...chains.filter((c) => c.hook === undefined)];
}

export const tableOf = (kernel: Kernel, table: TableName): readonly ChainDump[] => chainsOf(kernel.netfilter.dump(table), table);

export function requireRoot(context: Context, tool: string): void {
  if (context.user !== 'root') throw new Exit(4, `${tool} ${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)\n`);
}
