/** One line on what the cluster has made of an object. */
import { isReady } from '../../cluster/node/pod-status.ts';
import { kindInfo, type AnyObject, type KindMap, type Pod, type Service } from '../../cluster/api/kinds.ts';
import { kindOf, type Store } from '../../cluster/store.ts';

/** What the last warning about a pod says that hangs without its status telling why. */
const warning = (pod: Pod, store: Store): string => {
  const last = store.list('Event', pod.metadata.namespace).filter((e) => e.involvedObject.uid === pod.metadata.uid && e.type === 'Warning').at(-1);
  return last === undefined ? '' : `: ${last.reason}: ${last.message}`;
};

/** `Running`, `Pending: ErrImagePull (no/such)`, `Running, not ready`. */
export function podBecame(pod: Pod, store: Store): string {
  const { status } = pod;
  const unscheduled = status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled !== undefined) return `Pending: ${unscheduled.reason ?? ''}: ${unscheduled.message ?? ''}`;
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const c of all) {
    const { waiting, terminated } = c.state;
    const before = c.lastState?.terminated;
    if (waiting !== undefined && ['ContainerCreating', 'PodInitializing'].includes(waiting.reason)) continue;
    if (waiting !== undefined && waiting.reason !== '') return `${status.phase}: ${waiting.reason} (${waiting.reason.includes('Image') ? c.image : c.name}${before === undefined ? '' : `, exit code ${before.exitCode}`})`;
    if (terminated !== undefined && terminated.exitCode !== 0) return `${status.phase}: ${c.name} ended with ${terminated.exitCode}`;
  }
  if (status.phase !== 'Running') return `${status.phase}${status.phase === 'Pending' ? warning(pod, store) : ''}`;
  const restarts = all.reduce((n, c) => n + c.restartCount, 0);
  return `Running${isReady(pod) ? '' : ', not ready'}${restarts === 0 ? '' : `, ${restarts} restart${restarts === 1 ? '' : 's'}`}`;
}

/** Pods that an object owns, over any number of owners. */
function podsOf(store: Store, uid: string): readonly Pod[] {
  const owned = (o: AnyObject): boolean => o.metadata.ownerReferences?.some((r) => r.uid === uid) === true;
  return [...store.list('Pod').filter(owned), ...[...store.list('ReplicaSet'), ...store.list('Job')].filter(owned).flatMap((o) => podsOf(store, o.metadata.uid))];
}

/** `2/3 ready; Pending: …` */
function workload(store: Store, uid: string, ready: number, wanted: number): string {
  const reasons = new Set(podsOf(store, uid).map((p) => podBecame(p, store)).filter((text) => text !== 'Running'));
  return [`${ready}/${wanted} ready`, ...reasons].join('; ');
}

function service(store: Store, s: Service): string {
  const { type = 'ClusterIP', clusterIP = '', externalName } = s.spec;
  if (type === 'ExternalName') return `ExternalName ${externalName ?? ''}`;
  const slices = store.list('EndpointSlice', s.metadata.namespace).filter((e) => e.metadata.labels?.['kubernetes.io/service-name'] === s.metadata.name);
  const ready = slices.flatMap((e) => e.endpoints).filter((e) => e.conditions?.ready !== false).length;
  const nodePorts = s.spec.ports.flatMap((p) => (p.nodePort === undefined || p.nodePort === 0 ? [] : [p.nodePort]));
  const external = (s.status.loadBalancer.ingress ?? []).map((i) => i.ip ?? i.hostname ?? '').join(', ');
  return [
    `${type} ${clusterIP}`, ...(nodePorts.length === 0 ? [] : [`node port ${nodePorts.join(', ')}`]), ...(type === 'LoadBalancer' ? [external === '' ? 'external address pending' : `external ${external}`] : []),
    `${ready} endpoint${ready === 1 ? '' : 's'}`,
  ].join(', ');
}

type Teller = { readonly [K in keyof KindMap]?: (object: KindMap[K], store: Store) => string };

const TELL: Teller = {
  Pod: podBecame, Service: (s, store) => service(store, s),
  Deployment: (d, store) => workload(store, d.metadata.uid, d.status.readyReplicas ?? 0, d.spec.replicas ?? 1),
  ReplicaSet: (r, store) => workload(store, r.metadata.uid, r.status.readyReplicas ?? 0, r.spec.replicas ?? 1),
  StatefulSet: (s, store) => workload(store, s.metadata.uid, s.status.readyReplicas ?? 0, s.spec.replicas ?? 1),
  DaemonSet: (d, store) => workload(store, d.metadata.uid, d.status.numberReady, d.status.desiredNumberScheduled),
  Job: (j, store) => {
    const reasons = new Set(podsOf(store, j.metadata.uid).map((p) => podBecame(p, store)));
    return [`${j.status.succeeded ?? 0}/${j.spec.completions ?? 1} succeeded`, ...reasons].join('; ');
  },
};

export function became<K extends keyof KindMap>(kind: K, object: KindMap[K], store: Store): string {
  const tell = TELL[kind];
  if (tell !== undefined) return tell(object, store);
  return kindInfo(kindOf(object)).inert === true ? 'kept, without effect here' : 'stored';
}
