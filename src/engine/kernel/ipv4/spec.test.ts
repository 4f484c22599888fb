import { expect, it } from 'vitest';
import spec from './SPEC.md?raw';

const texts = {
  ...import.meta.glob<string>('./*.test.ts', { query: '?raw', import: 'default', eager: true }),
  ...import.meta.glob<string>('./testing/sessions/*.txt', { query: '?raw', import: 'default', eager: true }),
};

it('every rule of SPEC.md has a test that names it', () => {
  const ids = [...spec.matchAll(/^- ([A-Z]+\d+) /gm)].map((m) => m[1] ?? '');
  const titles = Object.values(texts).flatMap((text) => text.split('\n').filter((line) => /\bit(\.each.*)?\(|^\s*\] ?.*\)\('|^## /.test(line))).join('\n');
  expect(ids.length).toBeGreaterThan(30);
  expect(ids.filter((id) => !new RegExp(`\\b${id}\\b`).test(titles))).toEqual([]);
});
