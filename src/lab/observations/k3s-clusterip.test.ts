/** The observations of ../shared/transcripts/k3s-clusterip.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { Lab } from '../lab.ts';
import type { PacketStep, Step } from '../../engine/trace/steps.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';

const CLUSTER_IP = '10.43.180.238';
const PODS = ['10.42.0.8', '10.42.1.2', '10.42.2.2'];

const open = (trace = true): Lab => openFromDisk('k3s-clusterip', { trace });

/** Steps that a command line caused. */
function stepsOf(lab: Lab, on: string, line: string): readonly Step[] {
  const head = lab.steps.length;
  const result = lab.exec(on, line);
  expect(result.stderr + String(result.code)).toBe('0');
  return lab.steps.slice(head);
}

const isPacket = <K extends PacketStep['kind']>(kind: K) => (step: Step): step is Extract<PacketStep, { kind: K }> => step.kind === kind;

/** `10.42.1.4 > 10.43.180.238` of a step's packet, if it is TCP to or from port 80. */
function ends(step: PacketStep): string | undefined {
  const { net } = step;
  if (net.kind !== 'ipv4' || net.payload.kind !== 'tcp' || (net.payload.dstPort !== 80 && net.payload.srcPort !== 80)) return undefined;
  return `${formatIpv4(net.src)} > ${formatIpv4(net.dst)}`;
}

