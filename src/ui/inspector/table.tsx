import { memo, useState } from 'react';
import type { TableRow, TableView } from '../../worker/protocol.ts';
import { ConntrackRows } from './conntrack-rows.tsx';
import { around as sliceAround, MARKS } from './rows.ts';

const MANY = 60;

/** A kernel table as of the playhead. Marked rows have a bar and a word, not only a colour. */
export const Table = memo(function Table({ table, around, heading = true }: { readonly table: TableView; readonly around?: number | undefined; readonly heading?: boolean }) {
  const [all, setAll] = useState(false);
  const marked = table.rows.some((r) => r.mark !== undefined);
  const { rows, before, after } = sliceAround(table.rows, all ? Infinity : around ?? MANY);
  // Beside a packet, rows too wide for the panel are lines of text that wrap.
  const lines = around !== undefined && widthOf(table) > 52;
  const inLines = lines || table.id.endsWith('/conntrack');
  return (
    <div className="table-view" data-table={table.id}>
      {heading && <h3 className="section-title table-title">{table.title}</h3>}
      {table.rows.length === 0 ? <p className="muted table-none">{table.empty}</p> : table.id.endsWith('/conntrack') ? <ConntrackRows table={table} rows={rows} /> : lines ? (
        <ul className="row-lines mono">{rows.map((r) => <li key={r.key} data-mark={r.mark} data-key={r.key}>{r.mark !== undefined && <span className="mark">{MARKS[r.mark]} </span>}{r.cells.filter((c) => c !== '').join('  ')}</li>)}</ul>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={table.title}>
          <table className="mono" data-fit={around !== undefined}>
            <thead><tr>{marked && <th aria-label="mark" />}{table.columns.map((c, i) => <th key={i} scope="col">{c}</th>)}</tr></thead>
            <tbody>
              {before > 0 && <More n={before} columns={table.columns.length} text="above" onShow={() => { setAll(true); }} />}
              {rows.map((r) => <Row key={r.key} row={r} marked={marked} />)}
              {after > 0 && <More n={after} columns={table.columns.length} text="below" onShow={() => { setAll(true); }} />}
            </tbody>
          </table>
        </div>
      )}
      {inLines && before + after > 0 && <p className="more-lines"><button type="button" className="link" onClick={() => { setAll(true); }}>{before + after} more {before + after === 1 ? 'row' : 'rows'}</button></p>}
    </div>
  );
});

const widthOf = (table: TableView): number => table.columns.reduce((sum, name, i) => sum + Math.max(name.length, ...table.rows.slice(0, 40).map((r) => r.cells[i]?.length ?? 0)), 0);

const Row = ({ row, marked }: { readonly row: TableRow; readonly marked: boolean }) => (
  <tr data-mark={row.mark} data-key={row.key}>{marked && <td className="mark-column">{row.mark !== undefined && <span className="mark">{MARKS[row.mark]}</span>}</td>}{row.cells.map((c, i) => <td key={i} title={c.length > 26 ? c : undefined}>{c}</td>)}</tr>
);

const More = ({ n, columns, text, onShow }: { readonly n: number; readonly columns: number; readonly text: string; readonly onShow: () => void }) => <tr className="more-rows"><td colSpan={columns + 1}><button type="button" className="link" onClick={onShow}>{n} more {text}</button></td></tr>;
