/** Tables of a namespace as rows of text, as they stood after a step. Columns follow the tool that prints the table. */
import type { AddressRow, RouteRow, RuleRow } from '../../engine/kernel/ipv4/rows.ts';
import type { FdbRow, LinkRow } from '../../engine/kernel/devices/rows.ts';
import type { CtRow } from '../../engine/kernel/conntrack/entry.ts';
import type { SocketRow } from '../../engine/kernel/transport/socket-row.ts';
import type { NeighRow } from '../../engine/kernel/neigh/rows.ts';
import type { Step } from '../../engine/trace/steps.ts';
import type { CtTuple } from '../../engine/uapi/netfilter.ts';
import { formatIpv4, formatMac, formatPrefix, isMulticastMac } from '../../engine/wire/addresses.ts';
import type { TableRow, TableView } from '../../worker/protocol.ts';
import type { Inspector } from '../inspector.ts';
import { chainTables } from './chains.ts';
import { hits, type Hits } from './hits.ts';

const protocolName = (n: number): string => ({ 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' })[n] ?? String(n);
const tableName = (n: number): string => ({ 253: 'default', 254: 'main', 255: 'local' })[n] ?? String(n);

function tuple(t: CtTuple): string {
  const end = t.icmpType === undefined ? ` sport=${t.sport} dport=${t.dport}` : ` type=${t.icmpType} code=${t.icmpCode ?? 0} id=${t.sport}`;
  return `src=${formatIpv4(t.src)} dst=${formatIpv4(t.dst)}${end}`;
}

interface Definition<Row> {
  readonly table: string;
  /** When two views show one table. */
  readonly id?: string;
  readonly title: string;
  readonly empty: string;
  readonly columns: readonly string[];
  readonly show: (row: Row, now: number) => boolean;
  readonly cells: (row: Row, now: number) => readonly string[];
  readonly order?: (a: Row, b: Row) => number;
}

const always = (): boolean => true;

const ROUTES: Definition<RouteRow> = {
  table: 'routes', title: 'Routes', empty: 'no routes', columns: ['destination', 'via', 'dev', 'src', 'metric', 'table'],
  show: (r) => r.table !== 255,
  order: (a, b) => b.table - a.table || a.dst.address - b.dst.address || b.dst.length - a.dst.length || a.priority - b.priority,
  cells: (r) => [
    `${r.type === 'unicast' ? '' : `${r.type} `}${r.dst.length === 0 ? 'default' : formatPrefix(r.dst)}`,
    r.nexthops.map((h) => (h.via === undefined ? '' : formatIpv4(h.via) + (h.onlink ? ' onlink' : ''))).join(', '), r.nexthops.map((h) => h.dev ?? '').join(', '),
    r.prefSrc === undefined ? '' : formatIpv4(r.prefSrc), r.priority === 0 ? '' : String(r.priority), tableName(r.table)],
};

const LOCAL: Definition<RouteRow> = { ...ROUTES, id: 'local', title: 'Local addresses (table local)', empty: 'no local routes', show: (r) => r.table === 255 };

const RULES: Definition<RuleRow> = {
  table: 'rules', title: 'Policy rules', empty: 'no rules', columns: ['priority', 'selector', 'action'], show: always, order: (a, b) => a.priority - b.priority,
  cells: (r) => [String(r.priority), [r.invert ? 'not' : '', `from ${r.src === undefined ? 'all' : formatPrefix(r.src)}`, r.dst === undefined ? '' : `to ${formatPrefix(r.dst)}`,
    r.iif === undefined ? '' : `iif ${r.iif}`, r.oif === undefined ? '' : `oif ${r.oif}`, r.fwmark === undefined ? '' : `fwmark 0x${r.fwmark.toString(16)}`].filter((w) => w !== '').join(' '),
  r.action === 'lookup' ? `lookup ${tableName(r.table)}` : r.action],
};

const NEIGHBOURS: Definition<NeighRow> = {
  table: 'neigh', title: 'Neighbours (ARP)', empty: 'no neighbour is known', columns: ['address', 'dev', 'lladdr', 'state'], show: always,
  cells: (r) => [formatIpv4(r.ip), r.dev, r.mac === undefined ? '' : formatMac(r.mac), r.state],
};

const FDB: Definition<FdbRow> = {
  table: 'fdb', title: 'Forwarding database', empty: 'no entries', columns: ['mac', 'dev', 'to', 'kind'], show: (r) => !isMulticastMac(r.mac),
  cells: (r) => [formatMac(r.mac), r.dev, r.dst !== undefined ? `vtep ${formatIpv4(r.dst)}` : (r.master ?? ''), r.kind],
};

const CONNTRACK: Definition<CtRow> = {
  table: 'conntrack', title: 'Connection tracking', empty: 'no connection is tracked', columns: ['proto', 'state', 'original', 'reply', 'timeout', 'flags'], show: (r, now) => r.expires > now,
  cells: (r, now) => [protocolName(r.original.protocol), r.state ?? '', tuple(r.original), tuple(r.reply), String(Math.max(0, Math.floor((r.expires - now) / 1e9))),
    [r.seenReply ? '' : '[UNREPLIED]', r.assured ? '[ASSURED]' : ''].filter((f) => f !== '').join(' ')],
};

const LINKS: Definition<LinkRow> = {
  table: 'links', title: 'Devices', empty: 'no devices', columns: ['#', 'name', 'kind', 'state', 'mtu', 'mac', 'master'], show: always, order: (a, b) => a.ifindex - b.ifindex,
  cells: (r) => [String(r.ifindex), r.name, r.kind, r.up ? (r.carrier ? 'up' : 'no carrier') : 'down', String(r.mtu), formatMac(r.mac), r.master ?? ''],
};

const ADDRESSES: Definition<AddressRow> = {
  table: 'addresses', title: 'Addresses', empty: 'no addresses', columns: ['address', 'dev', 'scope'], show: always, order: (a, b) => a.ifindex - b.ifindex || a.position - b.position,
  cells: (r) => [`${formatIpv4(r.address)}/${r.prefixLength}`, r.dev, r.scope],
};

const SOCKETS: Definition<SocketRow> = {
  table: 'sockets', title: 'Sockets', empty: 'no sockets', columns: ['proto', 'state', 'local', 'remote', 'process'], show: always,
  cells: (r) => [r.protocol, r.state, `${formatIpv4(r.local.address)}:${r.local.port}`, r.remote === undefined ? '*' : `${formatIpv4(r.remote.address)}:${r.remote.port}`, r.process ?? ''],
};

function view<Row extends object>(inspector: Inspector, ns: number, step: Step, marks: Hits, definition: Definition<Row>): TableView {
  const table = `${ns}/${definition.table}`;
  // The journal writes rows of this type and nothing else into this table.
  const rows = inspector.past.rows(table, step.i).map(([key, row]) => [key, row as Row] as const).filter(([, row]) => definition.show(row, step.t));
  const { order } = definition;
  if (order !== undefined) rows.sort(([, a], [, b]) => order(a, b));
  const removed = marks.removed(table).filter((r) => definition.show(r.row as Row, -1));
  return {
    id: `${ns}/${definition.id ?? definition.table}`, title: definition.title, columns: definition.columns, empty: definition.empty,
    rows: [
      ...rows.map(([key, row]): TableRow => ({ key, cells: definition.cells(row, step.t), mark: marks.of(table, key) })),
      ...removed.map(({ key, row }): TableRow => ({ key: `${key} removed`, cells: definition.cells(row as Row, step.t), mark: 'removed' }))],
  };
}

/** Every table but the rules, as of a step; the rows that the step decided by or changed are marked. */
export function plainTables(inspector: Inspector, ns: number, step: Step): readonly TableView[] {
  const marks = hits(inspector, step);
  return [
    view(inspector, ns, step, marks, CONNTRACK), view(inspector, ns, step, marks, NEIGHBOURS), view(inspector, ns, step, marks, ROUTES), view(inspector, ns, step, marks, RULES),
    view(inspector, ns, step, marks, LOCAL), view(inspector, ns, step, marks, FDB), view(inspector, ns, step, marks, LINKS), view(inspector, ns, step, marks, ADDRESSES),
    view(inspector, ns, step, marks, SOCKETS)];
}

/** Every table of a namespace, iptables chains included. */
export function namespaceTables(inspector: Inspector, ns: number, index: number): readonly TableView[] {
  const { steps } = inspector.lab;
  const step = steps[Math.min(Math.max(index, 0), steps.length - 1)];
  return step === undefined ? [] : [...plainTables(inspector, ns, step), ...chainTables(inspector, ns, step, hits(inspector, step))];
}
