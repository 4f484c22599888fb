import { DropdownMenu } from 'radix-ui';
import { CircleHelp, Eye, PanelLeft, PanelRight, RotateCcw, Link2 } from 'lucide-react';
import { useState } from 'react';
import { useLab } from '../state/lab-context.ts';
import { store, useApp } from '../state/store.ts';
import { formatHash } from '../state/url.ts';
import { ExportMenu } from './export-menu.tsx';
import { ViewMenu } from './view-menu.tsx';
import './header.css';

export function Header() {
  const scenario = useApp((s) => s.scenario);
  const id = useApp((s) => s.scenarioId);
  const seed = useApp((s) => s.seed);
  const saved = useApp((s) => s.saved);
  const done = useApp((s) => s.actions.length);
  const lesson = useApp((s) => s.lesson);
  const inspector = useApp((s) => s.inspector);
  const setView = useApp((s) => s.setView);
  const lab = useLab();
  return (
    <header className="header">
      <a className="brand" href="#/"><span aria-hidden="true" className="brand-mark" />Vethlab</a>
      <nav className="crumbs" aria-label="Breadcrumb">
        <span className="muted ellipsis crumb-stack">{scenario?.stack ?? id ?? ''}</span>
        <span aria-hidden="true" className="muted crumb-stack">›</span>
        <h1 className="ellipsis" title={scenario?.title}>{scenario?.title ?? 'Opening…'}</h1>
      </nav>
      <span className="spacer" />
      <span className="muted num header-state">{seed === undefined ? '' : `seed ${seed} · ${done === 0 ? 'nothing done yet' : saved ? 'saved' : 'saving…'}`}</span>
      <button type="button" className="icon-button wide-only" aria-label="Lesson panel" aria-pressed={lesson} onClick={() => { setView({ lesson: !lesson }); }}><PanelLeft size={16} /></button>
      <button type="button" className="icon-button wide-only" aria-label="Inspector panel" aria-pressed={inspector} onClick={() => { setView({ inspector: !inspector }); }}><PanelRight size={16} /></button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild><button type="button" className="button" aria-label="View"><Eye size={15} /><span className="button-text">View</span></button></DropdownMenu.Trigger>
        <ViewMenu />
      </DropdownMenu.Root>
      <ExportMenu />
      <button type="button" className="icon-button" aria-label="Keys" title="Keys (?)" onClick={() => { setView({ help: true }); }}><CircleHelp size={16} /></button>
      <button type="button" className="button" disabled={done === 0} onClick={() => { void lab.startOver(); }}><RotateCcw size={14} /><span className="button-text">Start over</span></button>
      <CopyLink />
    </header>
  );
}

/** The address of this very step, for the clipboard. */
function CopyLink() {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const { scenarioId, step, live, seed, scenario } = store.getState();
    if (scenarioId === undefined) return;
    const hash = formatHash({ page: 'lab', scenario: scenarioId, t: live ? undefined : step, seed: seed === scenario?.seed ? undefined : seed });
    await navigator.clipboard.writeText(new URL(hash, location.href).href);
    setCopied(true);
    setTimeout(() => { setCopied(false); }, 1600);
  };
  return <button type="button" className="button" data-kind="primary" onClick={() => { void copy().catch(() => undefined); }}><Link2 size={14} /><span className="button-text" aria-live="polite">{copied ? 'Copied' : 'Copy link'}</span></button>;
}
