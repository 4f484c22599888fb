/** Models: k3s v1.24.3 manifests/{local-storage,metrics-server/*,traefik}.yaml, less RBAC, HelmChart objects and API registration; traefik chart 10.19.3 (traefik 2.6.2). */

/** Names as `k3s server --disable` takes them. */
export const COMPONENTS = ['local-storage', 'metrics-server', 'traefik', 'servicelb'] as const;
export type Component = (typeof COMPONENTS)[number];

const CRITICAL = `      tolerations:
      - { key: CriticalAddonsOnly, operator: Exists }
      - { key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule }
      - { key: node-role.kubernetes.io/master, operator: Exists, effect: NoSchedule }
`;

const LOCAL_STORAGE = `apiVersion: apps/v1
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
        image: rancher/local-path-provisioner:v0.0.21
        imagePullPolicy: IfNotPresent
        command: [local-path-provisioner, start, --config, /etc/config/config.json]
`;

const METRICS = `apiVersion: apps/v1
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
        image: rancher/mirrored-metrics-server:v0.5.2
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
const helmJob = (chart: string): string => `apiVersion: batch/v1
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
        image: rancher/klipper-helm:v0.7.3-build20220613
        imagePullPolicy: IfNotPresent
        args: [install]
        env:
        - { name: NAME, value: ${chart} }
`;

/** What the chart makes, as far as it is seen from outside. */
export const TRAEFIK_CHART = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: traefik
  namespace: kube-system
  labels: { app.kubernetes.io/name: traefik, app.kubernetes.io/instance: traefik }
spec:
  replicas: 1
  selector:
    matchLabels: { app.kubernetes.io/name: traefik, app.kubernetes.io/instance: traefik }
  template:
    metadata:
      labels: { app.kubernetes.io/name: traefik, app.kubernetes.io/instance: traefik }
    spec:
      containers:
      - name: traefik
        image: rancher/mirrored-library-traefik:2.6.2
        imagePullPolicy: IfNotPresent
        args: [--entrypoints.metrics.address=:9100/tcp, --entrypoints.traefik.address=:9000/tcp, --entrypoints.web.address=:8000/tcp, --entrypoints.websecure.address=:8443/tcp, --api.dashboard=true]
        ports:
        - { name: metrics, containerPort: 9100, protocol: TCP }
        - { name: traefik, containerPort: 9000, protocol: TCP }
        - { name: web, containerPort: 8000, protocol: TCP }
        - { name: websecure, containerPort: 8443, protocol: TCP }
        readinessProbe:
          httpGet: { path: /ping, port: 9000 }
          periodSeconds: 10
---
apiVersion: v1
kind: Service
metadata:
  name: traefik
  namespace: kube-system
  labels: { app.kubernetes.io/name: traefik, app.kubernetes.io/instance: traefik }
spec:
  type: LoadBalancer
  ipFamilyPolicy: PreferDualStack
  selector: { app.kubernetes.io/name: traefik, app.kubernetes.io/instance: traefik }
  ports:
  - { name: web, port: 80, protocol: TCP, targetPort: web }
  - { name: websecure, port: 443, protocol: TCP, targetPort: websecure }
`;

const DIR = '/var/lib/rancher/k3s/server/manifests';
const FILES: Readonly<Partial<Record<Component, readonly [path: string, text: string]>>> = {
  'local-storage': [`${DIR}/local-storage.yaml`, LOCAL_STORAGE],
  'metrics-server': [`${DIR}/metrics-server/metrics-server-deployment.yaml`, METRICS],
  traefik: [`${DIR}/traefik.yaml`, `${helmJob('traefik-crd')}---\n${helmJob('traefik')}`],
};

export const packagedManifests = (components: readonly Component[]): readonly { readonly path: string; readonly name: string; readonly text: string }[] =>
  components.flatMap((c) => {
    const file = FILES[c];
    return file === undefined ? [] : [{ path: file[0], name: file[0], text: file[1] }];
  });
