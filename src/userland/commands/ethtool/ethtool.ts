/**
 * Read first: ethtool(8) 5.16.
 * Models: a device's settings, -i, -k, -S for the kinds of devices that this lab has; the drivers of Linux 5.15. Offloads: packets here are whole segments with right
 * checksums, so what is on or off is shown as a fresh device has it.
 * Not modelled: changing anything, ring sizes, coalescing, statistics of network cards.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { featuresOf } from './features.ts';

const BAD_LINE = 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n';

/** Drivers by kind: name, version as ethtool_drvinfo gives it, bus. A device without ethtool operations of its own: undefined. */
const DRIVERS: Readonly<Partial<Record<Link['kind'], { readonly driver: string; readonly version: string; readonly firmware: string; readonly bus: string }>>> = {
  nic: { driver: 'virtio_net', version: '1.0.0', firmware: '', bus: '0000:00:03.0' },
  veth: { driver: 'veth', version: '1.0', firmware: '', bus: '' },
  bridge: { driver: 'bridge', version: '2.3', firmware: 'N/A', bus: 'N/A' },
  vlan: { driver: '802.1Q VLAN Support', version: '1.8', firmware: 'N/A', bus: '' },
  vxlan: { driver: 'vxlan', version: '0.1', firmware: '', bus: '' },
  dummy: { driver: 'dummy', version: '5.15.0-107-generic', firmware: '', bus: '' },
};

const yes = (b: boolean): string => (b ? 'yes' : 'no');

function driver(link: Link): string {
  const info = DRIVERS[link.kind];
  if (info === undefined) throw new Exit(71, `Cannot get driver information: Operation not supported\n`);
  return `driver: ${info.driver}\nversion: ${info.version}\nfirmware-version: ${info.firmware}\nexpansion-rom-version: \nbus-info: ${info.bus}\nsupports-statistics: ${yes(link.kind === 'nic' || link.kind === 'veth')}\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n`;
}

/** XDP counters of every queue of a veth; nothing here uses XDP. */
const VETH_QUEUE = ['rx_queue_0_xdp_packets', 'rx_queue_0_xdp_bytes', 'rx_queue_0_drops', 'rx_queue_0_xdp_redirect', 'rx_queue_0_xdp_drops', 'rx_queue_0_xdp_tx', 'rx_queue_0_xdp_tx_errors', 'tx_queue_0_xdp_xmit', 'tx_queue_0_xdp_xmit_errors'];

function statistics(link: Link): string {
  if (link.kind === 'veth') return `NIC statistics:\n     peer_ifindex: ${link.link?.ifindex ?? 0}\n${VETH_QUEUE.map((name) => `     ${name}: 0\n`).join('')}`;
  if (link.kind === 'nic') throw new Exit(1, `ethtool: statistics of a network card are ${NOT_MODELLED}; see ip -s link\n`);
  throw new Exit(94, 'no stats available\n');
}

const MODES = '\tSupported ports: [  ]\n\tSupported link modes:   Not reported\n\tSupported pause frame use: No\n\tSupports auto-negotiation: No\n\tSupported FEC modes: Not reported\n\tAdvertised link modes:  Not reported\n\tAdvertised pause frame use: No\n\tAdvertised auto-negotiation: No\n\tAdvertised FEC modes: Not reported\n';

/** Speed and duplex where the driver tells them; a VLAN device has those of what it lies on. */
function settings(context: Context, link: Link): string {
  const lower = link.kind === 'vlan' && link.link !== undefined ? context.kernel.netlink.link(link.link.name) : link;
  const medium = (speed: string, duplex: string, port: string): string => `${MODES}\tSpeed: ${speed}\n\tDuplex: ${duplex}\n\tAuto-negotiation: off\n\tPort: ${port}\n\tPHYAD: 0\n\tTransceiver: internal\n`;
  // A bridge is as fast as its fastest port; the ports of a node are veths.
  const ports = lower?.kind === 'bridge' ? context.kernel.netlink.links().filter((l) => l.master === lower.name && l.carrier) : [];
  const body = lower?.kind === 'veth' ? `${medium('10000Mb/s', 'Full', 'Twisted Pair')}\tMDI-X: Unknown\n` : lower?.kind === 'loopback' || lower?.kind === 'dummy' || lower === undefined ? '' : medium(ports.length > 0 ? '10000Mb/s' : 'Unknown!', 'Unknown! (255)', 'Other');
  return `Settings for ${link.name}:\n${body}\tLink detected: ${yes(link.up && link.carrier)}\n`;
}

function noDevice(kind: 'settings' | 'driver' | 'features' | 'statistics'): Exit {
  const netlink = `netlink error: no device matches name (offset 24)\nnetlink error: ${STRERROR.ENODEV}\n`;
  switch (kind) {
    case 'settings': return new Exit(75, `${netlink.repeat(5)}No data available\n`);
    case 'features': return new Exit(1, netlink);
    case 'statistics': return new Exit(96, `Cannot get stats strings information: ${STRERROR.ENODEV}\n`);
    case 'driver': return new Exit(71, `Cannot get driver information: ${STRERROR.ENODEV}\n`);
  }
}

function* main(context: Context): Program {
  const [, first, second, third] = context.args;
  if (first === '-h' || first === '--help') {
    print(context, 'ethtool version 5.16\nUsage:\n        ethtool DEVNAME\tDisplay standard information about device\n        ethtool -i|--driver DEVNAME\tShow driver information\n        ethtool -k|--show-features DEVNAME\tGet state of protocol offload and other features\n        ethtool -S|--statistics DEVNAME\tShow adapter statistics\n');
    return 0;
  }
  if (first === '--version') {
    print(context, 'ethtool version 5.16\n');
    return 0;
  }
  const option = first?.startsWith('-') === true ? first : undefined;
  const name = option === undefined ? first : second;
  const what: Readonly<Record<string, 'driver' | 'features' | 'statistics'>> = { '-i': 'driver', '--driver': 'driver', '-k': 'features', '--show-features': 'features', '--show-offload': 'features', '-S': 'statistics', '--statistics': 'statistics' };
  const kind = option === undefined ? 'settings' : what[option];
  if (kind === undefined && option !== undefined && /^-[acgKsGACeErpPtnNxXTuUlLmd]$|^--(?:offload|features|change|negotiate|set-ring|show-ring|coalesce|pause|show-pause|show-coalesce|identify|test|phy-statistics)$/.test(option)) throw new Exit(1, `ethtool: ${option} is ${NOT_MODELLED}\n`);
  if (kind === undefined || name === undefined || (option === undefined && second !== undefined) || (option !== undefined && third !== undefined)) throw new Exit(1, BAD_LINE);
  const link = context.kernel.netlink.link(name);
  if (link === undefined) throw noDevice(kind);
  switch (kind) {
    case 'driver': print(context, driver(link)); break;
    case 'features': print(context, `Features for ${link.name}:\n${featuresOf(link.kind)}`); break;
    case 'statistics': print(context, statistics(link)); break;
    case 'settings': print(context, settings(context, link)); break;
  }
  return 0;
}

export const ethtool: Command = {
  name: 'ethtool', models: 'settings, -i, -k, -S (veth: peer_ifindex)', notModelled: 'changing settings, rings, statistics of network cards',
  complete: (host, words) => [...(words.length <= 2 ? ['-i', '-k', '-S'] : []), ...host.kernel.netlink.links().map((l) => l.name)],
  *run(context) {
    return yield* catching(context, main(context));
  },
};
