/** The observations of ../shared/transcripts/warsaw-metallb-traefik.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Lab } from '../lab.ts';

const ADMIN = 'xubulab';
const URL = 'https://raw.githubusercontent.com/metallb/metallb/v0.14.9/config/manifests/metallb-native.yaml';
const NODES = ['kpi091', 'kpi092', 'kpi093', 'kpi094'] as const;
const TOLERATION = '[{"op":"add","path":"/spec/template/spec/tolerations/-","value":{"key":"CriticalAddonsOnly","operator":"Equal","value":"true","effect":"NoExecute"}}]';

const open = (): Lab => openFromDisk('warsaw-metallb-traefik', { trace: true });
const said = (lab: Lab, line: string, on: string = ADMIN): string => lab.exec(on, line).stdout;

/** With MetalLB and its pool. */
function announced(): Lab {
  const lab = open();
  said(lab, `kubectl apply -f ${URL}`);
  said(lab, 'sleep 40');
  said(lab, 'kubectl apply -f ip-pool-config.yaml');
  said(lab, 'sleep 5');
  return lab;
}

const externalIp = (lab: Lab, service: string, namespace: string): string => said(lab, `kubectl get svc ${service} -n ${namespace} --no-headers`).split(/\s+/)[3] ?? '';
const speakersOn = (lab: Lab): readonly string[] => said(lab, "kubectl get pods -n metallb-system -l component=speaker -o jsonpath='{.items[*].spec.nodeName}'").split(' ').sort();
const macOf = (lab: Lab, node: string): string => /link\/ether (\S+)/.exec(said(lab, 'ip link show eth0', node))?.[1] ?? '';
/** Nodes whose MAC answers for an address. */
const owners = (lab: Lab, ip: string): readonly string[] => {
  const macs = new Set([...said(lab, `arping -c 3 ${ip}`).matchAll(/\[([0-9A-F:]{17})\]/g)].map((m) => m[1]?.toLowerCase()));
  return NODES.filter((n) => macs.has(macOf(lab, n)));
};

