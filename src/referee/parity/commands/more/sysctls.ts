/** sysctl: keys, options, values. */
import { ALL, group } from '../group.ts';

export const sysctls = [
  ...group('vm2', ALL, `
    sysctl -a -r 'net.ipv4.conf.lo'
    sysctl -ar 'net.ipv4.conf.ens3/100'
    sysctl -a --pattern '^net.ipv4.conf.(all|default).rp_filter$'
    sysctl -a -r rp_filter
    sysctl -a -n -r rp_filter
    sysctl -a -N -r rp_filter
    sysctl -A -r 'ipv4.conf.all.forwarding'
    sysctl -X -r 'ipv4.conf.all.forwarding'
    sysctl -a -e -r 'net.ipv4.conf.all.forwarding'
    sysctl -a -r nosuchthing
    sysctl -r rp_filter net.ipv4.ip_forward
    sysctl net.ipv4.ip_forward net.nosuch
    sysctl net.nosuch net.ipv4.ip_forward
    sysctl -e net.nosuch net.ipv4.ip_forward
    sysctl -q net.ipv4.ip_forward
    sysctl -qn net.ipv4.ip_forward
    sysctl -nN net.ipv4.ip_forward
    sysctl -bn net.ipv4.ip_forward
    sysctl net.ipv4.conf.all
    sysctl /proc/sys/net/ipv4/ip_forward
    sysctl net.ipv4.ip_forward=
    sysctl -w 'net.ipv4.ip_forward = 1'
    sysctl -w net.ipv4.ip_forward=2; sysctl -w net.ipv4.ip_forward=1
    sysctl -w net.ipv4.ip_forward=1x
    sysctl -w net.ipv4.ip_forward=-1; sysctl -w net.ipv4.ip_forward=1
    sysctl -w net.ipv4.conf.all.rp_filter=3; sysctl net.ipv4.conf.all.rp_filter; sysctl -w net.ipv4.conf.all.rp_filter=0
    sysctl -w net.ipv4.ip_default_ttl=0
    sysctl -w net.ipv4.ip_default_ttl=256
    sysctl -w net.ipv4.ip_default_ttl=100; sysctl -w net.ipv4.ip_default_ttl=64
    sysctl -w net.ipv4.conf.nosuch.rp_filter=1
    sysctl -w net.ipv4.nosuch=1 net.ipv4.ip_forward=1
    sysctl -n -w net.ipv4.ip_forward=1
    sysctl -N -w net.ipv4.ip_forward=1
    sysctl -b -w net.ipv4.ip_forward=1
    sysctl -q -w net.ipv4.ip_forward=1 -e
    sysctl --write net.ipv4.ip_forward=1
    sysctl --values net.ipv4.ip_forward
    sysctl --names net.ipv4.ip_forward
    sysctl --ignore net.nosuch
    sysctl --quiet -w net.ipv4.ip_forward=1
    sysctl --binary net.ipv4.ip_forward
    sysctl --all --pattern ip_forward$
    sysctl --dry-run -w net.ipv4.ip_forward=0
    sysctl --nosuch
    sysctl -h | head -4
    sysctl --help | tail -4
    sysctl --load=/nosuch
    sysctl net.ipv4.neigh.cni0
    sysctl net.core.somaxconn
    sysctl net.ipv4.icmp_echo_ignore_all
    sysctl net.ipv4.fib_multipath_hash_policy
    sysctl net.nf_conntrack_max
    sysctl net.netfilter.nf_conntrack_tcp_loose net.netfilter.nf_conntrack_tcp_be_liberal
    sysctl net.ipv4.conf.veth07c81aa5
    sysctl net.ipv4.conf.ens3/100.forwarding
    sysctl net/ipv4/conf/ens3.100/forwarding
    sysctl -a | grep -c 'net.ipv4.conf.cni0'
  `),
];
