import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures.ts';

test('the coverage page tells how the lab fared against real Linux', async ({ page, watch }) => {
  void watch;
  const figures: unknown = JSON.parse(readFileSync('src/lab/referee-figures.json', 'utf8'));
  if (typeof figures !== 'object' || figures === null || !('flows' in figures) || typeof figures.flows !== 'number') throw new Error('no figures');
  await page.goto('./#/coverage');
  const section = page.getByRole('region', { name: 'Compared with real Linux' });
  await expect(section.getByRole('row', { name: /flows sent through both/ })).toContainText(figures.flows.toLocaleString('en'));
  await expect(section).toContainText('Open vSwitch');
});
