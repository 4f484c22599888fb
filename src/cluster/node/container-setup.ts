/** Environment and bind mounts of a container. Models: kubelet makeEnvironmentVariables, makeMounts, pkg/kubelet/envvars (v1.29). */
import type { FileSystem } from '../../userland/host.ts';
import type { Pod, Service } from '../api/kinds.ts';
import type { Container } from '../api/pod.ts';
import type { Store } from '../store.ts';
import { configVolumeDir, kubeletDir, sandboxDir } from './files.ts';

export interface Mount {
  readonly path: string;
  readonly read: () => string;
  readonly write: ((text: string) => void) | undefined;
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

export function environmentOf(store: Store, pod: Pod, container: Container, where: { readonly node: string; readonly hostIp: string; readonly podIp: string }): ReadonlyMap<string, string> {
  const env = new Map<string, string>([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ['HOME', '/root']]);
  const { namespace, name, uid } = pod.metadata;
  for (const s of store.list('Service')) {
    const linked = s.metadata.namespace === namespace && pod.spec.enableServiceLinks !== false;
    if (linked || (s.metadata.name === 'kubernetes' && s.metadata.namespace === 'default')) serviceVariables(s, env);
  }
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': name, 'metadata.namespace': namespace, 'metadata.uid': uid, 'spec.nodeName': where.node, 'status.podIP': where.podIp, 'status.hostIP': where.hostIp,
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
  };
  for (const e of container.env ?? []) {
    const key = e.valueFrom?.configMapKeyRef;
    const field = e.valueFrom?.fieldRef?.fieldPath;
    const value = e.value ?? (field === undefined ? undefined : fields[field]) ?? (key === undefined ? undefined : store.get('ConfigMap', namespace, key.name)?.data?.[key.key]) ?? '';
    env.set(e.name, value.replaceAll(/\$\((\w+)\)/g, (whole, variable: string) => env.get(variable) ?? whole));
  }
  return env;
}

export function mountsOf(fs: FileSystem, pod: Pod, container: Container, sandboxId: string): readonly Mount[] {
  const bind = (path: string, source: string, writable: boolean): Mount => ({
    path,
    read: () => {
      const content = fs.read(source);
      return content.ok ? content.value : '';
    },
    write: writable ? (text) => void fs.write(source, text) : undefined,
  });
  const mounts = [bind('/etc/hosts', `${kubeletDir(pod.metadata.uid)}/etc-hosts`, true), bind('/etc/resolv.conf', `${sandboxDir(sandboxId)}/resolv.conf`, false)];
  for (const m of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((v) => v.name === m.name);
    if (volume?.configMap === undefined) continue;
    const dir = configVolumeDir(pod.metadata.uid, volume.name);
    const names = fs.list(dir);
    for (const name of names.ok ? names.value : []) {
      if (m.subPath !== undefined && m.subPath !== name) continue;
      mounts.push(bind(m.subPath === undefined ? `${m.mountPath.replace(/\/$/, '')}/${name}` : m.mountPath, `${dir}/${name}`, false));
    }
  }
  return mounts;
}
