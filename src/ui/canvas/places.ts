/** Place ids of the protocol, taken apart: `vm2`, `vm2/`, `vm2/cni-1`, `vm2/#cni0`, `vm2/cni-1#eth0`, `vm2/@FORWARD`. */
import type { DeviceView, MachineView, NamespaceView, PlaceId, Topology } from '../../worker/protocol.ts';

export const HOOKS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;
export type Hook = (typeof HOOKS)[number];

export const machineOf = (place: PlaceId): PlaceId => place.split('/')[0] ?? place;
export const hookOf = (place: PlaceId): Hook | undefined => HOOKS.find((h) => place.endsWith(`@${h}`));
/** The namespace part: what stands before `#` or `@`. */
export const namespacePart = (place: PlaceId): PlaceId => place.split(/[#@]/)[0] ?? place;

export interface Found { readonly machine: MachineView; readonly namespace: NamespaceView | undefined; readonly device: DeviceView | undefined; readonly hook: Hook | undefined }

export function find(topology: Topology, place: PlaceId): Found | undefined {
  const machine = topology.machines.find((m) => m.id === machineOf(place));
  if (machine === undefined) return undefined;
  const part = namespacePart(place);
  for (const namespace of machine.namespaces) {
    const device = namespace.devices.find((d) => d.id === place);
    if (device !== undefined) return { machine, namespace, device, hook: undefined };
  }
  const namespace = machine.namespaces.find((n) => n.id === part || n.id === `${part}/` || `${n.id}/` === part);
  return { machine, namespace, device: undefined, hook: hookOf(place) };
}

export const rootOf = (machine: MachineView): NamespaceView | undefined => machine.namespaces.find((n) => n.kind === 'root');

/** Pods and other namespaces to draw at a step; the learner's own before the system's. */
export const innerOf = (machine: MachineView, step: number | undefined): readonly NamespaceView[] =>
  machine.namespaces
    .filter((n) => n.kind !== 'root' && (step === undefined || (n.since <= step && (n.until === undefined || n.until > step))))
    .map((n, i) => ({ n, i }))
    .sort((a, b) => rank(a.n) - rank(b.n) || a.i - b.i)
    .map(({ n }) => n);

const rank = (n: NamespaceView): number => (n.kind === 'pod' && n.kubeNamespace === 'kube-system' ? 1 : 0);

export const laneName = (topology: Topology, ns: number): string => {
  for (const m of topology.machines) for (const n of m.namespaces) if (n.ns === ns) return n.kind === 'root' ? m.name : n.label;
  return ns === 0 ? 'network' : `namespace ${ns}`;
};

export const nsOf = (topology: Topology, place: PlaceId): number | undefined => {
  const found = find(topology, place);
  return found === undefined ? undefined : (found.namespace ?? rootOf(found.machine))?.ns;
};

/** Address to show beside a name: the first IPv4 one. */
export const firstAddress = (device: DeviceView | undefined): string => device?.addresses.find((a) => !a.includes(':')) ?? '';
export const bare = (address: string): string => address.split('/')[0] ?? address;
