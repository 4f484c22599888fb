import { expect, it, describe } from 'vitest';
import type { LayerView, TableRow } from '../../worker/protocol.ts';
import { ascii, hex, ownersOf } from './bytes.ts';
import { around } from './rows.ts';
import { groupsOf } from './table-groups.ts';
import { readTuple } from './tuple.ts';

const row = (n: number, mark?: TableRow['mark']): TableRow => ({ key: String(n), cells: [String(n)], mark });

describe('rows around the one that decided', () => {
  it.each([[0, 0], [50, 47], [99, 94]])('hit at %i starts at %i', (hit, start) => {
    const rows = Array.from({ length: 100 }, (_, n) => row(n, n === hit ? 'hit' : undefined));
    const slice = around(rows, 6);
    expect([slice.rows[0]?.key, slice.rows.length, slice.before + slice.rows.length + slice.after]).toEqual([String(start), 6, 100]);
    expect(slice.rows.some((r) => r.mark === 'hit')).toBe(true);
  });
  it('a short table is whole', () => { expect(around([row(1), row(2)], 6)).toEqual({ rows: [row(1), row(2)], before: 0, after: 0 }); });
});

it('a byte belongs to the narrowest field and the innermost layer', () => {
  const layers: LayerView[] = [{ layer: 'eth', name: 'ETH', summary: '', offset: 0, length: 20, fields: [{ name: 'wide', value: '', was: undefined, offset: 0, length: 10 }, { name: 'narrow', value: '', was: undefined, offset: 2, length: 2 }] }, { layer: 'ipv4', name: 'IPv4', summary: '', offset: 14, length: 6, fields: [] }];
  const owners = ownersOf(22, layers);
  expect([owners[1]?.field?.name, owners[2]?.field?.name, owners[15]?.layer, owners[21]]).toEqual(['wide', 'narrow', 'ipv4', undefined]);
});
it('bytes as text', () => { expect([hex(10), ascii(65), ascii(0)]).toEqual(['0a', 'A', '·']); });

it('reads a tuple as two ends', () => {
  expect(readTuple('src=10.42.1.4 dst=10.43.180.238 sport=38316 dport=80')).toEqual({ from: '10.42.1.4:38316', to: '10.43.180.238:80', rest: '' });
  expect(readTuple('src=10.42.1.4 dst=10.42.0.8 type=8 code=0 id=5')).toEqual({ from: '10.42.1.4', to: '10.42.0.8', rest: 'type 8 code 0 id 5' });
  expect(readTuple('nothing of the kind')).toBeUndefined();
});

it('gathers chains by iptables table, at the place of the first', () => {
  const table = (id: string) => ({ id, title: id, columns: [], rows: [], empty: '' });
  const names = groupsOf(['1/routes', '1/nat/PREROUTING', '1/filter/INPUT', '1/nat/KUBE-SERVICES', '1/sockets'].map(table)).map((g) => [g.name, g.tables.length]);
  expect(names).toEqual([['', 1], ['nat', 2], ['filter', 1], ['', 1]]);
});
