/** Read first: Documentation/networking/ip-sysctl.rst. Models: default values of v6.1; memory-sized ones as on a machine with 4 GB. */

/** net.ipv4.conf.<all|default|device>.* : the values of `all`; `default` differs in {@link CONF_DEFAULT_DIFFERS}. */
export const CONF = {
  accept_local: 0, accept_redirects: 1, accept_source_route: 0, arp_accept: 0, arp_announce: 0, arp_evict_nocarrier: 1, arp_filter: 0,
  arp_ignore: 0, arp_notify: 0, bc_forwarding: 0, bootp_relay: 0, disable_policy: 0, disable_xfrm: 0, drop_gratuitous_arp: 0,
  drop_unicast_in_l2_multicast: 0, force_igmp_version: 0, forwarding: 0, igmpv2_unsolicited_report_interval: 10000,
  igmpv3_unsolicited_report_interval: 1000, ignore_routes_with_linkdown: 0, log_martians: 0, mc_forwarding: 0, medium_id: 0,
  promote_secondaries: 0, proxy_arp: 0, proxy_arp_pvlan: 0, route_localnet: 0, rp_filter: 0, secure_redirects: 1, send_redirects: 1,
  shared_media: 1, src_valid_mark: 0, tag: 0,
};
export type ConfName = keyof typeof CONF;
export type Conf = Record<ConfName, number>;
export const CONF_DEFAULT_DIFFERS: Partial<Conf> = { accept_source_route: 1 };
/** Loopback needs no policy check of its own packets. */
export const CONF_LO_DIFFERS: Partial<Conf> = { disable_policy: 1, disable_xfrm: 1 };

/** net.ipv4.neigh.<default|device>.* */
export const NEIGH = {
  anycast_delay: 100, app_solicit: 0, base_reachable_time_ms: 30000, delay_first_probe_time: 5, gc_stale_time: 60, locktime: 100,
  mcast_resolicit: 0, mcast_solicit: 3, proxy_delay: 80, proxy_qlen: 64, retrans_time_ms: 1000, ucast_solicit: 3, unres_qlen: 101,
  unres_qlen_bytes: 212992,
};
export type NeighName = keyof typeof NEIGH;
export type NeighParms = Record<NeighName, number>;
/** Of the table, so in the initial namespace only. */
export const NEIGH_TABLE: Readonly<Record<string, number>> = { gc_interval: 30, gc_thresh1: 128, gc_thresh2: 512, gc_thresh3: 1024 };

