/** The observations of ../shared/transcripts/warsaw-flannel-cross-node.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert.ts';
import { openFromDisk } from '../../cli/scenarios.ts';
import { formatIpv4, formatMac } from '../../engine/wire/addresses.ts';
import type { PacketStep, Step } from '../../engine/trace/steps.ts';
import type { Lab } from '../lab.ts';

function open(): Lab {
  const lab = openFromDisk('warsaw-flannel-cross-node', { trace: true });
  expect(lab.exec('xubulab', 'kubectl apply -f nginx-busybox-diffnodes.yaml && sleep 20').code).toBe(0);
  return lab;
}

const said = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
const ipOf = (lab: Lab, pod: string): string => said(lab, 'xubulab', `kubectl get pod ${pod} -o jsonpath='{.status.podIP}'`);

function wget(lab: Lab): readonly Step[] {
  const head = lab.steps.length;
  expect(said(lab, 'busybox', `wget -q -O - ${ipOf(lab, 'nginx')}`)).toContain('Welcome to nginx!');
  return lab.steps.slice(head);
}

type Tx = Extract<PacketStep, { kind: 'tx' }>;
const sent = (steps: readonly Step[]): readonly Tx[] => steps.filter((s): s is Tx => s.kind === 'tx');
/** UDP to 8472. */
const outer = (s: Tx): boolean => s.net.kind === 'ipv4' && s.net.payload.kind === 'udp' && s.net.payload.dstPort === 8472;
const macOf = (lab: Lab, node: string): string => formatMac(must(lab.host(node)?.kernel.netlink.link('flannel.1'), 'flannel.1').mac);

describe('warsaw-flannel-cross-node', () => {
  it('waw-cross-path: pod, cni0, flannel.1, eth0, and the same on the other side', () => {
    const lab = open();
    const steps = wget(lab);
    const first = sent(steps).find((s) => s.dev === 'eth0' && lab.namespaceName(s.ns)?.label === 'busybox' && s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp');
    expect(first).toBeDefined();
    const way = sent(steps).filter((s) => s.net.kind === 'ipv4' && (outer(s) || s.net.payload.kind === 'tcp')).map((s) => `${lab.namespaceName(s.ns)?.label ?? ''} ${s.dev}`).filter((w, i, all) => all.indexOf(w) === i);
    const order = ['busybox eth0', 'kpi093 flannel.1', 'kpi093 eth0', 'kpi092 cni0'].map((w) => way.indexOf(w));
    expect(order.includes(-1)).toBe(false);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(said(lab, 'kpi093', 'ip route get 10.42.2.9')).toContain('via 10.42.2.0 dev flannel.1');
  });

  it('waw-cross-inner-outer: ARP gives the MAC of the remote flannel.1, the FDB the address of its node', () => {
    const lab = open();
    const mac = macOf(lab, 'kpi092');
    expect(said(lab, 'kpi093', 'ip neigh show dev flannel.1')).toContain(`10.42.2.0 lladdr ${mac} PERMANENT`);
    expect(said(lab, 'kpi093', 'bridge fdb show dev flannel.1')).toContain(`${mac} dst 192.168.1.39 self permanent`);
  });

  it('waw-vxlan-terminates-in-flannel1: the inner frame has the MACs of the two flannel.1', () => {
    const lab = open();
    const inner = sent(wget(lab)).filter((s) => s.dev === 'flannel.1' && lab.namespaceName(s.ns)?.label === 'kpi093').map((s) => (s.mac === undefined ? '' : `${formatMac(s.mac.src)} ${formatMac(s.mac.dst)}`));
    expect(new Set(inner)).toEqual(new Set([`${macOf(lab, 'kpi093')} ${macOf(lab, 'kpi092')}`]));
  });

  it('waw-capture-shows-vxlan: on the LAN the exchange is UDP to port 8472 between the nodes, VXLAN network 1', () => {
    const lab = open();
    const lan = sent(wget(lab)).filter((s) => s.dev === 'eth0' && ['kpi092', 'kpi093'].includes(lab.namespaceName(s.ns)?.label ?? ''));
    const pods = lan.filter((s) => s.net.kind === 'ipv4' && formatIpv4(s.net.src).startsWith('10.42.'));
    expect(pods).toEqual([]);
    expect(lan.filter(outer).length).toBeGreaterThan(8);
    expect(said(lab, 'kpi093', 'ip -d link show flannel.1')).toContain('vxlan id 1 ');
  });

  it('waw-pod-ips-change: after a reboot pods have other addresses and flannel another MAC', () => {
    const lab = open();
    const before = [ipOf(lab, 'nginx'), macOf(lab, 'kpi092')];
    lab.exec('kpi092', 'sudo reboot');
    lab.exec('xubulab', 'sleep 60');
    const after = [ipOf(lab, 'nginx'), macOf(lab, 'kpi092')];
    for (const [i, old] of before.entries()) expect(after[i]).not.toBe(old);
    expect(said(lab, 'kpi093', 'bridge fdb show dev flannel.1').split('\n').filter((l) => l.includes('dst 192.168.1.39 '))).toHaveLength(2);
  });
});
