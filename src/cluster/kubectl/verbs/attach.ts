/**
 * kubectl attach, and what run -i and debug -i end with.
 * Models: kubectl/pkg/cmd/attach (v1.29). A shell as first process of a container with a terminal is met by an interactive shell beside it: a terminal of this lab
 * talks to shells, not to a tty device. When it is left, the first process gets the end of its input.
 * Not modelled: detaching, several who are attached to one container.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program, Wait } from '../../../engine/sim/process.ts';
import { millis, plus } from '../../../engine/sim/time.ts';
import { BufferedInput, nestedShell, onNestedShell } from '../../../userland/shell/io.ts';
import type { Pod } from '../../api/kinds.ts';
import type { RunningContainer } from '../../node/runtime.ts';
import { backendError } from '../connection.ts';
import { flag } from '../flags.ts';
import { untilChange } from '../until.ts';
import type { Kube, Verb } from '../verb.ts';
import { containerNames, containerOf, podOf } from './pods.ts';

const POLL = millis(100);
const SHELLS = ['sh', 'bash', 'ash', 'dash', 'zsh'];
const HINT = "If you don't see a command prompt, try pressing enter.\n";

const running = (k: Kube, pod: Pod, container: string): RunningContainer | undefined =>
  k.cluster.kubelets.get(k.cluster.store.get('Pod', pod.metadata.namespace, pod.metadata.name)?.spec.nodeName ?? '')?.containers(pod.metadata.uid).find((c) => c.name === container);

const logOf = (k: Kube, pod: Pod, container: string): string | undefined => k.cluster.kubelets.get(k.cluster.store.get('Pod', pod.metadata.namespace, pod.metadata.name)?.spec.nodeName ?? '')?.log(pod.metadata.uid, container, false);

/** Until the container runs or has run. */
export function* untilStarted(k: Kube, pod: Pod, container: string, limitSeconds: number): Generator<Wait, Result<undefined, string>, void> {
  const started = (): boolean => {
    const now = k.cluster.store.get('Pod', pod.metadata.namespace, pod.metadata.name);
    return now === undefined || now.status.phase === 'Succeeded' || now.status.phase === 'Failed' || running(k, pod, container) !== undefined || (logOf(k, pod, container) ?? '') !== '';
  };
  return (yield* untilChange(k, started, limitSeconds)) ? ok(undefined) : err('error: timed out waiting for the condition');
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** After the container's output ended, or the shell was left. */
  readonly after: (here: Pick<Kube, 'out' | 'fail'>) => Program;
}

/** Streams a container until its process ends; a shell on a terminal becomes the terminal's. */
export function* attachTo(k: Kube, pod: Pod, container: string, o: AttachOptions): Program {
  const { context } = k;
  const found = running(k, pod, container);
  const enter = o.stdin && o.tty && context.tty ? nestedShell(context.stdin) : undefined;
  if (found !== undefined && enter !== undefined && SHELLS.includes(found.words[0]?.split('/').at(-1) ?? '') && found.words.length === 1) {
    context.stderr.write(HINT);
    const stdin = new BufferedInput(context.stdin);
    onNestedShell(stdin, (state) => {
      state.onLeave = function* leave(stdout, stderr) {
        found.stdin?.close();
        const mine: Kube = { ...k, context: { ...context, stdout, stderr }, out: (text) => void stdout.write(text), fail: (text) => { stderr.write(`${text}\n`); return 1; } };
        if (k.cluster.store.get('Pod', pod.metadata.namespace, pod.metadata.name)?.spec.restartPolicy === 'Always' && k.verb !== 'debug') mine.out(resume(pod, container));
        return yield* o.after(mine);
      };
      enter(state);
    });
    return yield* context.exec(['sh'], { host: found.host, kernel: found.host.kernel, user: 'root', cwd: found.cwd, tty: true, env: new Map(found.host.env), stdin, stdout: context.stdout, stderr: context.stderr });
  }
  if (o.tty && context.tty) context.stderr.write(HINT);
  let shown = 0;
  let open = o.stdin && found?.stdin !== undefined;
  for (;;) {
    const text = logOf(k, pod, container) ?? '';
    if (text.length > shown) k.out(text.slice(shown));
    shown = Math.max(shown, text.length);
    if (found === undefined || found.process.exitCode !== undefined || running(k, pod, container) === undefined) return yield* o.after(k);
    const chunk = open ? context.stdin.read() : undefined;
    if (chunk === 'eof') {
      open = false;
      found.stdin?.close();
    } else if (chunk !== undefined) found.stdin?.write(chunk);
    yield { on: open ? [context.stdin.readable, found.process.exited] : [found.process.exited], until: plus(k.cluster.plane.scheduler.now, POLL) };
  }
}

const resume = (pod: Pod, container: string): string => `Session ended, resume using 'kubectl attach ${pod.metadata.name} -c ${container} -i -t' command when the pod is running\n`;

export const attach: Verb = {
  name: 'attach', summary: 'Attach to a running container', flags: [flag('container', 'string', 'c'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't'), flag('quiet', 'boolean', 'q'), flag('pod-running-timeout')],
  *run(k): Program {
    const [target] = k.flags.args;
    if (target === undefined) return k.fail('error: at least 1 argument is required for attach');
    const pod = podOf(k, target);
    if (!pod.ok) return k.fail(pod.error);
    const asked = k.flags.text('container');
    if (asked !== undefined && !containerNames(pod.value).includes(asked)) return k.fail(`error: cannot attach to the container: container ${asked} not found in pod ${pod.value.metadata.name}`);
    const dial = yield* backendError(k, pod.value);
    if (dial !== undefined) return k.fail(dial);
    const found = containerOf(k, pod.value);
    if (!found.ok) return k.fail(found.error);
    return yield* attachTo(k, pod.value, found.value.name, { stdin: k.flags.on('stdin'), tty: k.flags.on('tty'), *after() { return 0; } });
  },
};
