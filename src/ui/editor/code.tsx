/** CodeMirror on one text. Tab moves the focus on, as everywhere in the page; Ctrl+] indents. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, defaultHighlightStyle, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { parseAllDocuments } from 'yaml';

interface Props {
  readonly path: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
}

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.content], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--overlay-ink)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.meta, tags.separator, tags.punctuation], color: 'var(--muted)' },
]);

/** Errors of the text as YAML, where they are. What the API server thinks of it is said when it is applied. */
const yamlErrors = (view: EditorView): readonly Diagnostic[] => {
  const size = view.state.doc.length;
  return parseAllDocuments(view.state.doc.toString()).flatMap((doc) => ('errors' in doc ? doc.errors : [])).map((e): Diagnostic => ({
    from: Math.min(e.pos[0], size), to: Math.min(Math.max(e.pos[1], e.pos[0] + 1), size), severity: 'error', message: e.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? 'no YAML' }));
};

export default function Code({ path, text, onChange, onSave }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const calls = useRef({ onChange, onSave });
  useEffect(() => { calls.current = { onChange, onSave }; });
  useEffect(() => {
    if (host.current === null) return;
    const isYaml = /\.ya?ml$/.test(path);
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(), history(), drawSelection(), highlightActiveLine(), indentOnInput(), bracketMatching(),
          syntaxHighlighting(highlight), syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          ...(isYaml ? [yaml(), lintGutter(), linter(yamlErrors)] : []),
          keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => { calls.current.onSave(); return true; } }, ...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}`, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => { if (update.docChanged) calls.current.onChange(update.state.doc.toString()); }),
        ],
      }),
    });
    view.focus();
    return () => { view.destroy(); };
    // The text is the one it was opened with: what is typed goes out, nothing comes in.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path]);
  return <div ref={host} className="code" />;
}
