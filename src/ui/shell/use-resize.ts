import { useState, type CSSProperties, type HTMLAttributes } from 'react';

const LEAST = 150;
const STEP = 24;

/** The border between canvas and dock, dragged or moved with the arrow keys. */
export function useResize(): { readonly style: CSSProperties | undefined; readonly grip: HTMLAttributes<HTMLDivElement> & { readonly role: string } } {
  const [height, setHeight] = useState<number>();
  const most = Math.max(LEAST, Math.round(window.innerHeight * 0.7));
  const put = (h: number): void => { setHeight(Math.max(LEAST, Math.min(most, Math.round(h)))); };
  const shown = height ?? 304;
  return {
    style: height === undefined ? undefined : Object.fromEntries([['--dock', `${height}px`]]),
    grip: {
      role: 'separator', tabIndex: 0, 'aria-orientation': 'horizontal', 'aria-label': 'Height of timeline and terminal', 'aria-valuenow': shown, 'aria-valuemin': LEAST, 'aria-valuemax': most,
      onPointerDown: (e) => { e.currentTarget.setPointerCapture(e.pointerId); },
      onPointerMove: (e) => { if (e.currentTarget.hasPointerCapture(e.pointerId)) put(window.innerHeight - e.clientY); },
      onKeyDown: (e) => {
        if (e.key !== 'ArrowUp' && e.key !== 'ArrowDown') return;
        e.preventDefault();
        put(shown + (e.key === 'ArrowUp' ? STEP : -STEP));
      },
    },
  };
}
