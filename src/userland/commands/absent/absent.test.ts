import { describe, expect, test } from 'vitest';
import { fake } from '../../testing/fake-kernel.ts';
import { COMMANDS, HYPERVISOR_COMMANDS } from '../all.ts';
import { ABSENT_IN_NETSHOOT, ABSENT_ON_MACHINES } from './absent.ts';

describe('commands that are not modelled', () => {
  const there = new Set([...COMMANDS, ...HYPERVISOR_COMMANDS].flatMap((c) => [c.name, ...(c.aliases ?? [])]));

  test.each([...ABSENT_ON_MACHINES, ...ABSENT_IN_NETSHOOT].map((c) => c.name))('%s is none of those that are', (name) => {
    expect(there.has(name)).toBe(false);
  });

  test.each(ABSENT_ON_MACHINES.map((c) => c.name))('%s says so on a machine', (name) => {
    expect(fake({}, { commands: ABSENT_ON_MACHINES }).run(`${name} -x y`)).toMatchObject({ stdout: '', stderr: `${name}: not modelled in this lab\n`, code: 1 });
  });
});
