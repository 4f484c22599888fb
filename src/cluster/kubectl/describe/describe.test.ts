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
    ['pod client', 'Containers:\n  c:\n    Container ID:  containerd://'], ['pod client', 'Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s\n                             node.kubernetes.io/unreachable:NoExecute op=Exists for 300s\n'],
    ['cm kube-root-ca.crt', 'Data\n====\nca.crt:\n----\n-----BEGIN CERTIFICATE-----\n'], ['ns default', 'Status:       Active\n\nNo resource quota.\n\nNo LimitRange resource.\n'],
    ['ep web', 'Subsets:\n  Addresses:          10.42.0.3,10.42.1.2\n  NotReadyAddresses:  <none>\n'], ['sa default', 'Image pull secrets:  <none>\nMountable secrets:   <none>\nTokens:              <none>\n'],
    ['pod cli', 'Name:             client\n'],
  ])('%s has its lines', (what, text) => expect(w.run('vm1', `kubectl describe ${what}`).stdout).toContain(text));

  it('hides values of secrets', () => {
    expect(w.run('vm1', 'kubectl create secret generic s --from-literal=key=value > /dev/null; kubectl describe secret s').stdout).toBe('Name:         s\nNamespace:    default\nLabels:       <none>\nAnnotations:  <none>\n\nType:  Opaque\n\nData\n====\nkey:  5 bytes\n');
  });
});
