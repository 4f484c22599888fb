import { useApp } from '../state/store.ts';
import type { NarrowPanel } from '../state/view-slice.ts';

const PANELS: readonly { readonly id: NarrowPanel; readonly text: string }[] = [{ id: 'lesson', text: 'Lesson' }, { id: 'canvas', text: 'Network' }, { id: 'inspector', text: 'Packet' }, { id: 'terminal', text: 'Terminal' }];

/** On a narrow screen: which panel shows. */
export function NarrowTabs() {
  const narrow = useApp((s) => s.narrow);
  const setView = useApp((s) => s.setView);
  return (
    <nav className="narrow-tabs" aria-label="Panels">
      {PANELS.map((p) => <button key={p.id} type="button" aria-pressed={narrow === p.id} onClick={() => { setView({ narrow: p.id, ...(p.id === 'terminal' ? { drawer: true } : {}) }); }}>{p.text}</button>)}
    </nav>
  );
}
