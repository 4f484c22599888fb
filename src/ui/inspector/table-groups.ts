/** Rule chains belong to an iptables table: `3/nat/KUBE-SERVICES`. Pure. */
import type { TableView } from '../../worker/protocol.ts';

export interface TableGroup { readonly name: string; readonly tables: readonly TableView[] }

const CHAIN = /^\d+\/(raw|mangle|nat|filter|security)\//;

/** Tables in their order; chains gathered by table, at the place of the table's first. A group without a name is one plain table. */
export function groupsOf(tables: readonly TableView[]): readonly TableGroup[] {
  const groups: { name: string; tables: TableView[] }[] = [];
  for (const table of tables) {
    const name = CHAIN.exec(table.id)?.[1] ?? '';
    const there = name === '' ? undefined : groups.find((g) => g.name === name);
    if (there === undefined) groups.push({ name, tables: [table] }); else there.tables.push(table);
  }
  return groups;
}
