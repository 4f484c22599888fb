import { describe, expect, it } from 'vitest';
import { formatHash, parseHash } from './url.ts';

describe('URL fragment', () => {
  it.each([
    ['', { page: 'home' }],
    ['#/', { page: 'home' }],
    ['#/coverage', { page: 'coverage' }],
    ['#/k3s-clusterip', { page: 'lab', scenario: 'k3s-clusterip', t: undefined, seed: undefined }],
    ['#/k3s-clusterip?t=128', { page: 'lab', scenario: 'k3s-clusterip', t: 128, seed: undefined }],
    ['#/k3s-clusterip?t=-1&seed=7&future=x', { page: 'lab', scenario: 'k3s-clusterip', t: -1, seed: 7 }],
  ])('reads %s', (hash, route) => { expect(parseHash(hash)).toEqual(route); });

  it.each(['#/k3s-clusterip?t=abc', '#/k3s-clusterip?t=-2', '#/k3s-clusterip?seed=1e9', '#/<script>', `#/${'a'.repeat(5000)}`])('says that %s is broken', (hash) => {
    expect(parseHash(hash).page).toBe('broken');
  });

  it('a broken step still names the untouched scenario', () => {
    expect(parseHash('#/k3s-clusterip?t=x')).toMatchObject({ page: 'broken', scenario: 'k3s-clusterip' });
  });

  it.each(['#/', '#/coverage', '#/k3s-clusterip', '#/k3s-clusterip?t=128', '#/k3s-clusterip?t=0&seed=3'])('writes %s back as read', (hash) => {
    expect(formatHash(parseHash(hash))).toBe(hash);
  });
});
