/** The observations of ../shared/transcripts/k3s-nodeport.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert.ts';
import { openFromDisk } from '../../cli/scenarios.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Lab } from '../lab.ts';

const NODES = { vm1: '10.65.94.238', vm2: '10.65.94.199', vm3: '10.65.94.95' };
const SVC = 'KUBE-SVC-MUSBZEOMK5UKWKKU';
const EXT = 'KUBE-EXT-MUSBZEOMK5UKWKKU';
const open = (trace = false): Lab => openFromDisk('k3s-nodeport', { trace });
const nat = (lab: Lab, node: string) => lab.machines.get(node)?.kernel.netfilter.dump('nat')?.chains ?? [];
const page = (lab: Lab, node: string): string => /pod IP address: (\S+)/.exec(lab.exec('vm-ext', `curl -s http://${node}:30000`).stdout)?.[1] ?? '';

/** Sources of the packets to port 8080 that left a bridge port for a pod. */
function backendSees(lab: Lab, on: string, line: string): ReadonlySet<string> {
  const head = lab.steps.length;
  lab.exec(on, line);
  return new Set(lab.steps.slice(head).flatMap((s) => (s.kind === 'delivered' && s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' && s.net.payload.dstPort === 8080 ? [formatIpv4(s.net.src)] : [])));
}

describe('k3s-nodeport', () => {
  it('nodeport-same-svc-chain: KUBE-NODEPORTS leads to KUBE-EXT, and that to the chain that the ClusterIP uses', () => {
    const lab = open();
    const jumps = (chain: string): readonly (string | undefined)[] => nat(lab, 'vm1').find((c) => c.name === chain)?.rules.map((r) => r.jump) ?? [];
    expect(nat(lab, 'vm1').find((c) => c.name === 'KUBE-NODEPORTS')?.rules.filter((r) => r.save.includes('--dport 30000')).map((r) => r.jump)).toEqual([EXT]);
    expect(jumps(EXT)).toEqual(['KUBE-MARK-MASQ', SVC]);
    expect(jumps('KUBE-SERVICES')).toContain(SVC);
  });

  it('nodeport-on-every-node: the same rules everywhere, and every node answers, also one without a backend', () => {
    const lab = open();
    const rules = (node: string): readonly string[] => nat(lab, node).filter((c) => c.name === SVC || c.name === EXT || c.name === 'KUBE-NODEPORTS').flatMap((c) => c.rules.map((r) => `${c.name} ${r.save}`));
    expect(rules('vm2')).toEqual(rules('vm1'));
    expect(rules('vm3')).toEqual(rules('vm1'));
    for (const node of Object.values(NODES)) expect(page(lab, node)).toMatch(/^10\.42\.[012]\.\d+$/);
    lab.exec('vm1', 'kubectl scale deployment nginx-np --replicas=1 && sleep 40');
    const [left] = new Set(Object.values(NODES).map((node) => page(lab, node)));
    expect(Object.values(NODES).map((node) => page(lab, node))).toEqual([left, left, left]);
  });

  it('nodeport-marks-masquerade: the backend sees an address of the node that was called, never the client', () => {
    const lab = open(true);
    const seen = backendSees(lab, 'vm-ext', `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do curl -s -o /dev/null http://${NODES.vm2}:30000; done`);
    // flannel.1 of vm2 for pods elsewhere, its cni0 for the one next door.
    expect([...seen].sort()).toEqual(['10.42.1.0', '10.42.1.1']);
    const marked = nat(lab, 'vm2').find((c) => c.name === EXT)?.rules.map((r) => [r.jump, r.packets]);
    expect(marked).toEqual([['KUBE-MARK-MASQ', 12], [SVC, 12]]);
  });

  it('chain-reference-counts: one jump to KUBE-EXT, two to KUBE-SVC; a load balancer would add one to KUBE-EXT', () => {
    const lab = open();
    const references = (chain: string): number | undefined => nat(lab, 'vm1').find((c) => c.name === chain)?.references;
    expect([references(EXT), references(SVC)]).toEqual([1, 2]);
    const store = must(lab.cluster, 'cluster').store;
    const service = must(store.get('Service', 'default', 'nginx-np-service'), 'service');
    // What a load balancer's controller writes.
    store.update('Service', { ...service, spec: { ...service.spec, type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '10.123.123.100' }] } } });
    lab.exec('vm1', 'sleep 3');
    expect([references(EXT), references(SVC)]).toEqual([2, 2]);
  });
});
