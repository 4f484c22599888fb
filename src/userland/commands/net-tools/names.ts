/** Names that need no DNS: /etc/hosts, /etc/services. */
import { parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Context } from '../../host.ts';

const lines = (context: Context): string[][] => {
  const text = context.host.fs.read('/etc/hosts');
  return text.ok ? text.value.split('\n').map((l) => l.replace(/#.*/, '').trim().split(/\s+/)) : [];
};

export const nameOf = (context: Context, ip: Ipv4): string | undefined => lines(context).find(([address]) => address !== undefined && parseIpv4(address) === ip)?.[1];

export const addressOf = (context: Context, name: string): Ipv4 | undefined => {
  for (const [address, ...names] of lines(context)) if (address !== undefined && names.includes(name)) return parseIpv4(address);
  return undefined;
};

/** What /etc/services of Debian calls well-known ports, both protocols. */
export const SERVICES: Readonly<Record<number, string>> = {
  7: 'echo', 20: 'ftp-data', 21: 'ftp', 22: 'ssh', 23: 'telnet', 25: 'smtp', 53: 'domain', 67: 'bootps', 68: 'bootpc', 69: 'tftp', 80: 'http', 88: 'kerberos', 110: 'pop3', 111: 'sunrpc', 123: 'ntp', 143: 'imap2', 161: 'snmp', 162: 'snmp-trap', 179: 'bgp',
  389: 'ldap', 443: 'https', 514: 'syslog', 546: 'dhcpv6-client', 587: 'submission', 993: 'imaps', 995: 'pop3s', 1194: 'openvpn', 2049: 'nfs', 3306: 'mysql', 4500: 'ipsec-nat-t', 500: 'isakmp', 5432: 'postgresql', 5353: 'mdns', 6379: 'redis', 8080: 'http-alt', 10000: 'webmin',
};
