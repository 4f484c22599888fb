import { DropdownMenu } from 'radix-ui';
import { ChevronDown, ChevronUp, Plus, X } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { machineName } from '../canvas/places.ts';
import { useLab } from '../state/lab-context.ts';
import { Guard } from '../shell/guard.tsx';
import { useApp } from '../state/store.ts';
import { Offer } from './offer.tsx';
import './terminal.css';

/** Columns are measured once, with the font that is there: it comes first. */
const XtermView = lazy(async () => {
  const view = import('./xterm-view.tsx');
  await document.fonts.load('16px "JetBrains Mono Variable"').catch(() => []);
  return view;
});

export function TerminalDrawer() {
  const lab = useLab();
  const tabs = useApp((s) => s.tabs);
  const active = useApp((s) => s.activeTab);
  const drawer = useApp((s) => s.drawer);
  const targets = useApp((s) => s.targets);
  const tries = useApp((s) => s.tries);
  const topology = useApp((s) => s.topology);
  const done = useApp((s) => s.actions.length);
  const setView = useApp((s) => s.setView);
  const showTab = useApp((s) => s.showTab);
  const open = tabs.length;
  useEffect(() => { if (active !== undefined) document.getElementById(`tab-${active}`)?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }, [active, open]);
  return (
    <div className="terminal-drawer" data-open={drawer} role="group" aria-label="Terminals">
      <div className="terminal-bar">
        <div className="terminal-tabs">
          {tabs.map((t, i) => (
            <span key={t.id} className="terminal-tab" data-on={t.on} data-active={t.id === active} data-busy={t.busy} data-finished={t.finished}>
              <button type="button" id={`tab-${t.id}`} aria-pressed={t.id === active} title={t.on} onClick={() => { showTab(t.id); }}>{topology === undefined ? t.on : machineName(topology, t.on)}{tabs.filter((o) => o.on === t.on).length > 1 ? ` ${tabs.slice(0, i + 1).filter((o) => o.on === t.on).length}` : ''}{t.busy && <i className="terminal-busy" aria-label="running" role="img" />}</button>
              {t.id === active && tabs.length > 1 && <button type="button" className="terminal-close" aria-label={`Close the terminal of ${t.on}`} onClick={() => { lab.closeTerminal(t.id); }}><X size={12} /></button>}
            </span>
          ))}
          <DropdownMenu.Root modal={false}>
            <DropdownMenu.Trigger asChild><button type="button" className="terminal-add" aria-label="Open a terminal" disabled={targets.length === 0}><Plus size={14} /></button></DropdownMenu.Trigger>
            <DropdownMenu.Portal>
              <DropdownMenu.Content className="menu terminal-menu" align="start" side="top" sideOffset={6}>
                <DropdownMenu.Label className="menu-label section-title">Terminal on</DropdownMenu.Label>
                {targets.map((t) => <DropdownMenu.Item key={t.name} className="menu-item terminal-target" onSelect={() => { void lab.openTerminal(t.name, true); }}>{t.name}</DropdownMenu.Item>)}
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
        </div>
        <Offer />
        <button type="button" className="terminal-add" aria-label={drawer ? 'Close the terminal drawer' : 'Open the terminal drawer'} title="Drawer (Q)" aria-expanded={drawer} onClick={() => { setView({ drawer: !drawer }); }}>{drawer ? <ChevronDown size={15} /> : <ChevronUp size={15} />}</button>
      </div>
      {drawer && (
        <div className="terminal-body">
          <Guard what="The terminal"><Suspense fallback={<p className="terminal-loading">Opening the terminal…</p>}>
            {tabs.map((t) => <XtermView key={t.id} id={t.id} on={t.on} visible={t.id === active} />)}
          </Suspense></Guard>
          {done === 0 && tries.length > 0 && (
            <div className="tries" role="group" aria-label="Commands to try">
              {tries.map((t) => <button key={`${t.on}${t.run}`} type="button" className="chip try" title={t.why} onClick={() => { void lab.enter(t.on, t.run); }}><span className="try-on">{t.on}</span>{t.run}</button>)}
            </div>
          )}
        </div>
      )}
    </div>
  );
}
