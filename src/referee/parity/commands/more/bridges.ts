/** bridge, brctl, arp: filters and wrong words. */
import { ALL, group } from '../group.ts';

export const bridges = [
  ...group('vm2', ALL, `
    bridge -j fdb show dev flannel.1
    bridge -j -s fdb show dev flannel.1
    bridge -d -j fdb show brport veth07c81aa5
    bridge -o fdb show dev flannel.1
    bridge -s -d fdb show brport veth07c81aa5
    bridge fdb show brport veth07c81aa5 br cni0
    bridge fdb show dev veth07c81aa5
    bridge fdb show br ens3
    bridge fdb show brport ens3
    bridge fdb show brport nosuch
    bridge fdb show state static
    bridge fdb show state nosuch
    bridge fdb show dev lo
    bridge fdb show dev ens3
    bridge fdb get
    bridge fdb get 02:00:00:00:00:01
    bridge fdb get 02:00:00:00:00:01 br cni0
    bridge fdb get 2a:84:33:96:c8:f5 br cni0
    bridge fdb get 2a:84:33:96:c8:f5 dev cni0
    bridge fdb get 2a:84:33:96:c8:f5 dev cni0 self
    bridge fdb get to 2a:84:33:96:c8:f5 br cni0
    bridge fdb get da:8d:30:d5:ca:26 br cni0
    bridge fdb get da:8d:30:d5:ca:26 dev veth07c81aa5
    bridge fdb get da:8d:30:d5:ca:26 dev veth07c81aa5 master
    bridge fdb get da:8d:30:d5:ca:26 brport veth07c81aa5
    bridge fdb get da:8d:30:d5:ca:26 brport veth07c81aa5 br cni0
    bridge fdb get zz br cni0
    bridge fdb get 02:00:00:00:00:01 dev nosuch
    bridge fdb get 02:00:00:00:00:01 br nosuch
    bridge fdb get 02:00:00:00:00:01 br ens3
    bridge fdb get 02:00:00:00:00:01 dev flannel.1
    bridge fdb get 02:00:00:00:00:01 dev ens3
    bridge fdb get 33:33:00:00:00:01 dev ens3
    bridge fdb get 02:00:00:00:00:01 dev cni0 vlan 5
    bridge fdb get 02:00:00:00:00:01 dev lo
    bridge fdb flush
    bridge fdb append
    bridge fdb replace
    bridge fdb del
    bridge fdb del zz dev cni0
    bridge fdb add 02:00:00:00:00:09
    bridge fdb add 02:00:00:00:00:09 dev cni0
    bridge fdb add 02:00:00:00:00:09 dev cni0 self; bridge fdb show dev cni0 | grep 00:09; bridge fdb del 02:00:00:00:00:09 dev cni0 self; bridge fdb show dev cni0 | grep 00:09
    bridge fdb add 02:00:00:00:00:09 dev cni0 self local; bridge fdb del 02:00:00:00:00:09 dev cni0 self
    bridge fdb add 02:00:00:00:00:09 dev ens3; bridge fdb show dev ens3; bridge fdb del 02:00:00:00:00:09 dev ens3; bridge fdb show dev ens3
    bridge fdb add 02:00:00:00:00:09 dev veth07c81aa5; bridge fdb show dev veth07c81aa5; bridge fdb del 02:00:00:00:00:09 dev veth07c81aa5
    bridge fdb add 02:00:00:00:00:09 dev veth07c81aa5 master temp; bridge fdb del 02:00:00:00:00:09 dev veth07c81aa5 master
    bridge fdb add 02:00:00:00:00:09 02:00:00:00:00:10 dev flannel.1
    bridge fdb add 02:00:00:00:00:09 dev flannel.1 dst 10.65.94.9 dst 10.65.94.10
    bridge fdb add 01:00:5e:00:00:09 dev veth07c81aa5 master
    bridge fdb replace 02:00:00:00:00:09 dev flannel.1 dst 10.65.94.9; bridge -s fdb show dev flannel.1 | grep 00:09; bridge fdb del 02:00:00:00:00:09 dev flannel.1
    bridge link ls
    bridge link list
    bridge l
    bridge link show veth07c81aa5
    bridge link show dev cni0
    bridge link show dev ens3
    bridge link show dev lo
    bridge link show master cni0
    bridge link show master ens3
    bridge link show master nosuch
    bridge link show nosuch
    bridge link show dev
    bridge -d -j link
    bridge -d -j -p link show dev veth07c81aa5
    bridge -o link
    bridge -o -d link show dev veth07c81aa5
    bridge -s link show dev veth07c81aa5
    bridge -d -s link
    bridge -j -s link
    bridge -t link
    bridge link set dev
    bridge link set dev veth07c81aa5
    bridge link set dev veth07c81aa5 hairpin
    bridge link set dev veth07c81aa5 nosuch on
    bridge link set veth07c81aa5 hairpin on
    bridge link set dev lo hairpin on
    bridge link set dev ens3 learning off
    bridge vlan ls
    bridge vlan show dev cni0
    bridge vlan show dev nosuch
    bridge vlan show dev ens3
    bridge vlan show vid 1
    bridge -j vlan
    bridge -s vlan
    bridge -c vlan show
    bridge vlan help
    bridge vlan add
    bridge vlan add vid 5 dev nosuch
    bridge vlan add dev veth07c81aa5
    bridge vlan tunnelshow
    bridge vlan nosuch
    bridge -h
    bridge -V
    bridge -n nosuch link
    bridge -n
    bridge -force link
    bridge -x link
    bridge fdb show dev flannel.1 | sort | head -1
    brctl show cni0 cni0
    brctl showstp
    brctl show lo
    brctl help
    brctl stp
    brctl stp cni0
    brctl setageing cni0 100; brctl setageing cni0 300
    brctl setageing nosuch 100
    brctl setageing cni0
    brctl setfd
    brctl hairpin cni0
    brctl addif
    brctl addif cni0
    brctl delif cni0
    brctl delbr
    brctl addbr a/b
    brctl addbr lo
    brctl setgcint cni0 5
    brctl setmcrouter cni0 1
    brctl setmcsnoop cni0 0
    arp -d 10.42.0.77 -i flannel.1
    arp -i flannel.1 -d 10.42.0.77
    arp -s 300.1.1.1 02:00:00:00:00:66
    arp -s 10.65.94.66 02:00:00:00:00:66 netmask 255.255.255.255; arp -d 10.65.94.66
  `),
];
