import { describe, expect, it } from 'vitest';
import { diskScenarios } from '../cli/scenarios.ts';
import { LabService } from './lab-service.ts';
import type { Action, LabEvent, RunInfo } from './protocol.ts';

interface Opened {
  readonly service: LabService;
  readonly info: RunInfo;
  readonly events: LabEvent[];
  /** Runs a line to its next prompt; answers what the terminal showed meanwhile. */
  run(on: string, line: string, at?: number): Promise<string>;
}

async function open(actions: readonly Action[] = [], mostSteps?: number): Promise<Opened> {
  const service = new LabService(diskScenarios, mostSteps);
  const events: LabEvent[] = [];
  let seen: (() => void) | undefined;
  const info = await service.open({ scenario: 'k3s-clusterip', actions }, (event) => {
    events.push(event);
    if (event.kind === 'prompt') seen?.();
  });
  return {
    service, info, events,
    async run(on, line, at) {
      const { id } = await service.openTerminal(on);
      const from = events.length;
      const prompt = new Promise<void>((resolve) => { seen = resolve; });
      await service.input(id, line, at);
      await prompt;
      return events.slice(from).flatMap((e) => (e.kind === 'terminal' && e.id === id ? [e.text] : [])).join('');
    },
  };
}

const actionsOf = (events: readonly LabEvent[]): readonly Action[] => events.flatMap((e) => (e.kind === 'actions' ? [e.actions] : [])).at(-1) ?? [];
const grown = (events: readonly LabEvent[]) => events.flatMap((e) => (e.kind === 'grew' ? e.events : []));

