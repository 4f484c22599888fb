import { describe, expect, it } from 'vitest';
import { goldenText } from '../lab/golden.ts';
import { diskScenarios, openFromDisk } from './scenarios.ts';

describe('golden files (change them with npm run accept)', () => {
  it.each(diskScenarios.ids())('%s', (id) => {
    expect(goldenText(openFromDisk(id, {}))).toBe(diskScenarios.files(id)?.get('golden.txt'));
  });
});
