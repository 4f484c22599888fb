import { describe, expect, it } from 'vitest';
import { inputRules, withUuid } from './netpol.ts';

describe('comment hashes of kube-router', () => {
  it.each([['INPUT', '4IA2OSFRMVNDXBVV'], ['FORWARD', 'TEMCG2JMHZYE7H7T'], ['OUTPUT', 'VEAAIY32XVBHCSCY']])('jump from %s', (chain, hash) => {
    expect(withUuid(chain, ['-m', 'comment', '--comment', 'kube-router netpol', '-j', `KUBE-ROUTER-${chain}`])).toContain(`kube-router netpol - ${hash}`);
  });

  it.each([[0, 'EKROEGTNIJ3AP3LC'], [1, 'LR7XO7NXDBGQJD2M'], [2, '76UCBPIZNGJNWNUZ']])('fixed rule %i of KUBE-ROUTER-INPUT', (i, hash) => {
    expect(inputRules('10.43.0.0/16', '30000:32767')[i]?.join(' ')).toContain(hash);
  });
});
