/** The ServiceAccount admission plugin. Models: plugin/pkg/admission/serviceaccount/admission.go (v1.29). Not modelled: the token's volume, mountable secrets. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Store } from '../store.ts';
import { forbidden, type ApiError } from './errors.ts';
import type { AnyObject, Kind, KindMap, Pod } from './kinds.ts';

const isPod = (object: AnyObject): object is Pod => object.kind === 'Pod';

/** `generated`: the name was made from generateName, which the refusal then names. */
export function withServiceAccount<K extends Kind>(store: Store, kind: K, object: KindMap[K], generated: boolean): Result<KindMap[K], ApiError> {
  if (!isPod(object)) return ok(object);
  const { namespace, name, generateName } = object.metadata;
  const account = object.spec.serviceAccountName ?? 'default';
  const found = store.get('ServiceAccount', namespace, account);
  // The plugin waits for the one that every namespace is given.
  if (found === undefined && account === 'default') return ok(object);
  if (found === undefined) {
    const shown = generated || object.metadata.ownerReferences !== undefined ? (generateName ?? name) : name;
    return err({ ...forbidden(kind, shown, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`), paths: ['spec.serviceAccountName'] });
  }
  const secrets = found.imagePullSecrets ?? [];
  if (secrets.length === 0 || object.spec.imagePullSecrets !== undefined) return ok(object);
  return ok({ ...object, spec: { ...object.spec, imagePullSecrets: secrets } });
}
