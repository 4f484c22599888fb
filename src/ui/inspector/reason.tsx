import type { ReasonView } from '../../worker/protocol.ts';
import { useApp } from '../state/store.ts';

export function Reason({ reason, short = false }: { readonly reason: ReasonView; readonly short?: boolean }) {
  const setView = useApp((s) => s.setView);
  return (
    <div className="reason">
      <p><b>{reason.headline}</b> {reason.text}</p>
      {reason.cause !== undefined && <p className="cause"><span className="muted">Because of</span> {reason.cause}</p>}
      {short && reason.tried.length > 0 && <button type="button" className="link" onClick={() => { setView({ tab: 'why' }); }}>{reason.tried.length === 1 ? '1 row was tried before' : `${reason.tried.length} rows were tried before`}</button>}
    </div>
  );
}
