/** A pod's life on a node: probes, init containers, volumes, hooks. */
import { describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';
import type { Pod } from '../api/kinds.ts';

const manifest = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {tier: back}}\nspec: {${spec}}\n`;
const start = (spec: string, wait: number, before = ''): ClusterWorld => {
  const w = clusterWorld(before === '' ? {} : { manifests: [before] });
  const { errors } = w.cluster.apply(manifest(spec), 'p.yaml');
  if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
  w.wait(wait);
  return w;
};
const pod = (w: ClusterWorld): Pod | undefined => w.cluster.store.get('Pod', 'default', 'p');
const state = (w: ClusterWorld): string => w.run('vm1', 'kubectl get pod p --no-headers').stdout.trim().replace(/ \(.* ago\)/, '').split(/\s+/).slice(1, 4).join(' ');
const events = (w: ClusterWorld): readonly string[] => w.cluster.store.list('Event').filter((e) => e.involvedObject.name === 'p').map((e) => `${e.reason}: ${e.message}`);

describe('probes', () => {
  it.each<[string, string, number, string, string]>([
    ['readiness by HTTP', 'containers: [{name: c, image: nginx, readinessProbe: {httpGet: {port: 80}}}]', 10, '1/1 Running 0', 'Started'],
    ['readiness that fails', 'containers: [{name: c, image: nginx, readinessProbe: {httpGet: {port: 80, path: /none}}}]', 15, '0/1 Running 0', 'Readiness probe failed: HTTP probe failed with statuscode: 404'],
    ['readiness by exec', 'containers: [{name: c, image: busybox, command: [sleep, infinity], readinessProbe: {exec: {command: [cat, /none]}}}]', 8, '0/1 Running 0', 'Readiness probe failed: cat: '],
    ['liveness restarts', 'containers: [{name: c, image: nginx, livenessProbe: {tcpSocket: {port: 81}, periodSeconds: 2, failureThreshold: 2}}]', 7, '1/1 Running 1', 'Killing: Container c failed liveness probe, will be restarted'],
    ['startup comes first', 'containers: [{name: c, image: nginx, startupProbe: {httpGet: {port: 80}, initialDelaySeconds: 30}, livenessProbe: {tcpSocket: {port: 81}, periodSeconds: 1}}]', 20, '0/1 Running 0', 'Started'],
    ['startup gives up', 'containers: [{name: c, image: nginx, startupProbe: {tcpSocket: {port: 81}, periodSeconds: 1, failureThreshold: 3}}]', 7.5, '0/1 Running 1', 'failed startup probe, will be restarted'],
  ])('%s', (_name, spec, wait, expected, event) => {
    const w = start(spec, wait);
    expect(state(w)).toBe(expected);
    expect(events(w).join('\n')).toContain(event);
  });

  it('readiness goes on after the first success', () => {
    const w = start('containers: [{name: c, image: busybox, command: [sleep, infinity], readinessProbe: {exec: {command: [test, -f, /tmp/ok]}, periodSeconds: 2, failureThreshold: 2}}]', 8);
    const ready = (): boolean | undefined => pod(w)?.status.containerStatuses?.[0]?.ready;
    expect(ready()).toBe(false);
    w.run('p', 'touch /tmp/ok');
    w.wait(3);
    expect(ready()).toBe(true);
    w.run('p', 'rm /tmp/ok');
    w.wait(1);
    expect(ready()).toBe(true);
    w.wait(5);
    expect(ready()).toBe(false);
  });

  it('an idle cluster of add-ons is not probed', () => {
    const w = clusterWorld();
    const before = w.world.recorder.head;
    w.wait(60);
    expect(w.world.recorder.head - before).toBeLessThan(20);
  });
});

describe('init containers', () => {
  const inits = (second: string): string => `initContainers: [{name: one, image: busybox, command: [sh, -c, "echo 1 > /w/a"], volumeMounts: [{name: w, mountPath: /w}]}, {name: two, image: busybox, command: [sh, -c, "${second}"], volumeMounts: [{name: w, mountPath: /w}]}], containers: [{name: c, image: busybox, command: [sleep, infinity], volumeMounts: [{name: w, mountPath: /shared}]}], volumes: [{name: w, emptyDir: {}}]`;

  it('run one after another, before the containers, and share what they write', () => {
    const w = start(inits('cat /w/a > /w/b; echo 2 >> /w/b'), 12);
    expect(state(w)).toBe('1/1 Running 0');
    expect(w.run('p', 'cat /shared/b; ls /shared').stdout).toBe('1\n2\na\nb\n');
    expect(pod(w)?.status.initContainerStatuses?.map((s) => [s.name, s.ready, s.state.terminated?.reason])).toEqual([['one', true, 'Completed'], ['two', true, 'Completed']]);
    expect(pod(w)?.status.conditions?.find((c) => c.type === 'Initialized')?.status).toBe('True');
  });

  it('one that fails is tried again and keeps the rest waiting', () => {
    const w = start(inits('exit 3'), 9);
    expect(pod(w)?.status.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing');
    expect(pod(w)?.status.initContainerStatuses?.[1]?.restartCount).toBeGreaterThan(0);
    expect(pod(w)?.status.conditions?.find((c) => c.type === 'Initialized')).toMatchObject({ status: 'False', reason: 'ContainersNotInitialized', message: 'containers with incomplete status: [two]' });
  });
});

const DATA = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {color: red, shape: round}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: sec}\nstringData: {key: hidden}\n`;

