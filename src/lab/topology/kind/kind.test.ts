import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../../cli/scenarios.ts';

const CP = 'my-two-node-cluster-control-plane';
const WORKER = 'my-two-node-cluster-worker';

describe('a kind cluster on podman', () => {
  const lab = openFromDisk('kind-nodeport', { trace: false });
  const said = (on: string, line: string): string => {
    const { stdout, stderr, code } = lab.exec(on, line);
    return `${stdout}${stderr}${code}`;
  };

  it.each<[string, string, string, RegExp]>([
    ['podman lists nodes with their ports', 'workstation', 'podman ps', /^CONTAINER ID {2}IMAGE +COMMAND {2}CREATED +STATUS +PORTS +NAMES\n[0-9a-f]{12} {2}docker\.io\/kindest\/node@sha256:\S+ +2 hours ago {2}Up 2 hours {2}0\.0\.0\.0:30000->30000\/tcp, 127\.0\.0\.1:\d+->6443\/tcp {2}my-two-node-cluster-control-plane\n/],
    ['a command in a node starts in /', 'workstation', `podman exec -it ${WORKER} pwd`, /^\/\n0$/],
    ['an unknown container', 'workstation', 'podman exec nope true', /^Error: no container with name or ID "nope" found: no such container\n125$/],
    ['an absent program', 'workstation', `podman exec ${WORKER} nosuch`, /executable file `nosuch` not found in \$PATH.*\n127$/],
    ['an unknown flag', 'workstation', 'podman ps --bogus', /^Error: unknown flag: --bogus\nSee 'podman ps --help'\n125$/],
    ['a path of inspect', 'workstation', `podman inspect -f '{{.Name}} {{.NetworkSettings.Networks.kind.IPAddress}}' ${WORKER}`, /^my-two-node-cluster-worker 10\.89\.0\.3\n0$/],
    ['making containers is refused', 'workstation', 'podman run alpine', /^Error: podman run is not modelled in this lab\n125$/],
    ['kind names its nodes', 'workstation', 'kind get nodes --name my-two-node-cluster 2>/dev/null', /^my-two-node-cluster-control-plane\nmy-two-node-cluster-worker\n0$/],
    ['kind has no cluster of another name', 'workstation', 'kind get nodes', /No kind nodes found for cluster "kind"\.\n0$/],
    ['kubectl on the workstation goes by the published port', 'workstation', 'kubectl config view --minify', /server: https:\/\/127\.0\.0\.1:\d+\n/],
    ['kubectl on the control plane', CP, 'kubectl get nodes -o name', /^node\/my-two-node-cluster-control-plane\nnode\/my-two-node-cluster-worker\n0$/],
    ['but not on a worker', WORKER, 'kubectl get nodes', /localhost:8080 was refused/],
    ['nodes know each other by name (aardvark-dns)', CP, `ping -c1 ${WORKER}`, /^PING my-two-node-cluster-worker(\.dns\.podman)? \(10\.89\.0\.3\)/],
    ['the workstation’s iptables is 1.8.7 and prints names', 'workstation', 'sudo iptables -V; sudo iptables -t nat -L NETAVARK-HOSTPORT-DNAT -n', /^iptables v1\.8\.7 \(nf_tables\)\n[\s\S]* {2}tcp {2}-- {2}0\.0\.0\.0\/0/],
    ['a node’s is 1.8.9 and prints numbers with -n', CP, 'iptables -V; iptables -t nat -L KUBE-NODEPORTS -n', /^iptables v1\.8\.9 \(nf_tables\)\n[\s\S]* {2}6 {4}-- {2}0\.0\.0\.0\/0/],
    ['and names without', CP, 'iptables -t nat -L KUBE-NODEPORTS', / {2}tcp {2}-- {2}anywhere/],
    ['its errors carry its version', CP, 'iptables -t nope -L', /^iptables v1\.8\.9 \(nf_tables\): table 'nope' does not exist/],
  ])('%s', (_name, on, line, expected) => {
    expect(said(on, line)).toMatch(expected);
  });

  it('ptp: a pod reaches its own /24 by the gateway; the node has a host route and the gateway’s address for each', () => {
    const pod = 'frontend-deployment-6c8b7d9f54-2bjtt';
    expect(said(pod, 'ip route')).toBe('default via 10.244.1.1 dev eth0 \n10.244.1.0/24 via 10.244.1.1 dev eth0 src 10.244.1.4 \n10.244.1.1 dev eth0 scope link src 10.244.1.4 \n0');
    expect(said(WORKER, 'ip route | grep 10.244.1.4')).toMatch(/^10\.244\.1\.4 dev veth[0-9a-f]{8} scope host \n0$/);
    expect(said(WORKER, 'ip -4 addr | grep -c "inet 10.244.1.1/32 scope global veth"')).toBe('5\n0');
    expect(said(CP, 'ip route | grep 10.244.1')).toBe('10.244.1.0/24 via 10.89.0.3 dev eth0 \n0');
  });

  it('a deleted pod takes veth, route and address along', () => {
    expect(said('workstation', 'kubectl delete pod frontend-deployment-6c8b7d9f54-w8szs --now && kubectl rollout status deployment frontend-deployment')).toMatch(/successfully rolled out\n0$/);
    expect(said(WORKER, 'ip route | grep -c 10.244.1.6')).toBe('0\n1');
    expect(said(WORKER, 'ls /run/cni-ipam-state/kindnet')).not.toMatch(/10\.244\.1\.6/);
  });

  it('the control plane is tainted: nothing of the learner’s runs there, coredns and the DaemonSets do', () => {
    const pods = said('workstation', `kubectl get pods -A -o wide --field-selector spec.nodeName=${CP} --no-headers`);
    expect(pods).not.toMatch(/^default /m);
    for (const name of ['coredns', 'kindnet', 'kube-proxy', 'etcd', 'kube-apiserver']) expect(pods).toMatch(new RegExp(`^kube-system +${name}-`, 'm'));
  });
});

describe('pods that stand for kubeadm and kind', () => {
  const lab = openFromDisk('kind-clusterip', { trace: false });
  it.each(['kube-proxy', 'kindnet', 'kube-apiserver'])('%s: its log says that it is not modelled', (name) => {
    const said = lab.exec('workstation', `kubectl logs -n kube-system $(kubectl get pods -n kube-system -o name | grep ${name} | head -1)`);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toMatch(/^\S+: the log of \S+ is not modelled in this lab\n$/);
  });
});
