import type { ReactNode } from 'react';
import type { StepDetail } from '../../worker/protocol.ts';
import { useApp } from '../state/store.ts';

/** The detail of the step under the playhead, or what stands there meanwhile. The last one stays while the next loads: no flicker. */
export function WithDetail({ children }: { readonly children: (detail: StepDetail) => ReactNode }) {
  const phase = useApp((s) => s.phase);
  const detail = useApp((s) => s.detail);
  const error = useApp((s) => s.detailError);
  if (phase === 'opening') return <div className="skeleton" aria-hidden="true"><i /><i /><i /><i /></div>;
  if (error !== undefined) return <p className="inspector-empty" role="alert">{error}</p>;
  if (detail === undefined) return <p className="inspector-empty">Nothing has happened yet. Run a command, then step through what it did.</p>;
  return <>{children(detail)}</>;
}
