import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../worker/protocol.ts';
import { eventAt, eventsOf, formatSince, indexAt, longerTrack, nextStep, previousStep, trackOf, within } from './playback.ts';

const event = (step: number, more: Partial<TimelineEvent> = {}): TimelineEvent => ({
  step, t: step * 1000, ns: 1, kind: 'link', pkt: 1, flow: 1, reply: false, layer: 'tcp', inner: undefined, label: 'SYN', place: 'vm2/#cni0', hop: true, noise: false, title: `event ${step}`, ...more,
});
const events = [event(3), event(7), event(8, { noise: true }), event(20, { hop: false }), event(31, { place: 'vm1/#ens3' })];

describe('stepping', () => {
  it('hides noise and counts it', () => {
    const track = trackOf(events, false);
    expect([track.visible.length, track.hops.length, track.hidden]).toEqual([4, 3, 1]);
    expect(trackOf(events, true).visible).toHaveLength(5);
  });
  it.each([true, false])('a track that grows is the track of all (noise: %s)', (noise) => {
    for (let at = 0; at <= events.length; at++) expect(longerTrack(trackOf(events.slice(0, at), noise), events, events.slice(at), noise)).toEqual(trackOf(events, noise));
  });
  it.each([[-1, -1], [2, -1], [3, 0], [6, 0], [7, 1], [99, 4]])('finds the event at step %i', (step, index) => { expect(indexAt(events, step)).toBe(index); });
  it.each([[-1, 3], [3, 7], [5, 7], [31, undefined]])('goes forward from %i to %s', (from, to) => { expect(nextStep(events, from)).toBe(to); });
  it.each([[-1, undefined], [3, undefined], [5, 3], [7, 3], [99, 31]])('goes back from %i to %s', (from, to) => { expect(previousStep(events, from)).toBe(to); });
  it('back undoes forward everywhere', () => {
    for (const e of events.slice(0, -1)) expect(previousStep(events, nextStep(events, e.step) ?? -9)).toBe(e.step);
  });
  it('an empty run has nowhere to go', () => {
    expect([nextStep([], 4), previousStep([], 4), eventAt([], 4)]).toEqual([undefined, undefined, undefined]);
  });
});

describe('places', () => {
  it.each([
    ['vm2/#cni0', 'vm2', true], ['vm2/#cni0', 'vm2/', true], ['vm2/@FORWARD', 'vm2/', true], ['vm2/cni-1#eth0', 'vm2/', false],
    ['vm2/cni-1#eth0', 'vm2/cni-1', true], ['vm2/cni-12#eth0', 'vm2/cni-1', false], ['vm2/#cni0', 'vm2/#cni0', true], ['vm21/#cni0', 'vm2', false],
  ])('%s within %s: %s', (place, selected, inside) => { expect(within(place, selected)).toBe(inside); });
  it('keeps the events of the selected machine only', () => { expect(eventsOf(events, 'vm1').map((e) => e.step)).toEqual([31]); });
});

it.each([[0, '+0.000 ms'], [214_000, '+0.214 ms'], [1_500_000, '+1.500 ms'], [12_003_000_000, '+12.003000 s']])('writes %i ns as %s', (nanos, text) => { expect(formatSince(nanos)).toBe(text); });
