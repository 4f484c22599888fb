/** Read first: iproute2 ip/ipaddress.c (print_linkinfo), ip/iplink_bridge.c, ip/iplink_vxlan.c. */
import { formatIpv4, formatMac, MAC_BROADCAST, MAC_ZERO, type Mac } from '../../../engine/wire/addresses.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { IpOptions } from './words.ts';

/** `lower`: the device behind @, when it is of this namespace. */
export function linkFlags(link: Link, lower?: Link): string {
  const flags: string[] = [];
  if (link.up && !link.carrier) flags.push('NO-CARRIER');
  if (link.kind === 'loopback') flags.push('LOOPBACK');
  else {
    flags.push('BROADCAST');
    if (link.kind !== 'dummy' || !link.noArp) flags.push('MULTICAST');
    if (link.noArp) flags.push('NOARP');
  }
  if (link.promiscuity > 0 && link.port === undefined) flags.push('PROMISC');
  if (link.up) flags.push('UP');
  if (link.up && link.carrier) flags.push('LOWER_UP');
  if (lower !== undefined && !lower.up) flags.push('M-DOWN');
  return flags.join(',');
}

/** IFLA_OPERSTATE. Devices that never report a carrier stay UNKNOWN. */
export function operState(link: Link): string {
  if (!link.up) return 'DOWN';
  if (link.bridge?.carrierUnknown === true) return 'UNKNOWN';
  if (link.kind === 'loopback' || link.kind === 'vxlan' || link.kind === 'dummy') return 'UNKNOWN';
  if (!link.carrier) return link.kind === 'veth' || link.kind === 'vlan' ? 'LOWERLAYERDOWN' : 'DOWN';
  return 'UP';
}

/** VXLAN's device is its own affair (IFLA_VXLAN_LINK, not IFLA_LINK). */
export const isPointedAt = (link: Link): boolean => link.link !== undefined && link.kind !== 'vxlan';

/** `veth0@if2`, `ens3.100@ens3`. */
export function linkName(link: Link): string {
  if (link.link === undefined || !isPointedAt(link)) return link.name;
  const shown = link.kind === 'veth' && link.link.netns !== undefined ? `if${link.link.ifindex}` : link.link.name;
  return `${link.name}@${shown}`;
}

export const queueing = (link: Link): string => (!link.up && link.activated !== true ? 'noop' : link.kind === 'nic' ? 'fq_codel' : 'noqueue');

export const bridgeId = (mac: Mac): string => formatMac(mac).split(':').map((p) => Number.parseInt(p, 16).toString(16)).join(':');

export function linkText(link: Link, options: IpOptions, bridge: Link | undefined, inAddress: boolean, lower?: Link): string {
  const eol = options.oneline ? '\\' : '\n';
  const sort = link.kind === 'loopback' ? 'loopback' : 'ether';
  const brd = link.kind === 'loopback' ? MAC_ZERO : MAC_BROADCAST;
  let text = `${link.ifindex}: ${linkName(link)}: <${linkFlags(link, lower)}> mtu ${link.mtu} qdisc ${queueing(link)}`;
  if (link.master !== undefined) text += ` master ${link.master}`;
  text += ` state ${operState(link)}${inAddress ? '' : ' mode DEFAULT'} group default ${link.txQueueLen === 0 ? '' : `qlen ${link.txQueueLen}`}`;
  const layer = !inAddress || options.family === undefined; // -4 and -6 leave the link layer out
  if (layer) text += `${eol}    link/${sort} ${formatMac(link.mac)} brd ${formatMac(brd)}`;
  if (link.kind === 'veth' && link.link?.netns !== undefined) text += link.link.netns !== '' ? ` link-netns ${link.link.netns}` : ` link-netnsid ${link.link.netnsid ?? 0}`;
  else if (link.link?.netnsid !== undefined) text += ` link-netnsid ${link.link.netnsid}`;
  if (!layer) return `${text}\n`;
  if (options.details) text += details(link, bridge, eol, inAddress, options.old === true);
  if (link.altNames.length > 0) for (const alt of link.altNames) text += `${eol}    altname ${alt}`;
  if (options.statistics > 0) text += linkStatistics(link, options.statistics, eol);
  return `${text}\n`;
}

