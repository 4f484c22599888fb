import { spawnSync } from 'node:child_process';
import { expect, test } from './fixtures.ts';

const inArchive = (archive: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync('tar', [...args.slice(0, 1), '-f', archive, ...args.slice(1)], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};

test('the lab leaves as one file that real Linux can run', async ({ page, lab }) => {
  await lab.open();
  await lab.run('vm2', 'sudo ip route add 192.0.2.0/24 via 10.65.94.238');
  await lab.header.getByRole('button', { name: 'Export' }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /Linux network namespaces/ }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe('vethlab-k3s-clusterip.tar');
  const archive = await download.path();
  const names = inArchive(archive, '-t').trim().split('\n');
  for (const name of ['README.md', 'up.sh', 'down.sh', 'serve.py', 'vm1.rules', 'vm2.rules', 'vm3.rules']) expect(names).toContain(`vethlab-k3s-clusterip/${name}`);
  const up = inArchive(archive, '-xO', 'vethlab-k3s-clusterip/up.sh');
  expect(up).toContain('192.0.2.0/24 via 10.65.94.238');
  expect(spawnSync('bash', ['-n'], { input: up, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  await expect(page.getByRole('status').filter({ hasText: 'sudo ./up.sh' })).toBeVisible();
});
