/** What packets leave behind: counters, flows, answers of ping and curl. */
import { ALL, group } from './group.ts';

export const sockets = [
  ...group('vm2', ['stand-in-server', 'socket-order', 'control-plane'], `
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

/** What packets leave behind: counters start at nought on both sides, then the same packets go. */
export const traces = [
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

export const conntrack = group('vm2', ['conntrack-version', 'flow-ids'], `
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
