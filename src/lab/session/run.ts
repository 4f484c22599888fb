import type { Process } from '../../engine/sim/process.ts';
import type { Scheduler } from '../../engine/sim/scheduler.ts';
import { millis, plus, seconds, type Nanos } from '../../engine/sim/time.ts';

/** How long, in simulated time, people wait between two commands: packets in flight arrive, the FINs are exchanged. */
export const PAUSE = seconds(1);

/** A command that has not ended after this much simulated time gets a Ctrl+C, as an impatient user's would. */
export const PATIENCE = seconds(300);

export type Ending = 'exited' | 'interrupted';

/**
 * Runs the world until a process exits. A process that waits for something that nothing in the world will bring
 * (tcpdump without traffic), or longer than `patience`, is interrupted as by Ctrl+C.
 */
export function runToExit(scheduler: Scheduler, process: Process, patience: Nanos = PATIENCE): Ending {
  const deadline = plus(scheduler.now, patience);
  let ending: Ending = 'exited';
  while (process.exitCode === undefined) {
    const next = scheduler.nextAt();
    if (next === undefined || next > deadline) {
      if (ending === 'interrupted') process.kill('SIGKILL');
      else {
        scheduler.runUntil(next === undefined ? plus(scheduler.now, millis(1)) : deadline);
        process.kill('SIGINT');
        ending = 'interrupted';
      }
      // The handler of the signal may still have something to do, now.
      for (let at = scheduler.nextAt(); process.exitCode === undefined && at !== undefined && at <= plus(scheduler.now, seconds(1)); at = scheduler.nextAt()) scheduler.runNext();
      continue;
    }
    scheduler.runNext();
  }
  return ending;
}
