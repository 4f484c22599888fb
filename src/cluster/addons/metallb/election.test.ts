import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Node } from '../../api/kinds.ts';
import { byHash, canServe, elect, EXCLUDE_LABEL, type ElectionInput } from './election.ts';
import type { Pool } from './pools.ts';

const NODES = ['vm1', 'vm2', 'vm3'];
const meta = { namespace: '', uid: '', resourceVersion: '', creationTimestamp: '' };
const node = (name: string, labels: Readonly<Record<string, string>> = {}, conditions: Node['status']['conditions'] = []): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { ...meta, name, labels }, spec: {}, status: { conditions } });
const slice = (...endpoints: EndpointSlice['endpoints']): EndpointSlice => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { ...meta, name: 's' }, addressType: 'IPv4', ports: [], endpoints });
const on = (nodeName: string, ready = true, serving = ready): EndpointSlice['endpoints'][number] => ({ addresses: ['10.42.0.2'], nodeName, conditions: { ready, serving, terminating: !ready } });
const pool = (...nodes: readonly string[]): Pool => ({ name: 'p', cidrs: [], avoidBuggyIps: false, autoAssign: true, allocation: undefined, l2: [{ nodes: new Set(nodes), interfaces: undefined }] });
const input = (o: Partial<ElectionInput> = {}): ElectionInput => ({
  ip: '10.123.123.100', pool: pool(...NODES), localOnly: false, slices: [slice(on('vm1'))], speakers: NODES, nodes: new Map(NODES.map((n) => [n, node(n)])), ignoreExclude: false, myNode: 'vm1', ...o });

describe('owner of an address', () => {
  // The addresses of the seeds and who owned them there.
  it.each([
    ['10.123.123.1', 'vm2'], ['10.123.123.2', 'vm3'], ['10.123.123.99', 'vm2'], ['10.123.123.100', 'vm2'], ['10.123.123.101', 'vm3'], ['10.123.123.102', 'vm2'],
    ['10.123.123.200', 'vm1'], ['10.123.123.201', 'vm1'], ['10.123.123.202', 'vm1'], ['10.123.123.210', 'vm3'], ['1.2.3.4', 'vm3'],
  ])('%s is %s’s', (ip, owner) => {
    expect(elect(input({ ip })).owner).toBe(owner);
    expect(byHash([...NODES].reverse(), ip)[0]).toBe(owner);
  });

  it.each<[string, Partial<ElectionInput>, string | undefined, string | undefined]>([
    ['no endpoint', { slices: [] }, undefined, 'failed no active endpoints'],
    ['no ready endpoint', { slices: [slice(on('vm1', false))] }, undefined, 'failed no active endpoints'],
    ['a terminating endpoint that serves', { slices: [slice(on('vm1', false, true))] }, 'vm2', undefined],
    ['pool advertised elsewhere', { pool: pool('vm3') }, undefined, 'pool not matching my node'],
    ['only vm3 eligible', { pool: pool('vm3'), myNode: 'vm3', ip: '10.123.123.202' }, 'vm3', undefined],
    ['the owner’s speaker is dead', { speakers: ['vm1', 'vm3'] }, 'vm1', undefined],
    ['Local: the node with an endpoint', { localOnly: true }, 'vm1', undefined],
    ['Local: endpoints on two', { localOnly: true, slices: [slice(on('vm1'), on('vm3'))] }, 'vm1', undefined],
    ['Local: an endpoint without speaker', { localOnly: true, speakers: ['vm2', 'vm3'] }, undefined, 'no available nodes'],
    ['label', { nodes: new Map([['vm1', node('vm1')], ['vm2', node('vm2', { [EXCLUDE_LABEL]: '' })], ['vm3', node('vm3')]]) }, 'vm1', undefined],
    ['label, ignored', { ignoreExclude: true, nodes: new Map([['vm1', node('vm1')], ['vm2', node('vm2', { [EXCLUDE_LABEL]: '' })], ['vm3', node('vm3')]]) }, 'vm2', undefined],
    ['network unavailable', { nodes: new Map([['vm1', node('vm1')], ['vm2', node('vm2', {}, [{ type: 'NetworkUnavailable', status: 'True' }])], ['vm3', node('vm3')]]) }, 'vm1', undefined],
  ])('%s', (_name, o, owner, reason) => {
    const got = elect(input(o));
    expect([got.owner, got.reason]).toEqual([owner, reason]);
  });

  it.each<[EndpointSlice['endpoints'][number]['conditions'], boolean]>([[undefined, true], [{}, true], [{ ready: true }, true], [{ ready: false }, false], [{ ready: false, serving: true }, true], [{ ready: false, serving: false }, false]])('an endpoint that says %o', (conditions, can) => {
    expect(canServe({ addresses: [], conditions })).toBe(can);
  });

  it('no two nodes find themselves owner, whatever the world looks like; and somebody does when anybody may', () => {
    const subset = fc.subarray(NODES);
    const ipText = fc.integer({ min: 0, max: 255 }).map((n) => `10.0.0.${n}`);
    fc.assert(fc.property(ipText, subset, subset, subset, subset, fc.boolean(), (ip, advertised, speakers, excluded, serving, localOnly) => {
      const nodes = new Map(NODES.map((n) => [n, node(n, excluded.includes(n) ? { [EXCLUDE_LABEL]: '' } : {})]));
      const slices = [slice(...serving.map((n) => on(n)))];
      const owners = NODES.filter((myNode) => elect({ ip, pool: pool(...advertised), localOnly, slices, speakers, nodes, ignoreExclude: false, myNode }).owner === myNode);
      const may = NODES.filter((n) => advertised.includes(n) && speakers.includes(n) && !excluded.includes(n) && (!localOnly || serving.includes(n)));
      expect(owners).toEqual(serving.length === 0 || may.length === 0 ? [] : [byHash(may, ip)[0]]);
    }), { numRuns: 300 });
  });
});
