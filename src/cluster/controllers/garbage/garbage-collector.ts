/** Owners deleted in the foreground go when nothing is theirs any more. Models: pkg/controller/garbagecollector (v1.29), that half; the other is in the API server's delete. */
import { FOREGROUND } from '../../api/server.ts';
import { KINDS } from '../../api/kinds.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';

export class GarbageCollector {
  constructor(plane: ControlPlane) {
    const { store } = plane;
    const owned = (uid: string): boolean => KINDS.some(({ kind }) => store.list(kind).some((o) => o.metadata.ownerReferences?.some((r) => r.uid === uid) === true));
    const waiting = new Set<string>();
    const loop = new Loop(plane, [], LATENCY.controller, () => {
      for (const uid of [...waiting]) {
        const owner = store.byUid(uid);
        if (owner !== undefined && owned(uid)) continue;
        waiting.delete(uid);
        const kind = KINDS.find((k) => k.kind === owner?.kind)?.kind;
        if (owner !== undefined && kind !== undefined) store.delete(kind, owner.metadata.namespace, owner.metadata.name);
      }
    });
    store.watch((change) => {
      const { uid, finalizers } = change.object.metadata;
      if (change.type === 'MODIFIED' && finalizers?.includes(FOREGROUND) === true) waiting.add(uid);
      if (waiting.size > 0) loop.queue();
    });
  }
}
