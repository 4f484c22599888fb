/** What the API server refuses, and the defaults it writes: pkg/apis/{core,apps}/validation, apimachinery (v1.29). */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { canonicalQuantity } from './canonical-quantity.ts';
import { withDefaults } from './defaults.ts';
import { decode, decodeText } from './manifest.ts';
import { validate } from './validate.ts';
import type { Kind } from './kinds.ts';

const pod = (spec: string): string => `{metadata: {name: x}, spec: {${spec}}}`;
const one = (container: string): string => pod(`containers: [{name: c, image: i, ${container}}]`);
const deploy = (spec: string): string => `{metadata: {name: d}, spec: {${spec}}}`;
const TEMPLATE = 'template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}';

function causes<K extends Kind>(kind: K, yaml: string): readonly string[] {
  const { object, problems } = decode(kind, parse(yaml));
  if (problems.length > 0) return [decodeText(kind, problems)];
  return validate(kind, withDefaults(kind, object)).map((c) => `${c.path}: ${c.text}`);
}

const ENV = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const MISMATCH = 'spec.template.metadata.labels: Invalid value: map[string]string{"a":"b"}: `selector` does not match template `labels`';

describe('refusals', () => {
  it.each<readonly [Kind, string, readonly string[]]>([
    ['Pod', pod('containers: []'), ['spec.containers: Required value']],
    ['Pod', pod('containers: [{name: C_, image: i}]'), [`spec.containers[0].name: Invalid value: "C_": ${LABEL}`]],
    ['Pod', pod('containers: [{name: c, image: i}, {name: c, image: i}]'), ['spec.containers[1].name: Duplicate value: "c"']],
    ['Pod', pod('containers: [{name: c}]'), ['spec.containers[0].image: Required value']],
    ['Pod', one('env: [{name: 1A, value: x}]'), [`spec.containers[0].env[0].name: Invalid value: "1A": ${ENV}`]],
    ['Pod', one('env: [{name: A, valueFrom: {}}]'), ['spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`']],
    ['Pod', one('env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]'), ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']],
    ['Pod', one('env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.foo}}}]'), ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo']],
    ['Pod', one('env: [{name: A, value: 1}]'), ['Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string']],
    ['Pod', one('ports: [{containerPort: 80.5}]'), ['Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32']],
    ['Pod', one('ports: [{containerPort: 99999999999}]'), ['Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32']],
    ['Pod', one('ports: {containerPort: 80}'), ['Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal object into Go struct field Container.spec.containers.ports of type []v1.ContainerPort']],
    ['Pod', one('resources: {limits: {cpu: x}}'), ["Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"]],
    ['Pod', one('resources: {limits: {memory: 1MM}}'), ["Pod in version \"v1\" cannot be handled as a Pod: unable to parse quantity's suffix"]],
    ['Pod', one('resources: {limits: {foo: 1}}'), ['spec.containers[0].resources.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified', 'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified']],
    ['Pod', one('resources: {limits: {cpu: 100m}, requests: {cpu: 1}}'), ['spec.containers[0].resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 100m']],
    ['Pod', one('volumeMounts: [{name: v, mountPath: /a}]'), ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
    ['Pod', pod('volumes: [{name: v}], containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /a}]}]'), ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique']],
    ['Pod', pod('volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}, configMap: {name: x}}], containers: [{name: c, image: i}]'), ['spec.volumes[1].emptyDir: Forbidden: may not specify more than 1 volume type', 'spec.volumes[1].name: Duplicate value: "v"']],
    ['Pod', one('ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]'), ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"']],
    ['Pod', pod('hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 80, hostPort: 81}]}]'), ['spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true']],
    ['Deployment', deploy(TEMPLATE), ['spec.selector: Required value', MISMATCH]],
    ['Deployment', deploy(`replicas: -1, selector: {matchLabels: {x: y}}, ${TEMPLATE}`), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0', MISMATCH]],
    ['Deployment', deploy(`replicas: "3", selector: {matchLabels: {a: b}}, ${TEMPLATE}`), ['Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32']],
    ['Deployment', deploy('template: []'), ['Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec']],
    ['Namespace', '{metadata: {name: A}}', [`metadata.name: Invalid value: "A": ${LABEL}`]],
  ])('%s %s', (kind, yaml, expected) => expect(causes(kind, yaml)).toEqual(expected));
});

describe('defaults', () => {
  const of = (kind: Kind, yaml: string): unknown => withDefaults(kind, decode(kind, parse(yaml)).object);
  it.each<readonly [string, Kind, string, object]>([
    ['a field reference is of v1', 'Pod', one('env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]'), { spec: { containers: [{ env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }] }] } }],
    ['modes of volumes, the type of a path', 'Pod', pod('containers: [], volumes: [{name: a, configMap: {name: x}}, {name: b, hostPath: {path: /x}}, {name: c}]'), { spec: { volumes: [{ configMap: { defaultMode: 420 } }, { hostPath: { type: '' } }, { emptyDir: {} }] } }],
    ['a request that is not given is the limit, in a pod', 'Pod', one('resources: {limits: {cpu: 0.5}}'), { spec: { containers: [{ resources: { limits: { cpu: '500m' }, requests: { cpu: '500m' } } }] } }],
    ['host ports, in a pod', 'Pod', pod('hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]'), { spec: { containers: [{ ports: [{ hostPort: 80 }] }] } }],
    ['a Job takes the labels of its template', 'Job', deploy(TEMPLATE), { metadata: { labels: { a: 'b' } }, spec: { podReplacementPolicy: 'TerminatingOrFailed', backoffLimit: 6 } }],
    ['a StatefulSet keeps its claims', 'StatefulSet', deploy(TEMPLATE), { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } } }],
    ['a handler of the life cycle', 'Pod', one('lifecycle: {preStop: {httpGet: {port: 80}}}'), { spec: { containers: [{ lifecycle: { preStop: { httpGet: { path: '/', scheme: 'HTTP' } } } }] } }],
  ])('%s', (_name, kind, yaml, expected) => expect(of(kind, yaml)).toMatchObject(expected));

  it('a template has neither', () => {
    const made = of('Deployment', deploy('template: {spec: {hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}]}}'));
    expect(made).toMatchObject({ spec: { template: { spec: { containers: [{ ports: [{ containerPort: 80, protocol: 'TCP' }], resources: { limits: { cpu: '1' } } }] } } } });
    expect(JSON.stringify(made)).not.toMatch(/requests|hostPort/);
  });
});

describe('quantities as they are written back', () => {
  it.each([
    ['100m', '100m'], ['1000m', '1'], ['0.5', '500m'], ['1.5', '1500m'], ['1024Mi', '1Gi'], ['1.5Gi', '1536Mi'], ['64000000', '64M'], ['128974848', '128974848'], ['0', '0'], ['-5', '-5'], ['1e3', '1e3'], ['1000', '1k'], ['100k', '100k'], ['.5', '500m'],
  ])('%s is %s', (given, expected) => expect(canonicalQuantity(given)).toEqual({ ok: true, value: expected }));
});
