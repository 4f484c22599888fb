/** The observations of ../shared/transcripts/k3s-metallb-l2.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { ARP_REPLY } from '../../engine/wire/arp.ts';
import { formatIpv4, formatMac } from '../../engine/wire/addresses.ts';
import type { PacketStep } from '../../engine/trace/steps.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Lab } from '../lab.ts';

const HOST = 'fiveg-host-24-node4';
const VIP = '10.123.123.100';
const VM1 = '52:54:00:e2:c3:ec';
const VM2 = '52:54:00:c0:87:a0';

const open = (): Lab => openFromDisk('k3s-metallb-l2', { trace: true });
const out = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
const entry = (lab: Lab, on: string, ip: string): string | undefined => new RegExp(`\\(${ip.replaceAll('.', '\\.')}\\) at (\\S+)`).exec(out(lab, on, 'arp -na'))?.[1];

/** MACs that answered ARP for an address. */
const answerers = (lab: Lab, ip: string, from: number): readonly string[] => [...new Set(lab.steps.slice(from)
  .filter((s): s is Extract<PacketStep, { kind: 'created' }> => s.kind === 'created' && s.by === 'speaker' && 'net' in s && s.net.kind === 'arp' && s.net.op === ARP_REPLY && formatIpv4(s.net.senderIp) === ip)
  .map((s) => (s.net.kind === 'arp' ? formatMac(s.net.senderMac) : '')))];

describe('k3s-metallb-l2', () => {
  it('vip-has-one-owner-mac: the address stands behind one MAC, that of vm2', () => {
    const lab = open();
    const from = lab.steps.length;
    expect(out(lab, HOST, `curl -s ${VIP}`)).toContain('Welcome to NGINX!');
    expect(entry(lab, HOST, VIP)).toBe(VM2);
    expect(answerers(lab, VIP, from)).toEqual([VM2]);
    for (const vm of ['vm1', 'vm2', 'vm3']) expect(out(lab, vm, 'ip addr')).not.toContain(VIP);
  });

  it('wrong-pool-mask-steals-node-ip: with /24 the speaker of vm2 answers for vm1’s own address, with /26 the trouble is gone', () => {
    const lab = open();
    out(lab, HOST, 'ping -c 1 10.123.123.1');
    expect(entry(lab, HOST, '10.123.123.1')).toBe(VM1);
    out(lab, 'vm1', 'kubectl apply -f pool-broken.yaml -f two-more-services.yaml');
    lab.wait(seconds(8));
    expect(out(lab, 'vm1', "kubectl get svc extra-a extra-b -o jsonpath='{.items[*].status.loadBalancer.ingress[0].ip}'")).toBe('10.123.123.0 10.123.123.1');
    expect(entry(lab, HOST, '10.123.123.1')).toBe(VM2);
    const from = lab.steps.length;
    out(lab, HOST, 'ping -c 1 10.123.123.1');
    const vm2 = lab.host('vm2')?.kernel.nsId;
    expect(lab.steps.slice(from).some((s) => s.kind === 'rx' && s.ns === vm2 && s.net.kind === 'ipv4' && formatIpv4(s.net.dst) === '10.123.123.1')).toBe(true);
    out(lab, 'vm1', 'kubectl delete -f two-more-services.yaml');
    out(lab, 'vm1', 'kubectl apply -f pool-fixed.yaml');
    lab.wait(seconds(3));
    out(lab, HOST, 'sudo ip neigh flush all');
    out(lab, HOST, 'ping -c 1 10.123.123.1');
    expect(entry(lab, HOST, '10.123.123.1')).toBe(VM1);
    expect(entry(lab, HOST, VIP) ?? VM2).toBe(VM2);
  });

  it('proxy-arp-is-off: the kernel does not answer for others; a program does, from a packet socket', () => {
    const lab = open();
    expect(out(lab, 'vm2', 'cat /proc/sys/net/ipv4/conf/ens3.100/proxy_arp')).toBe('0\n');
    const from = lab.steps.length;
    out(lab, 'vm-ext', `curl -s ${VIP}`);
    expect(answerers(lab, VIP, from)).toEqual([VM2]);
    expect(out(lab, 'vm1', 'kubectl get pods -n metallb-system -o wide')).toMatch(/speaker-lklxw .* vm2 /);
  });

  it('lb-extends-nodeport-extends-clusterip: the same pods answer at all three', () => {
    const lab = open();
    for (const url of ['http://10.43.159.55', 'http://10.65.94.95:30329', `http://${VIP}`]) expect(out(lab, 'vm1', `curl -s ${url}`)).toContain('Welcome to NGINX!');
    const rules = out(lab, 'vm1', 'sudo iptables-save -t nat').split('\n');
    const jumps = (match: RegExp): readonly (string | undefined)[] => rules.filter((r) => match.test(r)).map((r) => /-j (\S+)$/.exec(r)?.[1]);
    expect(jumps(/^-A KUBE-SERVICES -d 10\.123\.123\.100/)).toEqual(['KUBE-EXT-W47NQ5DDJKUWFTVY']);
    expect(jumps(/^-A KUBE-NODEPORTS .*--dport 30329/)).toEqual(['KUBE-EXT-W47NQ5DDJKUWFTVY']);
    expect(jumps(/^-A KUBE-SERVICES -d 10\.43\.159\.55/)).toEqual(['KUBE-SVC-W47NQ5DDJKUWFTVY']);
    expect(jumps(/^-A KUBE-EXT-W47NQ5DDJKUWFTVY/).at(-1)).toBe('KUBE-SVC-W47NQ5DDJKUWFTVY');
  });

  it('in-cluster-vip-intercepted: from a node or a pod nothing for the address reaches its owner', () => {
    const lab = open();
    out(lab, 'vm1', `ping -c 1 -W 1 ${VIP}`);
    expect(entry(lab, 'vm1', VIP)).toBe(VM2);
    const nic = (step: unknown): boolean => typeof step === 'object' && step !== null && 'dev' in step && (step.dev === 'ens3' || step.dev === 'ens3.100');
    for (const on of ['vm1', 'vm3']) {
      const from = lab.steps.length;
      expect(out(lab, on, `curl -s ${VIP}`)).toContain('Welcome to NGINX!');
      const onWire = lab.steps.slice(from).filter((s) => s.kind === 'tx' && nic(s) && s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' && formatIpv4(s.net.dst) === VIP);
      expect(onWire).toEqual([]);
    }
    expect(out(lab, 'vm1', `kubectl exec test-pod -- curl -s ${VIP}`)).toContain('Welcome to NGINX!');
  });

  it('nat-counter-counts-first-packet-only: one packet of 60 bytes for one curl', () => {
    const lab = open();
    const counter = (): readonly number[] => /daddr 10\.123\.123\.100 .*counter packets (\d+) bytes (\d+)/.exec(out(lab, 'vm1', 'sudo nft list table nat'))?.slice(1).map(Number) ?? [];
    const [packets = 0, bytes = 0] = counter();
    out(lab, 'vm1', `curl -s ${VIP}`);
    expect(counter()).toEqual([packets + 1, bytes + 60]);
  });
});
