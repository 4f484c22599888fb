/** Models: k3s v1.24.3 and v1.29.5 manifests/{local-storage,metrics-server/*,traefik}.yaml, less RBAC, HelmChart objects and API registration. The charts: charts.ts. */
import { releaseOf, type Release } from './releases.ts';

/** Names as `k3s server --disable` takes them. */
export const COMPONENTS = ['local-storage', 'metrics-server', 'traefik', 'servicelb'] as const;
export type Component = (typeof COMPONENTS)[number];

const CRITICAL = `      tolerations:
      - { key: CriticalAddonsOnly, operator: Exists }
      - { key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule }
      - { key: node-role.kubernetes.io/master, operator: Exists, effect: NoSchedule }
`;

const localStorage = (r: Release): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: local-path-provisioner
  namespace: kube-system
spec:
  replicas: 1
  selector:
    matchLabels: { app: local-path-provisioner }
  template:
    metadata:
      labels: { app: local-path-provisioner }
    spec:
${CRITICAL}      containers:
      - name: local-path-provisioner
        image: rancher/local-path-provisioner:${r.localPath}
        imagePullPolicy: IfNotPresent
        command: [local-path-provisioner, start, --config, /etc/config/config.json]
`;

const metrics = (r: Release): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: metrics-server
  namespace: kube-system
  labels: { k8s-app: metrics-server }
spec:
  selector:
    matchLabels: { k8s-app: metrics-server }
  template:
    metadata:
      labels: { k8s-app: metrics-server }
    spec:
${CRITICAL}      containers:
      - name: metrics-server
        image: rancher/mirrored-metrics-server:${r.metricsServer}
        imagePullPolicy: IfNotPresent
        ports:
        - { name: https, containerPort: 4443, protocol: TCP }
---
apiVersion: v1
kind: Service
metadata:
  name: metrics-server
  namespace: kube-system
  labels: { kubernetes.io/name: Metrics-server }
spec:
  selector: { k8s-app: metrics-server }
  ports:
  - { name: https, port: 443, protocol: TCP, targetPort: https }
`;

/** What the helm controller makes of a HelmChart. */
const helmJob = (r: Release, chart: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: helm-install-${chart}
  namespace: kube-system
  labels: { helmcharts.helm.cattle.io/chart: ${chart} }
spec:
  backoffLimit: 1000
  template:
    metadata:
      labels: { helmcharts.helm.cattle.io/chart: ${chart} }
    spec:
      restartPolicy: OnFailure
${CRITICAL}      containers:
      - name: helm
        image: rancher/klipper-helm:${r.klipperHelm}
        imagePullPolicy: IfNotPresent
        args: [install]
        env:
        - { name: NAME, value: ${chart} }
        - { name: CHART, value: "${r.chart}" }
`;

const DIR = '/var/lib/rancher/k3s/server/manifests';
const FILES: Readonly<Partial<Record<Component, readonly [path: string, text: (r: Release) => string]>>> = {
  'local-storage': [`${DIR}/local-storage.yaml`, localStorage],
  'metrics-server': [`${DIR}/metrics-server/metrics-server-deployment.yaml`, metrics],
  traefik: [`${DIR}/traefik.yaml`, (r) => `${helmJob(r, 'traefik-crd')}---\n${helmJob(r, 'traefik')}`],
};

export const packagedManifests = (components: readonly Component[], version: string): readonly { readonly path: string; readonly name: string; readonly text: string }[] =>
  components.flatMap((c) => {
    const file = FILES[c];
    return file === undefined ? [] : [{ path: file[0], name: file[0], text: file[1](releaseOf(version)) }];
  });
