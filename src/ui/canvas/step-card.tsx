import { useShallow } from 'zustand/react/shallow';
import { useApp } from '../state/store.ts';
import { eventAt, indexAt } from '../state/playback.ts';

/** The sentence of the step over the drawing; with reduced motion a whole card, in place of movement. */
export function StepCard() {
  const { event, n, total, reduced, reason } = useApp(useShallow((s) => {
    const event = eventAt(s.track.visible, s.step);
    return { event, n: indexAt(s.track.visible, s.step) + 1, total: s.track.visible.length, reduced: s.reducedMotion, reason: event !== undefined && s.detail?.step === event.step ? s.detail.reason : undefined };
  }));
  if (event === undefined) return <div className="step-card" data-card={false}><span className="muted">Nothing has happened yet. Run a command in a terminal below.</span></div>;
  return (
    <div className="step-card" data-step={event.step} data-card={reduced} data-drop={event.kind === 'drop'}>
      {event.pkt !== 0 && <span className="step-label" style={{ background: `var(--layer-${event.layer})` }}>{event.label === '' ? event.layer : event.label}</span>}
      <span className="step-title">{event.title}</span>
      {reduced && <><span className="muted num">{n} of {total}</span>{reason !== undefined && <p><b>{reason.headline}</b> {reason.text}</p>}</>}
    </div>
  );
}