/** Every namespace's own. A string is checked as so many numbers, a number as one. */
export const PER_NAMESPACE: Readonly<Record<string, number | string>> = {
  'net.bridge.bridge-nf-call-arptables': 1, 'net.bridge.bridge-nf-call-ip6tables': 1, 'net.bridge.bridge-nf-call-iptables': 1,
  'net.bridge.bridge-nf-filter-pppoe-tagged': 0, 'net.bridge.bridge-nf-filter-vlan-tagged': 0, 'net.bridge.bridge-nf-pass-vlan-input-dev': 0,
  'net.core.somaxconn': 4096,
  'net.ipv4.fib_multipath_hash_fields': 7, 'net.ipv4.fib_multipath_hash_policy': 0, 'net.ipv4.fib_multipath_use_neigh': 0,
  'net.ipv4.fwmark_reflect': 0, 'net.ipv4.icmp_echo_enable_probe': 0, 'net.ipv4.icmp_echo_ignore_all': 0, 'net.ipv4.icmp_echo_ignore_broadcasts': 1,
  'net.ipv4.icmp_errors_use_inbound_ifaddr': 0, 'net.ipv4.icmp_ignore_bogus_error_responses': 1, 'net.ipv4.icmp_msgs_burst': 50,
  'net.ipv4.icmp_msgs_per_sec': 1000, 'net.ipv4.icmp_ratelimit': 1000, 'net.ipv4.icmp_ratemask': 6168,
  'net.ipv4.igmp_max_memberships': 20, 'net.ipv4.igmp_max_msf': 10, 'net.ipv4.igmp_qrv': 2,
  'net.ipv4.ip_autobind_reuse': 0, 'net.ipv4.ip_default_ttl': 64, 'net.ipv4.ip_dynaddr': 0, 'net.ipv4.ip_early_demux': 1,
  'net.ipv4.ip_forward_update_priority': 1, 'net.ipv4.ip_forward_use_pmtu': 0, 'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.ip_no_pmtu_disc': 0, 'net.ipv4.ip_nonlocal_bind': 0, 'net.ipv4.ip_unprivileged_port_start': 1024,
  'net.ipv4.ipfrag_high_thresh': 4194304, 'net.ipv4.ipfrag_low_thresh': 3145728, 'net.ipv4.ipfrag_max_dist': 64, 'net.ipv4.ipfrag_time': 30,
  'net.ipv4.nexthop_compat_mode': 1, 'net.ipv4.ping_group_range': '1\t0',
  'net.ipv4.route.min_adv_mss': 256, 'net.ipv4.route.min_pmtu': 552, 'net.ipv4.route.mtu_expires': 600,
  'net.ipv4.tcp_abort_on_overflow': 0, 'net.ipv4.tcp_adv_win_scale': 1, 'net.ipv4.tcp_app_win': 31, 'net.ipv4.tcp_autocorking': 1,
  'net.ipv4.tcp_base_mss': 1024, 'net.ipv4.tcp_challenge_ack_limit': 2147483647, 'net.ipv4.tcp_dsack': 1, 'net.ipv4.tcp_early_demux': 1,
  'net.ipv4.tcp_early_retrans': 3, 'net.ipv4.tcp_ecn': 2, 'net.ipv4.tcp_ecn_fallback': 1, 'net.ipv4.tcp_fastopen': 1, 'net.ipv4.tcp_fin_timeout': 60,
  'net.ipv4.tcp_frto': 2, 'net.ipv4.tcp_fwmark_accept': 0, 'net.ipv4.tcp_invalid_ratelimit': 500, 'net.ipv4.tcp_keepalive_intvl': 75,
  'net.ipv4.tcp_keepalive_probes': 9, 'net.ipv4.tcp_keepalive_time': 7200, 'net.ipv4.tcp_max_syn_backlog': 256, 'net.ipv4.tcp_max_tw_buckets': 16384,
  'net.ipv4.tcp_min_snd_mss': 48, 'net.ipv4.tcp_moderate_rcvbuf': 1, 'net.ipv4.tcp_mtu_probe_floor': 48, 'net.ipv4.tcp_mtu_probing': 0,
  'net.ipv4.tcp_no_metrics_save': 0, 'net.ipv4.tcp_notsent_lowat': 4294967295, 'net.ipv4.tcp_orphan_retries': 0, 'net.ipv4.tcp_recovery': 1,
  'net.ipv4.tcp_reordering': 3, 'net.ipv4.tcp_retrans_collapse': 1, 'net.ipv4.tcp_retries1': 3, 'net.ipv4.tcp_retries2': 15,
  'net.ipv4.tcp_rfc1337': 0, 'net.ipv4.tcp_rmem': '4096\t131072\t6291456', 'net.ipv4.tcp_sack': 1, 'net.ipv4.tcp_slow_start_after_idle': 1,
  'net.ipv4.tcp_stdurg': 0, 'net.ipv4.tcp_syn_retries': 6, 'net.ipv4.tcp_synack_retries': 5, 'net.ipv4.tcp_syncookies': 1,
  'net.ipv4.tcp_timestamps': 1, 'net.ipv4.tcp_tso_win_divisor': 3, 'net.ipv4.tcp_tw_reuse': 2, 'net.ipv4.tcp_window_scaling': 1,
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304', 'net.ipv4.udp_early_demux': 1, 'net.ipv4.udp_rmem_min': 4096, 'net.ipv4.udp_wmem_min': 4096,
  'net.netfilter.nf_conntrack_acct': 0, 'net.netfilter.nf_conntrack_checksum': 1, 'net.netfilter.nf_conntrack_events': 2,
  'net.netfilter.nf_conntrack_generic_timeout': 600, 'net.netfilter.nf_conntrack_icmp_timeout': 30, 'net.netfilter.nf_conntrack_log_invalid': 0,
  'net.netfilter.nf_conntrack_sctp_timeout_closed': 10, 'net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed': 3,
  'net.netfilter.nf_conntrack_sctp_timeout_cookie_wait': 3, 'net.netfilter.nf_conntrack_sctp_timeout_established': 210,
  'net.netfilter.nf_conntrack_sctp_timeout_heartbeat_sent': 30, 'net.netfilter.nf_conntrack_sctp_timeout_shutdown_ack_sent': 3,
  'net.netfilter.nf_conntrack_sctp_timeout_shutdown_recd': 3, 'net.netfilter.nf_conntrack_sctp_timeout_shutdown_sent': 3,
  'net.netfilter.nf_conntrack_tcp_be_liberal': 0, 'net.netfilter.nf_conntrack_tcp_ignore_invalid_rst': 0, 'net.netfilter.nf_conntrack_tcp_loose': 1,
  'net.netfilter.nf_conntrack_tcp_max_retrans': 3, 'net.netfilter.nf_conntrack_tcp_timeout_close': 10,
  'net.netfilter.nf_conntrack_tcp_timeout_close_wait': 60, 'net.netfilter.nf_conntrack_tcp_timeout_established': 432000,
  'net.netfilter.nf_conntrack_tcp_timeout_fin_wait': 120, 'net.netfilter.nf_conntrack_tcp_timeout_last_ack': 30,
  'net.netfilter.nf_conntrack_tcp_timeout_max_retrans': 300, 'net.netfilter.nf_conntrack_tcp_timeout_syn_recv': 60,
  'net.netfilter.nf_conntrack_tcp_timeout_syn_sent': 120, 'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 120,
  'net.netfilter.nf_conntrack_tcp_timeout_unacknowledged': 300, 'net.netfilter.nf_conntrack_timestamp': 0,
  'net.netfilter.nf_conntrack_udp_timeout': 30, 'net.netfilter.nf_conntrack_udp_timeout_stream': 120,
  'net.unix.max_dgram_qlen': 512,
};

