/** What a full-screen editor is to a command: it gives a text to whoever sits at the terminal and waits for what comes back. */
import type { Wait } from '../engine/sim/process.ts';
import type { Editor } from './host.ts';

/** The text as saved; undefined: left without saving. Ctrl+C closes the editor and reaches the command as SIGINT. */
export function* editText(editor: Editor, path: string, text: string): Generator<Wait, string | undefined, void> {
  const editing = editor.open(path, text);
  try {
    for (;;) {
      if (editing.answer !== undefined) return editing.answer.text;
      yield { on: [editing.closed] };
    }
  } finally {
    if (editing.answer === undefined) editing.abandon();
  }
}
