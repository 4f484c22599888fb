/** iptables and nft: the tables that Kubernetes fills, and rules of our own. */
import { IPTABLES, group } from './group.ts';

export const iptables = group('vm2', IPTABLES, `
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
    nft list sets
    nft list maps
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
