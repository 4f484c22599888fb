/** What probes and hooks run in or against a container. Models: pkg/probe/{http,tcp,exec}, pkg/kubelet/lifecycle/handlers.go (v1.29). Not modelled: gRPC and HTTPS (refused). */
import { plus, seconds } from '../../engine/sim/time.ts';
import type { Program, Wait } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { parseIpv4, type Ipv4 } from '../../engine/wire/addresses.ts';
import { startShellLine } from '../../userland/shell/shell.ts';
import type { Pod } from '../api/kinds.ts';
import type { Container, LifecycleHandler, Probe } from '../api/pod.ts';
import { shellWord } from './images.ts';
import { probePort, runProbe, type ProbeResult } from './probe.ts';
import { ContainerLog, type RunningContainer } from './runtime.ts';

export interface Target {
  readonly pod: Pod;
  readonly container: Container;
  readonly running: RunningContainer;
  readonly ip: Ipv4;
}

/** Runs words in the container; the code and what they printed. Undefined code: the time was up. */
export function* execWithin(kernel: Kernel, running: RunningContainer, words: readonly string[], limitSeconds: number): Generator<Wait, { readonly code: number | undefined; readonly output: string }, void> {
  const log = new ContainerLog();
  const inside = running.host.kernel;
  const { process } = inside.spawn(words[0] ?? '', (k, pid): Program => startShellLine(running.host, words.map(shellWord).join(' '), { stdout: log, stderr: log, kernel: k, pid, env: running.host.env, cwd: running.cwd }));
  const until = plus(kernel.clock.now, seconds(limitSeconds));
  while (process.exitCode === undefined && kernel.clock.now < until) yield { on: [process.exited], until };
  const code = process.exitCode;
  if (code === undefined) process.kill('SIGKILL');
  return { code, output: log.text };
}

/** One attempt of a probe. */
export function* attempt(kernel: Kernel, target: Target, probe: Probe): Generator<Wait, ProbeResult, void> {
  const { pod, container, running } = target;
  if (probe.exec !== undefined) {
    const limit = probe.timeoutSeconds ?? 1;
    const { code, output } = yield* execWithin(kernel, running, probe.exec.command, limit);
    if (code === 0) return { ok: true };
    return { ok: false, message: code === undefined ? `command ${JSON.stringify(probe.exec.command.join(' '))} timed out` : output };
  }
  const action = probe.httpGet ?? probe.tcpSocket;
  const port = action === undefined ? undefined : probePort(pod, container, action.port);
  if (port === undefined) return { ok: false, message: `couldn't find port: ${JSON.stringify(action?.port ?? '')} for container ${container.name}` };
  return yield* runProbe(kernel, probe, parseIpv4(action?.host ?? '') ?? target.ip, port);
}

/** A hook: undefined when it went well, else what the event says. */
export function* runHook(kernel: Kernel, target: Target, hook: LifecycleHandler, limitSeconds: number): Generator<Wait, string | undefined, void> {
  if (hook.exec !== undefined) {
    const { code, output } = yield* execWithin(kernel, target.running, hook.exec.command, limitSeconds);
    return code === 0 || code === undefined ? undefined : `Exec lifecycle hook ([${hook.exec.command.join(' ')}]) for Container "${target.container.name}" in Pod "${target.pod.metadata.name}_${target.pod.metadata.namespace}(${target.pod.metadata.uid})" failed - error: command '${hook.exec.command.join(' ')}' exited with ${code}: ${output}, message: ${JSON.stringify(output)}`;
  }
  if (hook.httpGet === undefined) return undefined;
  const result = yield* attempt(kernel, target, { httpGet: hook.httpGet, timeoutSeconds: limitSeconds });
  return result.ok ? undefined : `HTTP lifecycle hook (${hook.httpGet.path ?? '/'}) for Container "${target.container.name}" in Pod "${target.pod.metadata.name}_${target.pod.metadata.namespace}(${target.pod.metadata.uid})" failed - error: ${result.message}`;
}
