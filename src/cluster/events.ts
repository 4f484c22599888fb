/** Events about objects. Models: client-go/tools/record (one Event per object, reason and message, with a count); kept for one hour, like the API server's --event-ttl. */
import type { AnyObject, ApiEvent, Kind } from './api/kinds.ts';
import { hex } from './api/names.ts';
import { kindOf } from './store.ts';
import type { ControlPlane } from './plane.ts';
import { refOf } from './plane.ts';

const EVENT_TTL_MS = 3_600_000;

export function recordEvent(plane: ControlPlane, about: AnyObject, component: string, type: 'Normal' | 'Warning', reason: string, message: string, host?: string, fieldPath?: string): void {
  const { store, api } = plane;
  const kind: Kind = kindOf(about);
  const { name, namespace, uid } = about.metadata;
  const now = api.now(kind, namespace, name);
  const space = namespace === '' ? 'default' : namespace;
  plane.log(component, `${reason}: ${message}`, refOf(about));
  const old = store.table('Event').about(uid).find((e) => e.metadata.namespace === space && e.reason === reason && e.message === message && e.source.component === component);
  if (old !== undefined) {
    store.update('Event', { ...old, count: old.count + 1, lastTimestamp: now });
    return;
  }
  const event: ApiEvent = {
    apiVersion: 'v1', kind: 'Event',
    metadata: { name: `${name}.${hex(plane.random.fork(`event/${store.revision}`), 16)}`, namespace: space, uid: '', resourceVersion: '', creationTimestamp: now },
    involvedObject: { kind, name, namespace: space, apiVersion: about.apiVersion, uid, ...(fieldPath === undefined ? {} : { fieldPath }) },
    reason, message, type, count: 1, firstTimestamp: now, lastTimestamp: now, source: { component, ...(host === undefined ? {} : { host }) },
    reportingComponent: component, reportingInstance: host ?? '',
  };
  store.create('Event', event);
}

/** Events that the API server would still have. */
export const liveEvents = (plane: ControlPlane, namespace?: string): readonly ApiEvent[] =>
  plane.store.list('Event', namespace).filter((e) => plane.wallMillis() - Date.parse(e.lastTimestamp) < EVENT_TTL_MS);
