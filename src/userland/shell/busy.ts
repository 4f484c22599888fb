/**
 * What keeps endless work from stopping the world. CPU time is not modelled, but a loop that never waits would leave no instant
 * for anything else: it pays a little simulated time, the more the longer it has run, so that a Ctrl+C comes to its turn.
 */
import { micros, plus } from '../../engine/sim/time.ts';
import type { Wait } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';

/** A turn of a short loop costs nothing. */
export const TURNS_AT_ONCE = 100;

/** To be yielded after `turns` turns: 245,000 of them make five minutes. */
export const pause = (kernel: Kernel, turns: number): Wait => ({ until: plus(kernel.clock.now, micros(turns)) });

/** Processes of a host's shells: what `ulimit -u` would be. */
export const MOST_PROCESSES = 500;
/** Characters of one word, and words of one brace expansion: beyond, bash runs out of memory. */
export const MOST_TEXT = 1 << 26;
export const MOST_WORDS = 1_000_000;
