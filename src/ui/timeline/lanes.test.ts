import { describe, expect, it } from 'vitest';
import { curl } from '../testing/fake-run.ts';
import { clamped, indexOf, lanesOf, LOOKS, showing, whole, xOf, zoomed } from './lanes.ts';

const events = curl(0, 0, 0);

describe('lanes', () => {
  it('stand in the order of first appearance', () => { expect(lanesOf(events, 9)).toEqual([21, 2, 1, 11, 12]); });
  it('keep the busiest when there are too many', () => { expect(lanesOf(events, 3)).toEqual([21, 2, 1]); });
  it('have a look for every kind that occurs', () => { for (const e of events) expect(LOOKS[e.kind].token).toMatch(/^--tick-/); });
});

describe('window', () => {
  const all = whole(1000);
  it('x and index are inverse', () => { for (const i of [0, 17, 500, 999]) expect(indexOf(xOf(i, all, 80, 640), all, 80, 640)).toBe(i); });
  it('zooms around the pointer: what is under it stays', () => {
    const near = zoomed(all, 0.1, 400, 1000);
    expect(near.to - near.from).toBeCloseTo(100);
    expect(xOf(399.5, near, 0, 100)).toBeCloseTo(xOf(399.5, all, 0, 100));
  });
  it('never leaves the run, never closer than a few events', () => {
    expect(zoomed(all, 1e-6, 3, 1000)).toEqual({ from: expect.any(Number), to: expect.any(Number) });
    const close = zoomed(all, 1e-6, 3, 1000);
    expect(close.to - close.from).toBeCloseTo(8);
    expect(clamped({ from: -50, to: 50 }, 1000)).toEqual({ from: 0, to: 100 });
    expect(clamped({ from: 950, to: 1050 }, 1000)).toEqual({ from: 900, to: 1000 });
    expect(zoomed(all, 5, 3, 1000)).toEqual(all);
  });
  it('follows the playhead, and stands still while it is inside', () => {
    const w = { from: 100, to: 200 };
    expect(showing(w, 150, 1000)).toBe(w);
    expect(showing(w, 300, 1000).to).toBe(303);
    expect(showing(w, 20, 1000).from).toBe(18);
  });
  it('an empty run has a window', () => { expect(whole(0)).toEqual({ from: 0, to: 1 }); });
});
