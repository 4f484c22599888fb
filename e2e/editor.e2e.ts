/** Manifests are files on a machine: opened, changed, applied, by keyboard alone; a half-written one survives a reload. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { LabPage } from './lab-page.ts';

const dialog = (page: Page) => page.getByRole('dialog', { name: /\.ya?ml/ });

async function openFile(page: Page, lab: LabPage, name: string): Promise<void> {
  await lab.open();
  await page.getByRole('tab', { name: /Files/ }).click();
  await page.getByRole('button', { name, exact: true }).click();
  await expect(dialog(page).getByRole('textbox')).toBeFocused();
}

/** Replaces the text in the editor that has the focus. */
async function rewrite(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n  - name: web\n    image: nginx\n`;

test('a changed manifest is applied and the cluster goes on from there', async ({ page, lab }) => {
  await openFile(page, lab, 'test-pod.yaml');
  await rewrite(page, pod('second-pod'));
  await dialog(page).getByRole('button', { name: 'Save and apply' }).press('Enter');
  await lab.expectInTerminal('pod/second-pod created');
  await expect(lab.place('vm3').or(lab.place('vm1')).first()).toBeVisible();
  await lab.run('vm1', 'kubectl get pod second-pod -o name; cat test-pod.yaml | head -4');
  await lab.expectInTerminal(/name: second-pod/);
});

test('what is wrong is marked while it is written', async ({ page, lab }) => {
  await openFile(page, lab, 'nginx-svc.yaml');
  await rewrite(page, 'kind: [Service\nname: x\n');
  await expect(dialog(page).locator('.cm-lint-marker-error').first()).toBeVisible();
});

test('leaving asks first, and only then forgets', async ({ page, lab }) => {
  await openFile(page, lab, 'test-pod.yaml');
  await rewrite(page, pod('forgotten'));
  await page.keyboard.press('Escape');
  await expect(dialog(page).getByRole('alert')).toHaveText('Nothing is saved yet.');
  await expect(dialog(page).getByRole('button', { name: 'Discard the changes' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
  await lab.run('vm1', 'grep -c forgotten test-pod.yaml');
  await lab.expectInTerminal(/forgotten test-pod\.yaml\s*0/);
});

test('a half-written text survives a reload', async ({ page, lab }) => {
  await openFile(page, lab, 'test-pod.yaml');
  await rewrite(page, pod('half-written'));
  await expect(page.locator('.editor-changed')).toBeVisible();
  await expect.poll(() => lab.storedDraft('vm1')).toContain('half-written');
  await page.reload();
  await expect(dialog(page).getByRole('textbox')).toContainText('half-written');
  await dialog(page).getByRole('button', { name: 'Save', exact: true }).click();
  await lab.run('vm1', 'cat test-pod.yaml');
  await lab.expectInTerminal('half-written');
});

test('kubectl edit opens the object and applies what is saved', async ({ page, lab }) => {
  await lab.open();
  await lab.type('vm1', 'kubectl edit deployment nginx-deployment');
  await page.keyboard.press('Enter');
  const editor = page.getByRole('dialog');
  await expect(editor.getByRole('textbox')).toContainText('replicas: 3');
  await editor.locator('.cm-line').filter({ hasText: /^ {2}replicas: 3$/ }).click();
  for (const key of ['End', 'Backspace', '4']) await page.keyboard.press(key);
  await page.keyboard.press('Control+s');
  await lab.expectInTerminal('deployment.apps/nginx-deployment edited');
});
