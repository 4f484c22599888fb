/** Read first: sed(1). Not modelled: e, R, W, `s///e`, the width of `l`. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command } from '../../host.ts';
import { gnu, Exit, pathOf, print, readFile } from '../kit.ts';
import { SedInput } from './input.ts';
import { parseSed } from './parse.ts';
import { Sed } from './run.ts';
import { USAGE } from './usage.ts';

export const sed: Command = gnu({
  name: 'sed', models: '-n -e -f -E -r -i[SUFFIX] -s -u -z; s y p d q Q a i c r w n N D P h H g G x = l F z b t T, addresses', notModelled: 'e, R, W', short: 'ne:f:Eri::suzl:',
  long: { quiet: 'n', silent: 'n', expression: 'e:', file: 'f:', 'regexp-extended': 'E', 'in-place': 'i::', separate: 's', unbuffered: 'u', 'null-data': 'z', 'line-length': 'l:', posix: 'posix', version: 'version' },
  *run(context, options) {
    if (options.has('version')) {
      print(context, 'sed (GNU sed) 4.8\n');
      return 0;
    }
    const rest = [...options.rest];
    const pieces = [...(options.given.get('e') ?? [])];
    for (const file of options.given.get('f') ?? []) {
      const text = yield* readFile(context, file, (t) => {
        throw new Exit(4, `sed: couldn't open file ${t}\n`);
      });
      pieces.push((text ?? '').replace(/^#!.*\n/, '').replace(/\n$/, ''));
    }
    if (pieces.length === 0) {
      const script = rest.shift();
      if (script === undefined) throw new Exit(1, USAGE);
      pieces.push(script);
    }
    const commands = parseSed(pieces.join('\n'), options.has('E') || options.has('r'));
    const separator = options.has('z') ? '\0' : '\n';
    const quiet = options.has('n') || pieces[0]?.startsWith('#n\n') === true;
    const machine = new Sed(context, commands, { quiet, separator });
    if (!options.given.has('i') && !options.has('s')) {
      const input = new SedInput(context, rest.length === 0 ? ['-'] : rest, separator);
      return (yield* machine.run(input, (text) => print(context, text))) ?? input.status;
    }
    let status = 0;
    for (const file of rest.length === 0 ? ['-'] : rest) {
      const path = pathOf(context, file);
      const inPlace = options.given.has('i') && file !== '-';
      if (inPlace && context.host.fs.kind(path) === 'directory') {
        context.stderr.write(`sed: couldn't edit ${file}: not a regular file\n`);
        status = 4;
        continue;
      }
      const input = new SedInput(context, [file], separator);
      let text = '';
      const exit = yield* machine.run(input, inPlace ? (piece) => { text += piece; } : (piece) => print(context, piece));
      status = Math.max(status, input.status);
      if (inPlace && input.status === 0) {
        const before = context.host.fs.read(path);
        const suffix = options.value('i') ?? '';
        if (suffix !== '' && before.ok) context.host.fs.write(pathOf(context, suffix.includes('*') ? suffix.replaceAll('*', file) : file + suffix), before.value);
        // What q left unread stays in the file.
        if (exit !== undefined) for (let line = yield* input.next(); line !== undefined; line = yield* input.next()) text += line.text + (line.complete ? separator : '');
        const written = context.host.fs.write(path, text);
        if (!written.ok) throw new Exit(4, `sed: couldn't open temporary file ${file}: ${STRERROR[written.error]}\n`);
      }
      if (exit !== undefined) return exit;
    }
    return status;
  },
});
