import { describe, expect, it } from 'vitest';
import { decode } from '../api/manifest.ts';
import type { Node, Pod } from '../api/kinds.ts';
import type { View } from './filters.ts';
import { choose } from './scheduler.ts';

const node = (name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = {}): Node => decode('Node', {
  apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { podCIDR: `10.42.${name.slice(-1)}.0/24`, ...spec }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }).object;
const pod = (spec: Record<string, unknown> = {}): Pod => decode('Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } }).object;
const on = (name: string): Pod => pod({ nodeName: name });

const view = (nodes: readonly Node[], placed: readonly Pod[] = []): View => ({ nodes, placed, namespaceLabels: () => ({}) });
const NODES = [node('vm1'), node('vm2'), node('vm3')];

describe('choose', () => {
  it.each<[string, Pod, readonly Node[], readonly Pod[], string | undefined, string | undefined]>([
    ['fewest pods', pod(), NODES, [on('vm1'), on('vm2')], undefined, 'vm3'],
    ['then order of joining', pod(), NODES, [], undefined, 'vm1'],
    ['a pin wins', pod(), NODES, [on('vm2')], 'vm2', 'vm2'],
    ['unless its node is out', pod(), [node('vm1'), node('vm2', { unschedulable: true })], [], 'vm2', 'vm1'],
    ['nodeSelector', pod({ nodeSelector: { disk: 'ssd' } }), [node('vm1'), node('vm2', {}, { disk: 'ssd' })], [], undefined, 'vm2'],
    ['taint', pod(), [node('vm1', { taints: [{ key: 'a', effect: 'NoSchedule' }] }), node('vm2')], [], undefined, 'vm2'],
    ['toleration', pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }), [node('vm1', { taints: [{ key: 'a', effect: 'NoSchedule' }] })], [], undefined, 'vm1'],
  ])('%s', (_name, p, nodes, pods, pinned, expected) => {
    expect(choose(p, view(nodes, pods), pinned).node).toBe(expected);
  });

  it('says why there is none, as kube-scheduler does', () => {
    expect(choose(pod({ nodeSelector: { disk: 'ssd' } }), view([node('vm1'), node('vm2', { unschedulable: true })]), undefined).message)
      .toBe("0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
  });
});
