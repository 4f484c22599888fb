/** Read first: iproute2 ip/ipaddress.c (print_linkinfo, print_linkinfo_brief), ip/iplink_{bridge,bridge_slave,vxlan,vlan}.c: their JSON. */
import { formatIpv4, formatMac } from '../../../engine/wire/addresses.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import { Written } from './json.ts';
import { bridgeId, isPointedAt, linkFlags, operState, queueing } from './link-text.ts';
import type { IpOptions } from './words.ts';

type Json = Record<string, unknown>;
const HUNDREDTHS = new Written('0.00');

const lower = (link: Link): Json => (!isPointedAt(link) ? {} : link.link?.netns !== undefined ? { link_index: link.link.ifindex } : { link: link.link?.name });

export const briefJson = (link: Link, here?: Link): Json => ({ ...lower(link), ifname: link.name, operstate: operState(link), address: formatMac(link.mac), flags: linkFlags(link, here).split(',') });
export const briefAddressJson = (link: Link, addresses: readonly Json[]): Json => ({ ...lower(link), ifname: link.name, operstate: operState(link), addr_info: addresses });

/** `layer`: with its link-layer addresses, which -4 leaves out of `ip address`. */
export function linkJson(link: Link, options: IpOptions, bridge: Link | undefined, how: { readonly inAddress: boolean; readonly layer: boolean; readonly here: Link | undefined }): Json {
  const loopback = link.kind === 'loopback';
  return {
    ifindex: link.ifindex, ...lower(link), ifname: link.name, flags: linkFlags(link, how.here).split(','), mtu: link.mtu, qdisc: queueing(link), ...(link.master === undefined ? {} : { master: link.master }), operstate: operState(link),
    ...(how.inAddress ? {} : { linkmode: 'DEFAULT' }), group: 'default', ...(link.txQueueLen === 0 ? {} : { txqlen: link.txQueueLen }),
    ...(how.layer ? { link_type: loopback ? 'loopback' : 'ether', address: formatMac(link.mac), broadcast: loopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff' } : {}),
    ...(link.link?.netns === undefined ? {} : link.link.netns === '' ? { link_netnsid: link.link.netnsid ?? 0 } : { link_netns: link.link.netns }),
    ...(how.layer && options.details ? details(link, bridge, how.inAddress, options.old === true) : {}),
    ...(link.altNames.length > 0 ? { altnames: link.altNames } : {}),
    ...(how.layer && options.statistics > 0 ? { stats64: statistics(link, options.statistics) } : {}),
  };
}

function details(link: Link, bridge: Link | undefined, inAddress: boolean, old: boolean): Json {
  const [min, max] = link.kind === 'loopback' ? [0, 0] : [68, 65535];
  const own = kindData(link);
  const port = link.port === undefined || bridge === undefined ? undefined : { info_slave_kind: 'bridge', info_slave_data: portData(link.port, bridge) };
  const kind = link.kind === 'loopback' || link.kind === 'nic' ? undefined : link.kind;
  const queues = link.kind === 'veth' ? 2 : 1;
  return {
    promiscuity: link.promiscuity, ...(old ? {} : { allmulti: link.port === undefined ? 0 : 1 }), min_mtu: min, max_mtu: max,
    ...(kind === undefined && port === undefined ? {} : { linkinfo: { ...(kind === undefined ? {} : { info_kind: kind }), ...(own === undefined ? {} : { info_data: own }), ...port } }),
    ...(inAddress ? {} : { inet6_addr_gen_mode: 'eui64' }), num_tx_queues: queues, num_rx_queues: queues, gso_max_size: 65536, gso_max_segs: 65535,
  };
}

function kindData(link: Link): Json | undefined {
  if (link.kind === 'vlan') return { protocol: '802.1Q', id: link.vlanId ?? 0, flags: ['REORDER_HDR'] };
  if (link.vxlan !== undefined) {
    const v = link.vxlan;
    return {
      id: v.vni, local: formatIpv4(v.local), ...(v.dev === undefined ? {} : { link: v.dev }), port_range: { low: 0, high: 0 }, port: v.dstPort, learning: v.learning, ttl: v.ttl, df: 'unset', ageing: v.ageing,
      udp_csum: v.udpCsum, udp_zero_csum6_tx: false, udp_zero_csum6_rx: false,
    };
  }
  if (link.bridge === undefined) return undefined;
  const b = link.bridge;
  const id = `${b.priority.toString(16)}.${bridgeId(link.mac)}`;
  return {
    forward_delay: 1500, hello_time: 200, max_age: 2000, ageing_time: b.ageingTime * 100, stp_state: b.stp ? 1 : 0, priority: b.priority, vlan_filtering: b.vlanFiltering ? 1 : 0, vlan_protocol: '802.1Q', bridge_id: id, root_id: id, root_port: 0, root_path_cost: 0,
    topology_change: 0, topology_change_detected: 0, hello_timer: HUNDREDTHS, tcn_timer: HUNDREDTHS, topology_change_timer: HUNDREDTHS, gc_timer: HUNDREDTHS, vlan_default_pvid: 1, vlan_stats_enabled: 0, vlan_stats_per_port: 0,
    group_fwd_mask: '0', group_addr: '01:80:c2:00:00:00', mcast_snooping: 1, no_linklocal_learn: 0, mcast_vlan_snooping: 0, mcast_router: 1, mcast_query_use_ifaddr: 0, mcast_querier: 0, mcast_hash_elasticity: 16, mcast_hash_max: 4096,
    mcast_last_member_cnt: 2, mcast_startup_query_cnt: 2, mcast_last_member_intvl: 100, mcast_membership_intvl: 26000, mcast_querier_intvl: 25500, mcast_query_intvl: 12500, mcast_query_response_intvl: 1000, mcast_startup_query_intvl: 3124,
    mcast_stats_enabled: 0, mcast_igmp_version: 2, mcast_mld_version: 1, nf_call_iptables: b.nfCallIptables ? 1 : 0, nf_call_ip6tables: 0, nf_call_arptables: 0,
  };
}

function portData(p: NonNullable<Link['port']>, bridge: Link): Json {
  const root = `8000.${bridgeId(bridge.mac)}`;
  const port = 0x8000 + p.portNo;
  return {
    state: p.state, priority: p.priority, cost: p.cost, hairpin: p.hairpin, guard: false, root_block: false, fastleave: false, learning: p.learning, flood: p.flood, id: `0x${port.toString(16)}`, no: `0x${p.portNo.toString(16)}`, designated_port: port, designated_cost: 0,
    bridge_id: root, root_id: root, hold_timer: HUNDREDTHS, message_age_timer: HUNDREDTHS, forward_delay_timer: HUNDREDTHS, topology_change_ack: 0, config_pending: 0, proxy_arp: false, proxy_arp_wifi: false, multicast_router: 1, mcast_flood: true, bcast_flood: true,
    mcast_to_unicast: false, neigh_suppress: false, group_fwd_mask: '0', group_fwd_mask_str: '0x0', vlan_tunnel: false, isolated: false, locked: false,
  };
}

/** __print_stats64 */
function statistics({ stats: s }: Link, level: number): Json {
  const zeros = (...names: readonly string[]): Json => (level < 2 ? {} : Object.fromEntries(names.map((n) => [n, 0])));
  return {
    rx: { bytes: s.rxBytes, packets: s.rxPackets, errors: s.rxErrors, dropped: s.rxDropped, over_errors: 0, multicast: 0, ...zeros('length_errors', 'crc_errors', 'frame_errors', 'fifo_errors', 'missed_errors') },
    tx: { bytes: s.txBytes, packets: s.txPackets, errors: s.txErrors, dropped: s.txDropped, carrier_errors: 0, collisions: 0, ...zeros('aborted_errors', 'fifo_errors', 'window_errors', 'heartbeat_errors', 'carrier_changes') },
  };
}
