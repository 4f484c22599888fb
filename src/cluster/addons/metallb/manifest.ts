/**
 * The manifests that MetalLB publishes, written anew for this lab from what they must hold.
 * Models: config/manifests/metallb-{native,frr-k8s}.yaml (v0.14.5, v0.14.9): objects, names, order, probes, tolerations.
 * Not modelled: the definitions' schemas (the lab's own field tables decide), roles for what the lab does not have; of frr-k8s its FRRConfiguration kinds, its
 * webhook and init containers: its containers run and say that BGP is not modelled.
 */
import { METALLB_COLUMNS, type MetallbKind } from '../../api/metallb.ts';
import { METALLB_VERSIONS, versionOf } from './versions.ts';

const NAMESPACE = 'metallb-system';
/** image of frr-k8s' daemons by MetalLB version */
const FRR_K8S: Readonly<Record<string, string>> = { '0.14.5': 'v0.0.11', '0.14.9': 'v0.0.16' };

const join = (parts: readonly string[]): string => parts.map((p) => p.trim()).join('\n---\n');

function definition(kind: MetallbKind, plural: string, version: string): string {
  const columns = METALLB_COLUMNS[kind].map((c) => `
    - jsonPath: ${c.jsonPath}
      name: ${c.name}
      type: string${'wide' in c && c.wide ? '\n      priority: 10' : ''}`).join('');
  return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.metallb.io
spec:
  group: metallb.io
  names:
    kind: ${kind}
    listKind: ${kind}List
    plural: ${plural}
    singular: ${kind.toLowerCase()}
  scope: Namespaced
  versions:
  - name: ${version}${columns === '' ? '' : `\n    additionalPrinterColumns:${columns}`}
    schema:
      openAPIV3Schema:
        type: object
        x-kubernetes-preserve-unknown-fields: true
    served: true
    storage: true
    subresources:
      status: {}`;
}

const DEFINITIONS: readonly (readonly [MetallbKind, string, string])[] = [
  ['BFDProfile', 'bfdprofiles', 'v1beta1'], ['BGPAdvertisement', 'bgpadvertisements', 'v1beta1'], ['BGPPeer', 'bgppeers', 'v1beta2'],
  ['Community', 'communities', 'v1beta1'], ['IPAddressPool', 'ipaddresspools', 'v1beta1'], ['L2Advertisement', 'l2advertisements', 'v1beta1'],
];
const L2_STATUS = ['ServiceL2Status', 'servicel2statuses', 'v1beta1'] as const;

const account = (name: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata:
  labels:
    app: metallb
  name: ${name}
  namespace: ${NAMESPACE}`;

interface Rule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
const READ = ['get', 'list', 'watch'];
const rules = (all: readonly Rule[]): string => all.map((r) => `- apiGroups: ["${r.group}"]\n  resources: [${r.resources.join(', ')}]\n  verbs: [${r.verbs.join(', ')}]`).join('\n');

const role = (name: string, cluster: boolean, all: readonly Rule[]): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ${cluster ? 'ClusterRole' : 'Role'}
metadata:
  labels:
    app: metallb
  name: ${name}${cluster ? '' : `\n  namespace: ${NAMESPACE}`}
rules:
${rules(all)}`;

const binding = (name: string, cluster: boolean, subject: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ${cluster ? 'ClusterRoleBinding' : 'RoleBinding'}
metadata:
  labels:
    app: metallb
  name: ${name}${cluster ? '' : `\n  namespace: ${NAMESPACE}`}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ${cluster ? 'ClusterRole' : 'Role'}
  name: ${name}
subjects:
- kind: ServiceAccount
  name: ${subject}
  namespace: ${NAMESPACE}`;

const KINDS = DEFINITIONS.map(([, plural]) => plural);

const ROLES: readonly string[] = [
  role('controller', false, [{ group: '', resources: ['secrets'], verbs: ['create', 'get', 'list', 'watch', 'update'] }, { group: 'metallb.io', resources: KINDS, verbs: READ }, { group: 'apps', resources: ['deployments'], verbs: ['get'] }]),
  role('pod-lister', false, [{ group: '', resources: ['pods', 'secrets', 'configmaps'], verbs: READ }, { group: 'metallb.io', resources: KINDS, verbs: READ }]),
  role('metallb-system:controller', true, [
    { group: '', resources: ['services', 'namespaces', 'nodes'], verbs: READ }, { group: '', resources: ['services/status'], verbs: ['update'] }, { group: '', resources: ['events'], verbs: ['create', 'patch'] },
    { group: 'admissionregistration.k8s.io', resources: ['validatingwebhookconfigurations'], verbs: [...READ, 'update'] }, { group: 'apiextensions.k8s.io', resources: ['customresourcedefinitions'], verbs: READ },
  ]),
  role('metallb-system:speaker', true, [
    { group: '', resources: ['services', 'endpoints', 'nodes', 'namespaces'], verbs: READ }, { group: 'discovery.k8s.io', resources: ['endpointslices'], verbs: READ }, { group: '', resources: ['events'], verbs: ['create', 'patch'] },
    { group: 'metallb.io', resources: ['servicel2statuses', 'servicel2statuses/status'], verbs: ['"*"'] },
  ]),
  binding('controller', false, 'controller'), binding('pod-lister', false, 'speaker'), binding('metallb-system:controller', true, 'controller'), binding('metallb-system:speaker', true, 'speaker'),
];

const EXCLUDED = ['^docker.*', '^cbr.*', '^dummy.*', '^virbr.*', '^lxcbr.*', '^veth.*', '^lo$', '^cali.*', '^tunl.*', '^flannel.*', '^kube-ipvs.*', '^cni.*', '^nodelocaldns.*'];

const CONFIG = `
apiVersion: v1
data:
  excludel2.yaml: |
    announcedInterfacesToExclude: [${EXCLUDED.map((e) => `"${e}"`).join(', ')}]
kind: ConfigMap
metadata:
  name: metallb-excludel2
  namespace: ${NAMESPACE}`;

const SECRET = `
apiVersion: v1
kind: Secret
metadata:
  name: metallb-webhook-cert
  namespace: ${NAMESPACE}`;

const SERVICE = `
apiVersion: v1
kind: Service
metadata:
  name: metallb-webhook-service
  namespace: ${NAMESPACE}
spec:
  ports:
  - port: 443
    targetPort: 9443
  selector:
    component: controller`;

const probe = (name: string): string => `
        ${name}:
          failureThreshold: 3
          httpGet:
            path: /metrics
            port: monitoring
          initialDelaySeconds: 10
          periodSeconds: 10
          successThreshold: 1
          timeoutSeconds: 1`;

const workload = (kind: 'Deployment' | 'DaemonSet', name: string): string => `
apiVersion: apps/v1
kind: ${kind}
metadata:
  labels:
    app: metallb
    component: ${name}
  name: ${name}
  namespace: ${NAMESPACE}
spec:${kind === 'Deployment' ? '\n  revisionHistoryLimit: 3' : ''}
  selector:
    matchLabels:
      app: metallb
      component: ${name}
  template:
    metadata:
      annotations:
        prometheus.io/port: "7472"
        prometheus.io/scrape: "true"
      labels:
        app: metallb
        component: ${name}
    spec:`;

const bgpType = (frr: boolean): string => (frr ? '\n        - name: METALLB_BGP_TYPE\n          value: frr-k8s' : '');

const controller = (version: string, frr: boolean): string => `${workload('Deployment', 'controller')}
      containers:
      - args:
        - --port=7472
        - --log-level=info
        env:${bgpType(frr)}
        - name: METALLB_ML_SECRET_NAME
          value: memberlist
        - name: METALLB_DEPLOYMENT
          value: controller
        image: quay.io/metallb/controller:v${version}${probe('livenessProbe')}
        name: controller
        ports:
        - containerPort: 7472
          name: monitoring
        - containerPort: 9443
          name: webhook-server
          protocol: TCP${probe('readinessProbe')}
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - all
          readOnlyRootFilesystem: true
        volumeMounts:
        - mountPath: /tmp/k8s-webhook-server/serving-certs
          name: cert
          readOnly: true
      nodeSelector:
        kubernetes.io/os: linux
      securityContext:
        fsGroup: 65534
        runAsNonRoot: true
        runAsUser: 65534
      serviceAccountName: controller
      terminationGracePeriodSeconds: 0
      volumes:
      - name: cert
        secret:
          defaultMode: 420
          secretName: metallb-webhook-cert`;

const TOLERATIONS = `
      tolerations:
      - effect: NoSchedule
        key: node-role.kubernetes.io/master
        operator: Exists
      - effect: NoSchedule
        key: node-role.kubernetes.io/control-plane
        operator: Exists`;

const speaker = (version: string, frr: boolean): string => `${workload('DaemonSet', 'speaker')}
      containers:
      - args:
        - --port=7472
        - --log-level=info
        env:${bgpType(frr)}
        - name: METALLB_NODE_NAME
          valueFrom:
            fieldRef:
              fieldPath: spec.nodeName
        - name: METALLB_HOST
          valueFrom:
            fieldRef:
              fieldPath: status.hostIP
        - name: METALLB_ML_BIND_ADDR
          valueFrom:
            fieldRef:
              fieldPath: status.podIP
        - name: METALLB_ML_LABELS
          value: app=metallb,component=speaker
        - name: METALLB_ML_SECRET_KEY_PATH
          value: /etc/ml_secret_key
        image: quay.io/metallb/speaker:v${version}${probe('livenessProbe')}
        name: speaker
        ports:
        - containerPort: 7472
          name: monitoring
        - containerPort: 7946
          name: memberlist-tcp
        - containerPort: 7946
          name: memberlist-udp
          protocol: UDP${probe('readinessProbe')}
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            add:
            - NET_RAW
            drop:
            - ALL
          readOnlyRootFilesystem: true
        volumeMounts:
        - mountPath: /etc/ml_secret_key
          name: memberlist
          readOnly: true
        - mountPath: /etc/metallb
          name: metallb-excludel2
          readOnly: true
      hostNetwork: true
      nodeSelector:
        kubernetes.io/os: linux
      serviceAccountName: speaker
      terminationGracePeriodSeconds: 2${TOLERATIONS}
      volumes:
      - name: memberlist
        secret:
          defaultMode: 420
          secretName: memberlist
      - configMap:
          defaultMode: 256
          name: metallb-excludel2
        name: metallb-excludel2`;

const webhook = (plural: string, name: string, version: string, operations: readonly string[]): string => `
- admissionReviewVersions:
  - v1
  clientConfig:
    service:
      name: metallb-webhook-service
      namespace: ${NAMESPACE}
      path: /validate-metallb-io-${version}-${name}
  failurePolicy: Fail
  name: ${name === 'bgppeer' ? 'bgppeers' : name}validationwebhook.metallb.io
  rules:
  - apiGroups:
    - metallb.io
    apiVersions:
    - ${version}
    operations: [${operations.join(', ')}]
    resources:
    - ${plural}
  sideEffects: None`;

const WEBHOOKS = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: metallb-webhook-configuration
webhooks:${DEFINITIONS.map(([kind, plural, version]) => webhook(plural, kind.toLowerCase(), version, kind === 'BFDProfile' ? ['CREATE', 'DELETE'] : ['CREATE', 'UPDATE'])).join('')}`;

/** frr-k8s: a webhook server, and a daemon of six containers on each node. */
function frrK8s(version: string): readonly string[] {
  const image = `quay.io/metallb/frr-k8s:${FRR_K8S[version] ?? 'v0.0.16'}`;
  const container = (name: string, from: string, command: readonly string[]): string => `
      - name: ${name}
        image: ${from}
        command: [${command.join(', ')}]`;
  const frr = 'quay.io/frrouting/frr:9.0.2';
  return [`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frr-k8s-webhook-server
  namespace: ${NAMESPACE}
  labels:
    control-plane: webhook-server
spec:
  selector:
    matchLabels:
      control-plane: webhook-server
  template:
    metadata:
      labels:
        app: frr-k8s-webhook-server
        control-plane: webhook-server
    spec:
      containers:${container('frr-k8s-webhook-server', image, ['/frr-k8s'])}
        args: [--log-level=info, --webhook-mode=onlywebhook, "--metrics-bind-address=:7572"]
      serviceAccountName: frr-k8s-daemon
      terminationGracePeriodSeconds: 10${TOLERATIONS}`, `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: frr-k8s-daemon
  namespace: ${NAMESPACE}
  labels:
    app: frr-k8s
spec:
  selector:
    matchLabels:
      app: frr-k8s
  template:
    metadata:
      labels:
        app: frr-k8s
    spec:
      containers:${container('controller', image, ['/frr-k8s'])}${container('frr', frr, ['/frr-k8s'])}${container('reloader', frr, ['/frr-k8s'])}${container('frr-metrics', frr, ['/frr-k8s'])}${container('frr-status', frr, ['/frr-k8s'])}${container('kube-rbac-proxy', image, ['/frr-k8s'])}
      hostNetwork: true
      nodeSelector:
        kubernetes.io/os: linux
      serviceAccountName: frr-k8s-daemon
      terminationGracePeriodSeconds: 0${TOLERATIONS}`];
}

const space = `
apiVersion: v1
kind: Namespace
metadata:
  labels:
    pod-security.kubernetes.io/audit: privileged
    pod-security.kubernetes.io/enforce: privileged
    pod-security.kubernetes.io/warn: privileged
  name: ${NAMESPACE}`;

export const metallbManifest = (version: string, frr: boolean): string => `${join([
  space, ...[...DEFINITIONS, ...(versionOf(`v${version}`).l2Status ? [L2_STATUS] : [])].map(([kind, plural, v]) => definition(kind, plural, v)), account('controller'), ...(frr ? [account('frr-k8s-daemon')] : []), account('speaker'), ...ROLES, CONFIG, SECRET, SERVICE,
  controller(version, frr), ...(frr ? frrK8s(version) : []), speaker(version, frr), WEBHOOKS,
])}\n`;

/** URL of each published manifest to its text. */
export const metallbUrls = (): readonly (readonly [string, string])[] => METALLB_VERSIONS.flatMap(({ version }) => [false, true].map((frr) =>
  [`https://raw.githubusercontent.com/metallb/metallb/v${version}/config/manifests/metallb-${frr ? 'frr-k8s' : 'native'}.yaml`, metallbManifest(version, frr)] as const));
