/** Log lines of MetalLB. Models: internal/logging and go-kit's JSON logger: keys sorted, `ts` in whole seconds of UTC, lines below --log-level left out. */
import type { Output } from '../../../userland/host.ts';
import { rfc3339 } from '../../plane.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export interface Logger {
  /** `caller`: `main.go:409`, the place in the version's source. */
  write(level: Level, caller: string, fields: Readonly<Record<string, unknown>>): void;
}

/** `--log-level=debug` of a container's arguments; `all` and `none` as upstream. */
export function jsonLogger(out: Output, args: readonly string[], wallMillis: () => number): Logger {
  const wanted = args.find((a) => a.startsWith('--log-level='))?.slice('--log-level='.length) ?? 'info';
  const lowest = wanted === 'all' ? 0 : LEVELS.findIndex((l) => l === wanted);
  return {
    write: (level, caller, fields) => {
      if (lowest < 0 || LEVELS.indexOf(level) < lowest) return;
      const all: Readonly<Record<string, unknown>> = { caller, level, ...fields, ts: rfc3339(wallMillis()) };
      out.write(`${JSON.stringify(Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))))}\n`);
    },
  };
}
