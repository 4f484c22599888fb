import { ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { TableView } from '../../worker/protocol.ts';
import { laneName, nsOf } from '../canvas/places.ts';
import { useApp } from '../state/store.ts';
import { Table } from './table.tsx';
import { groupsOf } from './table-groups.ts';

/** Every table of the selected namespace, or of the one under the playhead, as of the playhead. */
export function TablesTab() {
  const topology = useApp((s) => s.topology);
  const tables = useApp((s) => s.tables);
  const selected = useApp((s) => s.selected);
  const detail = useApp((s) => s.detail);
  const [filter, setFilter] = useState('');
  const [opened, setOpened] = useState<Readonly<Record<string, boolean>>>({});
  if (topology === undefined) return <div className="skeleton" aria-hidden="true"><i /><i /><i /></div>;
  const wanted = (selected === undefined ? undefined : nsOf(topology, selected)) ?? detail?.nsId;
  if (wanted === undefined || wanted === 0) return <p className="inspector-empty">Select a machine, a pod or a device to see its tables.</p>;
  if (tables === undefined || tables.ns !== wanted) return <div className="skeleton" aria-hidden="true"><i /><i /><i /></div>;
  const words = filter.toLowerCase();
  const list = tables.list.filter((t) => words === '' || t.title.toLowerCase().includes(words) || t.rows.some((r) => r.cells.some((c) => c.toLowerCase().includes(words))));
  const marks = new Map((detail?.nsId === wanted ? detail.tables : []).map((t) => [t.id, t]));
  const fold = (t: TableView): ReactNode => {
    const shown = marks.get(t.id) ?? t;
    const marked = isMarked(shown);
    const open = opened[t.id] ?? (marked || words !== '' || isPlain(t));
    return (
      <section key={t.id} className="table-fold" data-marked={marked}>
        <button type="button" aria-expanded={open} onClick={() => { setOpened({ ...opened, [t.id]: !open }); }}><ChevronRight size={13} aria-hidden="true" /><span className="ellipsis">{t.title}</span><span className="muted num">{t.rows.length}</span></button>
        {open && <Table table={shown} heading={false} />}
      </section>
    );
  };
  return (
    <>
      <div className="tables-head">
        <h2>{laneName(topology, wanted)}</h2>
        <input type="search" value={filter} placeholder="Filter" aria-label="Filter tables" onChange={(e) => { setFilter(e.target.value); }} />
      </div>
      {groupsOf(list).map(({ name, tables: chains }) => {
        if (name === '') return chains.map(fold);
        const marked = chains.some((t) => isMarked(marks.get(t.id)));
        const open = opened[name] ?? (marked || words !== '');
        return (
          <section key={name} className="table-group" data-marked={marked}>
            <button type="button" aria-expanded={open} onClick={() => { setOpened({ ...opened, [name]: !open }); }}><ChevronRight size={13} aria-hidden="true" /><span>iptables {name}</span><span className="muted num">{chains.length === 1 ? '1 chain' : `${chains.length} chains`}</span></button>
            {open && chains.map(fold)}
          </section>
        );
      })}
      {list.length === 0 && <p className="inspector-empty">No table matches "{filter}".</p>}
    </>
  );
}

const isMarked = (t: TableView | undefined): boolean => t?.rows.some((r) => r.mark !== undefined) === true;

/** Short everyday tables stand open; rule chains open when they matter. */
const isPlain = (t: TableView): boolean => /\/(routes|conntrack|neigh)$/.test(t.id) && t.rows.length <= 12;
