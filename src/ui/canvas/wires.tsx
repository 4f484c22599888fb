import { memo } from 'react';
import type { CanvasLayout } from './layout.ts';
import type { Point } from './geometry.ts';

export const pathOf = (points: readonly Point[]): string => points.map((p, i) => `${i === 0 ? 'M' : 'L'}${p.x} ${p.y}`).join('');

/** All lines of the drawing in one picture, above the machines' backs and below what stands in them. */
export const Wires = memo(function Wires({ canvas }: { readonly canvas: CanvasLayout }) {
  return (
    <svg className="wires" width={canvas.width} height={canvas.height} aria-hidden="true">
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" /></marker></defs>
      {canvas.wires.map((w) => (w.kind === 'way' || w.points.length < 2 ? null : <path key={w.id} className={`wire wire-${w.kind}`} d={pathOf(w.points)} markerEnd={w.kind === 'flow' ? 'url(#arrow)' : undefined} />))}
    </svg>
  );
});
