/** Timed: these run alone (a project of their own), so that no other test takes the processor. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

const WARM_UP = 6;
const HOPS = 36;

test.describe.configure({ mode: 'serial' });

/** Tasks over 50 ms of the main thread from now on. */
async function watchLongTasks(page: Page): Promise<() => Promise<readonly number[]>> {
  await page.evaluate(() => {
    const long: number[] = [];
    const observer = new PerformanceObserver((list) => { for (const e of list.getEntries()) long.push(Math.round(e.duration)); });
    observer.observe({ type: 'longtask' });
    Reflect.set(window, 'longTasks', () => { for (const e of observer.takeRecords()) long.push(Math.round(e.duration)); return long; });
  });
  return () => page.evaluate(() => { const take: unknown = Reflect.get(window, 'longTasks'); const list: unknown = typeof take === 'function' ? take() : undefined; return Array.isArray(list) ? list.map(Number) : [-1]; });
}

for (const tab of ['Packet', 'Tables', 'Bytes'] as const) {
  test(`playback keeps the main thread free: no task over 50 ms, with ${tab} open`, async ({ page, lab }) => {
    await lab.open();
    await lab.run('test-pod', 'curl http://nginx-service');
    await lab.inspect(tab);
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('8');
    await page.getByRole('button', { name: 'Play them' }).click();
    const count = async (): Promise<number> => Number(/event (\d+)/.exec(await lab.count.textContent() ?? '')?.[1] ?? 0);
    // Hops are fewer than events: a hop is at least one.
    const start = await count();
    await expect.poll(count, { timeout: 30_000, intervals: [50] }).toBeGreaterThan(start + WARM_UP * 3);
    const long = await watchLongTasks(page);
    const moves = await page.evaluate((wanted) => new Promise<number>((resolve) => {
      let seen = 0;
      const watch = new MutationObserver(() => { if (++seen >= wanted) { watch.disconnect(); resolve(seen); } });
      const element = document.querySelector('[data-testid=count]');
      if (element !== null) watch.observe(element, { subtree: true, characterData: true, childList: true });
    }), HOPS);
    expect(moves).toBeGreaterThanOrEqual(HOPS);
    expect(await long()).toEqual([]);
  });
}

test('the right arrow held: a hop takes the page less than 30 ms', async ({ page, lab }) => {
  await lab.open();
  await lab.run('test-pod', 'curl http://nginx-service');
  await page.locator('body').press('Home');
  for (let i = 0; i < WARM_UP; i++) await page.locator('body').press('ArrowRight');
  const long = await watchLongTasks(page);
  // From the key to the end of the frame that shows the hop, without the wait for the screen's own beat.
  const times = await page.evaluate(async (hops) => {
    const title = (): string => document.querySelector('[data-testid=count]')?.textContent ?? '';
    const out: number[] = [];
    for (let i = 0; i < hops; i++) {
      const before = title();
      const begin = performance.now();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true, repeat: true }));
      while (title() === before && performance.now() - begin < 1000) await new Promise<void>((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { resolve(); }; port2.postMessage(0); });
      void document.body.offsetHeight;
      out.push(performance.now() - begin);
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
    }
    return out;
  }, HOPS);
  const sorted = times.toSorted((a, b) => a - b);
  expect(sorted[Math.floor(HOPS * 0.9)], `${times.map((t) => t.toFixed(1)).join(' ')} ms`).toBeLessThan(30);
  expect(await long()).toEqual([]);
});
