import { describe, expect, it } from 'vitest';
import { prng } from '../../../base/prng.ts';
import { millis } from '../../sim/time.ts';
import { ipv4 } from '../../wire/addresses.ts';
import { GlobalLimit, Peers } from './rate-limit.ts';

const A = ipv4(1);
const LIMITS = { number: 9, load: 5, silence: 5120 };

describe('peers', () => {
  it.each([
    ['burst of six', [0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 0]],
    ['one a second after that', [0, 0, 0, 0, 0, 0, 900, 1000, 1001, 2000], [1, 1, 1, 1, 1, 1, 0, 1, 0, 1]],
  ])('IP12 %s', (_, at, expected) => {
    const peers = new Peers();
    expect(at.map((ms) => Number(peers.xrlimAllow(A, 1000, millis(ms))))).toEqual(expected);
    expect(peers.xrlimAllow(ipv4(2), 1000, millis(0)), 'another peer has its own').toBe(true);
  });

  it('IP9 redirects: pauses double, nine, silence of 20.48 s starts again', () => {
    const peers = new Peers();
    const sent: number[] = [];
    for (let ms = 0; ms < 60_000; ms += 4) {
      if (!peers.redirectAllow(A, LIMITS, millis(ms))) continue;
      peers.redirectSent(A, millis(ms));
      sent.push(ms);
    }
    expect(sent.map((ms, i) => ms - (sent[i - 1] ?? 0))).toEqual([0, 44, 84, 164, 324, 644, 1284, 2564, 5124]);
    expect(peers.redirectAllow(A, LIMITS, millis(60_000 + 20_484))).toBe(true);
  });

  it('IP9 one redirect only, when net.ipv4.route.redirect_number says so', () => {
    const peers = new Peers();
    const allowed = [0, 50, 1000, 20_000].filter((ms) => {
      const yes = peers.redirectAllow(A, { ...LIMITS, number: 1 }, millis(ms));
      if (yes) peers.redirectSent(A, millis(ms));
      return yes;
    });
    expect(allowed).toEqual([0]);
  });

  it('IP10 a redirect leaves no tokens', () => {
    const peers = new Peers();
    expect(peers.redirectAllow(A, LIMITS, millis(0))).toBe(true);
    peers.redirectSent(A, millis(0));
    expect(peers.xrlimAllow(A, 1000, millis(4))).toBe(false);
    expect(peers.xrlimAllow(A, 1000, millis(1000))).toBe(true);
  });
});

it('IP12 all errors together: about the burst at once, refilled by time', () => {
  const limit = new GlobalLimit(prng(1, 'x'));
  const count = (ms: number): number => Array.from({ length: 200 }, () => limit.allow(1000, 50, millis(ms))).filter(Boolean).length;
  const first = count(0);
  expect(first).toBeGreaterThanOrEqual(25);
  expect(first).toBeLessThanOrEqual(110);
  expect(count(8)).toBe(0);
  expect(count(60)).toBeGreaterThan(20);
});
