/** Ports with names, as Debian's /etc/services 6.2 has them: those that turn up in a lab. */
const BOTH: Readonly<Record<number, string>> = { 7: 'echo', 9: 'discard', 53: 'domain', 88: 'kerberos', 111: 'sunrpc', 389: 'ldap', 514: 'syslog', 4500: 'ipsec-nat-t', 5060: 'sip' };
const TCP: Readonly<Record<number, string>> = {
  20: 'ftp-data', 21: 'ftp', 22: 'ssh', 23: 'telnet', 25: 'smtp', 80: 'http', 110: 'pop3', 143: 'imap2', 179: 'bgp', 443: 'https', 465: 'submissions', 514: 'shell', 587: 'submission',
  636: 'ldaps', 993: 'imaps', 995: 'pop3s', 1883: 'mqtt', 2379: 'etcd-client', 2380: 'etcd-server', 3000: '', 3128: '', 3306: 'mysql', 5432: 'postgresql', 5671: 'amqps', 5672: 'amqp', 6379: 'redis',
  8080: 'http-alt', 10000: 'webmin', 10050: 'zabbix-agent', 11211: '',
};
const UDP: Readonly<Record<number, string>> = { 67: 'bootps', 68: 'bootpc', 69: 'tftp', 123: 'ntp', 161: 'snmp', 162: 'snmp-trap', 443: 'https', 500: 'isakmp', 1812: 'radius', 1813: 'radius-acct', 3784: 'bfd-control', 5353: 'mdns' };

/** undefined: the port has no name. */
export function serviceName(protocol: number, port: number): string | undefined {
  const name = (protocol === 17 ? UDP[port] : TCP[port]) ?? BOTH[port];
  return name === '' ? undefined : name;
}

/** `http` gives 80; undefined: no such service. */
export function servicePort(name: string, protocol?: number): number | undefined {
  for (const table of protocol === 17 ? [UDP, BOTH] : protocol === 6 ? [TCP, BOTH] : [TCP, UDP, BOTH]) {
    for (const [port, n] of Object.entries(table)) if (n === name && n !== '') return Number(port);
  }
  return undefined;
}
