import { useApp } from '../state/store.ts';
import { eventAt } from '../state/playback.ts';

/** The sentence of every hop, for who cannot see it move. */
export function LiveRegion() {
  const event = useApp((s) => eventAt(s.track.visible, s.step));
  const reason = useApp((s) => (s.detail !== undefined && event !== undefined && s.detail.step === event.step ? s.detail.reason.headline : undefined));
  return <div className="visually-hidden" aria-live="polite" data-testid="live">{event === undefined ? '' : `${event.label === '' ? '' : `${event.label}: `}${event.title}. ${reason ?? ''}`}</div>;
}
