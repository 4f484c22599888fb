import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';

describe('names of the machines', () => {
  const lab = openFromDisk('k3s-clusterip', { trace: false });
  const said = (on: string, line: string) => {
    const { stdout, stderr, code } = lab.exec(on, line);
    return `${stdout}${stderr}${code}`;
  };

  it.each<[string, string, string, RegExp]>([
    ['a VM finds another by its bare name', 'vm1', 'ping -c1 vm2', /^PING vm2\.multipass \(10\.65\.94\.199\)/],
    ['also one outside the cluster', 'vm-ext', 'ping -c1 vm3', /1 received, 0% packet loss/],
    ['and an address its name', 'vm1', 'dig +short -x 10.65.94.56', /^vm-ext\.multipass\.\n0$/],
    ['a pod through CoreDNS and the hypervisor', 'test-pod', 'dig +short vm-ext.multipass', /^10\.65\.94\.56\n0$/],
    ['what nobody knows does not exist', 'test-pod', 'curl -sS -m 3 http://example.com', /^curl: \(6\) Could not resolve host: example\.com\n6$/],
    ['a bare name that nobody knows', 'vm1', 'ping -c1 nope', /^ping: nope: Temporary failure in name resolution\n2$/],
  ])('%s', (_name, on, line, expected) => {
    expect(said(on, line)).toMatch(expected);
  });

  it('need the hypervisor', () => {
    said('fiveg-host-24-node4', 'ip link set mpqemubr0 down');
    expect(said('vm1', 'dig +short +time=1 +tries=1 vm2.multipass')).toMatch(/timed out/);
  });
});
