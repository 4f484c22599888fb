/** Read first: bash(1), REDIRECTION. File descriptors of a command: numbers to streams. */
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Wait } from '../../engine/sim/process.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { Input, Output } from '../host.ts';
import type { Redirect } from './ast.ts';
import { expandText, expandWords, type Expander } from './expand.ts';
import { resolvePath } from './glob.ts';
import { buffered, fileOutput, textInput } from './io.ts';

export interface Fds {
  readonly inputs: ReadonlyMap<number, Input>;
  readonly outputs: ReadonlyMap<number, Output>;
  /** The output that is a terminal, if one is. */
  readonly terminal: Output | undefined;
}

const CLOSED: Output = { write: () => false, close: () => undefined };

export const stdin = (fds: Fds): Input => fds.inputs.get(0) ?? textInput('');
export const stdout = (fds: Fds): Output => fds.outputs.get(1) ?? CLOSED;
export const stderr = (fds: Fds): Output => fds.outputs.get(2) ?? CLOSED;

export const standardFds = (input: Input, output: Output, error: Output, terminal: Output | undefined): Fds => ({
  inputs: new Map([[0, buffered(input)]]), outputs: new Map([[1, output], [2, error]]), terminal,
});

export const withFds = (fds: Fds, change: { readonly input?: Input | undefined; readonly output?: Output | undefined; readonly error?: Output | undefined }): Fds => {
  const inputs = new Map(fds.inputs);
  const outputs = new Map(fds.outputs);
  if (change.input !== undefined) inputs.set(0, buffered(change.input));
  if (change.output !== undefined) outputs.set(1, change.output);
  if (change.error !== undefined) outputs.set(2, change.error);
  return { inputs, outputs, terminal: fds.terminal };
};

/** Opens what the redirections name, in order. The error is bash's, without its prefix. */
export function* redirect(x: Expander, fds: Fds, redirects: readonly Redirect[]): Generator<Wait, Result<Fds, string>, void> {
  if (redirects.length === 0) return ok(fds);
  const inputs = new Map(fds.inputs);
  const outputs = new Map(fds.outputs);
  const { fs } = x.state.host;
  for (const r of redirects) {
    if (r.op === '<<' || r.op === '<<-') {
      inputs.set(r.fd ?? 0, buffered(textInput(r.body === undefined ? '' : yield* expandText(x, r.body))));
      continue;
    }
    if (r.op === '<<<') {
      inputs.set(r.fd ?? 0, buffered(textInput(`${yield* expandText(x, r.target)}\n`)));
      continue;
    }
    const [first, ...more] = r.target.parts;
    if (r.op === '<' && first?.kind === 'process' && first.direction === '<' && more.length === 0) {
      inputs.set(r.fd ?? 0, buffered(yield* x.processInput(first.source)));
      continue;
    }
    const names = yield* expandWords(x, [r.target]);
    const [name] = names;
    if (name === undefined || names.length > 1) return err(`${r.target.raw}: ambiguous redirect`);
    if (r.op === '>&' || r.op === '<&') {
      const fd = r.fd ?? (r.op === '>&' ? 1 : 0);
      if (name === '-') {
        inputs.delete(fd);
        outputs.delete(fd);
      } else if (/^\d+$/.test(name)) {
        const output = outputs.get(Number(name));
        const input = inputs.get(Number(name));
        if (output === undefined && input === undefined) return err(`${name}: Bad file descriptor`);
        if (output !== undefined) outputs.set(fd, output);
        else if (input !== undefined) inputs.set(fd, input);
      } else if (r.op === '>&' && r.fd === undefined) {
        const file = open(name, 'truncate');
        if (!file.ok) return file;
        outputs.set(1, file.value).set(2, file.value);
      } else return err(`${name}: ambiguous redirect`);
      continue;
    }
    if (r.op === '<' || r.op === '<>') {
      const device = /^\/dev\/(?:stdin|fd\/(\d+))$/.exec(name);
      if (device !== null) {
        const source = inputs.get(Number(device[1] ?? 0));
        if (source !== undefined) inputs.set(r.fd ?? 0, source);
        continue;
      }
      if (name.startsWith('/dev/tcp/') || name.startsWith('/dev/udp/')) return err(`${name}: not modelled in this lab`);
      const path = resolvePath(x.state.cwd, name);
      const text = fs.read(path);
      if (!text.ok) {
        if (text.error !== 'EISDIR') return err(`${name}: ${STRERROR[text.error]}`);
        return err(`${name}: Is a directory`);
      }
      inputs.set(r.fd ?? 0, buffered(textInput(text.value)));
      continue;
    }
    const file = open(name, r.op === '>>' || r.op === '&>>' ? 'append' : 'truncate');
    if (!file.ok) return file;
    if (r.op === '&>' || r.op === '&>>') outputs.set(1, file.value).set(2, file.value);
    else outputs.set(r.fd ?? 1, file.value);
  }
  return ok({ inputs, outputs, terminal: fds.terminal });

  function open(name: string, mode: 'truncate' | 'append'): Result<Output, string> {
    const device = /^\/dev\/(?:fd\/(\d+)|(stdout|stderr))$/.exec(name);
    if (device !== null) {
      const target = outputs.get(device[1] !== undefined ? Number(device[1]) : device[2] === 'stdout' ? 1 : 2);
      return target === undefined ? err(`${name}: No such device or address`) : ok(target);
    }
    if (name.startsWith('/dev/tcp/') || name.startsWith('/dev/udp/')) return err(`${name}: not modelled in this lab`);
    if (name === '') return err(': No such file or directory');
    const path = resolvePath(x.state.cwd, name);
    if (mode === 'truncate' && x.state.options.has('noclobber') && fs.kind(path) === 'file' && !path.startsWith('/dev/')) return err(`${name}: cannot overwrite existing file`);
    const made = fs.write(path, '', mode);
    return made.ok ? ok(fileOutput(fs, path)) : err(`${name}: ${STRERROR[made.error]}`);
  }
}
