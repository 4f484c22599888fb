/** In the world of Raspberry Pis: traefik installed by helm, reached through ServiceLB from the LAN. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../../cli/scenarios.ts';

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

  it('the charts were installed by jobs that ended', () => {
    expect(said('xubulab', 'kubectl -n kube-system get jobs')).toMatch(/helm-install-traefik +1\/1/);
    expect(said('xubulab', 'kubectl -n kube-system get deployment traefik')).toMatch(/traefik +1\/1/);
  });
});
