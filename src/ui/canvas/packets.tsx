/** The packets at the playhead. Their motion runs on animation frames and writes only to their own elements. */
import { memo, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { store, useApp } from '../state/store.ts';
import { indexAt } from '../state/playback.ts';
import { HOP_MS } from '../state/player.ts';
import { Capsule } from './capsule.tsx';
import { dropsAt, flightsAt, placeBefore, reasonOf } from './flight.ts';
import type { Point } from './geometry.ts';
import type { CanvasLayout } from './layout.ts';
import { useShort } from './short-names.ts';
import { HERE, marksOf, spread } from './stands.ts';
import { along, ease, waysOf, type Along } from './travel.ts';

/** A jump over more events than this is not flown. */
const FAR = 40;
const BY_HAND_MS = 420;
/** Width of a letter of a mark, roughly. */
const LETTER = 5.6;

interface Shown { place: string; point: Point }
interface Motion { readonly element: HTMLElement; readonly path: Along; readonly begin: number; readonly span: number; readonly shown: Shown }

export const Packets = memo(function Packets({ canvas }: { readonly canvas: CanvasLayout }) {
  const { visible, step, detail, reduced, since } = useApp(useShallow((s) => ({ visible: s.track.visible, step: s.step, detail: s.detail, reduced: s.reducedMotion, since: s.offer?.from ?? -1 })));
  const way = waysOf(canvas);
  const short = useShort();
  const flights = useMemo(() => flightsAt(visible, step), [visible, step]);
  const drops = useMemo(() => dropsAt(visible, step, since), [visible, step, since]);
  const elements = useRef(new Map<number, HTMLDivElement>());
  const shown = useRef(new Map<number, Shown>());
  const motions = useRef(new Map<number, Motion>());
  const frame = useRef(0);
  const at = useRef(-1);
  const crowd = useMemo(() => spread(flights, way.anchor, canvas.width), [flights, way, canvas.width]);
  const marks = useMemo(() => marksOf(drops, way.anchor), [drops, way]);

  useLayoutEffect(() => {
    const index = indexAt(visible, step);
    const near = Math.abs(index - at.current) <= FAR;
    const forward = index > at.current;
    at.current = index;
    const { playing, speed } = store.getState();
    const span = reduced ? 0 : playing ? Math.min(900, (HOP_MS * 0.62) / speed) : BY_HAND_MS;
    for (const pkt of shown.current.keys()) if (!flights.some((f) => f.pkt === pkt)) { shown.current.delete(pkt); motions.current.delete(pkt); }
    for (const flight of flights) {
      const element = elements.current.get(flight.pkt);
      const target = way.anchor(flight.event.place);
      if (element === undefined || target === undefined) continue;
      const aside = crowd.get(flight.pkt) ?? HERE;
      const stand = { x: target.x + aside.x, y: target.y + aside.y };
      const before = shown.current.get(flight.pkt);
      const from = before?.place ?? (forward && near ? placeBefore(visible, flight.event) : undefined);
      if (span === 0 || !near || from === undefined || from === flight.event.place) {
        motions.current.delete(flight.pkt);
        shown.current.set(flight.pkt, { place: flight.event.place, point: stand });
        put(element, stand);
        continue;
      }
      const points = way.between(from, flight.event.place);
      const start = before?.point ?? points[0] ?? target;
      const path = along([start, ...points.slice(1, -1), stand]);
      const mark = { place: flight.event.place, point: start };
      shown.current.set(flight.pkt, mark);
      put(element, start);
      motions.current.set(flight.pkt, { element, path, begin: performance.now(), span, shown: mark });
    }
    const tick = (now: number): void => {
      for (const [pkt, m] of motions.current) {
        const share = Math.min(1, (now - m.begin) / m.span);
        m.shown.point = m.path.at(ease(share));
        put(m.element, m.shown.point);
        if (share >= 1) motions.current.delete(pkt);
      }
      frame.current = motions.current.size > 0 ? requestAnimationFrame(tick) : 0;
    };
    if (motions.current.size > 0 && frame.current === 0) frame.current = requestAnimationFrame(tick);
  }, [flights, visible, step, way, reduced, crowd]);

  useEffect(() => () => { cancelAnimationFrame(frame.current); frame.current = 0; }, []);

  return (
    <div className="packets">
      {marks.map(({ event: d, at: p, times }) => {
        const text = `${times > 1 ? `${times}× ` : ''}${d.label === '' ? '' : `${d.label}: `}${short(reasonOf(d.title))}`;
        return <div key={d.step} className="drop-mark" data-side={p.x + text.length * LETTER > canvas.width ? 'left' : 'right'} style={{ left: p.x, top: p.y }}><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path d="M3 3L11 11M11 3L3 11" /></svg><span>{text}</span></div>;
      })}
      {flights.filter((f) => f.event.kind !== 'drop').map((f) => (
        <div key={f.pkt} className="packet" data-focus={f.focus} ref={(e) => { if (e === null) elements.current.delete(f.pkt); else elements.current.set(f.pkt, e); }}>
          <Capsule flight={f} detail={detail} />
        </div>
      ))}
    </div>
  );
});

const put = (element: HTMLElement, p: Point): void => { element.style.transform = `translate(${p.x.toFixed(2)}px, ${p.y.toFixed(2)}px)`; };
