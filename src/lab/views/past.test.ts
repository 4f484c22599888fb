import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournaledTable, SEQ } from '../../base/journaled-table.ts';
import { Scheduler } from '../../engine/sim/scheduler.ts';
import { Recorder } from '../../engine/trace/recorder.ts';
import { Past } from './past.ts';

interface Row {
  value: number;
}

const plain = (rows: readonly (readonly [string, Readonly<Record<string, unknown>>])[]): unknown =>
  rows.map(([key, row]) => [key, Object.fromEntries(Object.entries(row).filter(([field]) => field !== SEQ))]);

describe('Past', () => {
  it('shows a journaled table as it stood after every step, in any order of looking', () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.nat(9), what: fc.constantFrom('insert', 'patch', 'delete') });
    fc.assert(fc.property(fc.array(change, { maxLength: 30 }), fc.array(fc.nat(30), { maxLength: 12 }), (changes, looks) => {
      const recorder = new Recorder(new Scheduler());
      const table = new JournaledTable<Row>('1/t', () => (name, key, before, after) =>
        recorder.write({ kind: 'table', ns: 1, table: name, key, pkt: undefined, before, after }));
      const states: unknown[] = [];
      for (const { key, value, what } of changes) {
        const head = recorder.head;
        if (what === 'insert' && !table.has(key)) table.insert(key, { value });
        if (what === 'patch') table.patch(key, { value });
        if (what === 'delete') table.delete(key);
        if (recorder.head > head) states.push([...table.entries()].map(([k, row]) => [k, { ...row }]));
      }
      const past = new Past();
      for (const step of recorder.steps) past.see(step);
      for (const look of looks) if (look < states.length) expect(plain(past.rows('1/t', look))).toEqual(states[look]);
      expect(past.rows('1/t', -1)).toEqual([]);
    }));
  });
});
