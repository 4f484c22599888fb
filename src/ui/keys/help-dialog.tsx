import { Dialog } from 'radix-ui';
import { X } from 'lucide-react';
import { useApp } from '../state/store.ts';
import { KEYS } from './table.ts';
import './help-dialog.css';

const GROUPS = ['Playback', 'Canvas', 'Panels'] as const;

export function HelpDialog() {
  const open = useApp((s) => s.help);
  const setView = useApp((s) => s.setView);
  return (
    <Dialog.Root open={open} onOpenChange={(help) => { setView({ help }); }}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title className="dialog-title">Keys</Dialog.Title>
          <Dialog.Description className="muted">They rest while a field or the terminal has the focus. Esc leaves the terminal.</Dialog.Description>
          <div className="key-groups">
            {GROUPS.map((group) => (
              <section key={group} aria-label={group}>
                <h3 className="section-title">{group}</h3>
                <dl className="key-list">
                  {KEYS.filter((k) => k.group === group).map((k) => (
                    <div key={k.does}><dt>{k.show.map((s) => <kbd key={s}>{s}</kbd>)}</dt><dd>{k.does}</dd></div>
                  ))}
                  {group === 'Canvas' && <div><dt><kbd>Ctrl</kbd>+wheel</dt><dd>Zoom; drag the background to move</dd></div>}
                </dl>
              </section>
            ))}
          </div>
          <Dialog.Close className="icon-button dialog-close" aria-label="Close"><X size={16} /></Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
