/** `npx tsx e2e/screenshots.ts <url> <folder>`: the main screen in every size and theme, at the moments that matter. */
import { mkdirSync } from 'node:fs';
import { chromium, type Page } from '@playwright/test';
import { chromiumOptions } from './chromium.ts';
import { LabPage } from './lab-page.ts';

const [url = 'http://localhost:4173/', folder = 'test-results/screens'] = process.argv.slice(2);
const only = process.argv[4];
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch(chromiumOptions);
const shots: readonly { readonly name: string; readonly width: number; readonly height: number; readonly scheme: 'light' | 'dark'; readonly projector?: boolean }[] = [
  { name: '1440-light', width: 1440, height: 900, scheme: 'light' }, { name: '1440-dark', width: 1440, height: 900, scheme: 'dark' },
  { name: '1024-light', width: 1024, height: 768, scheme: 'light' }, { name: '1024-dark', width: 1024, height: 768, scheme: 'dark' },
  { name: '390-light', width: 390, height: 844, scheme: 'light' }, { name: '1440-projector', width: 1440, height: 900, scheme: 'light', projector: true },
];
for (const s of shots) {
  if (only !== undefined && !s.name.includes(only)) continue;
  const page: Page = await browser.newPage({ viewport: { width: s.width, height: s.height }, colorScheme: s.scheme });
  page.on('console', (m) => { if (m.type() === 'error') console.log(s.name, m.text()); });
  page.on('pageerror', (e) => { console.log(s.name, e.message); });
  const lab = new LabPage(page, url);
  await lab.open();
  await page.evaluate(() => document.fonts.ready);
  const shot = (what: string): Promise<unknown> => page.screenshot({ path: `${folder}/${s.name}-${what}.png` });
  if (s.width < 600) {
    await shot('network');
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
  await lab.stepTo(/flannel.1.*wrap/i);
  await page.waitForTimeout(900);
  await shot('3-vxlan');
  await page.close();
}
await browser.close();
