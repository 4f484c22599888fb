/**
 * ServiceLB: a DaemonSet for each LoadBalancer Service, whose pods take the Service's ports on their nodes.
 * Models: k3s v1.24 pkg/cloudprovider/servicelb.go (names, environment, addresses of ready pods' nodes as the Service's).
 * Not modelled: node selection by label, externalTrafficPolicy Local, IPv6.
 */
import { isReady } from '../../node/pod-status.ts';
import type { Service } from '../../api/kinds.ts';
import { LATENCY, Loop, samePlain, type ControlPlane } from '../../plane.ts';

const LABEL = 'svccontroller.k3s.cattle.io/svcname';
const IMAGE = 'rancher/klipper-lb:v0.3.5';

const nameOf = (s: Service): string => `svclb-${s.metadata.name.slice(0, 48)}-${s.metadata.uid.slice(0, 8)}`;

/** The DaemonSet as one would write it. */
function daemonSet(s: Service): Record<string, unknown> {
  const labels = { app: nameOf(s), [LABEL]: s.metadata.name };
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet',
    metadata: { name: nameOf(s), namespace: 'kube-system', labels: { 'objectset.rio.cattle.io/hash': s.metadata.uid.slice(0, 8), [LABEL]: s.metadata.name } },
    spec: {
      selector: { matchLabels: { app: nameOf(s) } },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [
            { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' }, { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }, { key: 'CriticalAddonsOnly', operator: 'Exists' },
          ],
          containers: s.spec.ports.map((p) => ({
            name: `lb-${p.protocol.toLowerCase()}-${p.port}`, image: IMAGE, imagePullPolicy: 'IfNotPresent',
            ports: [{ name: `lb-${p.protocol.toLowerCase()}-${p.port}`, containerPort: p.port, hostPort: p.port, protocol: p.protocol }],
            env: Object.entries({ SRC_PORT: String(p.port), SRC_RANGES: (s.spec.loadBalancerSourceRanges ?? ['0.0.0.0/0']).join(' '), DEST_PROTO: p.protocol, DEST_PORT: String(p.port), DEST_IPS: s.spec.clusterIP ?? '' }).map(([name, value]) => ({ name, value })),
          })),
        },
      },
    },
  };
}

export class ServiceLb {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['Service', 'Pod', 'Node'], LATENCY.controller, () => this.#run()).queue();
  }

  #run(): void {
    const { store, api } = this.#plane;
    const services = store.list('Service').filter((s) => s.spec.type === 'LoadBalancer');
    for (const s of services) {
      if (store.get('DaemonSet', 'kube-system', nameOf(s)) === undefined) api.apply('DaemonSet', daemonSet(s), 'kube-system', false);
      this.#status(s);
    }
    const wanted = new Set(services.map(nameOf));
    for (const d of store.list('DaemonSet', 'kube-system')) if (d.metadata.labels?.[LABEL] !== undefined && !wanted.has(d.metadata.name)) api.delete('DaemonSet', 'kube-system', d.metadata.name);
  }

  /** Addresses of the nodes whose pod of this Service is ready, sorted as texts. */
  #status(s: Service): void {
    const { store } = this.#plane;
    const ips = store.list('Pod', 'kube-system').filter((p) => p.metadata.labels?.['app'] === nameOf(s) && isReady(p))
      .flatMap((p) => store.get('Node', '', p.spec.nodeName ?? '')?.status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? []).sort();
    const loadBalancer = { ingress: ips.map((ip) => ({ ip })) };
    if (!samePlain(s.status.loadBalancer?.ingress ?? [], loadBalancer.ingress)) store.update('Service', { ...s, status: { ...s.status, loadBalancer } });
  }
}
