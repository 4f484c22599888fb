/** Random worlds' exports are what bash and iptables-restore take. Scenarios' are in ../export.test.ts. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportFiles } from '../../lab/export/export-lab.ts';
import { unavailable } from '../real.ts';
import { buildWorld } from './build.ts';
import { flowsOf } from './flows.ts';
import { worldSpec } from './spec.ts';

const why = unavailable();
const specs = fc.sample(worldSpec, { seed: 7, numRuns: 6 });

describe.each(specs.map((spec, i) => ({ i, spec })))('random world $i', ({ i, spec }) => {
  const world = buildWorld(spec, i);
  const files = [...exportFiles(world.exported)];

  it('scripts pass bash -n; every namespace carries the prefix', () => {
    for (const [path, text] of files) if (path.endsWith('.sh')) expect([path, spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }).stderr]).toEqual([path, '']);
    const up = files.find(([path]) => path === 'up.sh')?.[1] ?? '';
    const made = up.split('\n').filter((line) => line.startsWith('ip netns add '));
    expect(made).toHaveLength(world.exported.namespaces.length + 1);
    for (const line of made) expect(line).toMatch(/^ip netns add "\$P"[\w.-]+$/);
  });

  it.skipIf(why !== undefined)('rules pass iptables-restore --test', () => {
    for (const [path, text] of files) {
      if (path.endsWith('.rules')) expect([path, spawnSync('unshare', ['--net', 'iptables-restore', '--test'], { input: text, encoding: 'utf8' })]).toMatchObject([path, { status: 0, stderr: '' }]);
    }
  });

  it('flows name namespaces that are there, and no port twice unless they clash', () => {
    const names = new Set(world.exported.namespaces.map((ns) => ns.name));
    const actions = flowsOf(world, spec.flows).flatMap((f) => (f.name.startsWith('clash') ? [] : f.actions));
    expect(actions.every((a) => names.has(a.ns))).toBe(true);
    const ports = actions.flatMap((a) => (a.kind === 'ping' ? [] : [a.sport]));
    expect(new Set(ports).size).toBe(ports.length);
  });
});
