/** Processes that a host's shells started, for ps, kill, pgrep, jobs. Daemons register themselves through `registerProcess`. */
import type { Process } from '../../engine/sim/process.ts';
import type { Host } from '../host.ts';

export interface ProcessEntry {
  readonly pid: number;
  readonly user: string;
  readonly args: readonly string[];
  readonly process: Process;
  readonly startedMillis: number;
  readonly tty: boolean;
}

const TABLES = new WeakMap<Host, Map<number, ProcessEntry>>();

export function registerProcess(host: Host, entry: ProcessEntry): void {
  let table = TABLES.get(host);
  if (table === undefined) {
    table = new Map();
    TABLES.set(host, table);
  }
  for (const [pid, old] of table) if (old.process.exitCode !== undefined) table.delete(pid);
  table.set(entry.pid, entry);
}

/** Running ones, by pid. */
export const processesOf = (host: Host): readonly ProcessEntry[] =>
  [...(TABLES.get(host)?.values() ?? [])].filter((e) => e.process.exitCode === undefined).sort((a, b) => a.pid - b.pid);
