/** Details and tables for the fake run. */
import type { FieldView, LayerView, StepDetail, TableView } from '../../worker/protocol.ts';
import type { FakeStep } from './fake-run.ts';

const port = (s: FakeStep): number => (s.layer === 'dns' || s.label.startsWith('DNS') ? 53 : 80);
const field = (name: string, value: string, offset: number, length: number, was?: string): FieldView => ({ name, value, was, offset, length });

function layers(s: FakeStep): readonly LayerView[] {
  const eth: LayerView = { layer: 'eth', name: 'ETH', summary: '82:58:68:26:58:6c → c6:1d:5f:d1:48:51', offset: 0, length: 14, fields: [field('destination', 'c6:1d:5f:d1:48:51', 0, 6), field('source', '82:58:68:26:58:6c', 6, 6), field('type', s.layer === 'arp' ? '0x0806 ARP' : '0x0800 IPv4', 12, 2)] };
  if (s.layer === 'arp') return [eth, { layer: 'arp', name: 'ARP', summary: s.label === 'ARP who-has' ? `who has ${s.dst}? tell ${s.src}` : `${s.src} is at c6:1d:5f:d1:48:51`, offset: 14, length: 28, fields: [field('operation', s.label === 'ARP who-has' ? '1 request' : '2 reply', 20, 2), field('sender', s.src, 28, 4), field('target', s.dst, 38, 4)] }];
  const outer = s.inner !== undefined;
  const at = outer ? 64 : 14;
  const ipWas = s.was === undefined ? undefined : s.was;
  const ip: LayerView = { layer: 'ipv4', name: 'IPv4', summary: `${s.src} → ${s.dst} · ttl ${s.ttl} · DF · id 59548`, offset: at, length: 20, fields: [
    field('ttl', String(s.ttl), at + 8, 1, s.place.endsWith('@FORWARD') ? String(s.ttl + 1) : undefined), field('id', '59548', at + 4, 2), field('flags', 'DF', at + 6, 1), field('protocol', '6 TCP', at + 9, 1),
    field('source', s.src, at + 12, 4, s.reply ? ipWas : undefined), field('destination', s.dst, at + 16, 4, s.reply ? undefined : ipWas)] };
  const top: LayerView = port(s) === 53
    ? { layer: 'dns', name: 'DNS', summary: s.reply ? 'A nginx-service.default.svc.cluster.local 10.43.180.238' : 'A? nginx-service.default.svc.cluster.local', offset: at + 28, length: 40, fields: [field('id', '0x2f1c', at + 28, 2), field('question', 'nginx-service.default.svc.cluster.local. IN A', at + 40, 28)] }
    : { layer: 'tcp', name: 'TCP', summary: s.reply ? '80 → 33700 · win 64308' : `33700 → 80 · ${s.label.replace(' :80', '')} · win 64860 · mss 1410`, offset: at + 20, length: 40, fields: [field('source port', s.reply ? '80' : '33700', at + 20, 2), field('destination port', s.reply ? '33700' : '80', at + 22, 2), field('sequence', '1290441733', at + 24, 4), field('flags', s.label, at + 33, 1), field('window', '64860', at + 34, 2), field('checksum', '0x16a3', at + 36, 2)] };
  const wrap: LayerView[] = outer ? [
    { layer: 'ipv4', name: 'IPv4', summary: s.reply ? '10.65.94.238 → 10.65.94.199' : '10.65.94.199 → 10.65.94.238', offset: 14, length: 20, fields: [field('ttl', '64', 22, 1), field('protocol', '17 UDP', 23, 1)] },
    { layer: 'udp', name: 'UDP', summary: '41217 → 8472', offset: 34, length: 8, fields: [field('destination port', '8472', 36, 2)] },
    { layer: 'vxlan', name: 'VXLAN', summary: 'vni 1', offset: 42, length: 8, fields: [field('vni', '1', 46, 3)] }] : [];
  return [eth, ...wrap, ip, top];
}

