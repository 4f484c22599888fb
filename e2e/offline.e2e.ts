/** Opened once, the page needs no network: a projector in a hall has none. */
import { expect, test } from './fixtures.ts';

test.use({ serviceWorkers: 'allow' });

test('without a network: reload, another scenario, the editor', async ({ page, lab, context, watch }) => {
  await lab.open();
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state)).toBe('activated');
  await context.setOffline(true);
  await page.reload();
  await lab.ready();
  await lab.run('test-pod', 'hostname');
  await page.getByRole('tab', { name: /Files/ }).click();
  await page.getByRole('button', { name: 'test-pod.yaml', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await page.goto('./#/kind-clusterip');
  await lab.ready();
  await expect(lab.header.getByRole('heading')).toContainText('kind');
  // What is asked of the server first, fails without a network.
  watch.problems.splice(0, watch.problems.length, ...watch.problems.filter((p) => !/ERR_(INTERNET_DISCONNECTED|FAILED)/.test(p)));
});
