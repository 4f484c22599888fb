import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiEvent } from './api/kinds.ts';
import { ObjectTable, type ListOrder } from './object-table.ts';

const event = (name: string, namespace: string, uid: string): ApiEvent => ({
  apiVersion: 'v1', kind: 'Event', metadata: { name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' }, involvedObject: { kind: 'Pod', name: 'p', namespace, uid },
  reason: '', message: '', type: 'Normal', count: 1, firstTimestamp: '', lastTimestamp: '', source: { component: '' }, reportingComponent: '', reportingInstance: '',
});
const few = (...words: readonly string[]) => fc.constantFrom(...words);
const change = fc.record({ op: few('set', 'set', 'move', 'delete', 'clear'), name: few('a', 'b', 'c', 'd', 'e'), namespace: few('x', 'y'), uid: few('1', '2', '3') });

describe('ObjectTable', () => {
  it.each<ListOrder>(['kine', 'etcd'])('answers what a walk over all objects would, after any changes (%s)', (order) => {
    fc.assert(fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const table = new ObjectTable<ApiEvent>(order);
      let plain: [string, ApiEvent][] = [];
      for (const { op, name, namespace, uid } of changes) {
        const key = `${namespace}/${name}`;
        const known = plain.find(([k]) => k === key)?.[1].involvedObject.uid;
        const object = event(name, namespace, op === 'set' && known !== undefined ? known : uid); // what an event is about never changes
        if (op === 'clear') { table.clear(); plain = []; }
        if (op === 'delete' || op === 'move') { table.delete(key); plain = plain.filter(([k]) => k !== key); }
        if (op === 'set' || op === 'move') {
          table.set(key, object);
          plain = plain.some(([k]) => k === key) ? plain.map(([k, o]) => [k, k === key ? object : o]) : [...plain, [key, object]];
        }
        const walked = (order === 'etcd' ? [...plain].sort(([a], [b]) => (a < b ? -1 : 1)) : plain).map(([, o]) => o);
        expect(table.list()).toEqual(walked);
        for (const n of ['x', 'y']) expect(table.list(n)).toEqual(walked.filter((o) => o.metadata.namespace === n));
        for (const u of ['1', '2', '3']) expect(table.about(u)).toEqual(walked.filter((o) => o.involvedObject.uid === u));
      }
    }));
  });

  it('a list stays as it was answered', () => {
    const table = new ObjectTable<ApiEvent>('kine');
    table.set('x/a', event('a', 'x', '1'));
    const [all, some] = [table.list(), table.list('x')];
    table.delete('x/a');
    expect([all.length, some.length, table.list().length]).toEqual([1, 1, 0]);
  });
});
