/**
 * ServiceLB: a DaemonSet for each LoadBalancer Service, whose pods take the Service's ports on their nodes.
 * Models: k3s pkg/cloudprovider/servicelb.go of v1.24 and, from v1.25 on, of the cloud provider (source ranges, externalTrafficPolicy Local): names, labels,
 * environment, nodes chosen by label, addresses of ready pods' nodes as the Service's, which are the ExternalIPs where there are any.
 * Not modelled: IPv6, lbpool, priority class, the cloud provider's events of its own.
 */
import { sha1Hex } from '../../../base/hash.ts';
import { isReady } from '../../node/pod-status.ts';
import type { Service } from '../../api/kinds.ts';
import { recordEvent } from '../../events.ts';
import { LATENCY, Loop, samePlain, type ControlPlane } from '../../plane.ts';
import { minorOf } from '../../version.ts';
import { releaseOf } from './releases.ts';

const PREFIX = 'svccontroller.k3s.cattle.io';
const LABEL = `${PREFIX}/svcname`;
const ENABLE = `${PREFIX}/enablelb`;
/** First version whose ServiceLB is part of the cloud provider. */
const CLOUD_MINOR = 25;

const nameOf = (s: Service): string => `svclb-${s.metadata.name.slice(0, 48)}-${s.metadata.uid.slice(0, 8)}`;
const isLocal = (s: Service): boolean => s.spec.externalTrafficPolicy === 'Local';

type Port = Service['spec']['ports'][number];
type Env = readonly Record<string, unknown>[];

/** What klipper-lb is told of a port. */
function environment(s: Service, p: Port, cloud: boolean): Env {
  const value = (name: string, text: string): Record<string, unknown> => ({ name, value: text });
  const ips = s.spec.clusterIP ?? '';
  if (!cloud) return [value('SRC_PORT', String(p.port)), value('DEST_PROTO', p.protocol), value('DEST_PORT', String(p.port)), value('DEST_IPS', ips)];
  const local = isLocal(s) && p.nodePort !== undefined;
  return [
    value('SRC_PORT', String(p.port)), value('SRC_RANGES', [...(s.spec.loadBalancerSourceRanges ?? ['0.0.0.0/0'])].sort().join(',')), value('DEST_PROTO', p.protocol),
    value('DEST_PORT', String(local ? p.nodePort : p.port)), local ? { name: 'DEST_IPS', valueFrom: { fieldRef: { fieldPath: 'status.hostIPs' } } } : value('DEST_IPS', ips),
  ];
}

export class ServiceLb {
  readonly #plane: ControlPlane;
  readonly #image: string;
  readonly #cloud: boolean;
  /** DaemonSets as they were applied. */
  readonly #applied = new Map<string, string>();

  constructor(plane: ControlPlane, version: string) {
    this.#plane = plane;
    this.#image = `rancher/klipper-lb:${releaseOf(version).klipperLb}`;
    this.#cloud = minorOf(version) >= CLOUD_MINOR;
    new Loop(plane, ['Service', 'Pod', 'Node', 'EndpointSlice', 'DaemonSet'], LATENCY.controller, () => this.#run()).queue();
  }

  #run(): void {
    const { store, api } = this.#plane;
    const services = store.list('Service').filter((s) => s.spec.type === 'LoadBalancer' && (s.spec.loadBalancerClass ?? '') === '' && !['', 'None'].includes(s.spec.clusterIP ?? ''));
    for (const s of services) {
      this.#deploy(s);
      this.#status(s);
    }
    const wanted = new Set(services.map(nameOf));
    for (const d of store.list('DaemonSet', 'kube-system')) {
      if (d.metadata.labels?.[`${PREFIX}/nodeselector`] === undefined || wanted.has(d.metadata.name)) continue;
      api.delete('DaemonSet', 'kube-system', d.metadata.name);
      this.#applied.delete(d.metadata.name);
    }
  }

