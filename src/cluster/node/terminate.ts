/** How a container ends: preStop, SIGTERM, and after the grace SIGKILL. Models: pkg/kubelet/kuberuntime killContainer (v1.29): a hook that used the grace up leaves two seconds. */
import type { Program } from '../../engine/sim/process.ts';
import type { Scheduler } from '../../engine/sim/scheduler.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { LifecycleHandler } from '../api/pod.ts';
import { runHook, type Target } from './handler.ts';
import { handlesTerm, stopContainer, type RunningContainer } from './runtime.ts';

const LEAST = 2;

export interface Termination {
  readonly scheduler: Scheduler;
  /** The node's, where the kubelet runs. */
  readonly kernel: Kernel;
  readonly running: RunningContainer;
  /** Seconds. */
  readonly grace: number;
  readonly hook: LifecycleHandler | undefined;
  readonly target: Target | undefined;
  /** The pod has ended some other way. */
  readonly gone: () => boolean;
  readonly hookFailed: () => void;
  readonly after: () => void;
}

export function terminate({ scheduler, kernel, running, grace, hook, target, gone, hookFailed, after }: Termination): void {
  const began = scheduler.now;
  const term = (): void => {
    if (handlesTerm(running)) stopContainer(running, 'SIGTERM');
    if (running.process.exitCode !== undefined) return after();
    const spent = (scheduler.now - began) / 1e9;
    scheduler.after(seconds(spent > 0 ? Math.max(LEAST, grace - spent) : grace), () => {
      stopContainer(running, 'SIGKILL');
      after();
    });
    return undefined;
  };
  if (hook === undefined || target === undefined || grace === 0) return term();
  kernel.spawn('kubelet', function* (inside): Program {
    const failed = yield* runHook(inside, target, hook, grace);
    if (failed !== undefined) hookFailed();
    if (!gone()) term();
    return 0;
  });
  return undefined;
}
