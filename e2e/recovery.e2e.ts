/** What goes wrong is said in words, with a way on, and the work is there again. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

const CURL = 'curl http://nginx-service';
const MINE = 'thrown by the journey';

async function crash(page: Page): Promise<void> {
  // The newest: one that was just ended may still be listed.
  const worker = page.workers().at(-1);
  if (worker === undefined) throw new Error('the page has no worker');
  await worker.evaluate((text) => { setTimeout(() => { throw new Error(text); }); }, MINE);
}
const expected = (watch: { readonly problems: string[] }): void => { watch.problems.splice(0, watch.problems.length, ...watch.problems.filter((p) => !p.includes(MINE))); };

test('a worker that dies comes back with the work; one that dies again is told of', async ({ page, lab, watch }) => {
  await lab.open();
  await lab.tallTerminal();
  await lab.run('test-pod', CURL);
  await expect(page.getByText(/made \d+ hops/)).toBeVisible();
  const count = await lab.count.textContent() ?? '';
  await crash(page);
  await expect(page.getByRole('status').filter({ hasText: 'The lab stopped and was started again' })).toBeVisible();
  await lab.ready();
  await expect(lab.count).toHaveText(count);
  await lab.expectInTerminal('Welcome to nginx!');
  await lab.run('test-pod', 'hostname');
  await lab.expectInTerminal(/test-pod\s*test-pod:~#/);

  await expect(lab.count).not.toHaveText(count);
  const later = await lab.count.textContent() ?? '';
  await crash(page);
  const failure = page.getByRole('alert').filter({ hasText: 'The lab stopped' });
  await expect(failure).toContainText(MINE);
  await expect(failure).toContainText('Your work is kept');
  await failure.getByRole('button', { name: 'Restart and replay' }).click();
  await lab.ready();
  await expect(lab.count).toHaveText(later);
  expected(watch);
});

test('a bug of ours shows its report, to copy, and the lab without the last command', async ({ page, lab, watch, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open();
  await lab.run('test-pod', CURL);
  await expect(page.getByText(/made \d+ hops/)).toBeVisible();
  const count = await lab.count.textContent() ?? '';
  // Conntrack's hash is the first to need it: the bug strikes inside the run, as a real one would.
  await page.workers().at(-1)?.evaluate((text) => { Math.imul = () => { throw new Error(text); }; }, MINE);
  await lab.type('test-pod', CURL);
  await page.keyboard.press('Enter');
  const failure = page.getByRole('alert').filter({ hasText: 'a bug of ours' });
  await expect(failure).toContainText(MINE);
  await failure.getByRole('button', { name: 'Copy report' }).click();
  await expect(failure.getByRole('button', { name: 'Copied' })).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain(MINE);
  expect(report).toContain('scenario k3s-clusterip, seed');
  expect(report.split('\n').filter((l) => l.includes(CURL))).toHaveLength(2);
  await failure.getByRole('button', { name: 'Replay without the last command' }).click();
  await lab.ready();
  await expect(lab.count).toHaveText(count);
  expected(watch);
});

for (const [name, link, why] of [
  ['a step that is no number', '?t=banana', /step in the link/],
  ['actions that were cut off', '?z=q1YqSy0qzszPU7Iy', /cut off|something else/],
  ['actions that are none', '?z=%3Cscript%3E', /characters/],
] as const) {
  test(`a broken link says so and offers the untouched scenario: ${name}`, async ({ page, lab }) => {
    await page.goto(`./#/k3s-clusterip${link}`);
    await expect(page.getByRole('heading', { name: 'This link is broken' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText(why);
    await page.getByRole('link', { name: /untouched/ }).click();
    await lab.ready();
    await expect(lab.count).toHaveText('no events');
  });
}

test('an unknown scenario is named, with those that exist', async ({ page, lab }) => {
  await page.goto('./#/no-such-scenario');
  await expect(page.getByRole('alert')).toContainText('no scenario "no-such-scenario"');
  await page.getByRole('alert').getByRole('link', { name: /ClusterIP/ }).click();
  await lab.ready();
});

test('a part of the page that does not come says so, and the rest goes on', async ({ page, lab, watch }) => {
  await page.route('**/assets/code-*.js', (route) => route.abort());
  await lab.open();
  await page.getByRole('tab', { name: /Files/ }).click();
  await page.getByRole('button', { name: 'test-pod.yaml', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The editor could not be loaded' })).toBeVisible();
  await page.keyboard.press('Escape');
  await lab.run('test-pod', 'hostname');
  await lab.expectInTerminal(/test-pod\s*test-pod:~#/);
  watch.problems.splice(0, watch.problems.length);
});
