import type { TableRow, TableView } from '../../worker/protocol.ts';
import { MARKS } from './rows.ts';
import { readTuple, type Tuple } from './tuple.ts';

/** Connections, two lines each: the way there and the way back. What NAT makes different between them stands out. */
export function ConntrackRows({ table, rows }: { readonly table: TableView; readonly rows: readonly TableRow[] }) {
  const at = (name: string): number => table.columns.indexOf(name);
  const cell = (row: TableRow, name: string): string => row.cells[at(name)] ?? '';
  return (
    <ul className="row-lines mono connections">
      {rows.map((row) => {
        const there = readTuple(cell(row, 'original'));
        const back = readTuple(cell(row, 'reply'));
        return (
          <li key={row.key} data-mark={row.mark} data-key={row.key} title={`${cell(row, 'original')} ${cell(row, 'reply')}`}>
            <p className="connection-head">
              <b>{cell(row, 'proto')}</b> <span>{cell(row, 'state')}</span> <span className="muted">{cell(row, 'flags')} {cell(row, 'timeout')} s</span>
              {row.mark !== undefined && <span className="mark">{MARKS[row.mark]}</span>}
            </p>
            {there === undefined ? <p>{cell(row, 'original')}</p> : <Ends name="to" tuple={there} />}
            {back === undefined ? <p>{cell(row, 'reply')}</p> : <Ends name="back" tuple={back} against={there} />}
          </li>
        );
      })}
    </ul>
  );
}

/** `against`: the other direction, whose ends these are swapped unless NAT changed one. */
function Ends({ name, tuple, against }: { readonly name: string; readonly tuple: Tuple; readonly against?: Tuple | undefined }) {
  return (
    <p className="connection-tuple"><span className="muted">{name}</span> <End text={tuple.from} nat={against !== undefined && against.to !== tuple.from} /><span aria-label="to"> → </span><End text={tuple.to} nat={against !== undefined && against.from !== tuple.to} />{tuple.rest !== '' && <span className="muted"> {tuple.rest}</span>}</p>
  );
}

const End = ({ text, nat }: { readonly text: string; readonly nat: boolean }) => (nat ? <ins title="Not the other direction's end: NAT">{text}</ins> : <>{text}</>);
