/** Expected texts are those of ethtool 6.1 on real veth, bridge, vxlan and lo devices; names that 5.15 has not are left out there. */
import { describe, expect, it, test } from 'vitest';
import { aLink, fake } from '../../testing/fake-kernel.ts';

const links = [
  aLink({ ifindex: 1, name: 'lo', kind: 'loopback' }), aLink({ ifindex: 2, name: 'ens3', kind: 'nic' }), aLink({ ifindex: 3, name: 'ens3.100', kind: 'vlan', vlanId: 100, link: { ifindex: 2, name: 'ens3', netns: undefined, netnsid: undefined } }),
  aLink({ ifindex: 5, name: 'cni0', kind: 'bridge', carrier: false }), aLink({ ifindex: 7, name: 'veth3a7939d6', kind: 'veth', link: { ifindex: 2, name: 'eth0', netns: 'cni-1', netnsid: 0 } }), aLink({ ifindex: 8, name: 'flannel.1', kind: 'vxlan' }),
];
const run = (line: string) => fake({ links }).run(line);
const unreported = '\tSupported ports: [  ]\n\tSupported link modes:   Not reported\n\tSupported pause frame use: No\n\tSupports auto-negotiation: No\n\tSupported FEC modes: Not reported\n\tAdvertised link modes:  Not reported\n\tAdvertised pause frame use: No\n\tAdvertised auto-negotiation: No\n\tAdvertised FEC modes: Not reported\n';

describe('ethtool', () => {
  it('-S of a veth names its other end', () => {
    expect(run('ethtool -S veth3a7939d6').stdout).toBe('NIC statistics:\n     peer_ifindex: 2\n     rx_queue_0_xdp_packets: 0\n     rx_queue_0_xdp_bytes: 0\n     rx_queue_0_drops: 0\n     rx_queue_0_xdp_redirect: 0\n     rx_queue_0_xdp_drops: 0\n     rx_queue_0_xdp_tx: 0\n     rx_queue_0_xdp_tx_errors: 0\n     tx_queue_0_xdp_xmit: 0\n     tx_queue_0_xdp_xmit_errors: 0\n');
  });

  it('settings: a veth, a bridge without ports, lo, a VLAN as the card below', () => {
    expect(run('ethtool veth3a7939d6').stdout).toBe(`Settings for veth3a7939d6:\n${unreported}\tSpeed: 10000Mb/s\n\tDuplex: Full\n\tAuto-negotiation: off\n\tPort: Twisted Pair\n\tPHYAD: 0\n\tTransceiver: internal\n\tMDI-X: Unknown\n\tLink detected: yes\n`);
    expect(run('ethtool cni0').stdout).toBe(`Settings for cni0:\n${unreported}\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n\tAuto-negotiation: off\n\tPort: Other\n\tPHYAD: 0\n\tTransceiver: internal\n\tLink detected: no\n`);
    expect(run('ethtool lo').stdout).toBe('Settings for lo:\n\tLink detected: yes\n');
    expect(run('ethtool ens3.100').stdout.replace('ens3.100', 'ens3')).toBe(run('ethtool ens3').stdout);
  });

  it('-i', () => {
    const rest = 'supports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n';
    expect(run('ethtool -i veth3a7939d6').stdout).toBe(`driver: veth\nversion: 1.0\nfirmware-version: \nexpansion-rom-version: \nbus-info: \nsupports-statistics: yes\n${rest}`);
    expect(run('ethtool -i cni0').stdout).toBe(`driver: bridge\nversion: 2.3\nfirmware-version: N/A\nexpansion-rom-version: \nbus-info: N/A\nsupports-statistics: no\n${rest}`);
  });

  // What is not `off [fixed]`, as the real devices say it.
  test.each([
    ['flannel.1', 'rx-checksumming: on|tx-checksumming: on|\ttx-checksum-ip-generic: on|scatter-gather: on|\ttx-scatter-gather: on|\ttx-scatter-gather-fraglist: on|tcp-segmentation-offload: on|\ttx-tcp-segmentation: on|\ttx-tcp-ecn-segmentation: on|\ttx-tcp-mangleid-segmentation: on|\ttx-tcp6-segmentation: on|generic-segmentation-offload: on|generic-receive-offload: on|tx-lockless: on [fixed]|tx-sctp-segmentation: on|tx-udp-segmentation: on|tx-gso-list: on|tx-nocache-copy: off|rx-gro-list: off|rx-udp-gro-forwarding: off'],
    ['lo', 'rx-checksumming: on [fixed]|tx-checksumming: on|\ttx-checksum-ip-generic: on [fixed]|\ttx-checksum-sctp: on [fixed]|scatter-gather: on|\ttx-scatter-gather: on [fixed]|\ttx-scatter-gather-fraglist: on [fixed]|tcp-segmentation-offload: on|\ttx-tcp-segmentation: on|\ttx-tcp-ecn-segmentation: on|\ttx-tcp-mangleid-segmentation: on|\ttx-tcp6-segmentation: on|generic-segmentation-offload: on|generic-receive-offload: on|highdma: on [fixed]|vlan-challenged: on [fixed]|tx-lockless: on [fixed]|netns-local: on [fixed]|tx-sctp-segmentation: on|tx-udp-segmentation: on|tx-gso-list: on|loopback: on [fixed]|rx-gro-list: off|rx-udp-gro-forwarding: off'],
  ])('-k %s', (dev, expected) => {
    const lines = run(`ethtool -k ${dev}`).stdout.split('\n');
    expect(lines[0]).toBe(`Features for ${dev}:`);
    expect(lines.slice(1).filter((l) => l !== '' && !l.endsWith('off [fixed]')).join('|')).toBe(expected);
  });

  test.each([
    ['ethtool', 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n', 1],
    ['ethtool -foo', 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n', 1],
    ['ethtool -S nope', 'Cannot get stats strings information: No such device\n', 96],
    ['ethtool -i nope', 'Cannot get driver information: No such device\n', 71],
    ['ethtool -k nope', 'netlink error: no device matches name (offset 24)\nnetlink error: No such device\n', 1],
    ['ethtool -S cni0', 'no stats available\n', 94],
    ['ethtool -i lo', 'Cannot get driver information: Operation not supported\n', 71],
    ['ethtool -K ens3 tx off', 'ethtool: -K is not modelled in this lab\n', 1],
  ])('%s', (line, stderr, code) => {
    expect(run(line)).toEqual({ stdout: '', stderr, code });
  });
});
