import { Pause, Play, SkipBack, SkipForward, StepBack, StepForward } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { useShort } from '../canvas/short-names.ts';
import { useLab } from '../state/lab-context.ts';
import { formatSince, indexAt } from '../state/playback.ts';
import { SPEEDS } from '../state/playback-slice.ts';
import { store, useApp } from '../state/store.ts';

/** To start, back, play or pause, forward, to end, speed, scrubber, n of N, time. */
export function Transport() {
  const lab = useLab();
  const { visible, step, playing, speed, live, hops, hidden, showNoise, clock, startable } = useApp(useShallow((s) => ({ visible: s.track.visible, hops: s.track.hops, hidden: s.track.hidden, showNoise: s.showNoise, step: s.step, playing: s.playing, speed: s.speed, live: s.live, clock: s.detail?.clock, startable: s.phase === 'ready' && s.events.length === 0 && s.tries.length > 0 })));
  const short = useShort();
  const at = indexAt(visible, step);
  const event = visible[at];
  const none = visible.length === 0;
  const act = (what: 'toStart' | 'toEnd') => (): void => { store.getState().setPlaying(false); store.getState()[what](); };
  const hop = (direction: 1 | -1) => (): void => { store.getState().setPlaying(false); store.getState().hop(direction); };
  return (
    <div className="transport" role="toolbar" aria-label="Playback">
      <button type="button" className="icon-button" aria-label="To start" title="To start (Home)" disabled={none} onClick={act('toStart')}><SkipBack size={15} /></button>
      <button type="button" className="icon-button" aria-label="Step back" title="Step back (←)" disabled={none} onClick={hop(-1)}><StepBack size={15} /></button>
      <button type="button" className="icon-button play" aria-label={playing ? 'Pause' : 'Play'} title="Play or pause (Space)" disabled={hops.length === 0 && !startable} onClick={() => { lab.play(); }}>{playing ? <Pause size={15} /> : <Play size={15} />}</button>
      <button type="button" className="icon-button" aria-label="Step forward" title="Step forward (→)" disabled={none} onClick={hop(1)}><StepForward size={15} /></button>
      <button type="button" className="icon-button" aria-label="To end" title="To end (End)" disabled={none} onClick={act('toEnd')}><SkipForward size={15} /></button>
      <select aria-label="Speed" value={speed} onChange={(e) => { store.getState().setSpeed(Number(e.target.value)); }}>{SPEEDS.map((s) => <option key={s} value={s}>{s}×</option>)}</select>
      <input
        type="range" aria-label="Event" min={0} max={Math.max(0, visible.length - 1)} value={Math.max(0, at)} disabled={none} aria-valuetext={event === undefined ? 'no event' : `event ${at + 1} of ${visible.length}: ${short(event.title)}`}
        onChange={(e) => { const target = visible[Number(e.target.value)]; if (target !== undefined) { store.getState().setPlaying(false); store.getState().seek(target.step); } }} />
      <span className="transport-count num" data-testid="count">{none ? 'no events' : `event ${at + 1} of ${visible.length}`}</span>
      <span className="transport-time num mono" title={event === undefined ? undefined : `Since the first event.${clock === undefined ? '' : ` On the machines’ clocks: ${clock}`}`}>{event === undefined ? '' : formatSince(event.t - (visible[0]?.t ?? 0))}</span>
      {hidden > 0 && <button type="button" className="timeline-hidden num" aria-pressed={showNoise} title={showNoise ? 'Hide the events of the control plane' : 'Events of the control plane are hidden. Show them'} onClick={() => { store.getState().setShowNoise(!showNoise); }}>{showNoise ? `Hide ${hidden}` : `${hidden} hidden`}</button>}
      <button type="button" className="transport-now" data-live={live} disabled={live} title={live ? 'Terminals see the present' : 'Terminals see the past that the playhead stands in. Go back to now (End)'} onClick={act('toEnd')}>{live ? 'now' : 'in the past'}</button>
    </div>
  );
}
