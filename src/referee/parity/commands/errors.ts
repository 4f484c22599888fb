/** Wrong command lines: the same words and exit code. */
import { ALL, group } from './group.ts';

// `sleep` after a link came up: its operstate follows when the kernel's linkwatch work runs.
export const errors = [
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
    ip link add br9 address 02:00:00:00:00:0a type bridge; ip link show br9; ip link add v9 address 02:00:00:00:00:0b type veth peer name v9p address 02:00:00:00:00:0c; ip link show v9p; ip -br link show v9; ip link set v9 master br9; ip link show v9; bridge link show dev v9; ip link set br9 up; ip link set v9 up; sleep 0.3; ip -br link show br9; ip -br link show v9; ip link set v9p up; sleep 0.3; ip -br link show master br9; bridge link show dev v9; brctl show br9; bridge link set dev v9 hairpin on; bridge -d link show dev v9; ip link set v9 nomaster; ip link show v9; ip addr show v9; ip link del v9; ip link show v9p; ip link del br9
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
