import { beforeAll, describe, expect, it } from 'vitest';
import type { ClusterWorld } from '../../testing/cluster-world.ts';
import { kubectlWorld } from '../testing.ts';
import { smartLabel } from './generic.ts';

describe('labels of the generic describer', () => {
  it.each([['avoidBuggyIPs', 'Avoid Buggy I Ps'], ['apiVersion', 'API Version'], ['uid', 'UID'], ['autoAssign', 'Auto Assign'], ['f:spec', 'f:spec'], ['fieldsV1', 'fieldsV1'], ['creationTimestamp', 'Creation Timestamp'], ['ipAddressPools', 'Ip Address Pools']])('%s', (field, label) => expect(smartLabel(field)).toBe(label));
});

describe('kubectl describe', () => {
  let w: ClusterWorld;
  beforeAll(() => {
    w = kubectlWorld();
  });

  it.each<[string, string]>([
    ['svc web', 'NodePort:                 <unset>  30080/TCP\n'], ['svc web', 'Selector:                 app=web\nType:                     NodePort\n'],
    ['deploy web', 'Pod Template:\n  Labels:  app=web\n  Containers:\n   nginx:\n    Image:        nginx:1.27\n'],
    ['deploy web', 'OldReplicaSets:  <none>\nNewReplicaSet:   web-'],
    ['node vm2', 'Taints:             <none>\nUnschedulable:      false\nLease:\n  HolderIdentity:  vm2\n'],
    ['node vm1', 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n  Resource           Requests   Limits\n'],
    ['pod client', 'Containers:\n  c:\n    Container ID:  containerd://'], ['pod client', 'Tolerations:                  node.kubernetes.io/not-ready:NoExecute op=Exists for 300s\n                              node.kubernetes.io/unreachable:NoExecute op=Exists for 300s\n'],
    ['cm kube-root-ca.crt', 'Data\n====\nca.crt:\n----\n-----BEGIN CERTIFICATE-----\n'], ['ns default', 'Status:       Active\n\nNo resource quota.\n\nNo LimitRange resource.\n'],
    ['ep web', 'Subsets:\n  Addresses:          10.42.0.3,10.42.1.2\n  NotReadyAddresses:  <none>\n'], ['sa default', 'Image pull secrets:  <none>\nMountable secrets:   <none>\nTokens:              <none>\n'],
    ['pod cli', 'Name:             client\n'],
  ])('%s has its lines', (what, text) => expect(w.run('vm1', `kubectl describe ${what}`).stdout).toContain(text));

  /** Recorded from kubectl 1.29.14, describing the same objects over HTTP. */
  it.each<[string, string, string]>([
    ['a role: a row per group, resource and name, sorted by verbs', 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: x}\nrules: [{apiGroups: ["", apps], resources: [pods, deployments], verbs: [get, list]}, {apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: ["*"]}]',
      'PolicyRule:\n  Resources         Non-Resource URLs  Resource Names  Verbs\n  ---------         -----------------  --------------  -----\n  secrets           []                 [x]             [*]\n  deployments       []                 []              [get list]\n  pods              []                 []              [get list]\n  deployments.apps  []                 []              [get list]\n  pods.apps         []                 []              [get list]\n'],
    ['a config map: no blank line between keys before kubectl 1.31', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {one: v1, two: v2}\nbinaryData: {bin: YWJjZA==}', 'one:\n----\nv1\ntwo:\n----\nv2\n\nBinaryData\n====\nbin: 4 bytes\n\nEvents:  <none>\n'],
    ['a service by name: families are named even where there are none', 'apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {type: ExternalName, externalName: a.b.c}', 'Type:              ExternalName\nIP Families:       <none>\nIP:                \nIPs:               <none>\nExternal Name:     a.b.c\nSession Affinity:  None\nEvents:            <none>\n'],
    ['a priority class', 'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: x}\nvalue: 1000\ndescription: desc', 'Value:             1000\nGlobalDefault:     false\nPreemptionPolicy:  PreemptLowerPriority\nDescription:       desc\nAnnotations:       kubectl.kubernetes.io/last-applied-configuration='],
    ['a storage class', 'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: x}\nprovisioner: p/q', 'Provisioner:           p/q\nParameters:            <none>\nAllowVolumeExpansion:  <unset>\nMountOptions:          <none>\nReclaimPolicy:         Delete\nVolumeBindingMode:     Immediate\nEvents:                <none>\n'],
    ['an ingress class', 'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: x}\nspec: {controller: x.y/z}', 'Name:         x\nLabels:       <none>\nAnnotations:  <none>\nController:   x.y/z\nEvents:       <none>\n'],
    ['a disruption budget', 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: x}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}', 'Min available:  1\nSelector:       app=web\nStatus:\n    Allowed disruptions:  0\n    Current:              0\n    Desired:              0\n    Total:                0\nEvents:                   <none>\n'],
    ['tolerations by key, else as given', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: busybox}], tolerations: [{operator: Exists}, {key: k, value: v, effect: NoSchedule}, {key: b, operator: Exists}]}', 'Tolerations:      op=Exists\n                  b op=Exists\n                  k=v:NoSchedule\n'],
    ['a long annotation is cut at 138', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {long: "${'0'.repeat(150)}"}}`, `Annotations:  long:\n                ${'0'.repeat(138)}...\n`],
  ])('%s', (_what, manifest, text) => {
    const kind = /^kind: (\w+)/m.exec(manifest)?.[1] ?? '';
    expect(w.run('vm1', `cat > x.yaml <<'EOF'\n${manifest}\nEOF\nkubectl apply -f x.yaml > /dev/null; kubectl describe ${kind} x; kubectl delete -f x.yaml --wait=false > /dev/null`).stdout).toContain(text);
  });

  it('hides values of secrets', () => {
    expect(w.run('vm1', 'kubectl create secret generic s --from-literal=key=value > /dev/null; kubectl describe secret s').stdout).toBe('Name:         s\nNamespace:    default\nLabels:       <none>\nAnnotations:  <none>\n\nType:  Opaque\n\nData\n====\nkey:  5 bytes\n');
  });
});
