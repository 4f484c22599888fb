/** What published manifests ask of a node beside a running process: amounts, projected files, gates, users, words with variables. */
import { describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';
import type { Pod } from '../api/kinds.ts';

function start(spec: string, before = '', wait = 8): ClusterWorld {
  const w = clusterWorld(before === '' ? {} : { manifests: [before] });
  const { errors } = w.cluster.apply(`apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {tier: back}}\nspec: {${spec}}\n`, 'p.yaml');
  if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
  w.wait(wait);
  return w;
}
const pod = (w: ClusterWorld): Pod | undefined => w.cluster.store.get('Pod', 'default', 'p');
const BOX = 'name: c, image: busybox, command: [sleep, infinity]';
const DATA = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: one}\nbinaryData: {b: dHdv}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {c: three}\n';

describe('variables', () => {
  it.each([
    ['requests.cpu', '', '1'], ['requests.cpu', ', divisor: 1m', '125'], ['limits.memory', '', '67108864'], ['limits.memory', ', divisor: 1Mi', '64'], ['requests.memory', '', '33554432'],
  ])('%s%s is %s', (resource, divisor, value) => {
    const w = start(`containers: [{${BOX}, resources: {requests: {cpu: 125m, memory: 32Mi}, limits: {memory: 64Mi}}, env: [{name: X, valueFrom: {resourceFieldRef: {resource: ${resource}${divisor}}}}]}]`);
    expect(w.run('p', 'printenv X').stdout).toBe(`${value}\n`);
  });

  it('a limit that is not set is what the node has', () => {
    const w = start(`containers: [{${BOX}, env: [{name: X, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]}]`);
    expect(w.run('p', 'printenv X').stdout.trim()).toBe(w.cluster.store.get('Node', '', pod(w)?.spec.nodeName ?? '')?.status.allocatable?.['cpu']);
  });

  it('are put into command and args, $$ keeps them out', () => {
    const w = start('containers: [{name: c, image: busybox, env: [{name: A, value: "1"}, {name: B, value: "$(A)-$$(A)-$(NONE)"}], command: [echo, "$(B)"], args: ["$(A)", "$$(A)"]}], restartPolicy: Never');
    expect(w.run('vm1', 'kubectl logs p').stdout).toBe('1-$(A)-$(NONE) 1 $(A)\n');
  });
});

describe('volumes', () => {
  it('projected from several sources, binary data too', () => {
    const w = start(`containers: [{${BOX}, volumeMounts: [{name: v, mountPath: /all}]}], volumes: [{name: v, projected: {sources: [{configMap: {name: cm}}, {secret: {name: s, items: [{key: c, path: deep/c}]}}, {downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]}}]`, DATA);
    expect(w.run('p', 'ls /all; cat /all/a /all/b /all/deep/c /all/labels').stdout).toBe('a\nb\ndeep\nlabels\nonetwothreetier="back"');
  });

  it('a missing source keeps the pod waiting', () => {
    const w = start(`containers: [{${BOX}}], volumes: [{name: v, projected: {sources: [{configMap: {name: none}}]}}]`);
    expect(w.cluster.store.list('Event').map((e) => e.message)).toContain('MountVolume.SetUp failed for volume "v" : configmap "none" not found');
    expect(pod(w)?.status.phase).toBe('Pending');
  });

  it('a folder of a volume named by a variable', () => {
    const w = start('containers: [{name: c, image: busybox, env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], command: [sh, -c, "echo x > /w/f; sleep infinity"], volumeMounts: [{name: v, mountPath: /w, subPathExpr: "logs/$(POD)"}, {name: v, mountPath: /v}]}], volumes: [{name: v, emptyDir: {}}]');
    expect(w.run('p', 'cat /v/logs/p/f').stdout).toBe('x\n');
  });
});

