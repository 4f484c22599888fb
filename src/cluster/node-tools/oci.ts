/** A container as its OCI specification, in the runtime's order. Models: containerd 1.7 CRI (pkg/cri/server/container_create_linux.go) with runc and the systemd cgroup driver; capabilities and seccomp are left out. */
import { kubeletDir, sandboxDir } from '../node/files.ts';
import { volumeDir } from '../node/volumes.ts';
import type { Local } from './locals.ts';

interface Mount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const bind = (destination: string, source: string, write: 'rw' | 'ro'): Mount => ({ destination, type: 'bind', source, options: ['rbind', 'rprivate', write] });

const SYSTEM: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] }, { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] }, { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'] },
];

/** What the kubelet asks for: volumes, hosts file, termination log; the sandbox's files after them. */
export function bindMounts({ pod, spec, sandbox, container }: Local): readonly Mount[] {
  const { uid } = pod.metadata;
  const volumes = (spec?.volumeMounts ?? []).flatMap((m): Mount[] => {
    const volume = pod.spec.volumes?.find((v) => v.name === m.name);
    const dir = volume === undefined ? undefined : volumeDir(uid, volume);
    return dir === undefined ? [] : [bind(m.mountPath, m.subPath === undefined ? dir : `${dir}/${m.subPath}`, m.readOnly === true ? 'ro' : 'rw')];
  });
  return [
    ...volumes, bind('/etc/hosts', `${kubeletDir(uid)}/etc-hosts`, 'rw'), bind('/dev/termination-log', `${kubeletDir(uid)}/containers/${container.name}/${container.id.slice(0, 8)}`, 'rw'),
    bind('/etc/hostname', `${sandboxDir(sandbox.id)}/hostname`, 'rw'), bind('/etc/resolv.conf', `${sandboxDir(sandbox.id)}/resolv.conf`, 'ro'),
    { destination: '/dev/shm', type: 'bind', source: `${sandboxDir(sandbox.id).replace('/var/lib/rancher/k3s/agent/containerd', '/run/k3s/containerd')}/shm`, options: ['rbind', 'rprivate', 'rw'] },
  ];
}

/** The slice of the pod's quality of service; systemd's names have no dashes inside. */
function cgroupsPath({ pod, container }: Local): string {
  const qos = (pod.status.qosClass ?? 'BestEffort').toLowerCase();
  return `kubepods${qos === 'guaranteed' ? '' : `-${qos}`}-pod${pod.metadata.uid.replaceAll('-', '_')}.slice:cri-containerd:${container.id}`;
}

export function runtimeSpec(l: Local): object {
  const { pod, container, sandbox } = l;
  const ns = (type: string, shared: boolean): object => (shared ? { type, path: `/proc/${sandbox.pause.pid}/ns/${type === 'network' ? 'net' : type}` } : { type });
  const host = pod.spec.hostNetwork === true;
  return {
    ociVersion: '1.1.0',
    process: { user: { uid: 0, gid: 0, additionalGids: [0] }, args: container.words, env: [...container.host.env].map(([k, v]) => `${k}=${v}`), cwd: container.cwd, oomScoreAdj: 1000 },
    root: { path: 'rootfs' },
    mounts: [...SYSTEM, ...bindMounts(l)],
    annotations: {
      'io.kubernetes.cri.container-name': container.name, 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.sandbox-id': sandbox.id, 'io.kubernetes.cri.sandbox-name': pod.metadata.name,
      'io.kubernetes.cri.sandbox-namespace': pod.metadata.namespace, 'io.kubernetes.cri.sandbox-uid': pod.metadata.uid,
    },
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }], memory: {}, cpu: { shares: 2, period: 100000 }, unified: { 'memory.oom.group': '1', 'memory.swap.max': '0' } },
      cgroupsPath: cgroupsPath(l),
      namespaces: [ns('pid', false), ns('ipc', true), ...(host ? [] : [ns('uts', true)]), ns('mount', false), ...(host ? [] : [ns('network', true)]), ns('cgroup', false)],
      maskedPaths: ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware'],
      readonlyPaths: ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
