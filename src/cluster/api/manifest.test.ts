import { describe, expect, it } from 'vitest';
import { NO_PINS } from '../pins.ts';
import { prng } from '../../base/prng.ts';
import { Store } from '../store.ts';
import { ServiceAllocator } from '../controllers/service/allocator.ts';
import { kubectlText } from './errors.ts';
import { kindInfo } from './kinds.ts';
import { parseManifest } from './manifest.ts';
import { ApiServer } from './server.ts';

function server(): { readonly api: ApiServer; readonly store: Store } {
  const store = new Store();
  const random = prng(1);
  const api = new ApiServer({ store, random, pins: NO_PINS, wallMillis: () => 0, readyMillis: undefined, allocator: new ServiceAllocator('10.43.0.0/16', random, NO_PINS) });
  api.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', namespace: '', uid: '', resourceVersion: '', creationTimestamp: '' }, spec: {}, status: {} });
  return { api, store };
}

/** What kubectl apply -f f.yaml prints for a manifest, with the line and path of the first refusal. */
function applied(text: string): { readonly said: readonly string[]; readonly line: number | undefined; readonly path: string | undefined; readonly unchanged: boolean } {
  const { api, store } = server();
  const before = store.revision;
  const manifest = parseManifest(text, 'f.yaml', (kind) => kindInfo(kind).crd === undefined);
  const said: string[] = manifest.errors.map((e) => e.text);
  let [line, path] = [manifest.errors[0]?.line, manifest.errors[0]?.path];
  for (const doc of manifest.documents) {
    const done = api.apply(doc.kind, doc.raw, 'default');
    if (done.ok) said.push(`${doc.kind} ${done.value.action}`);
    else {
      said.push(kubectlText(done.error, 'error when creating "f.yaml"'));
      path = done.error.paths[0];
      line = path === undefined ? undefined : doc.lineOf(path);
    }
  }
  return { said, line, path, unchanged: store.revision === before };
}

