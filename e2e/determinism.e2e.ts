import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from './fixtures.ts';

test('the same actions give the same run in Chromium and in Node, byte for byte', async ({ page, lab }, info) => {
  await lab.open();
  await lab.run('test-pod', 'curl http://nginx-service');
  await lab.run('vm2', 'ping -c 2 10.42.0.8');
  await expect(lab.header).toContainText('saved');
  // The page makes the run again from the log that it kept.
  await page.reload();
  await lab.ready();
  const main = page.getByRole('main');
  await expect(main).toHaveAttribute('data-fingerprint', /^[0-9a-f]{64}$/);
  const inChromium = await main.getAttribute('data-fingerprint');
  await lab.header.getByRole('button', { name: /^seed/ }).hover();
  await expect(lab.header.getByRole('button', { name: /^seed/ })).toHaveAccessibleDescription(new RegExp(inChromium ?? ''));

  const log = await lab.storedActions();
  expect(log).toMatchObject([{ kind: 'exec', on: 'test-pod' }, { kind: 'exec', on: 'vm2' }]);
  const file = info.outputPath('actions.json');
  writeFileSync(file, JSON.stringify(log));
  const told = execFileSync(process.execPath, ['node_modules/.bin/tsx', 'src/cli/main.ts', 'fingerprint', 'k3s-clusterip', '--actions', file], { encoding: 'utf8' });
  expect(told.split(/\s+/)[0]).toBe(inChromium);
});

test('a link carries what was done and makes it again', async ({ page, lab, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open();
  await lab.run('test-pod', 'curl http://nginx-service');
  await expect(page.getByText(/made \d+ hops/)).toBeVisible();
  const count = await lab.count.textContent();
  await lab.header.getByRole('button', { name: 'Copy link' }).click();
  await expect(lab.header).toContainText('Copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('z=');
  await lab.header.getByRole('button', { name: 'Start over' }).click();
  await expect(lab.count).toHaveText('no events');
  await page.goto(link);
  await lab.ready();
  await expect(lab.count).toHaveText(count ?? '');
});
