import { expect, test } from 'vitest';
import { must } from '../../../base/assert.ts';
import { Process } from '../../../engine/sim/process.ts';
import { Capture } from '../../../userland/shell/io.ts';
import { startShellLine } from '../../../userland/shell/shell.ts';
import { putFile } from '../../node/files.ts';
import { clusterWorld } from '../../testing/cluster-world.ts';

const COUNT = 220;
const many = Array.from({ length: COUNT }, (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}}\n`).join('---\n');

test.each(['apply', 'create'])('kubectl %s of many objects is many events; Ctrl+C in between leaves what was made', (verb) => {
  const { world: { scheduler }, cluster, machines } = clusterWorld({ nodes: 1 });
  const host = must(machines.get('vm1'), 'vm1');
  putFile(host.fs, '/many.yaml', many);
  const made = (): number => cluster.store.list('ConfigMap').filter((c) => /^c\d+$/.test(c.metadata.name)).length;
  const start = (line: string): { readonly process: Process; readonly stdout: Capture } => {
    const stdout = new Capture();
    return { stdout, process: new Process(scheduler, line, startShellLine(host, line, { stdout, stderr: stdout })) };
  };
  let most = 0;
  const step = (): void => {
    const before = made();
    scheduler.runNext();
    most = Math.max(most, made() - before);
  };
  const first = start(`kubectl ${verb} -f /many.yaml`);
  while (made() === 0) step();
  first.process.kill('SIGINT');
  const left = made();
  expect([first.process.exitCode, left > 0 && left < COUNT, first.stdout.text.split('\n').length - 1]).toEqual([130, true, left]);
  const second = start('kubectl apply -f /many.yaml');
  while (second.process.exitCode === undefined) step();
  expect([made(), most <= 50, second.process.exitCode]).toEqual([COUNT, true, 0]);
  expect(second.stdout.text.split('\n').filter((l) => l.endsWith(' created'))).toEqual(Array.from({ length: COUNT - left }, (_, i) => `configmap/c${left + i} created`));
});
