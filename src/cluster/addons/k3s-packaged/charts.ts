/**
 * What k3s' charts make, as far as it is seen from outside.
 * Models: traefik chart 10.19.3 (traefik 2.6.2) and 25.0.3 (2.10.7): Deployment, Service, and of the newer one the definition of IngressRoute and the route of the
 * dashboard, which is on the entry point `traefik`. Not modelled: RBAC, IngressClass, the other definitions, the older group traefik.containo.us.
 */
interface Chart {
  readonly tag: string;
  readonly instance: string;
  /** It defines IngressRoute in the group that this lab knows. */
  readonly routes: boolean;
}

const CHARTS: Readonly<Record<string, Chart>> = {
  '10.19.300': { tag: '2.6.2', instance: 'traefik', routes: false },
  '25.0.3+up25.0.0': { tag: '2.10.7', instance: 'traefik-kube-system', routes: true },
};

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ingressroutes.traefik.io
spec:
  group: traefik.io
  names: { kind: IngressRoute, listKind: IngressRouteList, plural: ingressroutes, singular: ingressroute }
  scope: Namespaced
  versions:
  - name: v1alpha1
    schema:
      openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
    served: true
    storage: true
`;

const ENTRY_POINTS = [['metrics', 9100], ['traefik', 9000], ['web', 8000], ['websecure', 8443]] as const;

const proxy = ({ tag, instance }: Chart): string => {
  const labels = `{ app.kubernetes.io/name: traefik, app.kubernetes.io/instance: ${instance} }`;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: traefik
  namespace: kube-system
  labels: ${labels}
spec:
  replicas: 1
  selector:
    matchLabels: ${labels}
  template:
    metadata:
      labels: ${labels}
    spec:
      containers:
      - name: traefik
        image: rancher/mirrored-library-traefik:${tag}
        imagePullPolicy: IfNotPresent
        args: [${ENTRY_POINTS.map(([name, port]) => `--entrypoints.${name}.address=:${port}/tcp`).join(', ')}, --api.dashboard=true, --ping=true, --providers.kubernetescrd, --entrypoints.websecure.http.tls=true]
        ports:
${ENTRY_POINTS.map(([name, port]) => `        - { name: ${name}, containerPort: ${port}, protocol: TCP }`).join('\n')}
        readinessProbe:
          httpGet: { path: /ping, port: 9000 }
          periodSeconds: 10
---
apiVersion: v1
kind: Service
metadata:
  name: traefik
  namespace: kube-system
  labels: ${labels}
spec:
  type: LoadBalancer
  ipFamilyPolicy: PreferDualStack
  selector: ${labels}
  ports:
  - { name: web, port: 80, protocol: TCP, targetPort: web }
  - { name: websecure, port: 443, protocol: TCP, targetPort: websecure }
`;
};

const dashboard = ({ instance }: Chart): string => `---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata:
  name: traefik-dashboard
  namespace: kube-system
  labels: { app.kubernetes.io/name: traefik, app.kubernetes.io/instance: ${instance} }
  annotations: { meta.helm.sh/release-name: traefik, meta.helm.sh/release-namespace: kube-system }
spec:
  entryPoints: [traefik]
  routes:
  - match: PathPrefix(\`/dashboard\`) || PathPrefix(\`/api\`)
    kind: Rule
    services:
    - { name: api@internal, kind: TraefikService }
`;

/** Text of a chart's manifests, in the order in which helm installs. */
export function chartOf(name: string, version: string): string {
  const chart = CHARTS[version];
  if (chart === undefined) return '';
  if (name === 'traefik-crd') return chart.routes ? DEFINITION : '';
  return proxy(chart) + (chart.routes ? dashboard(chart) : '');
}
