/** ip: filters, formats, wrong words. */
import { ALL, group } from '../group.ts';

export const ip = [
  ...group('vm2', ALL, `
    ip -4 -br addr show up
    ip -d -j link show lo
    ip -d -j link show cni0
    ip -d -j link show flannel.1
    ip -d -j link show veth07c81aa5
    ip -d -j -p link show flannel.1
    ip -j -d addr show dev cni0
    ip -j -br link
    ip -j -br addr
    ip -br -j -p addr show lo
    ip -o -d link show cni0
    ip -br -d link
    ip -br -o link
    ip -o -br addr
    ip -d -br addr show cni0
    ip -4 link
    ip -6 link
    ip -6 route
    ip -6 neigh
    ip -f inet addr show lo
    ip -f nosuch addr
    ip -color=never addr show lo
    ip -a addr
    ip -N route
    ip -N rule
    ip -N -d route show table local dev lo
    ip -ts link show lo
    ip -h -s link show lo
    ip -iec -s -h link show lo
    ip addr show lo up
    ip addr show lo lo
    ip addr show dev
    ip addr show type
    ip addr show type nosuch
    ip addr show scope 254
    ip addr show deprecated
    ip addr show tentative
    ip addr show to 10.42.1.1
    ip addr show to 10.42.1.1/32
    ip addr show to nosuch
    ip addr show label 'c*'
    ip addr show master nosuch
    ip addr show vrf nosuch
    ip addr show master
    ip -br addr show master cni0
    ip addr ls cni0
    ip addr lst cni0
    ip addr l cni0
    ip addr s cni0
    ip ad sh cni0
    ip address show cni0
    ip addres list cni0
    ip addr get
    ip link ls cni0
    ip link lst cni0
    ip link show cni0 flannel.1
    ip link show type veth master cni0
    ip link show master nosuch
    ip link show nomaster
    ip link show vrf nosuch
    ip link show up type bridge
    ip link show dev
    ip link show 5
    ip link show dev cni0 up
    ip link list cni0
    ip link get dev cni0
    ip li sh lo
    ip lin sh lo
    ip l l lo
    ip -4 -o a s dev cni0
    ip -details -statistics link show lo
    ip -det link show lo
    ip -oneline link show lo
    ip -family inet addr show lo
    ip -brief link show lo
    ip -bri addr show lo
    ip -js link show lo
    ip -pretty -json link show lo
    ip -p link show lo
    ip --json link show lo
    ip --brief addr show lo
    ip --oneline link show lo
    ip -n
    ip -n nosuch link
    ip -loops
    ip -f
    ip -rcvbuf
    ip -rc 100000 link show lo
    ip -h
    ip -help
    ip --help
    ip -force link show lo
    ip -echo link show lo
    ip -j route
    ip -j -p route
    ip -d -j route
    ip -j route show table local
    ip -j -p route get 8.8.8.8
    ip -j -d route get 10.42.1.4
    ip -j route get 10.65.94.199
    ip -j route get fibmatch 10.42.0.8
    ip -d route get fibmatch 10.42.0.8
    ip route get fibmatch 127.0.0.1
    ip route get 10.42.0.8 dev flannel.1
    ip route get 10.42.0.8 oif flannel.1
    ip route get 10.42.0.8 from 10.42.1.1
    ip route get 10.42.0.8 from 10.42.1.1 oif flannel.1
    ip route get 10.42.0.8 from 10.42.1.4 iif cni0 mark 1
    ip route get 10.42.0.8 uid 1000
    ip route get 10.42.0.8 ipproto tcp sport 1000 dport 80
    ip route get 10.42.0.8 ipproto tcp
    ip route get 10.42.0.8 ipproto 6
    ip route get 10.42.0.8 ipproto nosuch
    ip route get 10.42.0.8 dport nosuch
    ip route get 10.42.0.8 dport 80
    ip route get 10.42.0.8 ipproto udp dport 53
    ip route get 10.42.0.0/24
    ip route get 10.42
    ip route get default
    ip route get 10.42.0.8 table main
    ip route get 10.42.0.8 vrf nosuch
    ip route get 10.42.0.8 tos nosuch
    ip route get 10.42.0.8 tos 0x100
    ip route get 10.42.0.8 mark 0x
    ip route get 10.42.0.8 mark
    ip route get 10.42.0.8 from
    ip route get 10.42.0.8 from nosuch
    ip route get 10.42.0.8 from 10.42.1.4
    ip route get from 10.42.1.4 10.42.0.8 iif cni0
    ip route get 127.0.0.1 from 127.0.0.1
    ip route get 10.42.1.0
    ip route get 10.65.94.0
    ip route get 224.0.0.5
    ip route get 169.254.1.1
    ip route get 10.42.2.5
    ip route get 10.123.123.100
    ip route get 10.123.123.255
    ip route get 127.255.255.255
    ip route get 127.1.2.3
    ip route get 10.42.1.4 from 10.65.94.1 iif ens3
    ip route get 10.65.94.199 from 10.65.94.1 iif ens3
    ip route get 10.42.1.255 from 10.65.94.1 iif ens3
    ip route get 8.8.8.8 from 10.42.1.4 iif cni0
    ip route get 8.8.8.8 from 10.42.1.4 iif ens3
    ip route get 127.0.0.1 from 10.65.94.1 iif ens3
    ip route get 255.255.255.255 from 10.65.94.1 iif ens3
    ip route get 224.0.0.1 from 10.65.94.1 iif ens3
    ip -o -d route get 10.42.0.8
    ip -4 route get 10.42.0.8
    ip -N route get 10.65.94.199
    ip -d route show table main
    ip -d -o route show dev cni0
    ip route ls
    ip route lst
    ip r l
    ip r s
    ip ro sh
    ip rou show
    ip route list
    ip route show to default
    ip route show to root 10.42.0.0/16
    ip route show to exact 10.42.1.0/24
    ip route show match 10.42.1.4/32
    ip route show root 0/0
    ip route show exact default
    ip route show root 10/8
    ip route show 10.42.1.0/24 dev cni0
    ip route show dev cni0 proto kernel
    ip route show dev cni0 scope global
    ip route show scope global
    ip route show scope host table local
    ip route show scope host table all
    ip route show scope 253
    ip route show scope 0
    ip route show proto boot
    ip route show proto all
    ip route show proto 16
    ip route show proto 0x10
    ip route show protocol kernel
    ip route show type local
    ip route show type broadcast
    ip route show type broadcast table all
    ip route show type blackhole
    ip route show unicast
    ip route show local table local
    ip route show via 10.65.94.1
    ip route show via nosuch
    ip route show src 10.65.94.199
    ip route show src nosuch
    ip route show from 10.42.1.4
    ip route show from all
    ip route show realm 1
    ip route show cloned
    ip route show cached
    ip route show table unspec
    ip route show table local dev cni0
    ip route show table local type local
    ip route show table local 10.42.1.1
    ip route show table local proto kernel
    ip route show table all dev flannel.1
    ip route show table 99999999999
    ip route show table -1
    ip route show table
    ip route show dev
    ip route show via
    ip route show proto
    ip route show scope
    ip route show type
    ip route show tos 0
    ip route show tos 4
    ip route show vrf nosuch
    ip route show dev cni0 dev flannel.1
    ip route show default dev cni0
    ip route show default via 10.65.94.1
    ip route show default table local
    ip route show 10.42.0.0/24 10.42.1.0/24
    ip route show 10.42.0.0/33
    ip route show 300.0.0.0/8
    ip route show iif cni0
    ip route show mark 1
    ip route help | head -5
    ip route h
    ip route -h
    ip -6 route show table all
    ip -j rule show
    ip -j -p rule
    ip -d -j rule
    ip -N -d rule
    ip rule ls
    ip rule lst
    ip ru
    ip ru s
    ip rule show table local
    ip rule show table 254
    ip rule list table 77
    ip rule show from all
    ip rule show from 10.0.0.0/8
    ip rule show to 10.0.0.0/8
    ip rule show pref 32766
    ip rule show priority 32766
    ip rule show prio 0
    ip rule show order 0
    ip rule show fwmark 1
    ip rule show iif lo
    ip rule show oif lo
    ip rule show iif
    ip rule show nosuch
    ip rule show table nosuch
    ip rule show lookup main
    ip rule show not
    ip rule show tos 0
    ip rule show tos 4
    ip rule show protocol kernel
    ip rule show protocol boot
    ip rule show protocol nosuch
    ip rule show ipproto tcp
    ip rule show dport 80
    ip rule show uidrange 0-100
    ip -o rule
    ip -br rule
    ip -j neigh show nud permanent
    ip -j -s neigh show dev flannel.1
    ip -d neigh show dev flannel.1
    ip -o neigh show dev flannel.1
    ip -N neigh show dev flannel.1
    ip neighbour show dev flannel.1
    ip neighbor show dev flannel.1
    ip neigh show dev lo
    ip neigh show nud all dev lo
    ip neigh show nud noarp
    ip neigh show nud noarp dev lo
    ip neigh show nud none
    ip neigh show nud failed
    ip neigh show nud incomplete
    ip neigh show nud perm
    ip neigh show nud permanent nud noarp
    ip neigh show nud 0x80
    ip neigh show nud 128
    ip neigh show nud
    ip neigh show proxy
    ip neigh show router
    ip neigh show master cni0
    ip neigh show master nosuch
    ip neigh show vrf nosuch
    ip neigh show to 10.42.0.0
    ip neigh show to
    ip neigh show dev
    ip neigh show dev flannel.1 dev cni0
    ip neigh show 10.42.0.0 10.42.2.0
    ip neigh show nosuch
    ip neigh show protocol kernel
    ip neigh show 10.42.0.0/33
    ip neigh get
    ip neigh get 10.42.0.0
    ip neigh get dev flannel.1
    ip neigh get 10.42.0.9 dev flannel.1
    ip neigh get to 10.42.0.0 dev flannel.1
    ip neigh get 10.42.0.0 dev nosuch
    ip neigh get proxy 10.42.0.0 dev flannel.1
    ip neigh get nosuch dev flannel.1
    ip -j neigh get 10.42.0.0 dev flannel.1
    ip -6 neigh show dev lo
    ip -6 neigh show nud permanent
  `),
];
