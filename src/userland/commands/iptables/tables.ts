import type { TableName, HookName } from '../../../engine/trace/steps.ts';
import type { ChainDump, TableDump } from '../../../engine/uapi/netfilter.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Context } from '../../host.ts';
import { Exit } from '../kit.ts';

export const VERSION = 'v1.8.7 (nf_tables)';

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
