/** Light, dark, projector and reduced motion, kept on this device; set on <html> before the first paint. */
import { useEffect } from 'react';
import { store, useApp } from '../state/store.ts';
import type { ThemeChoice } from '../state/view-slice.ts';

const KEY = 'vethlab/view';
const isTheme = (v: unknown): v is ThemeChoice => v === 'system' || v === 'light' || v === 'dark';

export function restoreView(): void {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return;
    if ('theme' in kept && isTheme(kept.theme)) store.setState({ theme: kept.theme });
    if ('projector' in kept && kept.projector === true) store.setState({ projector: true });
  } catch { /* defaults */ }
  apply();
}

function apply(): void {
  const { theme, projector } = store.getState();
  const root = document.documentElement;
  if (theme === 'system') root.removeAttribute('data-theme'); else root.dataset['theme'] = theme;
  root.dataset['projector'] = projector ? 'on' : 'off';
}

export function useTheme(): void {
  const theme = useApp((s) => s.theme);
  const projector = useApp((s) => s.projector);
  useEffect(() => {
    apply();
    try { localStorage.setItem(KEY, JSON.stringify({ theme, projector })); } catch { /* forgotten at reload */ }
  }, [theme, projector]);
  useEffect(() => {
    const query = matchMedia('(prefers-reduced-motion: reduce)');
    const tell = (): void => { store.setState({ reducedMotion: query.matches }); };
    tell();
    query.addEventListener('change', tell);
    return () => { query.removeEventListener('change', tell); };
  }, []);
}

/** The used value of a colour token, for drawing on a 2D canvas. */
export function colorOf(token: string, element: HTMLElement): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
