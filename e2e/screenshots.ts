/**
 * `npx tsx e2e/screenshots.ts <url> <folder> [name]`: the main screen in every size and theme, at the moments that matter.
 * `npx tsx e2e/screenshots.ts <url> --main`: docs/main-screen.png, the picture of the README.
 */
import { mkdirSync } from 'node:fs';
import { chromium, expect, type Page } from '@playwright/test';
import { chromiumOptions } from './chromium.ts';
import { LabPage } from './lab-page.ts';

const [url = 'http://localhost:4173/', where = 'test-results/screens', only] = process.argv.slice(2);
const main = where === '--main';
const folder = main ? 'docs' : where;
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch(chromiumOptions);
/** Everything stands still: fonts are there, capsules have arrived, styles have finished. */
const still = (page: Page): Promise<unknown> => page.evaluate(async () => {
  await document.fonts.ready;
  const ended = document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined));
  await Promise.all(ended);
});
const shots: readonly { readonly name: string; readonly width: number; readonly height: number; readonly scheme: 'light' | 'dark'; readonly projector?: boolean }[] = [
  { name: '1440-light', width: 1440, height: 900, scheme: 'light' }, { name: '1440-dark', width: 1440, height: 900, scheme: 'dark' },
  { name: '1024-light', width: 1024, height: 768, scheme: 'light' }, { name: '1024-dark', width: 1024, height: 768, scheme: 'dark' },
  { name: '390-light', width: 390, height: 844, scheme: 'light' }, { name: '1440-projector', width: 1440, height: 900, scheme: 'light', projector: true },
];
for (const s of shots) {
  if (main && s.name !== '1440-light') continue;
  if (only !== undefined && !s.name.includes(only)) continue;
  const page: Page = await browser.newPage({ viewport: { width: s.width, height: s.height }, colorScheme: s.scheme });
  page.on('console', (m) => { if (m.type() === 'error') console.log(s.name, m.text()); });
  page.on('pageerror', (e) => { console.log(s.name, e.message); });
  const lab = new LabPage(page, url);
  await lab.open();
  await page.evaluate(() => document.fonts.ready);
  const shot = async (what: string): Promise<void> => { await still(page); await page.screenshot({ path: main ? `${folder}/main-screen.png` : `${folder}/${s.name}-${what}.png` }); };
  if (main) {
    await lab.run('test-pod', 'curl -s http://nginx-service | grep title');
    await lab.stepTo(/DNAT .*to .*:80$/);
    await page.locator('.terminal-tab button').first().blur();
    await expect(page.locator('.rewrite ins')).toBeVisible();
    await page.waitForTimeout(700);
    await shot('');
    await page.close();
    continue;
  }
  if (s.width < 600) {
    await shot('network');
    await page.getByRole('button', { name: /^Run curl/ }).click();
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    await page.locator('body').press(' ');
    await lab.stepTo(/DNAT .*to .*:80$/);
    await shot('dnat');
    for (const panel of ['Lesson', 'Packet', 'Terminal']) { await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: panel }).click(); await shot(panel.toLowerCase()); }
    await page.close();
    continue;
  }
  if (s.projector === true) await page.keyboard.press('p');
  await shot('0-opened');
  await lab.run('test-pod', 'curl http://nginx-service');
  await shot('1-ran');
  await lab.stepTo(/DNAT .*to .*:80$/);
  await page.waitForTimeout(1800);
  await shot('2-dnat');
  await lab.inspect('Why');
  await shot('2-why');
  await lab.showTables('vm2/@PREROUTING');
  await shot('2-tables');
  await page.keyboard.press('Escape');
  await lab.inspect('Packet');
  await lab.stepTo(/flannel.1.*wrap/i);
  await page.waitForTimeout(900);
  await shot('3-vxlan');
  await page.close();
}
await browser.close();
