import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MODELS_PATH, modelsText, readHead } from './models.ts';

describe('the coverage record', () => {
  it('says what the heads of the files say (npm run accept)', () => {
    expect(readFileSync(MODELS_PATH, 'utf8')).toBe(modelsText());
  });

  it.each([
    ['/**\n * Read first: x.\n * Models: a, b\n * and c. Not modelled: d.\n */', { models: 'a, b and c.', notModelled: 'd.' }],
    ['/** Models: v6.1. */', { models: 'v6.1.', notModelled: '' }],
    ['/** A helper. */', undefined],
    ['import x;', undefined],
  ])('reads %j', (text, expected) => {
    expect(readHead(text)).toEqual(expected);
  });
});
