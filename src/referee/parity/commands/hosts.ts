/** The other kinds of hosts, briefly. */
import { ALL, group } from './group.ts';

export const otherHosts = ['vm1', 'vm-ext', 'fiveg-host-24-node4', 'test-pod'].flatMap((on) => group(on, ALL, `
  ip -4 addr
  ip link show lo
  ip route
  ip route show table local
  ip rule
  route -n
  brctl show
  bridge link
  iptables -S
  iptables -t nat -nL POSTROUTING
  iptables-save -t nat
  nft list tables
  ip route get 10.43.180.238
  ip route get 10.65.94.199
  sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter net.ipv4.conf.all.route_localnet
`));
