/** conntrack: options and filters. */
import { ALL, group } from '../group.ts';

export const flows = [
  ...group('vm2', ALL, `
    conntrack -S expect
    conntrack -L expect -o nosuch
    conntrack -F expect
    conntrack -L -o extended -p tcp -s 203.0.113.9
    conntrack -L -o userspace -s 203.0.113.9
    conntrack -L -o
    conntrack -L -n -s 203.0.113.9
    conntrack -L -g -s 203.0.113.9
    conntrack -L -j -s 203.0.113.9
    conntrack -L --src-nat 1.2.3.4
    conntrack -L --dst-nat 1.2.3.4
    conntrack -L --any-nat 1.2.3.4
    conntrack -L -n 1.2.3.4
    conntrack -L --src-nat=1.2.3.4
    conntrack -L --dst-nat nosuch
    conntrack -L -s 1.2.3.4/24
    conntrack -L -s 1.2.3.0/24 -d 10.0.0.0/8
    conntrack -L -s 1.2.3.4/33
    conntrack -L -s
    conntrack -L -f ipv4 -s 203.0.113.9
    conntrack -L -f nosuch
    conntrack -L -f
    conntrack -L -4
    conntrack -L -p
    conntrack -L -p 6 -s 203.0.113.9
    conntrack -L -p tcp --sport 1 --dport 2
    conntrack -L -p tcp --orig-port-src 5
    conntrack -L -p tcp --orig-port-dst 5 --reply-port-src 5
    conntrack -L -p udp --state ESTABLISHED
    conntrack -L --state ESTABLISHED
    conntrack -L -p tcp --state established
    conntrack -L -p tcp --state
    conntrack -L -p icmp --icmp-type 8
    conntrack -L -p icmp --icmp-type nosuch
    conntrack -L -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 5
    conntrack -L -p icmp --dport 80
    conntrack -L -p sctp --state ESTABLISHED
    conntrack -L -p gre
    conntrack -L -m
    conntrack -L -m 0x4000
    conntrack -L -m 0x4000/0xffff
    conntrack -L --mark 1
    conntrack -L -e NEW
    conntrack -L -u
    conntrack -L -t 10
    conntrack -L -w 5
    conntrack -L -w
    conntrack -L -b 100000 -s 203.0.113.9
    conntrack -D -p tcp --dport 9
    conntrack -D -s nosuch
    conntrack -D -d 203.0.113.9
    conntrack -D -m 77
    conntrack -D --src-nat
    conntrack -D expect
    conntrack -I
    conntrack -I -p tcp -s 1.2.3.4 -d 5.6.7.8
    conntrack -R
    conntrack -F -s 1.2.3.4
    conntrack -F -p tcp
    conntrack -S -p tcp
    conntrack -h | head -5
    conntrack -L -L
    conntrack --list -s 203.0.113.9
    conntrack --dump -s 203.0.113.9
    conntrack --version
    conntrack -s 1.2.3.4
    conntrack -G -p udp -s 1.2.3.4 -d 5.6.7.8 --sport 5 --dport 6
  `),
];
