/**
 * Services and pods to EndpointSlices (and the old Endpoints).
 * Models: pkg/controller/endpointslice, pkg/controller/endpoint (v1.29): slices per Service and set of port numbers, a hundred endpoints in each at most.
 * Not modelled: topology hints, IPv6, the truncation of Endpoints at a thousand. A slice by hand is left alone; mirror.ts has Endpoints by hand.
 */
import { generatedName } from '../../api/names.ts';
import type { AnyObject, EndpointSlice, Pod, Service } from '../../api/kinds.ts';
import type { SliceEndpoint } from '../../api/core.ts';
import type { Change } from '../../store.ts';
import { selects } from '../../api/meta.ts';
import { isReady, isTerminating, resolvePort } from '../../node/pod-status.ts';
import { LATENCY, Loop, samePlain, type ControlPlane } from '../../plane.ts';
import { blankMeta, hasEnded, ownedBy } from '../owned.ts';
import { mirrorEndpoints } from './mirror.ts';

const keyOf = (m: { readonly namespace: string; readonly name: string }): string => `${m.namespace}/${m.name}`;
const isService = (object: AnyObject): object is Service => object.kind === 'Service';
const isPod = (object: AnyObject): object is Pod => object.kind === 'Pod';
const OWNER = 'endpointslice-controller.k8s.io';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** --max-endpoints-per-slice */
export const MAX_ENDPOINTS = 100;

interface Group {
  readonly ports: EndpointSlice['ports'];
  readonly pods: Pod[];
}

export class EndpointSliceController {
  readonly #plane: ControlPlane;
  /** Services of the last round: the Endpoints of one that went go with it, however its slices went. */
  #known: readonly { readonly namespace: string; readonly name: string }[] = [];
  /** Services (`namespace/name`) to look at: upstream's work queue. */
  readonly #dirty = new Set<string>();
  #writing = false;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    for (const service of plane.store.list('Service')) this.#dirty.add(keyOf(service.metadata));
    new Loop(plane, ['Service', 'Pod', 'EndpointSlice', 'Endpoints'], LATENCY.controller, () => this.#reconcile(), (change) => this.#touches(change)).queue();
    new Loop(plane, ['Service', 'Endpoints'], LATENCY.controller, () => mirrorEndpoints(plane), (change) => wantsMirror(change.object)).queue();
  }

  /** Whether a change concerns a Service; what somebody else did to slices and Endpoints is undone. */
  #touches({ object, before, type }: Change): boolean {
    const queued = this.#dirty.size;
    if (isService(object)) {
      this.#dirty.add(keyOf(object.metadata));
      return true;
    }
    if (isPod(object)) {
      for (const service of this.#plane.store.list('Service', object.metadata.namespace)) {
        if ([object, before].some((p) => p !== undefined && selects(service.spec.selector, p.metadata.labels ?? {}))) this.#dirty.add(keyOf(service.metadata));
      }
      return this.#dirty.size > queued;
    }
    if (this.#writing || type === 'ADDED') return false;
    const name = object.kind === 'EndpointSlice' ? object.metadata.labels?.['kubernetes.io/service-name'] : object.metadata.name;
    if (name !== undefined && this.#plane.store.get('Service', object.metadata.namespace, name) !== undefined) this.#dirty.add(`${object.metadata.namespace}/${name}`);
    return this.#dirty.size > queued;
  }

  #reconcile(): void {
    this.#writing = true;
    this.#round();
    this.#writing = false;
  }

  #round(): void {
    const { store } = this.#plane;
    const known = store.list('Service');
    const keys = new Set(known.map((s) => keyOf(s.metadata)));
    for (const gone of this.#known) if (!keys.has(keyOf(gone))) store.delete('Endpoints', gone.namespace, gone.name);
    this.#known = known.map((s) => s.metadata);
    const slices = new Map<string, EndpointSlice[]>();
    for (const slice of store.list('EndpointSlice')) {
      if (slice.metadata.labels?.[MANAGED_BY] !== OWNER) continue;
      const key = `${slice.metadata.namespace}/${slice.metadata.labels['kubernetes.io/service-name'] ?? ''}`;
      const list = slices.get(key);
      if (list === undefined) slices.set(key, [slice]);
      else list.push(slice);
    }
    const pods = store.list('Pod').filter((p) => (p.status.podIP ?? '') !== '' && !hasEnded(p));
    for (const service of known) {
      const key = keyOf(service.metadata);
      if (this.#dirty.has(key) && Object.keys(service.spec.selector ?? {}).length > 0 && service.spec.type !== 'ExternalName') this.#one(service, pods, slices.get(key) ?? []);
    }
    this.#dirty.clear();
    for (const slice of store.list('EndpointSlice')) {
      const owner = slice.metadata.ownerReferences?.find((o) => o.kind === 'Service');
      const service = owner === undefined ? undefined : store.get('Service', slice.metadata.namespace, owner.name);
      const without = service?.spec.type === 'ExternalName' && slice.metadata.labels?.[MANAGED_BY] === OWNER;
      if (owner !== undefined && (service?.metadata.uid !== owner.uid || without)) {
        store.delete('EndpointSlice', slice.metadata.namespace, slice.metadata.name);
      }
    }
  }

  #one(service: Service, candidates: readonly Pod[], mine: readonly EndpointSlice[]): void {
    const { store } = this.#plane;
    const { namespace } = service.metadata;
    const pods = candidates.filter((p) => p.metadata.namespace === namespace && selects(service.spec.selector, p.metadata.labels ?? {}));
    const groups = new Map<string, Group>();
    for (const pod of pods) {
      const ports = service.spec.ports.flatMap((p) => {
        const port = resolvePort(pod, p.targetPort ?? p.port, p.protocol);
        return port === undefined ? [] : [{ name: p.name ?? '', port, protocol: p.protocol, ...(p.appProtocol === undefined ? {} : { appProtocol: p.appProtocol }) }];
      });
      if (ports.length === 0 && service.spec.ports.length > 0) continue;
      const key = JSON.stringify(ports);
      const group = groups.get(key) ?? { ports, pods: [] };
      groups.set(key, group);
      group.pods.push(pod);
    }
    if (groups.size === 0) groups.set('none', { ports: [], pods: [] });
    const left = new Set(mine);
    for (const group of groups.values()) {
      const old = mine.filter((s) => left.has(s) && samePlain(s.ports, group.ports));
      const spare = old.length > 0 ? undefined : mine.find((s) => left.has(s) && s.ports.length === 0);
      const had = spare === undefined ? old : [spare];
      for (const s of had) left.delete(s);
      this.#slices(service, group, had);
    }
    for (const stale of left) store.delete('EndpointSlice', namespace, stale.metadata.name);
    this.#endpoints(service, [...groups.values()]);
  }