describe('warsaw-metallb-traefik', () => {
  it('waw-pending-without-lb: nobody gives traefik an address, however long one waits; its node port answers', () => {
    const lab = open();
    expect(externalIp(lab, 'traefik', 'kube-system')).toBe('<pending>');
    said(lab, 'sleep 600');
    expect(externalIp(lab, 'traefik', 'kube-system')).toBe('<pending>');
    expect(said(lab, 'kubectl get daemonsets -A')).not.toContain('svclb');
    expect(said(lab, 'curl -s http://192.168.1.39:31446/')).toBe('404 page not found\n');
  });

  it('waw-metallb-assigns-200: not MetalLB alone, but its pool gives traefik 192.168.1.200', () => {
    const lab = open();
    said(lab, `kubectl apply -f ${URL}`);
    said(lab, 'sleep 40');
    expect(externalIp(lab, 'traefik', 'kube-system')).toBe('<pending>');
    said(lab, 'kubectl apply -f ip-pool-config.yaml');
    said(lab, 'sleep 5');
    expect(externalIp(lab, 'traefik', 'kube-system')).toBe('192.168.1.200');
    expect(owners(lab, '192.168.1.200')).toHaveLength(1);
    for (const node of NODES) expect(said(lab, 'ip addr', node)).not.toContain('192.168.1.200');
  });

  it('waw-leader-per-service: each address has one owner, two addresses have two; the same in another run; its kube-proxy reaches the pods', () => {
    const run = (): { readonly lab: Lab; readonly found: readonly (readonly string[])[] } => {
      const lab = announced();
      said(lab, 'kubectl apply -f example/deployment.yaml -f example/service.yaml');
      said(lab, 'sleep 30');
      return { lab, found: ['192.168.1.200', '192.168.1.201'].map((ip) => owners(lab, ip)) };
    };
    const { lab, found } = run();
    expect(found.map((f) => f.length)).toEqual([1, 1]);
    expect(new Set(found.flat()).size).toBe(2);
    expect(run().found).toEqual(found);
    const owner = found[1]?.[0] ?? '';
    expect(said(lab, "sudo iptables-save -t nat | grep -- '-A KUBE-SERVICES -d 192.168.1.201/32'", owner)).toMatch(/-j KUBE-EXT-/);
    expect(said(lab, 'curl -s http://192.168.1.201/')).toContain('Welcome to nginx!');
  });

  it('waw-dashboard-404: the route is on the entry point that no Service leads to; on web it is found, with the slash at the end', () => {
    const lab = announced();
    const status = (path: string): string => said(lab, `curl -s -o /dev/null -w '%{http_code}' http://192.168.1.200${path}`);
    expect(said(lab, "kubectl get ingressroute -n kube-system traefik-dashboard -o jsonpath='{.spec.entryPoints[*]}'")).toBe('traefik');
    expect([status('/dashboard/'), status('/dashboard')]).toEqual(['404', '404']);
    const pod = said(lab, "kubectl get pods -n kube-system -l app.kubernetes.io/name=traefik -o jsonpath='{.items[0].status.podIP}'");
    expect(said(lab, `curl -s -o /dev/null -w '%{http_code}' http://${pod}:9000/dashboard/`, 'kpi092')).toBe('200');
    said(lab, `KUBE_EDITOR='sed -i "s/- traefik$/- web/"' kubectl edit -n kube-system ingressroutes.traefik.io traefik-dashboard -o yaml`);
    expect([status('/dashboard/'), status('/dashboard'), status('/')]).toEqual(['200', '404', '404']);
  });

  it('waw-speaker-blocked-by-taint: three speakers for four nodes until one tolerates the taint, one unavailable at a time on the way', () => {
    const lab = announced();
    expect(speakersOn(lab)).toEqual(['kpi092', 'kpi093', 'kpi094']);
    expect(said(lab, "kubectl get node kpi091 -o jsonpath='{.spec.taints[*].key}={.spec.taints[*].value}:{.spec.taints[*].effect}'")).toBe('CriticalAddonsOnly=true:NoExecute');
    said(lab, `kubectl patch daemonset speaker -n metallb-system --type=json -p '${TOLERATION}'`);
    const ready: number[] = [];
    for (let i = 0; i < 60; i++) ready.push(Number(said(lab, "kubectl get daemonset speaker -n metallb-system -o jsonpath='{.status.numberReady}'")));
    expect(Math.min(...ready)).toBe(3);
    expect(speakersOn(lab)).toEqual([...NODES]);
    expect(said(lab, 'kubectl get daemonset speaker -n metallb-system --no-headers')).toMatch(/^speaker +4 +4 +4 +4 +4 /);
  });

  it('waw-three-endpoints-balanced: three endpoints, and requests from outside reach all of them', () => {
    const lab = announced();
    said(lab, 'kubectl apply -f example/deployment.yaml -f example/service.yaml');
    said(lab, 'sleep 30');
    const endpoints = /^Endpoints: +(\S+)$/m.exec(said(lab, 'kubectl describe service nginx'))?.[1]?.split(',') ?? [];
    expect(endpoints).toEqual(['10.42.1.24:80', '10.42.2.17:80', '10.42.3.17:80']);
    const head = lab.steps.length;
    said(lab, 'for i in $(seq 20); do curl -s 192.168.1.201 > /dev/null; done');
    const chosen = lab.steps.slice(head).flatMap((s) => (s.kind === 'nat' && s.manip === 'dst' && s.direction === 'original' && s.net.kind === 'ipv4' ? [`${formatIpv4(s.net.dst)}:80`] : []));
    expect(new Set(chosen.filter((c) => c.startsWith('10.42.')))).toEqual(new Set(endpoints));
  });
});
