/** Admission of MetalLB's configuration. Models: metallb internal/k8s/webhooks/webhookv1beta1 (v0.14.5). */
import type { AnyObject } from '../../api/kinds.ts';
import { decode } from '../../api/manifest.ts';
import type { Operation, Validator } from '../../api/webhooks.ts';
import type { Store } from '../../store.ts';
import { poolsFor } from './pools.ts';
import { resourcesOf } from './watch.ts';

export const WEBHOOK_PORT = 9443;

/** The list as it will be. */
const withObject = <T extends { readonly metadata: { readonly name: string } }>(all: readonly T[], object: T): readonly T[] =>
  (all.some((o) => o.metadata.name === object.metadata.name) ? all.map((o) => (o.metadata.name === object.metadata.name ? object : o)) : [...all, object]);

export const validatorOf = (store: Store, namespace: string): Validator => (_path: string, operation: Operation, object: AnyObject) => {
  if (operation === 'CREATE' && object.metadata.namespace !== namespace) return `resource must be created in ${namespace} namespace`;
  const now = resourcesOf(store, namespace);
  // Each kind is checked with the objects that it depends on, not with everything.
  const next = object.kind === 'IPAddressPool' ? { ...now, pools: withObject(now.pools, decode('IPAddressPool', { ...object }).object), l2: [] }
    : object.kind === 'L2Advertisement' ? { ...now, l2: withObject(now.l2, decode('L2Advertisement', { ...object }).object) } : now;
  const parsed = poolsFor(next);
  return parsed.ok ? undefined : parsed.error;
};
