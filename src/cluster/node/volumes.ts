/**
 * Volumes of a pod as files of its node.
 * Models: kubelet volume manager (v1.29): configMap, secret, downwardAPI, emptyDir, hostPath; what is missing keeps the pod waiting (FailedMount).
 * Not modelled: projected tokens (kept, nothing mounted), claims (refused), modes and sizes, the atomic swap of a config map's directory.
 */
import { fromBase64 } from '../../base/base64.ts';
import { fromUtf8 } from '../../engine/wire/bytes.ts';
import type { FileSystem } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';
import type { Volume } from '../api/pod.ts';
import type { Store } from '../store.ts';
import { fieldValue, type Place } from './fields.ts';
import { kubeletDir, putFile } from './files.ts';

type Files = ReadonlyMap<string, string>;
type Source = { readonly files: Files } | { readonly missing: string };

const KIND: readonly (readonly [keyof Volume, string])[] = [['configMap', 'configmap'], ['secret', 'secret'], ['downwardAPI', 'downward-api'], ['emptyDir', 'empty-dir']];

/** Folder of a volume on the node; undefined: a kind that mounts nothing here. */
export function volumeDir(uid: string, volume: Volume): string | undefined {
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  const kind = KIND.find(([key]) => volume[key] !== undefined)?.[1];
  return kind === undefined ? undefined : `${kubeletDir(uid)}/volumes/kubernetes.io~${kind}/${volume.name}`;
}

export const isReadOnly = (volume: Volume): boolean => volume.configMap !== undefined || volume.secret !== undefined || volume.downwardAPI !== undefined;

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

function source(store: Store, pod: Pod, volume: Volume, place: Place): Source {
  const { namespace } = pod.metadata;
  const { configMap, secret, downwardAPI } = volume;
  if (configMap !== undefined) {
    const data = store.get('ConfigMap', namespace, configMap.name)?.data;
    const there = store.get('ConfigMap', namespace, configMap.name) === undefined ? undefined : new Map(Object.entries(data ?? {}));
    return picked(there, `configmap "${configMap.name}"`, configMap.optional, configMap.items);
  }
  if (secret !== undefined) return picked(secretData(store, namespace, secret.secretName ?? ''), `secret "${secret.secretName ?? ''}"`, secret.optional, secret.items);
  return { files: new Map((downwardAPI?.items ?? []).map((i) => [i.path, fieldValue(pod, i.fieldRef?.fieldPath ?? '', place) ?? ''])) };
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

function ensureFolder(fs: FileSystem, dir: string): void {
  const parts = dir.split('/').slice(1);
  for (let i = 1; i <= parts.length; i++) {
    const folder = `/${parts.slice(0, i).join('/')}`;
    if (fs.kind(folder) === undefined) fs.mkdir(folder);
  }
}
