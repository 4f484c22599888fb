/**
 * Nodes as k3s registers them: object, pod CIDR in order of joining, and the NodeHosts entry of the coredns config map.
 * Models: kubelet registration, node IPAM (range allocator), k3s pkg/node/controller.go. Silence and taints: node-lifecycle.ts.
 */
import { must } from '../../../base/assert.ts';
import { formatIpv4, formatPrefix, ipv4, parseCidr, parseIpv4 } from '../../../engine/wire/addresses.ts';
import type { Node } from '../../api/kinds.ts';
import type { Host } from '../../../userland/host.ts';
import { prettyName } from '../../../userland/system.ts';
import { hex, uuid } from '../../api/names.ts';
import type { Registration } from '../../distributions/distribution.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { blankMeta } from '../owned.ts';

export interface NodeSpec {
  readonly name: string;
  /** `control-plane`, `master`; none for an agent. */
  readonly roles: readonly string[];
  readonly internalIp: string;
  readonly podCidr?: string | undefined;
  readonly host: Host;
  /** `key=value:Effect`, as --node-taint gives them. */
  readonly taints?: readonly string[] | undefined;
}

/** `CriticalAddonsOnly=true:NoExecute` */
const parseTaint = (text: string): { readonly key: string; readonly value?: string; readonly effect: string } => {
  const [, key = '', value, effect = ''] = must(/^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text) ?? undefined, `taint ${text}`);
  return value === undefined ? { key, effect } : { key, value, effect };
};

/** The n-th /24 of the cluster CIDR. */
export function podCidrOf(clusterCidr: string, index: number): string {
  const cluster = must(parseCidr(clusterCidr), 'cluster CIDR');
  return formatPrefix({ address: ipv4(cluster.address + index * 256), length: 24 });
}

export function registerNode(plane: ControlPlane, spec: NodeSpec, version: string, podCidr: string, as: Registration): void {
  const random = plane.random.fork(`node/${spec.name}`);
  const now = plane.api.now('Node', '', spec.name);
  const condition = (type: string, status: string, reason: string, message: string) => ({ type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: now });
  const { system, fs } = spec.host;
  const { arch } = system;
  const osRelease = fs.read('/etc/os-release');
  const labels = {
    'beta.kubernetes.io/arch': arch, 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/arch': arch, 'kubernetes.io/hostname': spec.name, 'kubernetes.io/os': 'linux', ...as.labels,
  };
  const taints = [...as.taints, ...(spec.taints ?? [])].map(parseTaint);
  const capacity = { cpu: String(system.cpus), 'ephemeral-storage': '9974088Ki', memory: '4018128Ki', pods: '110' };
  const node: Node = {
    apiVersion: 'v1', kind: 'Node',
    metadata: { ...blankMeta(spec.name, ''), labels, annotations: as.annotations },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr], providerID: as.providerId, ...(taints.length === 0 ? {} : { taints }) },
    status: {
      addresses: [{ type: 'InternalIP', address: spec.internalIp }, { type: 'Hostname', address: spec.name }], capacity, allocatable: capacity,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', as.readyMessage),
      ],
      nodeInfo: {
        kernelVersion: system.release, osImage: osRelease.ok ? prettyName(osRelease.value) : 'Unknown', containerRuntimeVersion: as.containerRuntimeVersion, kubeletVersion: version, kubeProxyVersion: version,
        operatingSystem: 'linux', architecture: arch, machineID: hex(random, 32), systemUUID: uuid(random), bootID: uuid(random),
      },
    },
  };
  plane.api.create('Node', node);
}

/** Keeps NodeHosts: one line per node, in order of address. */
export class NodeController {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['Node'], LATENCY.controller, () => this.#hosts()).queue();
    plane.store.watch((change) => {
      if (change.kind === 'ConfigMap' && change.object.metadata.name === 'coredns' && change.type === 'ADDED') this.#hosts();
    });
  }

  #hosts(): void {
    const map = this.#plane.store.get('ConfigMap', 'kube-system', 'coredns');
    if (map === undefined) return;
    const lines = this.#plane.store.list('Node').flatMap((n) => {
      const ip = parseIpv4(n.status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '');
      return ip === undefined ? [] : [{ ip, name: n.metadata.name }];
    }).sort((a, b) => a.ip - b.ip);
    this.#plane.store.update('ConfigMap', { ...map, data: { ...map.data, NodeHosts: lines.map((l) => `${formatIpv4(l.ip)} ${l.name}\n`).join('') } });
  }
}
