import { expose } from 'comlink';
import { describe, expect, it } from 'vitest';
import { createFakeLab } from '../ui/testing/fake-lab.ts';
import { createLabClient, toLabError, type WorkerLike } from './client.ts';
import type { LabApi, LabEvent } from './protocol.ts';

/** A worker made of a message channel: what Comlink needs, and nothing of a browser. */
function channelWorker(lab: LabApi): { readonly worker: WorkerLike; crash(): void; readonly ended: () => boolean } {
  const { port1, port2 } = new MessageChannel();
  expose(lab, port2);
  port1.start();
  const errors: ((e: Event) => void)[] = [];
  let ended = false;
  return {
    worker: {
      postMessage: (m, t) => { port1.postMessage(m, t ?? []); },
      addEventListener: (type, l) => { if (type === 'error') errors.push(l); else port1.addEventListener(type, l); },
      removeEventListener: (type, l) => { port1.removeEventListener(type, l); },
      terminate: () => { ended = true; port1.close(); port2.close(); },
    },
    crash: () => { for (const l of errors) l(Object.assign(new Event('error'), { message: 'boom' })); },
    ended: () => ended,
  };
}

describe('lab client', () => {
  it('starts the worker with the first call, not before', async () => {
    let started = 0;
    const client = createLabClient(() => { started++; return { local: createFakeLab(0) }; });
    expect(started).toBe(0);
    await client.api.scenarios();
    await client.api.scenarios();
    expect(started).toBe(1);
  });

  it('a crash rejects what is under way, is told, and the work is opened again with its actions', async () => {
    const made = [channelWorker({ ...createFakeLab(0), step: () => new Promise(() => undefined) }), channelWorker(createFakeLab(0))];
    let next = 0;
    const client = createLabClient(() => { const w = made[next++]; if (w === undefined) throw new Error('no more workers'); return w.worker; });
    const told: string[] = [];
    client.onCrash((e) => told.push(e.detail));
    const events: LabEvent[] = [];
    const opened = await client.api.open({ scenario: 'k3s-clusterip', actions: [] }, (e) => events.push(e));
    const { id } = await client.api.openTerminal('test-pod');
    await client.api.input(id, 'curl http://nginx-service', undefined);
    await expect.poll(() => events.some((e) => e.kind === 'actions')).toBe(true);
    const hanging = client.api.step(3);
    made[0]?.crash();
    await expect(hanging).rejects.toMatchObject({ title: 'The lab stopped' });
    expect(told).toEqual(['boom']);
    expect(made[0]?.ended()).toBe(true);
    const again = await client.reopen();
    expect(again.events.length).toBeGreaterThan(opened.events.length);
    made[1]?.worker.terminate();
  });

  it.each([[{ title: 'a', detail: 'b' }, 'a'], [new Error('c'), 'c'], ['d', 'The lab failed']])('makes %s a LabError', (thrown, title) => { expect(toLabError(thrown).title).toBe(title); });
});