const bytes = (s: FakeStep): Uint8Array => Uint8Array.from({ length: s.inner === undefined ? 82 : 132 }, (_, i) => (i * 37 + s.step * 11 + (i > 60 ? 47 : 0)) % 256);

const SVC = 'KUBE-SVC-V2OKYYMBY3REGZOG';
export function svcTable(ns: number, hit: boolean): TableView {
  return { id: `${ns}/nat/${SVC}`, title: `nat · ${SVC}`, columns: ['#', 'pkts', 'match', 'target'], empty: 'no rules', rows: [
    { key: '1', cells: ['1', '0', '! -s 10.42.0.0/16', 'KUBE-MARK-MASQ'], mark: hit ? 'tried' : undefined },
    { key: '2', cells: ['2', hit ? '1' : '0', 'random 0.33333', 'KUBE-SEP-LNMZPQ2U2A5TEEGP'], mark: hit ? 'hit' : undefined },
    { key: '3', cells: ['3', '0', 'random 0.50000', 'KUBE-SEP-3Y75O4B4KDVD7TMA'], mark: undefined },
    { key: '4', cells: ['4', '0', '', 'KUBE-SEP-Z33JJVRDNG7R4HVW'], mark: undefined }] };
}

export function tablesAt(ns: number, step: number, steps: readonly FakeStep[]): readonly TableView[] {
  const past = steps.filter((s) => s.step <= step);
  const here = past.at(-1);
  const entries = new Map<number, { readonly s: FakeStep; readonly fresh: boolean }>();
  for (const s of past) if (s.ns === ns && s.kind === 'nat' && !s.reply && !entries.has(s.flow)) entries.set(s.flow, { s, fresh: s.step === here?.step });
  const conntrack: TableView = { id: `${ns}/conntrack`, title: 'conntrack', columns: ['proto', 'timeout', 'state', 'original', 'reply'], empty: 'no connections', rows: [...entries.values()].map(({ s, fresh }) => ({
    key: String(s.flow), mark: fresh ? 'added' : undefined, cells: port(s) === 53 ? ['udp', '30', '[UNREPLIED]', `${s.src}:40112 → ${s.was ?? ''}:53`, `${s.dst}:53 → ${s.src}:40112`] : ['tcp', '120', past.some((p) => p.flow === s.flow && p.reply) ? 'ESTABLISHED' : 'SYN_SENT', `${s.src}:33700 → ${s.was ?? ''}:80`, `${s.dst}:80 → ${s.src}:33700`] })) };
  if (ns > 9) return [
    { id: `${ns}/routes`, title: 'routes', columns: ['destination', 'via', 'dev'], empty: 'no routes', rows: [{ key: 'd', cells: ['default', '10.42.1.1', 'eth0'], mark: undefined }, { key: 'c', cells: ['10.42.1.0/24', '', 'eth0'], mark: undefined }] },
    { id: `${ns}/neigh`, title: 'neighbours', columns: ['address', 'dev', 'lladdr', 'state'], empty: 'no neighbours', rows: past.some((s) => s.label === 'ARP is-at' && s.ns === ns) ? [{ key: 'g', cells: ['10.42.1.1', 'eth0', 'c6:1d:5f:d1:48:51', 'REACHABLE'], mark: here?.label === 'ARP is-at' ? 'added' : undefined }] : [] },
  ];
  const node = ns - 1;
  return [
    { id: `${ns}/routes`, title: 'routes · main', columns: ['destination', 'via', 'dev', 'scope'], empty: 'no routes', rows: [
      { key: 'd', cells: ['default', '10.65.94.1', 'ens3', ''], mark: undefined },
      ...[0, 1, 2].map((n) => ({ key: `${n}`, cells: n === node ? [`10.42.${n}.0/24`, '', 'cni0', 'link'] : [`10.42.${n}.0/24`, `10.42.${n}.0`, 'flannel.1', 'onlink'], mark: here?.kind === 'route' && here.ns === ns && n === 0 ? 'hit' as const : undefined }))] },
    conntrack,
    { id: `${ns}/neigh`, title: 'neighbours', columns: ['address', 'dev', 'lladdr', 'state'], empty: 'no neighbours', rows: [{ key: 'f', cells: ['10.42.0.0', 'flannel.1', '5e:a4:11:00:9c:21', 'PERMANENT'], mark: undefined }] },
    { id: `${ns}/fdb`, title: 'fdb · flannel.1', columns: ['mac', 'dst'], empty: 'empty', rows: [{ key: 'f', cells: ['5e:a4:11:00:9c:21', '10.65.94.238'], mark: undefined }] },
    { id: `${ns}/nat/PREROUTING`, title: 'nat · PREROUTING', columns: ['#', 'pkts', 'match', 'target'], empty: 'no rules', rows: [{ key: '1', cells: ['1', String(past.filter((s) => s.ns === ns && s.kind === 'rule').length), '', 'KUBE-SERVICES'], mark: undefined }] },
    svcTable(ns, past.some((s) => s.ns === ns && s.kind === 'nat')),
    { id: `${ns}/nat/POSTROUTING`, title: 'nat · POSTROUTING', columns: ['#', 'pkts', 'match', 'target'], empty: 'no rules', rows: [{ key: '1', cells: ['1', '4', '', 'KUBE-POSTROUTING'], mark: undefined }, { key: '2', cells: ['2', '4', '', 'FLANNEL-POSTRTG'], mark: undefined }] },
    { id: `${ns}/filter/FORWARD`, title: 'filter · FORWARD', columns: ['#', 'pkts', 'match', 'target'], empty: 'no rules', rows: [{ key: '1', cells: ['1', '9', '', 'KUBE-FORWARD'], mark: undefined }, { key: '2', cells: ['2', '3', '', 'FLANNEL-FWD'], mark: undefined }] },
    { id: `${ns}/filter/INPUT`, title: 'filter · INPUT', columns: ['#', 'pkts', 'match', 'target'], empty: 'no rules', rows: [{ key: '1', cells: ['1', '41', '', 'KUBE-FIREWALL'], mark: undefined }] },
  ];
}

