/** Read first: services(5). The names that `iptables -L` without -n shows and `--dport` takes: the ones of Debian 12's /etc/services that labs meet. */
const BOTH: readonly (readonly [string, number])[] = [
  ['echo', 7], ['discard', 9], ['daytime', 13], ['domain', 53], ['time', 37], ['sunrpc', 111], ['ntp', 123], ['snmp', 161], ['ldap', 389],
  ['https', 443], ['kerberos', 88], ['sip', 5060], ['sip-tls', 5061], ['nfs', 2049], ['cisco-sccp', 2000],
];
const TCP: readonly (readonly [string, number])[] = [
  ['tcpmux', 1], ['ftp-data', 20], ['ftp', 21], ['ssh', 22], ['telnet', 23], ['smtp', 25], ['whois', 43], ['finger', 79], ['http', 80], ['pop3', 110],
  ['auth', 113], ['imap2', 143], ['bgp', 179], ['submissions', 465], ['submission', 587], ['ldaps', 636], ['imaps', 993], ['pop3s', 995],
  ['mysql', 3306], ['postgresql', 5432], ['http-alt', 8080], ['epmd', 4369], ['x11', 6000], ['git', 9418], ['kamanda', 10081],
];
const UDP: readonly (readonly [string, number])[] = [
  ['bootps', 67], ['bootpc', 68], ['tftp', 69], ['netbios-ns', 137], ['netbios-dgm', 138], ['snmp-trap', 162], ['isakmp', 500], ['syslog', 514], ['rip', 520],
  ['ipsec-nat-t', 4500], ['mdns', 5353],
];

const table = (own: typeof BOTH): ReadonlyMap<number, string> => new Map([...BOTH, ...own].map(([name, port]) => [port, name]));
const tcp = table(TCP);
const udp = table(UDP);

export const portName = (port: number, protocol: number | undefined): string | undefined => (protocol === 17 ? udp : protocol === 132 ? undefined : tcp)?.get(port);

export function portByName(name: string, protocol: number | undefined): number | undefined {
  const lists = protocol === 6 ? [BOTH, TCP] : protocol === 17 ? [BOTH, UDP] : [BOTH, TCP, UDP];
  const aliases: Readonly<Record<string, string>> = { www: 'http', 'dns': 'domain' };
  const wanted = aliases[name] ?? name;
  for (const list of lists) for (const [known, port] of list) if (known === wanted) return port;
  return undefined;
}

/** protocols(5). */
const PROTOCOLS: readonly (readonly [number, string])[] = [
  [1, 'icmp'], [2, 'igmp'], [4, 'ipencap'], [6, 'tcp'], [17, 'udp'], [33, 'dccp'], [41, 'ipv6'], [47, 'gre'], [50, 'esp'], [51, 'ah'], [58, 'ipv6-icmp'],
  [89, 'ospf'], [103, 'pim'], [112, 'vrrp'], [132, 'sctp'], [136, 'udplite'],
];
export const protocolName = (n: number): string | undefined => PROTOCOLS.find(([number]) => number === n)?.[1];
export const protocolByNumber = (n: number): string => protocolName(n) ?? `${n}`;
export const protocolByName = (name: string): number | undefined => PROTOCOLS.find(([, known]) => known === name.toLowerCase())?.[0];
/** nft knows fewer. */
export const nftProtocol = (n: number): string => ({ 1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 41: 'ipv6', 47: 'gre', 50: 'esp', 51: 'ah', 58: 'ipv6-icmp', 132: 'sctp', 136: 'udplite' })[n] ?? `${n}`;
