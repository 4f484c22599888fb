/** Text that people paste elsewhere: what we export is what the real tools take. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert.ts';
import { diskScenarios, openFromDisk } from '../cli/scenarios.ts';
import { exportFiles, exportLab } from '../lab/export/export-lab.ts';
import { unavailable } from './real.ts';
import { buildWorld } from './worlds/build.ts';
import { worldSpec } from './worlds/spec.ts';

const why = unavailable();
if (why !== undefined) console.warn(`!! SKIPPED: exported rules are not shown to the real iptables-restore: ${why}`);

const SEEDS = [1, 2, 3, 4];
const EXPORTS: readonly (readonly [string, () => ReadonlyMap<string, string>])[] = [
  ...diskScenarios.ids().map((id) => [id, () => exportLab(openFromDisk(id, {}))] as const),
  ...SEEDS.map((seed) => [`random world ${seed}`, () => exportFiles(buildWorld(must(fc.sample(worldSpec, { seed, numRuns: 1 })[0], 'a world'), seed).exported)] as const),
];

describe.each(EXPORTS)('export of %s', (_name, make) => {
  const files = [...make()];

  it.each(files.filter(([path]) => path.endsWith('.sh')))('bash -n %s', (_path, text) => {
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it.each(files.filter(([path]) => path.endsWith('.py')))('Python compiles %s', (_path, text) => {
    expect(spawnSync('python3', ['-B', '-c', 'import sys; compile(sys.stdin.read(), "serve.py", "exec")'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  describe.skipIf(why !== undefined)('in a namespace of the real kernel', () => {
    const restore = (text: string): { readonly status: number | null; readonly stderr: string } =>
      spawnSync('unshare', ['--net', 'iptables-restore', '--test'], { input: text, encoding: 'utf8' });

    it.each(files.filter(([path]) => path.endsWith('.rules')))('iptables-restore --test %s', (_path, text) => {
      expect(text).toMatch(/^-A /m);
      expect(restore(text)).toMatchObject({ status: 0, stderr: '' });
    });

    it('which does refuse a wrong file', () => {
      expect(restore('*nat\n-A NOWHERE -j DNAT\nCOMMIT\n').status).not.toBe(0);
    });
  });
});