describe('k3s-clusterip', () => {
  it('clusterip-dns-before-tcp: a pod resolves the name through kube-dns, itself DNATed to coredns, before it connects', () => {
    const lab = open();
    const steps = stepsOf(lab, 'test-pod', 'curl -s -o /dev/null http://nginx-service');
    const sent = steps.filter(isPacket('created')).filter((s) => s.net.kind === 'ipv4' && s.net.src === lab.host('test-pod')?.kernel.netlink.addresses().find((a) => a.dev === 'eth0')?.address);
    const dns = sent.findIndex((s) => s.net.kind === 'ipv4' && s.net.payload.kind === 'udp' && s.net.payload.dstPort === 53 && formatIpv4(s.net.dst) === '10.43.0.10');
    const syn = sent.findIndex((s) => ends(s) !== undefined);
    expect(dns).toBeGreaterThanOrEqual(0);
    expect(syn).toBeGreaterThan(dns);
    const dnat = steps.filter(isPacket('nat')).find((s) => s.manip === 'dst' && s.direction === 'original' && s.before.kind === 'ipv4' && formatIpv4(s.before.dst) === '10.43.0.10');
    expect(dnat?.net.kind === 'ipv4' && formatIpv4(dnat.net.dst)).toBe('10.42.0.2');
  });

  it('clusterip-dnat-on-client-node: the address changes on vm2, behind the client’s veth, and nowhere else', () => {
    const lab = open();
    const steps = stepsOf(lab, 'test-pod', `for i in 1 2 3 4 5 6; do curl -s -o /dev/null http://${CLUSTER_IP}; done`);
    const where = new Set(steps.filter(isPacket('nat')).filter((s) => s.before.kind === 'ipv4' && formatIpv4(s.before.dst) === CLUSTER_IP).map((s) => lab.namespaceName(s.ns)));
    expect([...where].map((n) => `${n?.machine ?? ''}/${n?.netns ?? ''}`).filter((v, i, all) => all.indexOf(v) === i)).toEqual(['vm2/']);
    const pod = lab.host('test-pod')?.kernel.nsId;
    const inPod = new Set(steps.filter(isPacket('tx')).filter((s) => s.ns === pod).map(ends).filter((e) => e !== undefined));
    expect([...inPod]).toEqual([`10.42.1.4 > ${CLUSTER_IP}`]);
  });

  it('clusterip-no-snat-from-pod: the backend sees the client pod’s own address', () => {
    const lab = open();
    const steps = stepsOf(lab, 'test-pod', `for i in 1 2 3 4 5 6 7 8; do curl -s -o /dev/null http://${CLUSTER_IP}; done`);
    const arrived = steps.filter(isPacket('delivered')).map(ends).filter((e) => e !== undefined && PODS.some((pod) => e.endsWith(`> ${pod}`)));
    expect(arrived.length).toBeGreaterThan(8);
    expect(new Set(arrived.map((e) => e?.split(' ')[0]))).toEqual(new Set(['10.42.1.4']));
  });

  it('clusterip-load-balanced: 300 connections spread evenly over the three endpoints', () => {
    const lab = open();
    const steps = stepsOf(lab, 'test-pod', `for i in $(seq 300); do curl -s -o /dev/null http://${CLUSTER_IP}; done`);
    const counts = new Map(PODS.map((pod) => [pod, 0]));
    for (const s of steps.filter(isPacket('nat'))) {
      if (s.before.kind !== 'ipv4' || s.net.kind !== 'ipv4' || formatIpv4(s.before.dst) !== CLUSTER_IP || s.net.payload.kind !== 'tcp' || (s.net.payload.flags & 0x12) !== 0x02) continue;
      const pod = formatIpv4(s.net.dst);
      counts.set(pod, (counts.get(pod) ?? 0) + 1);
    }
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(300);
    // Binomial(300, 1/3): mean 100, standard deviation 8.2; four of them.
    for (const n of counts.values()) expect(Math.abs(n - 100)).toBeLessThan(33);
  });

  it('clusterip-three-sep: KUBE-SERVICES leads to the Service’s chain, and that to one chain per pod', () => {
    const lab = open();
    const nat = lab.machines.get('vm3')?.kernel.netfilter.dump('nat');
    const jumps = (chain: string): (string | undefined)[] => nat?.chains.find((c) => c.name === chain)?.rules.map((r) => r.jump) ?? [];
    expect(jumps('KUBE-SERVICES')).toContain('KUBE-SVC-V2OKYYMBY3REGZOG');
    const endpoints = jumps('KUBE-SVC-V2OKYYMBY3REGZOG').filter((j) => j?.startsWith('KUBE-SEP-'));
    const targets = endpoints.map((sep) => nat?.chains.find((c) => c.name === sep)?.rules.map((r) => / --to-destination (\S+)/.exec(r.save)?.[1]).find((t) => t !== undefined));
    expect(targets).toEqual(PODS.map((pod) => `${pod}:80`));
  });

  it('service-names-not-in-configmap: node names come from NodeHosts, service names from the API', () => {
    const lab = open();
    const map = lab.exec('vm1', 'kubectl get cm -n kube-system coredns -o yaml').stdout;
    expect(map).toContain('vm1');
    expect(map).not.toContain('nginx-service');
    expect(lab.exec('test-pod', 'dig +short vm1 @10.43.0.10').stdout.trim()).toBe('10.65.94.238');
    expect(lab.exec('test-pod', 'dig +short nginx-service.default.svc.cluster.local @10.43.0.10').stdout.trim()).toBe(CLUSTER_IP);
    lab.exec('vm1', 'kubectl create service clusterip later --tcp=80:80');
    expect(lab.exec('test-pod', 'dig +short later.default.svc.cluster.local @10.43.0.10').stdout.trim()).toMatch(/^10\.43\./);
  });

  it('endpoint-order-is-lexicographic: rules follow the string order of ip:port, with 1/n as iptables rounds it', () => {
    const lab = open();
    lab.exec('vm1', 'kubectl scale deployment nginx-deployment --replicas=6 && sleep 10');
    const rules = lab.exec('vm1', 'sudo iptables -t nat -S KUBE-SVC-V2OKYYMBY3REGZOG').stdout.split('\n').filter((l) => l.includes(' -> '));
    const endpoints = rules.map((l) => /-> (\S+?)"/.exec(l)?.[1] ?? '');
    expect(endpoints).toHaveLength(6);
    expect(endpoints).toEqual([...endpoints].sort());
    expect(rules.map((l) => /--probability (\S+)/.exec(l)?.[1])).toEqual(
      ['0.16666666651', '0.20000000019', '0.25000000000', '0.33333333349', '0.50000000000', undefined]);
  });
});
