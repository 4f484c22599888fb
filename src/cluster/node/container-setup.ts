/** Environment and bind mounts of a container. Models: kubelet makeEnvironmentVariables, makeMounts, pkg/kubelet/envvars (v1.29). */
import { err, ok, type Result } from '../../base/result.ts';
import type { FileSystem } from '../../userland/host.ts';
import type { Pod, Service } from '../api/kinds.ts';
import type { Container, EnvVar } from '../api/pod.ts';
import type { Store } from '../store.ts';
import { fieldValue, resourceValue, type Place } from './fields.ts';
import { kubeletDir, sandboxDir } from './files.ts';
import { ensureFolder, isReadOnly, secretData, volumeDir } from './volumes.ts';

/** A file or folder of the node, seen in the container. */
export interface Mount {
  readonly path: string;
  readonly source: string;
  readonly readOnly: boolean;
}

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** NGINX_SERVICE_SERVICE_HOST and the docker-link style names. */
function serviceVariables(service: Service, env: Map<string, string>): void {
  const ip = service.spec.clusterIP ?? '';
  const [first] = service.spec.ports;
  if (ip === '' || ip === 'None' || first === undefined) return;
  const prefix = upper(service.metadata.name);
  env.set(`${prefix}_SERVICE_HOST`, ip);
  env.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const p of service.spec.ports) {
    if (p.name !== undefined) env.set(`${prefix}_SERVICE_PORT_${upper(p.name)}`, String(p.port));
    const url = `${p.protocol.toLowerCase()}://${ip}:${p.port}`;
    const base = `${prefix}_PORT_${p.port}_${p.protocol}`;
    if (p === first) env.set(`${prefix}_PORT`, url);
    env.set(base, url);
    env.set(`${base}_PROTO`, p.protocol.toLowerCase());
    env.set(`${base}_PORT`, String(p.port));
    env.set(`${base}_ADDR`, ip);
  }
}

type Found = Result<string | undefined, string>;

const inMap = (data: ReadonlyMap<string, string> | undefined, what: string, place: string, key: string, optional: boolean | undefined): Found => {
  const value = data?.get(key);
  if (value !== undefined || optional === true) return ok(value);
  return err(data === undefined ? `${what.toLowerCase()} "${place.split('/')[1] ?? ''}" not found` : `couldn't find key ${key} in ${what} ${place}`);
};

const configData = (store: Store, namespace: string, name: string): ReadonlyMap<string, string> | undefined => {
  const map = store.get('ConfigMap', namespace, name);
  return map === undefined ? undefined : new Map(Object.entries(map.data ?? {}));
};

function valueOf(store: Store, pod: Pod, container: Container, e: EnvVar, where: Place): Found {
  const { namespace } = pod.metadata;
  const { configMapKeyRef: map, secretKeyRef: secret, fieldRef, resourceFieldRef } = e.valueFrom ?? {};
  if (map !== undefined) return inMap(configData(store, namespace, map.name), 'ConfigMap', `${namespace}/${map.name}`, map.key, map.optional);
  if (secret !== undefined) return inMap(secretData(store, namespace, secret.name), 'Secret', `${namespace}/${secret.name}`, secret.key, secret.optional);
  if (resourceFieldRef !== undefined) return ok(resourceValue(pod, container, resourceFieldRef, store.get('Node', '', where.node)?.status.allocatable));
  return ok(fieldRef === undefined ? (e.value ?? '') : (fieldValue(pod, fieldRef.fieldPath, where) ?? ''));
}

/** k8s.io/kubernetes third_party/forked/golang/expansion: $(NAME) of what is known by now, `$$` a dollar that expands nothing. */
export const expand = (text: string, env: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => (name === undefined ? '$' : (env.get(name) ?? whole)));

/** The error is what keeps the container from being made (CreateContainerConfigError). */
export function environmentOf(store: Store, pod: Pod, container: Container, where: Place): Result<ReadonlyMap<string, string>, string> {
  const env = new Map<string, string>([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ['HOME', '/root']]);
  const { namespace } = pod.metadata;
  for (const s of store.list('Service')) {
    const linked = s.metadata.namespace === namespace && pod.spec.enableServiceLinks !== false;
    if (linked || (s.metadata.name === 'kubernetes' && s.metadata.namespace === 'default')) serviceVariables(s, env);
  }
  for (const from of container.envFrom ?? []) {
    const ref = from.configMapRef ?? from.secretRef;
    const data = from.configMapRef === undefined ? secretData(store, namespace, ref?.name ?? '') : configData(store, namespace, ref?.name ?? '');
    if (data === undefined && ref?.optional !== true) return err(`${from.configMapRef === undefined ? 'secret' : 'configmap'} "${ref?.name ?? ''}" not found`);
    for (const [key, value] of data ?? []) env.set(`${from.prefix ?? ''}${key}`, value);
  }
  for (const e of container.env ?? []) {
    const value = valueOf(store, pod, container, e, where);
    if (!value.ok) return value;
    if (value.value !== undefined) env.set(e.name, expand(value.value, env));
  }
  return ok(env);
}

/** pkg/kubelet/kuberuntime/security_context.go verifyRunAsNonRoot; undefined: nothing speaks against it. */
export function rootRefused(pod: Pod, container: Container, imageUser: string): string | undefined {
  const own = container.securityContext;
  const all = pod.spec.securityContext;
  if ((own?.runAsNonRoot ?? all?.runAsNonRoot) !== true) return undefined;
  const uid = own?.runAsUser ?? all?.runAsUser;
  const who = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  if (uid !== undefined) return uid === 0 ? `container's runAsUser breaks non-root policy ${who}` : undefined;
  if (['root', '0'].includes(imageUser)) return `container has runAsNonRoot and image will run as root ${who}`;
  return /^\d+$/.test(imageUser) ? undefined : `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${who}`;
}

export function mountsOf(fs: FileSystem, pod: Pod, container: Container, sandboxId: string, env: ReadonlyMap<string, string>): readonly Mount[] {
  const mounts: Mount[] = [
    { path: '/etc/hosts', source: `${kubeletDir(pod.metadata.uid)}/etc-hosts`, readOnly: false }, { path: '/etc/resolv.conf', source: `${sandboxDir(sandboxId)}/resolv.conf`, readOnly: true },
  ];
  for (const m of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((v) => v.name === m.name);
    const dir = volume === undefined ? undefined : volumeDir(pod.metadata.uid, volume);
    if (volume === undefined || dir === undefined) continue;
    const inside = m.subPathExpr === undefined || m.subPathExpr === '' ? m.subPath : expand(m.subPathExpr, env);
    const source = inside === undefined || inside === '' ? dir : `${dir}/${inside}`;
    if (fs.kind(source) === undefined && source !== dir) ensureFolder(fs, source);
    mounts.push({ path: m.mountPath.replace(/(.)\/$/, '$1'), source, readOnly: m.readOnly === true || isReadOnly(volume) });
  }
  return mounts;
}
