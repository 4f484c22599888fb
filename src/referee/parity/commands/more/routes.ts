/** route of net-tools. */
import { ALL, group } from '../group.ts';

export const routes = [
  ...group('vm2', ALL, `
    route add -host 10.5.5.5 dev cni0 metric 5; route -n | grep 10.5; route del -host 10.5.5.5 dev cni0 metric 5
    route add 10.5.5.5 cni0; route -n | grep 10.5; route del 10.5.5.5 cni0
    route add -net 10.5.5.5 cni0
    route add -net 10.5.0.0 netmask 255.0.255.0 dev cni0
    route add default gw 10.65.94.1 dev nosuch
    route del default gw 10.65.94.95
    route del -net 10.5.0.0/16 dev cni0
    route -V | head -1
    route -h
    route --help
    route -C
    route -A inet -n
    route -4n
    route -ne
    route -nee
    route -Cn
    route extra
    route show
    route print
    route get 1.2.3.4
  `),
];
