/** The world of kubectl's tests: two nodes, a deployment `web` of two pods behind a NodePort service, a pod `client` of two containers. */
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';

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
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
`;
const CLIENT = `apiVersion: v1
kind: Pod
metadata: {name: client, labels: {role: client}}
spec: {nodeName: vm2, containers: [{name: c, image: nicolaka/netshoot, command: [sleep, infinity]}, {name: d, image: busybox, command: [sh, -c, "echo one; echo two; sleep infinity"]}]}
`;

export const WORLD: readonly string[] = [WEB, CLIENT];

export const kubectlWorld = (): ClusterWorld => clusterWorld({ manifests: WORLD });

/** A command line, its standard output and error, its exit code. */
export type Row = readonly [line: string, stdout: string, stderr: string, code: number];

/** Ages and random parts of names out of the way. */
export const masked = (text: string): string => text.replaceAll(/\b\d+(?:m\d+)?s\b/g, 'Ns').replaceAll(/web-[a-z0-9]{8,10}-[a-z0-9]{5}/g, 'web-POD').replaceAll(/ +/g, ' ');
