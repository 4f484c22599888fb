/** The observations of ../shared/transcripts/warsaw-flannel-node.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { Lab } from '../lab.ts';

const open = (): Lab => openFromDisk('warsaw-flannel-node', { trace: true });
const said = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
const NODES = [['kpi092', '10.42.2.0', '192.168.1.39'], ['kpi093', '10.42.3.0', '192.168.1.40'], ['kpi094', '10.42.1.0', '192.168.1.41']] as const;

describe('warsaw-flannel-node', () => {
  it('waw-flannel-two-step-mapping: subnet to inner MAC to node, both permanent', () => {
    const lab = open();
    const neighbours = said(lab, 'kpi091', 'ip neigh show dev flannel.1');
    const fdb = said(lab, 'kpi091', 'bridge fdb show dev flannel.1');
    for (const [node, subnet, address] of NODES) {
      const mac = /link\/ether (\S+)/.exec(said(lab, node, 'ip link show flannel.1'))?.[1] ?? '';
      expect(neighbours).toContain(`${subnet} lladdr ${mac} PERMANENT`);
      expect(fdb).toContain(`${mac} dst ${address} self permanent`);
    }
  });

  it('waw-no-arp-broadcast: a ping across nodes sends no ARP into the tunnel', () => {
    const lab = open();
    const head = lab.steps.length;
    const target = said(lab, 'xubulab', "kubectl -n kube-system get pod -l k8s-app=kube-dns -o jsonpath='{.items[0].status.podIP}'");
    expect(said(lab, 'kpi091', `ping -c 2 ${target}`)).toContain('2 received');
    const tunnelled = lab.steps.slice(head).flatMap((s) => (s.kind === 'tx' && s.dev === 'flannel.1' ? [s.net.kind] : []));
    expect(new Set(tunnelled)).toEqual(new Set(['ipv4']));
  });

  it('waw-flanneld-not-visible: no pod and no bridge of flannel', () => {
    const lab = open();
    expect(said(lab, 'xubulab', 'kubectl get pods -A')).not.toContain('flannel');
    expect(said(lab, 'kpi091', 'brctl show').split('\n').slice(1).filter((l) => /^\S/.test(l)).map((l) => l.split('\t')[0])).toEqual(['cni0']);
  });

  it('waw-flannel-snat: what leaves the pods’ network gets the node’s address, what stays in it keeps its own', () => {
    const lab = open();
    const head = lab.steps.length;
    expect(said(lab, 'kube-system/local-path-provisioner-7b7dc8d6f5-zpl8h', 'ping -c 1 192.168.1.1')).toContain('1 received');
    const sources = lab.steps.slice(head).flatMap((s) => (s.kind === 'nat' && s.manip === 'src' && s.direction === 'original' && s.net.kind === 'ipv4' ? [s.net.src] : []));
    expect(sources.length).toBeGreaterThan(0);
    const rules = said(lab, 'kpi091', 'sudo iptables-save | grep FLANNEL-POSTRTG');
    expect(rules).toContain('--mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN');
  });

  it('waw-stale-fdb-entries: after a reboot of kpi092 its old MAC stays in the table of kpi091', () => {
    const lab = open();
    const before = said(lab, 'kpi091', 'bridge fdb show dev flannel.1').trim().split('\n');
    lab.exec('kpi092', 'sudo reboot');
    lab.exec('xubulab', 'sleep 60');
    const after = said(lab, 'kpi091', 'bridge fdb show dev flannel.1').trim().split('\n');
    expect(after).toHaveLength(before.length + 1);
    for (const line of before) expect(after).toContain(line);
    expect(said(lab, 'kpi091', 'ip neigh show dev flannel.1').trim().split('\n')).toHaveLength(3);
  });

  it('waw-veth-index-pairing: each end names the index of the other', () => {
    const lab = open();
    const pairs = [...said(lab, 'kpi091', 'ip link').matchAll(/^(\d+): veth\w+@if(\d+):[^]*?link-netns (\S+)/gm)];
    expect(pairs.length).toBeGreaterThan(2);
    for (const [, index, peer, netns] of pairs) expect(said(lab, 'kpi091', `sudo ip netns exec ${netns ?? ''} ip link`)).toMatch(new RegExp(`^${peer ?? ''}: eth0@if${index ?? ''}:`, 'm'));
  });
});
