/**
 * Read first: lsns(8) of util-linux 2.37. Models: namespaces that processes of the host live in, -t, -p, -n, -o, a namespace's number.
 * Not modelled: trees, JSON, namespaces that only a mount keeps; a machine's own services are one number.
 */
import type { Program } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { initOf, NAMESPACE_KINDS, namespaceNumber, processesOf, type NamespaceKind, type ProcessEntry } from '../../shell/process-table.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';

/** Kernel threads and services of a fresh Ubuntu server, beside what the lab runs. */
const SERVICES = 120;

interface Row {
  readonly ns: number;
  readonly kind: NamespaceKind;
  readonly name: string | undefined;
  readonly count: number;
  readonly pid: number;
  readonly user: string;
  readonly command: string;
}

const init = (context: Context): string => {
  const first = processesOf(context.host).find((p) => p.pid === 1);
  return initOf(context.host)?.command ?? first?.title ?? first?.args.join(' ') ?? '';
};

function rowsOf(context: Context): readonly Row[] {
  const rows = new Map<string, Row>();
  const all = processesOf(context.host);
  for (const kind of NAMESPACE_KINDS) rows.set(kind, { ns: namespaceNumber(context.host, kind, undefined), kind, name: undefined, count: SERVICES + all.filter((p) => (p.namespaces?.[kind] ?? '') === '').length, pid: 1, user: 'root', command: init(context) });
  for (const p of all) {
    for (const kind of NAMESPACE_KINDS) {
      const name = p.namespaces?.[kind] ?? '';
      if (name === '') continue;
      const key = `${kind}:${name}`;
      const known = rows.get(key);
      // Entries come by pid: the first is the lowest.
      rows.set(key, known === undefined ? { ns: namespaceNumber(context.host, kind, name), kind, name, count: 1, pid: p.pid, user: p.user, command: p.title ?? p.args.join(' ') } : { ...known, count: known.count + 1 });
    }
  }
  return [...rows.values()].sort((a, b) => a.ns - b.ns);
}

/** NETNSID: the number that this namespace has for a peer of one of its devices. */
function netnsId(context: Context, name: string | undefined): string {
  const id = name === undefined ? undefined : context.kernel.netlink.links().find((l) => l.link?.netns === name)?.link?.netnsid;
  return id === undefined ? 'unassigned' : String(id);
}

type Column = { readonly right: boolean; readonly text: (context: Context, row: Row) => string };
const COLUMNS: Readonly<Record<string, Column>> = {
  NS: { right: true, text: (_, r) => String(r.ns) },
  TYPE: { right: false, text: (_, r) => r.kind },
  NPROCS: { right: true, text: (_, r) => String(r.count) },
  PID: { right: true, text: (_, r) => String(r.pid) },
  USER: { right: false, text: (_, r) => r.user },
  NETNSID: { right: true, text: (context, r) => (r.kind === 'net' ? netnsId(context, r.name) : '') },
  NSFS: { right: false, text: (context, r) => (r.kind === 'net' && r.name !== undefined && context.host.kernel.netnsList().includes(r.name) ? `/run/netns/${r.name}` : '') },
  COMMAND: { right: false, text: (_, r) => r.command },
};

/** libsmartcols: columns as wide as their widest cell, one blank between. */
function table(context: Context, rows: readonly Row[], names: readonly string[], headings: boolean): string {
  const cells = [...(headings ? [names] : []), ...rows.map((r) => names.map((n) => COLUMNS[n]?.text(context, r) ?? ''))];
  const widths = names.map((_, i) => Math.max(...cells.map((c) => c[i]?.length ?? 0)));
  return cells.map((line) => `${line.map((cell, i) => (COLUMNS[names[i] ?? '']?.right === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' ').trimEnd()}\n`).join('');
}

const isKind = (text: string): text is NamespaceKind => NAMESPACE_KINDS.some((k) => k === text);

function* main(context: Context): Program {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), { short: 'Jlno:p:rut:WT:hV', long: { json: 'J', list: 'l', noheadings: 'n', output: 'o:', 'output-all': 'A', task: 'p:', raw: 'r', notruncate: 'u', type: 't:', nowrap: 'W', tree: 'T::' } });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(1, `lsns: ${error.message}\nTry 'lsns --help' for more information.\n`);
    throw error;
  }
  const absent = ['J', 'T', 'r', 'A'].find((o) => options.has(o));
  if (absent !== undefined) throw new Exit(1, `lsns: -${absent} is ${NOT_MODELLED}\n`);
  const types = options.given.get('t') ?? [];
  for (const type of types) if (!isKind(type)) throw new Exit(1, `lsns: unknown namespace type: ${type}\n`);
  const pid = options.value('p');
  if (pid !== undefined && !/^\d+$/.test(pid)) throw new Exit(1, `lsns: invalid PID argument: '${pid}'\n`);
  const [number] = options.rest;
  if (number !== undefined && !/^\d+$/.test(number)) throw new Exit(1, `lsns: invalid namespace argument: '${number}'\n`);
  const names = options.value('o')?.toUpperCase().split(',') ?? (types.length === 1 && types[0] === 'net' ? ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'NETNSID', 'NSFS', 'COMMAND'] : ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'COMMAND']);
  for (const name of names) if (COLUMNS[name] === undefined) throw new Exit(1, `lsns: unknown column: ${name}\n`);
  const own: Pick<ProcessEntry, 'namespaces'> | undefined = pid === undefined || pid === '1' ? {} : processesOf(context.host).find((p) => String(p.pid) === pid);
  const rows = own === undefined ? [] : rowsOf(context).filter((r) =>
    (types.length === 0 || types.includes(r.kind)) && (number === undefined || String(r.ns) === number) && (pid === undefined || (own.namespaces?.[r.kind] ?? '') === (r.name ?? '')));
  if (rows.length > 0) print(context, table(context, rows, names, !options.has('n')));
  return 0;
}

export const lsns: Command = {
  name: 'lsns', models: '-t, -p, -n, -o, a number', notModelled: 'trees, JSON',
  *run(context) {
    return yield* catching(context, main(context));
  },
};
