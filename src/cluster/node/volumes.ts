/**
 * Volumes of a pod as files of its node.
 * Models: kubelet volume manager (v1.29): configMap, secret, downwardAPI, projected, emptyDir, hostPath; what is missing keeps the pod waiting (FailedMount).
 * Not modelled: projected tokens and claims (refused), modes and sizes, the atomic swap of a config map's directory.
 */
import { fromBase64 } from '../../base/base64.ts';
import { fromUtf8 } from '../../engine/wire/bytes.ts';
import type { FileSystem } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';
import type { Volume } from '../api/pod.ts';
import type { Store } from '../store.ts';
import { fieldValue, resourceValue, type Place } from './fields.ts';
import { kubeletDir, putFile } from './files.ts';

type Files = ReadonlyMap<string, string>;
type Source = { readonly files: Files } | { readonly missing: string };

const KIND: readonly (readonly [keyof Volume, string])[] = [['configMap', 'configmap'], ['secret', 'secret'], ['downwardAPI', 'downward-api'], ['projected', 'projected'], ['emptyDir', 'empty-dir']];

/** Folder of a volume on the node; undefined: a kind that mounts nothing here. */
export function volumeDir(uid: string, volume: Volume): string | undefined {
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  const kind = KIND.find(([key]) => volume[key] !== undefined)?.[1];
  return kind === undefined ? undefined : `${kubeletDir(uid)}/volumes/kubernetes.io~${kind}/${volume.name}`;
}

export const isReadOnly = (volume: Volume): boolean => volume.configMap !== undefined || volume.secret !== undefined || volume.downwardAPI !== undefined || volume.projected !== undefined;

/** Decoded values of a Secret. */
export function secretData(store: Store, namespace: string, name: string): Files | undefined {
  const secret = store.get('Secret', namespace, name);
  return secret === undefined ? undefined : new Map(Object.entries(secret.data ?? {}).map(([key, value]) => [key, fromUtf8(fromBase64(value) ?? new Uint8Array())]));
}

function picked(data: Files | undefined, what: string, optional: boolean | undefined, items: readonly { readonly key: string; readonly path: string }[] | undefined): Source {
  if (data === undefined) return optional === true ? { files: new Map() } : { missing: `${what} not found` };
  if (items === undefined) return { files: data };
  const files = new Map<string, string>();
  for (const { key, path } of items) {
    const value = data.get(key);
    if (value !== undefined) files.set(path, value);
    else if (optional !== true) return { missing: `${what.replace(/ ".*"/, '')} references non-existent config key: ${key}` };
  }
  return { files };
}

/** Keys of a config map with their contents, binary ones too. */
function configFiles(store: Store, namespace: string, name: string): Files | undefined {
  const map = store.get('ConfigMap', namespace, name);
  if (map === undefined) return undefined;
  return new Map([...Object.entries(map.data ?? {}), ...Object.entries(map.binaryData ?? {}).map(([key, value]) => [key, fromUtf8(fromBase64(value) ?? new Uint8Array())] as const)]);
}

type Sources = Pick<Volume, 'configMap' | 'secret' | 'downwardAPI' | 'projected'>;

function source(store: Store, pod: Pod, volume: Sources, place: Place): Source {
  const { namespace } = pod.metadata;
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap !== undefined) return picked(configFiles(store, namespace, configMap.name), `configmap "${configMap.name}"`, configMap.optional, configMap.items);
  if (secret !== undefined) return picked(secretData(store, namespace, secret.secretName ?? ''), `secret "${secret.secretName ?? ''}"`, secret.optional, secret.items);
  if (projected !== undefined) {
    const parts = (projected.sources ?? []).map((p) => source(store, pod, {
      ...(p.configMap === undefined ? {} : { configMap: { ...p.configMap, name: p.configMap.name ?? '' } }), ...(p.secret === undefined ? {} : { secret: { ...p.secret, secretName: p.secret.name } }),
      ...(p.downwardAPI === undefined ? {} : { downwardAPI: p.downwardAPI }),
    }, place));
    return parts.find((p) => 'missing' in p) ?? { files: new Map(parts.flatMap((p) => ('files' in p ? [...p.files] : []))) };
  }
  const allocatable = store.get('Node', '', place.node)?.status.allocatable;
  return { files: new Map((downwardAPI?.items ?? []).map((i) => [i.path, i.resourceFieldRef === undefined ? (fieldValue(pod, i.fieldRef?.fieldPath ?? '', place) ?? '') : resourceValue(pod, undefined, i.resourceFieldRef, allocatable)])) };
}

/** Writes every volume; the first that is missing something, as the event says it. */
export function writeVolumes(store: Store, fs: FileSystem, pod: Pod, place: Place): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const dir = volumeDir(pod.metadata.uid, volume);
    if (dir === undefined) continue;
    if (volume.hostPath !== undefined) {
      const kind = fs.kind(dir);
      const type = volume.hostPath.type ?? '';
      if (kind === undefined && ['Directory', 'File', 'Socket'].includes(type)) return `MountVolume.SetUp failed for volume "${volume.name}" : hostPath type check failed: ${dir} is not a ${type.toLowerCase()}`;
      if (kind === undefined) ensureFolder(fs, dir);
      continue;
    }
    const found = source(store, pod, volume, place);
    if ('missing' in found) return `MountVolume.SetUp failed for volume "${volume.name}" : ${found.missing}`;
    ensureFolder(fs, dir);
    for (const [path, text] of found.files) putFile(fs, `${dir}/${path}`, text);
  }
  return undefined;
}

export function ensureFolder(fs: FileSystem, dir: string): void {
  const parts = dir.split('/').slice(1);
  for (let i = 1; i <= parts.length; i++) {
    const folder = `/${parts.slice(0, i).join('/')}`;
    if (fs.kind(folder) === undefined) fs.mkdir(folder);
  }
}