  #deploy(s: Service): void {
    const { store, api } = this.#plane;
    const name = nameOf(s);
    const wanted = this.#daemonSet(s);
    const text = JSON.stringify(wanted);
    if (this.#applied.get(name) === text && store.get('DaemonSet', 'kube-system', name) !== undefined) return;
    this.#applied.set(name, text);
    api.apply('DaemonSet', wanted, 'kube-system', false);
    this.#event(s, 'AppliedDaemonSet', `Applied LoadBalancer DaemonSet kube-system/${name}`);
  }

  /** As one would write it. */
  #daemonSet(s: Service): Record<string, unknown> {
    const { name, namespace, labels = {} } = s.metadata;
    const chosen = this.#plane.store.list('Node').some((n) => n.metadata.labels?.[ENABLE] !== undefined);
    const pool = labels[`${PREFIX}/lbpool`] ?? '';
    const about = { [LABEL]: name, [`${PREFIX}/svcnamespace`]: namespace };
    return {
      apiVersion: 'apps/v1', kind: 'DaemonSet',
      metadata: {
        name: nameOf(s), namespace: 'kube-system',
        labels: {
          // wrangler's objectSetHash: the set's id, then its owner.
          'objectset.rio.cattle.io/hash': sha1Hex(`${this.#cloud ? '' : 'svccontroller'}/v1, Kind=Service${name}${namespace}`),
          [`${PREFIX}/nodeselector`]: String(chosen), ...(this.#cloud ? about : {}),
        },
      },
      spec: {
        selector: { matchLabels: { app: nameOf(s) } },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels: { app: nameOf(s), ...about } },
          spec: {
            ...(chosen ? { nodeSelector: { [ENABLE]: 'true', ...(pool === '' ? {} : { [`${PREFIX}/lbpool`]: pool }) } } : {}),
            tolerations: [
              { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' }, { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }, { key: 'CriticalAddonsOnly', operator: 'Exists' },
            ],
            containers: s.spec.ports.map((p) => ({
              name: `lb-${p.protocol.toLowerCase()}-${p.port}`, image: this.#image, imagePullPolicy: 'IfNotPresent',
              ports: [{ name: `lb-${p.protocol.toLowerCase()}-${p.port}`, containerPort: p.port, hostPort: p.port, protocol: p.protocol }],
              env: environment(s, p, this.#cloud),
            })),
          },
        },
      },
    };
  }

  /** Addresses of the nodes whose pod of this Service is ready, sorted as texts; with externalTrafficPolicy Local only those that have a ready endpoint. */
  #status(s: Service): void {
    const { store } = this.#plane;
    const serving = new Set(store.list('EndpointSlice', s.metadata.namespace).filter((e) => e.metadata.labels?.['kubernetes.io/service-name'] === s.metadata.name)
      .flatMap((e) => e.endpoints.filter(({ conditions }) => conditions?.ready !== false).map((p) => p.nodeName)));
    const nodes = store.list('Pod', 'kube-system').filter((p) => p.metadata.labels?.['app'] === nameOf(s) && isReady(p)).map((p) => p.spec.nodeName)
      .filter((node) => !(this.#cloud && isLocal(s)) || serving.has(node));
    const of = (type: string): readonly string[] => nodes.flatMap((node) => store.get('Node', '', node ?? '')?.status.addresses?.filter((a) => a.type === type).map((a) => a.address) ?? []).sort();
    const external = of('ExternalIP');
    const ips = external.length > 0 ? external : of('InternalIP');
    const before = (s.status.loadBalancer?.ingress ?? []).map((i) => i.ip);
    if (samePlain(before, ips)) return;
    store.update('Service', { ...s, status: { ...s.status, loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } });
    if (this.#cloud) this.#event(s, 'UpdatedLoadBalancer', `Updated LoadBalancer with new IPs: [${before.join(' ')}] -> [${ips.join(' ')}]`);
    else this.#event(s, 'UpdatedIngressIP', `LoadBalancer Ingress IP addresses updated: ${ips.join(', ')}`);
  }

  #event(s: Service, reason: string, message: string): void {
    recordEvent(this.#plane, s, this.#cloud ? 'service-lb-controller' : 'svccontroller', 'Normal', reason, message);
  }
}
