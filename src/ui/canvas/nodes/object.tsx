import type { CSSProperties, ReactNode } from 'react';
import { store, useApp } from '../../state/store.ts';
import { eventAt } from '../../state/playback.ts';
import type { LayoutNode } from '../geometry.ts';

/** Machine colours, by position; -1 is outside the cluster. */
export const hueOf = (hue: number): string => (hue < 0 ? 'var(--m-ext)' : `var(--m${hue})`);

/** One reachable, named object of the canvas: click and Enter select it; it is marked while the playhead is there. */
export function CanvasObject({ node, className, children, onOpen, expanded, style }: { readonly node: LayoutNode; readonly className: string; readonly children: ReactNode; readonly onOpen?: (() => void) | undefined; readonly expanded?: boolean | undefined; readonly style?: CSSProperties | undefined }) {
  const selected = useApp((s) => s.selected === node.id);
  const active = useApp((s) => eventAt(s.track.visible, s.step)?.place === node.id);
  const choose = (): void => { if (onOpen !== undefined) onOpen(); store.getState().select(node.id); };
  return (
    <div
      className={`object ${className} nopan`} role="button" tabIndex={0} aria-pressed={expanded === undefined ? selected : undefined} aria-expanded={expanded} title={node.label}
      data-place={node.id} data-selected={selected} data-active={active} data-small={node.small} style={style}
      onClick={(e) => { e.stopPropagation(); choose(); }}
      onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); choose(); } }}
    >{children}<span className="visually-hidden">, {node.label}</span></div>
  );
}
