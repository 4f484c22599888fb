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

  const labelled = (p: Pod, labels: Record<string, string>): Pod => ({ ...p, metadata: { ...p.metadata, namespace: 'default', labels } });
  const affinity = (value: unknown): Pod => labelled(pod({ affinity: value }), { app: 'x' });
  const zones = [node('vm1', {}, { zone: 'a' }), node('vm2', {}, { zone: 'a' }), node('vm3', {}, { zone: 'b' })];
  const mate = labelled(on('vm1'), { app: 'x' });
  const near = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } } };
  const needs = (cpu: string): Pod => pod({ containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu } } }] });
  const small = [{ ...node('vm1'), status: { ...node('vm1').status, allocatable: { cpu: '1', memory: '1Gi', pods: '2' } } }];

  it.each<[string, Pod, readonly Node[], readonly Pod[], string | undefined]>([
    ['required node affinity', affinity({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] }] } } }), zones, [], 'vm3'],
    ['an operator with numbers', affinity({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'n', operator: 'Gt', values: ['3'] }] }] } } }), [node('vm1', {}, { n: '3' }), node('vm2', {}, { n: '12' })], [], 'vm2'],
    ['a term without requirements matches nothing', affinity({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } }), zones, [], undefined],
    ['preferred node affinity', affinity({ nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] } }] } }), zones, [on('vm3'), on('vm3')], 'vm3'],
    ['with its like', affinity({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }), zones, [labelled(on('vm3'), { app: 'x' })], 'vm3'],
    ['the first of its like', affinity({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }), zones, [], 'vm1'],
    ['away from its like', affinity({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }), zones, [mate], 'vm3'],
    ['rather away from its like', affinity({ podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: near }] } }), zones, [mate], 'vm3'],
    ['away from who wants to be alone', labelled(pod(), { app: 'x' }), zones, [{ ...affinity({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }), spec: { ...affinity({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }).spec, nodeName: 'vm1' } }], 'vm3'],
    ['another namespace is another matter', affinity({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }), [node('vm1', {}, { zone: 'a' })], [{ ...mate, metadata: { ...mate.metadata, namespace: 'other' } }], 'vm1'],
    ['spread', labelled(pod({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } } }] }), { app: 'x' }), zones, [mate], 'vm3'],
    ['PreferNoSchedule', pod(), [node('vm1', { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] }), node('vm2')], [on('vm2'), on('vm2')], 'vm2'],
    ['room for its request', needs('600m'), small, [needs('0.3')], 'vm1'],
    ['no room', needs('800m'), small, [{ ...needs('300m'), spec: { ...needs('300m').spec, nodeName: 'vm1' } }], undefined],
    ['too many pods', pod(), small, [on('vm1'), on('vm1')], undefined],
    ['a cordoned node and who tolerates it', pod({ tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] }), [node('vm1', { unschedulable: true })], [], 'vm1'],
  ])('%s', (_name, p, nodes, placed, expected) => {
    expect(choose(p, view(nodes, placed), undefined).node).toBe(expected);
  });

  const port = (nodeName?: string): Pod => pod({ ...(nodeName === undefined ? {} : { nodeName }), containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] });
  const daemon = (name: string): Pod => pod({ containers: port().spec.containers, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }] } } } });

  it.each<[string, Pod, readonly Node[], readonly Pod[], string]>([
    ['ports', port(), NODES, [port('vm1'), port('vm2'), port('vm3')], "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."],
    ['a daemon\u2019s pod', daemon('vm2'), NODES, [port('vm2')], "0/3 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."],
    ['taints', pod(), [node('vm1', { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] }), node('vm2', { taints: [{ key: 'c', effect: 'NoExecute' }] })], [], '0/2 nodes are available: 1 node(s) had untolerated taint {a: b}, 1 node(s) had untolerated taint {c: }. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'],
    ['cpu and memory', pod({ containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '2', memory: '2Gi' } } }] }), small, [], '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'],
    ['affinity', affinity({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: { matchLabels: { app: 'y' } } }] } }), zones, [], "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."],
  ])('says why: %s', (_name, p, nodes, placed, message) => {
    expect(choose(p, view(nodes, placed), undefined)).toEqual({ node: undefined, message });
  });

  it('says why there is none, as kube-scheduler does', () => {
    expect(choose(pod({ nodeSelector: { disk: 'ssd' } }), view([node('vm1'), node('vm2', { unschedulable: true })]), undefined).message)
      .toBe("0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
  });
});
