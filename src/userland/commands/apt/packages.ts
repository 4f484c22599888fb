/** Packages that this lab can install, with Debian 12's versions. To add one: a row; its commands must be commands of this lab. */
export interface Package {
  readonly version: string;
  readonly commands: readonly string[];
}

export const PACKAGES: Readonly<Record<string, Package>> = {
  'net-tools': { version: '2.10-0.1', commands: ['netstat', 'ifconfig', 'route', 'arp'] },
  iproute2: { version: '6.1.0-3', commands: ['ip', 'ss', 'bridge'] },
  'iputils-ping': { version: '3:20221126-1', commands: ['ping'] },
  'iputils-tracepath': { version: '3:20221126-1', commands: ['tracepath'] },
  traceroute: { version: '1:2.1.2-1', commands: ['traceroute'] },
  arping: { version: '2.23-1', commands: ['arping'] },
  ethtool: { version: '1:6.1-1', commands: ['ethtool'] },
  tcpdump: { version: '4.99.3-1', commands: ['tcpdump'] },
  curl: { version: '7.88.1-10+deb12u7', commands: ['curl'] },
  wget: { version: '1.21.3-1+b2', commands: ['wget'] },
  jq: { version: '1.6-2.1', commands: ['jq'] },
  procps: { version: '2:4.0.2-3', commands: ['ps', 'pgrep', 'sysctl', 'uptime'] },
  'netcat-openbsd': { version: '1.219-1', commands: ['nc'] },
  'bind9-dnsutils': { version: '1:9.18.24-1', commands: ['dig', 'nslookup'] },
  dnsutils: { version: '1:9.18.24-1', commands: ['dig', 'nslookup'] },
  'bind9-host': { version: '1:9.18.24-1', commands: ['host'] },
  'bridge-utils': { version: '1.7.1-1', commands: ['brctl'] },
  conntrack: { version: '1:1.4.7-1+b2', commands: ['conntrack'] },
  iptables: { version: '1.8.9-2', commands: ['iptables', 'iptables-save', 'iptables-restore'] },
  nftables: { version: '1.0.6-2+deb12u2', commands: ['nft'] },
  nano: { version: '7.2-1', commands: ['nano'] },
};
