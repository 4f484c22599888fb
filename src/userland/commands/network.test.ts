/**
 * The network commands on a real Machine of ours, typed in the order in which they were typed on real Linux; every answer must be
 * the recorded one (testing/record-net.ts), apart from what testing/net-text.ts masks.
 */
import { describe, expect, test } from 'vitest';
import { Machine } from '../../engine/kernel/machine.ts';
import { World } from '../../engine/kernel/world.ts';
import { plus, seconds } from '../../engine/sim/time.ts';
import { makeHost } from '../make-host.ts';
import { runShellLine } from '../shell/shell.ts';
import recorded from '../testing/net-cases.json' with { type: 'json' };
import { comparable } from '../testing/net-text.ts';
import { COMMANDS } from './all.ts';

describe('network commands answer as the real tools did', () => {
  const world = new World({ seed: 1, epochMillis: Date.UTC(2024, 4, 29, 13, 9, 28) });
  const host = makeHost({ name: 'vm2', kernel: new Machine(world, 'vm2').handle(), commands: COMMANDS });

  test.each(recorded.map((r) => [r.line, r] as const))('%s', (line, real) => {
    const mine = runShellLine(host, line);
    const until = plus(world.scheduler.now, seconds(30));
    while (mine.process.exitCode === undefined && (world.scheduler.nextAt() ?? Infinity) <= until) world.scheduler.runNext();
    expect({ stdout: comparable(mine.stdout.text), stderr: comparable(mine.stderr.text), code: mine.process.exitCode })
      .toEqual({ stdout: comparable(real.stdout), stderr: comparable(real.stderr), code: real.code });
  });
});
