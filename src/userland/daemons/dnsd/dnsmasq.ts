/**
 * Read first: dnsmasq(8).
 * Models: dnsmasq 2.86 as multipass 1.13 starts it (dnsmasq_process_spec.cpp: --domain=D --local=/D/, DHCP leases as names, and the host's own /etc/hosts; their answers have TTL 0 and AA).
 * Not modelled: DHCP itself (leases stand in a file), upstream servers: this lab has no Internet, so every other name does not exist.
 */
import type { Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { CLASS_IN, dnsA, DNS_TYPES, NOERROR, NOTIMP, NXDOMAIN, optRecord, reverseName, type DnsMessage, type DnsRecord } from '../../../engine/wire/dns.ts';
import type { FileSystem } from '../../host.ts';
import { hostsEntries } from '../../resolver/config.ts';
import { dnsServer } from './server.ts';

export interface DnsmasqOptions {
  readonly fs: FileSystem;
  readonly leases: string;
  readonly domain: string;
  readonly listen: Ipv4;
}

export interface Lease {
  readonly address: Ipv4;
  readonly name: string;
  /** From /etc/hosts: the domain of the leases is not put behind it. */
  readonly bare?: boolean | undefined;
}

/** Names of the hosts file, the way leases are kept. The first name of a line is the one that a reverse query gets. */
export const hostsNames = (fs: FileSystem): readonly Lease[] => hostsEntries(fs).flatMap((e) => e.names.map((name) => ({ address: e.address, name: name.toLowerCase(), bare: true })));

/** edns-packet-max */
const EDNS_SIZE = 4096;

/** `1717074568 52:54:00:e2:c3:ec 10.65.94.238 vm1 *` */
export const leaseLine = (expires: number, mac: string, address: string, name: string): string => `${expires} ${mac} ${address} ${name} *\n`;

export const parseLeases = (text: string): readonly Lease[] =>
  text.split('\n').flatMap((line) => {
    const [, , address = '', name = '*'] = line.split(' ');
    const parsed = parseIpv4(address);
    return parsed === undefined || name === '*' ? [] : [{ address: parsed, name: name.toLowerCase() }];
  });

interface Found {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
}

/** Pure: what is known of a name. */
export function lookUp(leases: readonly Lease[], domain: string, name: string, type: number): Found {
  const wanted = name.toLowerCase();
  const held = leases.filter((l) => wanted === l.name || (l.bare !== true && wanted === `${l.name}.${domain}`));
  if (held.length > 0) {
    const addresses = type === DNS_TYPES.A || type === DNS_TYPES.ANY ? held : [];
    return { rcode: NOERROR, answers: addresses.map((l) => dnsA(name, l.address, 0)) };
  }
  const owner = leases.find((l) => reverseName(l.address) === wanted);
  if (owner !== undefined) {
    const target = owner.bare === true ? owner.name : `${owner.name}.${domain}`;
    return { rcode: NOERROR, answers: type === DNS_TYPES.PTR || type === DNS_TYPES.ANY ? [{ name, type: DNS_TYPES.PTR, class: CLASS_IN, ttl: 0, data: { kind: 'PTR', target } }] : [] };
  }
  return { rcode: NXDOMAIN, answers: [] };
}

export function reply(request: DnsMessage, leases: readonly Lease[], domain: string): DnsMessage {
  const [question] = request.questions;
  const found = question === undefined || request.opcode !== 0 ? { rcode: NOTIMP, answers: [] } : lookUp(leases, domain, question.name, question.type);
  const edns = request.additional.some((r) => r.type === DNS_TYPES.OPT);
  return {
    ...request, response: true, authoritative: found.rcode === NOERROR, truncated: false, recursionAvailable: true, authenticData: false, rcode: found.rcode,
    answers: found.answers, authority: [], additional: edns ? [optRecord(EDNS_SIZE)] : [],
  };
}

export function dnsmasq(kernel: Kernel, options: DnsmasqOptions): Program {
  const { fs, domain, listen } = options;
  kernel.log('dnsmasq', `started on ${formatIpv4(listen)}, names of ${options.leases}`);
  return dnsServer(kernel, {
    name: 'dnsmasq', address: listen,
    *answer(request) {
      const text = fs.read(options.leases);
      return reply(request, [...hostsNames(fs), ...parseLeases(text.ok ? text.value : '')], domain);
    },
  });
}