const service = (body: string): string => `apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n${body}`;
const deployment = (body: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n${body}`;
const POD_SPEC = '  template:\n    metadata:\n      labels: {app: x}\n    spec:\n      containers:\n      - {name: c, image: nginx}\n';

describe('refusals', () => {
  it.each<[string, string, string, number | undefined, string | undefined]>([
    ['an unknown kind', 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: x', 'error: resource mapping not found for name: "x" namespace: "" from "f.yaml": no matches for kind "Foo" in version "v1"\nensure CRDs are installed first', 2, 'kind'],
    ['the wrong group', 'apiVersion: v1\nkind: Deployment\nmetadata:\n  name: x', 'error: resource mapping not found for name: "x" namespace: "" from "f.yaml": no matches for kind "Deployment" in version "v1"\nensure CRDs are installed first', 2, 'kind'],
    ['no kind', 'apiVersion: v1\nmetadata:\n  name: x', 'error: error validating "f.yaml": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false', 1, 'kind'],
    ['a word that is a truth', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: yes}', 'Error from server (BadRequest): error when creating "f.yaml": ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal bool into Go struct field ConfigMap.data.a of type string', 4, 'data.a'],
    ['a kind this lab lacks', 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: x', 'error: unable to recognize "f.yaml": kind "NetworkPolicy" in version "networking.k8s.io/v1" is not modelled in this lab', 2, 'kind'],
    ['broken YAML', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n   y: z', 'error: error parsing f.yaml: error converting YAML to JSON: yaml: line 4: mapping values are not allowed in this context', 4, undefined],
    ['an alias without its anchor', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: *x', "error: error parsing f.yaml: error converting YAML to JSON: yaml: unknown anchor 'x' referenced", 1, undefined],
    ['an unknown field', deployment(`  replica: 3\n  selector: {matchLabels: {app: x}}\n${POD_SPEC}`), 'Error from server (BadRequest): error when creating "f.yaml": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"', 6, 'spec.replica'],
    ['an unknown field in a list', service('  ports:\n  - port: 80\n    foo: 1\n'), 'Error from server (BadRequest): error when creating "f.yaml": Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.ports[0].foo"', 8, 'spec.ports[0].foo'],
    ['a wrong type', deployment(`  replicas: "3"\n  selector: {matchLabels: {app: x}}\n${POD_SPEC}`), 'Error from server (BadRequest): error when creating "f.yaml": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32', 6, 'spec.replicas'],
    ['port 0', service('  ports:\n  - port: 0\n'), 'The Service "x" is invalid: \n* spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n* spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive', 7, 'spec.ports[0].port'],
    ['no ports', service('  selector: {a: b}\n'), 'The Service "x" is invalid: spec.ports: Required value', 5, 'spec.ports'],
    ['a bad type', service('  type: Foo\n  ports: [{port: 80}]\n'), 'The Service "x" is invalid: spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"', 6, 'spec.type'],
    ['unnamed ports', service('  ports: [{port: 80}, {port: 81}]\n'), 'The Service "x" is invalid: \n* spec.ports[0].name: Required value\n* spec.ports[1].name: Required value', 6, 'spec.ports[0].name'],
    ['a node port out of range', service('  type: NodePort\n  ports: [{port: 80, nodePort: 80}]\n'), 'The Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767', 7, 'spec.ports[0].nodePort'],
    ['a cluster IP out of range', service('  clusterIP: 10.42.0.1\n  ports: [{port: 80}]\n'), 'The Service "x" is invalid: spec.clusterIPs: Invalid value: []string{"10.42.0.1"}: failed to allocate IP 10.42.0.1: the provided IP (10.42.0.1) is not in the valid range. The range of valid IPs is 10.43.0.0/16', 5, 'spec.clusterIPs'],
    ['a selector that does not match', deployment(`  selector: {matchLabels: {app: z}}\n${POD_SPEC}`), 'The Deployment "x" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{"app":"x"}: `selector` does not match template `labels`', 9, 'spec.template.metadata.labels'],
    ['no containers', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {}', 'The Pod "x" is invalid: spec.containers: Required value', 4, 'spec.containers'],
    ['a field that is not modelled', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  volumes: [{name: a, persistentVolumeClaim: {claimName: b}}]\n  containers: [{name: a, image: b}]', 'Error from server (BadRequest): error when creating "f.yaml": Pod in version "v1" cannot be handled as a Pod: spec.volumes[0].persistentVolumeClaim: a persistent volume claim is not modelled in this lab', 5, 'spec.volumes[0].persistentVolumeClaim'],
    ['a namespace that is not there', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: none\n', 'Error from server (NotFound): error when creating "f.yaml": namespaces "none" not found', 5, 'metadata.namespace'],
    ['an unknown namespace', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: none}\nspec: {containers: [{name: a, image: b}]}', 'Error from server (NotFound): error when creating "f.yaml": namespaces "none" not found', 3, 'metadata.namespace'],
  ])('%s', (_name, text, said, line, path) => {
    expect(applied(text)).toEqual({ said: [said], line, path, unchanged: true });
  });

  const podOf = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers: [{name: a, image: b}]\n${spec}`;
  const said = (why: string): string => `Error from server (BadRequest): error when creating "f.yaml": Pod in version "v1" cannot be handled as a Pod: ${why}`;
  const wrong = (why: string): string => `The Pod "x" is invalid: ${why}`;
  it.each<[string, string, string, number, string]>([
    ['an older version of a kind this lab lacks', 'apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}', 'error: unable to recognize "f.yaml": kind "HorizontalPodAutoscaler" in version "autoscaling/v1" is not modelled in this lab', 2, 'kind'],
    ['a version that upstream dropped', 'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: x}', 'error: resource mapping not found for name: "x" namespace: "" from "f.yaml": no matches for kind "Deployment" in version "extensions/v1beta1"\nensure CRDs are installed first', 2, 'kind'],
    ['a volume of a file server', podOf('  volumes:\n  - name: v\n    nfs: {server: a, path: /}'), said('spec.volumes[0].nfs: storage outside the cluster is not modelled in this lab'), 8, 'spec.volumes[0].nfs'],
    ['a projected token', podOf('  volumes:\n  - name: v\n    projected:\n      sources:\n      - serviceAccountToken: {path: t}'), said('spec.volumes[0].projected.sources[0].serviceAccountToken: a projected service account token is not modelled in this lab'), 10, 'spec.volumes[0].projected.sources[0].serviceAccountToken'],
    ['a runtime class', podOf('  runtimeClassName: gvisor'), said('spec.runtimeClassName: a runtime class is not modelled in this lab'), 6, 'spec.runtimeClassName'],
    ['an unknown field of a security context', podOf('  securityContext:\n    runAsNobody: true'), said('strict decoding error: unknown field "spec.securityContext.runAsNobody"'), 7, 'spec.securityContext.runAsNobody'],
    ['an unsafe sysctl', podOf('  securityContext:\n    sysctls:\n    - {name: net.core.somaxconn, value: "1"}'), wrong('spec.securityContext.sysctls[0].name: Forbidden: the unsafe sysctl "net.core.somaxconn" is not modelled in this lab'), 8, 'spec.securityContext.sysctls[0].name'],
    ['a sysctl of the node', podOf('  hostNetwork: true\n  securityContext:\n    sysctls:\n    - {name: net.ipv4.tcp_syncookies, value: "1"}'), wrong(`spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4.tcp_syncookies": may not be specified when 'hostNetwork' is true`), 9, 'spec.securityContext.sysctls[0].name'],
    ['a deadline of a pod', podOf('  activeDeadlineSeconds: 5'), wrong('spec.activeDeadlineSeconds: Forbidden: a deadline of a pod is not modelled in this lab'), 6, 'spec.activeDeadlineSeconds'],
    ['a priority class that is not there', podOf('  priorityClassName: high'), 'Error from server (Forbidden): error when creating "f.yaml": pods "x" is forbidden: no PriorityClass with name high was found', 6, 'spec.priorityClassName'],
  ])('%s', (_name, text, expected, line, path) => {
    expect(applied(text)).toEqual({ said: [expected], line, path, unchanged: true });
  });

  it('a priority class gives its value', () => {
    const { api, store } = server();
    for (const text of ['apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 7\npreemptionPolicy: Never\n', podOf('  priorityClassName: high')]) {
      for (const doc of parseManifest(text, 'f.yaml', () => true).documents) expect(api.apply(doc.kind, doc.raw, 'default').ok).toBe(true);
    }
    expect(store.get('Pod', 'default', 'x')?.spec).toMatchObject({ priority: 7, preemptionPolicy: 'Never', priorityClassName: 'high' });
  });

  it('a bad name shows the rule it breaks', () => {
    expect(applied(service('  ports: [{port: 80}]\n').replace('name: x', 'name: 1x')).said[0]).toMatch(/^The Service "1x" is invalid: metadata.name: Invalid value: "1x": a DNS-1035 label must consist/);
  });

  it('one bad document does not keep the others out', () => {
    expect(applied(`${service('  ports: [{port: 80}]\n')}---\n${service('  ports: [{port: 0}]\n').replace('name: x', 'name: z')}`).said).toEqual(['Service created', 'The Service "z" is invalid: \n* spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n* spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive']);
  });
});