  /** Endpoints stay in their slice; new ones fill the slices up; an empty one goes unless it is the last. */
  #slices(service: Service, group: Group, old: readonly EndpointSlice[]): void {
    const { store } = this.#plane;
    const wanted = new Map(group.pods.map((pod): [string, SliceEndpoint] => [pod.metadata.uid, endpoint(service, pod)]));
    const kept = old.map((slice) => slice.endpoints.flatMap((e) => {
      const now = wanted.get(e.targetRef?.uid ?? '');
      wanted.delete(e.targetRef?.uid ?? '');
      return now === undefined ? [] : [now];
    }));
    const added = [...wanted.values()];
    const filled = kept.map((endpoints) => [...endpoints, ...added.splice(0, MAX_ENDPOINTS - endpoints.length)]);
    const some = filled.some((f) => f.length > 0) || added.length > 0;
    for (const [i, slice] of old.entries()) {
      const endpoints = filled[i] ?? [];
      if (endpoints.length === 0 && (some || i > 0)) store.delete('EndpointSlice', slice.metadata.namespace, slice.metadata.name);
      else store.update('EndpointSlice', { ...slice, endpoints, ports: group.ports, metadata: { ...slice.metadata, labels: sliceLabels(service) } });
    }
    while (added.length > 0) this.#newSlice(service, group, added.splice(0, MAX_ENDPOINTS));
    if (!some && old.length === 0) this.#newSlice(service, group, []);
  }

  #newSlice(service: Service, group: Group, endpoints: readonly SliceEndpoint[]): void {
    const { store, api, random } = this.#plane;
    const { namespace, name } = service.metadata;
    api.create('EndpointSlice', {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', endpoints, ports: group.ports,
      metadata: {
        ...blankMeta(generatedName(`${name}-`, random.fork(`slice/${namespace}/${name}/${store.revision}`)), namespace), generateName: `${name}-`,
        labels: sliceLabels(service), ownerReferences: [ownedBy(service)],
      },
    });
  }

  #endpoints(service: Service, groups: readonly Group[]): void {
    const { store, api } = this.#plane;
    const { namespace, name } = service.metadata;
    const subsets = groups.flatMap(({ ports, pods }) => {
      const listed = pods.filter((p) => !isTerminating(p));
      const address = (p: Pod) => ({ ip: p.status.podIP ?? '', nodeName: p.spec.nodeName, ...hostnameOf(service, p), targetRef: { kind: 'Pod', namespace, name: p.metadata.name, uid: p.metadata.uid } });
      const byIp = (a: { ip: string }, b: { ip: string }): number => (a.ip < b.ip ? -1 : 1);
      const addresses = listed.filter((p) => isReady(p) || service.spec.publishNotReadyAddresses === true).map(address).sort(byIp);
      const notReadyAddresses = listed.filter((p) => !isReady(p) && service.spec.publishNotReadyAddresses !== true).map(address).sort(byIp);
      if (addresses.length + notReadyAddresses.length === 0) return [];
      return [{ ...(addresses.length > 0 ? { addresses } : {}), ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
        ports: ports.map((p) => ({ port: p.port ?? 0, protocol: p.protocol ?? 'TCP', ...(p.name === undefined || p.name === '' ? {} : { name: p.name }) })) }];
    });
    const old = store.get('Endpoints', namespace, name);
    if (old === undefined) api.create('Endpoints', { apiVersion: 'v1', kind: 'Endpoints', metadata: { ...blankMeta(name, namespace), labels: service.metadata.labels }, subsets });
    else store.update('Endpoints', { ...old, subsets });
  }
}

/** Something that no selector keeps. */
const wantsMirror = (object: AnyObject): boolean => object.kind === 'Endpoints' || (isService(object) && Object.keys(object.spec.selector ?? {}).length === 0);

/** Its name below a headless Service. */
const hostnameOf = (service: Service, pod: Pod): { readonly hostname?: string } => (pod.spec.hostname === undefined || pod.spec.subdomain !== service.metadata.name ? {} : { hostname: pod.spec.hostname });

const sliceLabels = (service: Service): Readonly<Record<string, string>> => ({
  ...service.metadata.labels, [MANAGED_BY]: OWNER, 'kubernetes.io/service-name': service.metadata.name, ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
});

function endpoint(service: Service, pod: Pod): SliceEndpoint {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return {
    addresses: [pod.status.podIP ?? ''], conditions: { ready, serving, terminating }, nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    ...hostnameOf(service, pod),
  };
}
