/** A live cluster of ten nodes that 200 pods and 500 Services are applied to. */
import { clusterWorld, type ClusterWorld } from '../../cluster/testing/cluster-world.ts';
import { plus, seconds } from '../../engine/sim/time.ts';

const PODS_EACH = 2;
/** Simulated seconds until pods run and every node has the rules. */
const PODS_TAKE = 30;
const SERVICES_TAKE = 5;

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

/** A live cluster of three nodes: a Service, and the Deployment behind it that is scaled. */
export function replicas(): { readonly world: ClusterWorld; readonly scale: (count: number) => void } {
  const world = clusterWorld({ nodes: 3, manifests: [deployment('web').replace(/replicas: \d+/, 'replicas: 1'), service('web', 'web')] });
  return {
    world,
    scale(count) {
      world.run('vm1', `kubectl scale deployment web --replicas=${count}`);
      world.wait(PODS_TAKE);
      const ready = world.cluster.store.get('Deployment', 'default', 'web')?.status.readyReplicas ?? 0;
      if (ready !== count) throw new Error(`only ${ready} of ${count} replicas are ready`);
    },
  };
}

export interface Scale {
  readonly world: ClusterWorld;
  /** Applies, then runs the world: `step` runs one event after the other, so that a caller can time them. */
  pods(count: number, step?: (event: () => void) => void): void;
  services(count: number, step?: (event: () => void) => void): void;
  /** What is there at the end: ready endpoints of the Services made, and rules for them in nat of the last node. */
  check(): { readonly endpoints: number; readonly rules: number };
}

export function scale(nodes: number): Scale {
  const world = clusterWorld({ nodes });
  const { scheduler } = world.world;
  const { store } = world.cluster;
  let apps = 0;
  const apply = (documents: readonly string[], span: number, step: (event: () => void) => void): void => {
    step(() => {
      const { errors } = world.cluster.apply(documents.join('---\n'), 'scale.yaml');
      if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
    });
    const end = plus(scheduler.now, seconds(span));
    for (let at = scheduler.nextAt(); at !== undefined && at <= end; at = scheduler.nextAt()) step(() => void scheduler.runNext());
    scheduler.runUntil(end);
  };
  return {
    world,
    pods(count, step = (event) => event()) {
      apps = Math.ceil(count / PODS_EACH);
      apply(Array.from({ length: apps }, (_, i) => deployment(`app${i}`)), PODS_TAKE, step);
    },
    services(count, step = (event) => event()) {
      apply(Array.from({ length: count }, (_, i) => service(`svc${i}`, `app${i % apps}`)), SERVICES_TAKE, step);
    },
    check() {
      const last = world.machines.get(`vm${nodes}`)?.kernel.netfilter.dump('nat');
      return {
        endpoints: store.list('EndpointSlice', 'default').reduce((n, s) => n + s.endpoints.filter((e) => e.conditions?.ready === true).length, 0),
        rules: last?.chains.filter((c) => c.name.startsWith('KUBE-')).reduce((n, c) => n + c.rules.length, 0) ?? 0,
      };
    },
  };
}
