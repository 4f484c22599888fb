/** kubectl exec. Models: kubectl/pkg/cmd/exec (v1.29), containerd's refusals. */
import type { Program } from '../../../engine/sim/process.ts';
import { findCommand } from '../../../userland/shell/find-command.ts';
import type { RunningContainer } from '../../node/runtime.ts';
import { flag } from '../flags.ts';
import { pickDocuments } from '../resources.ts';
import type { Kube, Verb } from '../verb.ts';
import { backendError } from '../connection.ts';
import { documents } from './manifests.ts';
import { containerOf, podOf } from './pods.ts';

/** Runs words in a container with the streams of this command. */
export function* execIn(k: Kube, running: RunningContainer, words: readonly string[], interactive: boolean, tty: boolean): Program {
  const { context } = k;
  const [command = ''] = words;
  if (findCommand(running.host, command) === undefined && !BUILTINS.has(command)) {
    const why = command.includes('/') ? `stat ${command}: no such file or directory` : 'executable file not found in $PATH';
    return k.fail(`error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "${command}": ${why}: unknown`);
  }
  const code = yield* context.exec(words, {
    host: running.host, kernel: running.host.kernel, user: 'root', cwd: running.cwd, tty: tty && context.tty, env: new Map(running.host.env), stdout: context.stdout, stderr: context.stderr,
    stdin: interactive ? context.stdin : { read: () => 'eof', readable: context.stdin.readable },
  });
  if (code !== 0) k.context.stderr.write(`command terminated with exit code ${code}\n`);
  return code;
}

/** Binaries that the lab's shell has built in. */
const BUILTINS: ReadonlySet<string> = new Set(['echo', 'printf', 'true', 'false', 'test', 'kill', 'pwd']);

export const exec: Verb = {
  name: 'exec', summary: 'Execute a command in a container',
  flags: [flag('container', 'string', 'c'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't'), flag('quiet', 'boolean', 'q'), flag('filename', 'list', 'f'), flag('pod-running-timeout')],
  options: { interspersed: true },
  *run(k) {
    const [first, ...more] = k.flags.args;
    let target = first;
    let deprecated: readonly string[] = more;
    if (k.flags.has('filename')) {
      const read = yield* documents(k);
      if (!read.ok) return k.fail(read.error);
      const found = pickDocuments(k, read.value.documents.map((d) => d.doc));
      const [selection] = found.selections;
      if (selection === undefined) return k.fail(found.errors.join('\n'));
      target = `${selection.info.plural}/${selection.objects[0]?.metadata.name ?? ''}`;
      deprecated = k.flags.args;
    }
    if (target === undefined) return k.fail('error: pod, type/name or --filename must be specified');
    const words = k.flags.rest ?? deprecated;
    if (k.flags.rest === undefined && deprecated.length > 0) k.context.stderr.write('kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl exec [POD] -- [COMMAND] instead.\n');
    if (words.length === 0) return k.fail('error: you must specify at least one command for the container');
    const pod = podOf(k, target);
    if (!pod.ok) return k.fail(pod.error);
    const dial = yield* backendError(k, pod.value);
    if (dial !== undefined) return k.fail(dial);
    const running = containerOf(k, pod.value);
    if (!running.ok) return k.fail(running.error);
    if (k.flags.on('tty') && k.flags.on('stdin') && !k.context.tty) k.context.stderr.write('Unable to use a TTY - input is not a terminal or the right kind of file\n');
    return yield* execIn(k, running.value, words, k.flags.on('stdin'), k.flags.on('tty'));
  },
};
