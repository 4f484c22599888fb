/** The command lines that are compared, in order: what an earlier line changed, a later one may show. */
import type { MaskName } from './masks.ts';

export interface ParityCommand {
  /** Namespace of the export, host of the lab. */
  readonly on: string;
  readonly run: string;
  readonly masks: readonly MaskName[];
}

const group = (on: string, masks: readonly MaskName[], text: string): readonly ParityCommand[] =>
  text.split('\n').map((l) => l.trim()).filter((l) => l !== '').map((run) => ({ on, run, masks }));

const LINK: readonly MaskName[] = ['nic-is-veth', 'netns-name', 'lease-time', 'gso-fields', 'ipv6', 'no-vlan-filtering', 'bridge-timers'];
const TABLES: readonly MaskName[] = [...LINK, 'kernel-6', 'igmp-neighbour', 'iproute2-version', 'neigh-order', 'fdb-order', 'mac-order', 'ages', 'nud-state'];
const IPTABLES: readonly MaskName[] = ['iptables-version', 'numeric-protocol', 'etc-networks', 'date', 'rule-counters', 'handles'];
const ALL: readonly MaskName[] = [...TABLES, ...IPTABLES, 'conntrack-version', 'flow-ids', 'stand-in-server'];

/** The same traffic on both sides, so that what it leaves behind can be compared. */
const traffic = [
  ...group('test-pod', [], `
    ip neigh flush all
  `),
];

