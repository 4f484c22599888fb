import { Dialog } from 'radix-ui';
import { lazy, Suspense, useRef, useState } from 'react';
import { useLab } from '../state/lab-context.ts';
import type { OpenEditor } from '../state/editor-slice.ts';
import { Guard } from '../shell/guard.tsx';
import { useApp } from '../state/store.ts';
import { shortPath } from './short-path.ts';
import './editor.css';

const Code = lazy(() => import('./code.tsx'));

/** The text that a command in a terminal waits for. Time stands still meanwhile. */
export function EditorDialog() {
  const editor = useApp((s) => s.editors.at(-1));
  return editor === undefined ? null : <Editing key={`${editor.terminal} ${editor.path}`} editor={editor} />;
}

/** A manifest among the learner's files; kubectl edit applies its own when it is saved. */
const canApply = (editor: OpenEditor): boolean => /\.ya?ml$/.test(editor.path) && !editor.path.startsWith('/tmp/');

function Editing({ editor }: { readonly editor: OpenEditor }) {
  const lab = useLab();
  const { terminal, on, path } = editor;
  const changed = editor.draft !== undefined && editor.draft !== editor.text;
  const text = editor.draft ?? editor.text;
  const [asking, setAsking] = useState(false);
  const discard = useRef<HTMLButtonElement>(null);
  const leave = (): void => {
    if (!changed || asking) { lab.leaveEditor(terminal, undefined); return; }
    setAsking(true);
    requestAnimationFrame(() => { discard.current?.focus(); });
  };
  const save = (apply: boolean): void => { lab.leaveEditor(terminal, text, apply ? `kubectl apply -f ${shortPath(path)}` : undefined); };
  const name = path.split('/').at(-1) ?? path;
  return (
    <Dialog.Root open onOpenChange={leave}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-overlay" />
        <Dialog.Content className="editor" onPointerDownOutside={(e) => { e.preventDefault(); }} onOpenAutoFocus={(e) => { e.preventDefault(); }}>
          <header className="editor-head">
            <Dialog.Title className="editor-title">{name}{changed && <span className="editor-changed" role="img" aria-label="changed" />}</Dialog.Title>
            <Dialog.Description className="muted ellipsis">{shortPath(path)} on {on}. Time stands still while you edit.</Dialog.Description>
          </header>
          <Guard what="The editor"><Suspense fallback={<p className="editor-loading">Opening the editor…</p>}>
            <Code path={path} text={text} onChange={(draft) => { setAsking(false); lab.draft(terminal, draft); }} onSave={() => { save(false); }} />
          </Suspense></Guard>
          <footer className="editor-foot">
            {asking ? <p className="editor-ask" role="alert">Nothing is saved yet.</p> : <p className="muted editor-keys"><kbd>Ctrl</kbd> <kbd>S</kbd> saves, <kbd>Esc</kbd> leaves</p>}
            <button type="button" ref={discard} className="button" data-kind={asking ? 'danger' : 'plain'} onClick={leave}>{asking ? 'Discard the changes' : changed ? 'Leave without saving' : 'Close'}</button>
            <button type="button" className="button" data-kind={canApply(editor) ? undefined : 'primary'} onClick={() => { save(false); }}>Save</button>
            {canApply(editor) && <button type="button" className="button" data-kind="primary" onClick={() => { save(true); }}>Save and apply</button>}
          </footer>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
