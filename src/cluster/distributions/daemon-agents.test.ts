/** kind's kube-proxy and kindnet: without their pods nobody writes, with the next ones everything is made up for. */
import { expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';

const NODE = 'my-two-node-cluster-worker';

it('an agent works while its pod runs, and what it wrote stays', () => {
  const lab = openFromDisk('kind-clusterip', { trace: false });
  const kubectl = (line: string): string => lab.exec('workstation', `kubectl ${line}`).stdout;
  const rules = (): string => lab.exec(NODE, 'iptables-save -t nat').stdout;
  const listens = (): boolean => lab.exec(NODE, 'curl -s -o /dev/null http://127.0.0.1:10256/healthz').code === 0;
  kubectl('-n kube-system get ds kube-proxy -o yaml > ds.yaml');
  kubectl('-n kube-system delete ds kube-proxy; sleep 5');
  kubectl('expose deployment backend-deployment --name=late --port=3000; sleep 3');
  expect([rules().includes('default/backend-service'), rules().includes('default/late'), listens()]).toEqual([true, false, false]);
  lab.exec('workstation', "sed -i '/resourceVersion:/d; /uid:/d' ds.yaml");
  expect(kubectl('apply -f ds.yaml')).toContain('created');
  lab.exec('workstation', 'sleep 10');
  expect([rules().includes('default/late'), listens()]).toEqual([true, true]);
});

it('a pod that is deleted is followed by one that works as well', () => {
  const lab = openFromDisk('kind-clusterip', { trace: false });
  lab.exec('workstation', 'kubectl -n kube-system delete pod -l k8s-app=kube-proxy; kubectl -n kube-system delete pod -l k8s-app=kindnet; sleep 10');
  lab.exec('workstation', 'kubectl expose deployment backend-deployment --name=late --port=3000; sleep 3');
  expect(lab.exec(NODE, 'iptables-save -t nat').stdout).toContain('default/late');
  lab.exec(NODE, 'ip route del 10.244.0.0/24');
  lab.exec('workstation', 'kubectl -n kube-system delete pod -l k8s-app=kindnet; sleep 10');
  expect(lab.exec(NODE, 'ip route show 10.244.0.0/24').stdout).toMatch(/^10\.244\.0\.0\/24 via 10\.89\.0\.\d+ dev eth0 /);
});

it('kindnet looks after its routes every 10 s and its rules every minute', () => {
  const lab = openFromDisk('kind-clusterip', { trace: false });
  const on = (line: string): string => lab.exec(NODE, line).stdout;
  const before = on('iptables-save -t nat | grep KIND-MASQ');
  on('ip route del 10.244.0.0/24; iptables -t nat -F KIND-MASQ-AGENT; sleep 11');
  expect(on('ip route show 10.244.0.0/24')).toMatch(/^10\.244\.0\.0\/24 via 10\.89\.0\.\d+ dev eth0 /);
  on('sleep 50');
  expect(on('iptables-save -t nat | grep KIND-MASQ')).toBe(before);
});
