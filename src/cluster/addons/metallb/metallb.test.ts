/** MetalLB on real machines: from the published manifest to ARP on the wire. */
import { beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED } from '../../published.ts';
import { clusterWorld, type ClusterWorld } from '../../testing/cluster-world.ts';

const URL = 'https://raw.githubusercontent.com/metallb/metallb/v0.14.5/config/manifests/metallb-native.yaml';
const POOL = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: lab, namespace: metallb-system}
spec: {addresses: [10.65.94.64/26]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: lab, namespace: metallb-system}
`;
const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
`;

describe('from the manifest to the wire', () => {
  let w: ClusterWorld;
  beforeAll(() => {
    w = clusterWorld({ nodes: 3, manifests: [PUBLISHED.get(URL) ?? '', POOL, WEB] });
    w.wait(10);
  });

  it('runs', () => {
    console.log(w.run('vm1', 'kubectl get pods -A -o wide; kubectl get svc; kubectl get events; kubectl get ipaddresspool,l2advertisement -n metallb-system').stdout);
    const pods = w.run('vm1', "kubectl get pods -n metallb-system -o jsonpath='{.items[*].metadata.name}'").stdout.split(' ');
    for (const p of pods) console.log(p, w.run('vm1', `kubectl logs -n metallb-system ${p}`).stdout);
    expect(1).toBe(1);
  });
});