/** Of the whole machine: seen and set from every namespace here, as these are rarely looked at. */
export const PER_MACHINE: Readonly<Record<string, number | string>> = {
  'net.core.default_qdisc': 'fq_codel', 'net.core.devconf_inherit_init_net': 0, 'net.core.netdev_max_backlog': 1000, 'net.core.rmem_default': 212992,
  'net.core.rmem_max': 212992, 'net.core.wmem_default': 212992, 'net.core.wmem_max': 212992, 'net.ipv4.tcp_congestion_control': 'cubic',
  'net.netfilter.nf_conntrack_buckets': 65536, 'net.netfilter.nf_conntrack_expect_max': 1024, 'net.netfilter.nf_conntrack_max': 262144,
  // Jiffies, HZ 250.
  'net.ipv4.route.redirect_load': 5, 'net.ipv4.route.redirect_number': 9, 'net.ipv4.route.redirect_silence': 5120,
};

/** Keys whose value is a word, not a number or a list of numbers. */
export const WORDS: ReadonlySet<string> = new Set(['net.core.default_qdisc', 'net.ipv4.tcp_congestion_control']);

/** Smallest and largest value the kernel takes, where it checks. */
export const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  'net.ipv4.ip_default_ttl': [1, 255], 'net.ipv4.fib_multipath_hash_policy': [0, 3], 'net.ipv4.tcp_syn_retries': [1, 127],
  'net.ipv4.tcp_synack_retries': [0, 255], 'net.ipv4.ip_forward_use_pmtu': [0, 255],
};
