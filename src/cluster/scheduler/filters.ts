/**
 * Which nodes a pod may go to, and why not to the others.
 * Models: kube-scheduler's filter plugins in their order (v1.29): NodeUnschedulable, TaintToleration, NodeAffinity, NodePorts, NodeResourcesFit,
 * PodTopologySpread, InterPodAffinity. `final`: no pod that goes away would help (UnschedulableAndUnresolvable).
 * Not modelled: volumes, minDomains, node policies of spread constraints, a conflict of host ports between host addresses.
 */
import { podRequest, parseQuantity } from '../api/quantity.ts';
import type { Node, Pod } from '../api/kinds.ts';
import { matches } from '../api/meta.ts';
import { namedNodes, nodeAffinityMatches, termSelects } from './affinity.ts';
import { UNSCHEDULABLE, untolerated } from './taints.ts';

export interface Refusal {
  readonly reasons: readonly string[];
  readonly final: boolean;
}

/** What the filters look at besides the pod and the node. */
export interface View {
  readonly nodes: readonly Node[];
  /** Pods with a node, without those that ended. */
  readonly placed: readonly Pod[];
  readonly namespaceLabels: (name: string) => Readonly<Record<string, string>>;
}

type Filter = (pod: Pod, node: Node, view: View) => Refusal | undefined;

const final = (reason: string): Refusal => ({ reasons: [reason], final: true });
const curable = (...reasons: readonly string[]): Refusal => ({ reasons, final: false });
const on = (view: View, node: Node): readonly Pod[] => view.placed.filter((p) => p.spec.nodeName === node.metadata.name);

const unschedulable: Filter = (pod, node) =>
  (node.spec.unschedulable === true && untolerated(pod.spec, [UNSCHEDULABLE], ['NoSchedule']) !== undefined ? final('node(s) were unschedulable') : undefined);

const taints: Filter = (pod, node) => {
  const taint = untolerated(pod.spec, node.spec.taints, ['NoSchedule', 'NoExecute']);
  return taint === undefined ? undefined : final(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
};

const affinity: Filter = (pod, node) => {
  if (namedNodes(pod)?.includes(node.metadata.name) === false) return final("node(s) didn't satisfy plugin(s) [NodeAffinity]");
  return nodeAffinityMatches(pod, node) ? undefined : final("node(s) didn't match Pod's node affinity/selector");
};

const hostPorts = (pod: Pod): readonly string[] => pod.spec.containers.flatMap((c) => (c.ports ?? []).filter((p) => (p.hostPort ?? 0) !== 0).map((p) => `${p.protocol}/${p.hostPort ?? 0}`));

const ports: Filter = (pod, node, view) => {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  const taken = new Set(on(view, node).flatMap(hostPorts));
  return wanted.some((p) => taken.has(p)) ? curable("node(s) didn't have free ports for the requested pod ports") : undefined;
};

const resources: Filter = (pod, node, view) => {
  const there = on(view, node);
  const room = (resource: string): number => parseQuantity(node.status.allocatable?.[resource] ?? '') ?? Number.POSITIVE_INFINITY;
  const reasons = there.length + 1 > room('pods') ? ['Too many pods'] : [];
  for (const resource of ['cpu', 'memory', 'ephemeral-storage']) {
    const asked = podRequest(pod.spec, resource);
    if (asked > 0 && asked + there.reduce((n, p) => n + podRequest(p.spec, resource), 0) > room(resource) + 1e-9) reasons.push(`Insufficient ${resource}`);
  }
  // An extended resource is there only where a node names it.
  const named = new Set([...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((c) => Object.keys(c.resources?.requests ?? {})).filter((r) => r.includes('/') || r.startsWith('hugepages-')));
  for (const resource of named) {
    const asked = podRequest(pod.spec, resource) + there.reduce((n, p) => n + podRequest(p.spec, resource), 0);
    if (asked > (parseQuantity(node.status.allocatable?.[resource] ?? '0') ?? 0)) reasons.push(`Insufficient ${resource}`);
  }
  return reasons.length === 0 ? undefined : curable(...reasons);
};

const spread: Filter = (pod, node, view) => {
  for (const c of (pod.spec.topologySpreadConstraints ?? []).filter((s) => s.whenUnsatisfiable === 'DoNotSchedule')) {
    const domain = node.metadata.labels?.[c.topologyKey];
    if (domain === undefined) return final("node(s) didn't match pod topology spread constraints (missing required label)");
    const counts = new Map<string, number>();
    const selected = (p: Pod): boolean => p.metadata.namespace === pod.metadata.namespace && p.metadata.deletionTimestamp === undefined && c.labelSelector !== undefined && matches(c.labelSelector, p.metadata.labels ?? {});
    for (const n of view.nodes.filter((candidate) => nodeAffinityMatches(pod, candidate))) {
      const key = n.metadata.labels?.[c.topologyKey];
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + on(view, n).filter(selected).length);
    }
    const itself = c.labelSelector !== undefined && matches(c.labelSelector, pod.metadata.labels ?? {}) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + itself - Math.min(...counts.values()) > c.maxSkew) return curable("node(s) didn't match pod topology spread constraints");
  }
  return undefined;
};

const between: Filter = (pod, node, view) => {
  const domain = (key: string): readonly Pod[] => {
    const value = node.metadata.labels?.[key];
    const same = new Set(view.nodes.filter((n) => n.metadata.labels?.[key] === value).map((n) => n.metadata.name));
    return value === undefined ? [] : view.placed.filter((p) => same.has(p.spec.nodeName ?? ''));
  };
  const wanted = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const met = wanted.every((t) => node.metadata.labels?.[t.topologyKey] !== undefined && domain(t.topologyKey).some((p) => termSelects(t, pod, p, view.namespaceLabels)));
  // The first pod of a series that wants to be together may go anywhere.
  const first = wanted.every((t) => node.metadata.labels?.[t.topologyKey] !== undefined && termSelects(t, pod, pod, view.namespaceLabels) && !view.placed.some((p) => termSelects(t, pod, p, view.namespaceLabels)));
  if (!met && !first) return final("node(s) didn't match pod affinity rules");
  if ((pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some((t) => domain(t.topologyKey).some((p) => termSelects(t, pod, p, view.namespaceLabels)))) return curable("node(s) didn't match pod anti-affinity rules");
  const refused = view.placed.some((p) => (p.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some((t) => domain(t.topologyKey).includes(p) && termSelects(t, p, pod, view.namespaceLabels)));
  return refused ? curable("node(s) didn't satisfy existing pods anti-affinity rules") : undefined;
};

const FILTERS: readonly Filter[] = [unschedulable, taints, affinity, ports, resources, spread, between];

/** The first filter's refusal. Nodes that the pod's affinity does not name are not put to the filters at all. */
export function refusal(pod: Pod, node: Node, view: View): Refusal | undefined {
  if (namedNodes(pod)?.includes(node.metadata.name) === false) return affinity(pod, node, view);
  for (const filter of FILTERS) {
    const why = filter(pod, node, view);
    if (why !== undefined) return why;
  }
  return undefined;
}
