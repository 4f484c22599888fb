/** kube-proxy of a live cluster: health ports, what repairs a flush, what a node's labels and UDP clients see. */
import { beforeEach, describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { KubeProxy } from './kube-proxy.ts';
import { clusterWorld, type ClusterWorld } from '../../testing/cluster-world.ts';

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {nodeName: vm2, containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
`;
const service = (more: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, clusterIP: 10.43.0.99, ports: [{port: 80, nodePort: 30080}], ${more}}\n`;
const LOCAL = service('type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000');

let w: ClusterWorld;
const apply = (text: string): void => {
  expect(w.cluster.apply(text, 'm.yaml').errors).toEqual([]);
  w.wait(4);
};
const save = (on: string, table: string): readonly string[] => (w.machines.get(on)?.kernel.netfilter.dump(table === 'nat' ? 'nat' : 'filter')?.chains ?? []).flatMap((c) => c.rules.map((r) => `-A ${c.name} ${r.save}`));

beforeEach(() => {
  w = clusterWorld({ manifests: [WEB] });
});

describe('health check node port', () => {
  it('answers 200 where a ready endpoint is, 503 elsewhere, and is closed with the Service', () => {
    apply(LOCAL);
    expect(w.run('vm1', 'curl -si http://10.65.94.12:31000/').stdout.split('\r\n')).toEqual([
      'HTTP/1.1 200 OK', 'Content-Type: application/json', 'X-Content-Type-Options: nosniff', 'X-Load-Balancing-Endpoint-Weight: 1', expect.stringMatching(/^Date: /), 'Content-Length: 114', '',
      '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}',
    ]);
    expect(w.run('vm1', 'curl -si http://10.65.94.11:31000/').stdout).toContain('HTTP/1.1 503 Service Unavailable\r\n');
    expect(w.run('vm1', 'kubectl delete service web').code).toBe(0);
    w.wait(4);
    expect(w.run('vm1', 'curl -s http://10.65.94.12:31000/').code).toBe(7);
  });

  it('follows the endpoints: 503 once the only pod is scaled away', () => {
    apply(LOCAL);
    w.run('vm1', 'kubectl scale deployment web --replicas=0');
    w.wait(40);
    expect(w.run('vm1', 'curl -s http://10.65.94.12:31000/').stdout).toContain('"localEndpoints": 0');
  });

  it('there is none under policy Cluster', () => {
    apply(service('type: NodePort'));
    expect(w.run('vm1', 'curl -s http://10.65.94.12:31000/').code).toBe(7);
  });
});

it('session affinity holds for its timeout after the last packet of the client, not longer', () => {
  apply(service('type: ClusterIP, sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 20}}').replace(', nodePort: 30080', ''));
  apply(WEB.replace('replicas: 1', 'replicas: 4').replace('nodeName: vm2, ', ''));
  w.wait(20);
  const kernel = w.machines.get('vm1')?.kernel;
  const visit = (times: number): ReadonlySet<number> => {
    kernel?.conntrack.flush();
    for (let i = 0; i < times; i++) expect(w.run('vm1', 'curl -s -o /dev/null http://10.43.0.99').code).toBe(0);
    return new Set(kernel?.conntrack.list().filter((e) => e.original.dport === 80 && e.original.dst !== e.reply.src && e.dstNat).map((e) => e.reply.src));
  };
  expect(visit(12).size).toBe(1);
  w.wait(15);
  expect(visit(12).size).toBe(1);
  const seen = new Set<number>();
  for (let i = 0; i < 12; i++) {
    w.wait(25);
    visit(1).forEach((t) => seen.add(t));
  }
  expect(seen.size).toBeGreaterThan(1);
});

describe('healthz', () => {
  it('listens on loopback only, as k3s binds it', () => {
    expect(w.run('vm2', 'curl -s http://127.0.0.1:10256/healthz').stdout).toMatch(/^\{"lastUpdated": "2024-05-29 [\d:.]+ \+0000 UTC m=\+[\d.]+","currentTime": "[^"]+", "nodeEligible": true\}$/);
    expect(w.run('vm2', 'curl -s http://127.0.0.1:10256/livez').stdout).not.toContain('nodeEligible');
    expect(w.run('vm1', 'curl -s http://10.65.94.12:10256/healthz').code).toBe(7);
  });

  it('says 503 on a node that the autoscaler is about to delete', () => {
    const node = w.cluster.store.get('Node', '', 'vm2');
    if (node === undefined) throw new Error('vm2');
    w.cluster.store.update('Node', { ...node, spec: { ...node.spec, taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } });
    expect(w.run('vm2', 'curl -si http://127.0.0.1:10256/healthz').stdout).toMatch(/^HTTP\/1.1 503 [^]*"nodeEligible": false/);
    expect(w.run('vm2', 'curl -si http://127.0.0.1:10256/livez').stdout).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a flush by hand', () => {
  const flush = (on: string): void => {
    const kernel = w.machines.get(on)?.kernel;
    for (const table of ['mangle', 'nat', 'filter'] as const) {
      kernel?.netfilter.command({ op: 'flush', table, chain: undefined });
      kernel?.netfilter.command({ op: 'delete-chain', table, chain: undefined });
    }
  };

  it('is found by the next look for the canary, within 30 s, and everything is written again', () => {
    apply(service('type: NodePort'));
    const before = ['nat', 'filter'].map((t) => save('vm2', t).filter((l) => !/KUBE-ROUTER|KUBE-POD-FW|KUBE-NWPLCY|FLANNEL/.test(l)).sort());
    flush('vm2');
    w.wait(1);
    expect(save('vm2', 'nat')).toEqual([]);
    w.wait(61);
    expect(['nat', 'filter'].map((t) => save('vm2', t).filter((l) => !/KUBE-ROUTER|KUBE-POD-FW|KUBE-NWPLCY|FLANNEL/.test(l)).sort())).toEqual(before);
    const kernel = w.machines.get('vm2')?.kernel;
    for (const canary of ['KUBE-PROXY-CANARY', 'KUBE-KUBELET-CANARY']) expect(kernel?.netfilter.hasChain('mangle', canary)).toBe(true);
  });

  it('of one service chain stays until that service changes or a full sync comes', () => {
    apply(service('type: NodePort'));
    const chain = save('vm2', 'nat').map((l) => l.split(' ')[1] ?? '').find((c) => c.startsWith('KUBE-SVC-') && save('vm2', 'nat').some((r) => r.startsWith(`-A ${c}`) && r.includes('default/web'))) ?? '';
    w.machines.get('vm2')?.kernel.netfilter.command({ op: 'flush', table: 'nat', chain });
    w.wait(120);
    const left = (): number => save('vm2', 'nat').filter((l) => l.startsWith(`-A ${chain} `)).length;
    expect(left()).toBe(0);
    w.run('vm1', 'kubectl label node vm2 zone=a');
    w.wait(3);
    expect(left()).toBeGreaterThan(0);
  });

  it('an hour brings a sync: rules added by hand to the shared chains go', () => {
    w.machines.get('vm2')?.kernel.netfilter.command({ op: 'append', table: 'nat', chain: 'KUBE-SERVICES', spec: ['-s', '192.0.2.1', '-j', 'RETURN'] });
    w.wait(3500);
    expect(save('vm2', 'nat').some((l) => l.includes('192.0.2.1'))).toBe(true);
    w.wait(110);
    expect(save('vm2', 'nat').some((l) => l.includes('192.0.2.1'))).toBe(false);
  });
});

it('--nodeport-addresses: rules, health ports and route_localnet for those the node has', () => {
  const kernel = w.machines.get('vm2')?.kernel;
  if (kernel === undefined) throw new Error('vm2');
  w.cluster.proxies.get('vm2')?.stop();
  kernel.sysctl.set('net.ipv4.conf.all.route_localnet', '0');
  new KubeProxy(w.cluster.plane, kernel, { name: 'vm2', internalIp: '10.65.94.12', clusterCidr: '10.42.0.0/16', nodePortAddresses: ['10.65.0.0/16'] }).start();
  apply(LOCAL);
  expect(save('vm2', 'nat').filter((l) => l.includes('must be the last rule')).map((l) => l.replace(/ -m .*-j/, ' -j'))).toEqual(['-A KUBE-SERVICES -d 10.65.94.12/32 -j KUBE-NODEPORTS']);
  expect(kernel.sysctl.get('net.ipv4.conf.all.route_localnet')).toBe('0');
  expect(kernel.sockets.list().filter((s) => s.local.port === 31000).map((s) => formatIpv4(s.local.address))).toEqual(['10.65.94.12']);
});

it('an idle node is silent for the canaries: no event but the hourly sync', () => {
  const steps = w.world.recorder.steps.length;
  w.wait(600);
  expect(w.world.recorder.steps.slice(steps).filter((s) => s.kind === 'control')).toEqual([]);
});
