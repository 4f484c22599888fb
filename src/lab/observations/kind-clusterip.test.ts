/** The observations of ../shared/transcripts/kind-clusterip.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { Lab } from '../lab.ts';

const NODE = 'my-two-node-cluster-worker';
const CHAIN = 'KUBE-SVC-RMXBZCT6XVCXF3QP';
const POD = 'backend-deployment-76cfdcfdd8-fdlsc';

const open = (): Lab => openFromDisk('kind-clusterip', { trace: false });

function said(lab: Lab, on: string, line: string): string {
  const { stdout, stderr, code } = lab.exec(on, line);
  expect(`${stderr}${code}`).toBe('0');
  return stdout;
}

/** Endpoint chains that the service chain jumps to. */
const endpoints = (lab: Lab): readonly string[] => [...said(lab, NODE, `iptables -t nat -S ${CHAIN}`).matchAll(/-j (KUBE-SEP-\w+)/g)].map((m) => m[1] ?? '');

describe('kind-clusterip', () => {
  it('kind-kubeproxy-rewrites-dst: the Service’s address becomes a pod’s; chains come and go with the pods', () => {
    const lab = open();
    expect(said(lab, NODE, 'iptables -t nat -S PREROUTING')).toMatch(/-A PREROUTING .* -j KUBE-SERVICES\n/);
    said(lab, NODE, 'curl -s -o /dev/null 10.96.51.94:3000');
    expect(said(lab, NODE, 'conntrack -L -p tcp -d 10.96.51.94 2>/dev/null')).toMatch(/dst=10\.96\.51\.94 sport=\d+ dport=3000 src=10\.244\.1\.2 /);
    expect(endpoints(lab)).toHaveLength(1);
    said(lab, 'workstation', 'kubectl scale deployment backend-deployment --replicas=3 && kubectl rollout status deployment backend-deployment && sleep 3');
    expect(endpoints(lab)).toHaveLength(3);
    said(lab, 'workstation', 'kubectl scale deployment backend-deployment --replicas=0 && kubectl wait --for=delete pod -l app=backend --timeout=60s; sleep 3');
    expect(said(lab, NODE, 'iptables-save -t nat')).not.toMatch(new RegExp(`-A ${CHAIN}`));
  });

  it('kind-dns-record: <service>.<namespace>.svc.cluster.local. is the Service’s address', () => {
    const lab = open();
    expect(said(lab, POD, 'nslookup backend-service.default.svc.cluster.local.')).toMatch(/Name:\s+backend-service\.default\.svc\.cluster\.local\nAddress(?: 1)?: 10\.96\.51\.94/);
  });

  it('kind-sep-per-endpoint: one chain for each endpoint, chosen with equal probability', () => {
    const lab = open();
    said(lab, 'workstation', 'kubectl scale deployment backend-deployment --replicas=4 && kubectl rollout status deployment backend-deployment && sleep 3');
    const probabilities = [...said(lab, NODE, `iptables -t nat -S ${CHAIN}`).matchAll(/--probability ([\d.]+)/g)].map((m) => Number(m[1]));
    expect(new Set(endpoints(lab)).size).toBe(4);
    expect(probabilities.map((p) => Math.round(1 / p))).toEqual([4, 3, 2]);
  });

  it('kind-masq-only-external-source: the mark is for sources outside the pods; a pod’s own address reaches the backend, a node’s does not', () => {
    const lab = open();
    expect(said(lab, NODE, `iptables -t nat -S ${CHAIN}`).split('\n')[1]).toMatch(/^-A KUBE-SVC-\w+ ! -s 10\.244\.0\.0\/16 -d 10\.96\.51\.94\/32 .* -j KUBE-MARK-MASQ$/);
    const inside = said(lab, 'workstation', 'kubectl run client --image=nicolaka/netshoot --command -- sleep 600 >/dev/null && kubectl wait --for=condition=Ready pod/client >/dev/null && kubectl get pod client -o jsonpath={.status.podIP}');
    said(lab, 'client', 'curl -s -o /dev/null 10.96.51.94:3000');
    said(lab, 'my-two-node-cluster-control-plane', 'curl -s -o /dev/null 10.96.51.94:3000');
    const log = said(lab, 'workstation', `kubectl logs ${POD}`);
    expect([...log.matchAll(/from ([\d.]+)/g)].map((m) => m[1])).toEqual([inside, '10.89.0.2']);
  });
});
