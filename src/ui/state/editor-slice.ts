/** Texts that commands opened for the learner to edit, the latest on top. */
import type { EditorText } from '../../worker/protocol.ts';
import type { SetState } from './store.ts';

export interface OpenEditor extends EditorText {
  readonly terminal: string;
  /** What stands in the editor, if anything was changed. Kept, so that a reload loses nothing. */
  readonly draft: string | undefined;
}

export interface EditorSlice {
  readonly editors: readonly OpenEditor[];
  /** A command opened a text; undefined: its editor is gone. */
  editing(terminal: string, text: EditorText | undefined, draft?: string): void;
  setDraft(terminal: string, draft: string): void;
}

export const editorSlice = (set: SetState): EditorSlice => ({
  editors: [],
  editing: (terminal, text, draft) => { set((s) => {
    const others = s.editors.filter((e) => e.terminal !== terminal);
    return { editors: text === undefined ? others : [...others, { terminal, ...text, draft }] };
  }); },
  setDraft: (terminal, draft) => { set((s) => ({ editors: s.editors.map((e) => (e.terminal === terminal ? { ...e, draft } : e)) })); },
});
