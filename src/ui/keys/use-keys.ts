import { useEffect } from 'react';
import { useLab } from '../state/lab-context.ts';
import { store } from '../state/store.ts';
import { canvasHandle } from '../canvas/handle.ts';
import { belongsToFocus, bindingFor, type Focused } from './table.ts';

function focused(target: EventTarget | null): Focused {
  const e = target instanceof HTMLElement ? target : document.body;
  return { tag: e.tagName, type: e instanceof HTMLInputElement ? e.type : '', editable: e.isContentEditable, role: e.getAttribute('role') ?? '', inTerminal: e.closest('[data-terminal-screen]') !== null, inDialog: e.closest('[role=dialog],[role=menu]') !== null };
}

export function useKeys(): void {
  const lab = useLab();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || belongsToFocus(event.key, focused(event.target))) return;
      const binding = bindingFor(event);
      if (binding === undefined) return;
      event.preventDefault();
      binding.run({ store, lab, canvas: canvasHandle.current });
    };
    // A control chosen with the mouse gives the keys back: Space plays after a click on a button, arrows step after a click on a tab.
    const onClick = (event: MouseEvent): void => {
      const at = document.activeElement;
      if (event.detail === 0 || !(at instanceof HTMLElement) || at.closest('[data-terminal-screen],[role=dialog],[role=menu]') !== null || at.hasAttribute('aria-haspopup')) return;
      if (at instanceof HTMLButtonElement || (at instanceof HTMLInputElement && at.type === 'range')) at.blur();
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('click', onClick);
    return () => { window.removeEventListener('keydown', onKey); window.removeEventListener('click', onClick); };
  }, [lab]);
}
