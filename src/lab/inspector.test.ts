import { beforeAll, describe, expect, it } from 'vitest';
import { openFromDisk } from '../cli/scenarios.ts';
import { Inspector } from './inspector.ts';
import type { Lab } from './lab.ts';
import type { Step } from '../engine/trace/steps.ts';
import type { TimelineEvent } from '../worker/protocol.ts';

let lab: Lab;
let inspector: Inspector;
let grown: readonly TimelineEvent[];

beforeAll(() => {
  lab = openFromDisk('k3s-clusterip', {});
  inspector = new Inspector(lab);
  inspector.catchUp();
  for (const [on, run] of [
    ['test-pod', 'curl -s http://nginx-service'], ['test-pod', 'ping -c 1 -s 3000 10.42.0.8'], ['test-pod', 'ping -c 1 -t 1 10.42.0.8'], ['vm-ext', 'ping -c 1 -W 1 10.65.94.77'],
    ['test-pod', 'curl -s -m 2 http://10.42.0.8:81'], ['vm1', 'curl -s -o /dev/null http://10.43.180.238'],
  ] as const) lab.exec(on, run);
  grown = inspector.catchUp()?.events ?? [];
});

const firstOf = (matches: (step: Step) => boolean): Step => {
  const step = lab.steps.slice(lab.start).find(matches);
  if (step === undefined) throw new Error('no such step in the run');
  return step;
};

describe('Inspector', () => {
  it('has something to say about every step, with fields that lie inside the bytes', () => {
    for (let i = lab.start; i < lab.steps.length; i += 7) {
      const detail = inspector.step(i);
      expect(detail.reason.headline, `step ${i}`).toMatch(/\S.*[.?]$/);
      for (const layer of detail.layers) {
        for (const field of layer.fields) expect(field.offset + field.length, `step ${i} ${layer.name} ${field.name}`).toBeLessThanOrEqual(detail.bytes.length);
      }
    }
  });

  it('points to rows that are there: what won is in a table of the step', () => {
    for (let i = lab.start; i < lab.steps.length; i += 5) {
      const { reason, tables } = inspector.step(i);
      const step = lab.steps[i];
      if (reason.won === undefined || step?.kind === 'table' || step?.kind === 'conntrack') continue;
      // An entry that was never confirmed is in no table; a translation then shows its rule.
      const rows = tables.find((t) => t.id === reason.won?.table)?.rows ?? inspector.tables(step?.ns ?? 0, i).find((t) => t.id === reason.won?.table)?.rows;
      if (step?.kind === 'nat' && step.direction === 'reply') continue;
      expect(rows?.some((r) => r.key === reason.won?.key), `step ${i} ${step?.kind ?? ''} ${reason.won.table} ${reason.won.key}`).toBe(true);
    }
  });

  it('says which rules were tried before the one that matched, and what each failed at', () => {
    const services = firstOf((s) => s.kind === 'rule' && s.chain === 'KUBE-SERVICES' && s.target === 'KUBE-SVC-V2OKYYMBY3REGZOG');
    const { tried, cause } = inspector.step(services.i).reason;
    expect(tried.length).toBe(services.kind === 'rule' ? services.index : -1);
    for (const t of tried) expect(t.failed).toMatch(/destination|protocol|-d |-p /);
    expect(cause).toBe('Service default/nginx-service, spec.clusterIP');
  });

  it('tells a drop with the kernel’s own reason', () => {
    const ttl = firstOf((s) => s.kind === 'dropped' && s.reason === 'TTL_EXPIRED');
    expect(inspector.step(ttl.i).reason).toMatchObject({ headline: 'Dropped: the time to live ran out.', text: expect.stringContaining('TTL_EXPIRED') });
  });

  it('keeps packets of one conversation together, through NAT and back', () => {
    const events = grown.filter((e) => e.label === 'SYN :80' || e.label === 'SYN+ACK' || e.label === 'HTTP 200');
    const flows = new Set(events.filter((e) => e.step < firstOf((s) => s.kind === 'created' && s.by === 'ping').i).map((e) => e.flow));
    expect(flows.size).toBe(1);
    expect(events.filter((e) => e.label === 'SYN :80').every((e) => !e.reply)).toBe(true);
    expect(events.filter((e) => e.label === 'SYN+ACK').every((e) => e.reply)).toBe(true);
  });
});
