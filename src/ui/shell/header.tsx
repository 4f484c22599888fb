import { DropdownMenu } from 'radix-ui';
import { CircleHelp, Eye, PanelLeft, PanelRight, RotateCcw, Link2 } from 'lucide-react';
import { useState } from 'react';
import { useLab } from '../state/lab-context.ts';
import { store, useApp } from '../state/store.ts';
import { encodeActions } from '../state/link.ts';
import { formatHash, LONGEST_LINK } from '../state/url.ts';
import { ExportMenu } from './export-menu.tsx';
import { ViewMenu } from './view-menu.tsx';
import './header.css';

const STORED = { yes: 'saved', soon: 'saving…', never: 'not kept by this browser' } as const;

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
        <span className="muted ellipsis crumb-stack" title={scenario?.stack}>{scenario?.stack ?? id ?? ''}</span>
        <span aria-hidden="true" className="muted crumb-stack">›</span>
        <h1 className="ellipsis" title={scenario?.title}>{scenario?.title ?? 'Opening…'}</h1>
      </nav>
      <span className="spacer" />
      {seed !== undefined && <RunState seed={seed} text={done === 0 ? 'nothing done yet' : STORED[saved]} />}
      <button type="button" className="icon-button wide-only" aria-label="Lesson panel" aria-pressed={lesson} onClick={() => { setView({ lesson: !lesson }); }}><PanelLeft size={16} />{!lesson && <span>Lesson</span>}</button>
      <button type="button" className="icon-button wide-only" aria-label="Inspector panel" aria-pressed={inspector} onClick={() => { setView({ inspector: !inspector }); }}><PanelRight size={16} /></button>
      <DropdownMenu.Root modal={false}>
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

/** The seed, whether the work is kept, and the fingerprint of the run: the same scenario, seed and actions give the same one anywhere. */
function RunState({ seed, text }: { readonly seed: number; readonly text: string }) {
  const lab = useLab();
  const fingerprint = useApp((s) => s.fingerprint);
  // A hash over the whole trace: made when somebody asks for it, not at every step of a run that grows.
  const ask = (): void => { if (fingerprint === undefined) void lab.askFingerprint(); };
  const told = fingerprint === undefined ? 'Fingerprint of the run' : `Fingerprint of the run: ${fingerprint}`;
  return <button type="button" className="muted num header-state" title={told} aria-description={told} onPointerEnter={ask} onFocus={ask} onClick={() => { if (fingerprint !== undefined) void navigator.clipboard.writeText(fingerprint).catch(() => undefined); }}>seed {seed} · {text}</button>;
}

/** The address of this very state, for the clipboard: it carries what was done. */
function CopyLink() {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const { scenarioId, step, live, seed, scenario, actions } = store.getState();
    if (scenarioId === undefined) return;
    const z = actions.length === 0 ? undefined : encodeActions(actions);
    const hash = formatHash({ page: 'lab', scenario: scenarioId, t: live ? undefined : step, seed: seed === scenario?.seed ? undefined : seed, z, actions: undefined });
    if (hash.length > LONGEST_LINK) { store.setState({ notice: `Too much was done here for a link: it would be ${hash.length} characters long, and at most ${LONGEST_LINK} are read.` }); return; }
    await navigator.clipboard.writeText(new URL(hash, location.href).href);
    setCopied(true);
    setTimeout(() => { setCopied(false); }, 1600);
  };
  return <button type="button" className="button" data-kind="primary" onClick={() => { void copy().catch(() => undefined); }}><Link2 size={14} /><span className="button-text" aria-live="polite">{copied ? 'Copied' : 'Copy link'}</span></button>;
}
