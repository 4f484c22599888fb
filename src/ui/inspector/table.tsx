import { useState } from 'react';
import type { TableRow, TableView } from '../../worker/protocol.ts';
import { around as sliceAround, MARKS } from './rows.ts';

const MANY = 60;

/** A kernel table as of the playhead. Marked rows have a bar and a word, not only a colour. */
export function Table({ table, around, heading = true }: { readonly table: TableView; readonly around?: number | undefined; readonly heading?: boolean }) {
  const [all, setAll] = useState(false);
  const { rows, before, after } = sliceAround(table.rows, all ? Infinity : around ?? MANY);
  return (
    <div className="table-view" data-table={table.id}>
      {heading && <h3 className="section-title table-title">{table.title}</h3>}
      {table.rows.length === 0 ? <p className="muted table-none">{table.empty}</p> : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={table.title}>
          <table className="mono">
            <thead><tr>{table.columns.map((c, i) => <th key={i} scope="col">{c}</th>)}<th aria-label="mark" className="mark-column" /></tr></thead>
            <tbody>
              {before > 0 && <More n={before} columns={table.columns.length} text="above" onShow={() => { setAll(true); }} />}
              {rows.map((r) => <Row key={r.key} row={r} />)}
              {after > 0 && <More n={after} columns={table.columns.length} text="below" onShow={() => { setAll(true); }} />}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

const Row = ({ row }: { readonly row: TableRow }) => (
  <tr data-mark={row.mark} data-key={row.key}>{row.cells.map((c, i) => <td key={i} title={c.length > 26 ? c : undefined}>{c}</td>)}<td className="mark-column">{row.mark !== undefined && <span className="mark">{MARKS[row.mark]}</span>}</td></tr>
);

const More = ({ n, columns, text, onShow }: { readonly n: number; readonly columns: number; readonly text: string; readonly onShow: () => void }) => <tr className="more-rows"><td colSpan={columns + 1}><button type="button" className="link" onClick={onShow}>{n} more {text}</button></td></tr>;
