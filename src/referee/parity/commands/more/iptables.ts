/** iptables: matches and targets one by one, listing options, wrong words. */
import { ALL, group } from '../group.ts';

export const iptables = [
  ...group('vm2', ALL, `
    iptables -t nat -nvL --line-numbers POSTROUTING
    iptables -t nat -L PREROUTING 1 -n -v
    iptables -t nat -S POSTROUTING 1 -v
    iptables -t nat -L KUBE-SERVICES -n -v -x
    iptables -t nat -v -S KUBE-SERVICES
    iptables -t nat -nL KUBE-SERVICES 3
    iptables -t nat -nL KUBE-SERVICES 3 -v --line-numbers
    iptables -t nat -L KUBE-NODEPORTS -n --line-numbers
    iptables -t raw -L -nvx --line-numbers
    iptables -t security -L -n
    iptables -t filter -nL INPUT --line-numbers
    iptables -t filter -S KUBE-FIREWALL -v
    iptables --list INPUT --numeric --verbose --exact
    iptables --list-rules
    iptables --line-numbers -nL INPUT
    iptables --line-numbers -S INPUT
    iptables -nL --line
    iptables -vnL INPUT
    iptables -xnvL INPUT
    iptables -S INPUT FORWARD
    iptables -S INPUT 0
    iptables -S INPUT abc
    iptables -L -n -t nat KUBE-MARK-MASQ
    iptables -t nat
    iptables -t nat -n
    iptables -t NAT -L
    iptables -t nat -t filter -S INPUT
    iptables -L -L
    iptables -L -F
    iptables -n
    iptables -v
    iptables -nx -L INPUT
    iptables -4 -L INPUT -n
    iptables -w 1 -nL INPUT
    iptables -wnL INPUT
    iptables -w -nL INPUT
    iptables -f -L
    iptables -c 1 2 -nL
    iptables -A FORWARD -c 5 6 -s 1.2.3.4 -j ACCEPT; iptables -vS FORWARD | grep 1.2.3.4; iptables -D FORWARD -s 1.2.3.4 -j ACCEPT
    iptables -A FORWARD -c a b -j ACCEPT
    iptables -I FORWARD -s 1.2.3.4/16 -d 5.6.7.8/255.255.255.0 -i eth0 -o eth1 -p tcp --sport 1:65535 --dport 80 -j ACCEPT; iptables -S FORWARD 1; iptables -nvL FORWARD 1; nft list chain ip filter FORWARD | head -5 | tail -1; iptables -D FORWARD 1
    iptables -I FORWARD -p udp --sport 53 ! --dport 1024: -j DROP; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp --syn -j REJECT --reject-with tcp-reset; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp ! --syn -m conntrack --ctstate NEW -j DROP; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp --tcp-flags ALL NONE -j DROP; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp --tcp-flags SYN,ACK,FIN,RST RST -j DROP; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp --tcp-flags SYN NOSUCH -j DROP
    iptables -I FORWARD -p tcp --tcp-option 2 -j DROP; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p icmp --icmp-type 8 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p icmp --icmp-type 3/1 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p icmp --icmp-type any -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p icmp ! --icmp-type echo-reply -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p icmp -j REJECT --reject-with icmp-host-prohibited; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -j REJECT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m state --state NEW,ESTABLISHED -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m state ! --state INVALID -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m conntrack ! --ctstate NEW -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m conntrack --ctstatus ASSURED,CONFIRMED -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m conntrack --ctproto tcp --ctorigsrc 10.0.0.0/8 --ctorigdstport 80 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m conntrack --ctexpire 10:20 --ctdir REPLY -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m mark ! --mark 5 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m connmark --mark 0x10/0xff -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m multiport -p tcp --ports 80,443,8000:8080 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp -m multiport ! --sports 80,443 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 -j ACCEPT
    iptables -I FORWARD -p 6 -j ACCEPT; iptables -S FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p sctp --dport 80 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p esp -j ACCEPT; iptables -S FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p ospf -j ACCEPT; iptables -S FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -p 300 -j ACCEPT
    iptables -I FORWARD -p 0 -j ACCEPT; iptables -S FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD ! -p all -j ACCEPT
    iptables -I FORWARD -s 0/0 -d 0.0.0.0/0 -j ACCEPT; iptables -S FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD ! -s 0/0 -j ACCEPT
    iptables -I FORWARD -s 10/8 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -s 10.1.2.3/255.0.255.0 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -s 10.1.2.3/255.255.256.0 -j ACCEPT
    iptables -I FORWARD -s 10.1.2.3/-1 -j ACCEPT
    iptables -I FORWARD -s 1.2.3.4.5 -j ACCEPT
    iptables -I FORWARD -s :: -j ACCEPT
    iptables -I FORWARD -i eth+ ! -o lo -f -j ACCEPT; iptables -S FORWARD 1; iptables -nvL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD ! -f -j ACCEPT; iptables -S FORWARD 1; iptables -nvL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -i "" -j ACCEPT
    iptables -I FORWARD -i + -j ACCEPT; iptables -S FORWARD 1; iptables -nvL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m comment --comment x -m comment --comment y -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m limit --limit 10/hour --limit-burst 7 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m limit -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m limit --limit 0/s -j ACCEPT
    iptables -I FORWARD -m limit --limit 100000/s -j ACCEPT
    iptables -I FORWARD -m limit --limit-burst 20000 -j ACCEPT
    iptables -I FORWARD -m statistic --mode random --probability 0.33333333 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m statistic --mode nosuch -j ACCEPT
    iptables -I FORWARD -m statistic -j ACCEPT
    iptables -I FORWARD -m addrtype --src-type LOCAL ! --dst-type LOCAL,BROADCAST -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m addrtype --dst-type LOCAL --limit-iface-out -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m iprange --src-range 1.2.3.4-1.2.3.9 ! --dst-range 5.5.5.5-5.5.5.6 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m physdev --physdev-in eth0 --physdev-is-bridged -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m physdev ! --physdev-is-bridged -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m mac --mac-source 02:00:00:00:00:01 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m mac --mac-source zz -j ACCEPT
    iptables -I FORWARD -m length --length 100:200 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m ttl --ttl-lt 5 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m tos --tos 0x10 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m dscp --dscp 10 -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m pkttype --pkt-type broadcast -j ACCEPT; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -m owner --uid-owner 0 -j ACCEPT
    iptables -I OUTPUT -m owner --uid-owner 0 -j ACCEPT; iptables -S OUTPUT 1; iptables -nL OUTPUT 1; iptables -D OUTPUT 1
    iptables -I FORWARD -j LOG; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -j LOG --log-prefix "a b" --log-level debug --log-ip-options --log-tcp-sequence --log-uid; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -j LOG --log-level 7; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -j NFLOG --nflog-group 5 --nflog-prefix x; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -j RETURN; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -g KUBE-FORWARD; iptables -S FORWARD 1; iptables -nL FORWARD 1; iptables -D FORWARD 1
    iptables -I FORWARD -g ACCEPT
    iptables -I FORWARD -j FORWARD
    iptables -I FORWARD -j INPUT
    iptables -N L1; iptables -A L1 -j L1; iptables -F L1; iptables -X L1
    iptables -N L1; iptables -N L1; iptables -X L1 L2; iptables -X L1; iptables -X L1
    iptables -N "a b"; iptables -S "a b"; iptables -X "a b"
    iptables -N ''
    iptables -N INPUT
    iptables -N -foo
    iptables -N '!x'
    iptables -I FORWARD 1 2 -j ACCEPT
    iptables -I FORWARD abc -j ACCEPT
    iptables -I FORWARD -1 -j ACCEPT
    iptables -R FORWARD 1; iptables -S FORWARD 1
    iptables -R FORWARD
    iptables -R FORWARD abc -j ACCEPT
    iptables -D FORWARD abc
    iptables -D FORWARD -1
    iptables -D
    iptables -C FORWARD 1
    iptables -C
    iptables -C FORWARD -j FLANNEL-FWD
    iptables -C FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD; echo $?
    iptables -P
    iptables -P FORWARD accept
    iptables -P FORWARD RETURN
    iptables -P INPUT DROP FORWARD
    iptables -t nat -P POSTROUTING DROP; iptables -t nat -S POSTROUTING | head -1; iptables -t nat -P POSTROUTING ACCEPT
    iptables -Z FORWARD 99
    iptables -Z FORWARD abc
    iptables -Z INPUT FORWARD
    iptables -E
    iptables -E KUBE-FORWARD FORWARD
    iptables -X INPUT
    iptables -F INPUT FORWARD
    iptables --help | tail -5
    iptables --version
    iptables -V -L
    iptables --verison
    iptables --tab nat -S POSTROUTING
    iptables --app FORWARD -s 1.2.3.4 -j ACCEPT; iptables --del FORWARD -s 1.2.3.4 -j ACCEPT
    iptables --modprobe=/bin/true -nL INPUT
    iptables -M /bin/true -nL INPUT
    iptables --append
    iptables -A FORWARD -p tcp --dport 80 --dport 81 -j ACCEPT
    iptables -A FORWARD -p tcp -p udp -j ACCEPT
    iptables -A FORWARD -s 1.1.1.1 -s 2.2.2.2 -j ACCEPT
    iptables -A FORWARD -i a -i b -j ACCEPT
    iptables -A FORWARD -p tcp --sport
    iptables -A FORWARD -p tcp --dport '' -j ACCEPT
    iptables -A FORWARD -p tcp --dport 80,81 -j ACCEPT
    iptables -A FORWARD -p tcp --dport -1 -j ACCEPT
    iptables -A FORWARD -p tcp --dport 80: -j ACCEPT; iptables -S FORWARD | tail -1; iptables -D FORWARD -p tcp --dport 80: -j ACCEPT
    iptables -A FORWARD -p tcp --dport :80 -j ACCEPT; iptables -S FORWARD | tail -1; iptables -D FORWARD -p tcp --dport :80 -j ACCEPT
    iptables -A FORWARD -p tcp --dport 0 -j ACCEPT; iptables -S FORWARD | tail -1; iptables -nL FORWARD | tail -1; iptables -D FORWARD -p tcp --dport 0 -j ACCEPT
    iptables -A FORWARD -p udp --tcp-flags SYN SYN -j ACCEPT
    iptables -A FORWARD -p icmp --dport 80 -j ACCEPT
    iptables -A FORWARD -m udp --dport 80 -j ACCEPT
    iptables -A FORWARD --icmp-type 8 -j ACCEPT
    iptables -A FORWARD --ctstate NEW -j ACCEPT
    iptables -A FORWARD -m conntrack --state NEW -j ACCEPT
    iptables -A FORWARD -m conntrack --ctstate
    iptables -A FORWARD -m conntrack --ctstate "" -j ACCEPT
    iptables -A FORWARD -m state -j ACCEPT
    iptables -A FORWARD -m
    iptables -A FORWARD -j ""
    iptables -A FORWARD -j accept
    iptables -A FORWARD -j DNAT --nosuch
    iptables -A FORWARD nosuch -j ACCEPT
    iptables -A FORWARD -j SNAT --to-source 1.2.3.4
    iptables -A FORWARD -j MASQUERADE
    iptables -t nat -A PREROUTING -j REDIRECT --to-ports 80
    iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 99999
    iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:80-90; iptables -t nat -S PREROUTING | tail -1; iptables -t nat -nL PREROUTING | tail -1; iptables -t nat -D PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:80-90
    iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9 --persistent; iptables -t nat -S PREROUTING | tail -1; iptables -t nat -nL PREROUTING | tail -1; iptables -t nat -D PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9 --persistent
    iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination :8080; iptables -t nat -S PREROUTING | tail -1; iptables -t nat -nL PREROUTING | tail -1; iptables -t nat -D PREROUTING -p tcp -j DNAT --to-destination :8080
    iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:0
    iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4 --random; iptables -t nat -S PREROUTING | tail -1; iptables -t nat -D PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4 --random
    iptables -t nat -A POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4:1024-2048 --random-fully; iptables -t nat -S POSTROUTING | tail -1; iptables -t nat -nL POSTROUTING | tail -1; iptables -t nat -D POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4:1024-2048 --random-fully
    iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 1024-2048; iptables -t nat -S POSTROUTING | tail -1; iptables -t nat -nL POSTROUTING | tail -1; iptables -t nat -D POSTROUTING -p tcp -j MASQUERADE --to-ports 1024-2048
    iptables -t nat -A POSTROUTING -j MASQUERADE --random; iptables -t nat -S POSTROUTING | tail -1; iptables -t nat -nL POSTROUTING | tail -1; iptables -t nat -D POSTROUTING -j MASQUERADE --random
    iptables -t nat -A POSTROUTING -o ens3 -j REDIRECT
    iptables -t nat -A INPUT -j SNAT --to-source 1.2.3.4; iptables -t nat -S INPUT; iptables -t nat -D INPUT 1
    iptables -t nat -A FORWARD -j ACCEPT
    iptables -t mangle -A PREROUTING -j MARK --set-mark 1; iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j MARK --and-mark 0xff; iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j MARK --xor-mark 0xff; iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf; iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j CONNMARK --set-mark 5; iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j TTL --ttl-inc 1; iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j TOS --set-tos 0x10; iptables -t mangle -S PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A PREROUTING -j DSCP --set-dscp 10; iptables -t mangle -S PREROUTING; iptables -t mangle -F PREROUTING
    iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400; iptables -t mangle -S FORWARD; iptables -t mangle -nL FORWARD; iptables -t mangle -F FORWARD
    iptables -t mangle -A FORWARD -j TCPMSS --set-mss 1400
    iptables -t raw -A PREROUTING -j NOTRACK; iptables -t raw -S PREROUTING; iptables -t raw -nL PREROUTING; iptables -t raw -F PREROUTING
    iptables -t raw -A FORWARD -j ACCEPT
    iptables -t raw -A PREROUTING -j MASQUERADE
    iptables-save -t
    iptables-save --table nat | grep -c KUBE
    iptables-save --counters -t mangle
    iptables-save -M x -t raw
    iptables-save -d -t raw
    iptables -N H2; iptables -A H2 -p tcp --dport 80 -j ACCEPT; iptables -A H2 -p udp --dport 53 -m comment --comment x -j DROP; iptables -A H2 -m conntrack --ctstate NEW -j RETURN; nft list chain ip filter H2; nft -n list chain ip filter H2; nft -s list chain ip filter H2; nft -a list chain ip filter H2 | sed 's/handle [0-9]*/handle N/'; nft delete rule ip filter H2 handle $(nft -a list chain ip filter H2 | grep 'dport 80' | sed 's/.*handle //'); iptables -S H2; nft delete chain ip filter H2; iptables -S H2
    iptables -N H2; iptables -A FORWARD -j H2; nft delete chain ip filter H2; iptables -D FORWARD -j H2; nft delete chain ip filter H2
  `),
];
