/** Timed: these run alone (a project of their own), so that no other test takes the processor. */
import type { Browser, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

const WARM_UP = 6;
const HOPS = 36;

test.describe.configure({ mode: 'serial' });

const MOST_MS = 50;

/**
 * The page's tasks from here to when it is called that took its main thread more than 50 ms: of processor time, from
 * Chromium's own trace. Wall-clock time would also count the tasks of others on a machine that is shared.
 */
async function watchLongTasks(browser: Browser, page: Page): Promise<() => Promise<readonly string[]>> {
  await browser.startTracing(page, { categories: ['-*', 'toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] });
  return async () => {
    const trace: { readonly traceEvents: readonly { readonly name: string; readonly pid: number; readonly tid: number; readonly dur?: number; readonly tdur?: number; readonly args: { readonly name?: string } }[] } = JSON.parse((await browser.stopTracing()).toString());
    const mains = new Set(trace.traceEvents.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`));
    const tasks = trace.traceEvents.filter((e) => e.name.endsWith('RunTask') && e.tdur !== undefined && mains.has(`${e.pid}/${e.tid}`));
    // The watch itself must have seen the page work.
    expect(tasks.length).toBeGreaterThan(HOPS);
    return tasks.filter((e) => (e.tdur ?? 0) > MOST_MS * 1000).map((e) => `${((e.tdur ?? 0) / 1000).toFixed(0)} ms (${((e.dur ?? 0) / 1000).toFixed(0)} ms by the clock)`);
  };
}

for (const tab of ['Packet', 'Tables', 'Bytes'] as const) {
  test(`playback keeps the main thread free: no task over 50 ms, with ${tab} open`, async ({ browser, page, lab }) => {
    await lab.open();
    await lab.run('test-pod', 'curl http://nginx-service');
    await lab.inspect(tab);
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('8');
    await page.getByRole('button', { name: 'Play them' }).click();
    const count = async (): Promise<number> => Number(/event (\d+)/.exec(await lab.count.textContent() ?? '')?.[1] ?? 0);
    // Hops are fewer than events: a hop is at least one.
    const start = await count();
    await expect.poll(count, { timeout: 30_000, intervals: [50] }).toBeGreaterThan(start + WARM_UP * 3);
    const long = await watchLongTasks(browser, page);
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

test('the right arrow held: a hop takes the page less than 30 ms', async ({ browser, page, lab }) => {
  await lab.open();
  await lab.run('test-pod', 'curl http://nginx-service');
  await page.locator('body').press('Home');
  for (let i = 0; i < WARM_UP; i++) await page.locator('body').press('ArrowRight');
  const long = await watchLongTasks(browser, page);
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