export function detail(s: FakeStep, steps: readonly FakeStep[]): StepDetail {
  const hook = s.kind === 'nat' || s.kind === 'rule';
  const tables = tablesAt(s.ns, s.step, steps);
  const conntrack = tables.find((t) => t.id.endsWith('/conntrack'));
  return {
    step: s.step, t: s.t, clock: '13:09:28.510565', nsId: s.ns, place: s.place,
    heading: s.pkt === 0 ? s.title : `Packet #${s.pkt} · ${s.title.split(' · ').slice(0, 2).join(' · ')}`,
    reason: hook && !s.reply && s.was !== undefined
      ? { headline: `DNAT to ${s.dst}:${port(s)}.`, text: `Rule 2 of ${SVC} drew 0.21 < 1/3, so the packet jumped to the first endpoint's chain. Conntrack now remembers the choice for the whole connection.`, won: { table: `${s.ns}/nat/${SVC}`, key: '2' }, tried: [{ row: { table: `${s.ns}/nat/${SVC}`, key: '1' }, text: '-A KUBE-SVC-V2OKYYMBY3REGZOG ! -s 10.42.0.0/16 -d 10.43.180.238/32 -p tcp --dport 80 -j KUBE-MARK-MASQ', failed: '! -s 10.42.0.0/16: the source 10.42.1.4 is inside' }], cause: 'Service default/nginx-service, spec.clusterIP' }
      : { headline: `${s.title}.`, text: s.kind === 'route' ? 'The longest prefix that holds the new destination wins.' : '', won: s.kind === 'route' ? { table: `${s.ns}/routes`, key: '0' } : undefined, tried: [], cause: undefined },
    layers: s.pkt === 0 ? [] : layers(s),
    bytes: s.pkt === 0 ? new Uint8Array() : bytes(s),
    tables: hook ? [svcTable(s.ns, true), ...(conntrack === undefined ? [] : [conntrack])] : s.kind === 'route' ? tables.slice(0, 1) : conntrack !== undefined && s.kind === 'conntrack' ? [conntrack] : [],
  };
}
