import { useApp } from '../state/store.ts';
import { useShort } from '../canvas/short-names.ts';
import { eventAt } from '../state/playback.ts';

/** The sentence of every hop, for who cannot see it move. Said once: the reason, which comes a moment later, is in the inspector. */
export function LiveRegion() {
  const short = useShort();
  const event = useApp((s) => eventAt(s.track.visible, s.step));
  return <div className="visually-hidden" aria-live="polite" data-testid="live">{event === undefined ? '' : `${event.label === '' ? '' : `${event.label}: `}${short(event.title)}.`}</div>;
}
