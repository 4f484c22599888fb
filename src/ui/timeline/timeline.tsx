import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { ZoomIn, ZoomOut } from 'lucide-react';
import type { EventKind } from '../../worker/protocol.ts';
import { laneName } from '../canvas/places.ts';
import { store, useApp } from '../state/store.ts';
import { indexAt } from '../state/playback.ts';
import { colorOf } from '../theme/use-theme.ts';
import { drawTimeline, LONGEST_NAME, type Palette } from './draw.ts';
import { clamped, indexOf, lanesOf, LOOKS, RIGHT, showing, whole, zoomed, type Window } from './lanes.ts';
import './timeline.css';

const NARROW_LEFT = 104;
const WIDE_LEFT = 136;
const LANE = 16;
const MOST_LANES = 6;
const KINDS: readonly EventKind[] = ['link', 'bridge', 'route', 'hook', 'rule', 'conntrack', 'nat', 'neigh', 'encap', 'socket', 'drop', 'end', 'table', 'process', 'control'];

function paletteOf(element: HTMLElement, projector: boolean): Palette {
  const get = (token: string): string => colorOf(token, element);
  return { ticks: new Map(KINDS.map((k) => [k, get(LOOKS[k].token)])), line: get('--line'), muted: get('--muted'), playhead: get('--playhead'), panel: get('--panel'), font: `${projector ? 13 : 11}px "Inter Variable", sans-serif` };
}

export function Timeline() {
  const track = useApp((s) => s.track);
  const topology = useApp((s) => s.topology);
  const step = useApp((s) => s.step);
  const theme = useApp((s) => s.theme);
  const projector = useApp((s) => s.projector);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const [window_, setWindow] = useState<Window>();
  const count = track.visible.length;
  const index = indexAt(track.visible, step);
  const view = window_ === undefined ? whole(count) : clamped(showing(window_, Math.max(0, index), count), count);
  const laneHeight = projector ? 21 : LANE;
  const left = projector ? WIDE_LEFT : NARROW_LEFT;
  const lanes = useMemo(() => lanesOf(track.visible, MOST_LANES).map((ns) => ({ ns, name: topology === undefined ? '' : laneName(topology, ns, LONGEST_NAME) })), [track, topology]);
  const height = Math.max(2, lanes.length) * laneHeight + 16;
  const here = track.visible[index];

  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const change = (): void => { setDark(query.matches); };
    query.addEventListener('change', change);
    return () => { query.removeEventListener('change', change); };
  }, []);
  useLayoutEffect(() => {
    const element = canvas.current?.parentElement;
    if (element === null || element === undefined) return;
    const watch = new ResizeObserver(() => { setWidth(element.clientWidth); });
    watch.observe(element);
    return () => { watch.disconnect(); };
  }, []);
  // Colours follow the theme: read again when it changed, not at every frame.
  const look = `${theme} ${dark} ${projector}`;
  const palette = useRef<{ readonly look: string; readonly colors: Palette }>(undefined);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined || width === 0) return;
    const parent = element.parentElement;
    if (parent !== null && palette.current?.look !== look) palette.current = { look, colors: paletteOf(parent, projector) };
    if (palette.current === undefined) return;
    const scale = devicePixelRatio;
    if (element.width !== Math.round(width * scale) || element.height !== Math.round(height * scale)) { element.width = Math.round(width * scale); element.height = Math.round(height * scale); }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawTimeline(context, { events: track.visible, lanes, window: view, width, height, left, laneHeight, playhead: index, flow: here?.flow === 0 ? undefined : here?.flow }, palette.current.colors);
  });

  const scrub = (clientX: number): void => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return;
    const i = Math.max(0, Math.min(count - 1, indexOf(clientX - box.left, view, left, width - left - RIGHT)));
    const target = track.visible[i];
    if (target !== undefined && target.step !== step) { store.getState().setPlaying(false); store.getState().seek(target.step); }
  };
  const zoom = (by: number, around = Math.max(0, index)): void => { const next = zoomed(view, by, around, count); setWindow(next.to - next.from >= count ? undefined : next); };

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const wheel = (e: WheelEvent): void => {
      e.preventDefault();
      if (e.ctrlKey) zoom(Math.exp(e.deltaY * 0.004), indexOf(e.offsetX, view, left, width - left - RIGHT));
      else { const by = ((Math.abs(e.deltaX) > Math.abs(e.deltaY) ? e.deltaX : e.deltaY) / Math.max(1, width)) * (view.to - view.from); setWindow(clamped({ from: view.from + by, to: view.to + by }, count)); }
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => { element.removeEventListener('wheel', wheel); };
  });

  return (
    <div className="timeline" style={{ height }}>
      <canvas
        ref={canvas} style={{ width: '100%', height }} aria-hidden="true" data-testid="timeline"
        onPointerDown={(e) => { if (e.button !== 0) return; e.currentTarget.setPointerCapture(e.pointerId); scrub(e.clientX); }}
        onPointerMove={(e) => { if (e.currentTarget.hasPointerCapture(e.pointerId)) scrub(e.clientX); }} />
      {count === 0 && <p className="timeline-empty muted">No events yet</p>}
      <div className="timeline-tools">
        <button type="button" className="icon-button" aria-label="Zoom the timeline in" disabled={count <= 8} onClick={() => { zoom(0.5); }}><ZoomIn size={13} /></button>
        <button type="button" className="icon-button" aria-label="Zoom the timeline out" disabled={window_ === undefined} onClick={() => { zoom(2); }}><ZoomOut size={13} /></button>
      </div>
    </div>
  );
}
