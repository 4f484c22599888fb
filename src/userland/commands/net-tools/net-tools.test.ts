/** What the tool-parity referee found in arp, route, netstat, bridge, brctl, ss and sysctl: each string is the real tool's. */
import { describe, expect, test } from 'vitest';
import { aLink, aRoute, fake, hw, ip4 } from '../../testing/fake-kernel.ts';

const ENS3 = aLink({ ifindex: 2, name: 'ens3', kind: 'nic', mac: hw('52:54:00:c0:87:a0') });
const FLANNEL = aLink({ ifindex: 4, name: 'flannel.1', kind: 'vxlan' });
const routes = [aRoute('default', { via: '10.65.94.1', dev: 'ens3', priority: 100 }), aRoute('10.42.0.0/24', { via: '10.42.0.0', dev: 'flannel.1', onlink: true })];

describe('route -e', () => {
  test.each([
    ['route -en', 'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n0.0.0.0         10.65.94.1      0.0.0.0         UG        0 0          0 ens3\n10.42.0.0       10.42.0.0       255.255.255.0   UG        0 0          0 flannel.1\n'],
    ['route -een', 'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n0.0.0.0         10.65.94.1      0.0.0.0         UG    100    0        0 ens3     0     0      0\n10.42.0.0       10.42.0.0       255.255.255.0   UG    0      0        0 flanne   0     0      0\n'],
  ])('%s', (line, table) => {
    expect(fake({ links: [ENS3, FLANNEL], routes }).run(line).stdout).toBe(`Kernel IP routing table\n${table}`);
  });
  test('an MTU of a route is not its MSS', () => {
    expect(fake({ links: [ENS3], routes: [aRoute('10.5.0.0/16', { dev: 'ens3', mtu: 1400 })] }).run('netstat -rn').stdout).toContain('U         0 0          0 ens3\n');
  });
});

test('bridge link takes the peer index for one of its own namespace', () => {
  const port = { state: 'forwarding', priority: 32, cost: 2, hairpin: true, learning: true, flood: true, portNo: 1 } as const;
  const veth = aLink({ ifindex: 6, name: 'veth07c81aa5', kind: 'veth', mtu: 1450, master: 'cni0', port, link: { ifindex: 2, name: 'eth0', netns: 'cni-1', netnsid: 0 } });
  expect(fake({ links: [ENS3, veth] }).run('bridge link').stdout).toBe('6: veth07c81aa5@ens3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 master cni0 state forwarding priority 32 cost 2 \n');
});

describe('errors', () => {
  const bridge = aLink({ ifindex: 5, name: 'cni0', kind: 'bridge', bridge: { ageingTime: 300, stp: false, vlanFiltering: false, priority: 32768, nfCallIptables: false } });
  test.each([
    ['bridge link set dev nosuch hairpin on', 'Cannot find bridge device "nosuch"\n', 255],
    ['bridge fdb add 02:00:00:00:00:09 dev flannel.1 dst nosuch', 'Error: any valid address is expected rather than "nosuch".\n', 1],
    ['brctl hairpin cni0 nosuch on', 'interface nosuch does not exist!\n', 1],
    ['ss -tan state nosuch', 'ss: wrong state name: nosuch\n', 255],
    ['ss -tan sport = :nosuch', 'Error: "nosuch" does not look like a port.\nCannot parse dst/src address.\n', 1],
    ['ss -z', 'ss: SELinux is not enabled.\n', 1],
  ])('%s', (line, stderr, code) => {
    expect(fake({ links: [ENS3, FLANNEL, bridge] }).run(line)).toEqual({ stdout: '', stderr, code });
  });

  test.each([
    ['sysctl', 'stderr', 1], ['sysctl -z', 'stdout', 0], ['route add', 'stdout', 0],
  ] as const)('%s: usage on %s, exit %i', (line, stream, code) => {
    const got = fake({ links: [ENS3] }).run(line);
    expect(got[stream]).toMatch(/^\s*Usage:/);
    expect(got.code).toBe(code);
  });
});

test('brctl show without a bridge prints nothing', () => {
  expect(fake({ links: [ENS3] }).run('brctl show')).toEqual({ stdout: '', stderr: '', code: 0 });
});

describe('ss', () => {
  const listening = { protocol: 'tcp', state: 'LISTEN', local: { address: ip4('0.0.0.0'), port: 80 }, remote: undefined, recvQueue: 0, sendQueue: 511, process: 'nginx', pid: 7 } as const;
  test('without a header the queues keep their width', () => {
    expect(fake({ sockets: [listening] }).run('ss -Htln').stdout).toBe('LISTEN 0      511    0.0.0.0:80 0.0.0.0:*\n');
  });
  test('one state asked for is no column', () => {
    expect(fake({ sockets: [] }).run('ss -tan state established').stdout).toBe('Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n');
  });
  test('netstat shows no accept queue', () => {
    expect(fake({ sockets: [listening] }).run('netstat -tln').stdout).toContain('tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN     \n');
  });
});
