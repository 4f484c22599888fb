/** Terminals on machines that lose their power, and on the pods there. */
import { describe, expect, test } from 'vitest';
import { must } from '../../base/assert.ts';
import { diskScenarios } from '../../cli/scenarios.ts';
import { seconds } from '../../engine/sim/time.ts';
import { openLab } from '../open.ts';
import { Workbench } from './workbench.ts';

function open() {
  const lab = openLab('k3s-clusterip', diskScenarios.files('k3s-clusterip') ?? new Map(), { trace: true });
  if (!lab.ok) throw new Error(lab.error);
  let shown = '';
  let prompt = '';
  const bench = new Workbench(lab.value, { output: (_, text) => void (shown += text), prompt: (_, text) => void (prompt = text), edit: () => undefined });
  const pod = must(lab.value.cluster?.store.list('Pod').find((p) => p.metadata.namespace === 'default' && p.spec.nodeName !== 'vm1'), 'pod');
  const machine = pod.spec.nodeName ?? '';
  return {
    lab: lab.value, bench, machine, pod: pod.metadata.name, power: must(lab.value.machines.get(machine), machine).kernel.power,
    prompt: () => prompt,
    run: (id: string, line: string): string => {
      shown = '';
      bench.input(id, line);
      bench.advance(seconds(2));
      return shown;
    },
    shown: () => shown,
  };
}

describe('a machine that is switched off', () => {
  test('runs no command, nor do its pods; the others do', () => {
    const t = open();
    t.power.cut();
    expect(t.lab.exec(t.machine, 'hostname')).toMatchObject({ stdout: '', stderr: `${t.machine} is switched off\n`, code: 255 });
    expect(t.lab.exec(t.pod, 'hostname')).toMatchObject({ stderr: `${t.machine} is switched off: ${t.pod} runs there\n`, code: 255 });
    expect(t.lab.exec('nobody', 'hostname').code).toBe(125);
    expect(t.lab.exec('vm1', 'hostname').stdout).toBe('vm1\n');
  });

  test('ends what runs in its terminals, says so at every line, and has a new shell after it was switched on', () => {
    const t = open();
    t.bench.open(t.machine, 'a');
    t.bench.open(t.pod, 'b');
    t.run('a', 'cd /tmp');
    t.run('a', 'sleep 1000');
    t.power.cut();
    expect([t.bench.busy, t.prompt()]).toEqual([false, `(${t.machine} is off) `]);
    expect(t.shown()).toContain(`${t.machine} is switched off\n`);
    expect(t.run('a', 'pwd')).toBe(`${t.machine} is switched off\n`);
    expect(t.prompt()).toBe(`(${t.machine} is off) `);
    expect(t.run('b', 'pwd')).toBe(`${t.machine} is switched off: ${t.pod} runs there\n`);
    t.power.restore();
    t.bench.advance(seconds(60));
    expect(t.run('a', 'pwd')).toBe('/home/ubuntu\n');
    expect(t.run('b', 'hostname')).toBe(`${t.pod}\n`);
  });
});
