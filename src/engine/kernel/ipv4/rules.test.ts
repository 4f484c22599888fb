import { describe, expect, it } from 'vitest';
import { Machine } from '../machine.ts';
import { rtnetlink } from '../netlink/rtnetlink.ts';
import { newWorld, ok } from '../testing/worlds.ts';

describe("a rule like one of the kernel's own", () => {
  const MAIN = { priority: 32766, table: 254 } as const;
  it('is another rule: protocols differ', () => {
    const nl = rtnetlink(new Machine(newWorld(), 'm').init);
    const listed = (): unknown => nl.rules().map((r) => `${r.priority} ${r.table} ${r.protocol ?? ''}`);
    ok(nl.newRule(MAIN));
    expect(listed()).toEqual(['0 255 kernel', '32766 254 kernel', '32766 254 unspec', '32767 253 kernel']);
    expect(nl.newRule(MAIN)).toMatchObject({ error: { errno: 'EEXIST' } });
    ok(nl.delRule(MAIN));
    expect(listed()).toEqual(['0 255 kernel', '32766 254 unspec', '32767 253 kernel']);
  });
});
