/** ip: what changes something, and is put back. */
import { ALL, group } from '../group.ts';

export const ipChanges = [
  ...group('vm2', ALL, `
    ip addr add 10.9.9.1/24 dev cni0; ip addr add 10.9.9.1/24 dev cni0; ip addr show dev cni0; ip -j addr show dev cni0; ip route show dev cni0; ip addr del 10.9.9.1/24 dev cni0; ip addr del 10.9.9.1/24 dev cni0
    ip addr add 10.9.9.1/24 brd + dev cni0 label cni0:x; ip addr show label 'cni0:*'; ip addr show label cni0:x; ip -o addr show dev cni0; ip addr del 10.9.9.1/24 dev cni0
    ip addr add 10.9.9.1/24 dev cni0 label nosuch
    ip addr add 10.9.9.1/24 dev cni0 metric 50; ip addr show dev cni0; ip route show 10.9.9.0/24; ip addr del 10.9.9.1/24 dev cni0
    ip addr add 10.9.9.1/24 dev cni0 valid_lft abc
    ip addr add 10.9.9.1/24 dev cni0 preferred_lft 100 valid_lft 50
    ip addr add 10.9.9.1 dev cni0; ip addr show dev cni0 to 10.9.9.1; ip addr del 10.9.9.1 dev cni0
    ip addr add dev cni0
    ip addr add 10.9.9.1/24 dev cni0 extra
    ip addr add 10.9.9.1/24 dev cni0 dev lo
    ip addr add 10.9.9.1/24 brd 10.9.9.300 dev cni0
    ip addr add 224.0.0.5/24 dev cni0; ip addr del 224.0.0.5/24 dev cni0
    ip addr add 127.0.0.5/8 dev lo; ip addr show dev lo; ip route show table local dev lo; ip addr del 127.0.0.5/8 dev lo
    ip addr add 10.9.9.1/0 dev cni0; ip addr del 10.9.9.1/0 dev cni0
    ip addr add 10.9.9.1/-1 dev cni0
    ip addr add 10.9.9.1/255.255.255.0 dev cni0; ip addr show dev cni0 to 10.9.9.1; ip addr del 10.9.9.1/24 dev cni0
    ip addr replace 10.9.9.1/24 dev cni0; ip addr replace 10.9.9.1/24 dev cni0; ip addr change 10.9.9.1/24 dev cni0; ip addr del 10.9.9.1/24 dev cni0
    ip addr change 10.9.9.9/24 dev cni0; ip addr show dev cni0 to 10.9.9.9;  ip addr del 10.9.9.9/24 dev cni0
    ip addr del
    ip addr del 10.9.9.1/24
    ip addr del 10.42.1.1/16 dev cni0
    ip addr del 10.42.1.1/24 dev ens3
    ip addr del dev cni0 label cni0:nosuch
    ip link set cni0 mtu 70000
    ip link set cni0 mtu 68; ip link show cni0; ip link set cni0 mtu 1450; ip link show cni0
    ip link set dev cni0 mtu 1400 txqueuelen 500; ip link show cni0; ip link set dev cni0 mtu 1450 txqueuelen 1000
    ip link set cni0 address 00:00:00:00:00:00
    ip link set cni0 address 01:00:5e:00:00:01
    ip link set cni0 up up; ip link set cni0 name
    ip link set cni0 name ens3
    ip link set cni0 name averyveryverylongname
    ip link set cni0 name a/b
    ip link set cni0 name ''
    ip link set cni0 txqueuelen abc
    ip link set cni0 arp maybe
    ip link set cni0 promisc maybe
    ip link set cni0 nomaster
    ip link set veth07c81aa5 nomaster; ip link show veth07c81aa5; bridge link; ip link set veth07c81aa5 master cni0; bridge link set dev veth07c81aa5 hairpin on
    ip link set veth07c81aa5 master ens3
    ip link set veth07c81aa5 master
    ip link set dev lo down up
    ip link set lo mtu 1000; ip link show lo; ip link set lo mtu 65536
    ip link set veth07c81aa5 type bridge_slave hairpin maybe
    ip link set veth07c81aa5 type bridge_slave hairpin off; bridge -d link show dev veth07c81aa5; ip link set veth07c81aa5 type bridge_slave hairpin on
    ip link set ens3 type bridge_slave hairpin on
    ip link set dev
    ip link set dev nosuch up
    ip link set nosuch mtu 5
    ip link set cni0 cni0 up
    ip link add h2a type veth peer
    ip link add h2a type veth peer name h2a
    ip link add h2a type vxlan id abc
    ip link add h2a type vxlan id 16777216
    ip link add h2a type vxlan id 5 local nosuch
    ip link add h2a type vxlan id 5 dstport abc
    ip link add h2a type vxlan id 5 ttl 300
    ip link add link nosuch h2a type vlan id 5
    ip link add h2a mtu 10 type dummy; ip link del h2a
    ip link add h2a mtu abc type dummy
    ip link add h2a index 0 type dummy
    ip link add '' type dummy
    ip link del cni0 extra
    ip link del dev
    ip link del type dummy
    ip link del nosuch type bridge
    ip link del veth07c81aa5 type bridge
    ip route add 10.5.0.0/16 dev cni0; ip route add 10.5.0.0/16 dev cni0; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16; ip route del 10.5.0.0/16
    ip route add 10.5.0.0/16 via 10.65.94.1 metric 5; ip route add 10.5.0.0/16 via 10.65.94.1 metric 6; ip route show 10.5.0.0/16; ip route show 10.5.0.0/16 metric 6; ip route del 10.5.0.0/16; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16 metric 6
    ip route add 10.5.0.0/16 dev cni0 scope host
    ip route add 10.5.0.0/16 dev cni0 scope global; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16
    ip route add 10.5.0.0/16 dev cni0 src 10.42.1.1; ip route show 10.5.0.0/16; ip route get 10.5.0.1; ip route del 10.5.0.0/16
    ip route add 10.5.0.0/16 dev cni0 src 10.65.94.199; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16
    ip route add 10.5.0.0/16 dev cni0 mtu 1000; ip route show 10.5.0.0/16; ip -j route show 10.5.0.0/16; ip route get 10.5.0.1; ip -j route get 10.5.0.1; ip route del 10.5.0.0/16
    ip route add 10.5.0.0/16 dev cni0 mtu abc
    ip route add 10.5.0.0/16 dev cni0 tos 0x10; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16 tos 0x10
    ip route add 10.5.0.0/16 dev cni0 metric 4294967296
    ip route add 10.5.0.0/16 dev cni0 metric -1
    ip route add 10.5.0.0/16 dev cni0 table 4294967296
    ip route add 10.5.0.0/16 dev cni0 weight 5
    ip route add 10.5.0.0/16 nexthop via 10.65.94.1 nexthop via 10.65.94.95 weight 3; ip route show 10.5.0.0/16; ip -d route show 10.5.0.0/16; ip -o route show 10.5.0.0/16; ip -j route show 10.5.0.0/16; ip route del 10.5.0.0/16
    ip route add 10.5.0.0/16 nexthop via 10.65.94.1 weight 0
    ip route add 10.5.0.0/16 nexthop via 10.65.94.1 weight 257
    ip route add 10.5.0.0/16 nexthop
    ip route add 10.5.0.0/16 nexthop via
    ip route add 10.5.0.0/16 nexthop nosuch
    ip route add blackhole 10.5.0.0/16 dev cni0
    ip route add throw 10.5.0.0/16; ip route get 10.5.0.1; ip route show type throw; ip route del throw 10.5.0.0/16
    ip route add local 10.5.0.1 dev lo; ip route show table local 10.5.0.1; ip route get 10.5.0.1; ip route del local 10.5.0.1 dev lo
    ip route add broadcast 10.5.0.1 dev cni0; ip route show table local 10.5.0.1; ip route del broadcast 10.5.0.1 dev cni0
    ip route add nosuch 10.5.0.0/16 dev cni0
    ip route add default dev cni0 metric 500; ip route show default; ip route del default dev cni0
    ip route add 0/0 dev cni0 metric 500; ip route del 0/0 metric 500
    ip route add 10.5 dev cni0; ip route show 10.5.0.0; ip route del 10.5
    ip route add 10.5/16 dev cni0; ip route show 10.5/16; ip route del 10.5/16
    ip route add 10.5.0.0/255.255.0.0 dev cni0; ip route show 10.5/16; ip route del 10.5/16
    ip route add 10.5.1.0/16 dev cni0
    ip route add 10.5.0.0/16 via ::1
    ip route add 10.5.0.0/16 via inet 10.65.94.1; ip route show 10.5/16; ip route del 10.5/16
    ip route add 10.5.0.0/16 via 10.65.94.1 via 10.65.94.2
    ip route add 10.5.0.0/16 dev cni0 dev ens3; ip route show 10.5/16; ip route del 10.5/16
    ip route replace 10.5.0.0/16 dev cni0; ip route replace 10.5.0.0/16 via 10.65.94.1; ip route show 10.5/16; ip route del 10.5/16
    ip route append 10.5.0.0/16 via 10.65.94.1; ip route append 10.5.0.0/16 via 10.65.94.95; ip route show 10.5/16; ip route prepend 10.5.0.0/16 via 10.65.94.238; ip route show 10.5/16; ip route flush 10.5/16; ip route show 10.5/16
    ip route change 10.5.0.0/16 dev nosuch
    ip route del 10.42.1.0/24 dev ens3
    ip route del default via 10.65.94.95
    ip route del default dev nosuch
    ip route del table 77
    ip route flush table nosuch
    ip route flush table 77
    ip route flush 10.99.0.0/16
    ip route flush proto nosuch
    ip route flush cache
    ip rule add from 10.5.0.0/16 lookup 50; ip rule; ip rule add from 10.5.0.0/16 lookup 50; ip rule del from 10.5.0.0/16; ip rule del from 10.5.0.0/16
    ip rule add from 10.5.0.0/16 to 10.6.0.0/16 iif cni0 oif ens3 fwmark 5/0xf pref 100 lookup 50; ip rule; ip -j rule show pref 100; ip -d rule show pref 100; ip rule del pref 100
    ip rule add pref 100 prohibit; ip rule show pref 100; ip -j rule show pref 100; ip rule del pref 100
    ip rule add pref 100 blackhole; ip rule show pref 100; ip rule del pref 100
    ip rule add pref 100 nop; ip rule show pref 100; ip rule del pref 100
    ip rule add not from 10.5.0.0/16 lookup main pref 100; ip rule show pref 100; ip -j rule show pref 100; ip rule del pref 100
    ip rule add from all lookup 50 pref 100; ip rule show table 50; ip rule del lookup 50
    ip rule add to 10.5.0.1 lookup local pref 100; ip rule show pref 100; ip rule del pref 100
    ip rule add iif nosuch lookup 50 pref 100; ip rule show pref 100; ip -d rule show pref 100; ip rule del pref 100
    ip rule add from 10.5.1.0/16 lookup 50 pref 100; ip rule show pref 100; ip rule del pref 100
    ip rule add dev cni0 lookup 50 pref 100; ip rule show pref 100; ip rule del pref 100
    ip rule add from 10.5.0.0/33 lookup 50
    ip rule add fwmark 5/ lookup 50 pref 100; ip rule del pref 100
    ip rule add fwmark 5/abc lookup 50
    ip rule add pref 99999999999 lookup 50
    ip rule add pref -1 lookup 50
    ip rule add lookup 99999999999
    ip rule add iif
    ip rule add from
    ip rule add to nosuch
    ip rule add type nosuch
    ip rule del from 10.9.0.0/16
    ip rule del lookup 77
    ip rule del pref 0; ip rule; ip rule add pref 0 lookup local; ip rule
    ip rule flush; ip rule; ip rule add lookup main pref 32766; ip rule add lookup default pref 32767; ip rule
    ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:60 dev ens3; ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:61 dev ens3; ip neigh show to 10.65.94.60; ip -j neigh show to 10.65.94.60; ip -br neigh show to 10.65.94.60; ip neigh get 10.65.94.60 dev ens3; ip neigh del 10.65.94.60 dev ens3; ip neigh del 10.65.94.60 dev ens3
    ip neigh add 10.65.94.60 dev ens3 nud permanent
    ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:60 dev ens3 nud failed; ip neigh show to 10.65.94.60; ip neigh del 10.65.94.60 dev ens3
    ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:60 dev ens3 nud 5
    ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:60 dev ens3 nud 0x80; ip neigh show to 10.65.94.60; ip neigh del 10.65.94.60 dev ens3
    ip neigh add 10.65.94.60/24 lladdr 02:00:00:00:00:60 dev ens3
    ip neigh add 10.65.94.60 10.65.94.61 dev ens3
    ip neigh add 224.0.0.9 lladdr 02:00:00:00:00:60 dev ens3; ip neigh show to 224.0.0.9; ip neigh del 224.0.0.9 dev ens3
    ip neigh add dev ens3 lladdr 02:00:00:00:00:60
    ip neigh change 10.65.94.60 lladdr 02:00:00:00:00:60 dev ens3
    ip neigh flush nud nosuch
  `),
];
