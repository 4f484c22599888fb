import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { packetEnds } from './packet-ends.ts';

/** Everything that a visit may do: what works, what is refused, what nobody answers, what changes while packets are under way. */
const VISIT: readonly (readonly [on: string, line: string])[] = [
  ['test-pod', 'curl -s http://nginx-service'],
  ['test-pod', 'curl -s -m 2 http://nginx-service:81'],
  ['test-pod', 'curl -s http://10.42.1.1:81'],
  ['test-pod', 'curl -s -m 2 http://10.65.94.77'],
  ['test-pod', 'ping -c 2 10.42.0.1; ping -c 1 -t 1 10.42.0.1; ping -c 1 -s 4000 10.42.0.1; ping -c 1 -M do -s 1500 10.42.0.1'],
  ['test-pod', 'ping -c 1 -W 4 10.42.0.250; ping -c 1 -W 4 10.123.123.99'],
  ['test-pod', 'dig +short nginx-service.default.svc.cluster.local; dig +tcp +short vm1.multipass; dig +short @10.42.0.1 x'],
  ['test-pod', 'nc -zvu -w 1 10.65.94.238 9; tracepath -n -m 3 10.42.0.8'],
  ['vm2', 'sudo arping -c 1 -I ens3 10.65.94.238; ping -b -c 1 10.65.94.255; ping -c 1 10.42.1.99'],
  ['vm2', 'sudo iptables -I FORWARD -d 10.42.1.2 -j DROP'],
  ['test-pod', 'for i in 1 2 3 4; do curl -s -m 1 -o /dev/null http://nginx-service; done'],
  ['vm2', 'sudo iptables -R FORWARD 1 -d 10.42.1.2 -j REJECT --reject-with icmp-host-prohibited'],
  ['test-pod', 'for i in 1 2 3 4; do curl -s -m 1 -o /dev/null http://nginx-service; done'],
  ['vm2', 'sudo iptables -D FORWARD 1; sudo conntrack -F'],
  ['vm1', 'kubectl scale deployment nginx-deployment --replicas=5; sleep 8'],
  ['nginx-deployment-7c79c4bf97-5j5bv', 'curl -s -o /dev/null http://nginx-service'],
  ['vm1', 'kubectl scale deployment nginx-deployment --replicas=0; sleep 8'],
  ['test-pod', 'curl -s http://nginx-service'],
  ['vm3', 'sudo ip link set flannel.1 down'],
  ['vm1', 'ping -c 1 -W 1 10.42.2.1; ping -c 1 -W 1 vm3'],
  ['vm2', 'sudo tcpdump -c 2 -i any icmp & ping -c 1 vm-ext; wait'],
  ['vm2', 'sudo ip link set cni0 down; sudo sysctl -w net.ipv4.ip_forward=0'],
  ['test-pod', 'ping -c 1 -W 1 10.42.1.1'],
];

/** Addresses that speakers announce, given, moved, stolen and lost with a node. */
const ANNOUNCED: readonly (readonly [on: string, line: string])[] = [
  ['fiveg-host-24-node4', 'curl -s 10.123.123.100'],
  ['vm-ext', 'ping -c 2 -W 1 10.123.123.100; ping -c 3 -W 1 10.123.123.99'],
  ['vm1', 'kubectl apply -f pool-broken.yaml -f two-more-services.yaml; sleep 8'],
  ['fiveg-host-24-node4', 'ping -c 2 -W 1 10.123.123.1; curl -s -m 2 10.123.123.1; curl -s -m 2 10.123.123.0'],
  ['vm1', 'kubectl label node vm2 node.kubernetes.io/exclude-from-external-load-balancers=; sleep 8'],
  ['fiveg-host-24-node4', 'curl -s -m 2 10.123.123.100'],
  ['vm1', 'kubectl label node vm2 node.kubernetes.io/exclude-from-external-load-balancers-; sleep 3'],
  ['vm2', 'sudo poweroff'],
  ['fiveg-host-24-node4', 'curl -s -m 2 10.123.123.100; sleep 8; curl -s -m 2 10.123.123.100'],
  ['vm1', 'kubectl delete -f two-more-services.yaml; kubectl scale deployment nginx-lbl2 --replicas=0; sleep 5'],
];

describe('every packet ends exactly once', () => {
  it('where addresses move between nodes', () => {
    const lab = openFromDisk('k3s-metallb-l2', { trace: true });
    for (const [on, line] of ANNOUNCED) lab.exec(on, line);
    lab.wait(8e9 as typeof lab.now);
    const { complaints, count } = packetEnds(lab.steps, lab.now);
    expect(complaints.slice(0, 10)).toEqual([]);
    expect(count.delivered).toBeGreaterThan(50);
  });

  it('in a visit with everything in it', () => {
    const lab = openFromDisk('k3s-clusterip', { trace: true });
    for (const [on, line] of VISIT) lab.exec(on, line);
    lab.wait(5e9 as typeof lab.now);
    const { complaints, count } = packetEnds(lab.steps, lab.now);
    expect(complaints.slice(0, 10)).toEqual([]);
    expect(count.dropped).toBeGreaterThan(10);
    expect(count.delivered).toBeGreaterThan(100);
  });

  it('sees each kind of fault', () => {
    const lab = openFromDisk('k3s-clusterip', { trace: true });
    const head = lab.steps.length;
    lab.exec('test-pod', 'ping -c 1 10.42.1.1');
    const run = lab.steps.slice(head).filter((s) => s.kind !== 'table');
    const end = run.findLast((s) => s.kind === 'delivered');
    const made = run.find((s) => s.kind === 'created');
    if (end === undefined || made === undefined) throw new Error('a ping is made and delivered');
    const faults = (steps: typeof run) => packetEnds(steps, lab.now).complaints.map((c) => c.text.replace(/\(.*/, '').trim());
    expect(faults(run)).toEqual([]);
    expect(faults([...run, end])).toEqual(['delivered after its end']);
    expect(faults(run.filter((s) => s !== end))[0]).toMatch(/^never ended: last seen at/);
    expect(faults([made, ...run])[0]).toMatch(/^made a second time/);
    expect(faults(run.filter((s) => s !== made))[0]).toMatch(/of a packet that nobody made$/);
  });
});
