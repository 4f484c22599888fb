/** Devices, addresses, routes, rules, neighbours, bridges, sysctls: what is there. */
import { LINK, TABLES, group } from './group.ts';

/** The same traffic on both sides, so that what it leaves behind can be compared. */
export const traffic = [
  ...group('test-pod', [], `
    ip neigh flush all
  `),
];

export const listings = [
  ...group('vm2', LINK, `
    ip addr
    ip a
    ip -4 addr
    ip -6 addr show dev nosuch
    ip addr show
    ip addr show dev cni0
    ip addr show cni0
    ip addr show up
    ip addr show type bridge
    ip addr show type vxlan
    ip addr show scope global
    ip addr show scope host
    ip addr show to 10.42.0.0/16
    ip addr show label cni0
    ip addr show master cni0
    ip -br addr
    ip -br -4 addr
    ip -br addr show dev flannel.1
    ip -o addr
    ip -o -4 addr show cni0
    ip -d addr show cni0
    ip link
    ip link show
    ip l sh cni0
    ip link show dev flannel.1
    ip -br link
    ip -o link
    ip -d link show cni0
    ip -d link show flannel.1
    ip -d link show lo
    ip link show master cni0
    ip link show up
    ip link show type bridge_slave
    ip link show type dummy
    ip -j link show lo
    ip -j -p addr show lo
    ip -4 -j addr show cni0
  `),
  ...group('vm2', [...LINK, 'counters'], `
    ip -s addr show lo
    ip -s link show cni0
    ip -s link show flannel.1
    ip -d link show master cni0
    ip -d -s link show veth07c81aa5
  `),
  ...group('test-pod', LINK, `
    ip addr show type veth
    ip -br link show type veth
    ip -d link show type veth
    ip -s link show lo
    ip -s -s link show lo
    ip -d -o link
    ip -j link
  `),
  ...group('vm2', TABLES, `
    ip route
    ip r
    ip -4 route
    ip -d route
    ip -o route
    ip route show table main
    ip route show table local
    ip route show table all
    ip route show table 254
    ip route show table 255 dev cni0
    ip route list table 77
    ip route show dev cni0
    ip route show dev ens3
    ip route show default
    ip route show proto kernel
    ip route show scope link
    ip route show type local table local
    ip route show type broadcast table local dev cni0
    ip route show 10.42.0.0/24
    ip route show exact 10.42.0.0/24
    ip route show match 10.42.0.7
    ip route show root 10.42.0.0/16
    ip route show via 10.42.0.0
    ip route show to match 10.43.0.1
    ip route show src 10.42.1.1
    ip -j route show dev cni0
    ip -d route show table local dev lo
    ip route get 10.42.1.4
    ip route get 10.42.0.8
    ip route get 10.43.180.238
    ip route get 8.8.8.8
    ip route get 127.0.0.1
    ip route get 10.42.1.1
    ip route get 10.65.94.255
    ip route get 10.42.1.255
    ip route get 255.255.255.255
    ip route get 10.65.94.95 from 10.65.94.199
    ip route get 10.42.0.8 from 10.42.1.4 iif cni0
    ip route get 10.65.94.199 from 10.42.1.4 iif cni0
    ip route get 8.8.8.8 oif ens3
    ip route get 8.8.8.8 oif cni0
    ip route get 10.42.0.8 mark 0x4000
    ip route get 224.0.0.1
    ip -o route get 10.42.0.8
    ip -d route get 10.42.0.8
    ip route get fibmatch 10.42.0.8
    ip rule
    ip rule show
    ip -4 rule list
    ip rule list table main
    ip rule show priority 0
    ip -d rule
    ip -j rule
    ip rule add from 10.42.1.4 table 100 priority 1000; ip rule; ip route add default via 10.65.94.1 table 100; ip route show table 100; ip route get 8.8.8.8 from 10.42.1.4 iif cni0; ip rule del priority 1000; ip route flush table 100; ip rule
    ip rule add fwmark 0x10/0xff lookup 200 pref 900; ip rule add iif cni0 blackhole pref 901; ip rule add not to 10.0.0.0/8 unreachable pref 902; ip rule; ip rule show pref 901; ip rule del pref 900; ip rule del pref 901; ip rule del pref 902; ip rule
    ip route add 192.0.2.0/24 via 10.65.94.1; ip route show 192.0.2.0/24; ip route del 192.0.2.0/24
    ip route add blackhole 192.0.2.0/24; ip route add unreachable 192.0.3.0/24 metric 5; ip route add prohibit 192.0.4.0/24; ip route; ip route get 192.0.2.1; ip route get 192.0.3.1; ip route get 192.0.4.1; ip route del blackhole 192.0.2.0/24; ip route del unreachable 192.0.3.0/24 metric 5; ip route del 192.0.4.0/24
    ip route add 192.0.2.0/24 nexthop via 10.65.94.1 weight 2 nexthop via 10.42.1.2 weight 1; ip route show 192.0.2.0/24; ip -j route show 192.0.2.0/24; ip route del 192.0.2.0/24
    ip route add 192.0.2.0/24 via 10.65.94.1 mtu 1400 metric 7 proto static; ip route show 192.0.2.0/24; ip route get 192.0.2.9; ip route replace 192.0.2.0/24 via 10.65.94.95 metric 7; ip route show 192.0.2.0/24; ip route append 192.0.2.0/24 via 10.65.94.1 metric 7; ip route show 192.0.2.0/24; ip route change 192.0.2.0/24 via 10.65.94.238 metric 7; ip route show 192.0.2.0/24; ip route flush 192.0.2.0/24; ip route show 192.0.2.0/24
    ip neigh flush all; ip neigh
    ping -c1 -W1 10.42.1.2 >/dev/null; ping -c1 -W1 10.65.94.238 >/dev/null; ip neigh show
    ip neigh show dev cni0
    ip neigh show dev flannel.1
    ip neigh show nud permanent
    ip -4 neigh
    ip -s neigh show dev flannel.1
    ip neigh show 10.42.0.0
    ip neigh show to 10.42.0.0/16
    ip neigh show nud all
    ip neigh get 10.42.0.0 dev flannel.1
    ip -j neigh show dev flannel.1
    ip neigh add 10.65.94.77 lladdr 52:54:00:00:00:77 dev ens3; ip neigh show 10.65.94.77; ip neigh replace 10.65.94.77 lladdr 52:54:00:00:00:78 dev ens3 nud stale; ip neigh show 10.65.94.77; ip neigh del 10.65.94.77 dev ens3; ip neigh show 10.65.94.77
    arp -n
    arp -na
    arp -a -n -v
    arp -an -i cni0
    arp -n -i flannel.1
    arp -n 10.42.0.0
    arp -an 10.42.0.0
    arp -n 10.99.99.99
    arp -an 10.99.99.99
    arp -vn -i flannel.1
    arp -n -i nosuch
    route -n
    route -e -n
    route -ee -n
    netstat -rn
    bridge link
    bridge link show dev veth07c81aa5
    bridge -d link
    bridge -d link show dev veth07c81aa5
    bridge -s link
    bridge fdb
    bridge fdb show
    bridge fdb show dev flannel.1
    bridge fdb show br cni0
    bridge fdb show brport veth07c81aa5
    bridge fdb show dynamic
    bridge -s fdb show dev flannel.1
    bridge -d fdb show dev flannel.1
    bridge vlan
    bridge vlan show
    brctl show
    brctl show cni0
    brctl show nosuch
    brctl show ens3
    brctl showmacs cni0
    brctl showstp cni0
    brctl showmacs nosuch
    brctl showstp nosuch
    sysctl net.ipv4.ip_forward
    sysctl -n net.ipv4.ip_forward
    sysctl -N net.ipv4.ip_forward
    sysctl net/ipv4/ip_forward
    sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter
    sysctl net.ipv4.conf.cni0.rp_filter
    sysctl net/ipv4/conf/flannel.1/rp_filter
    sysctl net.ipv4.conf.flannel/1.rp_filter
    sysctl net.bridge.bridge-nf-call-iptables
    sysctl net.bridge
    sysctl net.netfilter.nf_conntrack_max
    sysctl net.netfilter.nf_conntrack_tcp_timeout_established
    sysctl net.ipv4.ip_local_port_range
    sysctl net.ipv4.tcp_wmem
    sysctl -e net.ipv4.nosuch
    sysctl -w net.ipv4.ip_forward=1
    sysctl -qw net.ipv4.ip_forward=1
    sysctl net.ipv4.ip_forward=1
    sysctl net.ipv4.conf.cni0.forwarding
    sysctl net.ipv4.conf.lo
    sysctl -a -r 'net.ipv4.conf.all'
    sysctl -a -r 'net.ipv4.conf.cni0'
    sysctl -a -r 'net.netfilter.nf_conntrack_(tcp|udp|generic|icmp_)'
    sysctl -ar '^net.ipv4.(ip_default_ttl|icmp)'
    sysctl -a -r '^net.ipv4.tcp_(fin_timeout|keepalive|syn_retries|synack_retries|retries|timestamps|sack|window_scaling|tw_reuse$|ecn$|syncookies|mtu_probing|base_mss)'
    sysctl -a -r '^net.ipv4.neigh.cni0'
    sysctl -a -r '^net.ipv4.(fib_multipath_(hash_policy|use)|ip_(forward|no_pmtu|local_port_range|nonlocal|early|dynaddr|autobind))'
    sysctl -a -N -r '^net.ipv4.conf.default'
    sysctl -n net.ipv4.ip_forward net.ipv4.ip_default_ttl
  `),
];
