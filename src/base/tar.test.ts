import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tar } from './tar.ts';

describe('tar', () => {
  const archive = tar([{ path: 'lab/up.sh', text: 'echo hi\n', executable: true }, { path: 'lab/é.rules', text: 'x'.repeat(513), executable: false }, { path: 'lab/empty', text: '', executable: false }]);

  it('is what tar(1) reads', () => {
    const list = spawnSync('tar', ['-tv', '--numeric-owner'], { input: archive, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    expect([list.status, list.stderr]).toEqual([0, '']);
    const rows = list.stdout.trim().split('\n').map((line) => line.split(/\s+/));
    expect(rows.map((r) => [r[0], r[2]])).toEqual([['-rwxr-xr-x', '8'], ['-rw-r--r--', '513'], ['-rw-r--r--', '0']]);
    expect(spawnSync('tar', ['-xO', 'lab/up.sh'], { input: archive, encoding: 'utf8' }).stdout).toBe('echo hi\n');
    expect(spawnSync('tar', ['-xO', 'lab/é.rules'], { input: archive, encoding: 'utf8' }).stdout).toBe('x'.repeat(513));
  });

  it('refuses a name it cannot hold', () => {
    expect(() => tar([{ path: 'a'.repeat(101), text: '', executable: false }])).toThrow(/too long/);
  });
});
