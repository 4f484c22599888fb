/** Help of every object, groups, protocols by number, and what `conntrack -G` and `route add` miss. */
import { ALL, group } from './group.ts';

export const leftovers = group('vm2', ALL, `
  ip link help
  ip link h
  ip addr help
  ip neigh help
  ip rule help
  ip netns help
  bridge fdb help
  bridge fdb h
  bridge -j link
  bridge -j link show dev veth07c81aa5
  bridge -j link show master cni0
  ip route show cache
  ip route list cache
  ip route show table cache
  ip link show group default
  ip link show group 0
  ip link show group 5
  ip link show group nosuch
  ip addr show group default
  ip -br link show group default
  ip route show proto 2
  ip route show proto 196
  ip route show proto static
  ip route show table default
  ip route show table 253
  ip route get 10.42.0.8 tos 16
  ip route get 10.42.0.8 tos lowdelay
  ip route get 10.42.0.8 dsfield 0x20
  ip route get 127.0.0.1 tos 4
  nft list counters
  brctl -V
  route add default gw 10.65.94.1 metric 5; echo $?; route del default gw 10.65.94.1 metric 5; echo $?
  route add default; echo $?
  route add -host 10.5.5.5 gw 10.99.99.99; echo $?
  route add -host 10.5.5.5; echo $?
  route add -net 10.5.0.0/16 dev cni0; echo $?; route add -net 10.5.0.0/16 dev cni0; echo $?; route del -net 10.5.0.0/16; echo $?; route del -net 10.5.0.0/16; echo $?
  route add 10.5.5.5 dev nosuch; echo $?
  route add default gw
  route add -net 10.9.0.0 gw 10.65.94.1
  route add -net 10.9.0.0 netmask 255.255.0.0 gw
  route add -host
  route del default gw
  route add 10.5.5.5 dev
  route add 10.5.5.5 gw 10.65.94.95 metric
  route del -net 10.5.0.0 dev cni0
  route del 10.5.5.5
  route flush
  ip route add default via nosuch
  ip route add default src nosuch dev cni0
  ip route add 0.0.0.0/0 via nosuch
  conntrack -G -p tcp -s 1.2.3.4
  conntrack -G -p tcp -s 1.2.3.4 -d 1.2.3.5
  conntrack -G -p tcp -s 1.2.3.4 -d 1.2.3.5 --sport 1 --dport 2
  conntrack -G -p udp -s 1.2.3.4 -d 1.2.3.5 --sport 1
  conntrack -G -p icmp -s 1.2.3.4 -d 1.2.3.5
`);
