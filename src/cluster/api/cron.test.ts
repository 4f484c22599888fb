/** Times and refusals of robfig/cron v3, as Kubernetes 1.29 uses it. */
import { describe, expect, it } from 'vitest';
import { parseCron } from './cron.ts';

const T = Date.UTC(2026, 0, 30, 23, 58, 30); // a Friday

describe('cron', () => {
  it.each([
    ['*/5 * * * *', '2026-01-31T00:00'], ['58 23 * * *', '2026-01-31T23:58'], ['0 0 1 * *', '2026-02-01T00:00'], ['0 0 31 * *', '2026-01-31T00:00'], ['0 12 * * mon', '2026-02-02T12:00'], ['0 0 13 * 5', '2026-02-06T00:00'],
    ['@hourly', '2026-01-31T00:00'], ['@yearly', '2027-01-01T00:00'], ['0 0 29 2 *', '2028-02-29T00:00'], ['10-20/5 4 * jan,feb *', '2026-01-31T04:10'], ['5/20 * * * *', '2026-01-31T00:05'],
  ])('%s', (text, next) => {
    const parsed = parseCron(text);
    expect(parsed.ok && new Date(parsed.value.next(T) ?? 0).toISOString().slice(0, 16)).toBe(next);
  });

  it('never', () => {
    const parsed = parseCron('0 0 31 2 *');
    expect(parsed.ok && parsed.value.next(T)).toBeUndefined();
  });

  it.each([
    ['', 'empty spec string'], ['x', 'expected exactly 5 fields, found 1: [x]'], ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'], ['60 * * * *', 'end of range (60) above maximum (59): 60'], ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'], ['*/0 * * * *', 'step of range should be a positive number: */0'], ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'], ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'], ['@often', 'unrecognized descriptor: @often'],
  ])('refuses %s', (text, error) => expect(parseCron(text)).toEqual({ ok: false, error }));
});
