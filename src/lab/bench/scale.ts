/** A live cluster of ten nodes that 200 pods and 500 Services are applied to. */
import { clusterWorld, type ClusterWorld } from '../../cluster/testing/cluster-world.ts';

const PODS_EACH = 2;

const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${PODS_EACH}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
`;
const service = (name: string, app: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: ${app}}, ports: [{port: 80}]}\n`;

export interface Scale {
  readonly world: ClusterWorld;
  /** Applies and settles; each takes its own wall time. */
  pods(count: number): void;
  services(count: number): void;
}

export function scale(nodes: number): Scale {
  const world = clusterWorld({ nodes });
  let apps = 0;
  const apply = (documents: readonly string[]): void => {
    const { errors } = world.cluster.apply(documents.join('---\n'), 'scale.yaml');
    if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
    world.cluster.runUntilReady();
  };
  return {
    world,
    pods(count) {
      apps = Math.ceil(count / PODS_EACH);
      apply(Array.from({ length: apps }, (_, i) => deployment(`app${i}`)));
    },
    services(count) {
      apply(Array.from({ length: count }, (_, i) => service(`svc${i}`, `app${i % apps}`)));
    },
  };
}
