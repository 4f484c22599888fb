import { Heading } from './heading.tsx';
import { Reason } from './reason.tsx';
import { Table } from './table.tsx';
import { WithDetail } from './with-detail.tsx';

export function WhyTab() {
  return (
    <WithDetail>{(detail) => {
      const { reason } = detail;
      const winner = reason.won === undefined ? undefined : detail.tables.find((t) => t.id === reason.won?.table && t.rows.some((r) => r.mark !== undefined || r.key === reason.won?.key));
      return (
        <>
          <section className="inspector-section"><Heading detail={detail} /><Reason reason={reason} /></section>
          {winner !== undefined && (
            <section className="inspector-section">
              <h2 className="section-title">The row that won</h2>
              <Table table={winner} around={8} />
            </section>
          )}
          {reason.tried.length > 0 && (
            <section className="inspector-section">
              <h2 className="section-title">Tried before it</h2>
              <ol className="tried">{reason.tried.map((t, i) => <li key={`${t.row.table}${t.row.key}${i}`}><code>{t.text}</code><p><span aria-hidden="true">✕ </span>{t.failed}</p></li>)}</ol>
            </section>
          )}
        </>
      );
    }}</WithDetail>
  );
}
