import { expect, test } from './fixtures.ts';

const CURL = 'curl http://nginx-service';
const CONNTRACK = /conntrack|connection tracking/i;
/** The service is rewritten to a pod: wherever the draw sends it. */
const DNAT = /DNAT (10\.43\.180\.238:80 )?to 10\.42\.\d+\.\d+:80/;

test('from the gallery into the scenario', async ({ page, lab }) => {
  await page.goto('./');
  await page.getByRole('link', { name: /ClusterIP/ }).first().click();
  await lab.ready();
  await expect(lab.header.getByRole('heading')).toContainText('ClusterIP');
  await expect(lab.place('vm2')).toHaveAttribute('aria-expanded', 'true');
});

test('curl in the terminal prints the nginx page', async ({ lab }) => {
  await lab.open();
  await lab.tallTerminal();
  await lab.run('test-pod', CURL);
  await lab.expectInTerminal('Welcome to nginx!');
  await expect(lab.page.getByText(/made \d+ hops/)).toBeVisible();
});

test('play to the DNAT, see it, step back: the conntrack row is gone', async ({ page, lab }) => {
  await lab.open();
  await lab.run('test-pod', CURL);
  await lab.stepTo(DNAT);
  await expect(page.locator('.rewrite del')).toHaveText('10.43.180.238');
  await expect(page.locator('.rewrite ins')).toHaveText(/^10\.42\.\d+\.\d+$/);
  await expect(lab.place('vm2/@PREROUTING')).toHaveAttribute('data-active', 'true');
  await expect(lab.place('vm2/@PREROUTING').locator('[data-walked=true]')).toContainText('nat');
  await expect(lab.inspector.locator('.layer del')).toHaveText(/10\.43\.180\.238/);

  // Not in the table yet: the kernel confirms a connection when its first packet leaves.
  await lab.showTables('vm2/@PREROUTING');
  const row = lab.table(CONNTRACK).locator('li', { hasText: '→ 10.43.180.238:80' });
  await lab.unfold(CONNTRACK);
  await expect(row).toHaveCount(0);
  await page.keyboard.press('Escape');
  await lab.stepOn(/flannel\.1: wrapped|bridge cni0: forward|leaves by/);
  await lab.showTables('vm2/@PREROUTING');
  await expect(row).toHaveCount(1);

  // Back: the packet and the table with it.
  const there = await lab.count.textContent();
  while (!DNAT.test(await page.locator('.step-title').textContent() ?? '')) await page.keyboard.press('ArrowLeft');
  await expect(row).toHaveCount(0);
  await expect(page.locator('.rewrite ins')).toBeVisible();
  while ((await lab.count.textContent()) !== there) await page.keyboard.press('ArrowRight');
  await expect(row).toHaveCount(1);
});

test('why: the rule that won, the rules that did not and what they failed at', async ({ page, lab }) => {
  await lab.open();
  await lab.run('test-pod', CURL);
  await lab.stepTo(DNAT);
  await lab.inspect('Why');
  await expect(lab.inspector).toContainText('DNAT: 10.43.180.238:80 becomes');
  // Back, event by event, to the rule of the Service's chain that won.
  const there = async (): Promise<boolean> => await lab.inspector.locator('[data-mark=hit]').count() > 0 && (await lab.inspector.textContent() ?? '').includes('KUBE-SVC-V2OKYYMBY3REGZOG');
  for (let i = 0; i === 0 || (i < 20 && !await there()); i++) {
    await page.keyboard.press(',');
    await lab.explained();
  }
  await expect(lab.inspector.locator('.tried li').first()).toContainText('10.42.0.0/16');
  await expect(lab.inspector).toContainText('nginx-service');
});

test('a teacher opens the link and presses Space: a packet moves', async ({ page, lab }) => {
  await lab.open();
  await expect(page.getByRole('button', { name: /^Run curl http:\/\/nginx-service in test-pod/ })).toBeEnabled();
  await page.locator('body').press(' ');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(page.locator('.packet[data-focus=true] .capsule')).toBeVisible();
  const first = await lab.count.textContent();
  expect(first).toMatch(/^event \d+ of \d+$/);
  await expect(lab.count).not.toHaveText(first ?? '');
  // It began at the beginning, and did not wait for the end.
  await expect(page.locator('.transport-now')).toHaveText('in the past');
  await page.locator('body').press(' ');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await lab.tallTerminal();
  await lab.expectInTerminal('Welcome to nginx!');
});

