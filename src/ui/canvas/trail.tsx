import { memo, useMemo } from 'react';
import { useApp } from '../state/store.ts';
import { eventAt } from '../state/playback.ts';
import { trailAt } from './flight.ts';
import type { CanvasLayout } from './layout.ts';
import { waysOf } from './travel.ts';
import { pathOf } from './wires.tsx';

/** The way the packet under the playhead came. Lies under what stands in a machine: it strikes through no name. */
export const Trail = memo(function Trail({ canvas }: { readonly canvas: CanvasLayout }) {
  const visible = useApp((s) => s.track.visible);
  const step = useApp((s) => s.step);
  const event = eventAt(visible, step);
  const path = useMemo(() => pathOf(waysOf(canvas).trail(trailAt(visible, step))), [canvas, visible, step]);
  if (event === undefined || event.pkt === 0 || event.place === '') return null;
  return <svg className="trail" width={canvas.width} height={canvas.height} aria-hidden="true"><path d={path} style={Object.fromEntries([['--layer', `var(--layer-${event.inner ?? event.layer})`]])} /></svg>;
});
