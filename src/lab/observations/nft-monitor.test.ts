import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';

describe('nft monitor trace in a terminal', () => {
  it('prints the walk of a packet that a TRACE rule marked, while it happens', () => {
    const lab = openFromDisk('k3s-clusterip', {});
    lab.exec('vm2', 'sudo iptables -t raw -A PREROUTING -p tcp --dport 80 -j TRACE');
    const text = lab.exec('vm2', 'sudo timeout 5 nft monitor trace & sleep 1; curl -s -o /dev/null -m 2 http://10.42.1.2; wait').stdout;
    // The node's own call leaves by OUTPUT, so PREROUTING's rule never sees its SYN.
    expect(text).not.toContain('tcp flags == syn');
    const traced = lab.exec('vm2', 'sudo iptables -t raw -A OUTPUT -p tcp --dport 80 -j TRACE; sudo timeout 5 nft monitor trace & sleep 1; curl -s -o /dev/null -m 2 http://10.43.180.238; wait').stdout;
    expect(traced).toMatch(/^trace id \w{8} ip raw OUTPUT packet: oif "ens3" .*ip daddr 10\.43\.180\.238 .*tcp flags == syn/m);
    expect(traced).toMatch(/ip nat KUBE-SVC-V2OKYYMBY3REGZOG rule .* \(verdict jump KUBE-SEP-/);
  });
});
