/**
 * The control plane as kubeadm starts it: manifests on the server that the kubelet runs, with mirror pods in the API.
 * Models: cmd/kubeadm/app/phases/{controlplane,etcd} (v1.29): names, labels, images. Not modelled: their flags, probes and volumes; running them from the files.
 */
import { putFile } from '../node/files.ts';
import { parseManifest } from '../api/manifest.ts';
import type { ControlPlane } from '../plane.ts';
import type { Member } from './distribution.ts';

const ETCD = '3.5.10-0';

const manifest = (component: string, image: string): string => `apiVersion: v1
kind: Pod
metadata:
  labels:
    component: ${component}
    tier: control-plane
  name: ${component}
  namespace: kube-system
spec:
  containers:
  - command:
    - ${component}
    image: ${image}
    imagePullPolicy: IfNotPresent
    name: ${component}
  hostNetwork: true
  priorityClassName: system-node-critical
`;

export function makeStaticPods(plane: ControlPlane, member: Member, version: string): void {
  const images: Readonly<Record<string, string>> = {
    etcd: `registry.k8s.io/etcd:${ETCD}`, 'kube-apiserver': `registry.k8s.io/kube-apiserver:${version}`,
    'kube-controller-manager': `registry.k8s.io/kube-controller-manager:${version}`, 'kube-scheduler': `registry.k8s.io/kube-scheduler:${version}`,
  };
  const node = plane.store.get('Node', '', member.name);
  for (const [component, image] of Object.entries(images)) {
    const text = manifest(component, image);
    putFile(member.host.fs, `/etc/kubernetes/manifests/${component}.yaml`, text);
    const [doc] = parseManifest(text, component, () => true).documents;
    const pod = doc === undefined ? undefined : plane.api.decode('Pod', doc.raw);
    if (pod?.ok !== true) throw new Error(`static pod ${component}`);
    plane.api.create('Pod', {
      ...pod.value,
      metadata: {
        ...pod.value.metadata, name: `${component}-${member.name}`,
        annotations: { 'kubernetes.io/config.source': 'file' },
        ...(node === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: member.name, uid: node.metadata.uid, controller: true }] }),
      },
      spec: { ...pod.value.spec, nodeName: member.name, tolerations: [{ effect: 'NoExecute', operator: 'Exists' }] },
    });
  }
}
