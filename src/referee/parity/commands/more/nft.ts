/** nft: its grammar, its errors, and the changes it can make. */
import { ALL, group } from '../group.ts';

export const nft = [
  ...group('vm2', ALL, `
    nft list ruleset nosuch
    nft list ruleset ip extra
    nft list chains filter
    nft list chains ip extra
    nft list chain ip filter FORWARD extra
    nft list table ip filter extra
    nft list table ip filter {
    nft list table filter extra
    nft list chain nosuch X
    nft list chain ip6 filter FORWARD
    nft list sets extra
    nft list maps ip
    nft list sets ip6
    nft list counters ip6
    nft list quotas
    nft list meters
    nft list flowtables
    nft list flowtables ip6
    nft list limits
    nft list ct
    nft list rule ip filter FORWARD
    nft list chain
    nft list chain ip
    nft list chain ip filter
    nft list table ip
    nft LIST tables
    nft lis tables
    nft flush
    nft flush table
    nft flush table ip
    nft flush table ip nosuch
    nft flush table nosuch
    nft flush chain ip filter
    nft flush chain ip filter NOSUCH
    nft flush chain ip nosuch NOSUCH
    nft flush chain ip filter KUBE-FORWARD extra
    nft flush nosuch
    nft delete
    nft delete table
    nft delete table ip
    nft delete table ip nosuch
    nft delete table nosuch
    nft delete chain
    nft delete chain ip filter
    nft delete chain ip filter NOSUCH
    nft delete chain ip nosuch NOSUCH
    nft delete chain ip filter KUBE-FORWARD
    nft delete chain ip filter NOSUCH5
    nft delete rule
    nft delete rule ip filter KUBE-FORWARD
    nft delete rule ip filter KUBE-FORWARD handle
    nft delete rule ip filter KUBE-FORWARD handle abc
    nft delete rule ip filter KUBE-FORWARD handle 99999
    nft delete rule ip filter NOSUCH handle 5
    nft delete rule ip nosuch NOSUCH handle 5
    nft delete nosuch
    nft add
    nft add table
    nft add table ip
    nft add table ip filter
    nft create table ip filter
    nft add table nosuch x
    nft add table filter extra
    nft add chain
    nft add chain ip
    nft add chain ip filter
    nft add chain ip nosuch c1
    nft add chain filter KUBE-FORWARD
    nft create chain ip filter KUBE-FORWARD
    nft add rule
    nft add rule ip filter
    nft add rule ip filter KUBE-FORWARD
    nft add rule ip filter NOSUCH accept
    nft add nosuch
    nft insert
    nft insert rule ip filter KUBE-FORWARD
    nft rename
    nft rename chain ip filter NOSUCH OTHER
    nft rename chain ip filter KUBE-FORWARD KUBE-ZZ
    nft rename chain ip filter KUBE-ZZ KUBE-FORWARD
    nft monitor nosuch
    nft monitor trace extra
    nft export
    nft import
    nft delete chain ip filter Z2 x
    nft -y list chain ip nat PREROUTING
    nft add chain ip filter H2; nft list chain ip filter H2; iptables -S H2; iptables -A H2 -s 1.2.3.4 -j ACCEPT; nft list chain ip filter H2; nft flush chain ip filter H2; iptables -S H2; nft rename chain ip filter H2 H3; iptables -S H3; nft delete chain ip filter H3; iptables -S H3
    nft -c add chain ip filter H9; iptables -S H9
    nft add table ip filter; nft add table filter; nft create table filter
    nft 'list tables ; list chains ip6'
    nft -n list chain ip filter FORWARD
    nft -nn list chain ip filter FORWARD
    nft -N list chain ip filter FORWARD
    nft -s list chain ip filter FORWARD
    nft --stateless list chain ip nat KUBE-POSTROUTING
    nft -t list chain ip filter FORWARD
    nft -t list table ip filter
    nft -S list chain ip filter FORWARD
    nft -y list chain ip filter FORWARD
    nft -u list chain ip filter FORWARD
    nft -p list chain ip filter FORWARD
    nft -e list tables
    nft -c list tables
    nft -o list tables
    nft -V
    nft -v
    nft --version
    nft -h
    nft --help | head -5
    nft -I /tmp list tables
    nft -D x=1 list tables
    nft list chains ip
    nft list chains inet
    nft list tables inet
    nft list tables ip6
    nft list tables nosuch
    nft list ruleset ip6
    nft list ruleset inet
    nft list ruleset ip | head -5
    nft list ruleset | head -3
    nft list chain filter FORWARD
    nft list chain ip nosuch FORWARD
    nft list chain inet filter FORWARD
    nft list table ip filter nat
    nft list table ip6 nat
    nft list table arp filter
    nft list sets ip
    nft list set ip filter x
    nft list set ip nosuch x
    nft list map ip filter x
    nft list counter ip filter x
    nft list secmarks
    nft list synproxys
    nft list rules
    nft list 'table ip filter' | wc -l
    nft 'list tables; list tables'
    nft add rule ip filter FORWARD
    nft delete rule ip filter FORWARD
    nft delete rule ip filter FORWARD handle 99999
    nft -x
    nft list table ip filter '{'
  `),
];
