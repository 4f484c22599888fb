import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const lab = (input: unknown) => spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'kube-proxy', '--json'], { cwd: join(import.meta.dirname, '../..'), input: JSON.stringify(input), encoding: 'utf8' });
const config = { nodeName: 'n', nodeIPs: ['10.0.0.1'], clusterCIDR: '10.42.0.0/16' };

it('one input: the text alone on standard output; warnings on standard error', () => {
  const { stdout, stderr, status } = lab({ config: { ...config, colour: 'red' }, objects: [] });
  expect([status, stderr]).toEqual([0, 'lab kube-proxy: warning: config.colour: unknown field, ignored\n']);
  expect(stdout.split('\n').filter((l) => /^[*:C]/.test(l)).slice(0, 2)).toEqual(['*filter', ':KUBE-SERVICES - [0:0]']);
  expect(stdout.endsWith('COMMIT\n')).toBe(true);
});

it('a list: a JSON list; what is wrong has its place and an exit code', () => {
  expect(JSON.parse(lab([{ config, objects: [] }, { objects: [] }]).stdout)).toHaveLength(2);
  const { stdout, stderr, status } = lab([{ config, objects: [] }, { objects: [{}] }]);
  expect([status, stdout, stderr]).toEqual([1, '', 'lab kube-proxy: [1].objects[0].kind: missing\n']);
});