describe('LabService', () => {
  it('runs a command, tells what it printed and how the timeline grew', async () => {
    const lab = await open();
    expect(await lab.run('test-pod', 'curl -s http://nginx-service')).toContain('Welcome to nginx!');
    const timeline = grown(lab.events);
    expect(timeline.some((e) => e.title.includes('DNAT 10.43.180.238:80 to 10.42.'))).toBe(true);
    expect(timeline.every((e, i) => i === 0 || e.step === (timeline[i - 1]?.step ?? -2) + 1)).toBe(true);
    await lab.service.close();
  });

  it('tells what a command did before it tells that it ended', async () => {
    const lab = await open();
    await lab.run('test-pod', 'curl -s http://10.43.180.238');
    const prompt = lab.events.findIndex((e) => e.kind === 'prompt');
    expect(grown(lab.events.slice(0, prompt)).some((e) => e.title.includes('DNAT 10.43.180.238:80'))).toBe(true);
    await lab.service.close();
  });

  it('shows a step in full: before and after, the rule behind it, bytes that hold it', async () => {
    const lab = await open();
    await lab.run('test-pod', 'curl -s http://10.43.180.238');
    const dnat = grown(lab.events).find((e) => e.title.includes('DNAT 10.43.180.238:80'));
    const detail = await lab.service.step(dnat?.step ?? -1);
    const destination = detail.layers.find((l) => l.layer === 'ipv4')?.fields.find((f) => f.was !== undefined && f.was.includes('10.43.180.238'));
    expect(destination?.value).toMatch(/^10\.42\./);
    expect([...detail.bytes.slice(destination?.offset, (destination?.offset ?? 0) + 4)].join('.')).toBe(destination?.value);
    expect(detail.tables[0]?.rows.some((r) => r.mark === 'hit' && r.cells.join(' ').includes('DNAT --to-destination'))).toBe(true);
  });

  it('rewinds tables and counters with the playhead', async () => {
    const lab = await open();
    await lab.run('test-pod', 'curl -s http://10.43.180.238');
    const vm2 = lab.info.topology.machines.find((m) => m.name === 'vm2')?.namespaces[0]?.ns ?? 0;
    const rule = grown(lab.events).find((e) => e.ns === vm2 && e.kind === 'rule' && e.title.includes('nat KUBE-SERVICES rule') && e.title.includes('KUBE-SVC-V2OKYYMBY3REGZOG'));
    const packets = async (step: number): Promise<string | undefined> => {
      const chain = (await lab.service.tables(vm2, step)).find((t) => t.id === `${vm2}/nat/KUBE-SERVICES`);
      return chain?.rows.find((r) => r.cells[4]?.includes('KUBE-SVC-V2OKYYMBY3REGZOG'))?.cells[1];
    };
    const at = rule?.step ?? -1;
    expect([await packets(at - 1), await packets(at), await packets(at - 1)]).toEqual(['0', '1', '0']);
  });

  it('commands obey the playhead: conntrack in the past shows the past, and changes nothing', async () => {
    const lab = await open();
    await lab.run('test-pod', 'curl -s http://10.43.180.238');
    const before = await lab.service.fingerprint();
    expect(await lab.run('vm2', 'sudo conntrack -L -p tcp', lab.info.start)).not.toContain('10.43.180.238');
    expect(await lab.service.fingerprint()).toBe(before);
    expect(await lab.run('vm2', 'sudo conntrack -L -p tcp')).toContain('dst=10.43.180.238');
  });

  it('opens saved work as it was, byte for byte', async () => {
    const lab = await open();
    await lab.run('test-pod', 'curl -s http://nginx-service');
    await lab.run('vm2', 'sudo iptables -t nat -L KUBE-SERVICES -n');
    const again = await open(actionsOf(lab.events));
    const head = lab.info.head + grown(lab.events).length;
    expect(again.info.head).toBeGreaterThanOrEqual(head);
    expect((await open(actionsOf(lab.events))).info.fingerprint).toBe(again.info.fingerprint);
    expect(again.info.events.slice(0, grown(lab.events).length)).toEqual(grown(lab.events));
  });

  it('listens while a long command runs: tables are answered, another terminal works, Ctrl+C ends it', async () => {
    const lab = await open();
    const vm2 = lab.info.topology.machines.find((m) => m.name === 'vm2')?.namespaces[0]?.ns ?? 0;
    const { id } = await lab.service.openTerminal('test-pod');
    const { id: other } = await lab.service.openTerminal('vm1');
    const seen: string[] = [];
    const prompt = (terminal: string): boolean => lab.events.some((e) => e.kind === 'prompt' && e.id === terminal);
    const long = lab.service.input(id, 'for i in $(seq 500); do curl -s -o /dev/null http://10.43.180.238; done', undefined).then(() => seen.push('long'));
    expect((await lab.service.tables(vm2, lab.info.start)).length).toBeGreaterThan(0);
    seen.push('tables');
    const second = lab.service.input(other, 'hostname', undefined);
    await lab.service.interrupt(id);
    await Promise.all([long, second]);
    expect(seen[0]).toBe('tables');
    expect(lab.events.find((e) => e.kind === 'prompt' && e.id === id)).toMatchObject({ code: 130 });
    expect(prompt(other)).toBe(true);
    const { fingerprint } = (await open(actionsOf(lab.events))).info;
    expect(fingerprint).toBe(await lab.service.fingerprint());
    await lab.service.close();
  });

  it('an opening that was left gives way to the next', async () => {
    const lab = await open();
    const actions: Action[] = [{ kind: 'exec', at: lab.info.now, terminal: 'test-pod', on: 'test-pod', run: 'for i in $(seq 500); do curl -s -o /dev/null http://10.43.180.238; done' }];
    const texts: string[] = [];
    const left = expect(lab.service.open({ scenario: 'k3s-clusterip', actions }, (e) => { if (e.kind === 'progress') texts.push(e.text); })).rejects.toMatchObject({ title: 'The lab was closed' });
    const { fingerprint } = await lab.service.open({ scenario: 'k3s-clusterip', actions: [] }, () => undefined);
    await left;
    expect(texts).not.toContain('Ready');
    expect(fingerprint).toBe(lab.info.fingerprint);
  });

  it('a run that is full stops its commands and says why; it can still be looked at', async () => {
    const lab = await open([], 5_000);
    expect(await lab.run('test-pod', 'for i in $(seq 5000); do curl -s -o /dev/null http://10.43.180.238; done')).toContain('This run holds 5,000 steps');
    const head = lab.events.flatMap((e) => (e.kind === 'grew' ? [e.head] : [])).at(-1) ?? 0;
    expect(head).toBeGreaterThan(5_000);
    expect(await lab.run('vm1', 'hostname')).toContain('This run holds 5,000 steps');
    expect((await lab.service.step(head - 1)).reason.headline).not.toBe('');
    expect(actionsOf(lab.events).map((a) => a.kind)).toEqual(['exec', 'interrupt']);
  });

  it('exports what stands there now, with what was done', async () => {
    const lab = await open();
    await lab.run('vm2', 'sudo ip route add 192.0.2.0/24 via 10.65.94.238');
    const { name, files } = await lab.service.exportNetns();
    expect(name).toBe('vethlab-k3s-clusterip');
    expect(files.map((f) => f.path)).toEqual(expect.arrayContaining(['README.md', 'up.sh', 'down.sh', 'serve.py', 'vm1.rules', 'vm2.rules', 'vm3.rules']));
    expect(files.find((f) => f.path === 'up.sh')?.text).toContain('route replace 192.0.2.0/24 via 10.65.94.238');
  });

  it.each([
    ['a scenario that is not there', { scenario: 'nosuch', actions: [] }, /no scenario "nosuch"/],
    ['actions that are none', { scenario: 'k3s-clusterip', actions: [{ kind: 'explode' }] }, /saved work/],
  ])('refuses %s in words', async (_name, request, words) => {
    const service = new LabService(diskScenarios);
    await expect(service.open(request as never, () => undefined)).rejects.toMatchObject({ title: expect.stringMatching(words) });
  });

  it('refuses a broken manifest with place and reason, and the world stays', async () => {
    const lab = await open();
    const before = await lab.service.fingerprint();
    const answer = await lab.service.apply('apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  port: 80\n', 'x.yaml');
    expect(answer.ok).toBe(false);
    expect(answer.text).toMatch(/unknown field "spec.port"/);
    expect(await lab.service.fingerprint()).toBe(before);
  });
});
