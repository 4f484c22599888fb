/** What students do to see an address move: a node is cut off by one command, and put back by another. */
import { describe, expect, test } from 'vitest';
import { must } from '../base/assert.ts';
import { diskScenarios } from '../cli/scenarios.ts';
import { seconds } from '../engine/sim/time.ts';
import type { Lab } from './lab.ts';
import { openLab } from './open.ts';

function open(id: string): Lab {
  const lab = openLab(id, diskScenarios.files(id) ?? new Map(), { trace: true });
  if (!lab.ok) throw new Error(lab.error);
  return lab.value;
}

/** Node whose speaker said last that it announces the service. */
function announcer(lab: Lab): string {
  const events = lab.cluster?.store.list('Event').filter((e) => e.reason === 'nodeAssigned') ?? [];
  return /announcing from node "(.*?)"/.exec([...events].sort((a, b) => Date.parse(a.lastTimestamp) - Date.parse(b.lastTimestamp)).at(-1)?.message ?? '')?.[1] ?? '';
}

describe('k3s-metallb-l2', () => {
  test('ip link set ens3 down on the owner moves the address, up brings it back; before and after nothing is sent', () => {
    const lab = open('k3s-metallb-l2');
    const noise = (): number => {
      const { length } = lab.steps;
      lab.wait(seconds(10));
      return lab.steps.slice(length).filter((s) => s.kind === 'wire').length;
    };
    expect(noise()).toBe(0);
    const owner = announcer(lab);
    const vip = must(lab.cluster?.store.list('Service').flatMap((s) => s.status.loadBalancer.ingress?.map((i) => i.ip) ?? [])[0], 'address');
    const client = must(lab.topology.machines.find((m) => m.role === 'external'), 'machine outside').machine.name;
    const reaches = (): boolean => lab.exec(client, `curl -s -o /dev/null -m 3 http://${vip}`).code === 0;
    expect([reaches(), owner]).toEqual([true, expect.stringMatching(/^vm[123]$/)]);
    lab.exec(owner, 'sudo ip link set ens3 down');
    expect(reaches()).toBe(false);
    lab.wait(seconds(60));
    const second = announcer(lab);
    expect([second === owner, reaches()]).toEqual([false, true]);
    expect(lab.exec('vm1', 'kubectl get nodes').stdout).toMatch(new RegExp(`${owner} +NotReady`));
    lab.exec(owner, 'sudo ip link set ens3 up');
    lab.wait(seconds(90));
    expect([announcer(lab), reaches()]).toEqual([owner, true]);
    expect(lab.exec('vm1', 'kubectl get nodes').stdout).not.toContain('NotReady');
    lab.wait(seconds(300));
    expect(noise()).toBe(0);
  });
});
