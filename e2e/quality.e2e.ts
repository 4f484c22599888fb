import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page: Page): Promise<readonly string[]> {
  // Evaluated by the test's own connection: the page's policy lets no other script in.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const axe: unknown = Reflect.get(window, 'axe');
    if (typeof axe !== 'object' || axe === null || !('run' in axe) || typeof axe.run !== 'function') return ['axe did not load'];
    // The terminal's own rows are hidden from readers, which get its live mirror.
    const result: { violations: { id: string; nodes: { target: unknown[]; html: string; failureSummary?: string }[] }[] } = await axe.run({ exclude: [['.xterm']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    // Objects of the drawing grow with Ctrl+wheel and are listed by `/`: the equivalent that WCAG 2.5.8 asks for.
    const small = (v: { id: string }, n: { html: string }): boolean => v.id === 'target-size' && n.html.includes('data-place');
    return result.violations.flatMap((v) => v.nodes.filter((n) => !small(v, n)).slice(0, 4).map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n').slice(1, 2).join(' ') ?? ''}`));
  });
}

for (const scheme of ['light', 'dark'] as const) {
  test(`no WCAG A or AA violation, ${scheme}`, async ({ page, lab }) => {
    // Ten times all the rules over the whole page.
    test.slow();
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto('./');
    await expect(page.getByRole('link', { name: /ClusterIP/ }).first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await lab.open();
    expect(await violations(page)).toEqual([]);
    await lab.run('test-pod', 'curl http://nginx-service');
    await lab.stepTo(/DNAT .*:80$/);
    for (const tab of ['Packet', 'Why', 'Tables', 'Bytes'] as const) {
      await lab.inspect(tab);
      expect(await violations(page), tab).toEqual([]);
    }
    await page.keyboard.press('Escape');
    await page.locator('body').press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await violations(page), 'keys').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: /Files/ }).click();
    expect(await violations(page), 'files').toEqual([]);
    await page.getByRole('button', { name: 'test-pod.yaml', exact: true }).click();
    await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
    expect(await violations(page), 'editor').toEqual([]);
  });
}

test('reduced motion: cards instead of movement', async ({ page, lab }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await lab.open();
  await lab.run('test-pod', 'curl http://nginx-service');
  await lab.stepTo(/DNAT .*:80$/);
  await expect(page.locator('.step-card')).toHaveAttribute('data-card', 'true');
});

test('the shell of the page is there before the lab answers', async ({ page, watch }) => {
  void watch;
  await page.route('**/lab-worker-*.js', async (route) => { await held; await route.continue(); });
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => { release = resolve; });
  await page.goto('./#/k3s-clusterip');
  await expect(page.getByRole('banner')).toBeVisible();
  await expect(page.getByText('Starting the lab')).toBeVisible();
  await page.getByRole('button', { name: 'Keys' }).click();
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  release();
  await page.keyboard.press('Escape');
  await expect(page.locator('.canvas')).toBeVisible({ timeout: 60_000 });
});

test('initial JavaScript is at most 300 KB gzip', async ({ page, watch }) => {
  void watch;
  const sizes: Promise<number>[] = [];
  page.on('response', (r) => { if (r.url().endsWith('.js') && !r.url().includes('lab-worker')) sizes.push(r.body().then(async (b) => (await import('node:zlib')).gzipSync(b).length)); });
  await page.goto('./');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const total = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
  expect(total).toBeGreaterThan(20_000);
  expect(total).toBeLessThan(300 * 1024);
});
