import { describe, expect, it } from 'vitest';
import { parseQuantity, qosClass } from './quantity.ts';

describe('quantities', () => {
  it.each<[string, number | undefined]>([['100m', 0.1], ['1', 1], ['1.5', 1.5], ['64Mi', 67108864], ['1k', 1000], ['1e3', 1000], ['2Gi', 2147483648], ['.5', 0.5], ['', undefined], ['1 Gi', undefined], ['abc', undefined]])('%s', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  const spec = (requests: Record<string, string> | undefined, limits?: Record<string, string>) => ({ containers: [{ name: 'c', image: 'i', resources: { requests, limits } }] });
  it.each<[string, Record<string, string> | undefined, Record<string, string> | undefined, string]>([
    ['nothing asked', undefined, undefined, 'BestEffort'], ['something asked', { cpu: '1' }, undefined, 'Burstable'],
    ['all asked and limited alike', { cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '1Gi' }, 'Guaranteed'], ['limited higher', { cpu: '1', memory: '1Gi' }, { cpu: '2', memory: '1Gi' }, 'Burstable'],
  ])('quality of service: %s', (_name, requests, limits, expected) => {
    expect(qosClass(spec(requests, limits))).toBe(expected);
  });
});
