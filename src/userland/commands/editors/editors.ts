/**
 * nano, vi and their kin: the file is opened in the terminal's editor (the page's) and written when that saves.
 * Read first: nano(1), vim(1).
 * Models: FILE, a new file, a folder refused, +LINE accepted; what is saved ends with a newline, as nano writes it.
 * Not modelled: the editors' own screens, keys and options; several files; editing where nobody sits (the headless CLI).
 */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { editText } from '../../editor.ts';
import type { Command } from '../../host.ts';
import { resolvePath } from '../../shell/glob.ts';

const NAMES = ['nano', 'vi', 'vim', 'pico', 'emacs'] as const;

const editor = (name: string): Command => ({
  name, models: 'opens one file in the editor of the page', notModelled: 'its own screen, keys and options; several files',
  *run(context) {
    const { host } = context;
    const fail = (text: string): 1 => {
      context.stderr.write(`${name}: ${text}\n`);
      return 1;
    };
    const words = context.args.slice(1).filter((w) => !/^\+\d/.test(w));
    const option = words.find((w) => w.startsWith('-'));
    if (option !== undefined) return fail(`option ${option} is not modelled in this lab`);
    const [file, ...more] = words;
    if (file === undefined || more.length > 0) return fail(file === undefined ? 'a buffer without a file is not modelled in this lab' : 'several files at once are not modelled in this lab');
    const path = resolvePath(context.cwd, file);
    const kind = host.fs.kind(path);
    if (kind === 'directory') return fail(`"${file}" is a directory`);
    if (context.editor === undefined) return fail('there is no editor at this terminal; write files with cat > FILE <<EOF, or change them with sed -i');
    const read = kind === 'file' ? host.fs.read(path) : undefined;
    if (read?.ok === false) return fail(`Error reading ${file}: ${STRERROR[read.error]}`);
    const saved = yield* editText(context.editor, path, read?.value ?? '');
    if (saved === undefined) return 0;
    const written = host.fs.write(path, saved === '' || saved.endsWith('\n') ? saved : `${saved}\n`);
    return written.ok ? 0 : fail(`Error writing ${file}: ${STRERROR[written.error]}`);
  },
});

export const editors: readonly Command[] = NAMES.map(editor);