describe('gates', () => {
  it('scheduling gates keep a pod off every node, without an event', () => {
    const w = start(`schedulingGates: [{name: example.com/wait}], containers: [{${BOX}}]`);
    expect(pod(w)?.spec.nodeName).toBeUndefined();
    expect(w.run('vm1', 'kubectl get pod p --no-headers').stdout).toMatch(/^p +0\/1 +SchedulingGated +0 /);
    expect(w.cluster.store.list('Event').filter((e) => e.involvedObject.name === 'p')).toEqual([]);
  });

  it('readiness gates: ready only with the condition, and only then an endpoint', () => {
    const w = start(`readinessGates: [{conditionType: example.com/fine}], containers: [{${BOX}}]`, 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {tier: back}, ports: [{port: 80}]}\n');
    const ready = (): unknown => pod(w)?.status.conditions?.find((c) => c.type === 'Ready');
    const endpoint = (): unknown => w.cluster.store.list('EndpointSlice').find((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 's')?.endpoints[0]?.conditions?.ready;
    expect([ready(), endpoint()]).toEqual([expect.objectContaining({ status: 'False', reason: 'ReadinessGatesNotReady', message: 'corresponding condition of pod readiness gate "example.com/fine" does not exist.' }), false]);
  });
});

describe('security context', () => {
  it.each([
    ['root image', 'securityContext: {runAsNonRoot: true}', 'container has runAsNonRoot and image will run as root'],
    ['user 0', 'securityContext: {runAsNonRoot: true, runAsUser: 0}', "container's runAsUser breaks non-root policy"],
  ])('runAsNonRoot and %s', (_name, security, why) => {
    const w = start(`${security}, containers: [{${BOX}}]`);
    const [status] = pod(w)?.status.containerStatuses ?? [];
    expect(status?.state.waiting).toEqual({ reason: 'CreateContainerConfigError', message: `${why} (pod: "p_default(${pod(w)?.metadata.uid ?? ''})", container: c)` });
  });

  it('runAsNonRoot with a user runs', () => {
    expect(pod(start(`securityContext: {runAsNonRoot: true}, containers: [{${BOX}, securityContext: {runAsUser: 1000}}]`))?.status.phase).toBe('Running');
  });

  it('a safe sysctl is set in the pod alone', () => {
    const w = start(`securityContext: {sysctls: [{name: net.ipv4.ip_local_port_range, value: "40000 40100"}]}, containers: [{${BOX}}]`);
    expect(w.run('p', 'cat /proc/sys/net/ipv4/ip_local_port_range').stdout.trim().split(/\s+/)).toEqual(['40000', '40100']);
    expect(w.run('vm1', 'cat /proc/sys/net/ipv4/ip_local_port_range').stdout.trim().split(/\s+/)).toEqual(['32768', '60999']);
  });
});

it('a container follows the log of another, which is not there at first', () => {
  const w = start('containers: [{name: c, image: busybox, command: [sh, -c, "sleep 2; echo one > /l/f; sleep 2; echo two >> /l/f; sleep infinity"], volumeMounts: [{name: l, mountPath: /l}]}, {name: t, image: busybox, command: [tail, -n+1, -F, /l/f], volumeMounts: [{name: l, mountPath: /l}]}], volumes: [{name: l, emptyDir: {}}]');
  expect(w.run('vm1', 'kubectl logs p -c t').stdout).toBe("tail: cannot open '/l/f' for reading: No such file or directory\ntail: '/l/f' has appeared;  following new file\none\ntwo\n");
  expect(w.run('p', 'tail -f /none').code).toBe(1);
});

it('a node has its machine id', () => {
  const w = start(`containers: [{${BOX}, volumeMounts: [{name: m, mountPath: /m, readOnly: true}]}], volumes: [{name: m, hostPath: {path: /etc/machine-id, type: File}}]`);
  expect(w.run('p', 'cat /m').stdout.trim()).toBe(w.cluster.store.get('Node', '', pod(w)?.spec.nodeName ?? '')?.status.nodeInfo?.machineID);
});
