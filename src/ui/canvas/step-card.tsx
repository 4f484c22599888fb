import { Play } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { useLab } from '../state/lab-context.ts';
import { useApp } from '../state/store.ts';
import { eventAt, indexAt } from '../state/playback.ts';
import { useShort } from './short-names.ts';

/** The sentence of the step over the drawing; with reduced motion a whole card, in place of movement. */
export function StepCard() {
  const { event, n, total, reduced, reason } = useApp(useShallow((s) => {
    const event = eventAt(s.track.visible, s.step);
    return { event, n: indexAt(s.track.visible, s.step) + 1, total: s.track.visible.length, reduced: s.reducedMotion, reason: event !== undefined && s.detail?.step === event.step ? s.detail.reason : undefined };
  }));
  const short = useShort();
  if (event === undefined) return total > 0 ? <div className="step-card" data-card={false}><span className="muted">Before the first event.</span></div> : <Empty />;
  return (
    <div className="step-card" data-step={event.step} data-card={reduced} data-drop={event.kind === 'drop'}>
      {event.pkt !== 0 && <span className="step-label" style={{ background: `var(--layer-${event.layer})` }}>{event.label === '' ? event.layer : event.label}</span>}
      <span className="step-title" title={event.title}>{short(event.title)}</span>
      {reduced && <><span className="muted num">{n} of {total}</span>{reason !== undefined && <p><b>{reason.headline}</b> {reason.text}</p>}</>}
    </div>
  );
}

/** Nothing has happened: one button, and Space, run the first suggestion and play it. */
function Empty() {
  const first = useApp((s) => s.tries[0]);
  const busy = useApp((s) => s.tabs.some((t) => t.busy));
  const lab = useLab();
  if (first === undefined) return <div className="step-card" data-card={false}><span className="muted">Nothing has happened yet. Run a command in a terminal below.</span></div>;
  return (
    <div className="step-card" data-card={false} data-empty="true">
      <span className="muted">Nothing has happened yet.</span>
      <button type="button" className="button" data-kind="primary" disabled={busy} title={`${first.run} in ${first.on}`} onClick={(e) => { e.stopPropagation(); lab.play(); }}><Play size={13} aria-hidden="true" /><span>Run <code>{first.run}</code> in {first.on}</span><kbd>Space</kbd></button>
    </div>
  );
}
