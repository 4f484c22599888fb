/** Place ids of the protocol, taken apart: `vm2`, `vm2/`, `vm2/cni-1`, `vm2/#cni0`, `vm2/cni-1#eth0`, `vm2/@FORWARD`. */
import type { DeviceView, MachineView, NamespaceView, PlaceId, Topology } from '../../worker/protocol.ts';

export const HOOKS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;
export type Hook = (typeof HOOKS)[number];

/** Every place of a namespace that is no device. */
export const INSIDE = [...HOOKS, 'route', 'socket'] as const;

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
    .filter((n) => n.kind !== 'root' && (step === undefined || (n.since <= Math.max(0, step) && (n.until === undefined || n.until > step))))
    .map((n, i) => ({ n, i }))
    .sort((a, b) => rank(a.n) - rank(b.n) || a.i - b.i)
    .map(({ n }) => n);

const rank = (n: NamespaceView): number => (n.kind === 'pod' && n.kubeNamespace === 'kube-system' ? 1 : 0);

export const laneName = (topology: Topology, ns: number, most?: number): string => {
  for (const m of topology.machines) for (const n of m.namespaces) if (n.ns === ns) return shorten(n.kind === 'root' ? machineName(topology, m.name) : n.label, most);
  return ns === 0 ? 'network' : `namespace ${ns}`;
};

export const nsOf = (topology: Topology, place: PlaceId): number | undefined => {
  const found = find(topology, place);
  return found === undefined ? undefined : (found.namespace ?? rootOf(found.machine))?.ns;
};

/** The first words that fit and the last: `nginx-deployment-7c79c4bf97-gk7cj` reads `nginx-…-gk7cj`, `nginx-zone1-7f8b84d998-p49gv` `nginx-zone1-…-p49gv`. */
export function shorten(label: string, most = 20): string {
  const words = label.split('-');
  const last = words.at(-1) ?? '';
  if (label.length <= most || words.length < 3) return label;
  for (let n = words.length - 2; n > 0; n--) {
    const short = `${words.slice(0, n).join('-')}-…-${last}`;
    if (short.length <= most) return short;
  }
  return `${label.slice(0, Math.max(3, most - last.length - 2))}…-${last}`;
}

/** A long name without the words that long names of machines have in common: `my-cluster-control-plane` beside `my-cluster-worker` reads `…control-plane`. */
export function machineName(topology: Topology, name: string, most = 16): string {
  const long = topology.machines.map((m) => m.name).filter((n) => n.length > most);
  if (name.length <= most || long.length < 2) return name;
  const words = name.split('-');
  let common = 0;
  while (common < words.length - 1 && long.every((n) => n.split('-')[common] === words[common])) common++;
  return common === 0 ? name : `…${words.slice(common).join('-')}`;
}

/** The segment a device stands on; a VLAN device on the segment named after its lower one's and its tag, if that is drawn. */
export function segmentOf(device: DeviceView, devices: readonly DeviceView[], known: (segment: string) => boolean): string | undefined {
  if (device.segment !== undefined) return known(device.segment) ? device.segment : undefined;
  if (device.kind !== 'vlan') return undefined;
  const lower = devices.find((d) => d.id === device.lower)?.segment;
  const named = `${lower ?? ''}.${device.name.split('.').at(-1) ?? ''}`;
  return lower !== undefined && known(named) ? named : undefined;
}

/** A segment as a place. */
export const segmentPlace = (id: string): PlaceId => `segment:${id}`;

/** Address to show beside a name: the first IPv4 one. */
export const firstAddress = (device: DeviceView | undefined): string => device?.addresses.find((a) => !a.includes(':')) ?? '';
export const bare = (address: string): string => address.split('/')[0] ?? address;
