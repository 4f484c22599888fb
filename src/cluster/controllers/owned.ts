/** What controllers of pods share. Models: pkg/controller/controller_utils.go, pkg/controller/history (v1.29). */
import { canonicalJson, generatedName, templateHash } from '../api/names.ts';
import type { AnyObject, Pod } from '../api/kinds.ts';
import type { PodTemplate } from '../api/pod.ts';
import type { Labels } from '../api/meta.ts';
import { pinnedHash } from '../pins.ts';
import type { ControlPlane } from '../plane.ts';
import type { Store } from '../store.ts';

export const blankMeta = (name: string, namespace: string) => ({ name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' });
export const isOwnedBy = (object: AnyObject, uid: string): boolean => object.metadata.ownerReferences?.some((o) => o.controller === true && o.uid === uid) === true;
export const hasEnded = (pod: Pod): boolean => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
export const isActive = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined && !hasEnded(pod);
export const podsOf = (store: Store, owner: AnyObject): readonly Pod[] => store.list('Pod', owner.metadata.namespace).filter((p) => isOwnedBy(p, owner.metadata.uid));
export const nonZero = (n: number): number | undefined => (n === 0 ? undefined : n);

export const ownedBy = (owner: AnyObject) =>
  ({ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true });

/** A pod as its template and owner say. */
export function podFrom(owner: AnyObject, template: PodTemplate, name: string, change: { readonly labels?: Labels; readonly generateName?: string; readonly spec?: Partial<Pod['spec']> } = {}): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: {
      ...blankMeta(name, owner.metadata.namespace), ...(change.generateName === undefined ? {} : { generateName: change.generateName }),
      labels: { ...template.metadata.labels, ...change.labels },
      ...(template.metadata.annotations === undefined ? {} : { annotations: template.metadata.annotations }), ownerReferences: [ownedBy(owner)],
    },
    spec: { ...template.spec, ...change.spec }, status: { phase: 'Pending' },
  };
}

/** Names of pods: the scenario's pins while there are some with the right prefix (and node), then from the random alphabet. */
export class PodNames {
  readonly #plane: ControlPlane;
  readonly #used = new Set<string>();

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  take(namespace: string, owner: string, node?: string): string {
    const { pins, random, store } = this.#plane;
    const prefix = `${owner}-`;
    const pinned = pins.pods.find((p) => p.namespace === namespace && p.name.startsWith(prefix) && !p.name.slice(prefix.length).includes('-') && (node === undefined || p.node === undefined || p.node === node) && !this.#used.has(`${namespace}/${p.name}`));
    const name = pinned?.name ?? generatedName(prefix, random.fork(`pod/${namespace}/${owner}/${store.revision}`));
    this.#used.add(`${namespace}/${name}`);
    return name;
  }
}

/** The ControllerRevision of a set's present template, made when there is none; its number is the highest. */
export function currentRevision(plane: ControlPlane, owner: AnyObject, template: PodTemplate): { readonly name: string; readonly hash: string } {
  const { store, api, pins } = plane;
  const { namespace, name, uid } = owner.metadata;
  const mine = store.list('ControllerRevision', namespace).filter((r) => isOwnedBy(r, uid));
  const top = Math.max(0, ...mine.map((r) => r.revision));
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const known = mine.find((r) => canonicalJson(r.data) === canonicalJson(data));
  const hash = known?.metadata.labels?.[HASH] ?? pinnedHash(pins, `${namespace}/${name}`, mine.length) ?? templateHash(template);
  if (known === undefined) {
    api.create('ControllerRevision', {
      apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: top + 1, data,
      metadata: { ...blankMeta(`${name}-${hash}`, namespace), labels: { ...template.metadata.labels, [HASH]: hash }, ownerReferences: [ownedBy(owner)] },
    });
  } else if (known.revision !== top) store.update('ControllerRevision', { ...known, revision: top + 1 });
  return { name: `${name}-${hash}`, hash };
}

const HASH = 'controller.kubernetes.io/hash';
