/** The hosts plugin: names from a file in /etc/hosts form. Models: coredns 1.10.1 plugin/hosts. The file is read at every query where upstream looks every `reload`. */
import { parseIpv4, formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { CLASS_IN, DNS_TYPES, dnsA, NOERROR, NXDOMAIN } from '../../../engine/wire/dns.ts';
import type { Answer } from './kubernetes.ts';

export interface HostsConfig {
  readonly path: string;
  readonly ttl: number;
  readonly fallthrough: boolean;
}

export function hostsAnswer(config: HostsConfig, text: string, given: string, type: number): Answer | undefined {
  const name = given.toLowerCase();
  const entries = text.split('\n').flatMap((line): { ip: Ipv4; names: string[] }[] => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const ip = parseIpv4(address);
    return ip === undefined ? [] : [{ ip, names: names.map((n) => n.toLowerCase()) }];
  });
  const reply = (rcode: number, answers: Answer['answers']): Answer => ({ rcode, answers, authority: [], additional: [], authoritative: true });
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (reverse !== null) {
    const ip = reverse.slice(1).reverse().join('.');
    const names = entries.filter((e) => formatIpv4(e.ip) === ip).flatMap((e) => e.names);
    if (names.length > 0 && type === DNS_TYPES.PTR) return reply(NOERROR, names.map((target) => ({ name: given, type, class: CLASS_IN, ttl: config.ttl, data: { kind: 'PTR', target } })));
  }
  const found = entries.filter((e) => e.names.includes(name));
  if (found.length > 0) return reply(NOERROR, type === DNS_TYPES.A ? found.map((e) => dnsA(given, e.ip, config.ttl)) : []);
  return config.fallthrough ? undefined : reply(NXDOMAIN, []);
}
