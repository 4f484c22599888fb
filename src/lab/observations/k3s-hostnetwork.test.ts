/** The observations of ../shared/transcripts/k3s-hostnetwork.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { Lab } from '../lab.ts';

const HOST = 'fiveg-host-24-node4';
const VIP = '10.123.123.102';
const SVC = 'KUBE-SVC-CDEB5OJ5KJNVMLM6';
const NODES: Readonly<Record<string, string>> = { vm1: '10.65.94.238', vm2: '10.65.94.199', vm3: '10.65.94.95' };
const open = (): Lab => openFromDisk('k3s-hostnetwork', { trace: false });
const page = (lab: Lab): string => /pod IP address: (\S+)/.exec(lab.exec(HOST, `curl -s ${VIP}`).stdout)?.[1] ?? '';

describe('k3s-hostnetwork', () => {
  it('hostnet-dnat-to-node: the endpoints’ chains translate to port 8080 of the nodes, in the order of their texts', () => {
    const lab = open();
    for (const node of Object.keys(NODES)) {
      const chains = lab.machines.get(node)?.kernel.netfilter.dump('nat')?.chains ?? [];
      const seps = chains.find((c) => c.name === SVC)?.rules.flatMap((r) => (r.jump?.startsWith('KUBE-SEP-') === true ? [r.jump] : [])) ?? [];
      const targets = seps.map((sep) => chains.find((c) => c.name === sep)?.rules.map((r) => / --to-destination (\S+)/.exec(r.save)?.[1]).find((t) => t !== undefined));
      expect(targets).toEqual(['10.65.94.199:8080', '10.65.94.238:8080', '10.65.94.95:8080']);
    }
  });

  it('hostnet-works: requests to the VIP are answered by pods with node addresses, spread over the nodes', () => {
    const lab = open();
    const answered = new Set(Array.from({ length: 24 }, () => page(lab)));
    expect([...answered].sort()).toEqual(Object.values(NODES).sort());
  });

  it('the owner’s own pod sees the client, the others see the owner; no port is there for a fourth pod', () => {
    const lab = open();
    for (let i = 0; i < 24; i++) page(lab);
    const mac = /at (\S+) \[ether\]/.exec(lab.exec(HOST, `arp -na | grep ${VIP}`).stdout)?.[1];
    const owner = Object.keys(NODES).find((node) => lab.machines.get(node)?.kernel.netlink.link('ens3') !== undefined && lab.exec(node, 'cat /sys/class/net/ens3/address').stdout.trim() === mac) ?? '';
    const entries = lab.exec(owner, 'sudo conntrack -L -p tcp --dport 80').stdout.split('\n').filter((l) => l.includes(VIP)).map((l) => [...l.matchAll(/(?:src|dst)=(\S+)/g)].map((m) => m[1]));
    expect(entries.length).toBeGreaterThan(10);
    for (const [client, , backend, sees] of entries) expect(sees).toBe(backend === NODES[owner] ? client : NODES[owner]);
    lab.exec('vm1', 'kubectl scale deployment nginx-lbl2-hostnet --replicas=4');
    expect(lab.exec('vm1', 'sleep 3; kubectl get pods').stdout.match(/Pending/g)).toHaveLength(1);
    expect(lab.exec('vm1', 'kubectl describe pods').stdout).toContain("0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports.");
  });
});