const listings = [
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

const iptables = group('vm2', IPTABLES, `
    iptables -S
    iptables -t nat -S
    iptables -t filter -S
    iptables -t mangle -S
    iptables -t raw -S
    iptables -t nat -S KUBE-SERVICES
    iptables -t nat -S POSTROUTING
    iptables -t nat -S KUBE-SVC-NOSUCH
    iptables -S FORWARD 1
    iptables -t nat -S KUBE-SERVICES 2
    iptables -L INPUT
    iptables -L KUBE-FIREWALL
    iptables -n -L
    iptables -L -n
    iptables -nL FORWARD
    iptables -nvL FORWARD
    iptables -L INPUT -n --line-numbers
    iptables -nvxL FORWARD
    iptables -t nat -L -n
    iptables -t nat -L -n --line-numbers
    iptables -t nat -L PREROUTING
    iptables -t nat -L KUBE-SERVICES -n
    iptables -t nat -nvL KUBE-SERVICES --line-numbers
    iptables -t nat -nL KUBE-POSTROUTING
    iptables -t nat -nL KUBE-MARK-MASQ
    iptables -t nat -L FLANNEL-POSTRTG -n
    iptables -t nat -L FLANNEL-POSTRTG -nv
    iptables -t nat -vS KUBE-POSTROUTING
    iptables -t mangle -nL
    iptables -t raw -nvL
    iptables -L FORWARD 1 -n
    iptables -L FORWARD 99 -n
    iptables-save
    iptables-save -t nat
    iptables-save -t filter
    iptables-save -t mangle
    iptables-save -c -t nat
    iptables-save -t nosuch
    nft list tables
    nft list table ip nat
    nft list table ip filter
    nft list table ip mangle
    nft list ruleset
    nft list chain ip nat KUBE-SERVICES
    nft list chain ip nat POSTROUTING
    nft list chains
    nft -a list chain ip nat KUBE-MARK-MASQ
    iptables -N P1 && iptables -A P1 -s 10.0.0.0/8 -p tcp --dport 80:90 -m comment --comment "two words" -j ACCEPT && iptables -A P1 ! -i ens3 -p udp -m multiport --dports 53,67:68 -j REJECT && iptables -A P1 -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN && iptables -A P1 -m mark --mark 0x1/0xf -j LOG --log-prefix "p1: " && iptables -A P1 -p icmp --icmp-type echo-request -m limit --limit 5/min -j DROP; iptables -S P1; iptables -L P1 -n -v --line-numbers; nft list chain ip filter P1; iptables -F P1; iptables -X P1
    iptables -t nat -N P2 && iptables -t nat -A P2 -p tcp -d 192.0.2.1 --dport 80 -j DNAT --to-destination 10.42.1.2:80 && iptables -t nat -A P2 -s 10.42.0.0/16 ! -d 10.42.0.0/16 -j SNAT --to-source 10.65.94.199 && iptables -t nat -A P2 -p tcp --dport 81 -j REDIRECT --to-ports 8080 && iptables -t nat -A P2 -o ens3 -j MASQUERADE --random-fully; iptables -t nat -S P2; iptables -t nat -nL P2; nft list chain ip nat P2; iptables -t nat -F P2; iptables -t nat -X P2
    iptables -t mangle -N P3 && iptables -t mangle -A P3 -j MARK --set-xmark 0x10/0xff && iptables -t mangle -A P3 -j MARK --or-mark 0x4 && iptables -t mangle -A P3 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu && iptables -t mangle -A P3 -j CONNMARK --save-mark; iptables -t mangle -S P3; iptables -t mangle -nvL P3; nft list chain ip mangle P3; iptables -t mangle -F P3; iptables -t mangle -X P3
    iptables -I FORWARD 1 -s 10.42.1.4 -j ACCEPT; iptables -C FORWARD -s 10.42.1.4 -j ACCEPT; iptables -S FORWARD; iptables -D FORWARD 1; iptables -C FORWARD -s 10.42.1.4 -j ACCEPT; iptables -S FORWARD
`);

const sockets = [
  ...group('vm2', ['stand-in-server', 'socket-order'], `
    ss -tln
    ss -H -tln
    ss -uln
    netstat -tln
    netstat -uln
  `),
  ...group('nginx-deployment-7c79c4bf97-5j5bv', ALL, `
    ss -tln
    ss -tlnH
    ss -lnt
    ss -uan
    ss -tan state established
    ss -ltn sport = :80
    ss -ltn sport = :81
    netstat -tln
    netstat -tlnp
    netstat -uan
    netstat -nr
    ip addr
    ip route
    ip neigh
    ip link
    arp -n
    iptables -S
    iptables -t nat -L -n
  `),
];

const conntrack = group('vm2', ['conntrack-version', 'flow-ids'], `
    conntrack -F
    conntrack -L -p icmp -s 10.42.1.4
    ip netns exec nosuch true
    conntrack -L -s 192.0.2.77
    conntrack -D -s 192.0.2.77
    conntrack -L -p tcp --dport 99999
    conntrack -L -p nosuch
    conntrack -L nosuch
    conntrack -C nosuch
    conntrack -X
    conntrack --nosuch
    conntrack -L --dport 80
    conntrack -L -s 300.1.1.1
    conntrack -L -p tcp --state NOSUCH
    conntrack -L -D
    conntrack -G
    conntrack -L -o nosuch
    conntrack -L -u NOSUCH
    conntrack -L expect
    conntrack -D
    conntrack -L -f ipv6
    conntrack -V
`);

const errors = [
  ...group('vm2', ALL, `
    ip
    ip help
    ip nosuch
    ip -nosuch
    ip -V
    ip addr nosuch
    ip addr show nosuch
    ip addr show dev nosuch
    ip addr show scope nosuch
    ip addr add
    ip addr add 10.0.0.1/24
    ip addr add 10.0.0.1/24 dev nosuch
    ip addr add 10.0.0.1/33 dev cni0
    ip addr add 10.0.0.300/24 dev cni0
    ip addr add 10.42.1.1/24 dev cni0
    ip addr add 10.0.0.1/24 10.0.0.2/24 dev cni0
    ip addr add 10.0.0.1/24 dev
    ip addr add 10.0.0.1/24 dev cni0 brd nosuch
    ip addr del 10.99.0.1/24 dev cni0
    ip addr del 10.99.0.1/24 dev nosuch
    ip addr del 10.99.0.1/24
    ip addr flush
    ip addr flush dev nosuch
    ip link nosuch
    ip link show nosuch
    ip link show dev nosuch
    ip link set nosuch up
    ip link set
    ip link set cni0
    ip link set cni0 mtu
    ip link set cni0 mtu abc
    ip link set cni0 mtu 10
    ip link set cni0 nosuch
    ip link set dev veth07c81aa5 master nosuch
    ip link set lo master cni0
    ip link set cni0 master cni0
    ip link set cni0 address zz
    ip link add
    ip link add foo
    ip link add foo type nosuch
    ip link add cni0 type bridge
    ip link add foo type veth peer name cni0
    ip link add averyveryverylongname type bridge
    ip link add link nosuch name x5 type bridge
    ip link add foo type vxlan
    ip link add foo type vxlan id 9 dev nosuch
    ip link del
    ip link del nosuch
    ip link del lo
    ip link add d9 address 02:00:00:00:00:08 type bridge; ip link show d9; ip -d link show d9; ip addr add 192.0.2.1/24 dev d9; ip addr show d9; ip link set d9 up; ip addr show d9; ip route show dev d9; ip addr add 192.0.2.2/24 dev d9; ip addr add 198.51.100.1/32 dev d9; ip addr show d9; ip addr del 192.0.2.1/24 dev d9; ip addr show d9; ip link set d9 mtu 1400; ip link set d9 address 02:00:00:00:00:09; ip link show d9; ip link set d9 down; ip link show d9; ip link del d9; ip link show d9
    ip link add br9 address 02:00:00:00:00:0a type bridge; ip link show br9; ip link add v9 address 02:00:00:00:00:0b type veth peer name v9p address 02:00:00:00:00:0c; ip link show v9p; ip -br link show v9; ip link set v9 master br9; ip link show v9; bridge link show dev v9; ip link set br9 up; ip link set v9 up; ip -br link show br9; ip -br link show v9; ip link set v9p up; ip -br link show master br9; bridge link show dev v9; brctl show br9; bridge link set dev v9 hairpin on; bridge -d link show dev v9; ip link set v9 nomaster; ip link show v9; ip addr show v9; ip link del v9; ip link show v9p; ip link del br9
    ip link add vx9 address 02:00:00:00:00:0d type vxlan id 9 local 10.65.94.199 dstport 4789 dev ens3; ip -d link show vx9; ip link set vx9 up; bridge fdb append 00:00:00:00:00:00 dev vx9 dst 10.65.94.95; bridge fdb append 00:00:00:00:00:00 dev vx9 dst 10.65.94.238; bridge fdb show dev vx9; bridge fdb del 00:00:00:00:00:00 dev vx9 dst 10.65.94.95; bridge fdb show dev vx9; ip link del vx9
    ip route nosuch
    ip route add
    ip route add 10.5.0.0/16
    ip route add 10.5.0.0/16 via
    ip route add 10.5.0.0/16 via 10.99.99.99
    ip route add 10.5.0.0/16 via nosuch
    ip route add 10.5.0.0/16 dev nosuch
    ip route add 10.5.0.0/33 dev cni0
    ip route add 10.5.0.1/16 dev cni0
    ip route add 10.42.0.0/24 via 10.42.0.0 dev flannel.1 onlink
    ip route add default via 10.65.94.1 dev ens3 metric 100
    ip route add 10.5.0.0/16 dev cni0 table nosuch
    ip route add 10.5.0.0/16 dev cni0 metric abc
    ip route add 10.5.0.0/16 dev cni0 scope nosuch
    ip route add 10.5.0.0/16 dev cni0 proto nosuch
    ip route add 10.5.0.0/16 dev cni0 10.6.0.0/16
    ip route add 10.5.0.0/16 dev cni0 src 1.2.3.4
    ip route del
    ip route del 10.5.0.0/16
    ip route del 10.42.1.0/24 via 10.9.9.9
    ip route change 10.5.0.0/16 dev cni0
    ip route flush
    ip route get
    ip route get nosuch
    ip route get 10.42.0.8 iif nosuch
    ip route get 10.42.0.8 oif nosuch
    ip route get 10.42.0.8 iif cni0
    ip route get 10.42.0.8 from 1.2.3.4
    ip route get 10.42.0.8 mark nosuch
    ip route show table nosuch
    ip route show dev nosuch
    ip route show nosuch
    ip route show scope nosuch
    ip route show proto nosuch
    ip route show type nosuch
    ip rule nosuch
    ip rule add
    ip rule add from nosuch
    ip rule add from 10.0.0.0/8 table nosuch
    ip rule add pref abc
    ip rule add fwmark abc
    ip rule add nosuch
    ip rule del pref 4242
    ip rule del
    ip rule add from all lookup main pref 32766; ip -d rule; ip rule del from all lookup main pref 32766; ip -d rule; ip rule add from all lookup main pref 32766; ip rule
    ip neigh nosuch
    ip neigh add
    ip neigh add 10.65.94.50
    ip neigh add 10.65.94.50 dev nosuch
    ip neigh add nosuch dev cni0
    ip neigh add 10.65.94.50 lladdr zz dev cni0
    ip neigh add 10.65.94.50 dev cni0 nud nosuch
    ip neigh del 10.65.94.51 dev cni0
    ip neigh del 10.65.94.51 dev nosuch
    ip neigh show dev nosuch
    ip neigh show nud nosuch
    ip neigh flush
    ip neigh change 10.65.94.52 lladdr 02:00:00:00:00:01 dev cni0
    ip neigh add 10.42.0.0 lladdr 02:00:00:00:00:01 dev flannel.1
    ip netns nosuch
    ip netns add
    ip netns del nosuch-r2
    ip netns exec
    ip -n nosuch-r2 addr
    bridge
    bridge nosuch
    bridge -nosuch
    bridge link nosuch
    bridge link show dev nosuch
    bridge link set
    bridge link set dev nosuch hairpin on
    bridge link set dev veth07c81aa5 hairpin maybe
    bridge link set dev cni0 hairpin on
    bridge fdb nosuch
    bridge fdb show dev nosuch
    bridge fdb show br nosuch
    bridge fdb add
    bridge fdb add zz dev flannel.1
    bridge fdb add 02:00:00:00:00:09 dev nosuch
    bridge fdb add 02:00:00:00:00:09 dev flannel.1
    bridge fdb del 02:00:00:00:00:09 dev flannel.1
    bridge fdb add 02:00:00:00:00:09 dev flannel.1 dst nosuch
    brctl
    brctl nosuch
    brctl addbr
    brctl addbr cni0
    brctl delbr nosuch
    brctl delbr cni0
    brctl addif nosuch ens3
    brctl addif cni0 nosuch
    brctl addif cni0 veth07c81aa5
    brctl addif cni0 cni0
    brctl addif cni0 lo
    brctl delif cni0 ens3
    brctl delif cni0 nosuch
    brctl delif nosuch veth07c81aa5
    brctl hairpin cni0 nosuch on
    brctl hairpin cni0 veth07c81aa5 maybe
    brctl showmacs
    brctl setageing cni0 abc
    brctl stp nosuch off
    ip link add brx address 02:00:00:00:00:0e type bridge; brctl show brx; brctl addbr brx; brctl delbr brx; brctl show brx
    arp -d
    arp -d 10.99.99.99
    arp -d 10.65.94.250
    arp -s
    arp -s 10.65.94.66
    arp -s 10.65.94.66 zz
    arp -s 10.65.94.66 02:00:00:00:00:66; arp -n 10.65.94.66; arp -d 10.65.94.66; arp -n 10.65.94.66
    arp -z
    route nosuch
    route add
    route add default gw 10.99.99.99
    route add -net 10.5.0.0 netmask 255.255.0.0 dev nosuch
    route add -net 10.5.0.1 netmask 255.255.0.0 dev cni0
    route del -net 10.5.0.0 netmask 255.255.0.0
    route add -net 10.5.0.0 netmask 255.255.0.0 gw 10.65.94.1; route -n; route del -net 10.5.0.0 netmask 255.255.0.0
    route -z
    sysctl
    sysctl net.nosuch
    sysctl net.ipv4.nosuch
    sysctl -n net.ipv4.nosuch
    sysctl net.ipv4.conf.nosuch.forwarding
    sysctl -w net.ipv4.nosuch=1
    sysctl -w net.ipv4.ip_forward
    sysctl -w net.ipv4.ip_forward=abc
    sysctl -w
    sysctl -z
    sysctl -p /nosuch/file
    sysctl -w net.ipv4.ip_default_ttl=999
    ss -Q
    ss -z
    ss --nosuch
    ss -tan state nosuch
    ss -tan sport = :nosuch
    ss -tan nosuch
    netstat -z
    nft
    nft nosuch
    nft list
    nft list nosuch
    nft list table nosuch
    nft list table ip nosuch
    nft list chain ip nat NOSUCH
    nft list table
    nft -z
    iptables
    iptables -Z nosuch
    iptables nosuch
    iptables -L NOSUCH
    iptables -S NOSUCH
    iptables -t nosuch -L
    iptables -t
    iptables -A
    iptables -A NOSUCH -j ACCEPT
    iptables -A FORWARD -j NOSUCH
    iptables -A FORWARD -p nosuch -j ACCEPT
    iptables -A FORWARD -s 10.0.0.0/33 -j ACCEPT
    iptables -A FORWARD -s nosuch.invalid -j ACCEPT
    iptables -A FORWARD --dport 80 -j ACCEPT
    iptables -A FORWARD -p tcp --dport nosuch -j ACCEPT
    iptables -A FORWARD -p tcp --dport 99999 -j ACCEPT
    iptables -A FORWARD -m nosuch -j ACCEPT
    iptables -A FORWARD -m conntrack --ctstate NOSUCH -j ACCEPT
    iptables -A FORWARD -m conntrack -j ACCEPT
    iptables -A FORWARD -j ACCEPT --nosuch
    iptables -A FORWARD -j DNAT --to-destination 1.2.3.4
    iptables -A FORWARD -j DNAT
    iptables -t nat -A PREROUTING -j DNAT
    iptables -t nat -A PREROUTING -j SNAT --to-source 1.2.3.4
    iptables -t nat -A PREROUTING -j MASQUERADE
    iptables -t nat -A POSTROUTING -j DNAT --to-destination 1.2.3.4
    iptables -t nat -A POSTROUTING -j SNAT
    iptables -t nat -A POSTROUTING -j SNAT --to-source nosuch
    iptables -A INPUT -o ens3 -j ACCEPT
    iptables -A OUTPUT -i ens3 -j ACCEPT
    iptables -A FORWARD -j
    iptables -A FORWARD -j ACCEPT extra
    iptables -A FORWARD -s
    iptables -A FORWARD -j ACCEPT -j DROP
    iptables -A FORWARD -j MARK
    iptables -A FORWARD -j MARK --set-mark abc
    iptables -A FORWARD -p tcp -m multiport -j ACCEPT
    iptables -A FORWARD -m multiport --dports 80 -j ACCEPT
    iptables -A FORWARD -m comment -j ACCEPT
    iptables -A FORWARD -m statistic --mode random --probability 2 -j ACCEPT
    iptables -A FORWARD -m limit --limit nosuch -j ACCEPT
    iptables -A FORWARD -j REJECT --reject-with nosuch
    iptables -A FORWARD -j REJECT --reject-with tcp-reset
    iptables -t nat -A PREROUTING -j REJECT
    iptables -D FORWARD -s 1.2.3.4 -j ACCEPT
    iptables -D FORWARD 99
    iptables -D FORWARD 0
    iptables -D FORWARD
    iptables -D NOSUCH 1
    iptables -I FORWARD 99 -j ACCEPT
    iptables -I FORWARD 0 -j ACCEPT
    iptables -R FORWARD 99 -j ACCEPT
    iptables -R FORWARD -j ACCEPT
    iptables -C FORWARD -s 1.2.3.4 -j ACCEPT
    iptables -C NOSUCH -j ACCEPT
    iptables -N FORWARD
    iptables -N KUBE-FORWARD
    iptables -N ACCEPT
    iptables -N -x
    iptables -N averyveryverylongchainnamethatistoolong
    iptables -N
    iptables -X NOSUCH
    iptables -X FORWARD
    iptables -X KUBE-FORWARD
    iptables -E NOSUCH OTHER
    iptables -E KUBE-FORWARD KUBE-SERVICES
    iptables -E KUBE-FORWARD
    iptables -P FORWARD NOSUCH
    iptables -P FORWARD
    iptables -P NOSUCH ACCEPT
    iptables -P KUBE-FORWARD ACCEPT
    iptables -P FORWARD REJECT
    iptables -F NOSUCH
    iptables -L -S
    iptables -A FORWARD -D FORWARD
    iptables -L FORWARD -j ACCEPT
    iptables -F FORWARD -s 1.2.3.4
    iptables --nosuch
    iptables -Y
    iptables -A FORWARD -p tcp ! --dport 80 ! -j ACCEPT
    iptables -A FORWARD ! -s
    iptables -A FORWARD ! ! -s 1.2.3.4 -j ACCEPT
    iptables -A FORWARD -i averyveryverylonginterface -j ACCEPT
    iptables -A FORWARD -g NOSUCH
    iptables -V
    iptables-save --nosuch
    iptables-save extra
    iptables-save -V
    iptables-restore --nosuch
    iptables-restore /nosuch/file
    echo garbage | iptables-restore
    printf '*filter\\n:FORWARD ACCEPT [0:0]\\n-A NOSUCH -j ACCEPT\\nCOMMIT\\n' | iptables-restore -n
    printf '*filter\\n-A FORWARD -j NOSUCH\\nCOMMIT\\n' | iptables-restore -n
    printf '*nosuch\\nCOMMIT\\n' | iptables-restore -n
    printf '*filter\\n-A FORWARD -p tcp --dport x -j ACCEPT\\nCOMMIT\\n' | iptables-restore -n
    printf '*filter\\n-A FORWARD -j ACCEPT\\n' | iptables-restore -n --test
    printf '*filter\\n:P9 - [0:0]\\n-A P9 -j ACCEPT\\nCOMMIT\\n' | iptables-restore -n; iptables -S P9; iptables -F P9; iptables -X P9
  `),
];

/** What packets leave behind: counters start at nought on both sides, then the same packets go. */
const traces = [
  ...group('vm2', ['iptables-version', 'numeric-protocol'], `
    iptables -Z; iptables -t nat -Z; iptables -t mangle -Z; iptables -nvL FLANNEL-FWD; iptables -vS KUBE-FORWARD
  `),
  ...group('test-pod', ['ping-times'], `
    ping -c 2 -i 0.2 10.42.0.8
    ping -c 1 -s 1000 10.42.1.1
    ping -c 1 -W 1 10.42.1.77
    ping -c 1 -t 1 10.42.0.8
    ping -c 1 nosuch..name
    ping -c 1 -M do -s 2000 10.42.0.8
    ping
    ping -c 0 10.42.0.8
    ping -c nosuch 10.42.0.8
    ping -Q
    ping -c 1 -I nosuch 10.42.0.8
    ping -q -c 1 127.0.0.1
  `),
  ...group('vm2', ['iptables-version', 'numeric-protocol'], `
    iptables -nvL FLANNEL-FWD
    iptables -nvxL FLANNEL-FWD --line-numbers
    iptables -nvL KUBE-FORWARD
    iptables -vS FLANNEL-FWD
    iptables -vS KUBE-FORWARD
    iptables -t nat -nvL KUBE-POSTROUTING
    iptables -t nat -vS FLANNEL-POSTRTG
    iptables -t nat -nvL KUBE-SERVICES 1
    iptables -nvL INPUT
    iptables -t nat -L POSTROUTING -v -n
    iptables -Z FORWARD; iptables -vS FORWARD
    iptables -Z FORWARD 1; iptables -L FORWARD 1 -v -n
  `),
  ...group('vm2', ['conntrack-version', 'flow-ids', 'flow-order'], `
    conntrack -L -s 10.42.1.4 -p icmp
    conntrack -L -s 10.42.1.4 -d 10.42.0.8
    conntrack -L -s 10.42.1.4 -o extended
    conntrack -D -s 10.42.1.4 -p icmp
    conntrack -L -s 10.42.1.4
    conntrack -L -s 10.42.1.4 -o id
    conntrack -L -s 10.42.1.4 -o nosuch,id
    conntrack -D -s 10.42.1.4 -d 10.99.99.99
  `),
  ...group('test-pod', [], `
    curl -s -o /dev/null -w '%{http_code} %{remote_ip} %{remote_port}' http://10.42.1.2/
    curl -s -o /dev/null -w '%{http_code}' http://10.42.1.2:81/
    curl -sS -m 1 http://10.42.1.2:81/
    curl
    curl -sS --nosuch x
  `),
  ...group('vm2', ['conntrack-version', 'flow-ids', 'flow-order'], `
    conntrack -L -s 10.42.1.4 -p tcp --dport 80
    conntrack -L -p tcp --dport 80 --state TIME_WAIT -s 10.42.1.4
    conntrack -L -p tcp --state ESTABLISHED -s 10.42.1.4
    conntrack -L -u ASSURED -s 10.42.1.4 -p tcp
    conntrack -L --src-nat -s 10.42.1.4
    conntrack -L -m 5
    conntrack -L -q 10.42.1.4 -r 10.42.1.2
  `),
];

const otherHosts = ['vm1', 'vm-ext', 'fiveg-host-24-node4', 'test-pod'].flatMap((on) => group(on, ALL, `
  ip -4 addr
  ip link show lo
  ip route
  ip route show table local
  ip rule
  route -n
  brctl show
  bridge link
  iptables -S
  iptables -t nat -nL POSTROUTING
  iptables-save -t nat
  nft list tables
  ip route get 10.43.180.238
  ip route get 10.65.94.199
  sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter net.ipv4.conf.all.route_localnet
`));

export const COMMANDS: readonly ParityCommand[] = [...traffic, ...listings, ...iptables, ...sockets, ...traces, ...conntrack, ...errors, ...otherHosts];
