/** Offloads of a fresh device, as `ethtool -k` lists them. Taken from Linux (veth, bridge, vxlan, lo; virtio_net of a KVM guest), with the names that 5.15 has. */
import type { LinkKind } from '../../../engine/uapi/rtnetlink.ts';

/** All names in the kernel's order; an indented one belongs to the group above it. */
const NAMES = [
  'rx-checksumming', 'tx-checksumming', '\ttx-checksum-ipv4', '\ttx-checksum-ip-generic', '\ttx-checksum-ipv6', '\ttx-checksum-fcoe-crc', '\ttx-checksum-sctp', 'scatter-gather', '\ttx-scatter-gather', '\ttx-scatter-gather-fraglist',
  'tcp-segmentation-offload', '\ttx-tcp-segmentation', '\ttx-tcp-ecn-segmentation', '\ttx-tcp-mangleid-segmentation', '\ttx-tcp6-segmentation', 'generic-segmentation-offload', 'generic-receive-offload', 'large-receive-offload',
  'rx-vlan-offload', 'tx-vlan-offload', 'ntuple-filters', 'receive-hashing', 'highdma', 'rx-vlan-filter', 'vlan-challenged', 'tx-lockless', 'netns-local', 'tx-gso-robust', 'tx-fcoe-segmentation', 'tx-gre-segmentation', 'tx-gre-csum-segmentation',
  'tx-ipxip4-segmentation', 'tx-ipxip6-segmentation', 'tx-udp_tnl-segmentation', 'tx-udp_tnl-csum-segmentation', 'tx-gso-partial', 'tx-tunnel-remcsum-segmentation', 'tx-sctp-segmentation', 'tx-esp-segmentation', 'tx-udp-segmentation', 'tx-gso-list',
  'tx-nocache-copy', 'loopback', 'rx-fcs', 'rx-all', 'tx-vlan-stag-hw-insert', 'rx-vlan-stag-hw-parse', 'rx-vlan-stag-filter', 'l2-fwd-offload', 'hw-tc-offload', 'esp-hw-offload', 'esp-tx-csum-hw-offload', 'rx-udp_tunnel-port-offload',
  'tls-hw-tx-offload', 'tls-hw-rx-offload', 'rx-gro-hw', 'tls-hw-record', 'rx-gro-list', 'macsec-hw-offload', 'rx-udp-gro-forwarding', 'hsr-tag-ins-offload', 'hsr-tag-rm-offload', 'hsr-fwd-offload', 'hsr-dup-offload',
] as const;

const SEGMENTATION = ['scatter-gather', 'tx-scatter-gather', 'tcp-segmentation-offload', 'tx-tcp-segmentation', 'tx-tcp-ecn-segmentation', 'tx-tcp6-segmentation', 'generic-segmentation-offload'];
const SOFTWARE = [...SEGMENTATION, 'tx-checksumming', 'tx-checksum-ip-generic', 'tx-scatter-gather-fraglist', 'tx-tcp-mangleid-segmentation', 'tx-sctp-segmentation', 'tx-udp-segmentation', 'tx-gso-list'];
const TUNNELS = ['tx-gre-segmentation', 'tx-gre-csum-segmentation', 'tx-ipxip4-segmentation', 'tx-ipxip6-segmentation', 'tx-udp_tnl-segmentation', 'tx-udp_tnl-csum-segmentation'];
/** Off, and may be switched on. */
const OPTIONAL = ['rx-gro-list', 'rx-udp-gro-forwarding', 'tx-nocache-copy'];

interface Features {
  readonly on: readonly string[];
  readonly onFixed: readonly string[];
  readonly off: readonly string[];
}

const FEATURES: Readonly<Record<LinkKind, Features>> = {
  veth: {
    on: [...SOFTWARE, ...TUNNELS, 'rx-checksumming', 'tx-checksum-sctp', 'rx-vlan-offload', 'tx-vlan-offload', 'highdma', 'tx-vlan-stag-hw-insert', 'rx-vlan-stag-hw-parse'], onFixed: ['tx-lockless'], off: [...OPTIONAL, 'generic-receive-offload'],
  },
  bridge: {
    on: [...SOFTWARE, ...TUNNELS, 'generic-receive-offload', 'tx-vlan-offload', 'highdma', 'tx-gso-robust', 'tx-fcoe-segmentation', 'tx-gso-partial', 'tx-tunnel-remcsum-segmentation', 'tx-esp-segmentation', 'tx-vlan-stag-hw-insert'],
    onFixed: ['tx-lockless', 'netns-local'], off: OPTIONAL,
  },
  vxlan: { on: [...SOFTWARE, 'rx-checksumming', 'generic-receive-offload'], onFixed: ['tx-lockless'], off: OPTIONAL },
  loopback: {
    on: [...SOFTWARE.filter((n) => !/^(?:tx-checksum-|tx-scatter)/.test(n)), 'generic-receive-offload'],
    onFixed: ['rx-checksumming', 'tx-checksum-ip-generic', 'tx-checksum-sctp', 'tx-scatter-gather', 'tx-scatter-gather-fraglist', 'highdma', 'vlan-challenged', 'tx-lockless', 'netns-local', 'loopback'], off: ['rx-gro-list', 'rx-udp-gro-forwarding'],
  },
  nic: {
    on: [...SEGMENTATION, 'tx-checksumming', 'tx-checksum-ip-generic', 'generic-receive-offload'], onFixed: ['rx-checksumming', 'highdma', 'rx-vlan-filter', 'tx-gso-robust'], off: [...OPTIONAL, 'tx-tcp-mangleid-segmentation'],
  },
  vlan: {
    on: [...SEGMENTATION, 'tx-checksumming', 'tx-checksum-ip-generic', 'generic-receive-offload', 'rx-checksumming', 'highdma'], onFixed: ['tx-lockless'], off: [...OPTIONAL, 'tx-tcp-mangleid-segmentation'],
  },
  dummy: { on: [...SOFTWARE, ...TUNNELS, 'generic-receive-offload', 'highdma', 'tx-gso-partial', 'tx-esp-segmentation'], onFixed: ['tx-lockless'], off: OPTIONAL },
};

export function featuresOf(kind: LinkKind): string {
  const { on, onFixed, off } = FEATURES[kind];
  return NAMES.map((name) => {
    const plain = name.trim();
    return `${name}: ${on.includes(plain) ? 'on' : onFixed.includes(plain) ? 'on [fixed]' : off.includes(plain) ? 'off' : 'off [fixed]'}\n`;
  }).join('');
}
