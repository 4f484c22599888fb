/** One screen of xterm.js on a session. Loaded when the first terminal opens. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef } from 'react';
import { useLab } from '../state/lab-context.ts';
import { useApp } from '../state/store.ts';
import { redraw } from './line-editor.ts';

const COLORS = { background: '#10151d', foreground: '#d6deeb', cursor: '#d6deeb', cursorAccent: '#10151d', selectionBackground: '#31457f', black: '#10151d', green: '#7dd3a8', brightBlack: '#8b98ab', red: '#ff8c82', yellow: '#f0c674', blue: '#8fb0ff', magenta: '#d3a4ff', cyan: '#7fd7e6', white: '#d6deeb' };

/** The last wish for focus that was met: one made while this file was still loading is met when it comes. */
let answered = 0;

export default function XtermView({ id, on, visible }: { readonly id: string; readonly on: string; readonly visible: boolean }) {
  const lab = useLab();
  const projector = useApp((s) => s.projector);
  const wanted = useApp((s) => s.terminalFocus);
  const host = useRef<HTMLDivElement>(null);
  const term = useRef<Terminal>(undefined);
  const fit = useRef<FitAddon>(undefined);

  useEffect(() => {
    const session = lab.sessions.get(id);
    const element = host.current;
    if (session === undefined || element === null) return;
    const terminal = new Terminal({ convertEol: true, cursorBlink: false, fontFamily: '"JetBrains Mono Variable", monospace', fontSize: 12.5, lineHeight: 1.25, theme: COLORS, scrollback: 5000, screenReaderMode: true, allowProposedApi: false });
    const fitting = new FitAddon();
    terminal.loadAddon(fitting);
    terminal.open(element);
    terminal.textarea?.setAttribute('aria-label', `Terminal of ${on}. Tab completes, Escape leaves.`);
    term.current = terminal;
    fit.current = fitting;
    let row = 0;
    const prompt = (): void => {
      if (session.busy) return;
      terminal.scrollToBottom();
      const { text, row: at } = redraw(session.prompt, session.editor.line, session.editor.cursor, terminal.cols, row);
      terminal.write(text);
      row = at;
    };
    const detach = session.attach({
      write: (text) => { terminal.write(text); row = 0; },
      prompt,
      clear: () => { terminal.write('\u001b[2J\u001b[3J\u001b[H'); row = 0; prompt(); },
    });
    terminal.write(session.text);
    prompt();

    const ahead: string[] = [];
    const keys = (data: string): void => {
      if (session.busy) {
        if (data === '\u0003') { ahead.length = 0; void lab.interrupt(id); } else if (data === '\u001b') leave(); else ahead.push(data);
        return;
      }
      const actions = session.editor.feed(data);
      for (const [i, action] of actions.entries()) {
        switch (action.kind) {
          case 'leave': leave(); return;
          case 'complete': void lab.complete(id, action.line, action.cursor); return;
          case 'clear': session.clear(); return;
          case 'interrupt': prompt(); terminal.write('^C\n'); row = 0; break;
          case 'submit': {
            const end = redraw(session.prompt, action.line, action.line.length, terminal.cols, row);
            terminal.write(`${end.text}\n`);
            row = 0;
            for (const later of actions.slice(i + 1)) if (later.kind === 'submit') ahead.push(`${later.line}\r`);
            if (action.line.trim() === 'clear') { session.clear(); return; }
            void lab.run(id, action.line).then(() => { const more = ahead.splice(0).join(''); if (more !== '') keys(more); });
            return;
          }
        }
      }
      prompt();
    };
    const leave = (): void => { document.getElementById(`tab-${id}`)?.focus(); };
    const input = terminal.onData(keys);
    terminal.attachCustomKeyEventHandler((e) => {
      // The browser keeps its own: copy with a selection, paste, and its shortcuts.
      if (e.type === 'keydown' && e.ctrlKey && e.key.toLowerCase() === 'c' && terminal.hasSelection()) return false;
      if (e.type === 'keydown' && e.ctrlKey && e.key.toLowerCase() === 'v') return false;
      if (e.key === 'Tab' && e.shiftKey) return false;
      return true;
    });
    const watch = new ResizeObserver(() => { if (element.clientHeight > 0) { fitting.fit(); row = 0; } });
    watch.observe(element);
    return () => { watch.disconnect(); input.dispose(); detach(); terminal.dispose(); term.current = undefined; };
  }, [lab, id, on]);

  useEffect(() => { if (term.current !== undefined) { term.current.options.fontSize = projector ? 16 : 12.5; fit.current?.fit(); } }, [projector]);
  useEffect(() => {
    if (!visible) return;
    fit.current?.fit();
    if (wanted > answered) term.current?.focus();
    answered = wanted;
  }, [visible, wanted]);

  return <div className="xterm-host" data-terminal-screen={id} data-on={on} ref={host} hidden={!visible} onClick={() => { term.current?.focus(); }} />;
}