describe('what a container is given', () => {
  it.each<[string, string, string, string]>([
    ['envFrom', 'containers: [{name: c, image: busybox, command: [sleep, infinity], envFrom: [{prefix: P_, configMapRef: {name: cm}}, {secretRef: {name: sec}}]}]', 'echo $P_color $key', 'red hidden\n'],
    ['a key of a Secret', 'containers: [{name: c, image: busybox, command: [sleep, infinity], env: [{name: K, valueFrom: {secretKeyRef: {name: sec, key: key}}}]}]', 'echo $K', 'hidden\n'],
    ['its own fields', "containers: [{name: c, image: busybox, command: [sleep, infinity], env: [{name: T, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['tier']\"}}}, {name: NM, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]}], nodeName: vm2", 'echo $T $NM', 'back vm2\n'],
    ['a Secret as files', 'containers: [{name: c, image: busybox, command: [sleep, infinity], volumeMounts: [{name: v, mountPath: /s}]}], volumes: [{name: v, secret: {secretName: sec}}]', 'cat /s/key; echo; touch /s/x', 'hidden\n'],
    ['one file of a config map', 'containers: [{name: c, image: busybox, command: [sleep, infinity], volumeMounts: [{name: v, mountPath: /etc/shape, subPath: shape}]}], volumes: [{name: v, configMap: {name: cm}}]', 'cat /etc/shape', 'round'],
    ['labels as a file', 'containers: [{name: c, image: busybox, command: [sleep, infinity], volumeMounts: [{name: v, mountPath: /d}]}], volumes: [{name: v, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]', 'cat /d/labels', 'tier="back"'],
    ['a folder of the node', 'containers: [{name: c, image: busybox, command: [sleep, infinity], volumeMounts: [{name: v, mountPath: /host}]}], volumes: [{name: v, hostPath: {path: /etc}}], nodeName: vm1', 'cat /host/hostname', 'vm1\n'],
  ])('%s', (_name, spec, line, stdout) => {
    const w = start(spec, 8, DATA);
    expect(w.run('p', line).stdout).toBe(stdout);
  });

  it.each<[string, string, string, string]>([
    ['a key that is not there', 'containers: [{name: c, image: busybox, env: [{name: K, valueFrom: {configMapKeyRef: {name: cm, key: none}}}]}]', 'CreateContainerConfigError', "Failed: Error: couldn't find key none in ConfigMap default/cm"],
    ['a config map that is not there', 'containers: [{name: c, image: busybox, envFrom: [{configMapRef: {name: none}}]}]', 'CreateContainerConfigError', 'Failed: Error: configmap "none" not found'],
    ['a volume that is not there', 'containers: [{name: c, image: busybox}], volumes: [{name: v, configMap: {name: none}}]', 'ContainerCreating', 'FailedMount: MountVolume.SetUp failed for volume "v" : configmap "none" not found'],
  ])('waits for %s', (_name, spec, reason, event) => {
    const w = start(spec, 5, DATA);
    expect(pod(w)?.status.containerStatuses?.[0]?.state.waiting?.reason).toBe(reason);
    expect(events(w)).toContain(event);
  });
});

describe('the end', () => {
  it.each<[string, string, number, number]>([
    ['a program that heeds SIGTERM goes at once', 'containers: [{name: c, image: nginx}]', 0, 2],
    ['a shell waits for SIGKILL', 'terminationGracePeriodSeconds: 6, containers: [{name: c, image: busybox, command: [sleep, infinity]}]', 5, 7],
    ['preStop comes first', 'containers: [{name: c, image: nginx, lifecycle: {preStop: {exec: {command: [sleep, "4"]}}}}]', 3.5, 6],
    ['preStop ends with the grace', 'terminationGracePeriodSeconds: 5, containers: [{name: c, image: nginx, lifecycle: {preStop: {exec: {command: [sleep, "60"]}}}}]', 4.5, 7.5],
  ])('%s', (_name, spec, least, most) => {
    const w = start(spec, 8);
    const began = w.world.scheduler.now;
    w.run('vm1', 'kubectl delete pod p');
    const took = (w.world.scheduler.now - began) / 1e9;
    expect([took >= least, took <= most]).toEqual([true, true]);
  });

  it('by force the API does not wait, the node cleans up all the same', () => {
    const w = start('nodeName: vm2, containers: [{name: c, image: nginx}]', 8);
    const netns = w.machines.get('vm2')?.kernel.netnsList().length ?? 0;
    w.run('vm1', 'kubectl delete pod p --force --grace-period=0');
    expect(pod(w)).toBeUndefined();
    w.wait(2);
    expect(w.machines.get('vm2')?.kernel.netnsList().length).toBe(netns - 1);
  });
});

it('an ephemeral container joins the pod’s network', () => {
  const w = start('containers: [{name: c, image: nginx}]', 8);
  const live = pod(w);
  if (live !== undefined) w.cluster.store.update('Pod', { ...live, spec: { ...live.spec, ephemeralContainers: [{ name: 'dbg', image: 'nicolaka/netshoot', command: ['sleep', 'infinity'] }] } });
  w.wait(8);
  expect(pod(w)?.status.ephemeralContainerStatuses?.map((s) => [s.name, s.state.running !== undefined])).toEqual([['dbg', true]]);
  expect(state(w)).toBe('1/1 Running 0');
  expect(w.run('vm1', 'kubectl exec p -c c -- hostname').stdout).toBe('p\n');
  expect(w.run('p/dbg', 'curl -s http://127.0.0.1 | grep title').stdout).toContain('Welcome to nginx');
});
