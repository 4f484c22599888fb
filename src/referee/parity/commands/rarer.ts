/** More of the same, found by trying: changes and what they leave, rarer options, help texts, rarer mistakes. */
import { ALL, group } from './group.ts';

export const rarer = group('vm2', ALL, `
  ip -4 -o addr show up
  ip -s -h link show lo
  ip address show dev lo scope host
  ip addr show dynamic
  ip -4 addr show primary dev cni0
  ip addr show secondary
  ip addr list
  ip addr show nomaster
  ip link list dev lo
  ip link show type nosuch
  bridge help
  bridge link help
  ip route show table 0
  ip route list root 10.0.0.0/8
  ip route show metric 100
  ip route show proto dhcp
  ip route show type unicast
  ip route show oif cni0
  ip route get 10.42.0.8 ipproto tcp dport 80
  ip route get 10.42.0.8 tos 0x10
  ip route get to 10.42.0.8
  ip route get 10.42.0.8/24
  ip route get 10.42.0
  ip route get 10.42.0.8 10.42.0.9
  ip route get 10.42.0.8 dev
  ip -j route get 10.42.0.8
  ip -j route get 127.0.0.1
  ip route get 10.42.1.1 from 10.42.1.4 iif cni0
  ip route get 10.42.1.255 from 10.42.1.4 iif cni0
  ip route get 10.43.180.238 from 10.42.1.4 iif cni0
  ip route get 8.8.8.8 from 8.8.4.4
  ip route get 0.0.0.0
  ip route get 240.0.0.1
  ip route add 10.5.0.0/16 via 10.65.94.1 dev cni0
  ip route add 10.5.0.0/16 via 10.65.94.199
  ip route add 10.5.0.0/16 via 10.42.1.255
  ip route add 10.5.0.0/16 via 10.65.94.1 onlink
  ip route add 10.5.0.0/16 dev cni0 scope host via 10.42.1.2
  ip route add local 10.5.0.5 dev lo; ip route show table local 10.5.0.5; ip route get 10.5.0.5; ip route del local 10.5.0.5 dev lo
  ip route add 10.5.0.0/16 dev cni0; ip route add 10.5.0.0/16 dev cni0; ip route add 10.5.0.0/16 dev cni0 metric 5; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16; ip route show 10.5.0.0/16; ip route del 10.5.0.0/16; ip route del 10.5.0.0/16
  ip route add throw 10.5.0.0/16; ip route get 10.5.0.1; ip route show 10.5.0.0/16; ip route del throw 10.5.0.0/16
  ip route replace 10.5.0.0/16 dev cni0; ip route replace 10.5.0.0/16 via 10.65.94.1; ip route show 10.5.0.0/16; ip route prepend 10.5.0.0/16 via 10.65.94.95; ip route show 10.5.0.0/16; ip route flush root 10.5.0.0/16; ip route show root 10.5.0.0/16
  ip route add 10.5.0.0/16 proto bgp via 10.65.94.1; ip route show 10.5.0.0/16; ip route flush proto bgp; ip route show 10.5.0.0/16
  ip addr add 10.7.0.1/24 dev cni0; ip route show dev cni0; ip addr add 10.7.0.2/24 dev cni0; ip -4 addr show cni0; ip addr del 10.7.0.1/24 dev cni0; ip -4 addr show cni0; ip route show dev cni0
  ip addr add 10.7.0.1/24 brd + dev cni0 label cni0:1; ip -4 addr show cni0; ip addr show label 'cni0:*'; ip addr del 10.7.0.1/24 dev cni0
  ip addr add 10.7.0.1/24 dev cni0 label foo
  ip addr add 10.7.0.1/24 dev cni0 scope link; ip -4 addr show cni0; ip route show dev cni0; ip addr flush dev cni0 scope link; ip -4 addr show cni0
  ip addr add 127.0.0.5/8 dev lo; ip addr show lo; ip addr del 127.0.0.5/8 dev lo
  ip addr replace 10.42.1.1/24 brd 10.42.1.255 dev cni0; ip -4 addr show cni0
  ip addr add 10.7.0.1/24 dev cni0 noprefixroute; ip -4 addr show cni0; ip route show 10.7.0.0/24; ip addr del 10.7.0.1/24 dev cni0
  ip addr add 10.7.0.1 dev cni0; ip -4 addr show cni0; ip addr del 10.7.0.1 dev cni0; ip -4 addr show cni0
  ip addr add 0.0.0.0/24 dev cni0
  ip addr add 224.0.0.5/24 dev cni0
  ip link set lo down; ip link show lo; ip route show table local dev lo; ip link set lo up; ip link show lo; ip route show table local dev lo
  ip link set veth07c81aa5 down; ip link show veth07c81aa5; bridge link show dev veth07c81aa5; ip link set veth07c81aa5 up; ip link show veth07c81aa5
  ip link set veth07c81aa5 mtu 1400; ip link show cni0; ip link show veth07c81aa5; ip link set veth07c81aa5 mtu 1450; ip link show cni0
  ip link set cni0 promisc on; ip link show cni0; ip -d link show cni0 | head -2; ip link set cni0 promisc off; ip link show cni0
  ip link set flannel.1 arp off; ip link show flannel.1; ip link set flannel.1 arp on; ip link show flannel.1
  ip link set cni0 txqueuelen 500; ip link show cni0; ip link set cni0 txqueuelen 1000
  ip link set ens3 name lo
  ip link set cni0 type bridge ageing_time 10000; brctl showstp cni0 | grep ageing; ip link set cni0 type bridge ageing_time 30000
  ip link set cni0 netns nosuch
  ip link set cni0 up down
  ip neigh add 10.65.94.60 dev ens3; ip neigh show 10.65.94.60; ip neigh del 10.65.94.60 dev ens3
  ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:60 nud reachable dev ens3; ip neigh show 10.65.94.60; ip neigh change 10.65.94.60 lladdr 02:00:00:00:00:61 nud permanent dev ens3; ip neigh show 10.65.94.60; ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:62 dev ens3; ip neigh flush dev ens3; ip neigh show 10.65.94.60; ip neigh flush dev ens3 nud permanent; ip neigh show 10.65.94.60
  ip neigh add 10.65.94.60 lladdr 02:00:00:00:00:60 nud noarp dev ens3; ip neigh show 10.65.94.60; ip neigh show nud noarp dev ens3 to 10.65.94.60; arp -n 10.65.94.60; ip neigh del 10.65.94.60 dev ens3
  bridge fdb add 02:00:00:00:00:77 dev veth07c81aa5 master; bridge fdb show dev veth07c81aa5 | grep 77; bridge fdb add 02:00:00:00:00:77 dev veth07c81aa5 master; bridge fdb del 02:00:00:00:00:77 dev veth07c81aa5 master; bridge fdb del 02:00:00:00:00:77 dev veth07c81aa5 master
  bridge fdb add 02:00:00:00:00:77 dev veth07c81aa5 master static; bridge fdb show dev veth07c81aa5 | grep 77; brctl showmacs cni0 | grep 00:77; bridge fdb replace 02:00:00:00:00:77 dev vethc8e5c581 master static; bridge fdb show | grep 00:77; bridge fdb del 02:00:00:00:00:77 dev vethc8e5c581 master
  bridge fdb add 02:00:00:00:00:77 dev flannel.1 dst 10.65.94.7; bridge fdb show dev flannel.1 | grep 77; bridge fdb append 02:00:00:00:00:77 dev flannel.1 dst 10.65.94.8; bridge fdb replace 02:00:00:00:00:77 dev flannel.1 dst 10.65.94.9; bridge fdb show dev flannel.1 | grep 77; bridge fdb del 02:00:00:00:00:77 dev flannel.1
  bridge link set dev veth07c81aa5 learning off flood off; bridge -d link show dev veth07c81aa5; bridge link set dev veth07c81aa5 learning on flood on
  brctl --version
  brctl hairpin cni0 veth07c81aa5 off; bridge -d link show dev veth07c81aa5 | tail -1; brctl hairpin cni0 veth07c81aa5 on
  brctl delif cni0 veth07c81aa5; brctl show; brctl addif cni0 veth07c81aa5; brctl show; bridge link set dev veth07c81aa5 hairpin on
  brctl stp cni0 maybe
  brctl show cni0 nosuch
  arp -n nosuch..host
  arp -d nosuch..host
  arp -i nosuch -s 10.65.94.66 02:00:00:00:00:66
  arp -s 10.65.94.66 02:00:00:00:00:66 temp; arp -an 10.65.94.66; arp -d 10.65.94.66
  route add -host 10.5.0.1 dev cni0; route -n; route del -host 10.5.0.1 dev cni0; route del -host 10.5.0.1 dev cni0
  route add default gw 10.65.94.95 metric 50; ip route show default; route del default gw 10.65.94.95 metric 50; route del default gw 10.65.94.95
  route add -net 10.5.0.0/16 gw 10.65.94.1; route add -net 10.5.0.0/16 gw 10.65.94.1; route -n; route del -net 10.5.0.0/16
  netstat -nrv
  netstat -tn
  sysctl -a -r '^net.bridge'
  sysctl net.ipv4.conf.flannel/1.forwarding
  sysctl -w net.ipv4.conf.cni0.rp_filter=2; sysctl net.ipv4.conf.cni0.rp_filter; sysctl -w net.ipv4.conf.cni0.rp_filter=0
  sysctl -w net.ipv4.ip_forward=0 net.ipv4.ip_forward=1
  sysctl -w "net.ipv4.ip_local_port_range=40000 50000"; sysctl net.ipv4.ip_local_port_range; sysctl -w "net.ipv4.ip_local_port_range=32768 60999"
  sysctl -w net.ipv4.ip_local_port_range=5
  sysctl -n -e net.ipv4.nosuch net.ipv4.ip_forward
  sysctl -b net.ipv4.ip_forward
  sysctl -w kernel.nosuch=1
  sysctl net.ipv4.conf.all.nosuch
  ss -s -z
  ss -4 -tln
  ss -tn dst nosuch..host
  ss -V
  nft list ruleset ip
  nft list table inet filter
  nft list chain ip nat
  nft list tables ip
  nft list chain ip filter FORWARD
  conntrack -L -o xml -s 203.0.113.9
  conntrack -D -s
  conntrack -p
  conntrack -L -p 300
  conntrack -F nosuch
  conntrack -C -s 1.2.3.4
  conntrack -L --src 1.2.3.4 --dst 5.6.7.8
  conntrack -E -o nosuch
  conntrack -L -p tcp --sport abc
  conntrack -L -p icmp -m abc
  conntrack -L -d nosuch
  conntrack -G -p tcp
  conntrack -G -s 1.2.3.4
  iptables -L nosuch -n
  iptables -nL FORWARD 1 2
  iptables -S FORWARD 99
  iptables -t nat -S PREROUTING 1
  iptables -t security -S
  iptables -t raw -L
  iptables --list-rules FORWARD
  iptables --table nat --list POSTROUTING --numeric
  iptables -n -v
  iptables -Lnv
  iptables -L -t
  iptables -A FORWARD -p tcp --sport 70000 -j ACCEPT
  iptables -A FORWARD -p tcp --dport 90:80 -j ACCEPT
  iptables -A FORWARD -p icmp --icmp-type nosuch -j ACCEPT
  iptables -A FORWARD -m mark --mark zz -j ACCEPT
  iptables -A FORWARD -m addrtype --dst-type NOSUCH -j ACCEPT
  iptables -A FORWARD -m addrtype -j ACCEPT
  iptables -A FORWARD -m physdev -j ACCEPT
  iptables -A FORWARD -m iprange --src-range 1.1.1.1 -j ACCEPT
  iptables -A FORWARD -m tcp --dport 80 -j ACCEPT
  iptables -A FORWARD -p all --dport 80 -j ACCEPT
  iptables -A FORWARD -j LOG --log-level nosuch
  iptables -A FORWARD -j LOG --log-prefix averyveryverylongprefixthatisfartoolong
  iptables -A FORWARD -j TTL --ttl-set 5
  iptables -t mangle -A FORWARD -j TTL
  iptables -t mangle -A FORWARD -j TTL --ttl-set 300
  iptables -A FORWARD -j TCPMSS --set-mss 1000
  iptables -t nat -A POSTROUTING -j MASQUERADE --to-ports 80
  iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports abc
  iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:99999
  iptables -t nat -A PREROUTING -j DNAT --to-destination 1.2.3.4:80
  iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports
  iptables -t nat -A POSTROUTING -i ens3 -j ACCEPT
  iptables -A FORWARD -s 1.2.3.4,5.6.7.8 -j ACCEPT; iptables -S FORWARD | head -5; iptables -D FORWARD -s 1.2.3.4,5.6.7.8 -j ACCEPT
  iptables -A FORWARD -s 10.1.2.3/255.255.0.0 -j ACCEPT; iptables -S FORWARD | tail -1; iptables -nL FORWARD | tail -1; iptables -D FORWARD -s 10.1.2.3/255.255.0.0 -j ACCEPT
  iptables -A FORWARD -p 47 -j ACCEPT; iptables -S FORWARD | tail -1; iptables -nL FORWARD | tail -1; iptables -D FORWARD -p 47 -j ACCEPT
  iptables -A FORWARD ! -p tcp ! -s 1.2.3.4 ! -o eth+ -j ACCEPT; iptables -S FORWARD | tail -1; iptables -nvL FORWARD | tail -1; iptables -D FORWARD ! -p tcp ! -s 1.2.3.4 ! -o eth+ -j ACCEPT
  iptables -A FORWARD -m conntrack --ctstate DNAT --ctorigdst 10.0.0.1 -j ACCEPT; iptables -S FORWARD | tail -1; iptables -nL FORWARD | tail -1; iptables -D FORWARD -m conntrack --ctstate DNAT --ctorigdst 10.0.0.1 -j ACCEPT
  iptables -A FORWARD -m statistic --mode nth --every 3 --packet 1 -j ACCEPT; iptables -S FORWARD | tail -1; iptables -nL FORWARD | tail -1; iptables -D FORWARD -m statistic --mode nth --every 3 --packet 1 -j ACCEPT
  iptables -A FORWARD; iptables -S FORWARD | tail -1; iptables -nL FORWARD | tail -1; iptables -D FORWARD
  iptables -P FORWARD DROP; iptables -S FORWARD | head -1; iptables -nL FORWARD | head -1; iptables -P FORWARD ACCEPT
  iptables -N R9; iptables -E R9 R10; iptables -S R10; iptables -S R9; iptables -A R10 -j RETURN; iptables -A FORWARD -j R10; iptables -nL R10; iptables -X R10; iptables -D FORWARD -j R10; iptables -X R10; iptables -F R10; iptables -X R10; iptables -S R10
  iptables -A FORWARD -m recent --set --name x -j ACCEPT; iptables -S FORWARD | tail -1; iptables -D FORWARD -m recent --set --name x -j ACCEPT
  iptables -A FORWARD -j CT --notrack
  iptables -t raw -A PREROUTING -j CT --notrack; iptables -t raw -S; iptables -t raw -nL; iptables -t raw -F PREROUTING
  iptables -t raw -A PREROUTING -p tcp -j TRACE; iptables -t raw -nL PREROUTING; nft list table ip raw; iptables -t raw -D PREROUTING 1
  iptables -C FORWARD; echo $?
  iptables -w -L INPUT -n | head -1
  iptables -w 5 -S INPUT | head -1
  iptables -h | head -3
  iptables -m tcp
  iptables -j ACCEPT
  iptables -A FORWARD -Z
  iptables-restore -V
  iptables-restore -t nosuch
  iptables-save | iptables-restore --test
  iptables-save -t nat | iptables-restore -n --test; echo $?
`);