test('a suggestion runs when it is chosen, seen in its terminal; so does one of the lesson', async ({ page, lab }) => {
  await lab.open();
  await lab.tallTerminal();
  await page.getByRole('group', { name: 'Commands to try' }).getByRole('button', { name: /curl http/ }).click();
  await lab.expectInTerminal('Welcome to nginx!');
  await expect(page.getByText(/made \d+ hops/)).toBeVisible();
  const lesson = page.getByRole('region', { name: 'Lesson' });
  const chip = lesson.getByRole('button', { name: 'cat /etc/resolv.conf' });
  // A chapter is there when its text is: the reader of Markdown comes a moment later.
  await expect(lesson.locator('.prose')).toBeVisible();
  while (await chip.count() === 0) await lesson.getByRole('button', { name: 'Next' }).click();
  await chip.click();
  await lab.expectInTerminal(/test-pod:~# cat \/etc\/resolv.conf\s*.*nameserver 10.43.0.10/);
});

test('time counts from the first event; the wall clock is behind it', async ({ page, lab }) => {
  await lab.open();
  await lab.run('test-pod', CURL);
  await page.locator('body').press('Home');
  await expect(page.locator('.transport-time')).toHaveText('+0.000 ms');
  await page.locator('body').press('ArrowRight');
  await expect(page.locator('.transport-time')).toHaveAttribute('title', /\d\d:\d\d:\d\d\.\d{6}/);
});

test('play moves by itself and pauses', async ({ page, lab }) => {
  await lab.open();
  await lab.run('test-pod', CURL);
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('2');
  await page.getByRole('button', { name: 'Play them' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  const first = await lab.count.textContent();
  await expect(lab.count).not.toHaveText(first ?? '');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect(page.locator('.transport-now')).toHaveText('in the past');
});

test('a reload keeps the work', async ({ page, lab }) => {
  await lab.open();
  await lab.tallTerminal();
  await lab.run('test-pod', CURL);
  await expect(page.getByText(/made \d+ hops/)).toBeVisible();
  const count = await lab.count.textContent();
  await expect(lab.header).toContainText('saved');
  await page.reload();
  await lab.ready();
  await expect(lab.count).toHaveText(count ?? '');
  await lab.tallTerminal();
  await lab.expectInTerminal('Welcome to nginx!');
  await lab.run('test-pod', 'hostname');
  await lab.expectInTerminal(/test-pod\s*test-pod:~#/);
  await lab.header.getByRole('button', { name: 'Start over' }).click();
  await expect(lab.count).toHaveText('no events');
});

test('keyboard only: reach an object, open a machine, play, look, leave the terminal', async ({ page, lab }) => {
  await lab.open();
  await page.keyboard.press('t');
  await expect(lab.screen('test-pod').locator('textarea')).toBeFocused();
  await page.keyboard.type('cur');
  await page.keyboard.press('Tab');
  await lab.expectInTerminal(/curl/);
  await page.keyboard.type(' http://nginx-service');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/made \d+ hops/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.terminal-tab button').first()).toBeFocused();
  await page.locator('body').press('Home');
  const start = await lab.sentence.textContent();
  await page.keyboard.press('ArrowRight');
  await expect(lab.sentence).not.toHaveText(start ?? '');
  await page.keyboard.press('ArrowLeft');
  await expect(lab.sentence).toHaveText(start ?? '');
  const vm3 = lab.place('vm3');
  await vm3.focus();
  await page.keyboard.press('Enter');
  await expect(vm3).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Enter');
  await expect(vm3).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await expect(page.getByRole('combobox', { name: 'Find an object' })).toBeFocused();
  await page.keyboard.type('10.42.1.4');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-selected=true]')).toHaveAttribute('data-place', /^vm2\//);
});

test('every machine, pod, device and hook is reachable and named', async ({ page, lab }) => {
  await lab.open();
  const objects = page.locator('.object');
  await expect.poll(() => objects.count()).toBeGreaterThan(25);
  for (const object of await objects.all()) {
    await expect(object).toHaveAttribute('tabindex', '0');
    await expect(object).toHaveAccessibleName(/\w{3}/);
  }
});

test('a link to a step stands at that step', async ({ page, lab }) => {
  await lab.open();
  await lab.run('test-pod', CURL);
  await lab.stepTo(DNAT);
  const title = await page.locator('.step-title').textContent();
  const step = await page.locator('.step-card').getAttribute('data-step');
  await expect.poll(() => page.url()).toContain(`?t=${step ?? ''}`);
  await expect(lab.header).toContainText('saved');
  await page.reload();
  await lab.ready();
  await expect(page.locator('.step-title')).toHaveText(title ?? '');
});

test('what is modelled is a page', async ({ page, lab }) => {
  void lab;
  await page.goto('./#/coverage');
  await expect(page.getByRole('table').first()).toBeVisible();
});
