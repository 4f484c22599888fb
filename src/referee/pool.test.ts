import { expect, it, vi } from 'vitest';
import { together, type Job } from './pool.ts';
import { Report } from './report.ts';

const job = (name: string, failed: number): Job => ({ name, run: () => Promise.resolve(() => failed) });

it.each([1, 3])('a job that throws is a failed job, and the others go on (%d at once)', async (atOnce) => {
  const log = vi.spyOn(console, 'log').mockReturnValue(undefined);
  const report = new Report(1);
  const told: string[] = [];
  const telling = (name: string): Job => ({ name, run: () => Promise.resolve(() => told.push(name) - told.length) });
  const jobs: Job[] = [
    telling('first'),
    { name: 'thrower', run: () => Promise.reject(new Error('no kernel today')) },
    { name: 'teller', run: () => Promise.resolve(() => { throw new Error('no words'); }) },
    job('two wrong', 2),
    telling('last'),
  ];
  expect(await together(jobs, atOnce, report)).toBe(4);
  expect(told).toEqual(['first', 'last']);
  const lines = log.mock.calls.map(([text]) => String(text));
  log.mockRestore();
  expect(lines).toEqual([expect.stringMatching(/^BROKEN thrower: Error: no kernel today\n +at .*pool\.test\.ts/), expect.stringMatching(/^BROKEN teller: Error: no words\n/)]);
  expect(report.markdown()).toContain('broken: thrower: Error: no kernel today');
  expect(report.total).toBe(2);
});
