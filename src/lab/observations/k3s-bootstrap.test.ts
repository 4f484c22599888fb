/** The observations of ../shared/transcripts/k3s-bootstrap.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Lab } from '../lab.ts';

const open = (): Lab => openFromDisk('k3s-bootstrap', { trace: false });
const NODES = ['vm1', 'vm2', 'vm3'];
const addressOf = (lab: Lab, machine: string, device: string): string | undefined => {
  const found = lab.machines.get(machine)?.kernel.netlink.addresses().find((a) => a.dev === device);
  return found === undefined ? undefined : formatIpv4(found.address);
};

describe('k3s-bootstrap', () => {
  it('cni0-appears-with-first-pod: flannel.1 is everywhere from the start, cni0 comes with the first pod of a node', () => {
    const lab = open();
    expect(NODES.map((n) => addressOf(lab, n, 'flannel.1'))).toEqual(['10.42.0.0', '10.42.1.0', '10.42.2.0']);
    expect(NODES.map((n) => addressOf(lab, n, 'cni0'))).toEqual(['10.42.0.1', undefined, undefined]);
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: first\nspec:\n  nodeName: vm3\n  containers:\n  - name: web\n    image: nginx\n';
    expect(lab.apply(pod, 'first.yaml').text).toBe('pod/first created\n');
    lab.settle();
    expect(NODES.map((n) => addressOf(lab, n, 'cni0'))).toEqual(['10.42.0.1', undefined, '10.42.2.1']);
    expect(lab.exec('fiveg-host-24-node4', 'multipass info vm3').stdout).toContain('10.42.2.1');
  });

  it('two-networks: every VM is in the internal network and in VLAN 100, the host is .1 and .254', () => {
    const lab = open();
    for (const [i, vm] of [...NODES, 'vm-ext'].entries()) {
      expect(addressOf(lab, vm, 'ens3')).toMatch(/^10\.65\.94\.\d+$/);
      expect(addressOf(lab, vm, 'ens3.100')).toBe(`10.123.123.${i + 1}`);
      for (const gateway of ['10.65.94.1', '10.123.123.254']) expect(lab.exec(vm, `ping -c 1 -W 1 ${gateway}`).stdout).toContain('1 received, 0% packet loss');
    }
    expect([addressOf(lab, 'fiveg-host-24-node4', 'mpqemubr0'), addressOf(lab, 'fiveg-host-24-node4', 'mpqemubr0.100')]).toEqual(['10.65.94.1', '10.123.123.254']);
  });

  it('the hypervisor asks its machines over the network: what cannot be reached is told of by its lease only', () => {
    const lab = open();
    lab.exec('vm2', 'sudo iptables -I INPUT -p tcp --dport 22 -j DROP');
    const listed = lab.exec('fiveg-host-24-node4', 'multipass list').stdout;
    expect(listed).toContain('10.65.94.22');
    expect(listed).not.toContain('10.42.1.0');
    expect(listed).toContain('10.42.2.0');
    expect(lab.exec('fiveg-host-24-node4', 'multipass exec vm2 -- hostname')).toMatchObject({ code: 2, stderr: "exec failed: ssh connection failed: 'connect to host 10.65.94.22 port 22: Connection timed out'\n" });
  });
});
