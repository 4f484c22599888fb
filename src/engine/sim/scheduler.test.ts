import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Process, SignalError, WaitQueue, sleep, type Program } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { nanos } from './time.ts';

describe('Scheduler', () => {
  it('runs events by time, ties first in first out, cancelled ones never', () => {
    fc.assert(fc.property(fc.array(fc.record({ at: fc.nat(50), cancel: fc.boolean() }), { maxLength: 60 }), (events) => {
      const scheduler = new Scheduler();
      const ran: number[] = [];
      const timers = events.map(({ at }, i) => scheduler.at(nanos(at), () => ran.push(i)));
      events.forEach(({ cancel }, i) => cancel && timers[i]?.cancel());
      while (scheduler.runNext());
      const expected = events.map((e, i) => ({ ...e, i })).filter((e) => !e.cancel).sort((a, b) => a.at - b.at || a.i - b.i).map((e) => e.i);
      expect(ran).toEqual(expected);
    }));
  });

  it('stands at the time it ran until, and never goes back', () => {
    const scheduler = new Scheduler();
    scheduler.runUntil(nanos(100));
    let at = -1;
    scheduler.at(nanos(10), () => { at = scheduler.now; });
    scheduler.runNext();
    expect(at).toBe(100);
  });

  it('lets an exception out', () => {
    const scheduler = new Scheduler();
    scheduler.after(nanos(1), () => { throw new Error('mine'); });
    expect(() => scheduler.runNext()).toThrow('mine');
  });
});

describe('Process', () => {
  const run = (program: (s: Scheduler) => Program): { scheduler: Scheduler; process: Process } => {
    const scheduler = new Scheduler();
    return { scheduler, process: new Process(scheduler, 'test', program(scheduler)) };
  };

  it('sleeps on simulated time and exits with its code', () => {
    const { scheduler, process } = run(function* (s) { yield* sleep(s, nanos(500)); return 3; });
    while (scheduler.runNext());
    expect([process.exitCode, scheduler.now]).toEqual([3, 500]);
  });

  it('wakes on what it waits for, or when its patience ends', () => {
    const queue = new WaitQueue();
    const { scheduler, process } = run(function* (s) { yield { on: [queue], until: nanos(100) }; return s.now; });
    scheduler.at(nanos(40), () => queue.wake());
    while (scheduler.runNext());
    expect(process.exitCode).toBe(40);
    const late = run(function* (s) { yield { on: [new WaitQueue()], until: nanos(100) }; return s.now; });
    while (late.scheduler.runNext());
    expect(late.process.exitCode).toBe(100);
  });

  it.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGKILL', 137]] as const)('dies of %s with %i unless it catches it', (signal, code) => {
    const { scheduler, process } = run(function* () { yield { on: [new WaitQueue()] }; return 0; });
    scheduler.runNext();
    process.kill(signal);
    expect(process.exitCode).toBe(code);
    const caught = run(function* () {
      try { yield { on: [new WaitQueue()] }; } catch (error) { if (!(error instanceof SignalError)) throw error; return 7; }
      return 0;
    });
    caught.scheduler.runNext();
    caught.process.kill(signal);
    expect(caught.process.exitCode).toBe(7);
  });
});