describe('apply', () => {
  it('creates, knows when nothing changed, merges three ways, and keeps what the server set', () => {
    const { api, store } = server();
    const apply = (text: string): string => {
      const [doc] = parseManifest(text, 'f.yaml', (kind) => kindInfo(kind).crd === undefined).documents;
      const done = doc === undefined ? undefined : api.apply(doc.kind, doc.raw, 'default');
      return done?.ok === true ? done.value.action : 'refused';
    };
    const first = service('  selector: {app: a}\n  sessionAffinity: ClientIP\n  ports: [{port: 80}]\n');
    expect(apply(first)).toBe('created');
    const ip = store.get('Service', 'default', 'x')?.spec.clusterIP;
    expect(ip).toMatch(/^10\.43\./);
    expect(apply(first)).toBe('unchanged');
    expect(apply(service('  selector: {app: b}\n  ports: [{port: 81}]\n'))).toBe('configured');
    const now = store.get('Service', 'default', 'x');
    expect([now?.spec.clusterIP, now?.spec.selector, now?.spec.sessionAffinity, now?.spec.ports[0]?.port]).toEqual([ip, { app: 'b' }, 'None', 81]);
  });

  it('refuses to change what is immutable', () => {
    const { api } = server();
    const apply = (text: string): string => {
      const [doc] = parseManifest(text, 'f.yaml', (kind) => kindInfo(kind).crd === undefined).documents;
      const done = doc === undefined ? undefined : api.apply(doc.kind, doc.raw, 'default');
      return done?.ok === true ? done.value.action : done === undefined ? '' : kubectlText(done.error);
    };
    apply(service('  clusterIP: 10.43.0.50\n  ports: [{port: 80}]\n'));
    expect(apply(service('  clusterIP: 10.43.0.51\n  ports: [{port: 80}]\n'))).toBe('The Service "x" is invalid: spec.clusterIPs[0]: Invalid value: []string{"10.43.0.51"}: may not change once set');
  });
});
