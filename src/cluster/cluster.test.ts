/** The whole of it on real machines: life and death of pods, kubectl, what stays on the node. */
import { beforeAll, describe, expect, it } from 'vitest';
import { clusterWorld, type ClusterWorld } from './testing/cluster-world.ts';

const NGINX = `apiVersion: apps/v1
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
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const CLIENT = `apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: vm2, containers: [{name: c, image: nicolaka/netshoot, command: [sleep, infinity]}]}
`;

const boot = (): ClusterWorld => clusterWorld({ manifests: [NGINX, CLIENT] });

describe('a settled cluster', () => {
  let w: ClusterWorld;
  beforeAll(() => {
    w = boot();
  });

  it('resolves and reaches a Service by name', () => {
    const got = w.run('client', 'curl -s http://web | grep title');
    expect(got).toEqual({ stdout: '<title>Welcome to nginx!</title>\n', stderr: '', code: 0 });
  });

  it('gives every pod the way facts 4.3 say', () => {
    const host = w.cluster.hosts().find((h) => h.name === 'client');
    expect(host?.kernel.netlink.routes().map((r) => `${r.dst.length} ${r.protocol} ${r.scope}`)).toEqual(['0 boot universe', '16 boot universe', '24 kernel link']);
    const bridge = w.machines.get('vm2')?.kernel.netlink.link('cni0');
    expect([bridge?.mtu, bridge?.up]).toEqual([1450, true]);
    const ports = w.machines.get('vm2')?.kernel.netlink.links().filter((l) => l.master === 'cni0') ?? [];
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.every((p) => p.port?.hairpin === true && p.mtu === 1450)).toBe(true);
  });

  it('keeps k3s’ files', () => {
    expect(w.run('vm2', 'cat /run/flannel/subnet.env').stdout).toBe('FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n');
    expect(w.run('client', 'cat /etc/resolv.conf').stdout).toBe('search default.svc.cluster.local svc.cluster.local cluster.local multipass\nnameserver 10.43.0.10\noptions ndots:5\n');
  });

  it('orders the built-in chains as on a k3s node', () => {
    const dump = w.machines.get('vm1')?.kernel.netfilter.dump('filter');
    const jumps = (chain: string): (string | undefined)[] => dump?.chains.find((c) => c.name === chain)?.rules.map((r) => r.jump ?? r.list.target) ?? [];
    expect(jumps('INPUT')).toEqual(['KUBE-ROUTER-INPUT', 'KUBE-FIREWALL', 'KUBE-PROXY-FIREWALL', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'ACCEPT']);
    expect(jumps('FORWARD')).toEqual(['KUBE-ROUTER-FORWARD', 'KUBE-PROXY-FIREWALL', 'KUBE-FORWARD', 'KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'ACCEPT', 'FLANNEL-FWD']);
    expect(jumps('OUTPUT')).toEqual(['KUBE-ROUTER-OUTPUT', 'KUBE-FIREWALL', 'KUBE-PROXY-FIREWALL', 'KUBE-SERVICES', 'ACCEPT']);
    expect(w.machines.get('vm1')?.kernel.netfilter.tables()).toEqual(['mangle', 'filter', 'nat']);
  });

  it.each<[string, string, string, number]>([
    ['kubectl get foo', '', 'error: the server doesn\'t have a resource type "foo"\n', 1],
    ['kubectl get pod x', '', 'Error from server (NotFound): pods "x" not found\n', 1],
    ['kubectl get pods -n none', '', 'No resources found in none namespace.\n', 0],
    ['kubectl get pods --foo', '', "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n", 1],
    ['kubectl --foo', '', "error: unknown flag: --foo\nSee 'kubectl --help' for usage.\n", 1],
    ['kubectl gte pods', '', 'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n', 1],
    ['kubectl exec nope -- ls', '', 'Error from server (NotFound): pods "nope" not found\n', 1],
    ['kubectl exec client', '', 'error: you must specify at least one command for the container\n', 1],
    ['kubectl exec client -c d -- ls', '', 'Error from server (BadRequest): container d is not valid for pod client\n', 1],
    ['kubectl exec client -- sh -c "exit 3"', '', 'command terminated with exit code 3\n', 3],
    ['kubectl exec client -- nosuch', '', 'error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown\n', 1],
    ['kubectl apply -f none.yaml', '', 'error: the path "none.yaml" does not exist\n', 1],
    ['kubectl port-forward pod/client 80', '', 'error: kubectl port-forward is not modelled in this lab\n', 1],
    ['kubectl get svc web -o jsonpath={.spec.ports[0].targetPort}', '80', '', 0],
    ['kubectl get pods -l app=web --no-headers -o custom-columns=N:.spec.nodeName | sort', 'vm1\nvm2\n', '', 0],
    ['kubectl get deploy -o name', 'deployment.apps/web\n', '', 0],
    ['k get ns default --no-headers', 'default   Active   15s\n', '', 0],
  ])('%s', (line, stdout, stderr, code) => {
    const got = w.run('vm1', line);
    expect({ ...got, stdout: got.stdout.replace(/\d+s\n$/, '15s\n') }).toEqual({ stdout, stderr, code });
  });

  it('has no kubectl configuration on agents', () => {
    expect(w.run('vm2', 'kubectl get pods')).toEqual({ stdout: '', stderr: 'The connection to the server localhost:8080 was refused - did you specify the right host or port?\n', code: 1 });
  });
});

describe('changes', () => {
  it('a scaled deployment reaches the rules of every node, and back', () => {
    const w = boot();
    const endpoints = (): number => w.machines.get('vm2')?.kernel.netfilter.dump('nat')?.chains.filter((c) => c.rules.some((r) => r.save.includes('"default/web"') && r.list.target === 'DNAT')).length ?? 0;
    expect(endpoints()).toBe(2);
    expect(w.run('vm1', 'kubectl scale deploy/web --replicas=4; kubectl rollout status deploy/web').stdout).toContain('deployment "web" successfully rolled out');
    w.wait(3);
    expect(endpoints()).toBe(4);
    w.run('vm1', 'kubectl scale deploy/web --replicas=0');
    w.wait(35);
    expect(endpoints()).toBe(0);
    expect(w.run('client', 'curl -sS http://web').stderr).toMatch(/^curl: \(7\) Failed to connect to web port 80 after \d+ ms: Couldn't connect to server\n$/);
    expect(w.run('vm1', 'ls /var/lib/cni/networks/cbr0').stdout).not.toContain('10.42.0.3');
  });

  it('a deleted Service takes its endpoints and rules along', () => {
    const w = boot();
    w.run('vm1', 'kubectl delete service web');
    w.wait(3);
    expect(w.run('vm1', 'kubectl get endpoints,endpointslices --no-headers').stdout).not.toContain('web');
    expect(w.machines.get('vm2')?.kernel.netfilter.dump('nat')?.chains.some((c) => c.rules.some((r) => r.save.includes('"default/web')))).toBe(false);
  });

  it('a deleted pod leaves nothing of its network behind and is replaced', () => {
    const w = boot();
    const kernel = w.machines.get('vm1')?.kernel;
    const before = kernel?.netnsList().length;
    const name = w.run('vm1', 'kubectl get pods -l app=web -o jsonpath={.items[0].metadata.name}').stdout;
    expect(w.run('vm1', `kubectl delete pod ${name}`)).toEqual({ stdout: `pod "${name}" deleted\n`, stderr: '', code: 0 });
    w.wait(5);
    expect(kernel?.netnsList().length).toBe(before);
    expect(w.run('vm1', 'kubectl get pods -l app=web --no-headers').stdout).not.toContain(name);
    expect(w.cluster.store.list('Pod').filter((p) => p.metadata.labels?.['app'] === 'web' && p.status.phase === 'Running').length).toBe(2);
  });

  it('a rolling restart keeps serving and ends on a new template hash', () => {
    const w = boot();
    const hash = (): string => w.cluster.store.list('ReplicaSet', 'default').find((r) => (r.spec.replicas ?? 0) > 0)?.metadata.labels?.['pod-template-hash'] ?? '';
    const old = hash();
    expect(w.run('vm1', 'kubectl rollout restart deploy/web; kubectl rollout status deploy/web').stdout).toMatch(/deployment.apps\/web restarted\n[^]*successfully rolled out/);
    expect(hash()).not.toBe(old);
    w.wait(2); // kube-proxy may be a second late: until then a connection can meet a pod that is gone
    expect(w.run('client', 'curl -s -o /dev/null -w "%{http_code}" http://web').stdout).toBe('200');
  });

  it.each<[string, string, string, string]>([
    ['an image that is not there', '{containers: [{name: c, image: nosuch}]}', 'ImagePullBackOff', 'Failed to pull image "nosuch"'],
    ['a command that ends', '{containers: [{name: c, image: busybox, command: [sh, -c, "exit 3"]}]}', 'CrashLoopBackOff', 'Back-off restarting failed container c'],
    ['a selector no node has', '{nodeSelector: {a: b}, containers: [{name: c, image: busybox}]}', 'Pending', "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."],
    ['a command that ends for good', '{restartPolicy: Never, containers: [{name: c, image: busybox, command: ["true"]}]}', 'Completed', 'Started container c'],
  ])('%s', (_name, spec, status, event) => {
    const w = boot();
    w.cluster.apply(`apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: ${spec}\n`, 'p.yaml');
    w.wait(8);
    expect(w.run('vm1', 'kubectl get pod p --no-headers').stdout).toContain(` ${status} `);
    expect(w.run('vm1', 'kubectl describe pod p').stdout).toContain(event);
  });

  it('a refused object leaves the world as it was', () => {
    const w = boot();
    const { revision } = w.cluster.store;
    const steps = w.world.recorder.head;
    const refused = w.cluster.apply('apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec:\n  ports: [{port: 99999}]\n', 'bad.yaml');
    expect([refused.ok, refused.errors[0]?.line, refused.errors[0]?.path]).toEqual([false, 5, 'spec.ports[0].port']);
    expect([w.cluster.store.revision, w.world.recorder.head]).toEqual([revision, steps]);
  });

  it('host ports and the host network', () => {
    const w = boot();
    w.cluster.apply('apiVersion: v1\nkind: Pod\nmetadata: {name: hp}\nspec: {nodeName: vm2, containers: [{name: c, image: nginx, ports: [{containerPort: 80, hostPort: 8088}]}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: hn}\nspec: {nodeName: vm2, hostNetwork: true, containers: [{name: c, image: nginx}]}\n', 'h.yaml');
    w.wait(8);
    const code = (url: string): string => w.run('vm1', `curl -s -o /dev/null -w "%{http_code}" ${url}`).stdout;
    expect([code('http://10.65.94.12:8088'), code('http://10.65.94.12:80')]).toEqual(['200', '200']);
    w.run('vm1', 'kubectl delete pod hp --now');
    expect(w.run('vm1', 'curl -s -o /dev/null http://10.65.94.12:8088').code).toBe(7);
  });

  it('is the same twice', () => {
    const text = (w: ClusterWorld): string => JSON.stringify([w.cluster.store.list('Pod'), w.cluster.store.list('Service'), w.world.recorder.head]);
    expect(text(boot())).toBe(text(boot()));
  });
});
