/** Every scenario opens in the page, and Space runs and plays what it suggests first. */
import { readdirSync } from 'node:fs';
import { expect, test } from './fixtures.ts';

const worlds = readdirSync('scenarios', { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);

for (const world of worlds) {
  test(`${world} opens and plays`, async ({ page, lab }) => {
    await lab.open(`#/${world}`);
    await expect(page.locator('.lesson-body h2')).not.toBeEmpty();
    await expect(lab.count).toHaveText('no events');
    await page.locator('body').press(' ');
    await expect(lab.count).toHaveText(/^event \d+ of \d+$/, { timeout: 30_000 });
    // Every machine stands inside the drawing that is shown.
    await expect.poll(() => page.evaluate(() => {
      const boxes = (selector: string): DOMRect[] => [...document.querySelectorAll(selector)].map((e) => e.getBoundingClientRect());
      const [stage] = boxes('.stage');
      const machines = boxes('.machine');
      return stage !== undefined && machines.length > 0 && machines.every((box) => box.left >= stage.left - 1 && box.right <= stage.right + 1);
    })).toBe(true);
  });
}

test('the gallery shows every scenario in its course and finds by word', async ({ page, watch }) => {
  void watch;
  await page.goto('./');
  await expect(page.locator('a.card')).toHaveCount(worlds.length);
  await page.getByRole('searchbox', { name: 'Find a scenario' }).fill('hairpin');
  await expect(page.locator('a.card')).toHaveCount(1);
  await page.getByRole('searchbox').fill('no such thing');
  await expect(page.getByRole('status')).toContainText('No scenario speaks of');
});
