/** In the world of Raspberry Pis: traefik installed by helm, reached through ServiceLB from the LAN. */
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert.ts';
import { openFromDisk } from '../../../cli/scenarios.ts';
import { clusterWorld, type ClusterWorld } from '../../testing/cluster-world.ts';
import { ServiceLb } from './servicelb.ts';

describe('packaged components', () => {
  const lab = openFromDisk('warsaw-flannel-node', { trace: false });
  const said = (on: string, line: string): string => lab.exec(on, line).stdout;

  it('ServiceLB: a pod on every node, and their addresses are the Service’s', () => {
    expect(said('xubulab', 'kubectl -n kube-system get daemonset svclb-traefik-d3b37a72')).toMatch(/svclb-traefik-d3b37a72 +4 +4 +4 +4 +4/);
    expect(said('xubulab', "kubectl -n kube-system get svc traefik -o jsonpath='{.status.loadBalancer.ingress[*].ip}'")).toBe('192.168.1.38 192.168.1.39 192.168.1.40 192.168.1.41');
  });

  it.each(['192.168.1.38', '192.168.1.41'])('traefik without routes answers 404 on port 80 of %s', (ip) => {
    expect(said('xubulab', `curl -s -w '%{http_code}' http://${ip}/`)).toBe('404 page not found\n404');
  });

  it('klipper-lb writes its rules in the pod’s own namespace', () => {
    const pod = 'kube-system/svclb-traefik-d3b37a72-d5pgj';
    const rules = said(pod, 'iptables-save -t nat');
    expect(rules).toContain('-A PREROUTING ! -s 10.43.42.129/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.43.42.129:80');
    expect(rules).toContain('-A POSTROUTING -d 10.43.42.129/32 -p tcp -j MASQUERADE');
    expect(said('kpi091', 'sudo iptables-save -t nat')).not.toContain('10.43.42.129:80');
  });

  it('what sh -x prints of klipper-lb 0.3.5, and the label of its DaemonSet as real clusters of that version show it', () => {
    expect(said('xubulab', 'kubectl -n kube-system logs svclb-traefik-d3b37a72-d5pgj -c lb-tcp-80').split('\n').slice(3, 7)).toEqual([
      '+ cat /proc/sys/net/ipv4/ip_forward', "+ '[' 1 '!=' 1 ]", "+ iptables -t nat -I PREROUTING '!' -s 10.43.42.129/32 -p TCP --dport 80 -j DNAT --to 10.43.42.129:80",
      '+ iptables -t nat -I POSTROUTING -d 10.43.42.129/32 -p TCP -j MASQUERADE']);
    expect(said('xubulab', "kubectl -n kube-system get ds svclb-traefik-d3b37a72 -o jsonpath='{.metadata.labels}'")).toContain('"objectset.rio.cattle.io/hash":"f31475152fbf70655d3c016d368e90118938f6ea"');
    expect(said('kube-system/svclb-traefik-d3b37a72-d5pgj', 'iptables-save -t filter')).not.toContain('-A FORWARD');
  });

  it('the charts were installed by jobs that ended', () => {
    expect(said('xubulab', 'kubectl -n kube-system get jobs')).toMatch(/helm-install-traefik +1\/1/);
    expect(said('xubulab', 'kubectl -n kube-system get deployment traefik')).toMatch(/traefik +1\/1/);
  });

  it('a Service that changes takes its DaemonSet along, and leaves none behind', () => {
    const line = `kubectl -n kube-system patch svc traefik -p '{"spec":{"ports":[{"name":"alt","port":8088,"targetPort":"web","protocol":"TCP"}]}}'; sleep 20`;
    said('xubulab', line);
    expect(said('xubulab', "curl -s -o /dev/null -w '%{http_code}' http://192.168.1.38:8088/")).toBe('404');
    said('xubulab', `kubectl -n kube-system patch svc traefik -p '{"spec":{"type":"ClusterIP"}}'; sleep 20`);
    expect(said('xubulab', 'kubectl -n kube-system get ds')).toBe('');
  });
});

describe('ServiceLB of k3s v1.29', () => {
  const SERVICE = (more: string): string => `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]${more}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: vm1, containers: [{name: c, image: "nginx:1.27"}]}
`;
  const world = (more: string): ClusterWorld => {
    const w = clusterWorld({ nodes: 2, manifests: [SERVICE(more)] });
    new ServiceLb(w.cluster.plane, 'v1.29.5+k3s1');
    w.wait(15);
    return w;
  };
  const envOf = (w: ClusterWorld): readonly (readonly [string, unknown])[] => must(w.cluster.store.list('DaemonSet', 'kube-system')[0], 'DaemonSet').spec.template.spec.containers[0]?.env?.map((e) => [e.name, e.value ?? e.valueFrom?.fieldRef?.fieldPath] as const) ?? [];
  const ips = (w: ClusterWorld): string => w.cluster.store.get('Service', 'default', 'web')?.status.loadBalancer.ingress?.map((i) => i.ip).join() ?? '';

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    ['Cluster', '', { SRC_RANGES: '0.0.0.0/0', DEST_PORT: '80' }, '10.65.94.11,10.65.94.12'],
    ['Local', ', externalTrafficPolicy: Local', { SRC_RANGES: '0.0.0.0/0', DEST_PORT: '30080', DEST_IPS: 'status.hostIPs' }, '10.65.94.11'],
    ['source ranges', ', loadBalancerSourceRanges: [192.0.2.0/24, 10.0.0.0/8]', { SRC_RANGES: '10.0.0.0/8,192.0.2.0/24' }, '10.65.94.11,10.65.94.12'],
  ])('externalTrafficPolicy and ranges: %s', (_name, more, env, addresses) => {
    const w = world(more);
    expect(Object.fromEntries(envOf(w))).toMatchObject(env);
    expect(ips(w)).toBe(addresses);
  });
});
