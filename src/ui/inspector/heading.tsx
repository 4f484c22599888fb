import type { StepDetail } from '../../worker/protocol.ts';
import { useShort } from '../canvas/short-names.ts';

/** Which packet, where, what, and when on the machines' clocks. */
export function Heading({ detail }: { readonly detail: StepDetail }) {
  const short = useShort();
  return <header className="step-heading" data-step={detail.step}><h2>{short(detail.heading)}</h2><p className="clock mono num muted">{detail.clock}</p></header>;
}