function details(link: Link, bridge: Link | undefined, eol: string, inAddress: boolean, old: boolean): string {
  const [min, max] = link.kind === 'loopback' ? [0, 0] : [68, 65535];
  let text = ` promiscuity ${link.promiscuity}${old ? '' : `  allmulti ${link.port === undefined ? 0 : 1}`} minmtu ${min} maxmtu ${max} `;
  if (link.kind === 'veth') text += `${eol}    veth `;
  if (link.kind === 'dummy') text += `${eol}    dummy `;
  if (link.kind === 'vlan') text += `${eol}    vlan protocol 802.1Q id ${link.vlanId ?? 0} <REORDER_HDR> `;
  if (link.vxlan !== undefined) {
    const v = link.vxlan;
    text += `${eol}    vxlan id ${v.vni} local ${formatIpv4(v.local)}${v.dev === undefined ? '' : ` dev ${v.dev}`} srcport 0 0 dstport ${v.dstPort} ${v.learning ? '' : 'nolearning '}ttl ${v.ttl === 0 ? 'auto' : v.ttl} ageing ${v.ageing} ${v.udpCsum ? '' : 'no'}udpcsum noudp6zerocsumtx noudp6zerocsumrx `;
  }
  if (link.bridge !== undefined) {
    const b = link.bridge;
    const id = `${b.priority.toString(16)}.${bridgeId(link.mac)}`;
    text += `${eol}    bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time ${b.ageingTime * 100} stp_state ${b.stp ? 1 : 0} priority ${b.priority} vlan_filtering ${b.vlanFiltering ? 1 : 0} vlan_protocol 802.1Q bridge_id ${id} designated_root ${id} root_port 0 root_path_cost 0 topology_change 0 topology_change_detected 0 hello_timer    0.00 tcn_timer    0.00 topology_change_timer    0.00 gc_timer    0.00 vlan_default_pvid 1 vlan_stats_enabled 0 vlan_stats_per_port 0 group_fwd_mask 0 group_address 01:80:c2:00:00:00 mcast_snooping 1 no_linklocal_learn 0 mcast_vlan_snooping 0 mcast_router 1 mcast_query_use_ifaddr 0 mcast_querier 0 mcast_hash_elasticity 16 mcast_hash_max 4096 mcast_last_member_count 2 mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 mcast_querier_interval 25500 mcast_query_interval 12500 mcast_query_response_interval 1000 mcast_startup_query_interval 3124 mcast_stats_enabled 0 mcast_igmp_version 2 mcast_mld_version 1 nf_call_iptables ${b.nfCallIptables ? 1 : 0} nf_call_ip6tables 0 nf_call_arptables 0 `;
  }
  if (link.port !== undefined && bridge !== undefined) {
    const p = link.port;
    const root = `8000.${bridgeId(bridge.mac)}`;
    const port = 0x8000 + p.portNo;
    const flag = (on: boolean): string => (on ? 'on' : 'off');
    text += `${eol}    bridge_slave state ${p.state} priority ${p.priority} cost ${p.cost} hairpin ${flag(p.hairpin)} guard off root_block off fastleave off learning ${flag(p.learning)} flood ${flag(p.flood)} port_id 0x${port.toString(16)} port_no 0x${p.portNo.toString(16)} designated_port ${port} designated_cost 0 designated_bridge ${root} designated_root ${root} hold_timer    0.00 message_age_timer    0.00 forward_delay_timer    0.00 topology_change_ack 0 config_pending 0 proxy_arp off proxy_arp_wifi off mcast_router 1 mcast_fast_leave off mcast_flood on bcast_flood on mcast_to_unicast off neigh_suppress off group_fwd_mask 0 group_fwd_mask_str 0x0 vlan_tunnel off isolated off locked off `;
  }
  const queues = link.kind === 'veth' ? 2 : 1;
  return `${text}${inAddress ? '' : 'addrgenmode eui64 '}numtxqueues ${queues} numrxqueues ${queues} gso_max_size 65536 gso_max_segs 65535 `;
}

/** print_stats64: every column as wide as its widest value of both directions. */
export function linkStatistics(link: Link, level: number, eol: string): string {
  const s = link.stats;
  const rx = [s.rxBytes, s.rxPackets, s.rxErrors, s.rxDropped, 0, 0];
  const tx = [s.txBytes, s.txPackets, s.txErrors, s.txDropped, 0, 0];
  const widths = ['RX errors:', 'packets', 'errors', 'dropped', 'carrier', 'collsns'].map((name, i) => Math.max(name.length, String(rx[i] ?? 0).length, String(tx[i] ?? 0).length));
  const [first = 10, ...others] = widths;
  const cells = (values: readonly (string | number)[]): string => values.map((v, i) => String(v).padStart(others[i] ?? 7)).join(' ');
  const row = (label: string, names: readonly string[], [bytes = 0, ...values]: readonly number[], errors: readonly string[]): string => {
    const main = `${eol}    ${label}: ${'bytes'.padStart(first - 4)} ${cells(names)}${' '.repeat(11)}${eol}    ${String(bytes).padStart(first)} ${cells(values)} `;
    return level < 2 ? main : `${main}${eol}    ${`${label} errors:`.padStart(first)} ${cells(errors)}${eol}    ${' '.repeat(first)} ${cells([0, 0, 0, 0, 0])} `;
  };
  return row('RX', ['packets', 'errors', 'dropped', 'missed', 'mcast'], rx, ['length', 'crc', 'frame', 'fifo', 'overrun'])
    + row('TX', ['packets', 'errors', 'dropped', 'carrier', 'collsns'], tx, ['aborted', 'fifo', 'window', 'heartbt', 'transns']);
}

/** `cni0             UP             ` */
export const briefHead = (link: Link): string => `${linkName(link).padEnd(16)} ${operState(link).padEnd(14)} `;

/** The device behind @ in the same namespace. VXLAN's is not shown there. */
export const lowerOf = (link: Link, links: readonly Link[]): Link | undefined =>
  (link.link === undefined || link.link.netns !== undefined || link.kind === 'vxlan' ? undefined : links.find((l) => l.ifindex === link.link?.ifindex));

/** IPv6's own answer to a dump of links (net/ipv6/addrconf.c, inet6_fill_ifinfo) is short, and has no link-netnsid: a peer's index is taken for one of this namespace. */
export function link6Text(link: Link, links: readonly Link[]): string {
  const here = link.link === undefined || !isPointedAt(link) ? undefined : links.find((l) => l.ifindex === link.link?.ifindex);
  return `${link.ifindex}: ${here === undefined ? linkName(link) : `${link.name}@${here.name}`}: <${linkFlags(link)}> mtu ${link.mtu} state ${operState(link)} ${link.txQueueLen === 0 ? '' : `qlen ${link.txQueueLen}`}\n`;
}
