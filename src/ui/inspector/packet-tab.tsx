import { Layers } from './layers.tsx';
import { Heading } from './heading.tsx';
import { Reason } from './reason.tsx';
import { Table } from './table.tsx';
import { WithDetail } from './with-detail.tsx';

/** The packet, in short why, and the table that decided. */
export function PacketTab() {
  return (
    <WithDetail>{(detail) => (
      <>
        <section className="inspector-section">
          <Heading detail={detail} />
          {detail.layers.length === 0 ? <p className="muted">No packet in this step.</p> : <Layers layers={detail.layers} />}
        </section>
        <section className="inspector-section"><h2 className="section-title">Why</h2><Reason reason={detail.reason} short /></section>
        {detail.tables.slice(0, 2).map((t) => <section key={t.id} className="inspector-section"><Table table={t} around={6} /></section>)}
      </>
    )}</WithDetail>
  );
}
