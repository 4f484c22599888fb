import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { mutated } from './run.ts';

describe('mutations', () => {
  it('are at least ten, each with a name of its own', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(10);
    expect(new Set(MUTATIONS.map((m) => m.name)).size).toBe(MUTATIONS.length);
  });

  it.each(MUTATIONS.map((m) => [m.name, m] as const))('fits the engine as it is: %s', (_name, mutation) => {
    const text = readFileSync(join(import.meta.dirname, '../..', mutation.file), 'utf8');
    expect(mutated(text, mutation)).not.toBe(text);
  });

  it('a stale one is refused', () => {
    expect(() => mutated('a b a', { name: 'twice', find: 'a', replace: 'c' })).toThrow(/2 times/);
    expect(() => mutated('b', { name: 'gone', find: 'a', replace: 'c' })).toThrow(/0 times/);
  });
});
