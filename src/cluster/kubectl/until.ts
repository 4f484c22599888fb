/** Sleeping until something is so. */
import { WaitQueue, type Wait } from '../../engine/sim/process.ts';
import { plus, seconds } from '../../engine/sim/time.ts';
import type { Kube } from './verb.ts';

/** Looks again at every change of the store, until `done` or the limit; false: the limit came first. */
export function* untilChange(k: Kube, done: () => boolean, limitSeconds: number): Generator<Wait, boolean, void> {
  const queue = new WaitQueue();
  const stop = k.cluster.store.watch(() => queue.wake());
  const { scheduler } = k.cluster.plane;
  const limit = plus(scheduler.now, seconds(limitSeconds));
  try {
    while (!done()) {
      if (scheduler.now >= limit) return false;
      yield { on: [queue], until: limit };
    }
    return true;
  } finally {
    stop();
  }
}

/** `90s`, `1m30s`, `1h`; a bare number is refused by Go, but 0. Undefined: not a duration. */
export function duration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^-?(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  const unit: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  let total = 0;
  for (const [, n = '0', u = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) total += Number(n) * (unit[u] ?? 1);
  return text.startsWith('-') ? -total : total;
}
